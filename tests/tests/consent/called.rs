//! `doorkey token`, `exec` and the helpers count as the program that called them.

use doorkey_demo_idp::Settings;
use doorkey_tests::Household;
use serde_json::Value;

use super::*;

/// A shell of its own, which stays while what it calls runs.
struct Shell(PathBuf);

impl Shell {
    fn called(name: &str, home: &Household) -> Self {
        let path = home.folder().join(name);
        let shell = fs::canonicalize("/bin/sh").expect("every system has one");
        fs::copy(shell, &path).expect("copied");
        Self(path.canonicalize().expect("it is there"))
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("text")
    }

    /// Calls `doorkey` with these arguments, as a child of its own.
    async fn calls(&self, home: &Household, arguments: &str) -> Ended {
        let doorkey = home.command(&[]);
        let mut command = Command::new(&self.0);
        let environment = doorkey.as_std().get_envs().filter_map(|(name, value)| Some((name, value?)));
        command.env_clear().envs(environment).arg("-c").arg(format!("\"$0\" {arguments}; exit $?"));
        command.arg(program::doorkey());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        program::run(command).await
    }
}

fn code(ended: &Ended) -> String {
    let json: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended:?}"));
    json["error"]["code"].as_str().unwrap_or_else(|| panic!("{ended:?}")).to_owned()
}

/// B-10: a program has Doorkey's command ask for it | it is asked about as if it had asked itself
#[tokio::test]
async fn the_command_asks_for_whoever_called_it() {
    let home = Household::in_memory(Settings::default()).await.asking();
    let (agent, _) = home.agent_with_ada().await;
    let (one, other) = (Shell::called("one", &home), Shell::called("other", &home));
    for line in [
        format!("token {PROFILE} --json"),
        format!("token {PROFILE} --json --explain"),
        format!("exec {PROFILE} --json -- true"),
        format!("introspect {PROFILE} --json"),
    ] {
        let refused = one.calls(&home, &line).await;
        assert_eq!((refused.code, code(&refused).as_str()), (Some(77), "broker.consent_required"), "{line}");
    }
    let plain = one.calls(&home, &format!("token {PROFILE}")).await;
    let hint = format!("doorkey consent allow {} --profile {PROFILE}", one.path());
    assert!(plain.stderr.replace('\n', " ").contains(&hint) && plain.stdout.is_empty(), "{plain:?}");

    // Whoever may decide is Doorkey's own command, whoever calls it.
    let allowed = home.doorkey(&["consent", "allow", one.path(), "--profile", PROFILE]).await;
    assert_eq!(allowed.code, Some(0), "{allowed:?}");
    let token = one.calls(&home, &format!("token {PROFILE}")).await;
    assert!(token.code == Some(0) && token.stdout.len() > 20, "{token:?}");
    let in_full = one.calls(&home, &format!("token {PROFILE} --resource= --json")).await;
    assert_ne!(in_full.code, Some(70), "{in_full:?}");
    assert_eq!(one.calls(&home, &format!("exec {PROFILE} -- true")).await.code, Some(0));
    assert_eq!(other.calls(&home, &format!("token {PROFILE} --json")).await.code, Some(77));

    let programs: Vec<String> = journal(&agent.client)
        .await
        .into_iter()
        .filter_map(|event| match event.kind {
            EventKind::TokenGiven { program, .. } => Some(program),
            _ => None,
        })
        .collect();
    assert!(programs.len() >= 2 && programs.iter().all(|program| program == one.path()), "{programs:?}");
    agent.terminate().await;
}

