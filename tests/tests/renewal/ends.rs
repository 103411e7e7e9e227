//! The refresh token's own end: forecast, told ahead, and not met by accident.

use std::time::Duration;

use doorkey_agent::time::GivenClock;
use doorkey_client::words::{EndBy, EndKind, EventKind, SessionEnd};
use doorkey_tests::{program, watch};
use jiff::SignedDuration;

use super::*;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: u64 = 24 * 3600;

async fn stage() -> (Stage, GivenClock) {
    let clock = GivenClock::new();
    let stage = Stage::with_clock(Settings { token_life: HOUR, ..Settings::default() }, &clock).await;
    stage.provider.knobs().refresh_without_id_token();
    (stage, clock)
}

#[tokio::test]
async fn an_end_that_the_provider_tells_is_shown_and_told_ahead_once_it_stays() {
    let (stage, clock) = stage().await;
    stage.provider.knobs().tell_refresh_life(Some(10 * HOUR));
    let session = stage.sign_in().await;
    let end = session.ends.expect("the provider tells");
    let expected = SessionEnd {
        at: session.issued_at + SignedDuration::from_hours(10),
        kind: EndKind::Idle,
        by: EndBy::Provider,
        notice_at: None,
    };
    assert_eq!(end, expected);

    // Of the ten hours nine are left, and then one: renewals do not move it.
    clock.pass(HOUR);
    stage.provider.knobs().tell_refresh_life(Some(9 * HOUR));
    let session = stage.until("it is renewed", |session| session.renewals == 1).await;
    let end = session.ends.expect("the provider tells");
    assert_eq!((end.kind, end.by), (EndKind::Absolute, EndBy::Provider));
    assert!(end.notice_at.is_some_and(|at| at > clock.wall() && at < end.at), "{end:?}");

    stage.provider.knobs().tell_refresh_life(Some(HOUR));
    clock.pass(8 * HOUR);
    let told = |event: &doorkey_client::words::Event| match &event.kind {
        EventKind::SessionEndsSoon { ends_at } => Some(*ends_at),
        _ => None,
    };
    let at = watch::until_event(&stage.client, "the person is told", told).await;
    assert_eq!(at.duration_since(clock.wall()).as_secs(), 3600);
}

#[tokio::test]
async fn where_the_provider_does_not_tell_the_profile_does() {
    let (stage, clock) = stage().await;
    let days = |days: u64| u32::try_from(days * DAY).ok();
    stage.put(|profile| (profile.refresh_idle, profile.refresh_absolute) = (days(15), days(30))).await;
    let session = stage.sign_in().await;
    let end = session.ends.expect("the profile tells");
    assert_eq!((end.kind, end.by), (EndKind::Idle, EndBy::Profile));
    assert_eq!(end.at, session.issued_at + SignedDuration::from_hours(15 * 24));

    clock.pass(Duration::from_secs(20 * DAY));
    let session = stage.until("it is renewed", |session| session.renewals == 1).await;
    let end = session.ends.expect("the profile tells");
    assert_eq!((end.kind, end.at), (EndKind::Absolute, session.signed_in_at + SignedDuration::from_hours(30 * 24)));
    assert_eq!(end.notice_at, Some(end.at - SignedDuration::from_hours(72)));
    // The command reads the machine's own clock, which is twenty days behind: nothing is near yet.
    let status = program::run(program::command(stage.folder(), &["status", "--json"])).await;
    let answer: serde_json::Value = serde_json::from_str(&status.stdout).expect("JSON");
    assert_eq!(answer["sessions"][0]["ends"]["kind"], "absolute", "{status:?}");
}

#[tokio::test]
async fn status_says_before_when_to_sign_in_again() {
    let stage = Stage::with_life(LONG).await;
    // Of its first second a sign-in of a day says nothing, and of its first day's last eighth it does: it began yesterday.
    let clock = GivenClock::new();
    clock.set(-SignedDuration::from_hours(22));
    let yesterday = Stage::with_clock(Settings { token_life: HOUR, ..Settings::default() }, &clock).await;
    for (stage, said) in [(stage, false), (yesterday, true)] {
        stage.provider.knobs().move_clock(if said { -22 * 3600 } else { 0 });
        stage.put(|profile| profile.refresh_absolute = u32::try_from(DAY).ok()).await;
        stage.sign_in().await;
        let status = program::run(program::command(stage.folder(), &["status"])).await;
        assert_eq!(status.code, Some(0), "{status:?}");
        assert_eq!(status.stderr.contains("work: sign in again before "), said, "{status:?}");
    }
}

/// The refresh token would be dead at four fifths of the access token's life.
#[tokio::test]
async fn a_refresh_token_that_dies_early_is_used_before_it_does() {
    let (stage, clock) = stage().await;
    stage.provider.knobs().tell_refresh_life(Some(HOUR / 2));
    let session = stage.sign_in().await;
    let planned = session.renews_at.expect("it is planned");
    assert!(planned < session.issued_at + SignedDuration::from_mins(30), "{planned}");
    clock.pass(HOUR * 2 / 5);
    stage.until("it is renewed", |session| session.renewals == 1).await;
}
