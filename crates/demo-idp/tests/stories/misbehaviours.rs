//! Each misbehaviour does what it says, and each is shown somewhere below.

mod callback;
mod claims;
mod discovery;
mod jws;
mod keys;
mod tokens;
mod userinfo;

use std::collections::HashSet;

use doorkey_demo_idp::Misbehaviour;
use doorkey_demo_idp::Misbehaviour as M;

use crate::support::{Scene, Seen};

impl Scene {
    pub(crate) fn misbehave(&self, how: M) {
        self.idp.knobs().misbehave(Some(how));
    }

    /// Ada signs in and allows; whatever comes then.
    pub(crate) async fn answered(&mut self, changes: &[(&str, Option<&str>)]) -> Seen {
        let mut seen = self.begin(changes).await;
        if seen.text.contains("name=\"password\"") {
            seen = self.log_in(&seen, "ada@example.test", "analytical").await;
        }
        if seen.text.contains("name=\"decision\"") {
            seen = self.decide(&seen, "allow").await;
        }
        seen
    }
}

#[test]
fn every_misbehaviour_is_shown_once() {
    let shown = [
        callback::shown(),
        claims::shown(),
        discovery::shown(),
        crate::device::shown(),
        crate::dpop::shown(),
        jws::shown(),
        keys::shown(),
        tokens::shown(),
        userinfo::shown(),
    ]
    .concat();
    let distinct: HashSet<_> = shown.iter().copied().collect();
    assert_eq!(distinct.len(), shown.len(), "one is shown twice");
    let missing: Vec<_> = M::ALL.iter().filter(|one| !distinct.contains(one)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn a_provider_can_misbehave_from_the_start_and_be_made_good() {
    let settings = doorkey_demo_idp::Settings {
        misbehaviour: Misbehaviour::from_name("discovery-issuer-foreign"),
        ..Default::default()
    };
    let scene = Scene::with(settings).await;
    let document = scene.fetch(doorkey_demo_idp::Endpoint::Discovery).await;
    assert_eq!(document["issuer"], "https://example.com");
    scene.idp.knobs().misbehave(None);
    assert_eq!(scene.fetch(doorkey_demo_idp::Endpoint::Discovery).await["issuer"], scene.idp.issuer());
}
