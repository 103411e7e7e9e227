use doorkey_client::words::{ClientAuth, Grant, Profile, Push, ResponseMode};
use doorkey_oauth::{Issuer, Metadata, parse_metadata};
use serde_json::{Value, json};
use url::Url;

use super::*;

const ISSUER: &str = "https://op.example";

fn metadata(change: impl FnOnce(&mut Value)) -> Metadata {
    let mut document = json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://op.example/authorize",
        "token_endpoint": "https://op.example/token",
        "jwks_uri": "https://op.example/jwks",
        "response_types_supported": ["code"],
    });
    change(&mut document);
    let issuer = Issuer::parse(ISSUER).expect("an issuer");
    parse_metadata(&issuer, document.to_string().as_bytes()).expect("metadata")
}

fn verdict_on(name: &str, change: impl FnOnce(&mut Value)) -> (String, Verdict) {
    let metadata = metadata(change);
    let at = Url::parse("https://op.example/.well-known/openid-configuration").expect("a URL");
    let looked = Looked { metadata: &metadata, at: Some(&at), skew: None, preset: None };
    let abilities = looked.abilities();
    let found = abilities.into_iter().find(|ability| ability.name == name).unwrap_or_else(|| panic!("no {name}"));
    (found.found, found.verdict)
}

#[test]
fn each_standard_has_its_line_and_says_what_is_made_of_it() {
    let plain = |name| verdict_on(name, |_| ());
    let with = |name, member: &str, value: Value| verdict_on(name, |document| document[member] = value);
    let address = json!("https://op.example/x");
    assert_eq!(plain("discovery"), ("/.well-known/openid-configuration".into(), Verdict::Used));
    assert_eq!(plain("pkce"), ("does not say".into(), Verdict::Used));
    assert_eq!(with("pkce", "code_challenge_methods_supported", json!(["S256"])).0, "S256");
    assert_eq!(plain("iss").1, Verdict::Open);
    assert_eq!(with("iss", "authorization_response_iss_parameter_supported", json!(true)).1, Verdict::Used);
    assert_eq!(plain("par").1, Verdict::Open);
    assert_eq!(
        with("par", "pushed_authorization_request_endpoint", address.clone()),
        ("offered".into(), Verdict::Used)
    );
    assert_eq!(with("par", "require_pushed_authorization_requests", json!(true)).1, Verdict::Unfit);
    assert_eq!(plain("dpop").1, Verdict::Open);
    assert_eq!(with("dpop", "dpop_signing_alg_values_supported", json!(["ES256", "PS256"])).1, Verdict::Used);
    assert_eq!(with("dpop", "dpop_signing_alg_values_supported", json!(["RS256"])).1, Verdict::Look);
    assert_eq!(plain("client_auth").0, "client_secret_basic");
    assert_eq!(
        with("client_auth", "token_endpoint_auth_methods_supported", json!(["tls_client_auth"])).1,
        Verdict::Look
    );
    assert_eq!(plain("revocation").1, Verdict::Look);
    assert_eq!(with("revocation", "revocation_endpoint", address.clone()).1, Verdict::Used);
    assert_eq!(with("end_session", "end_session_endpoint", address.clone()).1, Verdict::Used);
    assert_eq!(with("device_grant", "device_authorization_endpoint", address.clone()).1, Verdict::Used);
    assert_eq!(with("registration", "registration_endpoint", address.clone()).1, Verdict::Used);
    assert_eq!(with("introspection", "introspection_endpoint", address.clone()).1, Verdict::Used);
    assert_eq!(with("userinfo", "userinfo_endpoint", address).1, Verdict::Used);
    let exchange = json!(["urn:ietf:params:oauth:grant-type:token-exchange"]);
    assert_eq!(with("token_exchange", "grant_types_supported", exchange).1, Verdict::Used);
    assert_eq!(with("id_token", "id_token_signing_alg_values_supported", json!(["ES256", "none"])).1, Verdict::Used);
    assert_eq!(verdict_on("id_token", |document| document["jwks_uri"] = Value::Null).1, Verdict::Look);
}

#[test]
fn what_a_provider_says_of_itself_cannot_command_a_terminal() {
    let (found, _) = verdict_on("scopes", |document| document["scopes_supported"] = json!(["\u{1b}[2J", "a\u{202e}b"]));
    assert!(!found.contains(['\u{1b}', '\u{202e}']), "{found:?}");
}

fn fits(change: impl FnOnce(&mut Profile), document: impl FnOnce(&mut Value), held: &Held) -> Vec<(String, Verdict)> {
    let metadata = metadata(document);
    let mut profile = Profile::new("work", ISSUER, "app");
    change(&mut profile);
    let preset = Preset::of(&profile);
    let looked = Looked { metadata: &metadata, at: None, skew: None, preset };
    fit(&looked, &profile, held).into_iter().map(|line| (line.name, line.verdict)).collect()
}

#[test]
fn a_profile_that_asks_for_what_is_not_there_does_not_fit() {
    const NOTHING: Held = Held { secret: false, key: false };
    let worst = |change: fn(&mut Profile), document: fn(&mut Value), held: &Held| {
        let lines = fits(change, document, held);
        lines.into_iter().max_by_key(|(_, verdict)| *verdict).expect("lines")
    };
    type Case = (fn(&mut Profile), fn(&mut Value), &'static str, Verdict);
    let cases: [Case; 10] = [
        (|_| (), |_| (), "scopes", Verdict::Used),
        (|p| p.response_mode = ResponseMode::FormPost, |_| (), "response_mode", Verdict::Unfit),
        (|p| p.push = Push::Always, |_| (), "push", Verdict::Unfit),
        (|p| p.dpop = true, |d| d["dpop_signing_alg_values_supported"] = json!(["RS256"]), "dpop", Verdict::Unfit),
        (|p| p.grant = Grant::DeviceCode, |_| (), "grant", Verdict::Unfit),
        (|p| p.client_auth = Some(ClientAuth::PrivateKeyJwt), |_| (), "client_auth", Verdict::Unfit),
        (|p| p.preset = Some("auth0".into()), |_| (), "ports", Verdict::Unfit),
        (|p| p.preset = Some("entra".into()), |_| (), "redirect_host", Verdict::Look),
        (|_| (), |d| d["scopes_supported"] = json!(["openid"]), "scopes", Verdict::Look),
        (|_| (), |d| d["jwks_uri"] = Value::Null, "id_token", Verdict::Unfit),
    ];
    for (change, document, name, verdict) in cases {
        assert_eq!(worst(change, document, &NOTHING), (name.to_owned(), verdict));
    }
}

#[test]
fn a_secret_that_the_product_wants_is_missed() {
    let google = |profile: &mut Profile| profile.preset = Some("google".into());
    let missing = fits(google, |_| (), &Held { secret: false, key: false });
    assert!(missing.contains(&("client_auth".into(), Verdict::Unfit)), "{missing:?}");
    let there = fits(google, |_| (), &Held { secret: true, key: false });
    assert!(there.contains(&("client_auth".into(), Verdict::Used)), "{there:?}");
}
