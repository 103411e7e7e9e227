use doorkey_demo_idp::Endpoint;
use url::Url;

use crate::support::{Scene, text};

const AFTER: &str = "http://127.0.0.1:49152/signed-out/x";

impl Scene {
    fn logout_url(&self, params: &[(&str, &str)]) -> String {
        Url::parse_with_params(&self.idp.url(Endpoint::Logout), params).expect("a URL").into()
    }

    async fn asks_for_the_password(&mut self) -> bool {
        self.begin(&[("prompt", Some("none"))])
            .await
            .callback()
            .get("error")
            .is_some_and(|error| error == "login_required")
    }
}

#[tokio::test]
async fn a_hint_signs_out_at_once_and_leads_back_with_state() {
    let mut scene = Scene::new().await;
    let answer = scene.tokens(&[]).await;
    assert!(!scene.asks_for_the_password().await);
    let hint = text(&answer["id_token"]);
    let url = scene.logout_url(&[("id_token_hint", hint), ("post_logout_redirect_uri", AFTER), ("state", "s 1")]);
    let seen = scene.get(&url).await;
    assert_eq!((seen.status, seen.location.as_deref()), (303, Some(&*format!("{AFTER}?state=s+1"))));
    assert!(scene.asks_for_the_password().await);
}

#[tokio::test]
async fn an_expired_hint_by_an_old_key_is_good_enough() {
    let mut scene = Scene::new().await;
    let answer = scene.tokens(&[]).await;
    scene.idp.knobs().rotate_signing_keys().await.expect("keys are made");
    scene.idp.knobs().move_clock(100_000);
    let url = scene.logout_url(&[("id_token_hint", text(&answer["id_token"]))]);
    let seen = scene.get(&url).await;
    scene.follow(seen).await.stays_here(200, "You are signed out");
}

#[tokio::test]
async fn without_a_hint_the_person_is_asked() {
    let mut scene = Scene::new().await;
    scene.callback(&[]).await;
    let url = scene.logout_url(&[("client_id", "doorkey-demo"), ("post_logout_redirect_uri", AFTER)]);
    let asked = scene.get(&url).await;
    asked.stays_here(200, "Sign out?");
    assert!(!scene.asks_for_the_password().await);
    let form = [("flow", &*asked.hidden("flow")), ("csrf", &asked.hidden("csrf"))];
    let path = asked.action();
    let done = scene.post(&path, &form).await;
    assert_eq!(done.location.as_deref(), Some(AFTER));
    assert!(scene.asks_for_the_password().await);
}

#[tokio::test]
async fn a_forged_yes_signs_nobody_out() {
    let mut scene = Scene::new().await;
    scene.callback(&[]).await;
    let url = scene.logout_url(&[]);
    let asked = scene.get(&url).await;
    let form = [("flow", &*asked.hidden("flow")), ("csrf", "guessed")];
    let path = asked.action();
    scene.post(&path, &form).await.stays_here(400, "is over");
    assert!(!scene.asks_for_the_password().await);
}

#[tokio::test]
async fn a_hint_of_an_earlier_session_asks_before_it_ends_this_one() {
    let mut scene = Scene::new().await;
    let earlier = scene.tokens(&[]).await;
    scene.forget_cookies();
    scene.callback(&[]).await;
    let url = scene.logout_url(&[("id_token_hint", text(&earlier["id_token"]))]);
    scene.get(&url).await.stays_here(200, "Sign out?");
}

#[tokio::test]
async fn a_redirect_that_is_not_registered_or_a_forged_hint_goes_nowhere() {
    let mut scene = Scene::new().await;
    let answer = scene.tokens(&[]).await;
    let hint = text(&answer["id_token"]);
    for params in [
        [("id_token_hint", hint), ("post_logout_redirect_uri", "https://evil.example/")],
        [("client_id", "stranger"), ("post_logout_redirect_uri", AFTER)],
        [("id_token_hint", "forged"), ("post_logout_redirect_uri", AFTER)],
        [("id_token_hint", hint), ("client_id", "web")],
    ] {
        let url = scene.logout_url(&params);
        scene.get(&url).await.stays_here(400, "This sign-out link does not work");
    }
    let url = scene.logout_url(&[("post_logout_redirect_uri", AFTER)]);
    scene.get(&url).await.stays_here(400, "needs a known client");
    assert!(!scene.asks_for_the_password().await);
}

#[tokio::test]
async fn a_logout_by_post_works_without_the_cookie() {
    let mut scene = Scene::new().await;
    let answer = scene.tokens(&[]).await;
    let form = [("id_token_hint", text(&answer["id_token"])), ("post_logout_redirect_uri", AFTER)];
    assert_eq!(scene.ask(Endpoint::Logout, &form).await.location.as_deref(), Some(AFTER));
    assert!(scene.asks_for_the_password().await);
}

#[tokio::test]
async fn signing_out_of_the_browser_leaves_refresh_tokens_alone() {
    let mut scene = Scene::new().await;
    let answer = scene.tokens(&[]).await;
    let url = scene.logout_url(&[("id_token_hint", text(&answer["id_token"]))]);
    scene.get(&url).await;
    scene.refresh(text(&answer["refresh_token"]), &[]).await.json(200);
}
