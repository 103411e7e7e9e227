//! A sign-in that a fault of the provider must end, and what must be true afterwards whatever the fault (N1 to N7).

use doorkey_client::words::{CheckOutcome, EventKind, Profile, Refusal};
use doorkey_demo_idp::{Endpoint, Fault, Times};
use doorkey_tests::secrets::{assert_none, sent_to};
use doorkey_tests::{Stage, watch};
use serde_json::Value;

use crate::listener_support::free_port;

/// Ada is signed in, and every further sign-in listens on one port: the next works only where the last has left it.
pub(crate) async fn on_one_port() -> Stage {
    let stage = Stage::signed_in().await;
    let port = free_port();
    stage.put(|profile| profile.ports = vec![port]).await;
    stage
}

/// Saves the profile with a change, on the port it has.
pub(crate) async fn change(stage: &Stage, change: impl FnOnce(&mut Profile)) {
    let ports = stage.client.profiles().await.expect("the profiles").remove(0).profile.ports;
    stage
        .put(|profile| {
            profile.ports = ports;
            change(profile);
        })
        .await;
}

/// A sign-in ends with this code. It asks the provider nothing more, the old session is as it was, and no secret is told.
pub(crate) async fn refuses(stage: &Stage, code: &str) -> Refusal {
    let before = stage.snapshot().await;
    let (_, refused) = stage.sign_in_refused().await;
    let heard = stage.log().entries().len();
    assert_eq!(refused.code, code, "{refused:?}");
    let told = format!("{refused:?}");
    assert!(told.chars().count() < 1_200, "nobody reads so much: {told}");
    assert!(!refused.message.contains(char::is_control), "{refused:?}");
    assert_none(&sent_to(&stage.provider), "the refusal", &told);
    assert_eq!(stage.snapshot().await, before, "the old session has changed");
    assert_eq!(stage.log().entries().len(), heard, "the provider is asked again");
    refused
}

/// From now on the metadata come with these members changed; `null` takes one away.
pub(crate) fn describes(stage: &Stage, changes: Value) {
    stage.provider.knobs().heal(Endpoint::Discovery);
    stage.provider.knobs().spoil(Endpoint::Discovery, Fault::Merged(changes), Times::Always);
}

/// An answer with this status, type and body.
pub(crate) fn said(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Fault {
    Fault::Said { status, headers: vec![("content-type".to_owned(), content_type.to_owned())], body: body.into() }
}

/// What the next token answer has changed.
pub(crate) fn gives_next(stage: &Stage, changes: Value) {
    stage.provider.knobs().spoil(Endpoint::Token, Fault::Merged(changes), Times::Next(1));
}

/// What the journal tells of a check that was odd and no reason to refuse.
pub(crate) async fn warned_of(stage: &Stage, name: &str) -> String {
    watch::until_event(&stage.client, "the warning is in the journal", |event| {
        let EventKind::Checked { checks, .. } = &event.kind else { return None };
        let odd = checks.iter().find(|check| check.name == name && check.outcome == CheckOutcome::Warned)?;
        Some(format!("expected {}, got {}", odd.expected, odd.got))
    })
    .await
}
