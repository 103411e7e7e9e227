use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::test_provider::{CLIENT, ISSUER, NOW, SigningKey, answer, client, json_answer, keys, metadata};
use crate::{CheckOutcome, Claims, ClientSecret, Expected, Fault, IdTokenText, TokenError, verify};

fn renewal() -> Renewal {
    Renewal::begin(&metadata(|_| {}), &client(), RefreshToken::new("CANARY_RT".into()), None).expect("begins")
}

fn refused(response: &Response) -> RenewalError {
    renewal().finish(response).expect_err("refused")
}

fn field(request: &Request, name: &str) -> Option<String> {
    let pairs = url::form_urlencoded::parse(request.body());
    pairs.into_owned().find(|(key, _)| key == name).map(|(_, value)| value)
}

#[test]
fn the_request_is_what_the_standard_asks() {
    let request = renewal().request();
    assert_eq!(request.uri().to_string(), "https://op.example/token");
    assert_eq!(field(&request, "grant_type").as_deref(), Some("refresh_token"));
    assert_eq!(field(&request, "refresh_token").as_deref(), Some("CANARY_RT"));
    assert_eq!(field(&request, "client_id").as_deref(), Some(CLIENT));
    assert_eq!(field(&request, "scope"), None, "the same again");
    let secret = ClientSettings { client_secret: Some(ClientSecret::new("s".into())), ..client() };
    let token = RefreshToken::new("rt".into());
    let request = Renewal::begin(&metadata(|_| {}), &secret, token, None).expect("begins").request();
    assert!(request.headers().contains_key("authorization") && field(&request, "client_id").is_none());
}

#[test]
fn a_renewal_may_ask_for_less() {
    // RT-03
    let token = RefreshToken::new("rt".into());
    let scope = ["openid".to_owned(), "read".to_owned()];
    let renewal = Renewal::begin(&metadata(|_| {}), &client(), token, Some(&scope)).expect("begins");
    assert_eq!(field(&renewal.request(), "scope").as_deref(), Some("openid read"));
    let error = Renewal::begin(&metadata(|_| {}), &client(), RefreshToken::new("rt".into()), Some(&["a b".to_owned()]));
    assert_eq!(error.expect_err("refused").code(), "config.bad_scope");
}

#[test]
fn a_rotated_token_comes_with_the_answer_or_the_old_one_stays() {
    // RT-01, RT-02, RT-05, HP-38, HP-77, R-04
    let body = json!({"access_token": "at2", "token_type": "bearer", "refresh_token": "rt2"});
    let tokens = renewal().finish(&json_answer(200, &body)).expect("good");
    assert!(tokens.refresh_token.is_some_and(|token| token.matches(b"rt2")));
    assert!(tokens.id_token.is_none(), "no ID token is normal");
    let body = json!({"access_token": "at2", "token_type": "bearer"});
    assert!(renewal().finish(&json_answer(200, &body)).expect("good").refresh_token.is_none());
}

/// the provider ended the oldest of many sign-ins | `refresh.session_ended` says that this may be why
#[test]
fn only_invalid_grant_ends_the_session() {
    // R-08, S-29
    for status in [400, 401, 403, 200] {
        let error =
            refused(&json_answer(status, &json!({"error": "invalid_grant", "error_description": "CANARY_RT is old"})));
        assert!(matches!(error, RenewalError::SessionEnded { .. }), "{error}");
        assert_eq!(error.code(), "refresh.session_ended");
        assert!(error.hint().contains("signed in on many devices"), "{}", error.hint());
        assert!(!format!("{error} {error:?}").contains("CANARY"), "{error}");
    }
    for (error, code) in [
        ("bad_refresh_token", "refresh.session_ended"),
        ("interaction_required", "refresh.interaction_required"),
        ("login_required", "refresh.interaction_required"),
    ] {
        assert_eq!(refused(&json_answer(400, &json!({ "error": error }))).code(), code);
    }
}

