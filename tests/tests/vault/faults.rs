//! Disks, keyrings and files that fail: each with its code, and nothing lost.

use super::*;

/// the keyring goes while the agent runs | nothing is lost, and it is told at the next start
/// S-T01: the keyring goes in mid-run | renewals are stored all the same, and the next start says `store.no_service`
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

/// S-T05: a session larger than keyrings take | sealed in a file, renewed and read back
/// S-06: a session of 64 KiB, where a keyring may have room for 2560 bytes | sealed in a file, renewed and read back
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

/// the disk is full at a renewal | the new tokens work from memory and are stored when there is room
/// S-27: the new tokens cannot be stored | kept in memory, told as unsaved, stored later; locking meanwhile is refused
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

/// S-T06: a record is truncated, bit-flipped, empty, of something else, of a newer version | a code for each; moved aside or left, never deleted
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

/// S-T12: the disk is read-only | `store.read_only` names the folder and the variable
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

/// S-T06: an older generation is put back | `store.rolled_back`, and the spent refresh token is not sent
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
