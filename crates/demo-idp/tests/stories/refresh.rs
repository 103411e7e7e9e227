use doorkey_demo_idp::{RefreshStyle, Settings};

use crate::support::{ALL_SCOPES, Scene, text};

#[tokio::test]
async fn a_refresh_rotates_the_refresh_token() {
    let mut scene = Scene::new().await;
    let first = scene.tokens(&[]).await;
    let second = scene.refresh(text(&first["refresh_token"]), &[]).await.json(200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_ne!(first["access_token"], second["access_token"]);
    assert_eq!(second["scope"], ALL_SCOPES);
    scene.refresh(text(&second["refresh_token"]), &[]).await.json(200);
}

#[tokio::test]
async fn a_refresh_token_used_twice_ends_its_family() {
    let mut scene = Scene::new().await;
    let first = scene.tokens(&[]).await;
    let second = scene.refresh(text(&first["refresh_token"]), &[]).await.json(200);
    scene.refresh(text(&first["refresh_token"]), &[]).await.refused(400, "invalid_grant");
    scene.refresh(text(&second["refresh_token"]), &[]).await.refused(400, "invalid_grant");
    assert_eq!(scene.userinfo(text(&second["access_token"])).await.status, 401);
}

#[tokio::test]
async fn another_family_of_the_same_person_goes_on() {
    let mut scene = Scene::new().await;
    let one = scene.tokens(&[]).await;
    let other = scene.tokens(&[]).await;
    scene.refresh(text(&one["refresh_token"]), &[]).await.json(200);
    scene.refresh(text(&one["refresh_token"]), &[]).await.refused(400, "invalid_grant");
    scene.refresh(text(&other["refresh_token"]), &[]).await.json(200);
}

#[tokio::test]
async fn a_refresh_may_ask_for_less_and_not_for_more() {
    let mut scene = Scene::new().await;
    let first = scene.tokens(&[]).await;
    let less = scene.refresh(text(&first["refresh_token"]), &[("scope", "openid email")]).await.json(200);
    assert_eq!(less["scope"], "openid email");
    let claims = scene.userinfo(text(&less["access_token"])).await.json(200);
    assert!(claims.get("name").is_none() && claims.get("email").is_some());
    let again = text(&less["refresh_token"]);
    scene.refresh(again, &[("scope", "openid notes:write")]).await.refused(400, "invalid_scope");
    assert_eq!(scene.refresh(again, &[]).await.json(200)["scope"], ALL_SCOPES);
}

#[tokio::test]
async fn a_refresh_may_narrow_the_resource_and_not_change_it() {
    let mut scene = Scene::new().await;
    let first = scene.tokens(&[("resource", Some("https://api.example/"))]).await;
    let token = text(&first["refresh_token"]);
    scene.refresh(token, &[("resource", "https://other.example/")]).await.refused(400, "invalid_target");
    let second = scene.refresh(token, &[("resource", "https://api.example/")]).await.json(200);
    assert_eq!(scene.open(text(&second["access_token"])).await.1["aud"][0], "https://api.example/");
}

#[tokio::test]
async fn a_refreshed_id_token_is_about_the_same_sign_in_and_has_no_nonce() {
    let mut scene = Scene::new().await;
    let first = scene.tokens(&[]).await;
    scene.idp.knobs().move_clock(100);
    let second = scene.refresh(text(&first["refresh_token"]), &[]).await.json(200);
    let (_, before) = scene.open(text(&first["id_token"])).await;
    let (_, after) = scene.open(text(&second["id_token"])).await;
    for claim in ["iss", "sub", "aud", "auth_time", "sid"] {
        assert_eq!(before[claim], after[claim], "{claim}");
    }
    assert!(after.get("nonce").is_none());
    assert!(after["iat"].as_u64() > before["iat"].as_u64());
}

#[tokio::test]
async fn a_refresh_token_belongs_to_its_client() {
    let mut scene = Scene::new().await;
    let first = scene.tokens(&[]).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "web"),
        ("client_secret", "s3cr:t%+é"),
        ("refresh_token", text(&first["refresh_token"])),
    ];
    scene.ask(doorkey_demo_idp::Endpoint::Token, &form).await.refused(400, "invalid_grant");
    scene.refresh(text(&first["refresh_token"]), &[]).await.json(200);
}

#[tokio::test]
async fn a_refresh_token_ends_with_its_life() {
    let settings = Settings { refresh_life: std::time::Duration::from_secs(3600), ..Settings::default() };
    let mut scene = Scene::with(settings).await;
    let first = scene.tokens(&[]).await;
    scene.idp.knobs().move_clock(3601);
    scene.refresh(text(&first["refresh_token"]), &[]).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn refreshing_can_be_made_to_keep_or_repeat_the_token() {
    let mut scene = Scene::new().await;
    let first = scene.tokens(&[]).await;
    let token = text(&first["refresh_token"]);
    scene.idp.knobs().refresh_style(RefreshStyle::Keep);
    assert!(scene.refresh(token, &[]).await.json(200).get("refresh_token").is_none());
    scene.idp.knobs().refresh_style(RefreshStyle::SameAgain);
    assert_eq!(scene.refresh(token, &[]).await.json(200)["refresh_token"], token);
}

#[tokio::test]
async fn refreshing_can_be_made_to_leave_out_the_id_token() {
    let mut scene = Scene::new().await;
    let first = scene.tokens(&[]).await;
    scene.idp.knobs().refresh_without_id_token();
    assert!(scene.refresh(text(&first["refresh_token"]), &[]).await.json(200).get("id_token").is_none());
}

#[tokio::test]
async fn an_administrator_can_revoke_everything() {
    let mut scene = Scene::new().await;
    let first = scene.tokens(&[]).await;
    scene.idp.knobs().revoke_everything();
    scene.refresh(text(&first["refresh_token"]), &[]).await.refused(400, "invalid_grant");
}
