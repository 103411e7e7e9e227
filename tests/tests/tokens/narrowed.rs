//! Tokens for other APIs by refresh (RFC 6749 section 6, RFC 8707 section 2.2).

use std::collections::HashSet;

use doorkey_client::words::{SessionState, SignOut, TokenRequest};
use doorkey_demo_idp::{Endpoint, Fault, RefreshTokens, Settings, Times};
use doorkey_tests::stage::{assert_told_well, exposed, person};
use doorkey_tests::{Household, PATIENCE, PROFILE, Stage, program, secrets, skipped};

use super::{BILLS, CROWD, NOTES, at, claims, for_two_apis};

fn audience(token: &str) -> Vec<String> {
    let claims = claims(token);
    let list = claims["aud"].as_array().cloned().unwrap_or_else(|| vec![claims["aud"].clone()]);
    list.iter().filter_map(|aud| aud.as_str()).filter(|aud| !aud.ends_with("/userinfo")).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_token_for_one_of_the_apis_is_a_token_of_its_own() {
    let stage = Stage::new().await;
    for_two_apis(&stage).await;
    let own = stage.token().await.expect("the session's own");
    assert_eq!(audience(&exposed(&own.access_token)), [NOTES, BILLS]);

    let narrowed = stage.token_for(&at(&[BILLS])).await.expect("a token for it");
    assert_eq!(audience(&exposed(&narrowed.access_token)), [BILLS]);
    assert!(narrowed.not_shown.is_empty(), "the token shows it");
    let sent = &stage.refreshes()[0].params;
    assert_eq!(sent.all("resource"), [BILLS]);
    assert_eq!(sent.get("scope"), None, "nothing narrows what nobody asked to narrow");

    let session = stage.session().await;
    assert_eq!((session.renewals, session.state), (0, SessionState::SignedIn), "it was no renewal");
    assert_eq!(stage.access_token().await, exposed(&own.access_token), "the session's own token stays as it is");
}

#[tokio::test]
async fn the_token_for_all_apis_of_the_sign_in_is_the_sessions_own() {
    let stage = Stage::new().await;
    for_two_apis(&stage).await;
    let own = stage.access_token().await;
    let both = stage.token_for(&at(&[BILLS, NOTES])).await.expect("a token");
    assert_eq!(exposed(&both.access_token), own, "in whatever order they are named");
    assert_eq!(stage.refreshes().len(), 0);
}

#[tokio::test]
async fn it_is_kept_until_it_ends_and_asked_for_again_then() {
    let stage = Stage::new().await;
    for_two_apis(&stage).await;
    let first = exposed(&stage.token_for(&at(&[BILLS])).await.expect("a token").access_token);
    assert_eq!(exposed(&stage.token_for(&at(&[BILLS])).await.expect("the same").access_token), first);
    assert_eq!(stage.refreshes().len(), 1);
    let lasting = TokenRequest { min_ttl: Some(100_000), ..at(&[BILLS]) };
    let shorter = stage.token_for(&lasting).await.expect("what is valid is handed out, and says until when");
    assert!(shorter.expires_at.is_some());
    assert_eq!(stage.refreshes().len(), 1, "the provider gave it a moment ago and will not do better");

    let other = exposed(&stage.token_for(&at(&[NOTES])).await.expect("another").access_token);
    assert_ne!(other, first);
    assert_eq!(stage.refreshes().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_callers_at_once_cause_one_request_for_each_api() {
    let stage = Stage::new().await;
    for_two_apis(&stage).await;
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    let callers: Vec<_> = (0..CROWD)
        .map(|number| {
            let client = stage.client.clone();
            let request = at(&[if number % 2 == 0 { BILLS } else { NOTES }]);
            tokio::spawn(async move { client.token(&request).await })
        })
        .collect();
    assert!(gate.wait_for(1, PATIENCE).await, "one is under way");
    gate.release();
    let mut tokens = HashSet::new();
    for caller in callers {
        tokens.insert(exposed(&caller.await.expect("it ends").expect("it is served").access_token));
    }
    assert_eq!(tokens.len(), 2, "one token for each API");
    assert_eq!(stage.refreshes().len(), 2, "one request for each API");
    let sent: HashSet<String> = stage.sent_refresh_tokens().into_iter().collect();
    assert_eq!(sent.len(), 2, "one after the other, each with the newest refresh token");
}

#[tokio::test]
async fn a_renewal_after_it_sends_the_refresh_token_it_brought() {
    let stage = Stage::new().await;
    for_two_apis(&stage).await;
    stage.token_for(&at(&[BILLS])).await.expect("a token");
    let session = stage.renew().await.expect("nothing was used twice, or the provider would have ended it all");
    assert_eq!((session.renewals, session.state), (1, SessionState::SignedIn));
    stage.token_for(&at(&[NOTES])).await.expect("and the other way round");
    let sent: HashSet<String> = stage.sent_refresh_tokens().into_iter().collect();
    assert_eq!(sent.len(), 3);
}

#[tokio::test]
async fn an_answer_that_is_lost_ends_nothing() {
    let stage = Stage::new().await;
    for_two_apis(&stage).await;
    stage.provider.knobs().fail(Endpoint::Token, Fault::Status(503), Times::Next(1));
    let refused = stage.token_for(&at(&[BILLS])).await.expect_err("not now");
    assert_eq!((refused.code.as_str(), refused.retryable), ("refresh.later", true));
    assert_told_well(&refused);
    assert_eq!(stage.session().await.state, SessionState::SignedIn, "the session is as it was");
    stage.token().await.expect("its own token");
}

#[tokio::test]
async fn a_reused_refresh_token_ends_the_session_as_by_a_renewal() {
    let stage = Stage::new().await;
    for_two_apis(&stage).await;
    stage.provider.knobs().revoke_everything();
    let refused = stage.token_for(&at(&[BILLS])).await.expect_err("the provider has ended it");
    assert_eq!(refused.code, "refresh.session_ended");
    assert_told_well(&refused);
    let session = stage.session().await;
    assert_eq!((session.state, session.renewable), (SessionState::SignInRequired, false));
    assert_eq!(stage.refreshes().len(), 1, "it is not tried again");
}

#[tokio::test]
async fn what_the_sign_in_did_not_ask_for_is_refused_without_asking() {
    let stage = Stage::new().await;
    for_two_apis(&stage).await;
    let refused = stage.token_for(&at(&["https://other.example.test"])).await.expect_err("not asked for");
    assert_eq!(refused.code, "broker.other_audience");
    assert_told_well(&refused);
    let scope = TokenRequest { scope: vec!["notes:write".to_owned()], ..at(&[NOTES]) };
    let refused = stage.token_for(&scope).await.expect_err("not granted");
    assert_eq!(refused.code, "broker.insufficient_scope");
    assert_told_well(&refused);
    assert_eq!(stage.refreshes().len(), 0);
}

#[tokio::test]
async fn what_the_provider_refuses_says_what_to_change() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    let audience = TokenRequest { audience: Some(BILLS.to_owned()), ..TokenRequest::for_profile(PROFILE) };
    let refused = stage.token_for(&audience).await.expect_err("the provider gives none");
    assert_eq!(refused.code, "broker.other_audience");
    assert!(refused.message.contains(BILLS) && refused.message.contains("was not granted"), "{refused:?}");
    assert_told_well(&refused);
    assert_eq!(stage.refreshes().len(), 1);
    for _ in 0..CROWD {
        assert_eq!(stage.token_for(&audience).await.expect_err("the same").code, "broker.other_audience");
    }
    assert!(stage.refreshes().len() < CROWD / 2, "a refusal stands for a moment");
    assert_eq!(stage.session().await.state, SessionState::SignedIn);
}

#[tokio::test]
async fn scopes_are_narrowed_with_the_api() {
    let stage = Stage::new().await;
    stage
        .put(|profile| {
            profile.scopes = ["openid", "offline_access", "notes:read", "notes:write"].map(str::to_owned).into();
            profile.resources = vec![NOTES.to_owned(), BILLS.to_owned()];
        })
        .await;
    stage.sign_in().await;
    let read = TokenRequest { scope: vec!["notes:read".to_owned()], ..at(&[NOTES]) };
    let narrowed = stage.token_for(&read).await.expect("a token");
    assert_eq!(narrowed.scope, ["notes:read"]);
    assert_eq!(claims(&exposed(&narrowed.access_token))["scope"], "notes:read");
    assert_eq!(stage.session().await.scope.len(), 4, "what was granted to the session stays");
    stage.renew().await.expect("renewed");
    assert_eq!(stage.session().await.scope.len(), 4, "also after a renewal");
}

#[tokio::test]
async fn without_a_refresh_token_there_is_none_of_its_own() {
    let settings = Settings { refresh_tokens: RefreshTokens::Never, ..Settings::default() };
    let stage = Stage::with(settings).await;
    for_two_apis(&stage).await;
    let both = stage.token_for(&at(&[BILLS])).await.expect("the token for all does");
    assert_eq!(audience(&exposed(&both.access_token)), [NOTES, BILLS]);
    let audience = TokenRequest { audience: Some(BILLS.to_owned()), ..TokenRequest::for_profile(PROFILE) };
    let refused = stage.token_for(&audience).await.expect_err("there is no way to another");
    assert_eq!(refused.code, "broker.other_audience");
    assert!(refused.hint.contains("offline_access"), "{refused:?}");
    assert_told_well(&refused);
}

#[tokio::test]
async fn signing_in_anew_and_signing_out_leave_none_behind() {
    let stage = Stage::new().await;
    for_two_apis(&stage).await;
    let first = exposed(&stage.token_for(&at(&[BILLS])).await.expect("a token").access_token);
    stage.sign_in().await;
    let second = exposed(&stage.token_for(&at(&[BILLS])).await.expect("a token").access_token);
    assert_ne!(first, second, "tokens of the old sign-in are not handed out after the new one");
    stage.sign_out(SignOut::Forget).await;
    assert_eq!(stage.token_for(&at(&[BILLS])).await.expect_err("signed out").code, "session.sign_in_required");
}

#[tokio::test]
async fn a_caller_that_goes_away_loses_no_refresh_token() {
    let stage = Stage::new().await;
    for_two_apis(&stage).await;
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    let client = stage.client.clone();
    let caller = tokio::spawn(async move { client.token(&at(&[BILLS])).await });
    assert!(gate.wait_for(1, PATIENCE).await, "it is under way");
    caller.abort();
    assert!(caller.await.is_err_and(|error| error.is_cancelled()), "the caller is gone");
    gate.release();
    stage.token_for(&at(&[BILLS])).await.expect("the token that was asked for");
    assert_eq!(stage.refreshes().len(), 1);
    stage.renew().await.expect("the rotated refresh token was kept");
}

#[tokio::test]
async fn the_rotated_refresh_token_survives_a_kill_and_no_token_is_on_the_disk() {
    let Some(home) = Household::with_keyring(Settings::default()).await else {
        return skipped("the_rotated_refresh_token_survives_a_kill", "there is no gnome-keyring");
    };
    let agent = home.agent().await;
    let mut profile = doorkey_tests::stage::profile(PROFILE, home.provider.issuer());
    profile.resources = vec![NOTES.to_owned(), BILLS.to_owned()];
    agent.client.put_profile(&profile.into()).await.expect("a profile");
    let attempt = agent.begin().await;
    attempt.allow(&person("Ada")).await;
    attempt.done().await;
    let token = agent.client.token(&at(&[BILLS])).await.expect("a token");
    agent.kill().await;

    let agent = home.agent().await;
    agent.client.renew(&doorkey_client::words::RenewalRequest::default()).await.expect("the newest refresh token");
    agent.terminate().await;
    let mut canaries = secrets::sent_to(&home.provider);
    canaries.push(secrets::Canary { name: "further token".to_owned(), value: exposed(&token.access_token) });
    assert!(secrets::assert_none_below(&canaries, home.folder()) > 0);
}

#[tokio::test]
async fn the_command_line_asks_for_an_api() {
    let stage = Stage::new().await;
    for_two_apis(&stage).await;
    let run = |arguments: &'static [&'static str]| program::run(program::command(stage.folder(), arguments));
    let ended = run(&["token", PROFILE, "--resource", BILLS]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(audience(ended.stdout.trim()), [BILLS]);
    let ended = run(&["token", PROFILE, "--resource", "https://other.example.test", "--json"]).await;
    assert_eq!(ended.code, Some(69), "{ended:?}");
    assert!(ended.stdout.contains("broker.other_audience"), "{ended:?}");
}
