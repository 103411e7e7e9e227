use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;
use crate::test_provider::{answer, client, json_answer, metadata};
use crate::{
    Ask, BeginError, Callback, ClientSecret, ClientSettings, DpopKey, DpopNonces, Entropy, Fresh, Prepared, Push,
    Sending,
};

fn prepare(change: impl FnOnce(&mut Map<String, Value>), settings: ClientSettings) -> Result<Prepared, BeginError> {
    let metadata = metadata(|document| {
        document.insert("pushed_authorization_request_endpoint".into(), "https://op.example/par".into());
        change(document);
    });
    let redirect = Url::parse("http://127.0.0.1:4567/cb/x").expect("a URL");
    let entropy = Entropy { state: [1; 32], nonce: [2; 32], verifier: [3; 32] };
    SignIn::prepare(&metadata, settings, redirect, entropy, &Ask::default())
}

fn confidential() -> ClientSettings {
    ClientSettings { client_secret: Some(ClientSecret::new("CANARY_SECRET".into())), ..client() }
}

fn pushing(settings: ClientSettings) -> Pushing {
    match prepare(|_| {}, settings).expect("prepares") {
        Prepared::Push(pushing) => *pushing,
        Prepared::Open(_, url) => panic!("{url}"),
    }
}

fn good() -> Value {
    json!({"request_uri": "urn:ietf:params:oauth:request_uri:abc", "expires_in": 60})
}

#[test]
fn the_whole_request_is_pushed_and_the_browser_carries_its_name() {
    // PAR-01
    let settings = ClientSettings {
        resources: vec!["https://a.example/".into(), "https://b.example/".into()],
        dpop: DpopKey::of_random([7; 32]),
        ..confidential()
    };
    let pushing = pushing(settings);
    let request = Sending::of(pushing.request()).seal(Fresh { now: 1, random: [1; 32] }, &DpopNonces::default());
    assert_eq!(request.uri().to_string(), "https://op.example/par");
    assert!(request.headers()["authorization"].to_str().expect("text").starts_with("Basic "));
    assert!(request.headers().contains_key("dpop"), "HP-60: a proof at PAR");
    let form: Vec<(String, String)> = url::form_urlencoded::parse(request.body()).into_owned().collect();
    let count = |name: &str| form.iter().filter(|(other, _)| other == name).count();
    for name in ["response_type", "redirect_uri", "scope", "state", "nonce", "code_challenge", "dpop_jkt"] {
        assert_eq!(count(name), 1, "{name}");
    }
    assert_eq!((count("resource"), count("client_id"), count("client_secret")), (2, 0, 0));

    let (sign_in, url) = pushing.finish(&json_answer(201, &good())).expect("good");
    assert_eq!(
        url.as_str(),
        "https://op.example/authorize?client_id=client-1&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Aabc"
    );
    let query = format!("code=x&state={}", crate::test_provider::STATE);
    assert!(matches!(sign_in.judge(&query), Callback::Ours(_)), "the same sign-in goes on");
}

#[test]
fn the_endpoints_own_query_is_kept_and_not_pushed() {
    // CORE-01
    let prepared =
        prepare(|d| drop(d.insert("authorization_endpoint".into(), "https://op.example/a?t=1".into())), confidential());
    let Ok(Prepared::Push(pushing)) = prepared else { panic!("pushed") };
    assert!(!String::from_utf8_lossy(pushing.request().body()).contains("t=1&"));
    let (_, url) = pushing.finish(&json_answer(201, &good())).expect("good");
    assert!(url.as_str().starts_with("https://op.example/a?t=1&client_id="), "{url}");
}

#[test]
fn it_is_pushed_where_it_must_or_where_it_is_wished() {
    // PAR-02
    let required =
        |d: &mut Map<String, Value>| drop(d.insert("require_pushed_authorization_requests".into(), json!(true)));
    let nowhere = |d: &mut Map<String, Value>| drop(d.remove("pushed_authorization_request_endpoint"));
    let with = |settings: ClientSettings, push: Push| ClientSettings { push, ..settings };
    let is_pushed = |prepared: Result<Prepared, BeginError>| match prepared {
        Ok(Prepared::Push(_)) => Ok(true),
        Ok(Prepared::Open(..)) => Ok(false),
        Err(error) => Err(error.code()),
    };
    assert_eq!(is_pushed(prepare(|_| {}, confidential())), Ok(true), "advertised");
    assert_eq!(is_pushed(prepare(|_| {}, client())), Ok(false), "a public client, which many refuse");
    assert_eq!(is_pushed(prepare(|_| {}, with(client(), Push::Always))), Ok(true));
    assert_eq!(is_pushed(prepare(|_| {}, with(confidential(), Push::Never))), Ok(false));
    assert_eq!(is_pushed(prepare(required, client())), Ok(true));
    assert_eq!(is_pushed(prepare(required, with(client(), Push::Never))), Ok(true), "the provider decides");
    assert_eq!(is_pushed(prepare(nowhere, with(client(), Push::Always))), Err("par.not_offered"));
    assert_eq!(is_pushed(prepare(nowhere, confidential())), Ok(false));
}

