use base64::Engine as _;
use serde_json::json;

use super::*;
use crate::ClientSecret;
use crate::test_provider::{STATE, VERIFIER, client, exchange as exchange_with, metadata, sign_in};

fn form(request: &Request) -> Vec<(String, String)> {
    url::form_urlencoded::parse(request.body()).into_owned().collect()
}

fn field(request: &Request, name: &str) -> Option<String> {
    form(request).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

#[test]
fn the_request_is_what_the_standard_asks() {
    // CORE-02, CORE-07, PKCE-01
    let (request, _) = exchange_with(&metadata(|_| {}), client(), "c0de");
    assert_eq!(
        (request.method(), request.uri().to_string().as_str()),
        (&http::Method::POST, "https://op.example/token")
    );
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(request.headers()["accept"], "application/json");
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", "c0de"),
        ("redirect_uri", "http://127.0.0.1:4567/cb/x"),
        ("client_id", "client-1"),
        ("code_verifier", VERIFIER),
    ] {
        assert_eq!(field(&request, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(form(&request).len(), 5, "no parameter twice");
    assert!(!request.headers().contains_key("authorization"));
    assert!(!request.headers().contains_key("origin"));
}

#[test]
fn the_endpoints_own_query_and_loopback_http_are_kept() {
    let metadata = metadata(|d| drop(d.insert("token_endpoint".into(), json!("https://op.example/token?p=a%2Fb"))));
    let (request, _) = exchange_with(&metadata, client(), "c");
    assert_eq!(request.uri().to_string(), "https://op.example/token?p=a%2Fb");
}

#[test]
fn a_secret_goes_into_the_header_encoded_first() {
    // CORE-06, HP-29
    let secret = ClientSettings {
        client_id: "my client".into(),
        client_secret: Some(ClientSecret::new("p:% +é".into())),
        ..client()
    };
    let (request, _) = exchange_with(&metadata(|_| {}), secret, "c");
    let header = request.headers()["authorization"].to_str().expect("text").strip_prefix("Basic ").expect("basic");
    let decoded = base64::engine::general_purpose::STANDARD.decode(header).expect("base64");
    assert_eq!(String::from_utf8(decoded).expect("text"), "my+client:p%3A%25+%2B%C3%A9");
    assert!(request.headers()["authorization"].is_sensitive());
    assert_eq!(field(&request, "client_secret"), None, "CORE-07: one way only");
    assert_eq!(field(&request, "client_id"), None);
}

#[test]
fn a_secret_goes_into_the_body_where_only_that_is_offered() {
    // HP-30
    let metadata =
        metadata(|d| drop(d.insert("token_endpoint_auth_methods_supported".into(), json!(["client_secret_post"]))));
    let secret = ClientSettings { client_secret: Some(ClientSecret::new("s&t".into())), ..client() };
    let (request, _) = exchange_with(&metadata, secret, "c");
    assert_eq!(field(&request, "client_secret").as_deref(), Some("s&t"));
    assert_eq!(field(&request, "client_id").as_deref(), Some("client-1"));
    assert!(!request.headers().contains_key("authorization"));
}

#[test]
fn one_resource_is_named_again_and_of_several_none() {
    // RES-01
    let one = ClientSettings { resources: vec!["https://api.example/".into()], ..client() };
    let (request, _) = exchange_with(&metadata(|_| {}), one, "c");
    assert_eq!(field(&request, "resource").as_deref(), Some("https://api.example/"));
    let two = ClientSettings { resources: vec!["https://a.example/".into(), "https://b.example/".into()], ..client() };
    assert_eq!(field(&exchange_with(&metadata(|_| {}), two, "c").0, "resource"), None);
}

#[test]
fn a_first_token_is_made_for_the_resources_that_are_named() {
    // RES-01: RFC 8707 section 2.2
    let two = ClientSettings { resources: vec!["https://a.example/".into(), "https://b.example/".into()], ..client() };
    let aimed = |resources: &[&str]| {
        let target = Target { resources: resources.iter().map(|r| (*r).to_owned()).collect(), audience: None };
        sign_in(&metadata(|_| {}), two.clone()).aimed_at(target)
    };
    let sign_in = aimed(&["https://b.example/"]).expect("asked for");
    let crate::Callback::Ours(answer) = sign_in.judge(&format!("state={STATE}&code=c")) else { panic!("ours") };
    let (request, exchange) = sign_in.accept(answer).expect("a code");
    assert_eq!(field(&request, "resource").as_deref(), Some("https://b.example/"));
    assert_eq!(exchange.asked().resources, ["https://b.example/"]);
    let error = aimed(&["https://c.example/"]).expect_err("never asked for");
    assert_eq!(crate::Fault::code(&error), "config.resource_not_asked");
    assert_eq!(crate::Fault::code(&aimed(&["c"]).expect_err("no URI")), "config.bad_resource");
}

#[test]
fn an_exchange_keeps_the_nonce_and_shows_nothing() {
    let (_, exchange) = exchange_with(&metadata(|_| {}), client(), "CANARY_CODE");
    assert!(exchange.nonce().matches(b"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"));
    let debug = format!("{exchange:?}");
    assert!(!debug.contains("CANARY") && !debug.contains(VERIFIER), "{debug}");
}
