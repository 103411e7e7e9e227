//! Renewal: one at a time, nothing lost, whatever the provider does.

mod clock;
mod ends;
mod faults;
mod network;

use std::collections::HashSet;
use std::time::Duration;

use doorkey_client::words::{RenewalRequest, SessionState, TokenRequest};
use doorkey_demo_idp::{Endpoint, RefreshStyle, RefreshTokens, Settings};
use doorkey_tests::stage::{LONG, assert_told_well, exposed};
use doorkey_tests::{PATIENCE, PROFILE, Stage, program};

const CROWD: usize = 50;

#[tokio::test]
async fn a_token_about_to_end_is_renewed_before_it_is_handed_out() {
    let stage = Stage::about_to_end().await;
    let old = stage.session().await;
    let token = stage.token().await.expect("a token");
    let new = stage.session().await;
    assert_eq!((new.renewals, new.state), (1, SessionState::SignedIn));
    assert!(token.expires_at == new.expires_at && new.expires_at > old.expires_at, "{new:?}");
    assert_eq!((new.id, new.sub, new.signed_in_at), (old.id, old.sub, old.signed_in_at));
    assert_eq!(stage.refreshes().len(), 1);

    stage.token().await.expect("the same token");
    assert_eq!(stage.refreshes().len(), 1, "a fresh token is not renewed");
}

#[tokio::test]
async fn min_ttl_decides_how_long_a_token_must_still_be_valid() {
    let stage = Stage::with_life(LONG).await;
    stage.sign_in().await;
    let lasting = |seconds: u32| TokenRequest { min_ttl: Some(seconds), ..TokenRequest::for_profile(PROFILE) };
    stage.token_for(&lasting(200)).await.expect("it is valid for so long");
    assert_eq!(stage.refreshes().len(), 0);
    stage.provider.knobs().set_token_life(2 * LONG);
    stage.token_for(&lasting(400)).await.expect("a longer one");
    assert_eq!(stage.refreshes().len(), 1);
}

/// fifty callers of one agent, the token has ended | one refresh, one token for all
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_callers_at_the_moment_of_expiry_cause_one_refresh_request() {
    let stage = Stage::with_ended_token().await;
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    let callers: Vec<_> = (0..CROWD)
        .map(|_| {
            let client = stage.client.clone();
            tokio::spawn(async move { client.token(&TokenRequest::for_profile(PROFILE)).await })
        })
        .collect();
    assert!(gate.wait_for(1, PATIENCE).await, "the renewal is under way");
    gate.release();

    let mut tokens = HashSet::new();
    for caller in callers {
        let answer = caller.await.expect("it ends").expect("it is served");
        tokens.insert(exposed(&answer.access_token));
    }
    assert_eq!(tokens.len(), 1, "all are given the same token");
    assert_eq!(stage.refreshes().len(), 1, "one refresh request reached the provider");
}

/// fifty processes, the token has ended, reuse is detected | one refresh, one token for all
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_processes_at_the_moment_of_expiry_cause_one_refresh_request() {
    let stage = Stage::with_ended_token().await;
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    let programs: Vec<_> = (0..CROWD)
        .map(|_| program::command(stage.folder(), &["token", PROFILE]).spawn().expect("the program starts"))
        .collect();
    assert!(gate.wait_for(1, PATIENCE).await, "the renewal is under way");
    gate.release();

    let mut tokens = HashSet::new();
    for running in programs {
        let ended = program::ended(running).await;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        tokens.insert(ended.stdout);
    }
    assert_eq!(tokens.len(), 1, "all print the same token");
    assert_eq!(tokens.into_iter().next(), Some(format!("{}\n", stage.access_token().await)));
    assert_eq!(stage.refreshes().len(), 1, "one refresh request reached the provider");
}

#[tokio::test]
async fn a_slow_renewal_of_one_session_never_delays_another() {
    let stage = Stage::about_to_end().await;
    stage.sign_in_as("Grace").await;
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    let whose = |account: &str| TokenRequest { account: Some(account.into()), ..TokenRequest::for_profile(PROFILE) };
    let (adas, grace) = (whose("ada@example.test"), whose("grace@example.test"));
    let (ada, ()) = tokio::join!(stage.token_for(&adas), async {
        assert!(gate.wait_for(1, PATIENCE).await, "Ada's renewal is under way");
        stage.token_for(&grace).await.expect("Grace's token, while Ada's is held");
        gate.release();
    });
    ada.expect("Ada's token");
    assert_eq!(stage.refreshes().len(), 1);
}

#[tokio::test]
async fn a_renewal_is_planned_and_happens_by_itself() {
    let stage = Stage::with_life(Duration::from_secs(12)).await;
    let session = stage.sign_in().await;
    assert!(session.renews_at.is_some_and(|at| Some(at) < session.expires_at), "{session:?}");
    stage.provider.knobs().set_token_life(LONG);
    let renewed = stage.until("it was renewed", |session| session.renewals == 1).await;
    assert!(renewed.expires_at > session.expires_at);
    let refreshes = stage.refreshes();
    assert_eq!(refreshes.len(), 1, "nobody asked, and it was renewed once");
}

