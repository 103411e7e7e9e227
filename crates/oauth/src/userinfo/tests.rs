use serde_json::json;

use super::*;
use crate::CheckOutcome;
use crate::test_provider::{answer, json_answer, metadata};

fn outcome(response: &Response) -> Result<UserInfo, &'static str> {
    let report = finish_userinfo(response, "user-1");
    let names: Vec<_> = report.checks.iter().map(|check| check.name).collect();
    assert_eq!(names, ["userinfo.format", "userinfo.sub"], "every rule is reported");
    report.outcome.map_err(|error| error.code())
}

#[test]
fn the_token_goes_into_the_header() {
    // CORE-14, HP-24
    let metadata = metadata(|_| {});
    let endpoint = metadata.userinfo_endpoint.expect("there");
    let request = userinfo_request(&endpoint, &AccessToken::new("a.t".into()));
    assert_eq!(
        (request.method(), request.uri().to_string().as_str()),
        (&http::Method::GET, "https://op.example/userinfo")
    );
    assert_eq!(request.headers()["authorization"], "Bearer a.t");
    assert!(!format!("{request:?}").contains("a.t"), "marked as sensitive");
}

#[test]
fn a_bound_token_goes_with_a_proof_of_its_own() {
    // DPOP-01, DPOP-04
    use crate::{DpopNonces, Fresh, Sending, Sent};
    let endpoint = metadata(|_| {}).userinfo_endpoint.expect("there");
    let key = DpopKey::of_random([7; 32]).expect("a key");
    let sending = Sending::of(userinfo_request_bound(&endpoint, &AccessToken::new("a.t".into()), &key));
    let mut nonces = DpopNonces::default();
    let sealed = sending.seal(Fresh { now: 1, random: [1; 32] }, &nonces);
    assert_eq!(sealed.headers()["authorization"], "DPoP a.t");
    let proof = sealed.headers()["dpop"].to_str().expect("text");
    let claims = base64::Engine::decode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        proof.split('.').nth(1).expect("claims"),
    );
    let claims: Value = serde_json::from_slice(&claims.expect("base64url")).expect("JSON");
    assert_eq!((&claims["htm"], &claims["htu"]), (&json!("GET"), &json!("https://op.example/userinfo")));
    assert!(claims["ath"].is_string());
    let mut demand = answer(401, "text/plain", "");
    demand.headers_mut().insert("www-authenticate", r#"dPoP error="use_dpop_nonce""#.parse().expect("a header"));
    demand.headers_mut().insert("dpop-nonce", "n1".parse().expect("a header"));
    assert!(matches!(sending.judge(&demand, &mut nonces), Ok(Sent::Again(_))));
    assert_eq!(nonces.of_resource(&endpoint), Some("n1"));
}

#[test]
fn details_of_the_same_person_are_used() {
    // HP-28
    let body = json!({"sub": "user-1", "name": "Ada", "email": "ada@op.example", "email_verified": true, "picture": 7});
    let info = outcome(&json_answer(200, &body)).expect("good");
    assert_eq!(info.standard.name.as_deref(), Some("Ada"));
    assert_eq!(info.standard.email_verified, Some(true));
    assert_eq!(info.standard.picture, None, "of the wrong type");
    assert!(!format!("{info:?}").contains("Ada"));
}

#[test]
fn details_of_somebody_else_are_dropped() {
    // IDT-19, HP-23, HP-UI-02, U-01
    for sub in [json!("user-1invalid"), json!("foobar"), json!("USER-1"), json!(1), Value::Null, json!("")] {
        assert_eq!(
            outcome(&json_answer(200, &json!({"sub": sub, "name": "Eve"}))).expect_err("refused"),
            "userinfo.sub_mismatch"
        );
    }
    assert_eq!(outcome(&json_answer(200, &json!({"name": "Eve"}))).expect_err("refused"), "userinfo.sub_mismatch");
}

#[test]
fn what_cannot_be_read_is_told() {
    // HP-UI-01, U-02, U-03
    for (response, code) in [
        (answer(401, "application/json", "{}"), "userinfo.unavailable"),
        (answer(500, "text/html", "<h1>"), "userinfo.unavailable"),
        (answer(302, "text/html", ""), "net.unexpected_redirect"),
        (answer(200, "text/html", "<html>"), "userinfo.bad_document"),
        (answer(200, "application/json", ""), "userinfo.bad_document"),
        (answer(200, "application/json", "[]"), "userinfo.bad_document"),
        (answer(200, "application/json", "{\"sub\":\"user-1\",\"sub\":\"x\"}"), "userinfo.bad_document"),
        (answer(200, "application/json", vec![b' '; 600_000]), "userinfo.bad_document"),
        (answer(200, "application/jwt", "a.b.c"), "userinfo.signed_unsupported"),
    ] {
        assert_eq!(outcome(&response).expect_err("refused"), code);
    }
}

