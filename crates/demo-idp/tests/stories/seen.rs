//! What the page about clients tells, and how it judges them.

use doorkey_demo_idp::{Endpoint, Misbehaviour, Settings, Verdict};
use serde_json::Value;

use crate::support::{CHALLENGE, REDIRECT, Scene, Seen, VERIFIER, exchange_form};

const SECRETS: [&str; 4] = [VERIFIER, "analytical", "the-state", "the-nonce"];

async fn shown(how: &str) -> Scene {
    let misbehaviour = Some(Misbehaviour::from_name(how).expect("it is in the catalogue"));
    Scene::with(Settings { seen: true, misbehaviour, ..Settings::default() }).await
}

async fn good() -> Scene {
    Scene::with(Settings { seen: true, ..Settings::default() }).await
}

async fn told(scene: &mut Scene) -> Value {
    scene.get("/seen.json").await.json(200)
}

fn of<'a>(told: &'a Value, path: &str) -> Vec<&'a Value> {
    told["requests"].as_array().expect("a list").iter().filter(|request| request["path"] == path).collect()
}

#[tokio::test]
async fn nothing_is_told_unless_it_was_asked_for() {
    let mut scene = Scene::new().await;
    scene.get("/seen").await.stays_here(404, "There is no such page");
    scene.get("/seen.json").await.stays_here(404, "There is no such page");
    assert_eq!((scene.idp.seen_url(), scene.idp.log().count(Endpoint::Other)), (None, 2));
}

#[tokio::test]
async fn every_request_is_told_in_order_and_no_secret_with_it() {
    let mut scene = good().await;
    let callback = scene.callback(&[]).await;
    let tokens = scene.exchange(&callback["code"]).await.json(200);
    let access_token = tokens["access_token"].as_str().expect("a text").to_owned();
    scene.userinfo(&access_token).await.json(200);

    let told = told(&mut scene).await;
    let paths: Vec<_> = told["requests"].as_array().expect("a list").iter().map(|one| &one["path"]).collect();
    assert_eq!(paths, ["/authorize", "/login", "/login", "/consent", "/consent", "/token", "/userinfo"], "{told}");
    assert_eq!(told["judged"]["verdict"], "as_it_must");
    let asked = &of(&told, "/authorize")[0]["parameters"];
    let value = |name: &str| asked.as_array().expect("a list").iter().find(|one| one["name"] == name).cloned();
    assert_eq!(value("code_challenge").expect("sent")["value"], CHALLENGE);
    assert_eq!(value("redirect_uri").expect("sent")["value"], REDIRECT);
    assert!(value("state").expect("sent")["value"].is_null());

    // The same secret has the same fingerprint where it is given and where it is sent.
    let (consent, token, userinfo) = (of(&told, "/consent")[1], of(&told, "/token")[0], of(&told, "/userinfo")[0]);
    let sent = token["parameters"].as_array().expect("a list").iter().find(|one| one["name"] == "code").expect("sent");
    assert_eq!(consent["gave"][0], *sent, "{told}");
    let gave = token["gave"].as_array().expect("a list").iter().find(|one| one["name"] == "access_token");
    let bearer =
        userinfo["headers"].as_array().expect("a list").iter().find(|one| one["name"] == "authorization: Bearer");
    assert_eq!(gave.expect("given")["fingerprint"], bearer.expect("sent")["fingerprint"], "{told}");

    let page = scene.get("/seen").await;
    for secret in SECRETS.into_iter().chain([callback["code"].as_str(), &access_token]) {
        assert!(!told.to_string().contains(secret) && !page.text.contains(secret), "{secret}");
    }
    assert!(page.text.contains("/userinfo") && !page.text.contains("<script"), "{}", page.text);
    assert_eq!(page.header("refresh"), "3");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src 'sha256-"));
    assert_eq!(scene.get("/seen?refresh=off").await.header("refresh"), "");
}

