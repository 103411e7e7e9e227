use doorkey_demo_idp::{Consent, Endpoint, Settings};

use crate::support::{REDIRECT, Scene, text};

#[tokio::test]
async fn a_sign_in_ends_at_the_redirect_uri_with_code_state_and_issuer() {
    let mut scene = Scene::new().await;
    let login = scene.begin(&[]).await;
    let consent = scene.log_in(&login, "ada@example.test", "analytical").await;
    let end = scene.decide(&consent, "allow").await;
    assert!(end.location.as_deref().expect("a redirect").starts_with(REDIRECT));
    let params = end.callback();
    assert_eq!(params["state"], "the-state");
    assert_eq!(params["iss"], scene.idp.issuer());
    assert!(params["code"].len() >= 43);
}

#[tokio::test]
async fn an_unknown_client_gets_a_page_and_no_redirect() {
    let mut scene = Scene::new().await;
    scene.begin(&[("client_id", Some("stranger"))]).await.stays_here(400, "unknown client_id");
    scene.begin(&[("client_id", None)]).await.stays_here(400, "client_id");
}

#[tokio::test]
async fn a_redirect_uri_that_is_not_registered_gets_a_page_and_no_redirect() {
    let mut scene = Scene::new().await;
    for foreign in
        ["http://127.0.0.1:49152/other", "https://evil.example/cb/a", "http://127.0.0.1:49152/cb/../x", "nonsense"]
    {
        scene.begin(&[("redirect_uri", Some(foreign))]).await.stays_here(400, "redirect_uri does not match");
    }
    scene.begin(&[("redirect_uri", None)]).await.stays_here(400, "redirect_uri");
    let exact = [("client_id", Some("web")), ("redirect_uri", Some("http://127.0.0.1:49153/cb/web"))];
    scene.begin(&exact).await.stays_here(400, "redirect_uri does not match");
}

#[tokio::test]
async fn a_client_id_that_comes_twice_gets_a_page() {
    let mut scene = Scene::new().await;
    let url = scene.authorization_url(&[]) + "&client_id=doorkey-demo";
    scene.get(&url).await.stays_here(400, "once each");
}

#[tokio::test]
async fn every_loopback_host_and_port_is_a_good_redirect() {
    let mut scene = Scene::new().await;
    for redirect in ["http://127.0.0.1:1/cb/x", "http://[::1]:50000/cb/y", "http://localhost:65535/cb/z"] {
        scene.begin(&[("redirect_uri", Some(redirect)), ("prompt", Some("none"))]).await.sent_back("login_required");
    }
}

#[tokio::test]
async fn pkce_is_required_with_s256_and_nothing_else() {
    let mut scene = Scene::new().await;
    scene.begin(&[("code_challenge", None)]).await.sent_back("invalid_request");
    scene.begin(&[("code_challenge", Some("short"))]).await.sent_back("invalid_request");
    scene.begin(&[("code_challenge_method", Some("plain"))]).await.sent_back("invalid_request");
    scene.begin(&[("code_challenge_method", None)]).await.sent_back("invalid_request");
}

#[tokio::test]
async fn errors_carry_state_and_issuer_too() {
    let mut scene = Scene::new().await;
    let params = scene.begin(&[("response_type", Some("token"))]).await.callback();
    assert_eq!(params["error"], "unsupported_response_type");
    assert_eq!(params["state"], "the-state");
    assert_eq!(params["iss"], scene.idp.issuer());
}

#[tokio::test]
async fn wrong_parameters_are_told_to_the_client() {
    let mut scene = Scene::new().await;
    for (name, value, error) in [
        ("response_type", None, "invalid_request"),
        ("response_mode", Some("fragment"), "invalid_request"),
        ("request", Some("ey"), "request_not_supported"),
        ("request_uri", Some("urn:x"), "request_uri_not_supported"),
        ("prompt", Some("none login"), "invalid_request"),
        ("prompt", Some("dance"), "invalid_request"),
        ("max_age", Some("soon"), "invalid_request"),
        ("resource", Some("not-absolute"), "invalid_target"),
        ("resource", Some("https://api.example/#part"), "invalid_target"),
        ("id_token_hint", Some("forged"), "invalid_request"),
    ] {
        scene.begin(&[(name, value)]).await.sent_back(error);
    }
    let url = scene.authorization_url(&[]) + "&nonce=second";
    scene.get(&url).await.sent_back("invalid_request");
}

