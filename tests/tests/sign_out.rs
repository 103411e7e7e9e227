//! Signing out: what was asked for, and the truth about what happened.

use doorkey_client::words::{SignOut, SignOutStep, StepName, TokenRequest};
use doorkey_demo_idp::{Endpoint, Fault, Settings, Times};
use doorkey_tests::stage::{LONG, SHORT, refusal, sign_out};
use doorkey_tests::{Household, PATIENCE, PROFILE, Stage, secrets, skipped, stranger};
use url::Url;

#[tokio::test]
async fn forgetting_tells_the_provider_nothing() {
    let stage = Stage::signed_in().await;
    let requests = stage.log().entries().len();
    let answer = stage.sign_out(SignOut::Forget).await;
    assert_eq!(told(&answer.steps), [(StepName::Forget, true)]);
    assert_eq!(stage.log().entries().len(), requests);
    assert_signed_out(&stage).await;
}

#[tokio::test]
async fn revoking_ends_the_refresh_token_at_the_provider_then_forgets() {
    let stage = Stage::signed_in().await;
    stage.renew().await.expect("renewed, so that the refresh token is known");
    let answer = stage.sign_out(SignOut::Revoke).await;
    assert_eq!(told(&answer.steps), [(StepName::Revoke, true), (StepName::Forget, true)]);
    let revoked = stage.log().of(Endpoint::Revoke);
    assert_eq!(revoked.len(), 1);
    assert_eq!(revoked[0].params.get("token_type_hint"), Some("refresh_token"));
    let spent = stage.refreshes()[0].params.get("refresh_token").map(str::to_owned);
    assert_ne!(
        revoked[0].params.get("token").map(str::to_owned),
        spent,
        "the newest token is revoked, not the spent one"
    );
    assert_signed_out(&stage).await;
}

#[tokio::test]
async fn everywhere_ends_the_browser_session_too() {
    let stage = Stage::signed_in().await;
    let answer = stage.sign_out(SignOut::Everywhere).await;
    assert_eq!(told(&answer.steps), [(StepName::Revoke, true), (StepName::Forget, true), (StepName::EndSession, true)]);
    let page: Url = answer.end_session_url.expect("the caller opens it").parse().expect("a URL");
    assert_eq!(page.origin(), stage.provider.issuer().parse::<Url>().expect("a URL").origin());
    assert!(page.query_pairs().any(|(key, value)| key == "id_token_hint" && value.split('.').count() == 3));
    let shown = stranger::request("GET", &page, &[("Connection", "close")]).await;
    assert!(matches!(shown.status, Some(200 | 302 | 303)), "{}", shown.text);
    assert_signed_out(&stage).await;
}

#[tokio::test]
async fn a_provider_that_is_away_is_told_of_and_the_tokens_are_gone_here() {
    let stage = Stage::signed_in().await;
    stage.provider.go_offline().await;
    let answer = stage.sign_out(SignOut::Revoke).await;
    assert_eq!(told(&answer.steps), [(StepName::Revoke, false), (StepName::Forget, true)]);
    assert!(!answer.steps[0].reason.is_empty(), "it says why");
    assert_signed_out(&stage).await;
}

#[tokio::test]
async fn a_provider_that_fails_is_never_said_to_have_revoked() {
    for fault in
        [Fault::Status(503), Fault::Drop, Fault::OauthError { status: 400, error: "invalid_client".to_owned() }]
    {
        let stage = Stage::signed_in().await;
        stage.provider.knobs().fail(Endpoint::Revoke, fault.clone(), Times::Always);
        let answer = stage.sign_out(SignOut::Revoke).await;
        assert_eq!(told(&answer.steps), [(StepName::Revoke, false), (StepName::Forget, true)], "{fault:?}");
        assert!(!answer.steps[0].reason.is_empty(), "{fault:?}");
        assert_signed_out(&stage).await;
        stage.provider.knobs().heal(Endpoint::Revoke);
    }
}

