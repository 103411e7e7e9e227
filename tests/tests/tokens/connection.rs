//! The upstream identity provider's own token, in the way of Auth0.

use std::collections::HashSet;

use doorkey_client::words::{RenewalRequest, SessionState, TokenRequest};
use doorkey_demo_idp::{Endpoint, Entry, Fault, RefreshTokens, Settings, Times};
use doorkey_tests::stage::{assert_told_well, exposed, refusal};
use doorkey_tests::{PATIENCE, PROFILE, Stage, program};

use super::{CROWD, granted_by};

const GRANT: &str = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";

fn of(connection: &str) -> TokenRequest {
    TokenRequest { connection: Some(connection.to_owned()), ..TokenRequest::for_profile(PROFILE) }
}

fn asked(stage: &Stage) -> Vec<Entry> {
    granted_by(stage, GRANT)
}

#[tokio::test]
async fn the_connections_own_token_is_handed_out_and_the_session_stays_as_it_is() {
    let stage = Stage::signed_in().await;
    let own = stage.access_token().await;
    let token = stage.token_for(&of("demo-upstream")).await.expect("a token");
    assert!(exposed(&token.access_token).starts_with("upstream|demo-upstream|demo|ada|"));
    assert_eq!((token.scope, token.audience), (vec!["profile".into(), "calendar:read".into()], None));
    let sent = &asked(&stage)[0].params;
    assert_eq!(sent.get("connection"), Some("demo-upstream"));
    assert_eq!(sent.get("subject_token_type"), Some("urn:ietf:params:oauth:token-type:refresh_token"));
    stage.token_for(&of("demo-upstream")).await.expect("kept");
    assert_eq!(asked(&stage).len(), 1);
    assert_eq!(stage.access_token().await, own);
    stage.client.renew(&RenewalRequest::default()).await.expect("the refresh token is as good as before");
}

#[tokio::test]
async fn without_a_refresh_token_the_access_token_is_shown() {
    let stage = Stage::with(Settings { refresh_tokens: RefreshTokens::Never, ..Settings::default() }).await;
    stage.sign_in().await;
    stage.token_for(&of("demo-upstream")).await.expect("a token");
    let kind = asked(&stage)[0].params.get("subject_token_type").map(str::to_owned);
    assert_eq!(kind.as_deref(), Some("urn:ietf:params:oauth:token-type:access_token"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_callers_cause_one_request() {
    let stage = Stage::signed_in().await;
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    let callers: Vec<_> = (0..CROWD)
        .map(|_| {
            let client = stage.client.clone();
            tokio::spawn(async move { client.token(&of("demo-upstream")).await })
        })
        .collect();
    assert!(gate.wait_for(1, PATIENCE).await, "it is asked for");
    gate.release();
    let mut tokens = HashSet::new();
    for caller in callers {
        tokens.insert(exposed(&caller.await.expect("it ends").expect("it is served").access_token));
    }
    assert_eq!((tokens.len(), asked(&stage).len()), (1, 1));
}

#[tokio::test]
async fn a_connection_the_person_does_not_have_is_told_with_what_to_do() {
    let stage = Stage::signed_in().await;
    let refused = stage.token_for(&of("elsewhere")).await.expect_err("nobody is connected");
    assert_eq!(refused.code, "token.connection_refused");
    assert!(refused.message.contains("elsewhere") && refused.message.contains("not connected"), "{refused:?}");
    assert_told_well(&refused);
    assert_eq!(stage.session().await.state, SessionState::SignedIn);
}

#[tokio::test]
async fn a_provider_that_knows_no_such_grant_is_told_so() {
    let stage = Stage::signed_in().await;
    let fault = Fault::OauthError { status: 400, error: "unsupported_grant_type".to_owned() };
    stage.provider.knobs().fail(Endpoint::Token, fault, Times::Next(1));
    let refused = stage.token_for(&of("demo-upstream")).await.expect_err("not there");
    assert_eq!(refused.code, "token.connection_refused");
    assert_told_well(&refused);
}

#[tokio::test]
async fn a_scope_it_did_not_grant_is_not_passed_off() {
    let stage = Stage::signed_in().await;
    let read = TokenRequest { scope: vec!["calendar:read".to_owned()], ..of("demo-upstream") };
    stage.token_for(&read).await.expect("granted");
    let write = TokenRequest { scope: vec!["calendar:write".to_owned()], ..of("demo-upstream") };
    let refused = stage.token_for(&write).await.expect_err("not granted");
    assert_eq!(refused.code, "broker.insufficient_scope");
    assert_told_well(&refused);
}

#[tokio::test]
async fn a_connection_and_an_api_do_not_go_together() {
    let stage = Stage::signed_in().await;
    let both = TokenRequest { audience: Some("https://api.example.test".to_owned()), ..of("demo-upstream") };
    let refused = refusal(stage.client.token(&both).await);
    assert_eq!(refused.code, "usage.connection_and_api");
    let run = |arguments: &'static [&'static str]| program::run(program::command(stage.folder(), arguments));
    assert_eq!(run(&["token", PROFILE, "--connection", "x", "--audience", "y"]).await.code, Some(64));
    let ended = run(&["token", PROFILE, "--connection", "demo-upstream"]).await;
    assert!(ended.stdout.starts_with("upstream|demo-upstream|"), "{ended:?}");
}