#[test]
fn wrong_settings_keep_the_token() {
    // R-09, S-30
    for error in
        ["invalid_client", "unauthorized_client", "invalid_scope", "invalid_target", "invalid_request", "made_up"]
    {
        let refusal = refused(&json_answer(400, &json!({ "error": error })));
        assert!(matches!(refusal, RenewalError::Config(_)), "{error}");
        assert_eq!((refusal.code(), refusal.retryable()), ("refresh.config", false));
    }
    assert!(matches!(refused(&answer(401, "text/plain", "")), RenewalError::Config(_)));
}

#[test]
fn what_may_pass_keeps_the_token_and_is_tried_later() {
    // S-30
    use LaterCause::{Busy, Gone, NotTheProvider};
    let mut busy = answer(503, "text/plain", "");
    busy.headers_mut().insert("retry-after", "30".parse().expect("a header"));
    for (response, cause, wait) in [
        (busy, Busy(503), Some(30)),
        (json_answer(429, &json!({"error": "slow"})), Busy(429), None),
        (json_answer(400, &json!({"error": "temporarily_unavailable"})), Busy(400), None),
        (answer(500, "text/html", "<h1>oops"), Busy(500), None),
        (answer(200, "text/html", "<title>Hotel wifi"), NotTheProvider, None),
        (answer(302, "text/html", ""), NotTheProvider, None),
        (answer(407, "text/plain", ""), NotTheProvider, None),
        (answer(511, "text/html", "<h1>"), NotTheProvider, None),
        (answer(404, "application/json", "{}"), Gone(404), None),
    ] {
        let error = refused(&response);
        assert_eq!(error, RenewalError::Later { cause, retry_after: wait }, "{}", response.status());
        assert_eq!((error.code(), error.retryable()), ("refresh.later", true));
    }
}

#[test]
fn a_bad_answer_is_refused_as_a_whole() {
    let error = refused(&json_answer(200, &json!({"access_token": 7, "token_type": "bearer", "refresh_token": "rt2"})));
    assert!(matches!(error, RenewalError::BadAnswer(TokenError::BadField { .. })), "{error}");
    assert_eq!(error.code(), "token.bad_field");
    assert!(matches!(refused(&answer(400, "text/plain", "")), RenewalError::BadAnswer(_)));
}

#[test]
fn a_renewals_debug_shows_nothing() {
    assert!(!format!("{:?}", renewal()).contains("CANARY"));
}

/// The claims of a renewed ID token that has passed.
fn renewed(change: impl FnOnce(&mut Value)) -> Claims {
    let mut claims = json!({"iss": ISSUER, "sub": "user-1", "aud": CLIENT, "exp": NOW + 600, "iat": NOW});
    change(&mut claims);
    let token = SigningKey::p256().token(&json!({"alg": "ES256"}), &claims);
    let metadata = metadata(|_| {});
    let mut expected = Expected::new(&metadata, CLIENT, NOW);
    let iss = claims["iss"].as_str().unwrap_or_default().to_owned();
    // The rule on `iss` is tried elsewhere; here the claim must get through.
    expected.issuer = &iss;
    verify(&IdTokenText::new(token), &keys(&[SigningKey::p256().jwk()]), &expected).outcome.expect("passes")
}

