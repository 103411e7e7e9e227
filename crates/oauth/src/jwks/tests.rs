use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::test_provider::{SigningKey, answer, json_answer, keys};

fn skipped(jwk: Value) -> String {
    let set = keys(&[jwk, SigningKey::p256().named("good")]);
    assert_eq!(set.kids(), ["good"], "the good one stays usable");
    set.skipped().first().expect("one is skipped").reason.clone()
}

/// A sound key after a change.
fn changed(key: &SigningKey, member: &str, value: Value) -> Value {
    let mut jwk = key.named("k");
    jwk[member] = value;
    jwk
}

#[test]
fn sound_keys_of_every_kind_are_taken() {
    let set = keys(&[
        SigningKey::rsa().named("a"),
        SigningKey::p256().named("b"),
        SigningKey::p384().named("c"),
        SigningKey::ed25519().named("d"),
        SigningKey::rsa().jwk(),
        changed(SigningKey::rsa(), "key_ops", json!(["verify"])),
        changed(SigningKey::rsa(), "alg", json!("PS256")),
    ]);
    assert_eq!((set.len(), set.skipped()), (7, &[][..]));
    assert_eq!(set.kids(), ["a", "b", "c", "d", "k", "k"]);
}

#[test]
fn answers_without_a_key_set_are_refused() {
    // HP-JW-01, J-01
    for (status, media, body, code) in [
        (404, "application/json", "{}", "jwks.unavailable"),
        (500, "application/json", "{}", "jwks.unavailable"),
        (200, "text/html", "<html>", "jwks.bad_document"),
        (200, "application/json", "", "jwks.bad_document"),
        (200, "application/json", "{}", "jwks.bad_document"),
        (200, "application/json", "[]", "jwks.bad_document"),
        (200, "application/json", "{\"keys\":{}}", "jwks.bad_document"),
        (200, "application/json", "{\"keys\":[],\"keys\":[]}", "jwks.bad_document"),
        (307, "application/json", "{}", "net.unexpected_redirect"),
    ] {
        let error = parse_key_set(&answer(status, media, body)).expect_err(body);
        assert_eq!(error.code(), code, "{status} {body}");
        assert_eq!(error.retryable(), status == 500);
    }
}

#[test]
fn size_and_number_are_limited() {
    // HP-JW-01
    let many = vec![json!({}); 201];
    let error = parse_key_set(&json_answer(200, &json!({ "keys": many }))).expect_err("too many");
    assert_eq!(error, JwksError::TooManyKeys { limit: 200, got: 201 });
    let large = format!("{{\"keys\":[]{}}}", " ".repeat(512 * 1024));
    assert_eq!(parse_key_set(&answer(200, "application/json", large)).expect_err("large").code(), "jwks.bad_document");
}

#[test]
fn members_that_are_no_keys_are_skipped() {
    // HP-JW-01, HP-JW-02, IDT-18
    for jwk in [json!("x"), Value::Null, json!(1), json!([]), json!({}), json!({"kty": 7})] {
        let _ = skipped(jwk);
    }
    assert_eq!(skipped(json!({"kty": "AKP"})), "is of the type `AKP`, which is not known here");
    assert_eq!(
        skipped(json!({"kty": "EC", "crv": "secp256k1"})),
        "is on the curve `secp256k1`, which is not used here"
    );
    assert_eq!(skipped(json!({"kty": "OKP", "crv": "Ed448"})), "is on the curve `Ed448`, which is not used here");
    assert_eq!(skipped(changed(SigningKey::rsa(), "kid", json!(7))), "has a `kid` that is a number and not text");
    assert_eq!(skipped(changed(SigningKey::rsa(), "use", json!(7))), "has a `use` that is a number and not text");
    assert_eq!(skipped(changed(SigningKey::rsa(), "n", Value::Null)), "has no `n`");
    assert_eq!(skipped(changed(SigningKey::rsa(), "n", json!("+/+/"))), "has a `n` that is not base64url");
}

#[test]
fn keys_for_something_else_are_not_used() {
    // HP-JW-04, J-09, HP-JW-02
    assert_eq!(skipped(changed(SigningKey::rsa(), "use", json!("enc"))), "is for `enc` and not for signatures");
    assert_eq!(skipped(changed(SigningKey::rsa(), "key_ops", json!(["encrypt"]))), "is not for verifying (`key_ops`)");
    assert_eq!(
        skipped(changed(SigningKey::rsa(), "alg", json!("RSA-OAEP"))),
        "is for `RSA-OAEP`, which is not used here"
    );
    assert_eq!(skipped(changed(SigningKey::rsa(), "alg", json!("ES256"))), "names an algorithm of another key type");
}

#[test]
fn a_shared_secret_is_never_a_key() {
    // HP-JW-03
    assert_eq!(skipped(json!({"kty": "oct", "k": "AAAA"})), "is a shared secret and must not be published");
}

