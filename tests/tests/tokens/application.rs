//! Profiles without a person: the client credentials grant (RFC 6749 section 4.4).

use std::collections::HashSet;
use std::time::Duration;

use doorkey_client::Secret;
use doorkey_client::words::{
    ClientAuth, Grant, Identified, Profile, ProfileEntry, RenewalRequest, SessionState, SignInStep, SignOut,
    SignOutRequest, StepName, TokenRequest,
};
use doorkey_demo_idp::{Client, DpopNonce, Endpoint, Entry, Fault, Settings, Times};
use doorkey_tests::stage::{LONG, SHORT, assert_told_well, exposed, request, sign_out};
use doorkey_tests::{Household, PATIENCE, Stage, program, secrets, skipped, watch};

use super::{BILLS, CROWD, NOTES, claims, granted_by};

const ROBOT: &str = "robot";
const SECRET: &str = "CANARY-of-the-application-0123456789";

fn settings() -> Settings {
    Settings {
        clients: vec![Client::demo(), Client::confidential("service", SECRET, Vec::new())],
        ..Settings::default()
    }
}

fn profile(issuer: &str) -> Profile {
    Profile {
        grant: Grant::ClientCredentials,
        audience: Some(NOTES.to_owned()),
        scopes: vec!["notes:read".to_owned()],
        ..Profile::new(ROBOT, issuer, "service")
    }
}

fn entry(profile: Profile, secret: &str) -> ProfileEntry {
    ProfileEntry { client_secret: Some(Secret::new(secret.to_owned())), ..profile.into() }
}

async fn stage() -> Stage {
    let stage = Stage::with(settings()).await;
    stage.client.put_profile(&entry(profile(stage.provider.issuer()), SECRET)).await.expect("a profile");
    stage
}

fn wanted() -> TokenRequest {
    TokenRequest::for_profile(ROBOT)
}

fn asked(stage: &Stage) -> Vec<Entry> {
    granted_by(stage, "client_credentials")
}

