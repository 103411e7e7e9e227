//! Renewal while the provider is away, fails, lies or forgets: the refresh token is kept wherever it may still be good.

use std::time::Duration;

use doorkey_client::words::{RenewalRequest, Session, SessionState, TokenRequest};
use doorkey_demo_idp::{Endpoint, Fault, IdTokenFault, Misbehaviour, RefreshStyle, Times};
use doorkey_tests::stage::{LONG, assert_told_well, exposed};
use doorkey_tests::{PROFILE, Stage};

const CROWD: usize = 50;

#[tokio::test]
async fn a_provider_that_is_away_costs_nothing_but_time() {
    let stage = Stage::with_ended_token().await;
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

/// 429 with `Retry-After` | not before that time, and the next try is shown
#[tokio::test]
async fn a_provider_that_wants_patience_gets_it() {
    let stage = Stage::with_ended_token().await;
    stage.provider.knobs().misbehave(Some(Misbehaviour::TokenError429));
    let refusal = stage.token().await.expect_err("there is no valid token");
    assert_eq!((refusal.code.as_str(), refusal.retryable), ("refresh.later", true));
    assert_told_well(&refusal);
    let session = stage.session().await;
    // It says 7 seconds; our own first pause is 5, give or take a tenth.
    let next_try = session.renews_at.expect("it says when it will be tried again").as_second();
    assert!(next_try - session.issued_at.as_second() >= 7, "{session:?}");
    assert_eq!(stage.token().await.expect_err("the same answer until then").code, "refresh.later");
    assert_eq!(stage.refreshes().len(), 1);
}

/// the provider's keys are refused with `Retry-After` | not asked for again before that time, by any session
#[tokio::test]
async fn a_provider_whose_keys_want_patience_gets_it() {
    let stage = Stage::about_to_end().await;
    stage.sign_in_as("Grace").await;
    let knobs = stage.provider.knobs();
    knobs.rotate_signing_keys().await.expect("new keys");
    let headers = vec![("Retry-After".to_owned(), "600".to_owned())];
    knobs.fail(Endpoint::Jwks, Fault::Said { status: 503, headers, body: Vec::new() }, Times::Always);
    let asked = stage.log().of(Endpoint::Jwks).len();
    let whose = |account: &str| TokenRequest {
        account: Some(account.into()),
        min_ttl: Some(900),
        ..TokenRequest::for_profile(PROFILE)
    };
    for account in ["demo|ada", "demo|grace"] {
        let _ = stage.token_for(&whose(account)).await;
        let session =
            stage.until("it waits", |session| session.sub == account && session.state == SessionState::Offline).await;
        let pause = session.renews_at.expect("it is known").duration_since(session.issued_at);
        assert!(pause.as_secs() >= 590, "{session:?}");
    }
    assert_eq!(stage.log().of(Endpoint::Jwks).len(), asked + 1, "once for all");
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

/// `invalid_client`, `unauthorized_client`, `invalid_scope` | `refresh.config`; the refresh token is kept
/// 500, 503, 429, a web page, half an answer, none | the refresh token is kept, and it is tried again later
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
        stage.sign_in_with(Duration::ZERO).await;
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
    let stage = Stage::with_ended_token().await;
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

/// a renewed ID token with another `sub`, `iss`, `aud` or nonce, badly signed, unsigned or expired | nothing of it is stored; the old session goes on
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

/// `invalid_grant` | `refresh.session_ended`, the token is dropped and never sent again, profile and person stay
#[tokio::test]
async fn a_refused_refresh_token_asks_for_the_person_and_keeps_who_it_was() {
    let stage = Stage::with_ended_token().await;
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
    let stage = Stage::with_ended_token().await;
    stage.provider.knobs().fail(Endpoint::Token, Fault::Drop, Times::Next(1));
    stage.token().await.expect("the second try brings it");
    let sent = stage.sent_refresh_tokens();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1]);
    assert_eq!(stage.session().await.state, SessionState::SignedIn);
}

/// the answer is lost, the old token counts as stolen | `refresh.session_ended`; who it was stays known
#[tokio::test]
async fn an_answer_lost_after_a_strict_provider_rotated_ends_honestly() {
    let stage = Stage::new().await;
    for fault in [Fault::Drop, Fault::Reset, Fault::Cut] {
        stage.sign_in_with(Duration::ZERO).await;
        let before = stage.sent_refresh_tokens().len();
        stage.provider.knobs().spoil(Endpoint::Token, fault.clone(), Times::Next(1));
        let refusal = stage.token().await.expect_err("the provider takes the second try for a thief's");
        assert_eq!(refusal.code, "refresh.session_ended", "{fault:?}");
        let sent = stage.sent_refresh_tokens().split_off(before);
        assert_eq!(sent.len(), 2, "{fault:?}: once more and never again");
        assert_eq!(sent[0], sent[1]);
        let session = stage.session().await;
        assert_eq!((session.state, session.sub.as_str()), (SessionState::SignInRequired, "demo|ada"));
    }
    stage.assert_next_sign_in_works().await;
}

/// the answer is lost, the old token is still good | two requests, and renewed
#[tokio::test]
async fn an_answer_lost_by_a_forgiving_provider_costs_nothing() {
    let stage = Stage::with_ended_token().await;
    stage.provider.knobs().refresh_style(RefreshStyle::Keep);
    stage.provider.knobs().spoil(Endpoint::Token, Fault::Cut, Times::Next(1));
    stage.token().await.expect("the second answer");
    assert_eq!(stage.session().await.state, SessionState::SignedIn);
}

#[tokio::test]
async fn keys_that_cannot_be_read_during_a_renewal_do_not_cost_the_session() {
    for fault in [Fault::Status(503), Fault::Drop, Fault::Html] {
        let stage = Stage::about_to_end().await;
        let knobs = stage.provider.knobs();
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

/// A person says "now", and then programs are served again.
async fn assert_works_again(stage: &Stage) {
    let session = stage.renew().await.expect("the refresh token was kept");
    assert_eq!((session.state, session.problem), (SessionState::SignedIn, None));
    stage.token().await.expect("a token again");
}

fn apart_from_standing(session: &Session) -> Session {
    Session { state: SessionState::SignedIn, problem: None, renews_at: None, ..session.clone() }
}
