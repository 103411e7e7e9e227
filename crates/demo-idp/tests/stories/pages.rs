use doorkey_demo_idp::{Endpoint, Person, Settings};
use reqwest::header::{COOKIE, HOST, SET_COOKIE};

use crate::support::{Scene, Seen, read};

const WATERMARK: &str = "Demo provider - not a real account";

async fn every_page(scene: &mut Scene) -> Vec<Seen> {
    let login = scene.begin(&[]).await;
    let wrong = scene.log_in(&login, "ada@example.test", "wrong").await;
    let consent = scene.log_in(&wrong, "ada@example.test", "analytical").await;
    let home = scene.get("/").await;
    let logout = scene.get("/logout").await;
    let signed_out = scene.get("/signed-out").await;
    let error = scene.begin(&[("client_id", Some("stranger"))]).await;
    let missing = scene.get("/nowhere").await;
    vec![login, wrong, consent, home, logout, signed_out, error, missing]
}

#[tokio::test]
async fn every_page_is_marked_and_cannot_run_or_fetch_anything() {
    let mut scene = Scene::new().await;
    for page in every_page(&mut scene).await {
        assert!(page.text.contains(WATERMARK), "{}", page.text);
        assert!(!page.text.contains("<script"));
        for attribute in page.text.split("=\"").map(|before| before.rsplit(' ').next().unwrap_or_default()) {
            assert!(attribute != "style" && !attribute.starts_with("on"), "{attribute}");
        }
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"));
        assert!(!policy.contains("unsafe"));
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn every_page_says_its_language_and_has_one_heading_and_labelled_fields() {
    let mut scene = Scene::new().await;
    for page in every_page(&mut scene).await {
        assert!(page.text.contains(r#"<html lang="en">"#) && page.text.contains("<main "));
        assert_eq!(page.text.matches("<h1>").count(), 1, "{}", page.text);
        for id in ["email", "password"] {
            assert_eq!(
                page.text.contains(&format!(r#"<input id="{id}""#)),
                page.text.contains(&format!(r#"for="{id}""#))
            );
        }
    }
}

#[tokio::test]
async fn the_login_page_tells_who_can_sign_in_and_fills_the_form_in() {
    let mut scene = Scene::new().await;
    let login = scene.begin(&[]).await;
    for person in Person::demo() {
        assert!(login.text.contains(&person.name) && login.text.contains(&person.password));
    }
    let chosen = format!("{}?flow={}&as=demo%7Cgrace", login.action(), login.hidden("flow"));
    let filled = scene.get(&chosen).await;
    filled.stays_here(200, r#"value="grace@example.test""#);
    assert!(filled.text.contains(r#"value="nanosecond""#));
}

#[tokio::test]
async fn the_consent_page_says_who_asks_for_what() {
    let mut scene = Scene::new().await;
    let login = scene.begin(&[("resource", Some("https://api.example/notes"))]).await;
    let consent = scene.log_in(&login, "ada@example.test", "analytical").await;
    for words in
        ["Allow Doorkey?", "Ada Lovelace", "See your email address", "Stay signed in", "https://api.example/notes"]
    {
        consent.stays_here(200, words);
    }
}

#[tokio::test]
async fn text_from_the_request_cannot_become_markup() {
    let mut scene = Scene::new().await;
    let evil = r#""><script>alert(1)</script>"#;
    let page = scene.begin(&[("client_id", Some(evil))]).await;
    assert!(page.text.contains("&lt;script&gt;") && !page.text.contains("<script"));
    let page = scene.begin(&[("login_hint", Some(evil))]).await;
    assert!(page.text.contains("&lt;script&gt;") && !page.text.contains("<script"));
}

#[tokio::test]
async fn cookies_are_httponly_and_lax_and_named_after_the_port() {
    let mut scene = Scene::new().await;
    let login = scene.begin(&[]).await;
    let form = [
        ("flow", &*login.hidden("flow")),
        ("csrf", &login.hidden("csrf")),
        ("email", "ada@example.test"),
        ("password", "analytical"),
    ];
    let answer = scene.post("/login", &form).await;
    let port = scene.idp.issuer().rsplit(':').next().expect("a port").to_owned();
    let cookies: Vec<_> =
        answer.headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().expect("text")).collect();
    assert_eq!(cookies.len(), 1);
    assert!(cookies[0].starts_with(&format!("demo_idp_{port}_session=")));
    assert!(cookies[0].ends_with("; Path=/; HttpOnly; SameSite=Lax"));
}

#[tokio::test]
async fn a_session_cookie_from_before_the_login_is_worth_nothing_after_it() {
    let mut scene = Scene::new().await;
    let port = scene.idp.issuer().rsplit(':').next().expect("a port").to_owned();
    let planted = format!("demo_idp_{port}_session={}", "A".repeat(43));
    scene.callback(&[]).await;
    let url = scene.authorization_url(&[("prompt", Some("none"))]);
    read(scene.http.get(url).header(COOKIE, planted).send().await.expect("an answer"))
        .await
        .sent_back("login_required");
}

#[tokio::test]
async fn another_host_name_for_the_same_port_is_refused() {
    let scene = Scene::new().await;
    let port = scene.idp.issuer().rsplit(':').next().expect("a port").to_owned();
    for host in [format!("evil.example:{port}"), format!("localhost:{port}"), "127.0.0.1".into()] {
        let request = scene.http.get(scene.idp.url(Endpoint::Discovery)).header(HOST, &host);
        let seen = read(request.send().await.expect("an answer")).await;
        seen.stays_here(421, "Not the address of this provider");
    }
}

#[tokio::test]
async fn the_root_says_what_this_is_and_who_is_signed_in() {
    let mut scene = Scene::with(Settings::default()).await;
    scene.get("/").await.stays_here(200, "Nobody is signed in here yet");
    scene.callback(&[]).await;
    scene.get("/").await.stays_here(200, "Sign out");
}
