//! Renewal: one at a time, nothing lost, whatever the provider does.

use std::collections::HashSet;
use std::time::Duration;

use doorkey_client::words::{RenewalRequest, Session, SessionState, TokenRequest};
use doorkey_demo_idp::{Endpoint, Fault, IdTokenFault, RefreshStyle, RefreshTokens, Settings, Times};
use doorkey_tests::stage::{LONG, SHORT, assert_told_well, exposed};
use doorkey_tests::{PATIENCE, PROFILE, Stage, program};

const CROWD: usize = 50;

#[tokio::test]
async fn a_token_about_to_end_is_renewed_before_it_is_handed_out() {
    let stage = about_to_end().await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_callers_at_the_moment_of_expiry_cause_one_refresh_request() {
    let stage = ended().await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_processes_at_the_moment_of_expiry_cause_one_refresh_request() {
    let stage = ended().await;
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
    let stage = about_to_end().await;
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

#[tokio::test]
async fn a_provider_that_is_away_costs_nothing_but_time() {
    let stage = ended().await;
    stage.provider.go_offline().await;
    let refusal = stage.token().await.expect_err("there is no valid token");
    assert_eq!((refusal.code.as_str(), refusal.retryable), ("net.connect", true));
    assert_told_well(&refusal);
    let session = stage.session().await;
    assert_eq!((session.state, session.renewable), (SessionState::Offline, true));
    assert_eq!(session.problem.map(|problem| problem.code).as_deref(), Some("net.connect"));
    assert!(session.renews_at.is_some(), "it says when it will be tried again");

    stage.provider.come_back().await.expect("the port is free");
    assert_works_again(&stage).await;
}

#[tokio::test]
async fn a_token_that_is_still_valid_is_handed_out_while_the_provider_is_away() {
    let stage = Stage::with_life(LONG).await;
    stage.sign_in().await;
    let token = stage.access_token().await;
    stage.provider.go_offline().await;
    stage.renew().await.expect_err("the provider is away");
    assert_eq!(stage.session().await.state, SessionState::Offline);
    assert_eq!(stage.access_token().await, token);
    let longer = TokenRequest { min_ttl: Some(900), ..TokenRequest::for_profile(PROFILE) };
    let answer = stage.token_for(&longer).await.expect("the one there is, with its true end");
    assert_eq!(exposed(&answer.access_token), token);
}

#[tokio::test]
async fn faults_of_the_provider_keep_the_session_and_its_refresh_token() {
    let stage = Stage::new().await;
    for (fault, code) in [
        (Fault::Status(500), "refresh.later"),
        (Fault::Status(503), "refresh.later"),
        (Fault::Status(429), "refresh.later"),
        (Fault::OauthError { status: 503, error: "temporarily_unavailable".to_owned() }, "refresh.later"),
        (Fault::Html, "refresh.later"),
        (Fault::InvalidJson, "token.bad_response"),
        (Fault::Huge, "net.too_large"),
        (Fault::Cut, "net.no_answer"),
        (Fault::Drop, "net.no_answer"),
        (Fault::Reset, "net.no_answer"),
        (Fault::OauthError { status: 400, error: "invalid_client".to_owned() }, "refresh.config"),
        (Fault::OauthError { status: 400, error: "unauthorized_client".to_owned() }, "refresh.config"),
        (Fault::OauthError { status: 400, error: "invalid_scope".to_owned() }, "refresh.config"),
    ] {
        sign_in_with_first_token(&stage, Duration::ZERO).await;
        stage.provider.knobs().fail(Endpoint::Token, fault.clone(), Times::Always);
        let refusal = stage.token().await.expect_err("there is no valid token");
        assert_eq!(refusal.code, code, "{fault:?}: {refusal:?}");
        assert_told_well(&refusal);
        let session = stage.session().await;
        assert_eq!((session.state, session.renewable), (SessionState::Offline, true), "{fault:?}");
        assert_eq!(session.problem.map(|problem| problem.code).as_deref(), Some(code));

        stage.provider.knobs().heal(Endpoint::Token);
        assert_works_again(&stage).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_that_asks_while_the_provider_fails_is_not_a_storm() {
    let stage = ended().await;
    stage.provider.knobs().fail(Endpoint::Token, Fault::Status(500), Times::Always);
    let callers: Vec<_> = (0..CROWD)
        .map(|_| {
            let client = stage.client.clone();
            tokio::spawn(async move { client.token(&TokenRequest::for_profile(PROFILE)).await })
        })
        .collect();
    for caller in callers {
        let refusal = caller.await.expect("it ends").expect_err("there is no valid token").refusal();
        assert_eq!(refusal.code, "refresh.later");
    }
    assert_eq!(stage.refreshes().len(), 1);
}

#[tokio::test]
async fn a_rotated_refresh_token_is_never_sent_again() {
    let stage = Stage::with_life(LONG).await;
    stage.sign_in().await;
    for _ in 0..4 {
        stage.renew().await.expect("renewed");
    }
    let sent: Vec<String> = sent(&stage);
    assert_eq!(sent.len(), 4);
    assert_eq!(sent.iter().collect::<HashSet<_>>().len(), 4, "each was sent once");
}

#[tokio::test]
async fn without_a_new_refresh_token_the_old_one_goes_on() {
    let stage = Stage::with_life(LONG).await;
    for style in [RefreshStyle::Keep, RefreshStyle::SameAgain] {
        stage.sign_in().await;
        let before = sent(&stage).len();
        stage.provider.knobs().refresh_style(style);
        stage.renew().await.expect("renewed");
        let session = stage.renew().await.expect("renewed again");
        assert_eq!((session.renewals, session.renewable), (2, true));
        let sent = sent(&stage).split_off(before);
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

#[tokio::test]
async fn a_renewed_id_token_of_somebody_else_changes_nothing() {
    let stage = Stage::with_life(LONG).await;
    stage.provider.knobs().refresh_style(RefreshStyle::Keep);
    for (fault, code) in [
        (IdTokenFault::OtherSubject, "refresh.sub_changed"),
        (IdTokenFault::WrongIssuer, "idtoken.iss_mismatch"),
        (IdTokenFault::WrongAudience, "idtoken.aud_mismatch"),
        (IdTokenFault::BadSignature, "idtoken.bad_signature"),
        (IdTokenFault::AlgNone, "idtoken.alg_not_allowed"),
        (IdTokenFault::Expired, "idtoken.expired"),
        (IdTokenFault::WrongNonce, "refresh.nonce_changed"),
        (IdTokenFault::NotAJwt, "idtoken.malformed"),
    ] {
        let before = stage.sign_in().await;
        let token = stage.access_token().await;
        stage.provider.knobs().corrupt_id_tokens(Some(fault));
        let refusal = stage.renew().await.expect_err("a false ID token");
        assert_eq!(refusal.code, code, "{fault:?}: {refusal:?}");
        assert_told_well(&refusal);

        let after = stage.session().await;
        assert_eq!(apart_from_standing(&after), apart_from_standing(&before), "{fault:?}");
        assert_eq!(stage.access_token().await, token, "the old token goes on");
        stage.provider.knobs().corrupt_id_tokens(None);
        assert_works_again(&stage).await;
    }
}

#[tokio::test]
async fn a_refused_refresh_token_asks_for_the_person_and_keeps_who_it_was() {
    let stage = ended().await;
    let before = stage.session().await;
    stage.provider.knobs().revoke_everything();
    let refusal = stage.token().await.expect_err("the session is over");
    assert_eq!((refusal.code.as_str(), refusal.retryable), ("refresh.session_ended", false));
    assert_eq!(refusal.profile.as_deref(), Some(PROFILE));
    assert_told_well(&refusal);

    let after = stage.session().await;
    assert_eq!((after.state, after.renewable, after.renews_at), (SessionState::SignInRequired, false, None));
    assert_eq!((&after.id, &after.sub, &after.email), (&before.id, &before.sub, &before.email));
    assert_eq!(stage.client.profiles().await.expect("the profiles").len(), 1);
    stage.token().await.expect_err("still");
    assert_eq!(stage.refreshes().len(), 1, "a refused token is not sent again");

    let healed = stage.sign_in().await;
    assert_eq!((healed.id, healed.state), (before.id, SessionState::SignedIn));
    stage.token().await.expect("it works again");
}

#[tokio::test]
async fn an_answer_that_never_came_is_asked_for_once_more_with_the_same_token() {
    let stage = ended().await;
    stage.provider.knobs().fail(Endpoint::Token, Fault::Drop, Times::Next(1));
    stage.token().await.expect("the second try brings it");
    let sent = sent(&stage);
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1]);
    assert_eq!(stage.session().await.state, SessionState::SignedIn);
}

#[tokio::test]
async fn an_answer_lost_after_a_strict_provider_rotated_ends_honestly() {
    let stage = Stage::new().await;
    for fault in [Fault::Drop, Fault::Reset, Fault::Cut] {
        sign_in_with_first_token(&stage, Duration::ZERO).await;
        let before = sent(&stage).len();
        stage.provider.knobs().spoil(Endpoint::Token, fault.clone(), Times::Next(1));
        let refusal = stage.token().await.expect_err("the provider takes the second try for a thief's");
        assert_eq!(refusal.code, "refresh.session_ended", "{fault:?}");
        let sent = sent(&stage).split_off(before);
        assert_eq!(sent.len(), 2, "{fault:?}: once more and never again");
        assert_eq!(sent[0], sent[1]);
        let session = stage.session().await;
        assert_eq!((session.state, session.sub.as_str()), (SessionState::SignInRequired, "demo|ada"));
    }
    stage.assert_next_sign_in_works().await;
}

#[tokio::test]
async fn an_answer_lost_by_a_forgiving_provider_costs_nothing() {
    let stage = ended().await;
    stage.provider.knobs().refresh_style(RefreshStyle::Keep);
    stage.provider.knobs().spoil(Endpoint::Token, Fault::Cut, Times::Next(1));
    stage.token().await.expect("the second answer");
    assert_eq!(stage.session().await.state, SessionState::SignedIn);
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_stop_the_renewal() {
    let stage = about_to_end().await;
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

#[tokio::test]
async fn a_session_without_a_refresh_token_ends_with_its_token_and_says_so() {
    let settings = Settings { refresh_tokens: RefreshTokens::Never, token_life: Duration::ZERO, ..Settings::default() };
    let stage = Stage::with(settings).await;
    let session = stage.sign_in().await;
    assert_eq!((session.renewable, session.renews_at), (false, None));
    assert_eq!(stage.session().await.state, SessionState::Expired);
    let refusal = stage.token().await.expect_err("it has ended");
    assert_eq!(refusal.code, "session.sign_in_required");
    assert_told_well(&refusal);
    let refusal = stage.renew().await.expect_err("there is nothing to renew with");
    assert_eq!(refusal.code, "session.sign_in_required");
    assert_eq!(stage.refreshes().len(), 0);
}

#[tokio::test]
async fn a_sign_in_while_the_old_session_renews_is_not_undone_by_it() {
    let stage = about_to_end().await;
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

#[tokio::test]
async fn keys_that_cannot_be_read_during_a_renewal_do_not_cost_the_session() {
    let stage = Stage::new().await;
    let knobs = stage.provider.knobs();
    for fault in [Fault::Status(503), Fault::Drop, Fault::Html] {
        sign_in_with_first_token(&stage, SHORT).await;
        knobs.rotate_signing_keys().await.expect("new keys");
        knobs.fail(Endpoint::Jwks, fault.clone(), Times::Always);
        // The strict provider has rotated the refresh token by then: the one in its answer is the only one alive.
        let _ = stage.token().await;
        knobs.heal(Endpoint::Jwks);
        let session = stage.renew().await.unwrap_or_else(|refusal| panic!("{fault:?} cost the session: {refusal:?}"));
        assert_eq!(session.state, SessionState::SignedIn);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_that_renew_together_after_a_change_of_keys_all_survive() {
    let stage = Stage::with_life(LONG).await;
    for name in ["Ada", "Grace", "Alan"] {
        stage.sign_in_as(name).await;
    }
    stage.provider.knobs().rotate_signing_keys().await.expect("new keys");
    let renew = |account: &'static str| {
        let client = stage.client.clone();
        let request = RenewalRequest { profile: Some(PROFILE.to_owned()), account: Some(account.to_owned()) };
        tokio::spawn(async move { client.renew(&request).await })
    };
    for renewing in ["demo|ada", "demo|grace", "demo|alan"].map(renew) {
        renewing.await.expect("it ends").expect("renewed");
    }
}

/// Ada is signed in with a token too short for any caller; the next one is long.
async fn about_to_end() -> Stage {
    with_first_token(SHORT).await
}

/// Ada is signed in with a token that has ended; the next one is long.
async fn ended() -> Stage {
    with_first_token(Duration::ZERO).await
}

async fn with_first_token(life: Duration) -> Stage {
    let stage = Stage::new().await;
    sign_in_with_first_token(&stage, life).await;
    stage
}

async fn sign_in_with_first_token(stage: &Stage, life: Duration) {
    stage.provider.knobs().set_token_life(life);
    stage.sign_in().await;
    stage.provider.knobs().set_token_life(LONG);
}

/// A person says "now", and then programs are served again.
async fn assert_works_again(stage: &Stage) {
    let session = stage.renew().await.expect("the refresh token was kept");
    assert_eq!((session.state, session.problem), (SessionState::SignedIn, None));
    stage.token().await.expect("a token again");
}

fn apart_from_standing(session: &Session) -> Session {
    Session { state: SessionState::SignedIn, problem: None, renews_at: None, ..session.clone() }
}

/// Refresh tokens as the provider received them.
fn sent(stage: &Stage) -> Vec<String> {
    let token = |entry: &doorkey_demo_idp::Entry| entry.params.get("refresh_token").expect("it has one").to_owned();
    stage.refreshes().iter().map(token).collect()
}
