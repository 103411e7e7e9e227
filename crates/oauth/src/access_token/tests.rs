use proptest::prelude::*;
use serde_json::json;
use url::Url;

use super::*;
use crate::test_provider::{CLIENT, ISSUER, NOW, SigningKey};
use crate::{CheckOutcome, Fault};

const TENANT: &str = "https://tenant.eu.auth0.com/";

fn report_of(token: String, issuer: &str, asked: &Asked) -> AccessTokenReport {
    let issuer = Issuer::parse(issuer).expect("an issuer");
    let context = AccessTokenContext { issuer: &issuer, client_id: CLIENT, asked, now: NOW };
    let report = report_access_token(&AccessToken::new(token), &context);
    assert_eq!(report.checks.len(), 9, "every rule, whatever it is");
    assert!(report.checks.iter().all(|check| check.outcome != CheckOutcome::Failed), "AT-02: advice only");
    report
}

fn asked(audience: Option<&str>, scopes: &[&str]) -> Asked {
    Asked {
        audience: audience.map(str::to_owned),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        ..Asked::default()
    }
}

fn good() -> Value {
    json!({"iss": ISSUER, "aud": "https://api.example/", "exp": NOW + 60, "iat": NOW, "sub": "u", "client_id": CLIENT,
        "jti": "j"})
}

fn codes(report: &AccessTokenReport) -> Vec<&'static str> {
    report.notes.iter().map(|note| note.code).collect()
}

/// The codes of the notes on a token of Auth0.
fn auth0(issuer: &str, asked: &Asked, alg: &str, claims: &Value) -> Vec<&'static str> {
    codes(&report_of(SigningKey::rsa().token(&json!({"alg": alg, "typ": "JWT"}), claims), issuer, asked))
}

#[test]
fn a_token_of_the_standard_passes_every_rule() {
    // AT-02
    let token = SigningKey::rsa().token(&json!({"alg": "RS256", "typ": "at+JWT"}), &good());
    let report = report_of(token, ISSUER, &asked(Some("https://api.example/"), &[]));
    assert_eq!(report.kind, AccessTokenKind::Rfc9068);
    for check in &report.checks {
        assert_eq!(check.outcome, CheckOutcome::Passed, "{check:?}");
    }
    assert!(report.notes.is_empty() && report.claims.is_some());
    assert!(!format!("{report:?}").contains("\"jti\": String"), "claims stay out of logs");
}

#[test]
fn what_is_odd_is_told_by_its_rule() {
    // AT-02, AT-03
    for (claim, value) in [
        ("iss", json!("https://other.example")),
        ("aud", json!(CLIENT)),
        ("aud", Value::Null),
        ("exp", json!(NOW - 1)),
        ("exp", json!("soon")),
        ("iat", json!(NOW + 600)),
        ("sub", json!("")),
        ("client_id", json!("other")),
        ("jti", json!(1)),
    ] {
        let mut claims = good();
        claims[claim] = value;
        let token = SigningKey::rsa().token(&json!({"alg": "RS256", "typ": "at+jwt"}), &claims);
        let report = report_of(token, ISSUER, &Asked::default());
        let odd: Vec<_> = report.checks.iter().filter(|check| check.outcome == CheckOutcome::Warned).collect();
        assert_eq!(odd.iter().map(|check| check.name).collect::<Vec<_>>(), [format!("accesstoken.{claim}")]);
    }
}

#[test]
fn other_forms_are_recognised_and_read_no_further() {
    // AT-01: opaque, encrypted and garbage tokens are as good as any.
    let jwe = format!(
        "{}.a.b.c.d",
        SigningKey::rsa()
            .token(&json!({"alg": "dir", "enc": "A256GCM"}), &json!({}))
            .split('.')
            .next()
            .expect("a header")
    );
    for (token, kind) in [
        ("CANARY_AT".to_owned(), AccessTokenKind::Opaque),
        ("a.b.c".to_owned(), AccessTokenKind::Opaque),
        ("...".to_owned(), AccessTokenKind::Opaque),
        ("a.b.c.d.e".to_owned(), AccessTokenKind::Opaque),
        (jwe, AccessTokenKind::Encrypted),
        (SigningKey::rsa().token(&json!({"alg": "RS256"}), &json!({})), AccessTokenKind::OtherJwt),
        (SigningKey::rsa().token(&json!({"alg": "RS256", "typ": "JWT"}), &json!({"azp": "x"})), AccessTokenKind::Auth0),
    ] {
        let report = report_of(token.clone(), ISSUER, &Asked::default());
        assert_eq!(report.kind, kind, "{token}");
        let is_open = report.claims.is_some();
        assert_eq!(is_open, report.checks.iter().any(|check| check.outcome != CheckOutcome::NotApplicable), "{token}");
    }
}

