//! The vault as people and scripts meet it: choices on the command line, and faults of disk, keyring and machine.

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
async fn a_keyring_that_goes_in_mid_run_loses_nothing_and_is_told_at_the_next_start() {
    let test = "a_keyring_that_goes_in_mid_run_loses_nothing_and_is_told_at_the_next_start";
    let Some(mut home) = Household::with_keyring(Settings::default()).await else {
        return skipped(test, "there is no gnome-keyring");
    };
    let (agent, _) = home.agent_with_ada().await;
    home.end_keyring();
    let renewed = agent.client.renew(&RenewalRequest::default()).await.expect("the key is at hand");
    assert!(!renewed.unsaved);
    agent.terminate().await;
    let before = sealed(&home);

    let mut command = home.command(&["agent", "--json"]);
    command.env("DOORKEY_VAULT", "keyring");
    let agent = AgentProcess::start(command).await;
    let vault = settled(&agent).await;
    assert_eq!((vault.state, vault.code.as_deref()), (VaultState::NoService, Some("store.no_service")));
    assert!(vault.hint.contains("gnome-keyring") && vault.hint.contains("vault use passphrase"), "{vault:?}");
    let mut doctor = home.command(&["doctor", "--json"]);
    doctor.env("DOORKEY_VAULT", "keyring");
    let told = finding(&program::run(doctor).await);
    assert_eq!((told["outcome"].as_str(), told["next"].as_str()), (Some("problem"), Some(vault.hint.as_str())));
    assert_eq!(sealed(&home), before, "the sealed session waits");
    agent.terminate().await;
}

#[tokio::test]
async fn an_item_of_more_than_64_kib_is_sealed_renewed_and_read_back() {
    let mut settings = Settings::default();
    settings.people[0].name = format!("Ada {}", "L".repeat(20 * 1024));
    let home = Household::with_passphrase(settings).await;
    home.provider.knobs().refresh_with_id_token();
    let (agent, before) = home.agent_with_ada().await;
    assert!(before.name.as_ref().is_some_and(|name| name.len() > 20 * 1024));
    agent.client.renew(&RenewalRequest::default()).await.expect("renewed");
    agent.kill().await;
    let size = fs::metadata(&sealed(&home)[0]).expect("it is there").len();
    assert!(size > 64 * 1024, "the ID token, and the name beside it: {size} bytes");

    let agent = home.agent().await;
    let after = only_session(&agent).await;
    assert_eq!((&after.id, &after.name, after.renewals), (&before.id, &before.name, 1));
    agent.client.renew(&RenewalRequest::default()).await.expect("with what was read back");
    agent.terminate().await;
}

#[tokio::test]
async fn on_a_full_disk_the_fresh_tokens_are_kept_in_memory_and_stored_when_there_is_room() {
    let home = Household::with_passphrase(Settings::default()).await;
    // A limit on the size of files stands for the disk: without the signal, writing over it is an error.
    let started = home.command(&["agent", "--json"]);
    let mut command = tokio::process::Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" agent --json"]).arg(program::doorkey()).env_clear();
    for (name, value) in started.as_std().get_envs() {
        command.env(name, value.expect("nothing was taken away"));
    }
    command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped());
    command.stderr(std::process::Stdio::piped()).kill_on_drop(true);
    let agent = AgentProcess::start(command).await;
    agent.put_profile(home.provider.issuer()).await;
    agent.sign_in().await;
    let before = sealed(&home);

    let pid = Pid::from_raw(i32::try_from(agent.pid).expect("a process"));
    let room = getrlimit(Resource::Fsize);
    prlimit(pid, Resource::Fsize, Rlimit { current: Some(64), ..room }).expect("ours");
    let renewed = agent.client.renew(&RenewalRequest::default()).await.expect("renewed all the same");
    assert!(renewed.unsaved, "it says that it is in memory only");
    assert_eq!(sealed(&home), before, "the old one stays, and nothing is left of the new one");
    let token = agent.client.token(&TokenRequest::for_profile(PROFILE)).await.expect("a token");
    assert!(!exposed(&token.access_token).is_empty());
    let locked = refusal(agent.client.lock_vault().await);
    assert_eq!(locked.code, "store.unsaved", "locking would lose it");

    prlimit(pid, Resource::Fsize, room).expect("ours");
    watch::until_session(&agent.client, "it is stored", |session| !session.unsaved && session.renewals == 1).await;
    agent.kill().await;
    let agent = home.agent().await;
    assert_eq!(only_session(&agent).await.renewals, 1);
    agent.client.renew(&RenewalRequest::default()).await.expect("with the token that was kept");
    agent.terminate().await;
}

