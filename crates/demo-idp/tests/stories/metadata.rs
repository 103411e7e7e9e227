use doorkey_demo_idp::{Endpoint, Settings, start};

use crate::support::{Scene, text};

#[tokio::test]
async fn both_documents_name_the_issuer_byte_for_byte() {
    let scene = Scene::new().await;
    for endpoint in [Endpoint::Discovery, Endpoint::OauthMetadata] {
        let document = scene.fetch(endpoint).await;
        assert_eq!(document["issuer"], scene.idp.issuer());
        assert_eq!(document["code_challenge_methods_supported"], serde_json::json!(["S256"]));
        assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    }
}

#[tokio::test]
async fn an_issuer_with_a_path_has_its_documents_where_the_standards_put_them() {
    let scene = Scene::with(Settings { path: "/tenant".into(), ..Settings::default() }).await;
    let issuer = scene.idp.issuer().to_owned();
    let host = issuer.strip_suffix("/tenant").expect("the path is in the issuer");
    assert_eq!(scene.idp.url(Endpoint::Discovery), format!("{issuer}/.well-known/openid-configuration"));
    assert_eq!(scene.idp.url(Endpoint::OauthMetadata), format!("{host}/.well-known/oauth-authorization-server/tenant"));
    assert_eq!(scene.fetch(Endpoint::Discovery).await["issuer"], issuer);
    let document = scene.fetch(Endpoint::OauthMetadata).await;
    assert!(text(&document["token_endpoint"]).starts_with(&issuer));
}

#[tokio::test]
async fn an_issuer_may_end_with_a_slash() {
    let mut scene = Scene::with(Settings { path: "/".into(), ..Settings::default() }).await;
    assert!(scene.idp.issuer().ends_with('/'));
    assert_eq!(scene.fetch(Endpoint::Discovery).await["issuer"], scene.idp.issuer());
    assert_eq!(scene.callback(&[]).await["iss"], scene.idp.issuer());
}

#[tokio::test]
async fn a_sign_in_works_under_a_path() {
    let mut scene = Scene::with(Settings { path: "/tenant".into(), ..Settings::default() }).await;
    let answer = scene.tokens(&[]).await;
    assert_eq!(scene.open(text(&answer["id_token"])).await.1["iss"], scene.idp.issuer());
    let issuer = scene.idp.issuer().to_owned();
    scene.get(&issuer).await.stays_here(200, "A provider to practise on");
}

#[tokio::test]
async fn a_path_that_is_no_path_is_refused() {
    for path in ["tenant", "/a b", "/a?b", "//a", "/{x}"] {
        assert!(start(Settings { path: path.into(), ..Settings::default() }).await.is_err(), "{path}");
    }
}

#[tokio::test]
async fn an_rsa_and_a_p256_key_are_published_without_private_parts() {
    let scene = Scene::new().await;
    let jwks = scene.fetch(Endpoint::Jwks).await;
    let keys = jwks["keys"].as_array().expect("keys");
    let kinds: Vec<_> = keys.iter().map(|key| (text(&key["kty"]), text(&key["alg"]), text(&key["use"]))).collect();
    assert_eq!(kinds, [("RSA", "RS256", "sig"), ("EC", "ES256", "sig")]);
    assert_ne!(keys[0]["kid"], keys[1]["kid"]);
    assert!(keys.iter().all(|key| key.get("d").is_none() && key.get("p").is_none()));
}

#[tokio::test]
async fn rotated_keys_replace_the_published_ones_and_sign_from_then_on() {
    let mut scene = Scene::new().await;
    let before = scene.fetch(Endpoint::Jwks).await;
    scene.idp.knobs().rotate_signing_keys().await.expect("keys are made");
    let after = scene.fetch(Endpoint::Jwks).await;
    assert_ne!(before["keys"][0]["kid"], after["keys"][0]["kid"]);
    let answer = scene.tokens(&[]).await;
    assert_eq!(scene.open(text(&answer["id_token"])).await.0["kid"], after["keys"][0]["kid"]);
}

#[tokio::test]
async fn the_metadata_can_be_made_to_name_a_wrong_issuer() {
    let scene = Scene::new().await;
    scene.idp.knobs().discovery_issuer(Some("https://evil.example".into()));
    assert_eq!(scene.fetch(Endpoint::Discovery).await["issuer"], "https://evil.example");
    scene.idp.knobs().discovery_issuer(None);
    assert_eq!(scene.fetch(Endpoint::Discovery).await["issuer"], scene.idp.issuer());
}