#[tokio::test]
async fn a_refusal_tells_its_reason_its_rule_and_what_would_mend_it() {
    let mut scene = good().await;
    scene.begin(&[("code_challenge_method", Some("plain"))]).await.sent_back("invalid_request");
    let code = scene.code(&[]).await;
    let mut form = exchange_form(&code);
    form[3].1 = "another-verifier-that-is-long-enough-to-be-one-0123";
    scene.ask(Endpoint::Token, &form).await.refused(400, "invalid_grant");
    scene.userinfo("made-up").await.refused(401, "invalid_token");
    scene.begin(&[("redirect_uri", Some("https://app.example/cb"))]).await.stays_here(400, "What clients sent");

    let told = told(&mut scene).await;
    let check = |request: &Value, error: &str, why: &str, source: &str| {
        assert_eq!((&request["made_of_it"], &request["error"]), (&"refused".into(), &error.into()), "{request}");
        assert!(request["why"].as_str().is_some_and(|told| told.contains(why)), "{request}");
        assert!(request["source"].as_str().is_some_and(|told| told.contains(source)), "{request}");
        assert!(request["next"].as_str().is_some_and(|next| next.len() > 10), "{request}");
    };
    let authorize = of(&told, "/authorize");
    check(authorize[0], "invalid_request", "must be S256", "RFC 7636 4.2");
    check(authorize[2], "invalid_request", "does not match a registered one", "RFC 8252 7.3");
    check(of(&told, "/token")[0], "invalid_grant", "does not fit the code_challenge", "RFC 7636 4.1");
    check(of(&told, "/userinfo")[0], "invalid_token", "not known", "RFC 6750 3.1");
}

#[tokio::test]
async fn a_client_that_uses_the_tokens_it_must_refuse_is_told_so() {
    let mut scene = shown("nonce-suffix").await;
    assert_eq!(scene.idp.judged().verdict, Verdict::NotMet);
    let access_token = scene.tokens(&[]).await["access_token"].as_str().expect("a text").to_owned();
    let judged = scene.idp.judged();
    assert_eq!(judged.verdict, Verdict::SoFar, "{judged:?}");
    assert!(judged.sentence.contains("userinfo was not asked") && judged.sentence.contains("idtoken.nonce_mismatch"));

    scene.userinfo(&access_token).await.json(200);
    let judged = scene.idp.judged();
    assert_eq!((judged.verdict, judged.wrong.len()), (Verdict::Otherwise, 1), "{judged:?}");
    let page = scene.get("/seen").await;
    assert!(page.text.contains("Not as it must") && page.text.contains("must not be"), "{}", page.text);
    assert_eq!(told(&mut scene).await["judged"]["verdict"], "otherwise");
}

#[tokio::test]
async fn each_place_has_its_own_rule() {
    // A code that is redeemed though `state` was not there.
    let mut scene = shown("state-missing").await;
    let code = scene.code(&[]).await;
    assert_eq!(scene.idp.judged().verdict, Verdict::SoFar);
    scene.exchange(&code).await.json(200);
    assert_eq!(scene.idp.judged().verdict, Verdict::Otherwise);

    // A sign-in that is begun with another issuer's metadata.
    let mut scene = shown("discovery-issuer-foreign").await;
    scene.fetch(Endpoint::Discovery).await;
    assert_eq!(scene.idp.judged().verdict, Verdict::SoFar);
    scene.begin(&[]).await;
    assert_eq!(scene.idp.judged().verdict, Verdict::Otherwise);

    // Tokens of a renewal that must be thrown away; those of before go on.
    let mut scene = shown("refreshed-sub-suffix").await;
    let tokens = scene.tokens(&[]).await;
    let text = |tokens: &Value, name: &str| tokens[name].as_str().expect("a text").to_owned();
    let renewed = scene.refresh(&text(&tokens, "refresh_token"), &[]).await.json(200);
    scene.userinfo(&text(&tokens, "access_token")).await.json(200);
    assert_eq!(scene.idp.judged().verdict, Verdict::SoFar, "{:?}", scene.idp.judged());
    scene.userinfo(&text(&renewed, "access_token")).await.json(200);
    assert_eq!(scene.idp.judged().verdict, Verdict::Otherwise);

    // What is allowed, and used.
    let mut scene = shown("token-type-case").await;
    let access_token = text(&scene.tokens(&[]).await, "access_token");
    assert_eq!(scene.idp.judged().verdict, Verdict::SoFar);
    scene.userinfo(&access_token).await.json(200);
    assert_eq!(scene.idp.judged().verdict, Verdict::AsItMust);

    // What only the client can show.
    let mut scene = shown("userinfo-sub-suffix").await;
    let access_token = text(&scene.tokens(&[]).await, "access_token");
    scene.userinfo(&access_token).await.json(200);
    assert_eq!(scene.idp.judged().verdict, Verdict::NotVisible);
}

#[tokio::test]
async fn a_misbehaviour_is_not_met_before_the_client_asks_for_what_it_shows_with() {
    let mut scene = shown("auth-time-missing").await;
    scene.tokens(&[]).await;
    let judged = scene.idp.judged();
    assert!(judged.verdict == Verdict::NotMet && judged.sentence.contains("`max_age`"), "{judged:?}");
    scene.tokens(&[("max_age", Some("600"))]).await;
    assert_eq!(scene.idp.judged().verdict, Verdict::SoFar);
}