#[test]
fn a_key_whose_private_half_is_published_proves_nothing() {
    // OpenID Connect Discovery section 3
    let reason = "is published with its private half, so that anybody can sign with it";
    for (key, member) in [
        (SigningKey::rsa(), "d"),
        (SigningKey::rsa(), "p"),
        (SigningKey::rsa(), "qi"),
        (SigningKey::p256(), "d"),
        (SigningKey::ed25519(), "d"),
    ] {
        assert_eq!(skipped(changed(key, member, json!("AAAA"))), reason, "{member}");
    }
    assert_eq!(keys(&[changed(SigningKey::rsa(), "d", Value::Null)]).len(), 1, "nothing is told by null");
}

#[test]
fn weak_rsa_keys_are_refused() {
    // HP-JW-02, J-08
    let n = |bytes: &[u8]| changed(SigningKey::rsa(), "n", URL_SAFE_NO_PAD.encode(bytes).into());
    let e = |bytes: &[u8]| changed(SigningKey::rsa(), "e", URL_SAFE_NO_PAD.encode(bytes).into());
    let modulus = |size: usize, last: u8| {
        let mut bytes = vec![0xff; size];
        bytes[size - 1] = last;
        bytes
    };
    assert_eq!(skipped(n(&modulus(64, 1))), "is weak: 512 bits where at least 2048 are needed");
    assert_eq!(skipped(n(&modulus(128, 1))), "is weak: 1024 bits where at least 2048 are needed");
    assert_eq!(
        skipped(n(&[vec![0; 200], modulus(128, 1)].concat())),
        "is weak: 1024 bits where at least 2048 are needed"
    );
    assert_eq!(skipped(n(&modulus(256, 2))), "is weak: its modulus is even");
    assert_eq!(skipped(n(&modulus(1025, 1))), "has 8200 bits; at most 8192 are used");
    assert_eq!(skipped(e(&[1])), "is weak: its exponent is 1");
    assert_eq!(skipped(e(&[0, 0, 1])), "is weak: its exponent is 1");
    assert_eq!(skipped(e(&[2])), "is weak: its exponent is even");
    assert_eq!(skipped(e(&[])), "is weak: its exponent is even");
    assert_eq!(skipped(e(&[0xff; 40])), "has an exponent of more than 32 bits");
    assert_eq!(keys(&[e(&[3])]).len(), 1, "3 is small and sound");
}

#[test]
fn points_off_their_curve_are_refused() {
    // J-08
    let x = |key: &SigningKey, bytes: &[u8]| changed(key, "x", URL_SAFE_NO_PAD.encode(bytes).into());
    assert_eq!(skipped(x(SigningKey::p256(), &[1; 32])), "is not a point on its curve");
    assert_eq!(skipped(x(SigningKey::p384(), &[1; 48])), "is not a point on its curve");
    assert_eq!(skipped(x(SigningKey::p256(), &[1; 31])), "has coordinates of 31 and 32 bytes; 32 are needed");
    assert_eq!(
        skipped(changed(SigningKey::p256(), "crv", json!("P-384"))),
        "has coordinates of 32 and 32 bytes; 48 are needed"
    );
}

#[test]
fn ed25519_points_of_small_order_are_refused() {
    // HP-ID-07, J-08; with and without the sign bit.
    let x = |bytes: &[u8]| changed(SigningKey::ed25519(), "x", URL_SAFE_NO_PAD.encode(bytes).into());
    let mut one = [0; 32];
    one[0] = 1;
    let mut minus_one = [0xff; 32];
    minus_one[0] = 0xec;
    minus_one[31] = 0x7f;
    for mut point in [[0; 32], one, minus_one] {
        assert_eq!(skipped(x(&point)), "is weak: a point of small order");
        point[31] |= 0x80;
        assert_eq!(skipped(x(&point)), "is weak: a point of small order");
    }
    assert_eq!(skipped(x(&[1; 31])), "has 31 bytes; 32 are needed");
    assert_eq!(skipped(x(&[])), "is empty");
}

proptest! {
    #[test]
    fn no_key_set_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse_key_set(&answer(200, "application/json", body));
    }

    #[test]
    fn no_key_makes_it_panic(
        kty in prop::sample::select(vec!["RSA", "EC", "OKP", "oct"]),
        crv in prop::sample::select(vec!["P-256", "P-384", "Ed25519", "x"]),
        a in prop::collection::vec(any::<u8>(), 0..400),
        b in prop::collection::vec(any::<u8>(), 0..70),
    ) {
        let (a, b) = (URL_SAFE_NO_PAD.encode(a), URL_SAFE_NO_PAD.encode(b));
        let jwk = json!({"kty": kty, "crv": crv, "n": a, "e": b, "x": b, "y": a});
        let _ = parse_key_set(&json_answer(200, &json!({"keys": [jwk]})));
    }
}
