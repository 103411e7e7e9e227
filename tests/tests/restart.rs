//! What is on the disk: agents end, well or badly, and the session goes on. A real keyring holds the vault's key.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use doorkey_client::words::{
    Event, EventKind, RenewalRequest, SessionState, SignOut, TokenRequest, VaultKind, VaultState,
};
use doorkey_demo_idp::{Endpoint, Fault, Settings, Times};
use doorkey_tests::household::AgentProcess;
use doorkey_tests::stage::{LONG, exposed, person, refreshes, refusal, sign_out};
use doorkey_tests::{Household, PATIENCE, PROFILE, program, skipped, watch};

/// A household with a keyring, or the end of the test with the reason.
macro_rules! household {
    ($test:literal, $settings:expr) => {
        match Household::with_keyring($settings).await {
            Some(home) => home,
            None => return skipped($test, "there is no gnome-keyring"),
        }
    };
}

#[tokio::test]
async fn after_a_restart_the_person_is_still_signed_in() {
    let home = household!("after_a_restart_the_person_is_still_signed_in", Settings::default());
    let (agent, before) = home.agent_with_ada().await;
    let token = token(&agent).await;
    assert_eq!(agent.client.hello().await.expect("hello").vault.kind, VaultKind::Keyring);
    let ended = agent.terminate().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");

    let agent = home.agent().await;
    let after = only_session(&agent).await;
    assert_eq!(
        (&after.id, &after.sub, &after.email, after.expires_at),
        (&before.id, &before.sub, &before.email, before.expires_at)
    );
    assert_eq!(self::token(&agent).await, token, "the very token");
    assert_eq!(refreshes(&home.provider).len(), 0, "nothing was renewed for it");
    agent.terminate().await;
}

#[tokio::test]
async fn after_a_power_cut_the_person_is_still_signed_in() {
    let home = household!("after_a_power_cut_the_person_is_still_signed_in", Settings::default());
    let (agent, before) = home.agent_with_ada().await;
    agent.kill().await;
    let agent = home.agent().await;
    assert_eq!(only_session(&agent).await.id, before.id);
    renew(&agent).await;
    agent.kill().await;
    let agent = home.agent().await;
    assert_eq!(only_session(&agent).await.renewals, 1, "the renewal was durable before anybody saw it");
    renew(&agent).await;
}

#[tokio::test]
async fn a_power_cut_before_the_provider_has_rotated_costs_nothing() {
    let home = household!("a_power_cut_before_the_provider_has_rotated_costs_nothing", Settings::default());
    let (agent, _) = home.agent_with_ada().await;
    let gate = home.provider.knobs().hold(Endpoint::Token);
    let client = agent.client.clone();
    let renewing = tokio::spawn(async move { client.renew(&RenewalRequest::default()).await });
    assert!(gate.wait_for(1, PATIENCE).await, "the renewal is under way");
    agent.kill().await;
    renewing.await.expect("it ends").expect_err("the agent is gone");
    home.provider.knobs().fail(Endpoint::Token, Fault::Drop, Times::Next(1));
    gate.release();
    home.provider.knobs().heal(Endpoint::Token);

    let agent = home.agent().await;
    let session = only_session(&agent).await;
    assert_eq!((session.state, session.renewable), (SessionState::SignedIn, true));
}

/// L-T13: there is no agent | each command is the agent for as long as it runs
#[tokio::test]
async fn every_other_command_is_the_agent_when_there_is_none() {
    let home = household!("every_other_command_is_the_agent_when_there_is_none", Settings::default());
    home.add_profile().await;
    let login = home.doorkey_with_robot(&["login", PROFILE]).await;
    assert_eq!(login.code, Some(0), "{login:?}");
    let token = home.doorkey(&["token", PROFILE]).await;
    assert_eq!((token.code, token.stdout.lines().count()), (Some(0), 1), "{token:?}");
    let status = home.doorkey(&["status", "--json"]).await;
    let status: serde_json::Value = serde_json::from_str(&status.stdout).expect("JSON");
    assert_eq!(status["sessions"][0]["sub"], "demo|ada");
    let logout = home.doorkey(&["logout", PROFILE]).await;
    assert_eq!(logout.code, Some(0), "{logout:?}");
    assert_eq!(home.doorkey(&["token", PROFILE]).await.code, Some(77));
    assert!(!home.paths().socket().exists(), "nobody is left");
}

