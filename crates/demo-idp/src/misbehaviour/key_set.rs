//! Lies in the published keys, and keys that change when nobody expects it.

use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use serde_json::{Value, json};

use super::Misbehaviour as M;
use super::canary::elsewhere;
use super::odd_keys::{self, ALTERNATE_KID, bare, decode, decoys, odd, with, without};
use crate::answer::Answer;
use crate::desk::Desk;
use crate::{Alg, random};

/// When keys may be due to change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    AtAuthorization,
    BeforeSigning,
}

pub(crate) fn rotate_if_due(desk: &mut Desk<'_>, due: Due) {
    let Some(chosen) = desk.state.behaviour.misbehaviour else { return };
    let memory = &mut desk.state.behaviour.memory;
    if due == Due::AtAuthorization {
        memory.authorization_requests += 1;
    }
    let now = desk.now.as_secs();
    match (chosen, due) {
        (M::KeysRotatedBetween | M::JwksCachedForever, Due::AtAuthorization) if memory.authorization_requests == 2 => {
            desk.state.keys.renew(None);
        }
        (M::KeysRotatedBeforeSigning, Due::BeforeSigning) => desk.state.keys.renew(None),
        (M::KeysRotatedAndNamed, Due::BeforeSigning) => desk.state.keys.renew(Some(&|alg| match alg {
            Alg::Rs256 => format!("rotated_rsa_{now}"),
            Alg::Es256 => format!("rotated_ec_{now}"),
        })),
        _ => {}
    }
}

pub(crate) fn change(chosen: M, desk: &Desk<'_>, good: Answer) -> Answer {
    let keys = &desk.state.keys;
    let (rsa, ec) = (keys.key(Alg::Rs256), keys.key(Alg::Es256));
    let (own, other) = match desk.facts.settings.sign_with {
        Alg::Rs256 => (rsa, ec),
        Alg::Es256 => (ec, rsa),
    };
    let list = |keys: Vec<Value>| Answer::json(&json!({ "keys": keys }));
    // The one that signs, changed, and the other as it is.
    let changed = |jwk: Value| list(vec![jwk, other.jwk()]);
    let nameless = |of_each: usize| {
        let of = |own: Value, decoys: &[Value]| [&decoys[..of_each - 1], &[own]].concat();
        let (rsa, p256) = (of(bare(rsa), &decoys().rsa), of(bare(ec), &decoys().p256));
        let others = decoys().secp256k1[..of_each].iter().chain(&decoys().ed25519[..of_each]).cloned();
        list(rsa.into_iter().chain(p256).chain(others).map(|key| without(key, "kid")).collect())
    };
    let filled = |count: usize| {
        let filling = (1..count).map(|n| with(decoys().rsa[0].clone(), "kid", format!("filling-{n}")));
        list(filling.chain([own.jwk()]).collect())
    };
    match chosen {
        M::HappyPath => {
            let encryption = with(with(decoys().rsa[1].clone(), "use", "enc"), "alg", "RSA-OAEP");
            let agreement = with(with(decoys().p256[1].clone(), "use", "enc"), "alg", "ECDH-ES");
            let unused = [decoys().secp256k1[0].clone(), decoys().ed25519[0].clone(), encryption, agreement];
            // The key that signs is never the first of its kind: whoever takes the first one fails.
            let used = [decoys().rsa[0].clone(), bare(rsa), decoys().p256[0].clone(), bare(ec)];
            list([used, unused].concat())
        }
        M::KidAbsentSingle => nameless(1),
        M::KidAbsentMultiple => nameless(3),
        M::SameKidDecoys => {
            let third = match desk.facts.settings.sign_with {
                Alg::Rs256 => with(decoys().p256[0].clone(), "alg", "ES256"),
                Alg::Es256 => with(decoys().rsa[1].clone(), "alg", "RS256"),
            };
            let decoys = [
                with(decoys().ed25519[0].clone(), "alg", "EdDSA"),
                with(decoys().rsa[0].clone(), "alg", "PS256"),
                third,
            ];
            let named = decoys.into_iter().map(|key| with(key, "kid", own.kid.as_str()));
            list(named.chain([own.jwk(), other.jwk()]).collect())
        }
        M::AlternateAlg => list(vec![with(own.jwk(), "kid", ALTERNATE_KID), own.jwk(), other.jwk()]),
        M::EddsaSmallOrder => list(vec![odd_keys::small_order(), own.jwk(), other.jwk()]),
        M::JwksNotFound => Answer::empty(StatusCode::NOT_FOUND),
        M::JwksServerError => Answer::empty(StatusCode::INTERNAL_SERVER_ERROR),
        M::JwksHtml => Answer {
            body: b"<!doctype html><title>Proxy</title><h1>Sign in to this network</h1>\n".to_vec(),
            ..Answer::empty(StatusCode::OK).with_header(CONTENT_TYPE, "text/html; charset=utf-8")
        },
        M::JwksEmptyObject => Answer::json(&json!({})),
        M::JwksKeysObject => Answer::json(&json!({ "keys": {} })),
        M::JwksKeysOfNothing => list(vec!["key".into(), Value::Null, "another".into()]),
        M::JwksEmptyList => list(Vec::new()),
        M::JwksTenThousand => filled(10_000),
        M::JwksThreeHundred => filled(300),
        M::JwksHuge => Answer::json(&json!({ "keys": [own.jwk(), other.jwk()], "filling": "f".repeat(5_000_000) })),
        M::JwksRedirect => Answer::empty(StatusCode::FOUND).with_header(LOCATION, elsewhere(desk.facts)),
        M::JwksOddKeys => list(odd().into_iter().chain([own.jwk(), other.jwk()]).collect()),
        M::JwksWeakRsa => {
            let short = random::base64url(&decode(&rsa.jwk()["n"])[128..]);
            list(vec![with(rsa.jwk(), "n", short), ec.jwk()])
        }
        M::JwksExponentOne => list(vec![with(rsa.jwk(), "e", "AQ"), ec.jwk()]),
        M::JwksEvenModulus => {
            let mut even = decode(&rsa.jwk()["n"]);
            if let Some(last) = even.last_mut() {
                *last &= 0xFE;
            }
            list(vec![with(rsa.jwk(), "n", random::base64url(&even)), ec.jwk()])
        }
        M::JwksPrivateMembers => changed(with(with(own.jwk(), "d", random::token()), "p", random::token())),
        M::JwksSharedSecret => {
            let secret = json!({ "kty": "oct", "k": random::token(), "use": "sig", "kid": own.kid });
            list(vec![secret, own.jwk(), other.jwk()])
        }
        M::JwksForEncryption => changed(with(own.jwk(), "use", "enc")),
        M::JwksKeyOpsEncrypt => changed(with(without(own.jwk(), "use"), "key_ops", json!(["encrypt"]))),
        M::JwksCachedForever => good.with_header(CACHE_CONTROL, "public, max-age=31536000"),
        _ => good,
    }
}
