use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::test_provider::{NOW, answer, client, json_answer, metadata};
use crate::{Ask, Fault};

fn start_with(client: &ClientSettings) -> DeviceStart {
    let metadata =
        metadata(|d| drop(d.insert("device_authorization_endpoint".into(), "https://op.example/device".into())));
    DeviceStart::begin(&metadata, client, &Ask::default()).expect("offered")
}

fn codes() -> Value {
    json!({"device_code": "CANARY_DC", "user_code": "WDJB-MJHT", "verification_uri": "https://op.example/activate",
        "verification_uri_complete": "https://op.example/activate?user_code=WDJB-MJHT", "expires_in": 600})
}

fn finished(change: impl FnOnce(&mut Value)) -> Result<(DevicePrompt, DeviceSignIn), DeviceError> {
    let mut body = codes();
    change(&mut body);
    start_with(&client()).finish(&json_answer(200, &body), NOW)
}

fn waiting() -> DeviceSignIn {
    finished(|_| {}).expect("good").1
}

fn error(status: u16, error: &str) -> Response {
    json_answer(status, &json!({ "error": error }))
}

fn form(request: &Request) -> Vec<(String, String)> {
    url::form_urlencoded::parse(request.body()).into_owned().collect()
}

fn has(request: &Request, name: &str, value: &str) -> bool {
    form(request).iter().any(|(n, v)| n == name && v == value)
}

