//! Who signed it.

use super::*;

#[test]
fn every_algorithm_of_the_list_is_verified() {
    // HP-12, HP-13
    for (alg, key) in [
        ("RS256", SigningKey::rsa()),
        ("RS384", SigningKey::rsa()),
        ("RS512", SigningKey::rsa()),
        ("PS256", SigningKey::rsa()),
        ("PS384", SigningKey::rsa()),
        ("PS512", SigningKey::rsa()),
        ("ES256", SigningKey::p256()),
        ("ES384", SigningKey::p384()),
        ("EdDSA", SigningKey::ed25519()),
    ] {
        let hash = SigningAlg::parse(alg).expect("known").digest(ACCESS_TOKEN.as_bytes());
        let claims = claims_after(|c| c["at_hash"] = URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2]).into());
        let token = key.token(&json!({"alg": alg, "kid": "k"}), &claims);
        let report = verify_with(token, &keys(&[key.named("k")]), |_| {});
        assert!(report.outcome.is_ok(), "{alg}: {:?}", report.outcome);
        assert_eq!(check(&report, "idtoken.at_hash").outcome, CheckOutcome::Passed, "{alg}");
    }
}

#[test]
fn a_broken_signature_is_refused() {
    // HP-09, HP-10: every byte XOR 0x5A; the characters sorted.
    for (alg, key) in [("RS256", SigningKey::rsa()), ("ES256", SigningKey::p256()), ("EdDSA", SigningKey::ed25519())] {
        let token = key.token(&json!({"alg": alg, "kid": "k"}), &good());
        let (signed, signature) = token.rsplit_once('.').expect("three parts");
        let bytes = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        let xored = URL_SAFE_NO_PAD.encode(bytes.iter().map(|byte| byte ^ 0x5a).collect::<Vec<_>>());
        let zeros = URL_SAFE_NO_PAD.encode(vec![0; bytes.len()]);
        let mut sorted: Vec<char> = signature.chars().collect();
        sorted.sort_unstable();
        let sorted: String = sorted.into_iter().collect();
        for signature in [xored, zeros, sorted, String::new()] {
            let report = verify_with(format!("{signed}.{signature}"), &keys(&[key.named("k")]), |_| {});
            let code = report.outcome.expect_err("refused").code();
            // Sorted characters may leave stray bits at the end, which is malformed already.
            assert!(matches!(code, "idtoken.bad_signature" | "idtoken.malformed"), "{alg} {code}");
        }
    }
}

#[test]
fn changed_claims_break_the_signature() {
    let token = SigningKey::rsa().token(&header(), &good());
    let parts: Vec<&str> = token.split('.').collect();
    let evil = URL_SAFE_NO_PAD.encode(claims_after(|c| c["sub"] = "admin".into()).to_string());
    assert_eq!(
        outcome(format!("{}.{evil}.{}", parts[0], parts[2])).expect_err("refused").code(),
        "idtoken.bad_signature"
    );
}

#[test]
fn a_bad_signature_still_reports_every_other_rule() {
    let token = SigningKey::other_rsa().token(&header(), &good());
    let report = verify_with(token, &provider_keys(), |_| {});
    assert_eq!(check(&report, "idtoken.signature").outcome, CheckOutcome::Failed);
    assert_eq!(check(&report, "idtoken.nonce").outcome, CheckOutcome::Passed);
    assert_eq!(report.outcome.expect_err("refused"), IdTokenError::BadSignature { alg: "RS256", tried: 1 });
}

#[test]
fn the_one_fitting_key_without_a_name_is_found() {
    // HP-15, J-07
    let set = keys(&[
        SigningKey::p256().jwk(),
        SigningKey::rsa().jwk(),
        json!({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}),
        SigningKey::ed25519().jwk(),
    ]);
    let token = SigningKey::rsa().token(&json!({"alg": "RS256"}), &good());
    assert!(verify_with(token, &set, |_| {}).outcome.is_ok());
}

