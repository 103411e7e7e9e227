use aws_lc_rs::hmac;
use serde_json::json;

use super::{Change, Part, of_every_type};
use crate::draft::{ALGS, Draft, base64url};
use crate::keys::{Kind, Pair, Whose, jwk, pair};

pub(super) fn changes() -> Vec<Change> {
    [types(), unsigned(), confused(), swapped(), offered(), extensions(), kinds(), hints()]
        .into_iter()
        .flatten()
        .collect()
}

/// Every header parameter that counts in every type, and left out.
fn types() -> Vec<Change> {
    let mut changes = Vec::new();
    for param in ["alg", "kid", "typ", "crit"] {
        for (index, (name, _)) in of_every_type(&json!(null)).into_iter().enumerate() {
            changes.push(Change::new(Part::Proof, format!("header {param}: {name}"), move |draft| {
                let good = match param {
                    "crit" => json!("exp"),
                    "typ" => json!("JWT"),
                    _ => draft.header[param].clone(),
                };
                draft.head(param, of_every_type(&good).swap_remove(index).1);
            }));
        }
        changes.push(Change::new(Part::Proof, format!("header {param}: left out"), move |draft| {
            draft.header.remove(param);
        }));
    }
    changes
}

/// No signature, though the provider says that it may come without one.
fn unsigned() -> Vec<Change> {
    let mut changes = Vec::new();
    for alg in ["none", "None", "nOnE", "NONE", "", "rs256", "HS256", "RS1", "ES256K"] {
        changes.push(Change::new(Part::Proof, format!("unsigned, alg `{alg}`"), move |draft| {
            draft.terms.algs.get_or_insert_default().push(alg.to_owned());
            draft.head("alg", alg);
            draft.forge = Some(Box::new(|_| Vec::new()));
        }));
    }
    changes.push(Change::new(Part::Proof, "alg in another case, signed", |draft| {
        let other = if draft.alg == "EdDSA" { "EDDSA".to_owned() } else { draft.alg.to_lowercase() };
        draft.terms.algs.get_or_insert_default().push(other.clone());
        draft.head("alg", other);
    }));
    changes
}

type Secret = fn() -> Vec<u8>;

/// A MAC made with what everybody can read: the public key.
fn confused() -> Vec<Change> {
    let mut changes = Vec::new();
    let secrets: [(&str, Secret); 4] = [
        ("the modulus", || jwk(Kind::Rsa, Whose::Provider, None)["n"].as_str().expect("text").as_bytes().to_vec()),
        ("the JWK", || jwk(Kind::Rsa, Whose::Provider, Some("rsa")).to_string().into_bytes()),
        ("the DER form", public_der),
        ("nothing", Vec::new),
    ];
    for (name, secret) in secrets {
        for alg in ["HS256", "RS256"] {
            let change = Change::new(Part::Proof, format!("MAC with {name} under {alg}"), move |draft| {
                draft.terms.algs.get_or_insert_default().push("HS256".to_owned());
                draft.head("alg", alg);
                draft.forge = Some(Box::new(move |signed| {
                    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret()), &signed).as_ref().to_vec()
                }));
            });
            changes.push(change.of("RS256"));
        }
    }
    changes
}

fn public_der() -> Vec<u8> {
    use aws_lc_rs::signature::KeyPair as _;
    match pair(Kind::Rsa, Whose::Provider) {
        Pair::Rsa(pair) => pair.public_key().as_ref().to_vec(),
        Pair::Ec(..) | Pair::Ed(_) => panic!("an RSA key"),
    }
}

/// Signed with one algorithm, and another one in the header.
fn swapped() -> Vec<Change> {
    let mut changes = Vec::new();
    for (signed, told) in [
        ("RS256", "PS256"),
        ("PS256", "RS256"),
        ("RS256", "RS512"),
        ("RS256", "ES256"),
        ("ES256", "RS256"),
        ("ES256", "ES384"),
        ("ES384", "ES256"),
        ("ES256", "EdDSA"),
        ("EdDSA", "ES256"),
        ("PS384", "PS512"),
    ] {
        let change = Change::new(Part::Proof, format!("signed with {signed}, header says {told}"), move |draft| {
            draft.head("alg", told);
            draft.claims.remove("at_hash");
        });
        changes.push(change.of(signed));
    }
    for (a, b) in [("EdDSA", "Ed25519"), ("Ed25519", "EdDSA")] {
        let change =
            Change::new(Part::Proof, format!("{a}, and the header says {b}"), move |draft| draft.head("alg", b));
        changes.push(change.of(a));
    }
    changes
}

