//! Clients that ask for themselves, that prove themselves with a key, or that want details signed.

use doorkey_demo_idp::{Client, Endpoint, Redirect, Settings};
use serde_json::{Value, json};

use crate::holder::{Holder, now, unique};
use crate::support::{Scene, Seen, part, text};

const WEB: [(&str, &str); 3] =
    [("client_id", "web"), ("client_secret", "s3cr:t%+é"), ("grant_type", "client_credentials")];

#[tokio::test]
async fn a_client_gets_a_token_for_itself() {
    let scene = Scene::new().await;
    let more = [("audience", "https://api.example/"), ("organization", "acme"), ("scope", "notes:read")];
    let answer = scene.ask(Endpoint::Token, &[&WEB[..], &more].concat()).await.json(200);
    assert!(answer.get("refresh_token").is_none() && answer.get("id_token").is_none());
    let (_, claims) = scene.open(text(&answer["access_token"])).await;
    assert_eq!((text(&claims["sub"]), text(&claims["client_id"])), ("web@clients", "web"));
    assert_eq!((&claims["aud"], text(&claims["scope"])), (&json!("https://api.example/"), "notes:read"));
    assert_eq!(text(&claims["org_id"]), "org_demo_acme");
    assert_eq!(scene.userinfo(text(&answer["access_token"])).await.status, 403);
}

#[tokio::test]
async fn it_must_be_a_client_that_proves_itself_and_name_an_audience() {
    let scene = Scene::new().await;
    let api = ("audience", "https://api.example/");
    let public = [("client_id", "doorkey-demo"), ("grant_type", "client_credentials"), api];
    scene.ask(Endpoint::Token, &public).await.refused(400, "unauthorized_client");
    scene.ask(Endpoint::Token, &WEB).await.refused(400, "invalid_request");
    let person = [&WEB[..], &[api, ("scope", "openid")]].concat();
    scene.ask(Endpoint::Token, &person).await.refused(400, "invalid_scope");
    let stranger = [&WEB[..], &[api, ("organization", "org_unknown")]].concat();
    scene.ask(Endpoint::Token, &stranger).await.refused(400, "invalid_request");
}

async fn with_keys() -> (Scene, Holder) {
    let holder = Holder::new();
    let mut key = holder.jwk();
    key["kid"] = "k1".into();
    let redirects = vec![Redirect::Loopback { under: "/cb/".into() }];
    let mut settings = Settings::default();
    settings.clients.push(Client::with_keys("keyed", json!({ "keys": [key] }), redirects));
    (Scene::with(settings).await, holder)
}

async fn ask_keyed(scene: &Scene, holder: &Holder, change: impl FnOnce(&mut Value)) -> Seen {
    let mut claims = json!({
        "iss": "keyed", "sub": "keyed", "aud": scene.idp.issuer(), "exp": now() + 60, "jti": unique(),
    });
    change(&mut claims);
    send(scene, &holder.sign(&json!({ "alg": "ES256", "kid": "k1" }), &claims)).await
}

async fn send(scene: &Scene, assertion: &str) -> Seen {
    let form = [
        ("grant_type", "client_credentials"),
        ("audience", "https://api.example/"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
    ];
    scene.ask(Endpoint::Token, &form).await
}

#[tokio::test]
async fn a_client_proves_itself_with_its_key() {
    let (scene, holder) = with_keys().await;
    ask_keyed(&scene, &holder, |_| {}).await.json(200);
    let endpoint = scene.idp.url(Endpoint::Token);
    ask_keyed(&scene, &holder, |claims| claims["aud"] = json!([endpoint])).await.json(200);
    type Change = fn(&mut Value);
    let faults: Vec<(&str, Change)> = vec![
        ("iss", |claims| claims["iss"] = "web".into()),
        ("aud", |claims| claims["aud"] = "https://other.example/".into()),
        ("two audiences", |claims| claims["aud"] = json!([claims["aud"], "https://other.example/"])),
        ("expired", |claims| claims["exp"] = (now() - 1).into()),
        ("too long", |claims| claims["exp"] = (now() + 3600).into()),
        ("no exp", |claims| claims["exp"] = Value::Null),
        ("no jti", |claims| claims["jti"] = Value::Null),
    ];
    for (name, change) in faults {
        let seen = ask_keyed(&scene, &holder, change).await;
        assert_eq!((seen.status, text(&seen.json(401)["error"])), (401, "invalid_client"), "{name}");
    }
    ask_keyed(&scene, &Holder::new(), |_| {}).await.refused(401, "invalid_client");
}

#[tokio::test]
async fn an_assertion_is_good_once_and_no_secret_stands_in_for_it() {
    let (scene, holder) = with_keys().await;
    let claims = json!({
        "iss": "keyed", "sub": "keyed", "aud": scene.idp.issuer(), "exp": now() + 60, "jti": unique(),
    });
    let assertion = holder.sign(&json!({ "alg": "ES256" }), &claims);
    send(&scene, &assertion).await.json(200);
    send(&scene, &assertion).await.refused(401, "invalid_client");
    send(&scene, "no.jwt.here").await.refused(401, "invalid_client");
    let bare = [("client_id", "keyed"), ("grant_type", "client_credentials"), ("audience", "https://api.example/")];
    scene.ask(Endpoint::Token, &bare).await.refused(401, "invalid_client");
}

#[tokio::test]
async fn details_come_signed_to_a_client_that_wants_them_so() {
    let mut settings = Settings::default();
    settings.clients[0].signed_userinfo = true;
    let mut scene = Scene::with(settings).await;
    let token = text(&scene.tokens(&[]).await["access_token"]).to_owned();
    let seen = scene.userinfo(&token).await;
    assert_eq!(seen.header("content-type"), "application/jwt");
    let (header, claims) = scene.open(&seen.text).await;
    assert_eq!(header["alg"], "RS256");
    assert_eq!((text(&claims["iss"]), text(&claims["aud"])), (scene.idp.issuer(), "doorkey-demo"));
    assert_eq!(part(&seen.text, 1)["email"], "ada@example.test");
}
