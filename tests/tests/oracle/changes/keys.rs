use serde_json::{Value, json};

use super::{Change, Part};
use crate::draft::{ALGS, Draft, base64url};
use crate::keys::{Kind, Whose, jwk};

pub(super) fn changes() -> Vec<Change> {
    [named(), many(), members(), weak()].into_iter().flatten().collect()
}

fn change(name: impl Into<String>, apply: impl Fn(&mut Draft) + 'static) -> Change {
    Change::new(Part::Proof, name, apply)
}

/// The token's `kid`, and the provider's.
fn named() -> Vec<Change> {
    let mut changes = Vec::new();
    for alg in ALGS {
        changes.push(change(format!("{alg}, no kid, one key fits"), |draft| drop(draft.header.remove("kid"))).of(alg));
        changes.push(change(format!("{alg}, unknown kid"), |draft| draft.head("kid", "another")).of(alg));
        changes.push(change(format!("{alg}, kid of a key that is not there"), without_own_key).of(alg));
    }
    for (name, kid) in [
        ("a path", "../../../../etc/passwd".to_owned()),
        ("SQL", "' OR 1=1 --".to_owned()),
        ("10000 letters", "k".repeat(10_000)),
        ("an address", "https://evil.example/key".to_owned()),
        ("the name of a property", "__proto__".to_owned()),
    ] {
        changes.push(change(format!("kid is {name}"), move |draft| draft.head("kid", kid.clone())));
    }
    changes.push(change("a kid, and the keys have none", |draft| {
        for key in &mut draft.keys {
            key.as_object_mut().expect("an object").remove("kid");
        }
    }));
    changes.push(change("no kids at all, one key fits", |draft| {
        draft.header.remove("kid");
        for key in &mut draft.keys {
            key.as_object_mut().expect("an object").remove("kid");
        }
    }));
    changes.push(change("kid of a key of another type", |draft| {
        let other = if draft.kind() == Kind::Rsa { Kind::P256 } else { Kind::Rsa };
        draft.head("kid", other.kid());
    }));
    changes
}

fn without_own_key(draft: &mut Draft) {
    let kid = draft.kind().kid();
    draft.keys.retain(|key| key["kid"] != kid);
}

/// Several keys that may fit.
fn many() -> Vec<Change> {
    let mut changes = Vec::new();
    for kind in Kind::PUBLISHED {
        let alg = match kind {
            Kind::Rsa => "RS256",
            Kind::P256 => "ES256",
            Kind::P384 => "ES384",
            Kind::P521 | Kind::Ed25519 => "EdDSA",
        };
        let other = move |kid| jwk(kind, Whose::Stranger, kid);
        changes.push(
            change(format!("{alg}, no kid, two keys fit"), move |draft| {
                draft.header.remove("kid");
                draft.keys.insert(0, other(Some("older")));
            })
            .of(alg),
        );
        changes.push(
            change(format!("{alg}, two keys of one kid"), move |draft| draft.keys.insert(0, other(Some(kind.kid()))))
                .of(alg),
        );
        changes.push(
            change(format!("{alg}, a second key of another kid"), move |draft| {
                draft.keys.insert(0, other(Some("older")));
            })
            .of(alg),
        );
    }
    changes.push(change("one kid for a key of each type", |draft| {
        draft.keys.iter_mut().for_each(|key| key["kid"] = "same".into());
        draft.head("kid", "same");
    }));
    changes.push(
        change("no kid, the ninth key fits", |draft| {
            draft.header.remove("kid");
            draft.keys = (0..8).map(|_| jwk(Kind::Rsa, Whose::Stranger, None)).collect();
            draft.keys.push(jwk(Kind::Rsa, Whose::Provider, None));
        })
        .of("RS256"),
    );
    changes.push(change("no keys", |draft| draft.keys.clear()));
    changes.push(change("the stranger's key under the kid", |draft| {
        let (kind, kid) = (draft.kind(), draft.kind().kid());
        *draft.own_key() = jwk(kind, Whose::Stranger, Some(kid));
    }));
    changes
}

