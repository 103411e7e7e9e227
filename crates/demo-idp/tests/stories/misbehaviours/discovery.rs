use doorkey_demo_idp::{Endpoint, Misbehaviour as M, Redirect};
use serde_json::json;
use url::Url;

use crate::support::{Scene, VERIFIER, part, read, text};

pub(super) fn shown() -> Vec<M> {
    vec![
        M::HappyPath,
        M::RandomEndpointPaths,
        M::RandomJwksUri,
        M::DiscoveryIssuerSuffix,
        M::DiscoveryIssuerForeign,
        M::Rs256Only,
        M::Es256Only,
        M::Hs256Only,
        M::ClientSecretBasicOnly,
        M::ClientSecretPostOnly,
        M::LogoutStateOther,
        M::LogoutStateMissing,
    ]
}

#[tokio::test]
async fn the_happy_path_has_decoys_and_odd_lists_and_works() {
    let mut scene = Scene::new().await;
    scene.misbehave(M::HappyPath);
    let document = scene.fetch(Endpoint::Discovery).await;
    assert_eq!(document["id_token_signing_alg_values_supported"][0], "none");
    assert!(document["response_types_supported"].as_array().is_some_and(|all| all.contains(&json!("id_token code"))));
    let jwks = scene.fetch(Endpoint::Jwks).await;
    let keys = jwks["keys"].as_array().expect("keys");
    let kinds = |key: &serde_json::Value| (key["kty"].clone(), key["crv"].clone(), key["use"].clone());
    let count = |kty: &str, crv: Option<&str>, used_for: &str| {
        keys.iter().filter(|key| kinds(key) == (json!(kty), json!(crv), json!(used_for))).count()
    };
    assert_eq!((keys.len(), count("RSA", None, "sig"), count("EC", Some("P-256"), "sig")), (8, 2, 2));
    assert_eq!((count("EC", Some("secp256k1"), "sig"), count("OKP", Some("Ed25519"), "sig")), (1, 1));
    assert_eq!((count("RSA", None, "enc"), count("EC", Some("P-256"), "enc")), (1, 1));
    let answer = scene.tokens(&[]).await;
    let (header, _) = scene.open(text(&answer["id_token"])).await;
    assert_ne!(header["kid"], keys[0]["kid"], "whoever takes the first key fails");
    assert_eq!(scene.userinfo(text(&answer["access_token"])).await.status, 200);
}

#[tokio::test]
async fn endpoints_move_and_leave_nothing_behind() {
    let mut scene = Scene::new().await;
    scene.misbehave(M::RandomEndpointPaths);
    let document = scene.fetch(Endpoint::Discovery).await;
    assert_eq!(text(&document["issuer"]), scene.idp.issuer());
    for (member, endpoint) in [
        ("authorization_endpoint", Endpoint::Authorize),
        ("token_endpoint", Endpoint::Token),
        ("jwks_uri", Endpoint::Jwks),
        ("userinfo_endpoint", Endpoint::Userinfo),
    ] {
        let usual = scene.idp.url(endpoint);
        assert_ne!(text(&document[member]), usual);
        assert_eq!(scene.get(&usual).await.status, 404, "{member}");
    }
    assert_eq!(scene.get(text(&document["jwks_uri"])).await.status, 200);
    let moved = scene
        .authorization_url(&[])
        .replace(&scene.idp.url(Endpoint::Authorize), text(&document["authorization_endpoint"]));
    let first = scene.get(&moved).await;
    let login = scene.follow(first).await;
    let consent = scene.log_in(&login, "ada@example.test", "analytical").await;
    let code = scene.decide(&consent, "allow").await.callback()["code"].clone();
    let form = crate::support::exchange_form(&code);
    let answer = scene.form(text(&document["token_endpoint"]), &form).send().await.expect("an answer");
    read(answer).await.json(200);
    assert_eq!(scene.idp.log().count(Endpoint::Token), 1);
}