#[tokio::test]
async fn each_fault_of_the_disk_has_its_code_and_the_doctor_knows_the_next_step() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    agent.terminate().await;
    let (file, header) = (sealed(&home).remove(0), home.paths().vault().join("vault.json"));
    let (good, good_header) = (fs::read(&file).expect("it is there"), fs::read(&header).expect("it is there"));
    let of_header = |change: fn(&mut serde_json::Value)| {
        let mut value: serde_json::Value = serde_json::from_slice(&good_header).expect("it is JSON");
        change(&mut value);
        value.to_string().into_bytes()
    };
    let turned = {
        let mut bytes = good.clone();
        bytes[100] ^= 1;
        bytes
    };
    let newer = {
        let mut bytes = good.clone();
        bytes[5] = 9;
        bytes
    };
    let other_key = {
        let mut bytes = good.clone();
        bytes[6] ^= 1;
        bytes
    };
    let other_record = {
        let mut bytes = good.clone();
        bytes[14] ^= 1;
        bytes
    };
    let aside = true;
    for (what, sealed_bytes, header_bytes, code, moved) in [
        ("truncated", good[..60].to_vec(), None, "store.damaged", aside),
        ("a bit turned", turned, None, "store.damaged", aside),
        ("empty", Vec::new(), None, "store.damaged", aside),
        ("other JSON", b"{\"refresh_token\":\"x\"}".to_vec(), None, "store.damaged", aside),
        ("another profile's", other_record, None, "store.foreign_record", aside),
        ("of a newer version", newer, None, "store.newer_version", !aside),
        ("of another key", other_key, None, "store.key_missing", !aside),
        (
            "choice of a newer version",
            good.clone(),
            Some(of_header(|it| it["version"] = 2.into())),
            "store.newer_version",
            !aside,
        ),
        (
            "of another machine",
            good.clone(),
            Some(of_header(|it| it["machine"] = "0123456789abcdef".into())),
            "store.other_machine",
            !aside,
        ),
    ] {
        if code == "store.other_machine" && !String::from_utf8_lossy(&good_header).contains("machine") {
            skipped(what, "this machine has no machine-id");
            continue;
        }
        fs::remove_file(home.paths().vault_mark()).expect("it is there");
        fs::write(&file, &sealed_bytes).expect("there is room");
        fs::write(&header, header_bytes.as_ref().unwrap_or(&good_header)).expect("there is room");
        let doctor = home.doorkey(&["doctor", "--json"]).await;
        assert_eq!(doctor.code, Some(74), "{what}: {doctor:?}");
        let problems: Vec<_> = json(&doctor)["checks"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|it| it["name"] == "vault" && it["outcome"] == "problem")
            .cloned()
            .collect();
        assert!(
            problems.len() == 1 && problems[0]["next"].as_str().is_some_and(|next| !next.is_empty()),
            "{what}: {doctor:?}"
        );

        let names: Vec<_> =
            fs::read_dir(home.paths().vault()).expect("listed").map(|it| it.expect("an entry").path()).collect();
        let bad: Vec<_> = names.iter().filter(|path| path.to_string_lossy().contains(".bad-")).collect();
        assert_eq!(bad.len(), usize::from(moved), "{what}: {names:?}");
        let kept = bad.first().map_or(&file, |path| path);
        assert_eq!(fs::read(kept).expect("it is kept"), sealed_bytes, "{what}: nothing is deleted");
        for path in bad {
            fs::remove_file(path).expect("ours");
        }
        fs::write(&file, &sealed_bytes).expect("there is room");
        let agent = home.agent().await;
        let vault = settled(&agent).await;
        let problems = agent.client.hello().await.expect("hello").problems;
        let codes: Vec<_> = problems.iter().map(|problem| problem.code.as_str()).chain(vault.code.as_deref()).collect();
        assert!(codes.contains(&code), "{what}: {codes:?}");
        agent.terminate().await;
        for path in fs::read_dir(home.paths().vault()).expect("listed").map(|it| it.expect("an entry").path()) {
            if path.to_string_lossy().contains(".bad-") {
                fs::remove_file(path).expect("ours");
            }
        }
        fs::write(&file, &good).expect("there is room");
        fs::write(&header, &good_header).expect("there is room");
        let agent = home.agent().await;
        only_session(&agent).await;
        agent.terminate().await;
    }
}