#[test]
fn a_plain_request_is_not_made_where_one_must_be_pushed() {
    // PAR-02, PAR-04
    let metadata = metadata(|d| drop(d.insert("require_pushed_authorization_requests".into(), json!(true))));
    let redirect = Url::parse("http://127.0.0.1:4567/cb/x").expect("a URL");
    let entropy = Entropy { state: [1; 32], nonce: [2; 32], verifier: [3; 32] };
    let error = SignIn::begin(&metadata, client(), redirect, entropy, &Ask::default()).expect_err("refused");
    assert_eq!(error.code(), "par.needed");
}

#[test]
fn a_long_request_is_pushed() {
    //
    let scopes = (0..2000).map(|n| format!("scope{n}")).collect();
    assert!(matches!(prepare(|_| {}, ClientSettings { scopes, ..confidential() }), Ok(Prepared::Push(_))));
}

#[test]
fn failures_end_here() {
    // A-11, PAR-04
    let without = |member: &str| {
        let mut body = good();
        body.as_object_mut().expect("an object").remove(member);
        body
    };
    let mut zero = good();
    zero["expires_in"] = json!(0);
    let mut odd = good();
    odd["request_uri"] = json!("urn:a b");
    for (response, code) in [
        (json_answer(200, &good()), "par.failed"),
        (json_answer(201, &without("request_uri")), "par.failed"),
        (json_answer(201, &without("expires_in")), "par.failed"),
        (json_answer(201, &zero), "par.failed"),
        (json_answer(201, &odd), "par.failed"),
        (json_answer(201, &json!({"request_uri": 1, "expires_in": 60})), "par.failed"),
        (json_answer(201, &json!([])), "par.failed"),
        (json_answer(400, &json!({"error": "invalid_request"})), "par.failed"),
        (answer(201, "text/html", "<html>"), "par.failed"),
        (answer(503, "text/html", "<html>"), "par.failed"),
        (answer(302, "text/html", ""), "net.unexpected_redirect"),
    ] {
        let error = pushing(confidential()).finish(&response).expect_err("refused");
        assert_eq!(error.code(), code, "{error}");
        assert_eq!(error.retryable(), response.status() == 503);
    }
}

#[test]
fn a_refused_proof_is_told_with_the_clock() {
    // T-17
    let refused = |error: &str, ahead: i64| {
        let answer = json_answer(400, &json!({"error": error, "error_description": "iat"}));
        let error = pushing(confidential()).finish(&answer).expect_err("refused");
        error.knowing(Some(crate::ClockSkew::between(ahead, 0)))
    };
    assert_eq!(refused("invalid_dpop_proof", 9).code(), "par.failed");
    assert_eq!(refused("invalid_request", 3_480).code(), "par.failed");
    let error = refused("invalid_dpop_proof", -3_480);
    assert_eq!(error.code(), "dpop.clock");
    assert!(error.hint().contains("58 minutes slow") && error.to_string().contains("“iat”"), "{error}");
}

#[test]
fn what_was_sent_does_not_come_back() {
    // HP-TK-06
    let body = json!({"error": "invalid_request", "error_description": "secret CANARY_SECRET is wrong"});
    let error = pushing(confidential()).finish(&json_answer(400, &body)).expect_err("refused");
    assert!(!format!("{error} {error:?}").contains("CANARY"), "{error}");
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(body in "[ -~]{0,80}", uri in ".{0,40}") {
        let _ = read(&answer(201, "application/json", body), &Scrub::default());
        let _ = read(&json_answer(201, &json!({"request_uri": uri, "expires_in": 9})), &Scrub::default());
    }
}
