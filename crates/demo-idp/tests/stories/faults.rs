use std::time::Duration;

use doorkey_demo_idp::{Endpoint, Fault, Outcome, Times};

use crate::support::{SOON, Scene, exchange_form, text};

#[tokio::test]
async fn a_status_fault_comes_so_often_and_changes_nothing() {
    let mut scene = Scene::new().await;
    let code = scene.code(&[]).await;
    scene.idp.knobs().fail(Endpoint::Token, Fault::Status(503), Times::Next(2));
    assert_eq!(scene.exchange(&code).await.status, 503);
    assert_eq!(scene.exchange(&code).await.status, 503);
    scene.exchange(&code).await.json(200);
}

#[tokio::test]
async fn a_fault_stays_until_it_is_healed() {
    let mut scene = Scene::new().await;
    let first = scene.tokens(&[]).await;
    let fault = Fault::OauthError { status: 400, error: "invalid_grant".into() };
    scene.idp.knobs().fail(Endpoint::Token, fault, Times::Always);
    for _ in 0..3 {
        scene.refresh(text(&first["refresh_token"]), &[]).await.refused(400, "invalid_grant");
    }
    scene.idp.knobs().heal(Endpoint::Token);
    scene.refresh(text(&first["refresh_token"]), &[]).await.json(200);
}

#[tokio::test]
async fn html_and_broken_json_come_where_json_belongs() {
    let scene = Scene::new().await;
    let knobs = scene.idp.knobs();
    knobs.fail(Endpoint::Token, Fault::Html, Times::Next(1));
    let html = scene.exchange("x").await;
    assert!(html.status == 200 && html.header("content-type").starts_with("text/html"));
    knobs.fail(Endpoint::Token, Fault::InvalidJson, Times::Next(1));
    let broken = scene.exchange("x").await;
    assert!(broken.header("content-type").starts_with("application/json"));
    assert!(serde_json::from_str::<serde_json::Value>(&broken.text).is_err());
}

#[tokio::test]
async fn a_huge_answer_is_64_mib_of_json() {
    let scene = Scene::new().await;
    scene.idp.knobs().fail(Endpoint::Jwks, Fault::Huge, Times::Next(1));
    let huge =
        scene.http.get(scene.idp.url(Endpoint::Jwks)).send().await.expect("an answer").bytes().await.expect("all");
    assert_eq!(huge.len(), 64 * 1024 * 1024);
    assert!(huge.starts_with(br#"{"a":"a"#) && huge.ends_with(br#"a"}"#));
}

#[tokio::test]
async fn a_cut_answer_has_its_headers_and_half_its_body() {
    let mut scene = Scene::new().await;
    let code = scene.code(&[]).await;
    scene.idp.knobs().spoil(Endpoint::Token, Fault::Cut, Times::Next(1));
    let form = exchange_form(&code);
    let mut answer = scene.form(&scene.idp.url(Endpoint::Token), &form).send().await.expect("headers come");
    let promised = answer.content_length().expect("a length");
    let mut got = 0;
    let end = loop {
        match answer.chunk().await {
            Ok(Some(bytes)) => got += bytes.len() as u64,
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    assert!(end.is_some() && got == promised / 2, "{got} of {promised}: {end:?}");
}

#[tokio::test]
async fn a_spoilt_refresh_has_rotated_the_token_all_the_same() {
    let mut scene = Scene::new().await;
    let first = scene.tokens(&[]).await;
    scene.idp.knobs().spoil(Endpoint::Token, Fault::Drop, Times::Next(1));
    assert!(scene.try_refresh(text(&first["refresh_token"])).await.is_err());
    scene.refresh(text(&first["refresh_token"]), &[]).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn dropped_and_reset_connections_give_no_answer_and_change_nothing() {
    let mut scene = Scene::new().await;
    let first = scene.tokens(&[]).await;
    scene.idp.log().clear();
    for fault in [Fault::Drop, Fault::Reset] {
        scene.idp.knobs().fail(Endpoint::Token, fault.clone(), Times::Next(1));
        let error = scene.try_refresh(text(&first["refresh_token"])).await.expect_err("no answer");
        let reset = format!("{error:?}").contains("ConnectionReset");
        assert_eq!(reset, fault == Fault::Reset, "{error:?}");
    }
    for entry in scene.idp.log().of(Endpoint::Token) {
        assert_eq!(entry.outcome, Some(Outcome { status: None, error: None }));
    }
    scene.refresh(text(&first["refresh_token"]), &[]).await.json(200);
}

#[tokio::test]
async fn a_hanging_request_arrives_and_is_never_answered() {
    let scene = Scene::new().await;
    scene.idp.knobs().fail(Endpoint::Token, Fault::Hang, Times::Next(1));
    let asked = scene.form(&scene.idp.url(Endpoint::Token), &exchange_form("x")).send();
    let log = scene.idp.log();
    tokio::select! {
        answer = asked => panic!("it answered: {answer:?}"),
        arrived = log.wait_for(Endpoint::Token, 1, SOON) => assert!(arrived),
    }
    assert_eq!(log.of(Endpoint::Token)[0].outcome, None);
}

#[tokio::test]
async fn a_slow_body_sends_its_headers_first_and_then_a_byte_at_a_time() {
    let scene = Scene::new().await;
    scene.idp.knobs().spoil(Endpoint::Discovery, Fault::SlowBody, Times::Next(1));
    let mut answer = scene.http.get(scene.idp.url(Endpoint::Discovery)).send().await.expect("headers come");
    assert!(answer.content_length() > Some(100));
    assert_eq!(answer.chunk().await.expect("a byte").expect("a byte"), "{");
}

#[tokio::test]
async fn a_gate_holds_requests_before_the_work_until_it_is_released() {
    let mut scene = Scene::new().await;
    let first = scene.tokens(&[]).await;
    let token = text(&first["refresh_token"]);
    scene.idp.log().clear();
    let gate = scene.idp.knobs().hold(Endpoint::Token);
    let meet = async {
        assert!(gate.wait_for(3, SOON).await);
        assert_eq!(gate.waiting(), 3);
        assert!(scene.idp.log().entries().iter().all(|entry| entry.outcome.is_none()));
        gate.release();
    };
    let (a, b, c, ()) =
        tokio::join!(scene.refresh(token, &[]), scene.refresh(token, &[]), scene.refresh(token, &[]), meet);
    let mut statuses = [a.status, b.status, c.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400]);
}

#[tokio::test]
async fn a_gate_can_hold_the_answer_after_the_work() {
    let mut scene = Scene::new().await;
    let first = scene.tokens(&[]).await;
    let token = text(&first["refresh_token"]);
    let gate = scene.idp.knobs().hold_answers(Endpoint::Token);
    tokio::select! {
        _ = scene.refresh(token, &[]) => panic!("the answer was held"),
        waits = gate.wait_for(1, SOON) => assert!(waits),
    }
    gate.release();
    // The client went away with its answer unread; the token is used up all the same.
    scene.refresh(token, &[]).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn a_gate_that_nobody_reaches_says_so() {
    let scene = Scene::new().await;
    let gate = scene.idp.knobs().hold(Endpoint::Token);
    assert!(!gate.wait_for(1, Duration::from_millis(1)).await);
}

impl Scene {
    async fn try_refresh(&self, token: &str) -> reqwest::Result<reqwest::Response> {
        let form = [("grant_type", "refresh_token"), ("client_id", "doorkey-demo"), ("refresh_token", token)];
        self.form(&self.idp.url(Endpoint::Token), &form).send().await
    }
}