/// S-20: eight programs find an ended token and no agent | one of them renews, and all have its token
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_without_an_agent_share_one_refresh_request() {
    let settings = Settings { token_life: Duration::ZERO, ..Settings::default() };
    let home = household!("programs_without_an_agent_share_one_refresh_request", settings);
    let (agent, _) = home.agent_with_ada().await;
    agent.terminate().await;
    home.provider.knobs().set_token_life(LONG);
    let gate = home.provider.knobs().hold(Endpoint::Token);
    let programs: Vec<_> =
        (0..8).map(|_| home.command(&["token", PROFILE]).spawn().expect("the program starts")).collect();
    assert!(gate.wait_for(1, PATIENCE).await, "one of them renews");
    gate.release();
    let mut tokens = std::collections::BTreeSet::new();
    for running in programs {
        let ended = program::ended(running).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        tokens.insert(ended.stdout);
    }
    assert_eq!(tokens.len(), 1, "all print the same token");
    assert_eq!(refreshes(&home.provider).len(), 1, "one refresh request reached the provider");
}

#[tokio::test]
async fn a_failed_sign_in_leaves_every_byte_of_the_vault_as_it_was() {
    let home = household!("a_failed_sign_in_leaves_every_byte_of_the_vault_as_it_was", Settings::default());
    let (agent, _) = home.agent_with_ada().await;
    let before = bytes(&home.paths().vault());
    assert!(before.len() >= 2, "a session and a lock are there: {:?}", before.keys());

    let attempt = agent.begin().await;
    attempt.deny(&person("Ada")).await;
    assert_eq!(attempt.failed().await.code, "callback.access_denied");
    home.provider.knobs().corrupt_id_tokens(Some(doorkey_demo_idp::IdTokenFault::WrongNonce));
    let attempt = agent.begin().await;
    attempt.allow(&person("Ada")).await;
    assert_eq!(attempt.failed().await.code, "idtoken.nonce_mismatch");
    home.provider.knobs().fail(Endpoint::Token, Fault::Status(500), Times::Always);
    let attempt = agent.begin().await;
    attempt.allow(&person("Ada")).await;
    assert_eq!(attempt.failed().await.code, "token.server_error");
    refusal(agent.client.renew(&RenewalRequest::default()).await);
    assert_eq!(bytes(&home.paths().vault()), before);
    agent.terminate().await;
}

#[tokio::test]
async fn nothing_on_the_disk_can_be_read_without_the_keyring() {
    let home = household!("nothing_on_the_disk_can_be_read_without_the_keyring", Settings::default());
    let (agent, _) = home.agent_with_ada().await;
    renew(&agent).await;
    let token = token(&agent).await;
    for (path, bytes) in bytes(home.folder()) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains(&token), "{path} holds the access token");
        assert!(!text.contains("eyJ"), "{path} holds a JWT");
    }
    for file in bytes(&home.paths().vault()).keys() {
        use std::os::unix::fs::MetadataExt;
        let mode = fs::metadata(home.paths().vault().join(file)).expect("its facts").mode() & 0o077;
        assert_eq!(mode, 0, "others may read {file}");
    }
    agent.terminate().await;
}

#[tokio::test]
async fn a_signed_out_session_does_not_come_back_with_the_next_start() {
    let home = household!("a_signed_out_session_does_not_come_back_with_the_next_start", Settings::default());
    let (agent, _) = home.agent_with_ada().await;
    agent.client.sign_out(&sign_out(SignOut::Revoke)).await.expect("signed out");
    agent.kill().await;
    let agent = home.agent().await;
    assert!(agent.client.sessions().await.expect("the sessions").sessions.is_empty());
    agent.terminate().await;
}

#[tokio::test]
async fn a_session_that_ended_at_the_provider_stays_known_over_a_restart() {
    let home = household!("a_session_that_ended_at_the_provider_stays_known_over_a_restart", Settings::default());
    let (agent, before) = home.agent_with_ada().await;
    home.provider.knobs().revoke_everything();
    refusal(agent.client.renew(&RenewalRequest::default()).await);
    agent.terminate().await;
    let agent = home.agent().await;
    let after = only_session(&agent).await;
    assert_eq!((&after.id, after.email.as_deref(), after.renewable), (&before.id, Some("ada@example.test"), false));
    let healed = agent.sign_in().await;
    assert_eq!(healed.id, before.id);
    agent.terminate().await;
}