/// every new token ends at once | one try in ten seconds
#[tokio::test]
async fn tokens_that_end_at_once_do_not_cause_a_storm() {
    let stage = Stage::with_life(Duration::ZERO).await;
    stage.sign_in().await;
    for _ in 0..20 {
        let refusal = stage.token().await.expect_err("there is no valid token");
        assert_eq!((refusal.code.as_str(), refusal.retryable), ("refresh.later", true));
        assert_told_well(&refusal);
    }
    assert_eq!(stage.refreshes().len(), 1, "one try in ten seconds");
    assert!(stage.session().await.renewable);
}

/// the refresh token rotates | each is sent once
#[tokio::test]
async fn a_rotated_refresh_token_is_never_sent_again() {
    let stage = Stage::with_life(LONG).await;
    stage.sign_in().await;
    for _ in 0..4 {
        stage.renew().await.expect("renewed");
    }
    let sent: Vec<String> = stage.sent_refresh_tokens();
    assert_eq!(sent.len(), 4);
    assert_eq!(sent.iter().collect::<HashSet<_>>().len(), 4, "each was sent once");
}

/// no new refresh token in the answer, or the same again | the old one goes on
#[tokio::test]
async fn without_a_new_refresh_token_the_old_one_goes_on() {
    let stage = Stage::with_life(LONG).await;
    for style in [RefreshStyle::Keep, RefreshStyle::SameAgain] {
        stage.sign_in().await;
        let before = stage.sent_refresh_tokens().len();
        stage.provider.knobs().refresh_style(style);
        stage.renew().await.expect("renewed");
        let session = stage.renew().await.expect("renewed again");
        assert_eq!((session.renewals, session.renewable), (2, true));
        let sent = stage.sent_refresh_tokens().split_off(before);
        assert_eq!((sent.len(), &sent[0]), (2, &sent[1]));
    }
}

#[tokio::test]
async fn a_refresh_answer_without_an_id_token_keeps_who_it_is() {
    let stage = Stage::with_life(LONG).await;
    let before = stage.sign_in().await;
    stage.provider.knobs().refresh_without_id_token();
    let after = stage.renew().await.expect("renewed");
    assert_eq!((after.sub, after.name, after.email), (before.sub, before.name, before.email));
}

/// the caller is gone in the middle of a renewal | it is finished and kept
#[tokio::test]
async fn a_caller_that_goes_away_does_not_stop_the_renewal() {
    let stage = Stage::about_to_end().await;
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    let client = stage.client.clone();
    let caller = tokio::spawn(async move { client.token(&TokenRequest::for_profile(PROFILE)).await });
    assert!(gate.wait_for(1, PATIENCE).await, "the renewal is under way");
    caller.abort();
    assert!(caller.await.is_err_and(|error| error.is_cancelled()), "the caller is gone");
    gate.release();
    stage
        .until("the renewal is stored", |session| session.renewals == 1 && session.state == SessionState::SignedIn)
        .await;
    stage.token().await.expect("the new token");
    assert_eq!(stage.refreshes().len(), 1);
}

/// T-12: no refresh token | signed in, and told that nothing can be renewed
#[tokio::test]
async fn a_session_without_a_refresh_token_ends_with_its_token_and_says_so() {
    let settings = Settings { refresh_tokens: RefreshTokens::Never, token_life: Duration::ZERO, ..Settings::default() };
    let stage = Stage::with(settings).await;
    let session = stage.sign_in().await;
    assert_eq!((session.renewable, session.renews_at), (false, None));
    assert_eq!(stage.session().await.state, SessionState::Expired);
    let asked = stage.token().await.expect_err("it has ended");
    let renewed = stage.renew().await.expect_err("there is nothing to renew with");
    for refusal in [asked, renewed] {
        assert_eq!(refusal.code, "session.sign_in_required");
        assert!(
            refusal.message.to_lowercase().contains("the provider gave no refresh token"),
            "it says why: {refusal:?}"
        );
        assert_told_well(&refusal);
    }
    assert_eq!(stage.refreshes().len(), 0);
}

/// `invalid_grant` for a refresh token that is no longer the newest | the newer one stays and works
#[tokio::test]
async fn a_sign_in_while_the_old_session_renews_is_not_undone_by_it() {
    let stage = Stage::about_to_end().await;
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    let client = stage.client.clone();
    let renewing = tokio::spawn(async move {
        client.renew(&RenewalRequest { profile: Some(PROFILE.to_owned()), account: None }).await
    });
    assert!(gate.wait_for(1, PATIENCE).await, "the renewal is under way");
    // The old session's grant ends meanwhile: its renewal will be refused.
    stage.provider.knobs().revoke_everything();
    let attempt = stage.begin().await;
    attempt.allow(&stage.person("Ada")).await;
    assert!(gate.wait_for(2, PATIENCE).await, "the code is exchanged");
    gate.release();
    renewing.await.expect("it ends").expect_err("the old grant was revoked");
    let session = attempt.done().await;

    assert_eq!(stage.session().await.id, session.id);
    stage.renew().await.expect("the new session's own refresh token works");
    stage.token().await.expect("a token");
}