#[tokio::test]
async fn a_code_that_is_sent_twice_is_wrong_with_any_provider() {
    let mut scene = good().await;
    let code = scene.code(&[]).await;
    scene.exchange(&code).await.json(200);
    assert_eq!(scene.idp.judged().verdict, Verdict::AsItMust);
    scene.exchange(&code).await.refused(400, "invalid_grant");
    let judged = scene.idp.judged();
    assert!(judged.verdict == Verdict::Otherwise && judged.sentence.contains("RFC 6749 4.1.2"), "{judged:?}");
}

#[tokio::test]
async fn the_verdict_is_of_what_came_after_a_request_and_knows_what_came_before() {
    let mut scene = shown("nonce-suffix").await;
    let access_token = scene.tokens(&[]).await["access_token"].as_str().expect("a text").to_owned();
    scene.userinfo(&access_token).await.json(200);
    let seen = told(&mut scene).await;
    assert_eq!((&seen["judged"]["verdict"], &seen["judged"]["since"]), (&"otherwise".into(), &0.into()));
    let last = seen["requests"].as_array().expect("a list").last().expect("one")["seq"].as_u64().expect("a number");
    let since = format!("/seen.json?since={last}");
    let judged = scene.get(&since).await.json(200)["judged"].clone();
    assert_eq!((&judged["verdict"], &judged["since"]), (&"not_met".into(), &last.into()), "{judged}");
    assert_eq!(judged["wrong"], Value::Array(Vec::new()));
    let page = scene.get(&format!("/seen?since={last}")).await.text;
    assert!(page.contains(&format!("Of what came after request {last}: No client")), "{page}");
    assert!(scene.get("/seen").await.text.contains("Of all requests: The client must not"));
    // By a token that it got before.
    scene.userinfo(&access_token).await.json(200);
    let judged = scene.get(&since).await.json(200)["judged"].clone();
    assert_eq!((&judged["verdict"], &judged["wrong"]), (&"otherwise".into(), &vec![last + 1].into()), "{judged}");

    let mut scene = good().await;
    let code = scene.code(&[]).await;
    scene.exchange(&code).await.json(200);
    let last = scene.idp.log().entries().last().expect("one").seq;
    scene.exchange(&code).await.refused(400, "invalid_grant");
    let judged = scene.get(&format!("/seen.json?since={last}")).await.json(200)["judged"].clone();
    assert_eq!((&judged["verdict"], &judged["wrong"]), (&"otherwise".into(), &vec![last + 1].into()), "{judged}");
}

#[tokio::test]
async fn a_misbehaviour_that_repeats_secrets_does_not_bring_them_onto_the_page() {
    let mut scene = shown("echoed-secrets").await;
    let code = scene.code(&[]).await;
    scene.exchange(&code).await.refused(400, "invalid_grant");
    let page: Seen = scene.get("/seen").await;
    assert!(page.text.contains("invalid_grant"), "{}", page.text);
    assert!(!page.text.contains(&code) && !page.text.contains(VERIFIER), "{}", page.text);
}

#[tokio::test]
async fn text_of_a_client_cannot_become_markup_and_the_log_has_an_end() {
    let mut scene = good().await;
    let evil = "<img src=x>";
    scene.get(&format!("/nowhere/{evil}?{evil}={evil}&scope={evil}")).await.stays_here(404, "no such page");
    for _ in 0..520 {
        scene.fetch(Endpoint::Jwks).await;
    }
    let seen = told(&mut scene).await;
    let requests = seen["requests"].as_array().expect("a list");
    assert_eq!((requests.len(), requests[0]["seq"].as_u64()), (500, Some(22)));
    assert_eq!(scene.get("/seen.json?since=520").await.json(200)["requests"].as_array().map(Vec::len), Some(1));

    let mut scene = good().await;
    scene.get(&format!("/nowhere?{evil}={evil}&scope={evil}")).await;
    let page = scene.get("/seen").await;
    assert!(page.text.contains("&lt;img src=x&gt;") && !page.text.contains("<img"), "{}", page.text);
}

#[tokio::test]
async fn it_is_told_at_the_provider_s_own_name_only_and_to_readers_only() {
    let mut scene = good().await;
    let request = scene.http.get(scene.idp.seen_url().expect("it is told")).header("host", "evil.example");
    let seen = scene.browse(request).await;
    seen.stays_here(421, "Not the address of this provider");
    assert_eq!(scene.post("/seen", &[]).await.status, 405);
    let path = Scene::with(Settings { seen: true, path: "/tenant".into(), ..Settings::default() }).await;
    assert!(path.idp.seen_url().is_some_and(|url| url.ends_with("/tenant/seen")));
}