/// What else stands in a key, and beside it.
fn members() -> Vec<Change> {
    let mut changes = Vec::new();
    for (name, member, value) in [
        ("use is enc", "use", json!("enc")),
        ("use is unknown", "use", json!("tls")),
        ("use is null", "use", Value::Null),
        ("use is a number", "use", json!(7)),
        ("key_ops is verify", "key_ops", json!(["verify"])),
        ("key_ops is sign and verify", "key_ops", json!(["sign", "verify"])),
        ("key_ops is encrypt", "key_ops", json!(["encrypt"])),
        ("key_ops is empty", "key_ops", json!([])),
        ("key_ops is text", "key_ops", json!("verify")),
        ("alg is for encryption", "alg", json!("RSA-OAEP")),
        ("alg is null", "alg", Value::Null),
        ("ext is true", "ext", json!(true)),
        ("exp is long ago", "exp", json!(1)),
        ("an unknown member", "urn:example:x", json!([1])),
        ("a certificate that is none", "x5c", json!(["AAAA"])),
        ("kty is in lower case", "kty", json!("rsa")),
        ("kid is a number", "kid", json!(7)),
        ("crv is another", "crv", json!("P-521")),
    ] {
        changes.push(
            change(format!("the key's {name}"), move |draft| draft.own_key()[member] = value.clone()).of("RS256"),
        );
    }
    for alg in ALGS {
        changes
            .push(change(format!("the key's alg is {alg}"), move |draft| draft.own_key()["alg"] = alg.into()).of(alg));
    }
    for (alg, other) in
        [("RS256", "PS256"), ("PS256", "RS256"), ("ES256", "ES384"), ("EdDSA", "Ed25519"), ("Ed25519", "EdDSA")]
    {
        changes.push(
            change(format!("{alg}, and the key's alg is {other}"), move |draft| draft.own_key()["alg"] = other.into())
                .of(alg),
        );
    }
    for (name, alg, member) in [("an RSA", "RS256", "d"), ("an EC", "ES256", "d"), ("an Ed25519", "EdDSA", "d")] {
        changes.push(
            change(format!("{name} key with its private half"), move |draft| {
                draft.own_key()[member] = base64url([7; 32]).into();
            })
            .of(alg),
        );
    }
    for (name, beside) in [
        ("a shared secret", json!({"kty": "oct", "kid": "oct", "k": "AAAA"})),
        ("a key of an unknown type", json!({"kty": "urn:example:x", "kid": "x"})),
        ("a key on an unknown curve", json!({"kty": "EC", "crv": "secp256k1", "kid": "x", "x": "AAAA", "y": "AAAA"})),
        ("a broken key", json!({"kty": "RSA", "kid": "x", "n": 7})),
        ("text", json!("no key")),
        ("null", Value::Null),
        ("a list", json!([])),
    ] {
        changes.push(change(format!("{name} beside the key"), move |draft| draft.keys.insert(0, beside.clone())));
    }
    changes
}

/// Keys that prove nothing.
fn weak() -> Vec<Change> {
    let mut changes = Vec::new();
    // With the exponent 1 the padded hash is its own signature (RFC 8017 section 9.2).
    for (name, bytes) in [("2048", 256), ("1024", 128)] {
        let forged = change(format!("an RSA key of {name} bits with the exponent 1"), move |draft| {
            let mut n = vec![0xff; bytes];
            n[bytes - 1] = 0xfd;
            let key = draft.own_key();
            (key["n"], key["e"]) = (base64url(n).into(), "AQ".into());
            draft.forge = Some(Box::new(move |signed| padded_hash(&signed, bytes)));
        });
        changes.push(forged.of("RS256"));
    }
    // The neutral element as key and as R, 0 as S: fits any text (RFC 8032 section 5.1.7).
    let small = change("an Ed25519 key of small order", |draft| {
        let mut neutral = [0; 32];
        neutral[0] = 1;
        draft.own_key()["x"] = base64url(neutral).into();
        draft.forge = Some(Box::new(move |_| [neutral, [0; 32]].concat()));
    });
    changes.push(small.of("EdDSA"));
    changes.push(
        change("an EC point beside its curve", |draft| draft.own_key()["x"] = base64url([1; 32]).into()).of("ES256"),
    );
    changes.push(
        change("an EC key with a short coordinate", |draft| draft.own_key()["x"] = base64url([1; 31]).into())
            .of("ES256"),
    );
    changes.push(
        change("an RSA key with an even modulus", |draft| draft.own_key()["n"] = base64url([0xfe; 256]).into())
            .of("RS256"),
    );
    changes.push(
        change("an RSA key with padded base64url", |draft| {
            let padded = format!("{}==", draft.own_key()["n"].as_str().expect("text"));
            draft.own_key()["n"] = padded.into();
        })
        .of("RS256"),
    );
    changes
}

/// EMSA-PKCS1-v1_5 with SHA-256.
fn padded_hash(message: &[u8], size: usize) -> Vec<u8> {
    const SHA256: [u8; 19] = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
        0x20,
    ];
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, message);
    let end = [&SHA256, hash.as_ref()].concat();
    [&[0, 1], vec![0xff; size - end.len() - 3].as_slice(), &[0], &end].concat()
}