/// A copy of Doorkey's command is some program, whatever it is called: it may neither have tokens nor decide.
#[tokio::test]
async fn a_copy_of_the_command_is_some_program() {
    let home = Household::in_memory(Settings::default()).await.asking();
    let (agent, _) = home.agent_with_ada().await;
    let folder = home.folder().join("copies");
    fs::create_dir(&folder).expect("a folder");
    for name in ["doorkey", "doorkey-full"] {
        fs::copy(program::doorkey().with_file_name(name), folder.join(name)).expect("copied");
    }
    let copy = folder.join("doorkey-full");
    let run = async |arguments: &[&str]| {
        let mut command = Command::new(&copy);
        program::alone(&mut command, home.folder());
        program::run({
            command.args(arguments);
            command
        })
        .await
    };
    let me = copy.to_str().expect("text");
    assert_eq!(code(&run(&["token", PROFILE, "--json"]).await), "broker.consent_required");
    assert_eq!(code(&run(&["consent", "allow", me, "--profile", PROFILE, "--json"]).await), "broker.consent_foreign");
    agent.terminate().await;
}

/// Where no agent runs the command is the agent, and asks for who called it all the same.
#[tokio::test]
async fn a_command_that_is_the_agent_itself_is_no_way_around() {
    let home = Household::with_passphrase(Settings::default()).await.asking();
    home.add_profile().await;
    let ended = home.doorkey_with_robot(&["login", PROFILE]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let shell = Shell::called("one", &home);
    let refused = shell.calls(&home, &format!("token {PROFILE} --json")).await;
    assert_eq!((refused.code, code(&refused).as_str()), (Some(77), "broker.consent_required"));
    let allowed = shell.calls(&home, &format!("consent allow {} --profile {PROFILE} --json", shell.path())).await;
    assert_eq!(allowed.code, Some(0), "{allowed:?}");
    let token = shell.calls(&home, &format!("token {PROFILE}")).await;
    assert!(token.code == Some(0) && token.stdout.len() > 20, "{token:?}");
}

/// The command's own page of what was decided.
#[tokio::test]
async fn the_list_is_for_people_and_for_machines() {
    let home = Household::in_memory(Settings::default()).await.asking();
    let (agent, _) = home.agent_with_ada().await;
    let empty = home.doorkey(&["consent"]).await;
    assert!(empty.code == Some(0) && empty.stderr.contains("doorkey consent allow PROGRAM"), "{empty:?}");
    let shell = Shell::called("one", &home);
    let allowed = home.doorkey(&["consent", "allow", shell.path(), "--profile", PROFILE, "--days", "7"]).await;
    assert!(allowed.code == Some(0) && allowed.stdout.contains("may have tokens of work"), "{allowed:?}");
    let denied = home.doorkey(&["consent", "deny", "sh", "--profile", PROFILE, "--until-sign-out", "--json"]).await;
    let denied: Value = serde_json::from_str(&denied.stdout).expect("JSON");
    assert_eq!((&denied["version"], &denied["consent"]["decision"]), (&1.into(), &"deny".into()));
    assert!(denied["consent"]["expires_at"].is_string(), "an interpreter's ends: {denied}");

    let listed = home.doorkey(&["consent", "list"]).await;
    assert!(listed.stdout.contains(shell.path()) && listed.stdout.contains("PROGRAM"), "{listed:?}");
    let listed = home.doorkey(&["consent", "--json"]).await;
    let listed: Value = serde_json::from_str(&listed.stdout).expect("JSON");
    assert_eq!((&listed["version"], listed["consents"].as_array().map(Vec::len)), (&1.into(), Some(2)));

    let revoked = home.doorkey(&["consent", "revoke", shell.path(), "--json"]).await;
    let revoked: Value = serde_json::from_str(&revoked.stdout).expect("JSON");
    assert_eq!(revoked["revoked"][0]["program"], shell.path());
    let nothing = home.doorkey(&["consent", "revoke", shell.path(), "--json"]).await;
    assert_eq!((nothing.code, code(&nothing).as_str()), (Some(77), "broker.consent_unknown"));
    assert_eq!(home.doorkey(&["consent", "revoke", "--all"]).await.code, Some(0));
    let none = home.doorkey(&["consent", "allow", "no-such-program", "--profile", PROFILE, "--json"]).await;
    assert_eq!((none.code, code(&none).as_str()), (Some(64), "usage.bad_program"));
    agent.terminate().await;
}
