//! Computers that sleep, and clocks that are set: the agent's time is the test's.

use std::time::Duration;

use doorkey_agent::time::GivenClock;
use jiff::SignedDuration;

use super::*;

const HOUR: Duration = Duration::from_secs(3600);
const YEAR: SignedDuration = SignedDuration::from_hours(24 * 365);

async fn stage() -> (Stage, GivenClock) {
    let clock = GivenClock::new();
    let stage = Stage::with_clock(Settings { token_life: HOUR, ..Settings::default() }, &clock).await;
    // The provider's clock goes on as ever, and an ID token of it is as old as the test's clock makes it.
    stage.provider.knobs().refresh_without_id_token();
    (stage, clock)
}

/// the computer sleeps nine hours | on waking nobody is handed the ended token, and it is renewed once
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_sleep_of_nine_hours_nobody_is_handed_the_ended_token_and_one_refresh_is_enough() {
    let (stage, clock) = stage().await;
    stage.sign_in().await;
    let before = stage.access_token().await;
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    clock.pass(9 * HOUR);
    let callers: Vec<_> = (0..CROWD)
        .map(|_| {
            let client = stage.client.clone();
            tokio::spawn(async move { client.token(&TokenRequest::for_profile(PROFILE)).await })
        })
        .collect();
    assert!(gate.wait_for(1, PATIENCE).await, "the renewal is under way");
    gate.release();
    for caller in callers {
        let token = caller.await.expect("it ends").expect("it is served");
        assert_ne!(exposed(&token.access_token), before);
        assert!(token.expires_at.is_some_and(|end| end > clock.wall()), "{:?}", token.expires_at);
    }
    assert_eq!(stage.refreshes().len(), 1);
}

/// sixteen sessions of one provider were due while the computer slept | each is renewed once, four at a time
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_due_during_a_sleep_is_renewed_on_waking_and_is_no_flood() {
    let (stage, clock) = stage().await;
    let names: Vec<String> = (0..16).map(|number| format!("profile-{number}")).collect();
    for name in &names {
        let profile = doorkey_tests::stage::profile(name, stage.provider.issuer());
        stage.client.put_profile(&profile.into()).await.expect("the profile is good");
        let attempt = doorkey_tests::Attempt::begin(&stage.client, &doorkey_tests::stage::request(name)).await;
        attempt.allow(&stage.person("Ada")).await;
        attempt.done().await;
    }
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    clock.pass(9 * HOUR);
    assert!(gate.wait_for(4, PATIENCE).await, "nobody asks, and they are renewed");
    assert!(!gate.wait_for(5, Duration::from_millis(300)).await, "four at a time");
    gate.release();
    for name in &names {
        let renewed = |session: &doorkey_client::words::Session| &session.profile == name && session.renewals == 1;
        doorkey_tests::watch::until_session(&stage.client, "it is renewed", renewed).await;
    }
    assert_eq!(stage.refreshes().len(), names.len());
}

/// L-T14: the clock is set between two calls | what is handed out is valid all the same
/// the clock is set back by a year | the token is renewed when it ends all the same, and its end is told by the new clock
#[tokio::test]
async fn a_clock_that_is_set_back_does_not_keep_an_ended_token_alive() {
    let (stage, clock) = stage().await;
    stage.sign_in().await;
    let before = stage.access_token().await;
    clock.set(-YEAR);
    let token = stage.token().await.expect("it is as valid as before");
    assert_eq!(exposed(&token.access_token), before);
    let left = token.expires_at.expect("it is known").duration_since(clock.wall());
    assert!(left > SignedDuration::ZERO && left <= SignedDuration::from_hours(1), "{left:?}");
    assert_eq!(stage.refreshes().len(), 0);

    clock.pass(HOUR);
    let token = stage.token().await.expect("a new one");
    assert_ne!(exposed(&token.access_token), before);
    assert_eq!(stage.refreshes().len(), 1);
}

/// the clock is set forwards by a year, and back again | one refresh, no loop
#[tokio::test]
async fn a_clock_that_is_set_forwards_and_back_causes_one_refresh() {
    let (stage, clock) = stage().await;
    stage.sign_in().await;
    clock.set(YEAR);
    stage.until("it is renewed, for who knows which clock was right", |session| session.renewals == 1).await;
    let token = stage.token().await.expect("a token");
    assert!(token.expires_at.is_some_and(|end| end > clock.wall()));
    clock.set(-YEAR);
    for _ in 0..10 {
        stage.token().await.expect("the same token");
    }
    assert_eq!(stage.refreshes().len(), 1);
}

/// the clock is set back while the provider is away | it is asked again after the pause, not after a year
#[tokio::test]
async fn a_clock_that_is_set_back_does_not_prolong_a_pause() {
    let (stage, clock) = stage().await;
    stage.sign_in().await;
    stage.provider.go_offline().await;
    clock.pass(HOUR);
    let waiting = stage.until("the renewal failed", |session| session.state == SessionState::Offline).await;
    assert!(waiting.renews_at.is_some_and(|next| next > clock.wall()));
    stage.provider.come_back().await.expect("the port is free");
    clock.set(-YEAR);
    clock.pass(Duration::from_secs(6));
    stage.until("it was asked again", |session| session.renewals == 1).await;
}
