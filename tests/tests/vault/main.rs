//! The vault as people and scripts meet it: choices on the command line, and faults of disk, keyring and machine.

mod faults;

use std::fs;
use std::path::PathBuf;

use doorkey_client::Secret;
use doorkey_client::words::{
    RenewalRequest, Session, TokenRequest, VaultChoice, VaultKind, VaultMove, VaultState, VaultStatus,
};
use doorkey_demo_idp::Settings;
use doorkey_tests::household::{AgentProcess, PASSPHRASE};
use doorkey_tests::program::Ended;
use doorkey_tests::stage::{exposed, refreshes, refusal};
use doorkey_tests::{Household, PROFILE, program, skipped, watch};
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

#[tokio::test]
async fn a_passphrase_is_chosen_changed_and_left_again_and_nobody_is_signed_out() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, before) = home.agent_with_ada().await;
    agent.terminate().await;
    let new = home.write_passphrase("new", "another passphrase entirely");
    let mut change = home.command(&["vault", "passphrase", "--json"]);
    change.env("DOORKEY_NEW_PASSPHRASE_FILE", &new);
    let changed = program::run(change).await;
    assert_eq!((changed.code, json(&changed)["records"].as_u64()), (Some(0), Some(1)), "{changed:?}");

    let old = home.doorkey(&["status", "--json"]).await;
    assert_eq!((old.code, json(&old)["error"]["code"].as_str()), (Some(77), Some("store.wrong_passphrase")), "{old:?}");
    let with_new = async |arguments: &[&str]| {
        let mut command = home.command(arguments);
        command.env("DOORKEY_PASSPHRASE_FILE", &new);
        program::run(command).await
    };
    let status = with_new(&["status", "--json"]).await;
    assert_eq!(json(&status)["sessions"][0]["sub"], before.sub.as_str(), "{status:?}");

    let refused = with_new(&["vault", "use", "memory"]).await;
    assert_eq!(refused.code, Some(64), "nobody is there to agree: {refused:?}");
    assert!(refused.stderr.contains("--yes") && sealed(&home).len() == 1, "{refused:?}");
    assert_eq!(with_new(&["vault", "use", "memory", "--yes"]).await.code, Some(0));
    assert!(sealed(&home).is_empty());
    let mut shown = home.command(&["vault", "--json"]);
    shown.env_remove("DOORKEY_VAULT");
    assert_eq!(json(&program::run(shown).await)["vault"]["kind"], "memory", "remembered");
}

#[tokio::test]
async fn an_agent_that_is_locked_gives_nothing_until_it_is_unlocked() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    let locked = home.doorkey(&["vault", "lock", "--json"]).await;
    assert_eq!((locked.code, json(&locked)["vault"]["state"].as_str()), (Some(0), Some("locked")), "{locked:?}");
    assert_eq!(refusal(agent.client.sessions().await).code, "store.locked");
    assert_eq!(home.doorkey(&["token", PROFILE]).await.code, Some(77));
    assert_eq!(refusal(agent.client.renew(&RenewalRequest::default()).await).code, "store.locked");

    let wrong = home.write_passphrase("wrong", "CANARY-wrong-passphrase");
    let mut unlock = home.command(&["vault", "unlock", "--json"]);
    unlock.env("DOORKEY_PASSPHRASE_FILE", &wrong);
    let refused = program::run(unlock).await;
    assert_eq!((refused.code, json(&refused)["error"]["code"].as_str()), (Some(77), Some("store.wrong_passphrase")));

    assert_eq!(home.doorkey(&["vault", "unlock"]).await.code, Some(0));
    assert_eq!(home.doorkey(&["token", PROFILE]).await.code, Some(0));
    assert_eq!(refreshes(&home.provider).len(), 0);
    let ended = agent.terminate().await;
    for secret in [PASSPHRASE, "CANARY"] {
        assert!(!ended.stderr.contains(secret) && !everything(&home, secret), "{secret} was written down");
    }
}

#[tokio::test]
async fn a_passphrase_comes_by_descriptor_and_never_from_a_file_of_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Household::with_passphrase(Settings::default()).await;
    let through_a_shell = |script: &str| {
        let mut command = tokio::process::Command::new("sh");
        program::alone(&mut command, home.folder());
        command.env("DOORKEY_VAULT", "passphrase").env("DOORKEY", program::doorkey());
        command.args(["-c", script]);
        command
    };
    let script = "printf 'correct horse battery staple\\n' | DOORKEY_PASSPHRASE_FD=0 \"$DOORKEY\" vault --json";
    let opened = program::run(through_a_shell(script)).await;
    assert_eq!(json(&opened)["vault"]["state"], "ready", "{opened:?}");

    let file = home.write_passphrase("passphrase", PASSPHRASE);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("ours");
    let refused = home.doorkey(&["status", "--json"]).await;
    let error = json(&refused)["error"].clone();
    assert_eq!((refused.code, error["code"].as_str()), (Some(78), Some("config.bad_passphrase_source")), "{refused:?}");
    assert!(error["message"].as_str().is_some_and(|message| message.contains("644")), "{error}");
}

