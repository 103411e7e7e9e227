use serde_json::json;

use super::*;
use crate::test_provider::{ISSUER, answer, client, document, json_answer, metadata};
use crate::{ClientSecret, Issuer, parse_metadata};

fn revocation() -> Revocation {
    let token = RevocableToken::Refresh(RefreshToken::new("CANARY_RT".into()));
    Revocation::begin(&metadata(|_| {}), &client(), token).expect("offered")
}

fn form(request: &Request) -> Vec<(String, String)> {
    url::form_urlencoded::parse(request.body()).into_owned().collect()
}

fn has(request: &Request, name: &str, value: &str) -> bool {
    form(request).iter().any(|(n, v)| n == name && v == value)
}

#[test]
fn the_request_names_the_token_and_its_kind() {
    // REV-01
    let request = revocation().request();
    assert_eq!(request.uri().to_string(), "https://op.example/revoke");
    assert!(has(&request, "token", "CANARY_RT") && has(&request, "token_type_hint", "refresh_token"));
    assert!(has(&request, "client_id", "client-1"));
    let access = RevocableToken::Access(AccessToken::new("at".into()));
    let secret = ClientSettings { client_secret: Some(ClientSecret::new("s".into())), ..client() };
    let request = Revocation::begin(&metadata(|_| {}), &secret, access).expect("offered").request();
    assert!(has(&request, "token_type_hint", "access_token") && request.headers().contains_key("authorization"));
}

#[test]
fn a_loopback_endpoint_keeps_its_scheme() {
    let mut document = document();
    document.retain(|name, _| !name.ends_with("_endpoint") && name != "jwks_uri");
    for name in ["issuer", "authorization_endpoint", "token_endpoint", "revocation_endpoint"] {
        document.insert(name.into(), "http://127.0.0.1:4000".into());
    }
    let issuer = Issuer::parse("http://127.0.0.1:4000").expect("an issuer");
    let metadata = parse_metadata(&issuer, json!(document).to_string().as_bytes()).expect("good");
    let token = RevocableToken::Refresh(RefreshToken::new("rt".into()));
    let request = Revocation::begin(&metadata, &client(), token).expect("offered").request();
    assert_eq!(request.uri().to_string(), "http://127.0.0.1:4000/");
    assert_ne!(ISSUER, issuer.as_str());
}

#[test]
fn success_includes_unknown_tokens() {
    // REV-02
    for response in [answer(200, "text/html", ""), answer(200, "application/json", "{}"), answer(204, "", "")] {
        assert_eq!(revocation().finish(&response), Ok(()));
    }
}

#[test]
fn a_busy_provider_means_the_token_is_alive() {
    // REV-02, R-26
    let mut response = answer(503, "text/html", "<h1>down");
    response.headers_mut().insert("retry-after", "9".parse().expect("a header"));
    let error = revocation().finish(&response).expect_err("not told");
    assert_eq!(error, RevocationError::Later { status: 503, retry_after: Some(9) });
    assert!(error.retryable());
}

#[test]
fn refusals_are_told_without_the_token() {
    // REV-02, HP-TK-06
    let error = revocation().finish(&json_answer(400, &json!({"error": "unsupported_token_type"})));
    assert_eq!(error, Err(RevocationError::UnsupportedTokenType));
    let body = json!({"error": "invalid_client", "error_description": "token CANARY_RT"});
    let error = revocation().finish(&json_answer(401, &body)).expect_err("refused");
    assert_eq!(error.code(), "token.revocation_refused");
    assert!(!format!("{error} {error:?}").contains("CANARY"), "{error}");
    let error = revocation().finish(&answer(404, "text/html", "<h1>")).expect_err("refused");
    assert!(error.to_string().contains("HTTP 404"), "{error}");
    assert_eq!(revocation().finish(&answer(302, "", "")).expect_err("refused").code(), "net.unexpected_redirect");
}

#[test]
fn a_provider_without_revocation_is_named() {
    let metadata = metadata(|d| drop(d.remove("revocation_endpoint")));
    let token = RevocableToken::Refresh(RefreshToken::new("rt".into()));
    assert_eq!(Revocation::begin(&metadata, &client(), token).expect_err("not offered"), RevocationError::NotOffered);
}
