use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::*;
use crate::test_provider::{CLIENT, client, metadata};
use crate::{ClientSecret, Fault};

pub(crate) const REDIRECT: &str = "http://127.0.0.1:4567/cb/k3j9x2ma";

fn entropy() -> Entropy {
    Entropy { state: [1; 32], nonce: [2; 32], verifier: [3; 32] }
}

fn begin(client: ClientSettings, ask: &Ask) -> Result<(SignIn, Url), BeginError> {
    let redirect = Url::parse(REDIRECT).expect("a URL");
    SignIn::begin(&metadata(|_| {}), client, redirect, entropy(), ask)
}

fn url(client: ClientSettings, ask: &Ask) -> Url {
    begin(client, ask).expect("begins").1
}

fn params(url: &Url) -> HashMap<String, String> {
    url.query_pairs().into_owned().collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What one attempt sends: to the browser, and later to the token endpoint.
fn sent(entropy: Entropy) -> HashMap<String, String> {
    let redirect = Url::parse(REDIRECT).expect("a URL");
    let (sign_in, url) =
        SignIn::begin(&metadata(|_| {}), client(), redirect, entropy, &Ask::default()).expect("begins");
    let mut sent = params(&url);
    let Callback::Ours(answer) = sign_in.judge(&format!("code=c&state={}", sent["state"])) else { panic!("ours") };
    let (request, _) = sign_in.accept(answer).expect("a code");
    sent.extend(url::form_urlencoded::parse(request.body()).into_owned());
    sent
}

#[test]
fn the_request_carries_what_the_standards_ask() {
    // IDT-01, NAT-07, CORE-05
    let url = url(client(), &Ask::default());
    assert!(url.as_str().starts_with("https://op.example/authorize?"));
    let params = params(&url);
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT),
        ("scope", "openid profile"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(params.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert_eq!(params["state"].len(), 43);
    assert_eq!(params["nonce"].len(), 43);
    assert_ne!(params["state"], params["nonce"]);
    assert!(!params.contains_key("code_verifier"));
}

#[test]
fn pkce_is_s256_of_the_verifier() {
    // PKCE-02: RFC 7636 appendix B.
    let bytes = URL_SAFE_NO_PAD.decode("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").expect("base64url");
    let verifier = bytes.try_into().expect("32 bytes");
    let redirect = Url::parse(REDIRECT).expect("a URL");
    let entropy = Entropy { verifier, ..entropy() };
    let (_, url) = SignIn::begin(&metadata(|_| {}), client(), redirect, entropy, &Ask::default()).expect("begins");
    assert_eq!(params(&url)["code_challenge"], "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

proptest! {
    #[test]
    fn every_attempt_has_a_verifier_of_its_own(
        state: [u8; 32], nonce: [u8; 32], verifier: [u8; 32], which in 0_usize..32, by in 1_u8..=255,
    ) {
        // PKCE-01: RFC 7636 section 4.1.
        let first = sent(Entropy { state, nonce, verifier });
        let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        let text = &first["code_verifier"];
        prop_assert!((43..=128).contains(&text.len()) && text.bytes().all(unreserved), "{}", text);
        // PKCE-02: section 4.2.
        prop_assert_eq!(&first["code_challenge"], &URL_SAFE_NO_PAD.encode(Sha256::digest(text)));
        // PKCE-01: one bit of the random bytes makes another attempt.
        let other = |mut bytes: [u8; 32]| { bytes[which] ^= by; bytes };
        let second = sent(Entropy { state: other(state), nonce: other(nonce), verifier: other(verifier) });
        for name in ["state", "nonce", "code_verifier", "code_challenge"] {
            prop_assert_ne!(&first[name], &second[name], "{}", name);
        }
    }
}

#[test]
fn the_endpoints_own_query_is_kept() {
    // CORE-01, A-04
    let metadata =
        metadata(|d| drop(d.insert("authorization_endpoint".into(), json!("https://op.example/a?tenant=a%2Fb"))));
    let redirect = Url::parse(REDIRECT).expect("a URL");
    let (_, url) = SignIn::begin(&metadata, client(), redirect, entropy(), &Ask::default()).expect("begins");
    assert!(url.as_str().starts_with("https://op.example/a?tenant=a%2Fb&response_type=code&"), "{url}");
}

#[test]
fn an_endpoint_that_brings_our_parameters_is_refused() {
    // CORE-01: no parameter twice, above all not a foreign redirect_uri.
    let metadata = metadata(|d| {
        let endpoint = "https://op.example/a?redirect_uri=https://evil.example";
        d.insert("authorization_endpoint".into(), endpoint.into());
    });
    let redirect = Url::parse(REDIRECT).expect("a URL");
    let error = SignIn::begin(&metadata, client(), redirect, entropy(), &Ask::default()).expect_err("refused");
    assert_eq!(error, BeginError::ParameterTwice { name: "redirect_uri".into() });
}

#[test]
fn audience_resources_and_parameters_are_sent() {
    // RES-01, RES-02
    let settings = ClientSettings {
        audience: Some("https://api.example/".into()),
        resources: vec!["https://r1.example/".into(), "https://r2.example/".into()],
        params: pairs(&[("organization", "org_1"), ("acr_values", "a b")]),
        ..client()
    };
    let url = url(settings, &Ask::default());
    let resources: Vec<_> = url.query_pairs().filter(|(name, _)| name == "resource").map(|(_, v)| v).collect();
    assert_eq!(resources, ["https://r1.example/", "https://r2.example/"]);
    assert_eq!(params(&url)["audience"], "https://api.example/");
    assert_eq!(params(&url)["organization"], "org_1");
    assert_eq!(params(&url)["acr_values"], "a b");
}

#[test]
fn this_times_words_go_over_the_profiles() {
    let settings = ClientSettings {
        params: pairs(&[("prompt", "consent"), ("ui_locales", "de"), ("login_hint", "a")]),
        ..client()
    };
    let ask = Ask {
        prompt: Some("login".into()),
        login_hint: None,
        params: pairs(&[("ui_locales", "fr"), ("login_hint", "")]),
    };
    let params = params(&url(settings, &ask));
    assert_eq!((params["prompt"].as_str(), params["ui_locales"].as_str()), ("login", "fr"));
    assert!(!params.contains_key("login_hint"), "an empty value counts as absent");
}

#[test]
fn a_scope_is_asked_once() {
    let scopes = ["openid", "offline_access", "openid"].map(str::to_owned).to_vec();
    assert_eq!(params(&url(ClientSettings { scopes, ..client() }, &Ask::default()))["scope"], "openid offline_access");
}

#[test]
fn parameters_of_this_time_cannot_shadow_ours_either() {
    // F-07
    let ask = Ask { params: pairs(&[("state", "x")]), ..Ask::default() };
    assert_eq!(begin(client(), &ask).expect_err("refused").code(), "config.reserved_parameter");
    let twice = ClientSettings { audience: Some("a".into()), params: pairs(&[("audience", "b")]), ..client() };
    assert_eq!(begin(twice, &Ask::default()).expect_err("refused").code(), "config.bad_parameter");
}

#[test]
fn a_request_that_is_too_long_is_refused() {
    //
    let scopes = (0..2000).map(|n| format!("scope{n}")).collect();
    let error = begin(ClientSettings { scopes, ..client() }, &Ask::default()).expect_err("refused");
    assert_eq!(error.code(), "config.request_too_long");
}

#[test]
fn redirects_leave_no_computer() {
    // NAT-02, F-02
    for redirect in [
        "https://127.0.0.1:1/cb",
        "http://op.example/cb",
        "http://127.0.0.1:1/cb#x",
        "http://127.0.0.1:1/cb?x",
        "http://u@127.0.0.1:1/cb",
        "javascript:alert(1)",
    ] {
        let redirect = Url::parse(redirect).expect("a URL");
        let error = SignIn::begin(&metadata(|_| {}), client(), redirect, entropy(), &Ask::default());
        assert_eq!(error.expect_err("refused").code(), "config.bad_redirect");
    }
    for redirect in ["http://[::1]:1/cb", "http://localhost:1/cb"] {
        let redirect = Url::parse(redirect).expect("a URL");
        assert!(SignIn::begin(&metadata(|_| {}), client(), redirect, entropy(), &Ask::default()).is_ok());
    }
}

#[test]
fn a_secret_needs_a_way_both_sides_know() {
    // HP-30
    let metadata =
        metadata(|d| drop(d.insert("token_endpoint_auth_methods_supported".into(), json!(["private_key_jwt"]))));
    let secret = ClientSettings { client_secret: Some(ClientSecret::new("s3cret".into())), ..client() };
    let redirect = Url::parse(REDIRECT).expect("a URL");
    let error = SignIn::begin(&metadata, secret, redirect.clone(), entropy(), &Ask::default()).expect_err("refused");
    assert_eq!(error.code(), "config.client_auth_unsupported");
    assert!(SignIn::begin(&metadata, client(), redirect, entropy(), &Ask::default()).is_ok(), "a public client");
}

/// S-40: a whole attempt is printed with `{:?}` | no secret of it
#[test]
fn nothing_secret_is_in_its_debug() {
    // S-40
    let secret = ClientSettings { client_secret: Some(ClientSecret::new("CANARY_SECRET".into())), ..client() };
    let (sign_in, url) = begin(secret, &Ask::default()).expect("begins");
    let debug = format!("{sign_in:?} {:?}", entropy());
    assert!(!debug.contains("CANARY"), "{debug}");
    assert!(!debug.contains(&params(&url)["state"]), "{debug}");
    assert!(!debug.contains(&URL_SAFE_NO_PAD.encode([3; 32])), "{debug}");
}

#[test]
fn what_was_asked_goes_on_to_the_checks() {
    // IDT-12: of the profile and of this time, read as they are sent.
    let settings = ClientSettings {
        params: pairs(&[("max_age", "3600"), ("organization", "org_1"), ("acr_values", "a")]),
        ..client()
    };
    let ask = Ask { params: pairs(&[("max_age", "0"), ("organization", "")]), ..Ask::default() };
    let (sign_in, url) = begin(settings, &ask).expect("begins");
    assert_eq!(params(&url)["max_age"], "0");
    assert_eq!(sign_in.asked().max_age, Some(0));
    assert_eq!(sign_in.asked().acr_values, ["a"]);
    assert_eq!(sign_in.asked().organization, None, "left out this time");
    let ask = Ask { params: pairs(&[("max_age", "soon")]), ..Ask::default() };
    assert_eq!(begin(client(), &ask).expect_err("refused").code(), "config.bad_parameter");
}

#[test]
fn parameters_of_products_are_passed_on() {
    for (name, value) in [
        ("screen_hint", "signup"),
        ("invitation", "t1cket"),
        ("connection", "google-oauth2"),
        ("connection_scope", "a,b"),
        ("access_type", "offline"),
        ("ui_locales", "de en"),
        ("ext-theme", "dark"),
    ] {
        let ask = Ask { params: pairs(&[(name, value)]), ..Ask::default() };
        assert_eq!(params(&url(client(), &ask))[name], value);
    }
}

#[test]
fn a_form_is_asked_for_where_the_provider_offers_it() {
    // HP-34, HP-35
    let form = ClientSettings { response_mode: ResponseMode::FormPost, ..client() };
    assert_eq!(begin(form.clone(), &Ask::default()).expect_err("refused").code(), "config.response_mode_unsupported");
    let metadata = metadata(|d| drop(d.insert("response_modes_supported".into(), json!(["query", "form_post"]))));
    let redirect = Url::parse(REDIRECT).expect("a URL");
    let (sign_in, url) = SignIn::begin(&metadata, form, redirect, entropy(), &Ask::default()).expect("begins");
    assert_eq!(params(&url)["response_mode"], "form_post");
    assert_eq!(sign_in.response_mode(), ResponseMode::FormPost);
}

#[test]
fn the_code_is_bound_to_the_key_from_the_start() {
    // DPOP-06
    let key = crate::DpopKey::of_random([7; 32]).expect("a key");
    let settings = ClientSettings { dpop: Some(key.clone()), ..client() };
    assert_eq!(params(&url(settings.clone(), &Ask::default()))["dpop_jkt"], key.thumbprint());
    let metadata = metadata(|d| drop(d.insert("dpop_signing_alg_values_supported".into(), json!(["RS256"]))));
    let redirect = Url::parse(REDIRECT).expect("a URL");
    let error = SignIn::begin(&metadata, settings, redirect, entropy(), &Ask::default()).expect_err("refused");
    assert_eq!(error.code(), "config.dpop_unsupported");
}

#[test]
fn the_management_api_of_another_tenant_is_not_asked_for() {
    let document = serde_json::json!({
        "issuer": "https://one.auth0.com/",
        "authorization_endpoint": "https://one.auth0.com/authorize",
        "token_endpoint": "https://one.auth0.com/oauth/token",
    });
    let issuer = crate::Issuer::parse("https://one.auth0.com/").expect("an issuer");
    let metadata = crate::parse_metadata(&issuer, document.to_string().as_bytes()).expect("good");
    let begin = |audience: &str| {
        let settings = ClientSettings { audience: Some(audience.into()), ..client() };
        SignIn::begin(&metadata, settings, Url::parse(REDIRECT).expect("a URL"), entropy(), &Ask::default())
    };
    assert!(begin("https://one.auth0.com/api/v2/").is_ok());
    assert_eq!(begin("https://two.auth0.com/api/v2/").map(drop).expect_err("mixed").code(), "config.mixed_domains");
}
