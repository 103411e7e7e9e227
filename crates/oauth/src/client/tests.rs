use super::*;
use crate::Fault;
use crate::test_provider::metadata;

fn check(change: impl FnOnce(&mut ClientSettings)) -> Result<(), &'static str> {
    let mut settings = ClientSettings::new("client");
    settings.scopes = vec!["openid".into()];
    change(&mut settings);
    settings.check().map_err(|error| error.code())
}

#[test]
fn client_ids_are_printable_and_trimmed() {
    // F-04
    assert_eq!(check(|_| {}), Ok(()));
    assert_eq!(check(|s| s.client_id = "my client \"1\"".into()), Ok(()));
    for id in ["", " a", "a\r", "a\nb", "é"] {
        assert_eq!(check(|s| s.client_id = id.into()), Err("config.bad_client_id"), "{id}");
    }
}

#[test]
fn scopes_audience_and_resources_have_their_alphabet() {
    // F-05, F-06, RES-01
    for scope in ["", "a b", "a\"b", "a\\b", "é"] {
        assert_eq!(check(|s| s.scopes.push(scope.into())), Err("config.bad_scope"), "{scope}");
    }
    assert_eq!(check(|s| s.audience = Some("a b".into())), Err("config.bad_resource"));
    for resource in ["api", "/api", "https://api.example/#x", ""] {
        assert_eq!(check(|s| s.resources = vec![resource.into()]), Err("config.bad_resource"), "{resource}");
    }
    assert_eq!(check(|s| s.resources = vec!["https://a.example/".into(), "urn:api".into()]), Ok(()));
}

#[test]
fn parameters_that_shadow_ours_are_refused() {
    // F-07
    for name in RESERVED.iter().copied().chain(["STATE", " nonce "]) {
        let code = check(|s| s.params = vec![(name.into(), "x".into())]);
        assert_eq!(code, Err("config.reserved_parameter"), "{name}");
    }
    let twice = vec![("acr_values".into(), "1".into()), ("acr_values".into(), "2".into())];
    assert_eq!(check(|s| s.params = twice), Err("config.bad_parameter"));
    assert_eq!(check(|s| s.params = vec![("organization".into(), "org_1".into())]), Ok(()));
}

/// The way that is chosen where the provider offers these.
fn chosen(offered: &[&str], change: impl FnOnce(&mut ClientSettings)) -> Result<ClientAuth, &'static str> {
    let metadata = metadata(|d| {
        d.insert("token_endpoint_auth_methods_supported".into(), serde_json::json!(offered));
        d.insert("token_endpoint_auth_signing_alg_values_supported".into(), serde_json::json!(["ES256", "PS256"]));
    });
    let mut settings = ClientSettings::new("client");
    change(&mut settings);
    ClientAuth::choose(&metadata, &settings).map_err(|error| error.code())
}

fn key() -> Option<PrivateKey> {
    let jwk = r#"{"kty":"EC","crv":"P-256","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
    Some(PrivateKey::read(&crate::PrivateKeyText::new(jwk.into()), None).expect("a key"))
}

#[test]
fn the_way_to_authenticate_is_one_both_sides_know() {
    // HP-29, HP-30, BCP-12
    const ALL: [&str; 4] = ["none", "client_secret_post", "client_secret_basic", "private_key_jwt"];
    let secret = || Some(ClientSecret::new("s".into()));
    assert_eq!(chosen(&ALL, |_| {}), Ok(ClientAuth::Public));
    assert_eq!(chosen(&["client_secret_basic"], |_| {}), Ok(ClientAuth::Public), "a native app");
    assert_eq!(chosen(&ALL, |s| s.client_secret = secret()), Ok(ClientAuth::Basic));
    assert_eq!(chosen(&["client_secret_post"], |s| s.client_secret = secret()), Ok(ClientAuth::Post));
    let assertion = ClientAuth::PrivateKeyJwt { audience: "https://op.example".into() };
    let both = |s: &mut ClientSettings| (s.client_secret, s.client_key) = (secret(), key());
    assert_eq!(chosen(&ALL, both), Ok(assertion.clone()));
    assert_eq!(chosen(&["client_secret_basic"], both), Ok(ClientAuth::Basic));
    assert_eq!(chosen(&["tls_client_auth"], both), Err("config.client_auth_unsupported"));
    assert_eq!(chosen(&["client_secret_basic"], |s| s.client_key = key()), Err("config.client_auth_unsupported"));
}

#[test]
fn what_the_profile_names_is_used_or_refused() {
    // HP-30
    let of = |method, change: fn(&mut ClientSettings)| {
        chosen(&["client_secret_basic"], |settings| {
            settings.client_auth = Some(method);
            change(settings);
        })
    };
    assert_eq!(of(ClientAuthMethod::None, |s| s.client_key = key()), Ok(ClientAuth::Public));
    assert_eq!(
        of(ClientAuthMethod::Post, |s| s.client_secret = Some(ClientSecret::new("s".into()))),
        Ok(ClientAuth::Post)
    );
    assert_eq!(of(ClientAuthMethod::Basic, |_| {}), Err("config.credential_missing"));
    assert_eq!(of(ClientAuthMethod::PrivateKeyJwt, |_| {}), Err("config.credential_missing"));
    let rs256_only = metadata(|d| {
        d.insert("token_endpoint_auth_signing_alg_values_supported".into(), serde_json::json!(["RS256"]));
    });
    let settings = ClientSettings {
        client_key: key(),
        client_auth: Some(ClientAuthMethod::PrivateKeyJwt),
        ..ClientSettings::new("client")
    };
    let error = ClientAuth::choose(&rs256_only, &settings).expect_err("an ES256 key");
    assert_eq!(error, ClientError::AssertionAlg { alg: "ES256", offered: "RS256".into() });
}