/// The sign-in after an answer that leaves it waiting, and how long it waits then.
fn after(sign_in: DeviceSignIn, response: &Response, now: i64) -> (DeviceSignIn, i64) {
    match sign_in.finish(response, now) {
        Ok(DeviceAnswer::Waiting(next)) => match next.step(now) {
            DeviceStep::WaitUntil(until) => (*next, until - now),
            step => panic!("{step:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_asked_this_time_goes_over_the_profile() {
    // IDT-12
    let settings = ClientSettings { params: vec![("organization".into(), "org_1".into())], ..client() };
    let metadata =
        metadata(|d| drop(d.insert("device_authorization_endpoint".into(), "https://op.example/device".into())));
    let with = |name: &str, value: &str| Ask { params: vec![(name.into(), value.into())], ..Ask::default() };
    let start = DeviceStart::begin(&metadata, &settings, &with("organization", "org_2")).expect("offered");
    let request = start.request();
    assert!(has(&request, "organization", "org_2") && !has(&request, "organization", "org_1"));
    let (_, sign_in) = start.finish(&json_answer(200, &codes()), NOW).expect("good");
    assert_eq!(sign_in.asked().organization.as_deref(), Some("org_2"));
    let refused = DeviceStart::begin(&metadata, &settings, &with("client_id", "other")).expect_err("ours");
    assert_eq!(refused.code(), "config.reserved_parameter");
}

#[test]
fn the_codes_are_asked_for_with_scope_and_audience() {
    let settings = ClientSettings { audience: Some("https://api.example/".into()), ..client() };
    let request = start_with(&settings).request();
    assert_eq!(request.uri().to_string(), "https://op.example/device");
    assert!(has(&request, "client_id", "client-1") && has(&request, "scope", "openid profile"));
    assert!(has(&request, "audience", "https://api.example/"));
    assert!(matches!(DeviceStart::begin(&metadata(|_| {}), &client(), &Ask::default()), Err(DeviceError::NotOffered)));
}

#[test]
fn the_person_sees_code_and_address() {
    // DEV-05
    let (prompt, sign_in) = finished(|_| {}).expect("good");
    assert_eq!(prompt.user_code, "WDJB-MJHT");
    assert_eq!(prompt.verification_uri.as_str(), "https://op.example/activate");
    assert!(prompt.verification_uri_complete.is_some());
    assert_eq!(prompt.expires_at, NOW + 600);
    let debug = format!("{prompt:?} {sign_in:?}");
    assert!(!debug.contains("WDJB") && !debug.contains("CANARY"), "{debug}");
    let google = finished(|body| {
        body["verification_url"] = body["verification_uri"].take();
        drop(body.as_object_mut().expect("an object").remove("verification_uri"));
    });
    assert!(google.is_ok());
}

#[test]
fn addresses_that_must_not_be_opened_are_refused() {
    // T-20, CVE-2025-6514
    for uri in ["http://op.example/a", "javascript:alert(1)", "file:///etc/passwd", "", "--flag", "https://$(calc)/"] {
        for member in ["verification_uri", "verification_uri_complete"] {
            let error = finished(|body| body[member] = uri.into()).map(drop).expect_err(uri);
            assert_eq!(error.code(), "device.bad_uri", "{uri}");
        }
    }
}

#[test]
fn an_answer_without_its_members_is_refused() {
    // HP-89
    for (member, value) in [
        ("device_code", Value::Null),
        ("device_code", json!("")),
        ("user_code", json!("a\u{1b}b")),
        ("user_code", json!(12)),
        ("expires_in", Value::Null),
        ("expires_in", json!("600")),
        ("expires_in", json!(-1)),
        ("interval", json!("5")),
    ] {
        let error = finished(|body| body[member] = value.clone()).map(drop).expect_err(member);
        assert_eq!(error.code(), "device.bad_answer", "{member} {value}");
    }
    for (response, code) in [
        (error(400, "unauthorized_client"), "device.refused"),
        (error(200, "invalid_scope"), "device.refused"),
        (answer(503, "text/html", "<h1>"), "device.refused"),
        (answer(200, "text/html", "<h1>"), "device.bad_answer"),
        (answer(200, "application/json", "[]"), "device.bad_answer"),
        (answer(307, "text/html", ""), "net.unexpected_redirect"),
    ] {
        let error = start_with(&client()).finish(&response, NOW).map(drop).expect_err("refused");
        assert_eq!(error.code(), code, "{error}");
    }
}

#[test]
fn nobody_is_asked_before_the_interval_is_over() {
    // DEV-01, HP-87
    let sign_in = waiting();
    assert!(matches!(sign_in.step(NOW + 4), DeviceStep::WaitUntil(until) if until == NOW + 5));
    let DeviceStep::Ask(request) = sign_in.step(NOW + 5) else { panic!("asks") };
    assert_eq!(request.uri().to_string(), "https://op.example/token");
    assert!(has(&request, "grant_type", GRANT) && has(&request, "device_code", "CANARY_DC"));
    assert!(has(&request, "client_id", "client-1"));
    let slow = finished(|body| body["interval"] = json!(31)).expect("good").1;
    assert!(matches!(slow.step(NOW + 30), DeviceStep::WaitUntil(_)));
    let (_, wait) = after(slow, &error(400, "authorization_pending"), NOW + 40);
    assert_eq!(wait, 31, "counted from the answer");
}

#[test]
fn slow_down_counts_for_every_later_question() {
    // DEV-02, HP-88
    let (sign_in, wait) = after(waiting(), &error(400, "slow_down"), NOW + 5);
    assert_eq!(wait, 10);
    let (sign_in, wait) = after(sign_in, &error(400, "authorization_pending"), NOW + 15);
    assert_eq!(wait, 10);
    assert_eq!(after(sign_in, &error(400, "slow_down"), NOW + 25).1, 15);
}

#[test]
fn the_error_counts_and_not_the_status() {
    // DEV-06: as Auth0 answers.
    let (sign_in, wait) = after(waiting(), &error(403, "authorization_pending"), NOW + 5);
    assert_eq!(wait, 5);
    let (sign_in, wait) = after(sign_in, &error(429, "slow_down"), NOW + 10);
    assert_eq!(wait, 10);
    assert_eq!(sign_in.finish(&error(403, "expired_token"), NOW + 20).map(drop), Err(DeviceError::Expired));
}

#[test]
fn an_end_is_an_end() {
    // DEV-03, HP-86
    assert_eq!(waiting().finish(&error(403, "access_denied"), NOW).map(drop), Err(DeviceError::Denied));
    for (name, code) in [("invalid_grant", "token.code_rejected"), ("invalid_request", "token.refused")] {
        let refused = waiting().finish(&error(400, name), NOW).map(drop).expect_err(name);
        assert_eq!(refused.code(), code);
    }
    let sign_in = waiting();
    assert!(matches!(sign_in.step(NOW + 600), DeviceStep::Expired));
    let late = sign_in.no_answer(NOW + 595);
    assert!(matches!(late.step(NOW + 599), DeviceStep::WaitUntil(until) if until == NOW + 600), "never past its end");
}

#[test]
fn the_rate_falls_while_nothing_comes() {
    // DEV-04
    let mut sign_in = waiting();
    let mut waits = Vec::new();
    for _ in 0..8 {
        sign_in = sign_in.no_answer(NOW);
        waits.push(sign_in.next_at - NOW);
    }
    assert_eq!(waits, [10, 20, 40, 80, 160, 300, 300, 300]);
    assert_eq!(after(sign_in, &error(400, "authorization_pending"), NOW).1, 5, "and is as before when something does");
    let mut busy = answer(503, "text/html", "<h1>");
    busy.headers_mut().insert("retry-after", "120".parse().expect("a header"));
    assert_eq!(after(waiting(), &busy, NOW).1, 120);
}

#[test]
fn the_tokens_come_in_the_end() {
    let body = json!({"access_token": "at", "token_type": "Bearer", "id_token": "a.b.c"});
    let Ok(DeviceAnswer::SignedIn(tokens)) = waiting().finish(&json_answer(200, &body), NOW) else { panic!("tokens") };
    assert!(tokens.access_token.matches(b"at"));
    let without = json!({"access_token": "at", "token_type": "Bearer"});
    let missing = waiting().finish(&json_answer(200, &without), NOW).map(drop).expect_err("openid was asked for");
    assert_eq!(missing.code(), "idtoken.missing");
    let echo = json!({"error": "odd", "error_description": "CANARY_DC is odd"});
    let echoed = waiting().finish(&json_answer(400, &echo), NOW).map(drop).expect_err("refused");
    assert!(!format!("{echoed} {echoed:?}").contains("CANARY"), "HP-TK-06");
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(body in "[ -~]{0,80}", status in 100_u16..600, number in any::<f64>(), text in ".{0,20}") {
        let _ = start_with(&client()).finish(&answer(status, "application/json", body.clone()), NOW);
        let _ = waiting().finish(&answer(status, "application/json", body), NOW);
        let _ = finished(|codes| codes["expires_in"] = json!(number));
        let _ = finished(|codes| codes["interval"] = json!(number));
        let _ = finished(|codes| codes["verification_uri"] = json!(text));
    }
}
