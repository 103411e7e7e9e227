//! Tokens bound to a key of the agent's (RFC 9449).

use doorkey_client::words::{ProfileEntry, RenewalRequest};
use doorkey_demo_idp::{DpopNonce, Endpoint, Entry, Misbehaviour, Settings};
use doorkey_tests::stage::{exposed, person, profile, refreshes};
use doorkey_tests::{Household, PROFILE, Stage, skipped};

#[tokio::test]
async fn every_request_has_a_proof_and_the_token_says_so() {
    let stage = bound(DpopNonce::NotWanted).await;
    let session = stage.sign_in().await;
    assert_eq!(session.sub, "demo|ada");
    let token = stage.token().await.expect("a token");
    assert_eq!(token.token_type, "DPoP");
    let log = stage.log();
    let authorize = log.of(Endpoint::Authorize).remove(0);
    assert!(authorize.params.get("dpop_jkt").is_some(), "the code is bound too");
    assert!(log.of(Endpoint::Token).iter().all(has_proof));
    for asked in log.of(Endpoint::Userinfo) {
        assert!(has_proof(&asked) && asked.headers.get("authorization").is_some_and(|it| it.starts_with("DPoP ")));
    }
    stage.renew().await.expect("the renewal is bound to the same key");
    assert!(refreshes(&stage.provider).iter().all(has_proof));
    assert_ne!(exposed(&stage.token().await.expect("a token").access_token), exposed(&token.access_token));
}

#[tokio::test]
async fn a_nonce_that_is_demanded_is_brought_with_the_second_try() {
    // DPOP-02, DPOP-08, A-12: at PAR, token and userinfo.
    for wanted in [DpopNonce::Demanded, DpopNonce::NewWithEveryAnswer] {
        let stage = bound(wanted).await;
        stage.provider.knobs().require_pushed(true);
        stage.sign_in().await;
        stage.renew().await.expect("renewed");
        stage.provider.knobs().new_dpop_nonces();
        stage.renew().await.expect("a nonce that counts no more is replaced");
        let refused = |endpoint: Endpoint| {
            let asked = stage.log().of(endpoint);
            asked
                .iter()
                .filter(|it| it.outcome.as_ref().is_some_and(|it| it.error.as_deref() == Some("use_dpop_nonce")))
                .count()
        };
        assert_eq!(refused(Endpoint::Pushed), 1, "{wanted:?}");
        assert_eq!(refused(Endpoint::Token), 1, "{wanted:?}: only after the nonces were ended");
        let codes: Vec<_> =
            stage.log().of(Endpoint::Token).iter().filter_map(|it| it.params.get("code").map(str::to_owned)).collect();
        assert_eq!(codes.len(), 1, "{wanted:?}: the code was sent once");
    }
}

#[tokio::test]
async fn an_answer_without_the_binding_is_refused() {
    // HP-TK-09
    for how in [Misbehaviour::DpopDowngrade, Misbehaviour::DpopNonceLoop, Misbehaviour::DpopProofTooOld] {
        let stage = bound(DpopNonce::NotWanted).await;
        stage.provider.knobs().misbehave(Some(how));
        let (_, refused) = stage.sign_in_refused().await;
        assert_eq!(Some(refused.code.as_str()), how.must_end().code(), "{how}");
        assert!(stage.client.sessions().await.expect("the sessions").sessions.is_empty());
        stage.provider.knobs().misbehave(None);
        stage.assert_next_sign_in_works().await;
    }
}

#[tokio::test]
async fn each_sign_in_has_a_key_of_its_own() {
    // DPOP-07
    let stage = bound(DpopNonce::NotWanted).await;
    stage.sign_in().await;
    stage.sign_in_as("Grace").await;
    let keys: Vec<_> = stage
        .log()
        .of(Endpoint::Authorize)
        .iter()
        .filter_map(|it| it.params.get("dpop_jkt").map(str::to_owned))
        .collect();
    assert!(keys.len() == 2 && keys[0] != keys[1], "{keys:?}");
}

#[tokio::test]
async fn the_key_survives_the_agent() {
    let settings = Settings { dpop_nonce: DpopNonce::Demanded, ..Settings::default() };
    let Some(home) = Household::with_keyring(settings).await else {
        return skipped("the_key_survives_the_agent", "there is no gnome-keyring");
    };
    let agent = home.agent().await;
    let mut bound = profile(PROFILE, home.provider.issuer());
    bound.dpop = true;
    agent.client.put_profile(&ProfileEntry::from(bound)).await.expect("the profile is good");
    let attempt = agent.begin().await;
    attempt.allow(&person("Ada")).await;
    attempt.done().await;
    agent.kill().await;

    let agent = home.agent().await;
    let request = RenewalRequest { profile: Some(PROFILE.to_owned()), account: None };
    agent.client.renew(&request).await.expect("with the same key");
    agent.terminate().await;
}

async fn bound(dpop_nonce: DpopNonce) -> Stage {
    let stage = Stage::with(Settings { dpop_nonce, ..Settings::default() }).await;
    stage.put(|profile| profile.dpop = true).await;
    stage
}

fn has_proof(entry: &Entry) -> bool {
    entry.headers.get("dpop").is_some()
}
