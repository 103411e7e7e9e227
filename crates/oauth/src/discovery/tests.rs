use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::test_provider::{ISSUER, answer, document, json_answer, metadata};
use crate::{Fault, SigningAlg};

fn issuer(text: &str) -> Issuer {
    Issuer::parse(text).expect("an issuer")
}

fn finish(response: &Response) -> Result<Metadata, DiscoveryError> {
    let issuer = issuer(ISSUER);
    let [url, _] = metadata_urls(&issuer);
    finish_discovery(&issuer, &url, response)
}

/// The error after one member was changed; a member set to nothing is removed.
fn fault(member: &str, value: Option<Value>) -> DiscoveryError {
    let mut document = document();
    match value {
        Some(value) => document.insert(member.into(), value),
        None => document.remove(member),
    };
    finish(&json_answer(200, &Value::Object(document))).expect_err(member)
}

#[test]
fn the_document_is_looked_for_where_both_standards_say() {
    // META-02
    for (text, oidc, oauth) in [
        (
            "https://op.example",
            "https://op.example/.well-known/openid-configuration",
            "https://op.example/.well-known/oauth-authorization-server",
        ),
        (
            "https://op.example/",
            "https://op.example/.well-known/openid-configuration",
            "https://op.example/.well-known/oauth-authorization-server",
        ),
        (
            "https://op.example:8443/t/1",
            "https://op.example:8443/t/1/.well-known/openid-configuration",
            "https://op.example:8443/.well-known/oauth-authorization-server/t/1",
        ),
        (
            "https://op.example/t/1/",
            "https://op.example/t/1/.well-known/openid-configuration",
            "https://op.example/.well-known/oauth-authorization-server/t/1",
        ),
    ] {
        let [first, second] = metadata_urls(&issuer(text));
        assert_eq!((first.as_str(), second.as_str()), (oidc, oauth), "{text}");
    }
}

#[test]
fn a_good_document_is_read() {
    // HP-17, HP-18: the endpoints are those of the document.
    let metadata = finish(&json_answer(200, &Value::Object(document()))).expect("good");
    assert_eq!(metadata.issuer.as_str(), ISSUER);
    assert_eq!(metadata.token_endpoint.as_str(), "https://op.example/token");
    assert_eq!(metadata.jwks_uri.as_deref().map(Url::as_str), Some("https://op.example/jwks"));
    assert!(metadata.device_authorization_endpoint.is_none());
    assert!(!metadata.authorization_response_iss_parameter_supported);
    assert_eq!(metadata.raw["token_endpoint"], "https://op.example/token");
}

#[test]
fn a_minimal_document_gets_the_defaults() {
    // META-05
    let minimal = json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://op.example/a",
        "token_endpoint": "https://op.example/t",
        "registration_endpoint": null,
    });
    let metadata = finish(&json_answer(200, &minimal)).expect("good");
    assert_eq!(metadata.token_endpoint_auth_methods_supported, ["client_secret_basic"]);
    assert_eq!(metadata.id_token_algs(), [SigningAlg::Rs256]);
    assert_eq!(metadata.code_challenge_methods_supported, None);
}

#[test]
fn algorithms_are_those_told_and_known() {
    // IDT-06: `none` and HS256 in the list change nothing.
    let metadata =
        metadata(|d| drop(d.insert("id_token_signing_alg_values_supported".into(), json!(["none", "HS256", "ES256"]))));
    assert_eq!(metadata.id_token_algs(), [SigningAlg::Es256]);
}

#[test]
fn another_status_is_told_by_its_kind() {
    // D-04, D-05, META-04
    for (status, code, next, retry) in [
        (404, "discovery.not_found", true, false),
        (410, "discovery.not_found", true, false),
        (403, "discovery.not_found", true, false),
        (500, "discovery.unavailable", false, true),
        (429, "discovery.unavailable", false, true),
        (204, "discovery.bad_document", false, false),
    ] {
        let error = finish(&answer(status, "application/json", "{}")).expect_err("refused");
        assert_eq!((error.code(), error.try_next(), error.retryable()), (code, next, retry), "{status}");
    }
    let [first, second] = metadata_urls(&issuer(ISSUER));
    let nowhere = finish(&answer(404, "text/plain", "")).expect_err("refused").nor_at(&second);
    assert_eq!(nowhere.to_string(), format!("There is no sign-in description at {first} (HTTP 404), nor at {second}."));
}

#[test]
fn a_network_that_asks_for_a_sign_in_of_its_own_is_told_as_such() {
    // D-06, RFC 6585 section 6
    let mut elsewhere = answer(302, "text/html", "");
    elsewhere.headers_mut().insert("location", "http://wifi.example/login".parse().expect("a value"));
    for response in [answer(511, "text/html", "<h1>"), answer(200, "text/html", "<title>Hotel"), elsewhere] {
        let hint = finish(&response).expect_err("refused").hint();
        assert!(hint.contains("his network asks for a sign-in of its own"), "{hint}");
    }
}