/// What the provider says it signs with.
fn offered() -> Vec<Change> {
    let mut changes = Vec::new();
    for alg in ALGS {
        let alone = move |draft: &mut Draft| draft.terms.algs = Some(vec![alg.to_owned()]);
        changes.push(Change::new(Part::Proof, format!("{alg} is offered alone"), alone).of(alg));
        let other = move |draft: &mut Draft| {
            draft.terms.algs = Some(vec![if alg == "RS256" { "ES256" } else { "RS256" }.to_owned()]);
        };
        changes.push(Change::new(Part::Proof, format!("{alg} is not offered"), other).of(alg));
        let untold = |draft: &mut Draft| draft.terms.algs = None;
        changes.push(Change::new(Part::Proof, format!("{alg}, and nothing is offered"), untold).of(alg));
    }
    let p521 = Change::new(Part::Proof, "ES512 is offered", |draft| {
        draft.terms.algs.get_or_insert_default().push("ES512".to_owned());
        draft.keys.push(jwk(Kind::P521, Whose::Provider, Some("p-521")));
        draft.claims.remove("at_hash");
        draft.head("alg", "ES512");
        draft.head("kid", "p-521");
        draft.alg = "ES512";
    });
    changes.push(p521.of("ES256"));
    changes
}

/// Extensions that must be understood, and parameters of other kinds of tokens.
fn extensions() -> Vec<Change> {
    let change = |name: &str, apply: fn(&mut Draft)| Change::new(Part::Proof, name, apply);
    vec![
        change("crit of b64, unencoded", |draft| {
            draft.head("crit", json!(["b64"]));
            draft.head("b64", false);
        }),
        change("crit of an unknown extension", |draft| {
            draft.head("crit", json!(["urn:example:x"]));
            draft.head("urn:example:x", true);
        }),
        change("b64 without crit", |draft| draft.head("b64", false)),
        change("zip", |draft| draft.head("zip", "DEF")),
        change("cty", |draft| draft.head("cty", "JWT")),
        change("an unknown parameter", |draft| draft.head("urn:example:x", json!({"a": [1]}))),
        change("claims in the header", |draft| draft.head("iss", "https://evil.example")),
    ]
}

/// `typ`: other kinds of tokens, and other spellings of this one.
fn kinds() -> Vec<Change> {
    let types = [
        "at+jwt",
        "application/at+jwt",
        "logout+jwt",
        "dpop+jwt",
        "oauth-authz-req+jwt",
        "token-introspection+jwt",
        "JOSE",
        "JOSE+JSON",
        "JWT ",
        "text/jwt",
        "jwt",
        "Jwt",
        "application/jwt",
        "application/JWT",
    ];
    let one = |typ: &'static str| Change::new(Part::Proof, format!("typ `{typ}`"), move |draft| draft.head("typ", typ));
    types.into_iter().map(one).collect()
}

/// Keys and places to find some, written by whoever made the token.
fn hints() -> Vec<Change> {
    let mut changes = Vec::new();
    for (name, signer) in [("the stranger's", Whose::Stranger), ("the provider's", Whose::Provider)] {
        for param in ["jwk", "jku", "x5u", "x5c"] {
            changes.push(Change::new(
                Part::Proof,
                format!("{param} in the header, signed with {name} key"),
                move |draft| {
                    let value = match param {
                        "jwk" => jwk(draft.kind(), Whose::Stranger, None),
                        "x5c" => json!([base64url("no certificate")]),
                        _ => json!("https://evil.example/keys"),
                    };
                    draft.head(param, value);
                    draft.signer = signer;
                },
            ));
        }
    }
    changes
}