#[test]
fn the_audience_table_is_explained() {
    // RES-02: without an audience the token is good for /userinfo only.
    assert_eq!(
        codes(&report_of("opaque".into(), TENANT, &asked(None, &["openid"]))),
        ["auth0.opaque_without_audience"]
    );
    assert_eq!(
        codes(&report_of("opaque".into(), TENANT, &asked(Some("https://api.example/"), &[]))),
        ["auth0.opaque_with_audience"]
    );
    let of = |aud: Value| json!({"iss": TENANT, "aud": aud, "azp": CLIENT});
    let api = asked(Some("https://api.example/"), &["openid"]);
    assert!(auth0(TENANT, &api, "RS256", &of(json!("https://api.example/"))).is_empty());
    let both = json!(["https://api.example/", "https://tenant.eu.auth0.com/userinfo"]);
    assert_eq!(auth0(TENANT, &api, "RS256", &of(both)), ["auth0.two_audiences"]);
    assert_eq!(auth0(TENANT, &api, "HS256", &of(json!("https://api.example/"))), ["auth0.api_signs_hs256"]);
    let none = asked(None, &["openid"]);
    assert_eq!(auth0(TENANT, &none, "RS256", &of(json!("https://api.example/"))), ["auth0.default_audience"]);
    let management = "https://tenant.eu.auth0.com/api/v2/";
    assert_eq!(auth0(TENANT, &asked(Some(management), &[]), "RS256", &of(json!(management))), ["auth0.management_api"]);
    let no_slash = asked(Some("https://tenant.eu.auth0.com/api/v2"), &[]);
    assert_eq!(
        codes(&report_of("opaque".into(), TENANT, &no_slash)),
        ["auth0.opaque_with_audience", "auth0.management_slash"]
    );
}

#[test]
fn domains_are_told_apart() {
    let claims = |iss: &str| json!({"iss": iss, "aud": "https://api.example/", "azp": CLIENT, "gty": "password"});
    let api = asked(Some("https://api.example/"), &[]);
    let custom = "https://login.example.com/";
    assert_eq!(auth0(custom, &api, "RS256", &claims(custom)), ["auth0.custom_domain"]);
    assert_eq!(auth0(custom, &api, "RS256", &claims(TENANT)), ["auth0.other_domain"]);
    assert_eq!(auth0(TENANT, &api, "RS256", &claims(custom)), ["auth0.other_domain"]);
    assert!(codes(&report_of("opaque".into(), ISSUER, &Asked::default())).is_empty(), "no word on other providers");
}

#[test]
fn mixed_domains_are_refused() {
    let check = |issuer: &str, audience: &str, used_at: Option<&str>| {
        let used_at = used_at.map(|url| Url::parse(url).expect("a URL"));
        let issuer = Issuer::parse(issuer).expect("an issuer");
        check_auth0_domains(&issuer, audience, used_at.as_ref()).map_err(|error| error.code())
    };
    const MANAGEMENT: &str = "https://tenant.eu.auth0.com/api/v2/";
    const MIXED: Result<(), &str> = Err("config.mixed_domains");
    assert_eq!(check(TENANT, MANAGEMENT, None), Ok(()));
    assert_eq!(check(TENANT, MANAGEMENT, Some("https://tenant.eu.auth0.com/api/v2/users")), Ok(()));
    assert_eq!(check("https://other.eu.auth0.com/", MANAGEMENT, None), MIXED);
    let custom = "https://login.example.com/";
    assert_eq!(check(custom, MANAGEMENT, None), Ok(()), "a custom domain keeps the tenant's audience");
    assert_eq!(check(custom, MANAGEMENT, Some("https://login.example.com/api/v2/users")), Ok(()));
    assert_eq!(check(custom, MANAGEMENT, Some("https://tenant.eu.auth0.com/api/v2/users")), MIXED);
    assert_eq!(check(TENANT, "https://api.example/", Some("https://api.example/")), Ok(()));
    assert_eq!(check(ISSUER, "https://op.example/api/v2/", None), Ok(()), "not Auth0's");
}

proptest! {
    #[test]
    fn no_token_makes_it_panic(
        token in "[A-Za-z0-9_.=-]{0,80}",
        claim in prop::sample::select(vec!["iss", "aud", "exp", "iat", "sub", "azp", "client_id", "gty", "jti"]),
        number in any::<f64>(),
        text in ".{0,40}",
        audience in ".{0,40}",
    ) {
        let asked = asked(Some(&audience), &["openid"]);
        let _ = report_of(token, TENANT, &asked);
        for value in [json!(number), json!(text), json!([text])] {
            let mut claims = good();
            claims[claim] = value;
            let token = SigningKey::p256().token(&json!({"alg": "ES256", "typ": text}), &claims);
            let _ = report_of(token, TENANT, &asked);
        }
        let _ = check_auth0_domains(&Issuer::parse(TENANT).expect("an issuer"), &audience, None);
    }
}