#[tokio::test]
async fn nobody_signs_in_and_the_application_has_a_token() {
    let stage = stage().await;
    let token = stage.token_for(&wanted()).await.expect("a token");
    let said = claims(&exposed(&token.access_token));
    assert_eq!((said["sub"].as_str(), said["aud"].as_str()), (Some("service@clients"), Some(NOTES)));
    assert_eq!((token.scope, token.audience.as_deref()), (vec!["notes:read".to_owned()], Some(NOTES)));

    let session = stage.session().await;
    assert_eq!((session.identified, session.sub.as_str()), (Identified::Application, "service"));
    assert_eq!((session.state, session.renewable, session.renews_at), (SessionState::SignedIn, true, None));
    stage.token_for(&wanted()).await.expect("the same");
    assert_eq!(asked(&stage).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_callers_cause_one_request_for_the_first_token_and_one_for_the_next() {
    let stage = stage().await;
    for round in 1..=2 {
        // The first round's token is too short for anybody, the second round's is not.
        stage.provider.knobs().set_token_life(if round == 1 { SHORT } else { LONG });
        let gate = stage.provider.knobs().hold(Endpoint::Token);
        let callers: Vec<_> = (0..CROWD)
            .map(|_| {
                let client = stage.client.clone();
                let least = TokenRequest { min_ttl: Some(if round == 1 { 1 } else { 60 }), ..wanted() };
                tokio::spawn(async move { client.token(&least).await })
            })
            .collect();
        assert!(gate.wait_for(1, PATIENCE).await, "it is asked for");
        gate.release();
        let mut tokens = HashSet::new();
        for caller in callers {
            tokens.insert(exposed(&caller.await.expect("it ends").expect("it is served").access_token));
        }
        assert_eq!((tokens.len(), asked(&stage).len()), (1, round));
    }
}

#[tokio::test]
async fn nothing_is_asked_while_nobody_wants_a_token() {
    let stage = stage().await;
    stage.provider.knobs().set_token_life(Duration::ZERO);
    stage.token_for(&TokenRequest { min_ttl: Some(0), ..wanted() }).await.expect_err("it has ended already");
    stage.provider.knobs().set_token_life(LONG);
    let asked_before = asked(&stage).len();
    // A person's session beside it is renewed by plan meanwhile; the application is not.
    stage.provider.knobs().set_token_life(Duration::from_secs(12));
    stage.sign_in().await;
    let is_renewed =
        |session: &doorkey_client::words::Session| session.identified == Identified::Person && session.renewals == 1;
    stage.until("the person's session was renewed", is_renewed).await;
    assert_eq!(asked(&stage).len(), asked_before);
}

#[tokio::test]
async fn a_wrong_secret_is_a_clear_refusal_and_leaves_no_session() {
    let stage = stage().await;
    let wrong = entry(profile(stage.provider.issuer()), "CANARY-that-is-wrong");
    stage.client.put_profile(&wrong).await.expect("a profile");
    for _ in 0..3 {
        let refused = stage.token_for(&wanted()).await.expect_err("wrong");
        assert_eq!((refused.code.as_str(), refused.profile.as_deref()), ("token.client_rejected", Some(ROBOT)));
        assert!(refused.hint.contains("secret") && !format!("{refused:?}").contains("CANARY"), "{refused:?}");
        assert_told_well(&refused);
    }
    assert_eq!(asked(&stage).len(), 1, "a refusal stands for a moment");
    assert!(stage.client.sessions().await.expect("a list").sessions.is_empty());

    stage.client.put_profile(&entry(profile(stage.provider.issuer()), SECRET)).await.expect("mended");
    let session = log_in(&stage).await.expect("signed in now");
    assert_eq!(session.identified, Identified::Application);
    stage.token_for(&wanted()).await.expect("a token");
}

#[tokio::test]
async fn a_secret_that_became_wrong_is_told_by_the_session_and_mended_by_the_next_try() {
    let stage = stage().await;
    stage.token_for(&wanted()).await.expect("a token");
    let reject = Fault::OauthError { status: 401, error: "invalid_client".to_owned() };
    stage.provider.knobs().fail(Endpoint::Token, reject, Times::Next(1));
    let again = RenewalRequest { profile: Some(ROBOT.to_owned()), account: None };
    let refused = doorkey_tests::stage::refusal(stage.client.renew(&again).await);
    assert_eq!(refused.code, "token.client_rejected");
    let session = stage.session().await;
    assert_eq!((session.state, session.renews_at), (SessionState::SignInRequired, None));
    assert_eq!(session.problem.expect("why").code, "token.client_rejected");
    let session = stage.client.renew(&again).await.expect("it works again");
    assert_eq!((session.state, session.renewals), (SessionState::SignedIn, 1));
}

#[tokio::test]
async fn a_profile_without_a_secret_is_told_what_is_missing() {
    let stage = Stage::with(settings()).await;
    stage.client.put_profile(&profile(stage.provider.issuer()).into()).await.expect("a profile");
    let refused = stage.token_for(&wanted()).await.expect_err("nobody could tell who asks");
    assert!(refused.code.starts_with("config."), "{refused:?}");
    assert_told_well(&refused);
    assert_eq!(asked(&stage).len(), 0);
}

async fn log_in(stage: &Stage) -> Result<doorkey_client::words::Session, doorkey_client::words::Refusal> {
    let id = stage.client.start_sign_in(&request(ROBOT)).await.expect("it starts").sign_in.id;
    let ended = watch::until_sign_in(&stage.client, &id, "it ends", |sign_in| sign_in.step.is_final()).await;
    assert_eq!(ended.redirect_uri, None, "no browser, no listener");
    match ended.step {
        SignInStep::Done => Ok(ended.session.expect("a session")),
        _ => Err(ended.error.expect("why")),
    }
}

#[tokio::test]
async fn logging_in_asks_now_and_shows() {
    let stage = stage().await;
    let first = log_in(&stage).await.expect("asked");
    let second = log_in(&stage).await.expect("asked again");
    assert_eq!((first.id, first.identified), (second.id, Identified::Application));
    assert_eq!(asked(&stage).len(), 2);
}

#[tokio::test]
async fn another_api_of_the_application_is_a_token_of_its_own() {
    let stage = stage().await;
    let own = exposed(&stage.token_for(&wanted()).await.expect("its own").access_token);
    let other = TokenRequest { audience: Some(BILLS.to_owned()), ..wanted() };
    let token = stage.token_for(&other).await.expect("another");
    assert_eq!(claims(&exposed(&token.access_token))["aud"], BILLS);
    stage.token_for(&other).await.expect("kept");
    assert_eq!(asked(&stage).len(), 2);
    assert_eq!(exposed(&stage.token_for(&wanted()).await.expect("as before").access_token), own);
}

#[tokio::test]
async fn a_profile_that_changes_gives_other_tokens() {
    let stage = stage().await;
    stage.token_for(&wanted()).await.expect("a token");
    let changed = |change: fn(&mut Profile)| {
        let mut profile = profile(stage.provider.issuer());
        change(&mut profile);
        ProfileEntry::from(profile)
    };
    stage.client.put_profile(&changed(|profile| profile.audience = Some(BILLS.to_owned()))).await.expect("changed");
    let token = stage.token_for(&wanted()).await.expect("a token");
    assert_eq!(claims(&exposed(&token.access_token))["aud"], BILLS);
    let organization = |profile: &mut Profile| drop(profile.params.insert("organization".into(), "org_nowhere".into()));
    stage.client.put_profile(&changed(organization)).await.expect("changed");
    let refused = stage.token_for(&wanted()).await.expect_err("nobody knows that organization");
    assert!(refused.message.contains("organization"), "{refused:?}");
    assert_eq!(stage.client.sessions().await.expect("a list").sessions.len(), 1);
}

#[tokio::test]
async fn tokens_of_an_application_are_bound_where_the_profile_says_so() {
    let stage = stage().await;
    stage.provider.knobs().dpop_nonce(DpopNonce::Demanded);
    let bound = Profile { dpop: true, ..profile(stage.provider.issuer()) };
    stage.client.put_profile(&bound.into()).await.expect("a profile");
    let token = stage.token_for(&wanted()).await.expect("a token");
    assert_eq!(token.token_type, "DPoP");
    assert!(claims(&exposed(&token.access_token))["cnf"]["jkt"].is_string());
}

#[tokio::test]
async fn a_private_key_serves_like_a_secret() {
    let key = r#"{"kty":"EC","crv":"P-256","kid":"k1","alg":"ES256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
    let mut public: serde_json::Value = serde_json::from_str(key).expect("JSON");
    public.as_object_mut().expect("an object").remove("d");
    let client = Client::with_keys("service", serde_json::json!({ "keys": [public] }), Vec::new());
    let stage = Stage::with(Settings { clients: vec![Client::demo(), client], ..Settings::default() }).await;
    let profile = Profile { client_auth: Some(ClientAuth::PrivateKeyJwt), ..profile(stage.provider.issuer()) };
    let entry = ProfileEntry { client_key: Some(Secret::new(key.to_owned())), ..profile.into() };
    stage.client.put_profile(&entry).await.expect("a profile");
    stage.token_for(&wanted()).await.expect("a token");
    let sent = &asked(&stage)[0].params;
    assert!(sent.get("client_assertion").is_some() && sent.get("client_secret").is_none());
}

#[tokio::test]
async fn signing_out_revokes_the_access_token_and_ends_no_browser_session() {
    let stage = stage().await;
    let token = exposed(&stage.token_for(&wanted()).await.expect("a token").access_token);
    let request = SignOutRequest { profile: ROBOT.to_owned(), ..sign_out(SignOut::Everywhere) };
    let answer = stage.client.sign_out(&request).await.expect("signed out");
    let told: Vec<_> = answer.steps.iter().map(|step| (step.step, step.done)).collect();
    assert_eq!(told, [(StepName::Revoke, true), (StepName::Forget, true), (StepName::EndSession, false)], "{answer:?}");
    let revoked = stage.log().of(Endpoint::Revoke);
    assert_eq!(revoked[0].params.get("token"), Some(token.as_str()));
}

#[tokio::test]
async fn the_token_lives_on_over_a_restart_and_the_secret_is_nowhere_in_the_clear() {
    let Some(home) = Household::with_keyring(settings()).await else {
        return skipped("the_token_lives_on_over_a_restart", "there is no gnome-keyring");
    };
    let agent = home.agent().await;
    agent.client.put_profile(&entry(profile(home.provider.issuer()), SECRET)).await.expect("a profile");
    let before = agent.client.token(&wanted()).await.expect("a token");
    agent.kill().await;
    let agent = home.agent().await;
    let after = agent.client.token(&wanted()).await.expect("a token");
    assert_eq!(exposed(&before.access_token), exposed(&after.access_token), "providers count and bill them");
    agent.terminate().await;
    let mut canaries = secrets::sent_to(&home.provider);
    canaries.push(secrets::Canary { name: "client secret".into(), value: SECRET.into() });
    canaries.push(secrets::Canary { name: "access token".into(), value: exposed(&after.access_token) });
    assert!(secrets::assert_none_below(&canaries, home.folder()) > 0);
}

#[tokio::test]
async fn locking_the_vault_waits_for_a_first_token_that_is_under_way_and_keeps_it() {
    let home = Household::with_passphrase(settings()).await;
    let agent = home.agent().await;
    agent.client.put_profile(&entry(profile(home.provider.issuer()), SECRET)).await.expect("a profile");
    let gate = home.provider.knobs().hold(Endpoint::Token);
    let client = agent.client.clone();
    let caller = tokio::spawn(async move { client.token(&wanted()).await });
    assert!(gate.wait_for(1, PATIENCE).await, "it is asked for");
    let client = agent.client.clone();
    let mut locking = tokio::spawn(async move { client.lock_vault().await });
    tokio::time::timeout(Duration::from_millis(500), &mut locking).await.expect_err("it waits");
    gate.release();
    locking.await.expect("it ends").expect("locked");
    // Before the lock or after it: the one is served, the other refused.
    let _ = caller.await.expect("it ends");

    assert_eq!(home.doorkey(&["vault", "unlock"]).await.code, Some(0));
    agent.client.token(&wanted()).await.expect("the one that was kept");
    assert_eq!(home.provider.log().of(Endpoint::Token).len(), 1);
    agent.terminate().await;
}

#[tokio::test]
async fn the_commands_know_an_application() {
    let stage = stage().await;
    let run = |arguments: &'static [&'static str]| program::run(program::command(stage.folder(), arguments));
    let ended = run(&["login", ROBOT]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("service") && !ended.stdout.contains("Signed in as"), "{ended:?}");
    let ended = run(&["token", ROBOT]).await;
    assert_eq!(claims(ended.stdout.trim())["aud"], NOTES);
    let ended = run(&["status", "--json"]).await;
    assert!(ended.stdout.contains(r#""identified":"application""#), "{ended:?}");
    assert_eq!(asked(&stage).len(), 1);
}