#[tokio::test]
async fn a_folder_on_a_read_only_disk_is_named_with_the_way_out() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    agent.terminate().await;
    // A mount of its own, which ends with the program.
    let script = "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" && exec \"$2\" status --json";
    let asked = home.command(&[]);
    let mut command = tokio::process::Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"]);
    command.arg(home.paths().data).arg(program::doorkey()).env_clear();
    for (name, value) in asked.as_std().get_envs() {
        command.env(name, value.expect("nothing was taken away"));
    }
    let ended = command.output().await;
    let Some(output) = ended.ok().filter(|output| !output.stdout.is_empty()) else {
        return skipped("a_folder_on_a_read_only_disk_is_named_with_the_way_out", "no mounts of one's own are allowed");
    };
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        (output.status.code(), answer["error"]["code"].as_str()),
        (Some(74), Some("store.read_only")),
        "{answer}"
    );
    assert!(answer["error"]["hint"].as_str().is_some_and(|hint| hint.contains("XDG_DATA_HOME")), "{answer}");
    assert_eq!(home.doorkey(&["status"]).await.code, Some(0), "and nothing is lost");
}

#[tokio::test]
async fn a_backup_that_is_put_back_does_not_bring_a_spent_token_to_the_provider() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    agent.terminate().await;
    let backup: Vec<_> = sealed(&home).into_iter().map(|path| (fs::read(&path).expect("it is there"), path)).collect();
    let agent = home.agent().await;
    only_session(&agent).await;
    agent.client.renew(&RenewalRequest::default()).await.expect("renewed");
    agent.terminate().await;
    for path in sealed(&home) {
        fs::remove_file(path).expect("ours");
    }
    for (bytes, path) in &backup {
        fs::write(path, bytes).expect("there is room");
    }
    let agent = home.agent().await;
    settled(&agent).await;
    let problems = agent.client.hello().await.expect("hello").problems;
    assert_eq!(problems.iter().map(|problem| problem.code.as_str()).collect::<Vec<_>>(), ["store.rolled_back"]);
    assert!(problems[0].hint.contains("Sign in again"), "{problems:?}");
    assert_eq!(agent.client.sessions().await.expect("the sessions").sessions, []);
    assert_eq!(refreshes(&home.provider).len(), 1, "nothing was sent since");
    agent.sign_in().await;
    agent.terminate().await;
}

#[tokio::test]
async fn whoever_finds_a_damaged_record_says_so() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    agent.terminate().await;
    fs::write(&sealed(&home)[0], b"DKV1").expect("there is room");
    let status = home.doorkey(&["status"]).await;
    assert!(status.stderr.contains("store.damaged") && status.stderr.contains("Sign in again"), "{status:?}");
    assert!(!home.doorkey(&["status"]).await.stderr.contains("store.damaged"), "once");
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