#[test]
fn a_renewed_identity_is_the_same_person() {
    // RT-04, R-11, HP-39, HP-40
    let first = renewed(|c| {
        c["auth_time"] = json!(NOW);
        c["azp"] = json!(CLIENT);
        c["nonce"] = json!("n1");
    });
    let old = OldIdentity::of(&first);
    for (change, code) in [
        (json!({}), None),
        (json!({"auth_time": NOW, "azp": CLIENT, "nonce": "n1"}), None),
        (json!({"auth_time": NOW as f64 + 0.5}), None),
        (json!({"auth_time": 0}), None),
        (json!({"iss": "https://op.example1"}), Some("refresh.iss_changed")),
        (json!({"sub": "user-11"}), Some("refresh.sub_changed")),
        (json!({"auth_time": NOW + 1}), Some("refresh.auth_time_changed")),
        (json!({"nonce": "n2"}), Some("refresh.nonce_changed")),
    ] {
        let claims = renewed(|claims| {
            for (name, value) in change.as_object().expect("an object") {
                claims[name] = value.clone();
            }
        });
        let report = check_renewed_identity(&old, &claims);
        let names: Vec<_> = report.checks.iter().map(|check| check.name).collect();
        assert_eq!(names, ["refresh.iss", "refresh.sub", "refresh.azp", "refresh.auth_time", "refresh.nonce"]);
        assert_eq!(report.outcome.err().map(|error| error.code()), code, "{change}");
    }
    let azp = OldIdentity { azp: Some("other".into()), ..old };
    let report = check_renewed_identity(&azp, &first);
    assert_eq!(report.outcome.expect_err("refused").code(), "refresh.azp_changed");
    assert_eq!(report.checks.iter().filter(|check| check.outcome == CheckOutcome::Failed).count(), 1);
}

#[test]
fn renewal_comes_early_and_never_in_a_loop() {
    // RT-07, R-14, S-33
    for (life, after) in
        [(3600, 2880), (300, 240), (200, 140), (100, 50), (60, 30), (30, 15), (10, 10), (1, 10), (0, 10)]
    {
        assert_eq!(renew_at(NOW, life, 0.0) - NOW, after, "{life}");
    }
    assert_eq!(renew_at(NOW, 3600, 1.0) - NOW, 2880 - 72, "2 % earlier at most");
    assert_eq!(renew_at(NOW, 3600, f64::NAN), renew_at(NOW, 3600, 0.0));
    assert_eq!(renew_at(NOW, 3600, 99.0), renew_at(NOW, 3600, 1.0));
}

proptest! {
    #[test]
    fn renewal_is_after_issue_and_before_the_end(life in any::<u64>(), jitter in 0.0..=1.0) {
        let after = renew_at(NOW, life, jitter) - NOW;
        prop_assert!(after >= 10);
        prop_assert!(life <= 10 || u64::try_from(after).is_ok_and(|after| after < life));
    }

    #[test]
    fn no_time_makes_it_panic(issued in any::<i64>(), life in any::<u64>(), jitter in any::<f64>()) {
        let _ = renew_at(issued, life, jitter);
    }
}

#[test]
fn a_renewal_is_aimed_at_one_api() {
    // RES-01: RFC 8707 section 2.2, and Auth0's audience
    let two = ClientSettings { resources: vec!["https://a.example/".into(), "https://b.example/".into()], ..client() };
    let renewal = |target: Target| {
        let token = RefreshToken::new("rt".into());
        Renewal::begin(&metadata(|_| {}), &two, token, None).expect("begins").aimed_at(target)
    };
    let sent = |renewal: &Renewal| {
        let body = renewal.request().into_body();
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
        pairs.into_iter().filter(|(name, _)| name == "resource" || name == "audience").collect::<Vec<_>>()
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let both = Target { resources: two.resources.clone(), audience: None };
    let both = renewal(both).expect("asked for");
    assert_eq!(sent(&both), [pair("resource", "https://a.example/"), pair("resource", "https://b.example/")]);
    let other = Target { resources: Vec::new(), audience: Some("https://c.example/".into()) };
    let other = renewal(other).expect("an audience may be another");
    assert_eq!(sent(&other), [pair("audience", "https://c.example/")]);
    assert_eq!(other.asked().audience.as_deref(), Some("https://c.example/"));
    let never = Target { resources: vec!["https://c.example/".into()], audience: None };
    assert_eq!(renewal(never).expect_err("never asked for").code(), "config.resource_not_asked");
}