/// a sign-out while a renewal is under way | signed out, and the new refresh token is revoked too
#[tokio::test]
async fn signing_out_during_a_renewal_revokes_what_the_renewal_brought() {
    let stage = Stage::with_life(SHORT).await;
    stage.sign_in().await;
    stage.provider.knobs().set_token_life(LONG);
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    let client = stage.client.clone();
    let caller = tokio::spawn(async move { client.token(&TokenRequest::for_profile(PROFILE)).await });
    assert!(gate.wait_for(1, PATIENCE).await, "the renewal is under way");
    let client = stage.client.clone();
    let leaving = tokio::spawn(async move { client.sign_out(&sign_out(SignOut::Revoke)).await });
    gate.release();

    let answer = leaving.await.expect("it ends").expect("signing out works");
    assert_eq!(told(&answer.steps), [(StepName::Revoke, true), (StepName::Forget, true)]);
    // Whoever asked before the person left may have been served; nobody is after.
    let _ = caller.await.expect("it ends");
    assert_signed_out(&stage).await;
    let revoked = stage.log().of(Endpoint::Revoke);
    let spent = stage.refreshes()[0].params.get("refresh_token").map(str::to_owned);
    assert_eq!(revoked.len(), 1);
    if stage.refreshes()[0].outcome.as_ref().is_some_and(|outcome| outcome.status == Some(200)) {
        assert_ne!(revoked[0].params.get("token").map(str::to_owned), spent, "the new token is the one revoked");
    }
}

#[tokio::test]
async fn removing_a_profile_removes_its_sessions() {
    let stage = Stage::signed_in().await;
    stage.client.delete_profile(PROFILE).await.expect("removed");
    assert!(stage.client.sessions().await.expect("the sessions").sessions.is_empty());
    assert_eq!(refusal(stage.client.delete_profile(PROFILE).await).code, "config.no_profile");
    stage.put(|_| ()).await;
    assert_signed_out(&stage).await;
}

#[tokio::test]
async fn only_the_named_account_is_signed_out() {
    let stage = Stage::signed_in().await;
    stage.sign_in_as("Grace").await;
    assert_eq!(refusal(stage.client.sign_out(&sign_out(SignOut::Forget)).await).code, "session.ambiguous");
    let adas =
        doorkey_client::words::SignOutRequest { account: Some("ada@example.test".into()), ..sign_out(SignOut::Forget) };
    stage.client.sign_out(&adas).await.expect("signed out");
    assert_eq!(stage.session().await.sub, "demo|grace");
    stage.token().await.expect("Grace's token");
}

/// S-15: a sign-out | no file of the session is left, and no secret in any other
#[tokio::test]
async fn nothing_of_a_signed_out_session_is_left_on_the_disk() {
    let Some(home) = Household::with_keyring(Settings::default()).await else {
        return skipped("nothing_of_a_signed_out_session_is_left_on_the_disk", "there is no gnome-keyring");
    };
    let (agent, session) = home.agent_with_ada().await;
    let vault = home.paths().vault();
    assert!(files_of(&vault, &session.id) > 0, "a signed-in session is on the disk");
    let answer = agent.client.sign_out(&sign_out(SignOut::Revoke)).await.expect("signed out");
    assert!(answer.steps.iter().all(|step| step.done), "{answer:?}");
    assert_eq!(files_of(&vault, &session.id), 0);
    agent.terminate().await;
    assert_eq!(files_of(&vault, &session.id), 0);
    let canaries = secrets::sent_to(&home.provider);
    assert!(secrets::assert_none_below(&canaries, home.folder()) > 0);
}

async fn assert_signed_out(stage: &Stage) {
    assert!(stage.client.sessions().await.expect("the sessions").sessions.is_empty());
    assert_eq!(stage.token().await.expect_err("nobody is signed in").code, "session.sign_in_required");
}

fn told(steps: &[SignOutStep]) -> Vec<(StepName, bool)> {
    steps.iter().map(|step| (step.step, step.done)).collect()
}

fn files_of(vault: &std::path::Path, session: &str) -> usize {
    let names = std::fs::read_dir(vault).expect("the vault's folder").map(|entry| entry.expect("an entry").file_name());
    names.filter(|name| name.to_string_lossy().contains(session)).count()
}