#[tokio::test]
async fn from_a_real_keyring_to_a_passphrase_and_back_with_a_session() {
    let test = "from_a_real_keyring_to_a_passphrase_and_back_with_a_session";
    let Some(home) = Household::with_keyring(Settings::default()).await else {
        return skipped(test, "there is no gnome-keyring");
    };
    let (agent, before) = home.agent_with_ada().await;
    let moving = |to: VaultKind| VaultMove {
        to,
        current: None,
        passphrase: Some(Secret::new(PASSPHRASE.to_owned())),
        discard: false,
    };
    let moved = agent.client.move_vault(&moving(VaultKind::Passphrase)).await.expect("moved");
    assert_eq!((moved.records, moved.vault.kind, moved.vault.state), (1, VaultKind::Passphrase, VaultState::Ready));
    agent.client.renew(&RenewalRequest::default()).await.expect("sealed with the new key");
    agent.kill().await;

    // The environment still says `keyring`: that is told, not followed.
    let agent = home.agent().await;
    let vault = settled(&agent).await;
    assert_eq!((vault.state, vault.code.as_deref()), (VaultState::Unusable, Some("store.other_kind")), "{vault:?}");
    agent.terminate().await;

    let mut command = home.command(&["agent", "--json"]);
    command.env_remove("DOORKEY_VAULT");
    let agent = AgentProcess::start(command).await;
    assert_eq!(settled(&agent).await.state, VaultState::Locked);
    let mut choice = VaultChoice::of(VaultKind::Passphrase);
    choice.passphrase = Some(Secret::new(PASSPHRASE.to_owned()));
    assert_eq!(agent.client.choose_vault(&choice).await.expect("right").state, VaultState::Ready);
    assert_eq!((only_session(&agent).await.id, only_session(&agent).await.renewals), (before.id, 1));
    agent.client.move_vault(&moving(VaultKind::Keyring)).await.expect("moved back");
    agent.kill().await;
    let agent = home.agent().await;
    assert_eq!((settled(&agent).await.kind, only_session(&agent).await.renewals), (VaultKind::Keyring, 1));
    agent.terminate().await;
}

#[tokio::test]
async fn sessions_in_memory_go_on_while_a_keyring_is_tried_in_vain() {
    let home = Household::in_memory(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    let vault = agent.client.choose_vault(&VaultChoice::of(VaultKind::Keyring)).await.expect("it is tried");
    assert_eq!(vault.state, VaultState::NoService, "{vault:?}");
    agent.client.token(&TokenRequest::for_profile(PROFILE)).await.expect("it is in memory");
    let renewed = agent.client.renew(&RenewalRequest::default()).await.expect("the provider is there");
    assert!(renewed.unsaved, "there is nowhere to store it");
    agent.client.choose_vault(&VaultChoice::of(VaultKind::Memory)).await.expect("it is offered");
    watch::until_session(&agent.client, "it is held", |session| !session.unsaved).await;

    // A passphrase can be chosen from here, and the session moves along.
    let moving = VaultMove {
        to: VaultKind::Passphrase,
        current: None,
        passphrase: Some(Secret::new(PASSPHRASE.to_owned())),
        discard: false,
    };
    assert_eq!(agent.client.move_vault(&moving).await.expect("nothing is sealed").records, 1);
    agent.kill().await;
    let file = home.write_passphrase("passphrase", PASSPHRASE);
    let mut command = home.command(&["agent", "--json"]);
    command.env_remove("DOORKEY_VAULT").env("DOORKEY_PASSPHRASE_FILE", file);
    let agent = AgentProcess::start(command).await;
    assert_eq!(only_session(&agent).await.renewals, 1);
    agent.terminate().await;
}

/// S-T16: a program of the same user wants the memory of the agent | it cannot be read or dumped
#[tokio::test]
async fn nobody_reads_the_agents_memory() {
    let home = Household::with_passphrase(Settings::default()).await;
    let agent = home.agent().await;
    let about = |file: &str| PathBuf::from(format!("/proc/{}/{file}", agent.pid));
    let limits = fs::read_to_string(about("limits")).expect("anybody may read it");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("it is among them");
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    // Of a process that cannot be dumped everything below its folder is root's: no memory, no environment, no
    // descriptors for another program of the same user. Root may all the same.
    if !rustix::process::geteuid().is_root() {
        assert!(fs::File::open(about("mem")).is_err() && fs::read(about("environ")).is_err());
    }
    agent.terminate().await;
}

async fn settled(agent: &AgentProcess) -> VaultStatus {
    watch::until_vault(&agent.client, "the vault has settled", |vault| vault.state != VaultState::Opening).await
}

async fn only_session(agent: &AgentProcess) -> Session {
    watch::until_vault(&agent.client, "the vault is ready", |vault| vault.state == VaultState::Ready).await;
    let mut sessions = agent.client.sessions().await.expect("the sessions").sessions;
    assert_eq!(sessions.len(), 1, "{sessions:?}");
    sessions.remove(0)
}

fn json(ended: &Ended) -> serde_json::Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("not JSON: {ended:?}"))
}

/// What the doctor says of the vault.
fn finding(doctor: &Ended) -> serde_json::Value {
    let checks = json(doctor)["checks"].as_array().expect("a list").clone();
    checks.into_iter().find(|check| check["name"] == "vault").expect("it looks at the vault")
}

/// The sealed files in force.
fn sealed(home: &Household) -> Vec<PathBuf> {
    let entries = fs::read_dir(home.paths().vault()).expect("it can be listed");
    let mut sealed: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    sealed.retain(|path| path.extension().is_some_and(|extension| extension == "sealed"));
    sealed.sort();
    sealed
}

/// Whether it stands in any file of the vault, the state or the settings.
fn everything(home: &Household, text: &str) -> bool {
    fn holds(folder: &std::path::Path, text: &[u8]) -> bool {
        fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
            let path = entry.path();
            if path.is_dir() {
                return holds(&path, text);
            }
            fs::read(&path).is_ok_and(|bytes| bytes.windows(text.len()).any(|part| part == text))
        })
    }
    let paths = home.paths();
    [paths.data, paths.state, paths.config].iter().any(|folder| holds(folder, text.as_bytes()))
}