#[test]
fn up_to_eight_fitting_keys_without_a_name_are_tried() {
    // HP-16, J-07
    let token = SigningKey::rsa().token(&json!({"alg": "RS256"}), &good());
    let mut jwks = vec![SigningKey::other_rsa().jwk(); 7];
    jwks.push(SigningKey::rsa().jwk());
    assert!(verify_with(token.clone(), &keys(&jwks), |_| {}).outcome.is_ok());
    jwks.insert(0, SigningKey::other_rsa().jwk());
    let error = verify_with(token, &keys(&jwks), |_| {}).outcome.expect_err("the ninth is not tried");
    assert_eq!(error, IdTokenError::BadSignature { alg: "RS256", tried: 8 });
}

#[test]
fn an_unknown_key_is_named_so_that_keys_can_be_fetched_again() {
    // IDT-17, HP-20, HP-21, J-03, J-09
    let token = SigningKey::rsa().token(&json!({"alg": "RS256", "kid": "new"}), &good());
    let error = verify_with(token.clone(), &provider_keys(), |_| {}).outcome.expect_err("unknown");
    assert!(error.unknown_key());
    assert_eq!(error.code(), "jwks.no_matching_key");
    assert_eq!(error.to_string(), "The ID token is signed with the key `new`, the provider publishes `k`, `e`.");
    assert!(
        verify_with(token.clone(), &keys(&[SigningKey::rsa().named("new")]), |_| {}).outcome.is_ok(),
        "after a fetch"
    );
    let error = verify_with(token, &KeySet::empty(), |_| {}).outcome.expect_err("no keys yet");
    assert!(error.unknown_key());
}

#[test]
fn a_key_of_that_name_and_another_type_is_not_the_one() {
    // HP-78: not a bad signature but an unknown key, so that the keys are fetched again.
    for jwk in [SigningKey::p256().named("k"), SigningKey::ed25519().named("k")] {
        let error = verify_with(SigningKey::rsa().token(&header(), &good()), &keys(&[jwk]), |_| {});
        assert!(error.outcome.expect_err("unknown").unknown_key());
    }
    let token = SigningKey::p256().token(&json!({"alg": "ES256", "kid": "k"}), &good());
    let report = verify_with(token, &keys(&[SigningKey::p384().named("k")]), |_| {});
    assert!(report.outcome.expect_err("another curve").unknown_key());
}

#[test]
fn a_weak_key_is_told_and_not_fetched_again() {
    // J-08
    let mut weak = SigningKey::rsa().named("k");
    weak["e"] = "AQ".into();
    let report = verify_with(SigningKey::rsa().token(&header(), &good()), &keys(&[weak]), |_| {});
    let error = report.outcome.expect_err("weak");
    assert_eq!((error.code(), error.unknown_key()), ("jwks.unusable_key", false));
    assert!(error.to_string().contains("its exponent is 1"), "{error}");
}

#[test]
fn decoys_of_the_same_name_do_not_matter() {
    // HP-78, J-05: same kid, other type, other curve, other algorithm.
    let mut other_alg = SigningKey::other_rsa().named("k");
    other_alg["alg"] = "PS256".into();
    let set = keys(&[
        SigningKey::ed25519().named("k"),
        SigningKey::p384().named("k"),
        other_alg,
        SigningKey::other_rsa().named("k"),
        SigningKey::rsa().named("k"),
    ]);
    assert!(verify_with(SigningKey::rsa().token(&header(), &good()), &set, |_| {}).outcome.is_ok());
}

#[test]
fn keys_and_addresses_in_the_header_are_not_looked_at() {
    // HP-ID-08, IDT-15, CVE-2018-0114
    let jwk = SigningKey::other_rsa().jwk();
    let token = SigningKey::other_rsa().token(
        &json!({"alg": "RS256", "kid": "k", "jwk": jwk, "jku": "https://evil.example", "x5u": "https://evil.example", "x5c": ["AA"]}),
        &good(),
    );
    assert_eq!(outcome(token).expect_err("refused").code(), "idtoken.bad_signature");
}

#[test]
fn odd_key_names_find_nothing() {
    // HP-ID-08
    for kid in ["../../etc/passwd", "' OR 1=1 --", "", "K"] {
        assert_eq!(with_header(|h| h["kid"] = kid.into()).expect_err(kid), "jwks.no_matching_key");
    }
    for kid in [json!(7), Value::Null, json!(["k"]), json!("k".repeat(10_000))] {
        assert_eq!(with_header(|h| h["kid"] = kid).expect_err("refused"), "idtoken.malformed");
    }
}
