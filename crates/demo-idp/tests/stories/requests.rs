//! What an authorization request may ask for beyond the basics.

use doorkey_demo_idp::Endpoint;
use serde_json::json;

use crate::support::{REDIRECT, Scene, part, text};

#[tokio::test]
async fn an_answer_can_come_as_a_form() {
    let mut scene = Scene::new().await;
    let seen = scene.answered(&[("response_mode", Some("form_post"))]).await;
    assert_eq!((seen.status, seen.action().as_str()), (200, REDIRECT));
    assert_eq!((seen.hidden("state").as_str(), seen.hidden("iss").as_str()), ("the-state", scene.idp.issuer()));
    assert!(seen.text.contains("<script>document.forms[0].submit()</script>"));
    let policy = seen.header("content-security-policy");
    assert!(policy.contains("script-src 'sha256-") && policy.contains("form-action 'self' http://127.0.0.1:49152"));
    scene.exchange(&seen.hidden("code")).await.json(200);
    scene.begin(&[("response_mode", Some("fragment"))]).await.sent_back("invalid_request");
}

#[tokio::test]
async fn how_people_log_in_is_told_when_it_is_asked() {
    let mut scene = Scene::new().await;
    let asked = scene.tokens(&[("acr_values", Some("urn:demo:other urn:demo:password"))]).await;
    assert_eq!(part(text(&asked["id_token"]), 1)["acr"], "urn:demo:password");
    let renewed = scene.refresh(text(&asked["refresh_token"]), &[]).await.json(200);
    assert_eq!(part(text(&renewed["id_token"]), 1)["acr"], "urn:demo:password");
    let not_asked = scene.tokens(&[]).await;
    assert!(part(text(&not_asked["id_token"]), 1).get("acr").is_none());
}

#[tokio::test]
async fn max_age_wants_a_fresh_log_in_and_auth_time_tells_when_it_was() {
    let mut scene = Scene::new().await;
    let before = part(text(&scene.tokens(&[]).await["id_token"]), 1)["auth_time"].as_u64().expect("a time");
    scene.idp.knobs().move_clock(100);
    let kept = part(text(&scene.tokens(&[("max_age", Some("1000"))]).await["id_token"]), 1);
    assert_eq!(kept["auth_time"].as_u64(), Some(before));
    let login = scene.begin(&[("max_age", Some("50"))]).await;
    assert!(login.text.contains("name=\"password\""));
    let fresh = part(text(&scene.tokens(&[("max_age", Some("50"))]).await["id_token"]), 1);
    assert!(fresh["auth_time"].as_u64() >= Some(before + 100));
}

#[tokio::test]
async fn an_organization_is_told_by_id_and_name() {
    let mut scene = Scene::new().await;
    for asked in ["org_demo_acme", "acme"] {
        let api = ("audience", Some("https://api.example/"));
        let answer = scene.tokens(&[("organization", Some(asked)), api]).await;
        for token in ["id_token", "access_token"] {
            let claims = part(text(&answer[token]), 1);
            assert_eq!((text(&claims["org_id"]), text(&claims["org_name"])), ("org_demo_acme", "acme"));
        }
        let renewed = scene.refresh(text(&answer["refresh_token"]), &[]).await.json(200);
        assert_eq!(part(text(&renewed["id_token"]), 1)["org_id"], "org_demo_acme");
    }
    scene.begin(&[("organization", Some("org_unknown"))]).await.sent_back("invalid_request");
    assert!(part(text(&scene.tokens(&[]).await["id_token"]), 1).get("org_id").is_none());
}

#[tokio::test]
async fn what_is_asked_in_detail_is_shown_granted_and_told() {
    let mut scene = Scene::new().await;
    let details = json!([{ "type": "payment", "amount": "12.50" }]);
    let asked = details.to_string();
    let changes = [("authorization_details", Some(asked.as_str())), ("audience", Some("https://api.example/"))];
    for _ in 0..2 {
        let mut seen = scene.begin(&changes).await;
        if seen.text.contains("name=\"password\"") {
            seen = scene.log_in(&seen, "ada@example.test", "analytical").await;
        }
        assert!(seen.text.contains("12.50"), "it is asked each time");
        let code = scene.decide(&seen, "allow").await.callback()["code"].clone();
        let answer = scene.exchange(&code).await.json(200);
        assert_eq!(answer["authorization_details"], details);
        assert_eq!(part(text(&answer["access_token"]), 1)["authorization_details"], details);
    }
    for bad in ["{}", "[1]", r#"[{"type":"other"}]"#, "not json"] {
        scene.begin(&[("authorization_details", Some(bad))]).await.sent_back("invalid_authorization_details");
    }
    let supported = scene.fetch(Endpoint::Discovery).await["authorization_details_types_supported"].clone();
    assert_eq!(supported, json!(["notes", "payment"]));
}

#[tokio::test]
async fn several_resources_are_granted_and_a_renewal_may_ask_for_fewer() {
    let mut scene = Scene::new().await;
    let url =
        format!("{}&resource=https://b.example/", scene.authorization_url(&[("resource", Some("https://a.example/"))]));
    scene.callback(&[("resource", Some("https://a.example/"))]).await;
    let first = scene.get(&url).await;
    let consent = scene.follow(first).await;
    let code = scene.decide(&consent, "allow").await.callback()["code"].clone();
    let answer = scene.exchange(&code).await.json(200);
    let userinfo = scene.idp.url(Endpoint::Userinfo);
    let aud = |answer: &serde_json::Value| part(text(&answer["access_token"]), 1)["aud"].clone();
    assert_eq!(aud(&answer), json!(["https://a.example/", "https://b.example/", userinfo]));
    let narrowed = scene.refresh(text(&answer["refresh_token"]), &[("resource", "https://b.example/")]).await.json(200);
    assert_eq!(aud(&narrowed), json!(["https://b.example/", userinfo]));
    let more = [("resource", "https://c.example/")];
    scene.refresh(text(&narrowed["refresh_token"]), &more).await.refused(400, "invalid_target");
    let whole = scene.refresh(text(&narrowed["refresh_token"]), &[]).await.json(200);
    assert_eq!(aud(&whole), aud(&answer), "narrowing is for one answer");
}