#[tokio::test]
async fn the_keys_are_where_only_the_document_says() {
    let mut scene = Scene::new().await;
    scene.misbehave(M::RandomJwksUri);
    let document = scene.fetch(Endpoint::Discovery).await;
    let usual = scene.idp.url(Endpoint::Jwks);
    assert!(text(&document["jwks_uri"]).strip_prefix(&usual).is_some_and(|letters| letters.len() == 10));
    assert_eq!(scene.get(&usual).await.status, 404);
    assert_eq!(scene.get(text(&document["jwks_uri"])).await.status, 200);
}

#[tokio::test]
async fn the_metadata_can_name_another_issuer() {
    let scene = Scene::new().await;
    scene.misbehave(M::DiscoveryIssuerSuffix);
    assert_eq!(scene.fetch(Endpoint::Discovery).await["issuer"], format!("{}INVALID", scene.idp.issuer()));
    scene.misbehave(M::DiscoveryIssuerForeign);
    assert_eq!(scene.fetch(Endpoint::OauthMetadata).await["issuer"], "https://example.com");
}

#[tokio::test]
async fn one_algorithm_alone_is_named_and_used() {
    for (one, alg) in [(M::Rs256Only, "RS256"), (M::Es256Only, "ES256"), (M::Hs256Only, "HS256")] {
        let mut scene = Scene::new().await;
        scene.misbehave(one);
        assert_eq!(scene.fetch(Endpoint::Discovery).await["id_token_signing_alg_values_supported"], json!([alg]));
        let token = text(&scene.tokens(&[]).await["id_token"]).to_owned();
        assert_eq!(part(&token, 0)["alg"], alg);
        if one != M::Hs256Only {
            scene.open(&token).await;
        }
    }
}

#[tokio::test]
async fn one_way_of_authentication_alone_is_taken() {
    let mut scene = Scene::new().await;
    let redirect = "http://127.0.0.1:49152/cb/web";
    let endpoint = scene.idp.url(Endpoint::Token);
    let encoded: String = url::form_urlencoded::byte_serialize("s3cr:t%+é".as_bytes()).collect();
    for (one, basic_works) in [(M::ClientSecretBasicOnly, true), (M::ClientSecretPostOnly, false)] {
        scene.misbehave(one);
        let code = scene.code(&[("client_id", Some("web")), ("redirect_uri", Some(redirect))]).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("redirect_uri", redirect),
            ("code_verifier", VERIFIER),
            ("code", &code),
            ("client_id", "web"),
        ];
        let basic = scene.form(&endpoint, &form).basic_auth("web", Some(&encoded));
        let post = scene.form(&endpoint, &[&form[..], &[("client_secret", "s3cr:t%+é")]].concat());
        let (right, wrong) = if basic_works { (basic, post) } else { (post, basic) };
        read(wrong.send().await.expect("an answer")).await.refused(401, "invalid_client");
        read(right.send().await.expect("an answer")).await.json(200);
    }
}

#[tokio::test]
async fn sign_out_comes_back_with_another_state_or_none() {
    let to = "http://127.0.0.1:49152/signed-out/x";
    assert!(matches!(doorkey_demo_idp::Client::demo().post_logout_redirects[1], Redirect::Loopback { .. }));
    for (one, sent, back) in [
        (M::LogoutStateOther, Some("s"), Some("s_INVALID")),
        (M::LogoutStateOther, None, Some("INVALID")),
        (M::LogoutStateMissing, Some("s"), None),
    ] {
        let mut scene = Scene::new().await;
        scene.misbehave(one);
        let mut url = Url::parse(&scene.idp.url(Endpoint::Logout)).expect("a URL");
        url.query_pairs_mut().extend_pairs([("client_id", "doorkey-demo"), ("post_logout_redirect_uri", to)]);
        if let Some(sent) = sent {
            url.query_pairs_mut().append_pair("state", sent);
        }
        let params = scene.get(url.as_str()).await.callback();
        assert_eq!(params.get("state").map(String::as_str), back, "{one}");
    }
}
