use proptest::prelude::*;

use super::*;
use crate::Fault;
use crate::test_provider::{answer, json_answer, metadata};

const REDIRECT: &str = "http://127.0.0.1:21847/cb/x";

fn open() -> Metadata {
    metadata(|d| drop(d.insert("registration_endpoint".into(), "https://op.example/register".into())))
}

fn wanted() -> ClientMetadata {
    ClientMetadata {
        client_name: "Doorkey".into(),
        redirect_uris: vec![Url::parse(REDIRECT).expect("a URL")],
        scopes: vec!["openid".into()],
        device_grant: true,
        dpop: false,
    }
}

fn registration() -> Registration {
    Registration::begin(&open(), wanted(), Some(AccessToken::new("CANARY_IAT".into()))).expect("offered")
}

fn finish(body: &Value) -> Result<Registered, &'static str> {
    registration().finish(&open(), &json_answer(201, body)).map_err(|error| error.code())
}

#[test]
fn a_native_application_is_registered() {
    // HP-43, RFC 7591 section 3.1
    let request = registration().request();
    assert_eq!(request.uri().to_string(), "https://op.example/register");
    assert_eq!(request.headers()["authorization"], "Bearer CANARY_IAT");
    assert!(request.headers()["authorization"].is_sensitive());
    let body: Value = serde_json::from_slice(request.body()).expect("JSON");
    assert_eq!(
        body,
        json!({"client_name": "Doorkey", "application_type": "native", "redirect_uris": [REDIRECT],
            "response_types": ["code"], "token_endpoint_auth_method": "none", "scope": "openid",
            "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"]})
    );
}

#[test]
fn what_was_registered_makes_a_client() {
    let registered = finish(&json!({"client_id": "c-9", "redirect_uris": [REDIRECT], "client_secret": "CANARY_S",
        "client_secret_expires_at": 0, "token_endpoint_auth_method": "client_secret_post", "scope": "openid mail",
        "registration_client_uri": "https://op.example/register/c-9", "registration_access_token": "CANARY_RAT"}))
    .expect("good");
    assert_eq!(registered.settings.client_id, "c-9");
    assert_eq!(registered.settings.client_auth, Some(ClientAuthMethod::Post));
    assert_eq!(registered.settings.scopes, ["openid", "mail"]);
    assert_eq!(registered.client_secret_expires_at, None, "0 means never");
    assert_eq!(registered.management.as_ref().expect("there").0.as_str(), "https://op.example/register/c-9");
    assert!(!format!("{registered:?}").contains("CANARY"), "{registered:?}");
    let public = finish(&json!({"client_id": "c-9"})).expect("the least there is");
    assert_eq!((public.settings.client_auth, public.settings.scopes), (None, vec!["openid".to_owned()]));
}

#[test]
fn a_client_that_could_not_sign_in_is_refused() {
    // RFC 7591 section 3.2.1: the provider may change what was asked.
    for (body, code) in [
        (json!({}), "registration.bad_answer"),
        (json!([]), "registration.bad_answer"),
        (json!({"client_id": 7}), "registration.bad_answer"),
        (json!({"client_id": "a\nb"}), "config.bad_client_id"),
        (json!({"client_id": "c", "redirect_uris": ["https://evil.example/"]}), "registration.not_as_asked"),
        (json!({"client_id": "c", "token_endpoint_auth_method": "tls_client_auth"}), "registration.not_as_asked"),
        (json!({"client_id": "c", "token_endpoint_auth_method": "client_secret_basic"}), "registration.not_as_asked"),
        (
            json!({"client_id": "c", "registration_client_uri": "http://evil.example/", "registration_access_token": "t"}),
            "registration.bad_answer",
        ),
    ] {
        assert_eq!(finish(&body).map(drop), Err(code), "{body}");
    }
}

#[test]
fn refusals_are_told_without_the_token() {
    // HP-TK-06
    let body = json!({"error": "invalid_redirect_uri", "error_description": "CANARY_IAT"});
    let error = registration().finish(&open(), &json_answer(400, &body)).map(drop).expect_err("refused");
    assert_eq!(error.code(), "registration.refused");
    assert!(!format!("{error} {error:?}").contains("CANARY"), "{error}");
    for (response, code) in [
        (answer(401, "text/html", "<h1>"), "registration.refused"),
        (answer(201, "text/html", "<h1>"), "registration.bad_answer"),
        (answer(302, "text/html", ""), "net.unexpected_redirect"),
    ] {
        assert_eq!(registration().finish(&open(), &response).map(drop).expect_err("refused").code(), code);
    }
}

#[test]
fn only_addresses_of_this_computer_are_registered() {
    // NAT-02
    for uris in [vec![], vec!["https://op.example/cb"], vec![REDIRECT, "http://op.example/cb"], vec!["app://cb"]] {
        let redirect_uris = uris.iter().map(|uri| Url::parse(uri).expect("a URL")).collect();
        let error = Registration::begin(&open(), ClientMetadata { redirect_uris, ..wanted() }, None).map(drop);
        assert_eq!(error, Err(RegistrationError::BadRedirect));
    }
    let closed = Registration::begin(&metadata(|_| {}), wanted(), None).map(drop);
    assert_eq!(closed, Err(RegistrationError::NotOffered));
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(body in "[ -~]{0,80}", id in ".{0,30}", uri in ".{0,30}") {
        let _ = registration().finish(&open(), &answer(201, "application/json", body));
        let _ = finish(&json!({"client_id": id, "registration_client_uri": uri, "registration_access_token": "t"}));
    }
}
