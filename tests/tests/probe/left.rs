//! What a run leaves behind, however it ends.

use std::time::{Duration, Instant};

use doorkey_client::words::{ProbeOutcome, ProbeState};
use doorkey_demo_idp::{Endpoint, Fault, Times};
use doorkey_tests::Stage;

use super::{Goes, followed, names, probed, request, result, settings};

/// L-36: a run is stopped while it has tokens | they are revoked
#[tokio::test]
async fn a_run_that_is_stopped_cleans_up() {
    let stage = Stage::with(settings()).await;
    let stops_at_seven = |run: &_| at_visit(run, 7);
    let run = followed(&stage, request(&stage), |_| Goes::AtOnce, stops_at_seven).await;
    let why = run.error.clone().expect("why");
    assert_eq!((run.state, why.code.as_str()), (ProbeState::Stopped, "user.cancelled"));
    let cleaned = run.cleaned.clone().expect("it has cleaned up");
    assert!(cleaned.left == 0 && cleaned.revoked > 0 && cleaned.hint.is_empty(), "{cleaned:?}");
    assert_eq!(stage.log().count(Endpoint::Revoke), cleaned.revoked as usize);
    assert_eq!(run.results.len(), 20, "what was not come to is told: {run:?}");
}

/// REV-03: the provider may keep one grant for a person and an application | a session of the person is as it was
#[tokio::test]
async fn nothing_is_revoked_that_might_end_a_session_of_the_same_person() {
    let stage = Stage::with(settings()).await;
    let old = stage.sign_in().await;
    let token = stage.access_token().await;
    let run = probed(&stage, |_| ()).await;
    assert_eq!(stage.log().count(Endpoint::Revoke), 0);
    let cleaned = run.cleaned.clone().expect("it is told");
    assert!(cleaned.revoked == 0 && cleaned.refresh_tokens_left > 0, "{cleaned:?}");
    assert!(cleaned.reason.contains("--end-other-sessions"), "{cleaned:?}");
    assert!(cleaned.hint.contains("refresh tokens and") && cleaned.hint.contains(stage.provider.issuer()));
    for name in ["revocation.access_token", "revocation.refresh_token"] {
        assert_eq!(result(&run, name).outcome, ProbeOutcome::NotAsked, "{run:?}");
    }
    assert_eq!(stage.session().await, old);
    assert_eq!(stage.access_token().await, token);
    stage.renew().await.expect("it is as good as before");

    let run = probed(&stage, |request| request.end_other_sessions = true).await;
    let cleaned = run.cleaned.clone().expect("it has cleaned up");
    assert!(cleaned.left == 0 && cleaned.revoked > 0, "{cleaned:?}");
    assert_eq!(names(&run, ProbeOutcome::NotAsked), ["logout.session"], "{run:?}");
}

#[tokio::test]
async fn a_session_of_somebody_else_keeps_nothing_from_being_revoked() {
    let stage = Stage::with(settings()).await;
    stage.sign_in_as("Grace").await;
    let run = probed(&stage, |_| ()).await;
    let cleaned = run.cleaned.clone().expect("it has cleaned up");
    assert!(cleaned.left == 0 && cleaned.revoked > 0, "{cleaned:?}");
    stage.renew().await.expect("it is as good as before");
}

#[tokio::test]
async fn cleaning_up_ends_in_its_time_and_names_what_may_remain() {
    let stage = Stage::with(settings()).await;
    stage.provider.knobs().fail(Endpoint::Revoke, Fault::Hang, Times::Always);
    let began = Instant::now();
    let run = followed(&stage, request(&stage), |_| Goes::AtOnce, |run| at_visit(run, 2)).await;
    assert!(began.elapsed() < Duration::from_secs(30), "each request alone may last so long");
    let cleaned = run.cleaned.expect("it is told");
    assert_eq!((cleaned.revoked, cleaned.left, cleaned.refresh_tokens_left), (0, 2, 1), "{cleaned:?}");
    assert!(cleaned.reason.contains("longer than 12 s"), "{cleaned:?}");
    let told = format!("1 refresh token and 1 access token may remain; revoke them at {}", stage.provider.issuer());
    assert!(cleaned.hint.starts_with(&told), "{cleaned:?}");
}

#[tokio::test]
async fn tokens_that_may_have_been_on_their_way_are_told_of() {
    let stage = Stage::with(settings()).await;
    let gate = stage.provider.knobs().hold_answers(Endpoint::Token);
    let run = followed(&stage, request(&stage), |_| Goes::AtOnce, |run| run.requests == 1).await;
    assert_eq!(run.state, ProbeState::Stopped);
    let cleaned = run.cleaned.expect("it is told");
    assert_eq!((cleaned.left, cleaned.unanswered), (0, 1), "{cleaned:?}");
    assert!(cleaned.hint.starts_with("what came of 1 token request without an answer may remain"), "{cleaned:?}");
    drop(gate);
}

fn at_visit(run: &doorkey_client::words::ProbeRun, number: u32) -> bool {
    run.visit.as_ref().is_some_and(|it| it.number == number)
}
