use std::time::Duration;

use doorkey_demo_idp::{Endpoint, RefreshTokens, Settings};

use crate::support::{REDIRECT, Scene, VERIFIER, exchange_form, part, read, text};

#[tokio::test]
async fn a_code_gives_tokens_that_no_cache_may_keep() {
    let mut scene = Scene::new().await;
    let code = scene.code(&[]).await;
    let seen = scene.exchange(&code).await;
    let answer = seen.json(200);
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 300);
    assert_eq!(answer["scope"], "openid profile email offline_access");
    assert!(
        answer["access_token"].is_string() && answer["refresh_token"].is_string() && answer["id_token"].is_string()
    );
    assert_eq!(seen.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_code_is_good_once_and_its_second_use_revokes_what_the_first_gave() {
    let mut scene = Scene::new().await;
    let code = scene.code(&[]).await;
    let answer = scene.exchange(&code).await.json(200);
    assert_eq!(scene.userinfo(text(&answer["access_token"])).await.status, 200);
    scene.exchange(&code).await.refused(400, "invalid_grant");
    assert_eq!(scene.userinfo(text(&answer["access_token"])).await.status, 401);
    scene.refresh(text(&answer["refresh_token"]), &[]).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn a_code_needs_its_verifier_and_gets_one_try() {
    let mut scene = Scene::new().await;
    let code = scene.code(&[]).await;
    let mut form = exchange_form(&code);
    form[3].1 = "A-verifier-of-the-right-length-but-not-the-right-one";
    scene.ask(Endpoint::Token, &form).await.refused(400, "invalid_grant");
    scene.exchange(&code).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn a_code_without_a_verifier_is_refused() {
    let mut scene = Scene::new().await;
    let code = scene.code(&[]).await;
    let form = exchange_form(&code);
    let without: Vec<_> = form.iter().copied().filter(|(name, _)| *name != "code_verifier").collect();
    scene.ask(Endpoint::Token, &without).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn a_code_is_bound_to_its_redirect_uri() {
    let mut scene = Scene::new().await;
    let code = scene.code(&[]).await;
    let mut form = exchange_form(&code);
    form[2].1 = "http://127.0.0.1:49152/cb/a2";
    scene.ask(Endpoint::Token, &form).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn a_code_is_bound_to_its_client() {
    let mut scene = Scene::new().await;
    let code = scene.code(&[]).await;
    let mut form = exchange_form(&code).to_vec();
    form[1].1 = "web";
    form.push(("client_secret", "s3cr:t%+é"));
    scene.ask(Endpoint::Token, &form).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn a_code_is_too_old_after_a_minute() {
    let mut scene = Scene::new().await;
    let code = scene.code(&[]).await;
    scene.idp.knobs().move_clock(61);
    scene.exchange(&code).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn a_refresh_token_needs_offline_access_by_default() {
    let mut scene = Scene::new().await;
    assert!(scene.tokens(&[("scope", Some("openid"))]).await.get("refresh_token").is_none());
    for (when, given) in [(RefreshTokens::Always, true), (RefreshTokens::Never, false)] {
        let mut scene = Scene::with(Settings { refresh_tokens: when, ..Settings::default() }).await;
        assert_eq!(scene.tokens(&[("scope", Some("openid"))]).await.get("refresh_token").is_some(), given);
    }
}

#[tokio::test]
async fn without_openid_there_is_no_id_token_and_no_userinfo() {
    let mut scene = Scene::new().await;
    let answer = scene.tokens(&[("scope", Some("notes:read"))]).await;
    assert!(answer.get("id_token").is_none());
    let seen = scene.userinfo(text(&answer["access_token"])).await;
    assert_eq!(seen.status, 403);
    assert!(seen.header("www-authenticate").contains("insufficient_scope"));
}

#[tokio::test]
async fn unknown_scopes_are_left_out_and_the_answer_says_so() {
    let mut scene = Scene::new().await;
    assert_eq!(scene.tokens(&[("scope", Some("openid mail.read"))]).await["scope"], "openid");
}

#[tokio::test]
async fn less_can_be_granted_than_was_asked() {
    let mut scene = Scene::new().await;
    scene.idp.knobs().grant_only(Some(&["openid", "email"]));
    let answer = scene.tokens(&[]).await;
    assert_eq!(answer["scope"], "openid email");
    assert!(answer.get("refresh_token").is_none());
}

#[tokio::test]
async fn a_named_audience_gives_a_jwt_and_none_an_opaque_token() {
    let mut scene = Scene::new().await;
    let opaque = scene.tokens(&[]).await;
    assert!(!text(&opaque["access_token"]).contains('.'));
    for name in ["audience", "resource"] {
        let changes = [(name, Some("https://api.example/notes")), ("scope", Some("openid notes:read"))];
        let answer = scene.tokens(&changes).await;
        let (header, claims) = scene.open(text(&answer["access_token"])).await;
        assert_eq!(header["typ"], "at+jwt");
        assert_eq!(claims["aud"], serde_json::json!(["https://api.example/notes", scene.idp.url(Endpoint::Userinfo)]));
        assert_eq!(claims["client_id"], "doorkey-demo");
        assert_eq!(claims["scope"], "openid notes:read");
        assert_eq!(scene.userinfo(text(&answer["access_token"])).await.status, 200);
    }
}

#[tokio::test]
async fn an_exchange_may_name_one_of_the_granted_resources_and_no_other() {
    let mut scene = Scene::new().await;
    let both = scene.authorization_url(&[("resource", Some("https://a.example/")), ("audience", Some("api-b"))]);
    for (resource, is_granted) in [("https://a.example/", true), ("https://c.example/", false)] {
        scene.callback(&[("resource", Some("https://a.example/")), ("audience", Some("api-b"))]).await;
        let code = scene.get(&both).await.callback()["code"].clone();
        let form = [&exchange_form(&code)[..], &[("resource", resource)]].concat();
        let seen = scene.ask(Endpoint::Token, &form).await;
        if is_granted {
            let (_, claims) = scene.open(text(&seen.json(200)["access_token"])).await;
            assert_eq!(claims["aud"], serde_json::json!([resource, scene.idp.url(Endpoint::Userinfo)]));
        } else {
            seen.refused(400, "invalid_target");
        }
    }
}

#[tokio::test]
async fn a_confidential_client_authenticates_in_one_way() {
    let mut scene = Scene::new().await;
    let redirect = "http://127.0.0.1:49152/cb/web";
    let web = [("client_id", Some("web")), ("redirect_uri", Some(redirect))];
    let endpoint = scene.idp.url(Endpoint::Token);
    let encoded: String = url::form_urlencoded::byte_serialize("s3cr:t%+é".as_bytes()).collect();

    let code = scene.code(&web).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("redirect_uri", redirect),
        ("code_verifier", VERIFIER),
        ("code", &code),
    ];
    let send = async |request: reqwest::RequestBuilder| read(request.send().await.expect("an answer")).await;
    let both = scene.form(&endpoint, &[&form[..], &[("client_secret", "s3cr:t%+é")]].concat());
    send(both.basic_auth("web", Some(&encoded))).await.refused(400, "invalid_request");
    let unencoded = scene.form(&endpoint, &form).basic_auth("web", Some("s3cr:t%+é"));
    send(unencoded).await.refused(401, "invalid_client");
    let nothing = scene.form(&endpoint, &[&form[..], &[("client_id", "web")]].concat());
    send(nothing).await.refused(401, "invalid_client");
    let basic = scene.form(&endpoint, &form).basic_auth("web", Some(&encoded));
    send(basic).await.json(200);

    let code = scene.code(&web).await;
    let posted = [&exchange_form(&code)[..], &[("client_secret", "s3cr:t%+é")]].concat();
    let posted: Vec<_> = posted
        .into_iter()
        .map(|(name, value)| match name {
            "client_id" => (name, "web"),
            "redirect_uri" => (name, redirect),
            _ => (name, value),
        })
        .collect();
    scene.ask(Endpoint::Token, &posted).await.json(200);
}

#[tokio::test]
async fn a_public_client_has_no_secret_to_send() {
    let scene = Scene::new().await;
    let form = [&exchange_form("x")[..], &[("client_secret", "guess")]].concat();
    let seen = scene.ask(Endpoint::Token, &form).await;
    seen.refused(401, "invalid_client");
    assert!(seen.header("www-authenticate").starts_with("Basic"));
}

#[tokio::test]
async fn wrong_requests_are_refused_by_name() {
    let scene = Scene::new().await;
    scene.ask(Endpoint::Token, &[("client_id", "doorkey-demo")]).await.refused(400, "invalid_request");
    let password = [("client_id", "doorkey-demo"), ("grant_type", "password")];
    scene.ask(Endpoint::Token, &password).await.refused(400, "unsupported_grant_type");
    let twice = [("client_id", "doorkey-demo"), ("client_id", "doorkey-demo"), ("grant_type", "refresh_token")];
    scene.ask(Endpoint::Token, &twice).await.refused(400, "invalid_request");
    scene.ask(Endpoint::Token, &[("grant_type", "refresh_token")]).await.refused(401, "invalid_client");
    scene.ask(Endpoint::Token, &exchange_form("never-given")).await.refused(400, "invalid_grant");
    let endpoint = scene.idp.url(Endpoint::Token);
    let json = scene.http.post(&endpoint).header("content-type", "application/json").body("{}");
    read(json.send().await.expect("an answer")).await.refused(400, "invalid_request");
    let get = read(scene.http.get(&endpoint).send().await.expect("an answer")).await;
    assert_eq!((get.status, get.header("allow")), (405, "POST"));
}

#[tokio::test]
async fn a_body_without_end_is_refused() {
    let scene = Scene::new().await;
    let seen = scene.ask(Endpoint::Token, &[("code", &"x".repeat(100_000))]).await;
    assert_eq!(seen.status, 413);
}

#[tokio::test]
async fn the_life_of_tokens_can_be_set_while_it_runs() {
    let mut scene = Scene::new().await;
    scene.idp.knobs().set_token_life(Duration::from_secs(7));
    let answer = scene.tokens(&[]).await;
    assert_eq!(answer["expires_in"], 7);
    let claims = part(text(&answer["id_token"]), 1);
    assert_eq!(claims["exp"].as_u64(), claims["iat"].as_u64().map(|iat| iat + 7));
    assert_eq!(scene.userinfo(text(&answer["access_token"])).await.status, 200);
    scene.idp.knobs().move_clock(8);
    assert_eq!(scene.userinfo(text(&answer["access_token"])).await.status, 401);
}

#[tokio::test]
async fn revoking_the_refresh_token_ends_everything_of_that_grant() {
    let mut scene = Scene::new().await;
    let answer = scene.tokens(&[]).await;
    let (access, refresh) = (text(&answer["access_token"]), text(&answer["refresh_token"]));
    let form = [("client_id", "doorkey-demo"), ("token", refresh), ("token_type_hint", "refresh_token")];
    assert_eq!(scene.ask(Endpoint::Revoke, &form).await.status, 200);
    assert_eq!(scene.userinfo(access).await.status, 401);
    scene.refresh(refresh, &[]).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn revoking_an_access_token_leaves_the_refresh_token() {
    let mut scene = Scene::new().await;
    let answer = scene.tokens(&[]).await;
    let (access, refresh) = (text(&answer["access_token"]), text(&answer["refresh_token"]));
    let form = [("client_id", "doorkey-demo"), ("token", access)];
    assert_eq!(scene.ask(Endpoint::Revoke, &form).await.status, 200);
    assert_eq!(scene.userinfo(access).await.status, 401);
    scene.refresh(refresh, &[]).await.json(200);
}

#[tokio::test]
async fn revocation_takes_unknown_tokens_and_refuses_those_of_other_clients() {
    let mut scene = Scene::new().await;
    let unknown = [("client_id", "doorkey-demo"), ("token", "never-given")];
    assert_eq!(scene.ask(Endpoint::Revoke, &unknown).await.status, 200);
    let answer = scene.tokens(&[]).await;
    let foreign = [("client_id", "web"), ("client_secret", "s3cr:t%+é"), ("token", text(&answer["refresh_token"]))];
    scene.ask(Endpoint::Revoke, &foreign).await.refused(400, "invalid_grant");
    scene.ask(Endpoint::Revoke, &[("client_id", "doorkey-demo")]).await.refused(400, "invalid_request");
    scene.refresh(text(&answer["refresh_token"]), &[]).await.json(200);
}

#[tokio::test]
async fn the_redirect_uri_of_a_code_may_have_any_port_but_only_one() {
    let mut scene = Scene::new().await;
    let code = scene.code(&[("redirect_uri", Some("http://127.0.0.1:49999/cb/a1"))]).await;
    assert_ne!(REDIRECT, "http://127.0.0.1:49999/cb/a1");
    scene.exchange(&code).await.refused(400, "invalid_grant");
}