#[test]
fn a_web_page_is_named_by_its_title() {
    // D-06, also when it calls itself JSON.
    for media in ["text/html", "application/json"] {
        let error = finish(&answer(200, media, "<html><title>Wifi log-in</title>")).expect_err("refused");
        assert_eq!(error.code(), "discovery.not_json");
        assert!(error.to_string().contains("“Wifi log-in”"), "{error}");
        assert!(error.try_next());
    }
}

#[test]
fn a_redirect_is_told_and_not_followed() {
    // D-07
    let mut response = answer(302, "text/html", "");
    response.headers_mut().insert("location", "https://new.example/?x=1".parse().expect("a header"));
    let error = finish(&response).expect_err("refused");
    assert_eq!(error.code(), "discovery.redirected");
    assert!(error.to_string().contains("`https://new.example/`"), "{error}");
}

#[test]
fn the_issuer_is_compared_byte_for_byte() {
    // META-01, HP-19, HP-62, D-08, D-09
    for (got, only_slash) in [
        ("https://op.exampleINVALID", false),
        ("https://op.example/", true),
        ("https://OP.example", false),
        ("https://op.example:443", false),
        ("https://example.com", false),
        ("http://op.example", false),
        ("https://op.example//", false),
        ("", false),
    ] {
        match fault("issuer", Some(got.into())) {
            DiscoveryError::IssuerMismatch { expected, got: told, only_slash: slash } => {
                assert_eq!((expected.as_str(), told.as_str(), slash), (ISSUER, got, only_slash));
            }
            other => panic!("{got}: {other}"),
        }
    }
    let error = fault("issuer", Some("https://op.example/".into()));
    assert_eq!(error.hint(), "Only the slash at the end differs: use `https://op.example/` as the issuer.");
    for value in [None, Some(json!(1)), Some(json!([ISSUER])), Some(Value::Null)] {
        assert_eq!(fault("issuer", value).code(), "discovery.bad_document");
    }
}

#[test]
fn a_slash_in_the_issuer_is_kept() {
    // HP-02's sibling: providers whose issuer ends in a slash.
    let mut document = document();
    document.insert("issuer".into(), "https://op.example/".into());
    let metadata = parse_metadata(&issuer("https://op.example/"), Value::Object(document).to_string().as_bytes());
    assert_eq!(metadata.expect("good").issuer.as_str(), "https://op.example/");
}

#[test]
fn a_pattern_for_many_tenants_is_no_issuer() {
    // D-10
    let error = fault("issuer", Some("https://login.microsoftonline.com/{tenantid}/v2.0".into()));
    assert_eq!(error.code(), "discovery.issuer_template");
}

#[test]
fn endpoints_that_must_not_be_used_are_named() {
    // D-11, META-06, CORE-01
    for value in [
        json!(7),
        json!("/token"),
        json!("http://op.example/token"),
        json!("https://op.example/token#x"),
        json!("javascript:alert(1)"),
        json!("file:///etc/passwd"),
        json!("--flag"),
        json!(""),
        json!({}),
    ] {
        for field in ["token_endpoint", "authorization_endpoint", "jwks_uri", "end_session_endpoint"] {
            let error = fault(field, Some(value.clone()));
            assert_eq!(error.code(), "discovery.bad_endpoint", "{value}");
            assert!(error.to_string().contains(field), "{error}");
        }
    }
    assert_eq!(fault("token_endpoint", None).code(), "discovery.bad_endpoint");
    assert_eq!(fault("authorization_endpoint", Some(Value::Null)).code(), "discovery.bad_endpoint");
}

#[test]
fn keys_may_be_on_another_host_over_https() {
    // J-11, D-11
    let metadata = metadata(|d| drop(d.insert("jwks_uri".into(), "https://keys.example/certs".into())));
    assert_eq!(metadata.jwks_uri.as_deref().and_then(Url::host_str), Some("keys.example"));
}

#[test]
fn pkce_without_s256_is_refused_and_silence_is_not() {
    // PKCE-03, D-12
    for offered in [json!(["plain"]), json!([]), json!(["s256"])] {
        let error = fault("code_challenge_methods_supported", Some(offered));
        assert_eq!(error.code(), "discovery.pkce_s256_unsupported");
    }
    drop(metadata(|d| drop(d.remove("code_challenge_methods_supported"))));
}

#[test]
fn the_code_flow_must_be_offered() {
    // D-13
    let error = fault("response_types_supported", Some(json!(["id_token", "code id_token"])));
    assert_eq!(error.code(), "discovery.no_code_flow");
    assert!(error.to_string().contains("id_token, code id_token"), "{error}");
}

#[test]
fn an_algorithm_must_be_usable() {
    // D-14
    for offered in [json!(["HS256"]), json!(["none"]), json!(["XY512"])] {
        assert_eq!(fault("id_token_signing_alg_values_supported", Some(offered)).code(), "discovery.no_usable_alg");
    }
}

