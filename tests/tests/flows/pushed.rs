//! Pushed authorization requests (RFC 9126): required, wanted, offered to a client that authenticates, refused.

use doorkey_client::words::{EventKind, Push};
use doorkey_demo_idp::{Endpoint, Fault, Settings, Times};
use doorkey_tests::stage::assert_told_well;
use doorkey_tests::{Attempt, Stage, stranger, watch};

#[tokio::test]
async fn where_it_is_required_the_browser_carries_only_a_name() {
    // PAR-01, PAR-02
    let stage = Stage::with(Settings { require_pushed: true, ..Settings::default() }).await;
    let attempt = stage.begin().await;
    assert_only_a_name(&attempt);
    let pushed = stage.log().of(Endpoint::Pushed).remove(0);
    for name in ["state", "nonce", "code_challenge", "redirect_uri", "scope", "client_id"] {
        assert!(pushed.params.get(name).is_some(), "{name} was not pushed");
    }
    attempt.allow(&stage.person("Ada")).await;
    assert_eq!(attempt.done().await.sub, "demo|ada");
    watch::until_event(&stage.client, "it is told", |event| {
        matches!(event.kind, EventKind::RequestPushed { .. }).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_profile_can_want_it_and_can_do_without() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    assert_eq!(stage.log().count(Endpoint::Pushed), 0, "not by itself: many providers take none of a public client");
    stage.put(|profile| profile.push = Push::Always).await;
    let attempt = stage.begin().await;
    assert_only_a_name(&attempt);
    attempt.allow(&stage.person("Ada")).await;
    attempt.done().await;

    stage.put(|profile| profile.push = Push::Never).await;
    stage.provider.knobs().require_pushed(true);
    assert_only_a_name(&stage.begin().await);
}

#[tokio::test]
async fn what_is_refused_there_is_never_asked_in_the_open() {
    // PAR-04, A-11
    let stage = Stage::with(Settings { require_pushed: true, ..Settings::default() }).await;
    for fault in [
        Fault::OauthError { status: 400, error: "invalid_request".to_owned() },
        Fault::Status(404),
        Fault::Html,
        Fault::InvalidJson,
    ] {
        stage.provider.knobs().fail(Endpoint::Pushed, fault.clone(), Times::Next(1));
        let (attempt, refused) = stage.sign_in_refused().await;
        assert_eq!((attempt.is_none(), refused.code.as_str()), (true, "par.failed"), "{fault:?}");
        assert_told_well(&refused);
    }
    assert_eq!(stage.log().count(Endpoint::Authorize), 0);
    stage.assert_next_sign_in_works().await;
}

#[tokio::test]
async fn a_name_is_good_for_one_request_and_the_next_attempt_has_another() {
    // PAR-03
    let stage = Stage::with(Settings { require_pushed: true, ..Settings::default() }).await;
    let first = stage.begin().await;
    let name = first.asked("request_uri");
    first.allow(&stage.person("Ada")).await;
    first.done().await;
    let second = stage.begin().await;
    assert_ne!(second.asked("request_uri"), name);
    let states: Vec<_> =
        stage.log().of(Endpoint::Pushed).iter().map(|it| it.params.get("state").map(str::to_owned)).collect();
    assert_ne!(states[0], states[1]);
}

#[tokio::test]
async fn opening_again_pushes_anew() {
    // PAR-03
    let stage = Stage::with(Settings { require_pushed: true, ..Settings::default() }).await;
    let attempt = stage.begin().await;
    let visit = || stranger::request("GET", &attempt.url, &[("Connection", "close")]);
    assert_eq!(visit().await.status, Some(303), "the person was there once");
    assert_eq!(visit().await.status, Some(400), "its name is used up");
    let detail = stage.client.open_again(&attempt.id).await.expect("it waits");
    let again = Attempt::waiting(&stage.client, &attempt.id).await;
    assert_eq!(detail.authorization_url.as_deref(), Some(again.url.as_str()));
    assert_ne!(again.asked("request_uri"), attempt.asked("request_uri"));
    assert_eq!(again.redirect_uri, attempt.redirect_uri, "the same attempt");
    again.allow(&stage.person("Ada")).await;
    assert_eq!(again.done().await.sub, "demo|ada");
    let over = stage.client.open_again(&attempt.id).await.expect_err("it is over").refusal();
    assert_eq!(over.code, "login.not_waiting");
}

#[tokio::test]
async fn an_address_that_was_not_pushed_stays_good() {
    let stage = Stage::new().await;
    let attempt = stage.begin().await;
    let detail = stage.client.open_again(&attempt.id).await.expect("it waits");
    assert_eq!(detail.authorization_url.as_deref(), Some(attempt.url.as_str()));
    attempt.allow(&stage.person("Ada")).await;
    attempt.done().await;
}

fn assert_only_a_name(attempt: &Attempt) {
    let names: Vec<_> = attempt.url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["client_id", "request_uri"], "{}", attempt.url);
}
