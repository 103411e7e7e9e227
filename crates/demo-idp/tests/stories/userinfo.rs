use doorkey_demo_idp::Endpoint;

use crate::support::{Scene, read, text};

#[tokio::test]
async fn the_claims_follow_the_scopes() {
    let mut scene = Scene::new().await;
    let all = scene.tokens(&[]).await;
    let claims = scene.userinfo(text(&all["access_token"])).await.json(200);
    assert_eq!(claims["sub"], "demo|ada");
    assert_eq!(claims["name"], "Ada Lovelace");
    assert_eq!(claims["email"], "ada@example.test");
    let little = scene.tokens(&[("scope", Some("openid"))]).await;
    let claims = scene.userinfo(text(&little["access_token"])).await.json(200);
    assert_eq!(claims, serde_json::json!({ "sub": "demo|ada" }));
}

#[tokio::test]
async fn no_token_and_a_wrong_token_are_answered_with_a_challenge() {
    let scene = Scene::new().await;
    let none = scene.http.get(scene.idp.url(Endpoint::Userinfo)).send().await.expect("an answer");
    let none = read(none).await;
    assert_eq!((none.status, none.header("www-authenticate")), (401, r#"Bearer realm="demo provider""#));
    let wrong = scene.userinfo("guessed").await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.header("www-authenticate").contains(r#"error="invalid_token""#));
}

#[tokio::test]
async fn a_token_in_the_address_is_not_looked_at() {
    let mut scene = Scene::new().await;
    let answer = scene.tokens(&[]).await;
    let url = format!("{}?access_token={}", scene.idp.url(Endpoint::Userinfo), text(&answer["access_token"]));
    assert_eq!(scene.get(&url).await.status, 401);
}

#[tokio::test]
async fn the_subject_can_be_made_to_differ() {
    let mut scene = Scene::new().await;
    let answer = scene.tokens(&[]).await;
    scene.idp.knobs().userinfo_sub(Some("somebody-else".into()));
    assert_eq!(scene.userinfo(text(&answer["access_token"])).await.json(200)["sub"], "somebody-else");
}