/// the token ended while the computer was off | one refresh afterwards
#[tokio::test]
async fn a_token_that_ended_while_the_computer_was_off_is_renewed_at_the_start() {
    let settings = Settings { token_life: Duration::ZERO, ..Settings::default() };
    let home = household!("a_token_that_ended_while_the_computer_was_off_is_renewed_at_the_start", settings);
    let (agent, _) = home.agent_with_ada().await;
    agent.terminate().await;
    home.provider.knobs().set_token_life(LONG);
    let agent = home.agent().await;
    assert!(!token(&agent).await.is_empty());
    assert_eq!(refreshes(&home.provider).len(), 1);
    agent.terminate().await;
}

#[tokio::test]
async fn a_renewal_that_cannot_be_stored_is_handed_out_and_stored_later() {
    let home = household!("a_renewal_that_cannot_be_stored_is_handed_out_and_stored_later", Settings::default());
    let (agent, _) = home.agent_with_ada().await;
    let (vault, aside) = (home.paths().vault(), home.folder().join("aside"));
    // A folder that is gone and cannot be made again: root may write where nobody else may.
    fs::rename(&vault, &aside).expect("moved aside");
    fs::write(&vault, "in the way").expect("written");
    let renewed = agent.client.renew(&RenewalRequest::default()).await.expect("renewed all the same");
    assert!(renewed.unsaved, "it says that it is in memory only");
    assert!(!token(&agent).await.is_empty());

    fs::remove_file(&vault).expect("out of the way");
    fs::rename(&aside, &vault).expect("back");
    watch::until_session(&agent.client, "it is stored", |session| !session.unsaved && session.renewals == 1).await;
    agent.kill().await;
    let agent = home.agent().await;
    assert_eq!(only_session(&agent).await.renewals, 1);
    renew(&agent).await;
    agent.terminate().await;
}

#[tokio::test]
async fn what_could_not_be_stored_is_stored_when_the_agent_stops() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    let (vault, aside) = (home.paths().vault(), home.folder().join("aside"));
    fs::rename(&vault, &aside).expect("moved aside");
    fs::write(&vault, "in the way").expect("written");
    let renewed = agent.client.renew(&RenewalRequest::default()).await.expect("renewed all the same");
    assert!(renewed.unsaved, "it says that it is in memory only");
    // After each try it waits for twice as long: the next one would come when the agent has gone.
    let mut tries = 0;
    let not_saved = |event: &Event| {
        tries += u32::from(matches!(event.kind, EventKind::NotSaved { .. }));
        (tries == 3).then_some(())
    };
    watch::until_event(&agent.client, "three tries", not_saved).await;

    fs::remove_file(&vault).expect("out of the way");
    fs::rename(&aside, &vault).expect("back");
    agent.terminate().await;
    let agent = home.agent().await;
    assert_eq!(
        only_session(&agent).await.renewals,
        1,
        "the token that the provider has taken back is not what is left"
    );
    renew(&agent).await;
    agent.terminate().await;
}

async fn only_session(agent: &AgentProcess) -> doorkey_client::words::Session {
    watch::until_vault(&agent.client, "the vault is ready", |vault| vault.state == VaultState::Ready).await;
    let mut sessions = agent.client.sessions().await.expect("the sessions").sessions;
    assert_eq!(sessions.len(), 1, "{sessions:?}");
    sessions.remove(0)
}

async fn token(agent: &AgentProcess) -> String {
    let answer = agent.client.token(&TokenRequest::for_profile(PROFILE)).await.expect("a token");
    exposed(&answer.access_token)
}

async fn renew(agent: &AgentProcess) {
    agent.client.renew(&RenewalRequest::default()).await.expect("renewed");
}

/// Every file below a folder, byte for byte.
fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        let about = path.symlink_metadata().expect("its facts");
        if about.is_dir() {
            all.extend(bytes(&path).into_iter().map(|(name, bytes)| (path.join(name).display().to_string(), bytes)));
        } else if about.is_file() {
            all.insert(path.display().to_string(), fs::read(&path).expect("its bytes"));
        }
    }
    all
}