#[tokio::test]
async fn a_request_by_post_works_like_one_by_get() {
    let mut scene = Scene::new().await;
    let url = url::Url::parse(&scene.authorization_url(&[])).expect("a URL");
    let form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let endpoint = scene.idp.url(Endpoint::Authorize);
    let answer = scene.post(&endpoint, &form).await;
    scene.follow(answer).await.stays_here(200, "name=\"password\"");
}

#[tokio::test]
async fn a_wrong_password_stays_on_the_login_page() {
    let mut scene = Scene::new().await;
    let login = scene.begin(&[]).await;
    let again = scene.log_in(&login, "ada@example.test", "wrong").await;
    again.stays_here(200, "role=\"alert\"");
    assert!(again.text.contains("ada@example.test"));
    scene.log_in(&again, "ada@example.test", "analytical").await.stays_here(200, "name=\"decision\"");
}

#[tokio::test]
async fn a_denied_consent_is_told_to_the_client() {
    let mut scene = Scene::new().await;
    let login = scene.begin(&[]).await;
    let consent = scene.log_in(&login, "ada@example.test", "analytical").await;
    scene.decide(&consent, "deny").await.sent_back("access_denied");
}

#[tokio::test]
async fn a_second_sign_in_in_the_same_browser_asks_nothing() {
    let mut scene = Scene::new().await;
    scene.callback(&[]).await;
    assert!(scene.begin(&[]).await.callback().contains_key("code"));
}

#[tokio::test]
async fn more_scopes_than_before_ask_for_consent_again() {
    let mut scene = Scene::new().await;
    scene.callback(&[("scope", Some("openid"))]).await;
    scene.begin(&[("scope", Some("openid email"))]).await.stays_here(200, "name=\"decision\"");
}

#[tokio::test]
async fn another_browser_has_to_sign_in_for_itself() {
    let mut scene = Scene::new().await;
    scene.callback(&[]).await;
    scene.forget_cookies();
    scene.begin(&[]).await.stays_here(200, "name=\"password\"");
}

#[tokio::test]
async fn prompt_none_shows_no_page() {
    let mut scene = Scene::new().await;
    let silent = [("prompt", Some("none"))];
    scene.begin(&silent).await.sent_back("login_required");
    scene.callback(&[("scope", Some("openid"))]).await;
    scene.begin(&silent).await.sent_back("consent_required");
    let callback = scene.begin(&[("prompt", Some("none")), ("scope", Some("openid"))]).await.callback();
    assert!(callback.contains_key("code"));
}

#[tokio::test]
async fn prompt_none_needs_interaction_where_consent_is_asked_each_time() {
    let mut scene = Scene::with(Settings { consent: Consent::AskedEachTime, ..Settings::default() }).await;
    scene.callback(&[]).await;
    scene.begin(&[("prompt", Some("none"))]).await.sent_back("interaction_required");
    scene.begin(&[]).await.stays_here(200, "name=\"decision\"");
}

#[tokio::test]
async fn prompt_login_and_a_small_max_age_ask_for_the_password_again() {
    let mut scene = Scene::new().await;
    scene.callback(&[]).await;
    for (name, value) in [("prompt", "login"), ("prompt", "select_account"), ("max_age", "0")] {
        scene.begin(&[(name, Some(value))]).await.stays_here(200, "name=\"password\"");
    }
    assert!(scene.begin(&[("max_age", Some("600"))]).await.callback().contains_key("code"));
    scene.idp.knobs().move_clock(601);
    scene.begin(&[("max_age", Some("600"))]).await.stays_here(200, "name=\"password\"");
}

#[tokio::test]
async fn a_login_for_prompt_login_is_newer_than_the_one_before() {
    let mut scene = Scene::new().await;
    let first = scene.tokens(&[]).await;
    scene.idp.knobs().move_clock(100);
    let second = scene.tokens(&[("prompt", Some("login"))]).await;
    let first = scene.open(text(&first["id_token"])).await.1;
    let second = scene.open(text(&second["id_token"])).await.1;
    assert!(second["auth_time"].as_u64() >= first["auth_time"].as_u64().map(|time| time + 100));
}

