use doorkey_demo_idp::Endpoint;
use serde_json::json;

use crate::support::{Scene, Seen, text};

impl Scene {
    async fn introspect(&self, token: &str) -> Seen {
        let form = [("client_id", "web"), ("client_secret", "s3cr:t%+é"), ("token", token)];
        self.ask(Endpoint::Introspect, &form).await
    }
}

#[tokio::test]
async fn living_tokens_are_told_and_others_are_only_not_active() {
    let mut scene = Scene::new().await;
    let answer = scene.tokens(&[("audience", Some("https://api.example/"))]).await;
    let (access, refresh) = (text(&answer["access_token"]), text(&answer["refresh_token"]));
    let told = scene.introspect(access).await.json(200);
    assert_eq!(told["active"], true);
    assert_eq!((text(&told["sub"]), text(&told["client_id"])), ("demo|ada", "doorkey-demo"));
    assert_eq!(told["aud"], json!(["https://api.example/"]));
    assert_eq!((&told["scope"], text(&told["token_type"])), (&answer["scope"], "Bearer"));
    assert_eq!(told["exp"].as_u64(), told["iat"].as_u64().map(|iat| iat + 300));
    assert_eq!(scene.introspect(refresh).await.json(200)["active"], true);
    assert_eq!(scene.introspect("never-given").await.json(200), json!({ "active": false }));
    scene.idp.knobs().move_clock(301);
    assert_eq!(scene.introspect(access).await.json(200), json!({ "active": false }));
    scene.refresh(refresh, &[]).await.json(200);
    assert_eq!(scene.introspect(refresh).await.json(200), json!({ "active": false }));
}

#[tokio::test]
async fn whoever_asks_proves_itself() {
    let mut scene = Scene::new().await;
    let token = text(&scene.tokens(&[]).await["access_token"]).to_owned();
    let public = [("client_id", "doorkey-demo"), ("token", token.as_str())];
    scene.ask(Endpoint::Introspect, &public).await.refused(401, "invalid_client");
    let wrong = [("client_id", "web"), ("client_secret", "guess"), ("token", token.as_str())];
    scene.ask(Endpoint::Introspect, &wrong).await.refused(401, "invalid_client");
    let none = [("client_id", "web"), ("client_secret", "s3cr:t%+é")];
    scene.ask(Endpoint::Introspect, &none).await.refused(400, "invalid_request");
}