#[test]
fn an_address_that_moved_is_told_and_is_no_reason_to_refuse() {
    // D-17
    use crate::CheckOutcome::{Passed, Warned};
    let before = metadata(|_| {});
    let outcomes = |now: &Metadata| crate::check_moved(&before, now).iter().map(|it| it.outcome).collect::<Vec<_>>();
    assert_eq!(outcomes(&before), [Passed, Passed, Passed]);
    let moved = metadata(|d| drop(d.insert("token_endpoint".into(), "https://other.example/token".into())));
    assert_eq!(outcomes(&moved), [Passed, Warned, Passed]);
    let told = &crate::check_moved(&before, &moved)[1];
    assert_eq!(
        (told.expected.as_str(), told.got.as_str()),
        ("https://op.example/token", "https://other.example/token")
    );
    assert_eq!(outcomes(&metadata(|d| drop(d.remove("jwks_uri")))), [Passed, Passed, Warned]);
}

#[test]
fn lists_and_flags_have_their_type() {
    for (field, value) in [
        ("scopes_supported", json!("openid")),
        ("code_challenge_methods_supported", json!("S256")),
        ("response_types_supported", json!([1])),
        ("authorization_response_iss_parameter_supported", json!("true")),
    ] {
        let error = fault(field, Some(value));
        assert_eq!(error.code(), "discovery.bad_document");
        assert!(error.to_string().contains(field), "{error}");
    }
}

#[test]
fn documents_that_are_no_object_or_cannot_be_read_are_told_apart() {
    // D-15, D-16
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    for (body, expected) in [
        ("[]".to_owned(), DiscoveryError::NotObject { got: "a list" }),
        ("null".to_owned(), DiscoveryError::NotObject { got: "null" }),
        ("\"x\"".to_owned(), DiscoveryError::NotObject { got: "text" }),
        (deep, DiscoveryError::TooDeep { limit: 32 }),
        (" ".repeat(512 * 1024 + 1), DiscoveryError::TooLarge { limit: 512 * 1024 }),
        ("{\"issuer\":1,\"issuer\":2}".to_owned(), DiscoveryError::DuplicateMember { name: "issuer".into() }),
        ("{\"x\":1e999}".to_owned(), DiscoveryError::BadNumber { name: "x".into() }),
        ("{\"issuer\":".to_owned(), DiscoveryError::NotJson { line: 1, column: 10 }),
    ] {
        assert_eq!(finish(&answer(200, "application/json", body)).expect_err("refused"), expected);
    }
    let bad_utf8 = finish(&answer(200, "application/json", *b"{\"a\":\"\xff\"}"));
    assert_eq!(bad_utf8.expect_err("refused"), DiscoveryError::BadUtf8);
    let with_bom = format!("\u{feff}{}", Value::Object(document()));
    assert!(finish(&answer(200, "application/json", with_bom)).is_ok(), "a byte order mark is accepted");
}

#[test]
fn hostile_words_are_cut_and_cleaned() {
    // I-22's rule for documents
    let error = fault("issuer", Some(format!("\u{1b}]52;{}", "x".repeat(10_000)).into()));
    let text = error.to_string();
    assert!(text.chars().count() < 400 && !text.contains('\u{1b}'), "{text}");
}

proptest! {
    #[test]
    fn no_document_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..300), status in 100_u16..600) {
        let _ = finish(&answer(status, "application/json", body));
    }

    #[test]
    fn no_member_makes_it_panic(field in prop::sample::select(document().keys().cloned().collect::<Vec<_>>()), text in ".{0,60}") {
        let mut document = document();
        document.insert(field, text.into());
        let _ = finish(&json_answer(200, &Value::Object(document)));
    }

    #[test]
    fn no_issuer_makes_it_panic(text in ".{0,60}") {
        if let Ok(typed) = crate::TypedIssuer::parse(&text) {
            for candidate in typed.candidates() {
                let _ = metadata_urls(&candidate);
            }
        }
        let _ = Issuer::parse(&format!("https://{text}")).map(|issuer| metadata_urls(&issuer));
    }
}

#[test]
fn endpoints_given_by_hand_are_judged_like_a_document() {
    // D-05, D-11, IDT-23
    let issuer = Issuer::parse("https://github.com").expect("an issuer");
    let endpoints = ManualEndpoints {
        authorization_endpoint: "https://github.com/login/oauth/authorize".into(),
        token_endpoint: "https://github.com/login/oauth/access_token".into(),
        userinfo_endpoint: Some("https://api.github.com/user".into()),
        ..ManualEndpoints::default()
    };
    let metadata = manual_metadata(&issuer, &endpoints).expect("good");
    assert_eq!(metadata.userinfo_endpoint.as_ref().map(|e| e.as_str()), Some("https://api.github.com/user"));
    assert!(metadata.jwks_uri.is_none());
    for bad in ["", "http://github.com/t", "javascript:x", "/token"] {
        let endpoints = ManualEndpoints { token_endpoint: bad.into(), ..endpoints.clone() };
        assert_eq!(manual_metadata(&issuer, &endpoints).map(drop).expect_err(bad).code(), "discovery.bad_endpoint");
    }
}