#[tokio::test]
async fn prompt_consent_asks_again_for_what_was_allowed() {
    let mut scene = Scene::new().await;
    scene.callback(&[]).await;
    scene.begin(&[("prompt", Some("consent"))]).await.stays_here(200, "name=\"decision\"");
}

#[tokio::test]
async fn a_hint_at_somebody_else_asks_for_a_login() {
    let mut scene = Scene::new().await;
    let answer = scene.tokens(&[]).await;
    let hint = text(&answer["id_token"]);
    assert!(scene.begin(&[("id_token_hint", Some(hint))]).await.callback().contains_key("code"));
    let login = scene.begin(&[("prompt", Some("login"))]).await;
    scene.log_in(&login, "grace@example.test", "nanosecond").await;
    scene.begin(&[("id_token_hint", Some(hint)), ("prompt", Some("none"))]).await.sent_back("login_required");
    let login = scene.begin(&[("id_token_hint", Some(hint))]).await;
    scene.log_in(&login, "grace@example.test", "nanosecond").await.sent_back("login_required");
}

#[tokio::test]
async fn numbers_at_the_edge_of_time_are_taken() {
    let mut scene = Scene::new().await;
    scene.callback(&[]).await;
    let callback = scene.begin(&[("max_age", Some("18446744073709551615"))]).await.callback();
    assert!(callback.contains_key("code"));
    scene.idp.knobs().set_token_life(std::time::Duration::MAX);
    scene.idp.knobs().move_clock(i64::MAX);
    scene.exchange(&callback["code"]).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn a_new_audience_asks_for_consent_again() {
    let mut scene = Scene::new().await;
    let api = [("resource", Some("https://api.example/"))];
    scene.callback(&[]).await;
    scene.begin(&api).await.stays_here(200, "name=\"decision\"");
    scene.callback(&api).await;
    assert!(scene.begin(&api).await.callback().contains_key("code"));
}

#[tokio::test]
async fn the_login_hint_is_in_the_email_field() {
    let mut scene = Scene::new().await;
    scene.begin(&[("login_hint", Some("grace@example.test"))]).await.stays_here(200, r#"value="grace@example.test""#);
}

#[tokio::test]
async fn a_form_with_a_foreign_token_or_from_another_browser_does_nothing() {
    let mut scene = Scene::new().await;
    let login = scene.begin(&[]).await;
    let flow = login.hidden("flow");
    let path = login.action();
    let form = [("flow", &*flow), ("csrf", "guessed"), ("email", "ada@example.test"), ("password", "analytical")];
    scene.post(&path, &form).await.stays_here(400, "This sign-in is over");
    scene.forget_cookies();
    scene.log_in(&login, "ada@example.test", "analytical").await.stays_here(400, "This sign-in is over");
}

#[tokio::test]
async fn consent_cannot_be_given_before_the_login() {
    let mut scene = Scene::new().await;
    let login = scene.begin(&[]).await;
    let form = [("flow", &*login.hidden("flow")), ("csrf", &login.hidden("csrf")), ("decision", "allow")];
    let answer = scene.post("/consent", &form).await;
    assert!(answer.location.expect("a redirect").starts_with("/login?"));
}

#[tokio::test]
async fn a_consent_form_posted_twice_gives_one_code() {
    let mut scene = Scene::new().await;
    let login = scene.begin(&[]).await;
    let consent = scene.log_in(&login, "ada@example.test", "analytical").await;
    assert!(scene.decide(&consent, "allow").await.callback().contains_key("code"));
    scene.decide(&consent, "allow").await.stays_here(400, "This sign-in is over");
}

#[tokio::test]
async fn people_can_be_made_to_decline() {
    let mut scene = Scene::new().await;
    scene.idp.knobs().people_decline();
    assert_eq!(scene.callback(&[]).await["error"], "access_denied");
    scene.idp.knobs().people_decide();
    assert!(scene.callback(&[]).await.contains_key("code"));
}