#[test]
fn hostile_words_are_cut_in_the_report() {
    // I-22, HP-UI-05
    let report = finish_userinfo(&json_answer(200, &json!({"sub": format!("\u{1b}{}", "x".repeat(10_000))})), "user-1");
    let check = report.checks.last().expect("two");
    assert_eq!(check.outcome, CheckOutcome::Failed);
    assert!(check.got.chars().count() <= 202 && check.got.starts_with('\u{fffd}'), "{}", check.got);
}

/// What comes of signed details, after a change of claims and of the metadata's algorithms.
fn signed(header: &Value, change: impl FnOnce(&mut Value)) -> Result<UserInfo, UserInfoError> {
    use crate::test_provider::{CLIENT, ISSUER, SigningKey, keys};
    let mut claims = json!({"iss": ISSUER, "aud": CLIENT, "sub": "user-1", "name": "Ada"});
    change(&mut claims);
    let token = SigningKey::rsa().token(header, &claims);
    let response = answer(200, "application/jwt", token);
    let metadata =
        metadata(|d| drop(d.insert("userinfo_signing_alg_values_supported".into(), json!(["RS256", "none"]))));
    let report = finish_userinfo_signed(&response, "user-1", &keys(&[SigningKey::rsa().named("k")]), &metadata, CLIENT);
    let names: Vec<_> = report.checks.iter().map(|check| check.name).collect();
    assert_eq!(
        names,
        ["format", "alg", "crit", "typ", "signature", "iss", "aud", "sub"].map(|name| format!("userinfo.{name}"))
    );
    report.outcome
}

#[test]
fn signed_details_are_believed_with_signature_issuer_and_audience() {
    // HP-26, IDT-20
    let good = json!({"alg": "RS256", "kid": "k"});
    let info = signed(&good, |_| {}).expect("good");
    assert_eq!(info.standard.name.as_deref(), Some("Ada"));
    // HP-UI-03
    for (claim, value) in [
        ("iss", json!("https://evil.example")),
        ("iss", Value::Null),
        ("aud", json!("other")),
        ("aud", json!(["client-1", "other"])),
        ("aud", Value::Null),
    ] {
        let error = signed(&good, |claims| claims[claim] = value.clone()).expect_err(claim);
        assert_eq!(error.code(), "userinfo.signature_refused");
        assert!(error.to_string().starts_with("The signed profile answer"), "{error}");
    }
    assert_eq!(signed(&good, |c| c["sub"] = "eve".into()).expect_err("another").code(), "userinfo.sub_mismatch");
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "RS384", "kid": "k"}),
        json!({"alg": "HS256"}),
        json!({"alg": "RS256", "kid": "k", "crit": ["exp"]}),
        json!({"alg": "RS256", "kid": "k", "typ": "at+jwt"}),
    ] {
        assert_eq!(signed(&header, |_| {}).expect_err("refused").code(), "userinfo.signature_refused", "{header}");
    }
    let unknown = signed(&json!({"alg": "RS256", "kid": "new"}), |_| {}).expect_err("unknown");
    assert!(unknown.unknown_key());
}

#[test]
fn plain_details_stay_plain() {
    use crate::test_provider::CLIENT;
    let metadata = metadata(|_| {});
    let judge = |response: &Response| {
        finish_userinfo_signed(response, "user-1", &KeySet::empty(), &metadata, CLIENT).outcome.map_err(|e| e.code())
    };
    assert!(judge(&json_answer(200, &json!({"sub": "user-1"}))).is_ok());
    assert_eq!(judge(&answer(401, "application/jwt", "a.b.c")).expect_err("refused"), "userinfo.unavailable");
    assert_eq!(judge(&answer(200, "application/jwt", "a.b")).expect_err("refused"), "userinfo.signature_refused");
    assert_eq!(judge(&answer(200, "application/jwt", "a.b.c.d.e")).expect_err("JWE"), "userinfo.signature_refused");
    assert_eq!(
        judge(&answer(200, "application/jwt", b"\xff".to_vec())).expect_err("refused"),
        "userinfo.signed_unsupported"
    );
}
