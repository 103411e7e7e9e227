//! The command line: answers on standard output and nothing else there, exit codes that scripts can rely on.

use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::Duration;

use doorkey_client::words::{SignInStep, Update};
use doorkey_demo_idp::{Endpoint, Fault, IdTokenFault, Settings, Times};
use doorkey_tests::household::AgentProcess;
use doorkey_tests::program::{self, Ended};
use doorkey_tests::stage::person;
use doorkey_tests::{Attempt, Household, PROFILE, Stage, skipped, watch};
use rustix::process::Signal;
use serde_json::Value;
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn profiles_are_added_listed_shown_and_removed() {
    let home = Household::in_memory(Settings::default()).await;
    home.add_profile().await;
    let list = home.doorkey(&["profile", "list"]).await;
    assert!(list.code == Some(0) && list.stdout.contains(PROFILE), "{list:?}");
    let show = json(&home.doorkey(&["profile", "show", PROFILE, "--json"]).await);
    assert_eq!(show["version"], 1, "{show}");
    let shown = show.to_string();
    assert!(shown.contains(home.provider.issuer()) && shown.contains("/cb/"), "{shown}");

    let twice = &["profile", "add", PROFILE, "--issuer", home.provider.issuer(), "--client-id", "other", "--json"];
    assert_refused(&home.doorkey(twice).await, 78, "config.profile_exists");
    let removed = home.doorkey(&["profile", "remove", PROFILE, "--yes"]).await;
    assert_eq!(removed.code, Some(0), "{removed:?}");
    assert_refused(&home.doorkey(&["profile", "show", PROFILE, "--json"]).await, 78, "config.no_profile");
}

#[tokio::test]
async fn adding_a_profile_looks_at_the_provider_first() {
    let home = Household::in_memory(Settings::default()).await;
    home.provider.knobs().discovery_issuer(Some("https://other.example.test".to_owned()));
    let add = ["profile", "add", PROFILE, "--issuer", home.provider.issuer(), "--client-id", "doorkey-demo", "--json"];
    assert_refused(&home.doorkey(&add).await, 65, "discovery.issuer_mismatch");
    home.provider.knobs().discovery_issuer(None);
    home.provider.go_offline().await;
    assert_refused(&home.doorkey(&add).await, 75, "net.connect");
    let list = json(&home.doorkey(&["profile", "list", "--json"]).await);
    assert!(!list.to_string().contains("doorkey-demo"), "nothing was saved: {list}");
}

/// L-T09: a secret as an argument | refused without repeating it; by standard input it goes into the vault
#[tokio::test]
async fn a_client_secret_is_read_from_standard_input_and_refused_as_an_argument() {
    let home = Household::in_memory(Settings::default()).await;
    let agent = home.agent().await;
    let add = ["profile", "add", "web", "--issuer", home.provider.issuer(), "--client-id", "doorkey-demo"];
    let with = |more: &[&'static str]| home.command(&[&add, more].concat());
    let argument = program::run(with(&["--client-secret", "CANARY", "--json"])).await;
    assert_eq!(argument.code, Some(64), "{argument:?}");
    assert!(!format!("{argument:?}").contains("CANARY"), "{argument:?}");

    let mut by_stdin = with(&["--client-secret-stdin"]).stdin(Stdio::piped()).spawn().expect("the program starts");
    by_stdin.stdin.take().expect("it is piped").write_all(b"CANARY\n").await.expect("it reads");
    let ended = program::ended(by_stdin).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!format!("{ended:?}").contains("CANARY"), "{ended:?}");
    let profiles = agent.client.profiles().await.expect("the profiles");
    assert!(profiles[0].has_client_secret);
    agent.terminate().await;
}

#[tokio::test]
async fn login_opens_the_browser_and_says_who_is_signed_in() {
    let (home, agent) = household().await;
    let login = home.doorkey_with_robot(&["login", PROFILE]).await;
    assert!(login.code == Some(0) && login.stdout.contains("ada@example.test"), "{login:?}");

    let mut command = home.command(&["login", PROFILE, "--json", "--browser"]);
    command.arg(program::robot()).env("ROBOT_AS", "Grace");
    let answer = json(&program::run(command).await);
    assert_eq!((answer["version"].as_u64(), answer["profile"].as_str()), (Some(1), Some(PROFILE)));
    assert_eq!(
        (answer["session"]["sub"].as_str(), answer["session"]["state"].as_str()),
        (Some("demo|grace"), Some("signed_in"))
    );
    agent.terminate().await;
}

#[tokio::test]
async fn login_without_a_browser_shows_the_address_and_waits() {
    let (home, agent) = household().await;
    let login = home.command(&["login", PROFILE, "--no-browser", "--json"]).spawn().expect("the program starts");
    let attempt = waiting(&agent).await;
    attempt.allow(&person("Ada")).await;
    let ended = program::ended(login).await;
    assert!(ended.stderr.contains(attempt.url.as_str()), "the address is on standard error: {}", ended.stderr);
    assert_eq!(json(&ended)["session"]["sub"], "demo|ada");
    agent.terminate().await;
}

/// Ctrl-C in `login` | 130, and the sign-in is stopped
/// L-T05: Ctrl-C in `login` | 130, and the agent is as it was
#[tokio::test]
async fn ctrl_c_during_a_login_stops_the_sign_in_too() {
    let (home, agent) = household().await;
    let login = home.command(&["login", PROFILE, "--no-browser", "--json"]).spawn().expect("the program starts");
    let attempt = waiting(&agent).await;
    program::signal(&login, Signal::INT);
    let ended = program::ended(login).await;
    assert_refused(&ended, 130, "user.cancelled");
    assert_eq!(attempt.ended().await.step, SignInStep::Cancelled);
    agent.terminate().await;
}

#[tokio::test]
async fn what_the_provider_answers_badly_is_65_and_what_people_deny_is_77() {
    let (home, agent) = household().await;
    home.provider.knobs().corrupt_id_tokens(Some(IdTokenFault::WrongNonce));
    assert_refused(&home.doorkey_with_robot(&["login", PROFILE, "--json"]).await, 65, "idtoken.nonce_mismatch");
    home.provider.knobs().corrupt_id_tokens(None);
    let mut denied = home.command(&["login", PROFILE, "--json"]);
    denied.env("BROWSER", program::robot()).env("ROBOT_SAYS", "no");
    assert_refused(&program::run(denied).await, 77, "callback.access_denied");
    for endpoint in [Endpoint::Discovery, Endpoint::OauthMetadata] {
        home.provider.knobs().fail(endpoint, Fault::Status(503), Times::Always);
    }
    assert_refused(&home.doorkey_with_robot(&["login", PROFILE, "--json"]).await, 69, "discovery.unavailable");
    agent.terminate().await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_71() {
    let home = Household::in_memory(Settings::default()).await;
    let agent = home.agent().await;
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("its address").port().to_string();
    let issuer = home.provider.issuer();
    let add = home
        .doorkey(&["profile", "add", PROFILE, "--issuer", issuer, "--client-id", "doorkey-demo", "--port", &port])
        .await;
    assert_eq!(add.code, Some(0), "{add:?}");
    assert_refused(&home.doorkey_with_robot(&["login", PROFILE, "--json"]).await, 71, "listener.no_port");
    agent.terminate().await;
}

/// L-T02: `token` into a pipe | the token and a line feed on standard output, all else on standard error
#[tokio::test]
async fn token_prints_the_token_and_nothing_else() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    let token = stage.access_token().await;
    let run = |arguments: &[&str]| program::run(program::command(stage.folder(), arguments));

    let plain = run(&["token", PROFILE]).await;
    assert_eq!((plain.code, plain.stdout), (Some(0), format!("{token}\n")));
    let only_one = run(&["token"]).await;
    assert_eq!((only_one.code, only_one.stdout), (Some(0), format!("{token}\n")));
    let header = run(&["token", PROFILE, "--header"]).await;
    assert_eq!(header.stdout, format!("Authorization: Bearer {token}\n"));
    let answer = json(&run(&["token", PROFILE, "--json"]).await);
    assert_eq!((answer["version"].as_u64(), answer["profile"].as_str()), (Some(1), Some(PROFILE)));
    assert_eq!(
        (answer["access_token"].as_str(), answer["token_type"].as_str()),
        (Some(token.as_str()), Some("Bearer"))
    );
    assert!(answer["expires_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{answer}");
    assert!(answer["scope"].as_array().is_some_and(|scope| scope.len() == 4), "{answer}");
    assert!(answer.get("audience").is_some(), "{answer}");
}

/// L-T04: `token` without a session | 77 and the command to run; no browser opens
#[tokio::test]
async fn in_short_and_in_full_every_byte_is_the_same() {
    let stage = Stage::new().await;
    let lines: [&[&str]; 14] = [
        &["token", PROFILE],
        &["token"],
        &["token", PROFILE, "--header"],
        &["token", PROFILE, "--json"],
        &["token", "--json", "--scope", "openid email", "--min-ttl", "1m", "--account", "ada@example.com"],
        &["token", "nobody"],
        &["token", "nobody", "--json"],
        &["token", PROFILE, "--audience", "https://api.example.test", "--json"],
        &["token", PROFILE, "--scope", "write:everything"],
        &["token", PROFILE, "--json", "--header"],
        &["token", PROFILE, "--min-ttl", "soon"],
        &["token", "--hlep"],
        &["token", "--help"],
        &["--version"],
    ];
    let both = async |arguments: &[&str], change: &[(&str, &str)]| {
        let mut ended = Vec::new();
        for mut command in
            [program::command(stage.folder(), arguments), program::command_in_full(stage.folder(), arguments)]
        {
            command.envs(change.iter().copied());
            ended.push(program::run(command).await);
        }
        assert_eq!(ended[0], ended[1], "{arguments:?} {change:?}");
        ended.remove(0)
    };
    assert_eq!(both(&["token", PROFILE], &[]).await.code, Some(77));
    stage.sign_in().await;
    for line in lines {
        both(line, &[]).await;
    }
    let nowhere = both(&["token", PROFILE], &[("XDG_RUNTIME_DIR", &"/x".repeat(60))]).await;
    assert!(nowhere.stderr.contains("config.no_home"), "{nowhere:?}");
    let folder = stage.paths.socket().parent().expect("its folder").to_owned();
    fs::set_permissions(folder, Permissions::from_mode(0o777)).expect("opened");
    let open = both(&["token", PROFILE], &[]).await;
    assert!(open.stderr.contains("broker.untrusted_socket"), "{open:?}");
}

#[tokio::test]
async fn a_command_without_its_other_half_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let alone = folder.path().join("doorkey");
    fs::copy(program::doorkey(), &alone).expect("copied");
    let mut command = tokio::process::Command::new(&alone);
    program::alone(&mut command, folder.path());
    command.args(["status", "--json"]);
    assert_refused(&program::run(command).await, 78, "config.incomplete");
}

#[tokio::test]
async fn token_without_a_session_is_77_and_opens_no_browser() {
    let stage = Stage::new().await;
    let mut command = program::command(stage.folder(), &["token", PROFILE, "--json"]);
    let touched = stage.folder().join("opened");
    command.env("BROWSER", format!("touch {}", touched.display()));
    let ended = program::run(command).await;
    assert_refused(&ended, 77, "session.sign_in_required");
    assert_eq!(json(&ended)["error"]["profile"], PROFILE);
    assert!(!touched.exists(), "a browser was opened");
    let for_people = program::run(program::command(stage.folder(), &["token", PROFILE])).await;
    assert!(for_people.stdout.is_empty() && for_people.stderr.contains("doorkey login work"), "{for_people:?}");
}

/// L-T02: nobody reads any more; the disk is full | a quiet end; 74
#[tokio::test]
async fn a_reader_that_has_gone_is_a_quiet_end_and_a_full_disk_is_74() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    let mut gone = program::command(stage.folder(), &["token", PROFILE]).spawn().expect("the program starts");
    drop(gone.stdout.take());
    let ended = program::ended(gone).await;
    assert!(ended.code == Some(0) && !ended.stderr.contains("error"), "{ended:?}");

    let full = OpenOptions::new().write(true).open("/dev/full").expect("a full disk");
    let mut command = program::command(stage.folder(), &["token", PROFILE]);
    let ended = program::run({
        command.stdout(full);
        command
    })
    .await;
    assert_eq!(ended.code, Some(74), "{ended:?}");
    assert!(!ended.stderr.is_empty(), "it says why");
}

#[tokio::test]
async fn status_tells_people_and_machines_who_is_signed_in() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    let people = program::run(program::command(stage.folder(), &["status"])).await;
    assert!(people.code == Some(0) && people.stdout.contains("Ada Lovelace"), "{people:?}");
    let machines = json(&program::run(program::command(stage.folder(), &["status", "--json"])).await);
    let session = &machines["sessions"][0];
    for (member, value) in [
        ("profile", PROFILE),
        ("issuer", stage.provider.issuer()),
        ("sub", "demo|ada"),
        ("email", "ada@example.test"),
        ("state", "signed_in"),
    ] {
        assert_eq!(session[member], value, "{machines}");
    }
    assert!(
        session["renewable"] == true && session["expires_at"].is_string() && session["renews_at"].is_string(),
        "{machines}"
    );
    assert_eq!(machines["version"], 1);
}

#[tokio::test]
async fn renew_renews_and_says_when_to_try_again() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    let renewed = json(&program::run(program::command(stage.folder(), &["renew", PROFILE, "--json"])).await);
    assert_eq!(renewed["session"]["renewals"], 1, "{renewed}");
    stage.provider.go_offline().await;
    let later = program::run(program::command(stage.folder(), &["renew", PROFILE, "--json"])).await;
    assert_refused(&later, 75, "net.connect");
    assert_eq!(json(&later)["error"]["retryable"], true);
    stage.provider.come_back().await.expect("the port is free");
    stage.provider.knobs().revoke_everything();
    let ended = program::run(program::command(stage.folder(), &["renew", PROFILE, "--json"])).await;
    assert_refused(&ended, 77, "refresh.session_ended");
}

#[tokio::test]
async fn logout_tells_each_step_as_it_went() {
    for (arguments, offline, code, steps) in [
        (&["logout", PROFILE, "--json"][..], false, 0, &[("revoke", true), ("forget", true)][..]),
        (&["logout", PROFILE, "--forget", "--json"], false, 0, &[("forget", true)]),
        (&["logout", PROFILE, "--json"], true, 0, &[("revoke", false), ("forget", true)]),
        (&["logout", PROFILE, "--revoke", "--json"], true, 69, &[("revoke", false), ("forget", true)]),
    ] {
        let stage = Stage::new().await;
        stage.sign_in().await;
        if offline {
            stage.provider.go_offline().await;
        }
        let ended = program::run(program::command(stage.folder(), arguments)).await;
        assert_eq!(ended.code, Some(code), "{arguments:?}: {ended:?}");
        let answer = json(&ended);
        let told: Vec<(&str, bool)> = answer["steps"]
            .as_array()
            .expect("steps")
            .iter()
            .map(|step| (step["step"].as_str().expect("which"), step["done"].as_bool().expect("whether")))
            .collect();
        assert_eq!(told, steps, "{arguments:?}");
        assert!(stage.client.sessions().await.expect("the sessions").sessions.is_empty());
    }
}

/// L-T01: an unknown command or option | 64, and what was probably meant
#[tokio::test]
async fn what_is_no_command_is_64_with_a_suggestion() {
    let home = Household::in_memory(Settings::default()).await;
    let typo = home.doorkey(&["tokn"]).await;
    assert!(typo.code == Some(64) && typo.stdout.is_empty() && typo.stderr.contains("token"), "{typo:?}");
    for arguments in [&["token", "--colour", "--json"][..], &["login", "--timeout", "soon", "--json"], &["--json"]] {
        let ended = home.doorkey(arguments).await;
        assert_eq!(ended.code, Some(64), "{arguments:?}: {ended:?}");
        assert!(json(&ended)["error"]["code"].as_str().is_some_and(|code| code.starts_with("usage.")), "{ended:?}");
    }
    let help = home.doorkey(&["--help"]).await;
    assert!(help.code == Some(0) && help.stdout.contains("doorkey demo"), "{help:?}");
}

#[tokio::test]
async fn a_file_that_cannot_be_understood_is_78_with_its_place() {
    let home = Household::in_memory(Settings::default()).await;
    let path = home.paths().profiles();
    fs::create_dir_all(path.parent().expect("its folder")).expect("a folder");
    fs::write(&path, "[profiles.work]\nissuer = \"https://op.example.test\"\nclientid = \"x\"\n").expect("written");
    let ended = home.doorkey(&["login", PROFILE, "--json"]).await;
    assert_refused(&ended, 78, "config.parse");
    assert!(
        json(&ended)["error"]["message"].as_str().is_some_and(|text| text.contains("profiles.toml:3:1")),
        "{ended:?}"
    );
}

/// B-39: `sudo` opens the user's store | refused, so that no file of root's lands in it
/// L-T08: root in the home of another user | refused, and nothing is made there
#[tokio::test]
async fn nothing_is_touched_in_a_home_that_is_somebody_elses() {
    let Some(mut chown) = program::as_root("chown") else {
        return skipped("nothing_is_touched_in_a_home_that_is_somebody_elses", "only root can give a folder away");
    };
    let home = Household::in_memory(Settings::default()).await;
    let theirs = home.folder().join("theirs");
    fs::create_dir(&theirs).expect("a folder");
    let given_away = chown.arg("65534:65534").arg(&theirs).status().await;
    assert!(given_away.is_ok_and(|status| status.success()), "the folder could not be given away");
    let mut command = home.command(&["status", "--json"]);
    command.env("HOME", &theirs).env("SUDO_USER", "nobody");
    assert_refused(&program::run(command).await, 78, "config.foreign_home");
    assert_eq!(fs::read_dir(&theirs).expect("the folder").count(), 0);
}

#[tokio::test]
async fn the_demo_needs_nothing_and_leaves_nothing() {
    let home = Household::in_memory(Settings::default()).await.asking();
    let mut command = home.command(&["demo", "--json"]);
    command.env_remove("DOORKEY_VAULT").env_remove("XDG_RUNTIME_DIR").env("TMPDIR", home.folder().join("home"));
    let running = command.spawn().expect("the program starts");
    let ended = tokio::time::timeout(Duration::from_secs(90), program::ended(running)).await.expect("it ends");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let answer = json(&ended);
    assert!(answer["version"] == 1 && answer["steps"].as_array().is_some_and(|steps| steps.len() >= 4), "{answer}");
    for folder in ["config", "data", "state", "home"] {
        let left = fs::read_dir(home.folder().join(folder)).map(|entries| entries.count()).unwrap_or(0);
        assert_eq!(left, 0, "{folder} is not empty");
    }
}

async fn household() -> (Household, AgentProcess) {
    let home = Household::in_memory(Settings::default()).await;
    let agent = home.agent().await;
    agent.put_profile(home.provider.issuer()).await;
    (home, agent)
}

/// The sign-in that some command has started.
async fn waiting(agent: &AgentProcess) -> Attempt {
    let id = watch::until(&agent.client, "a sign-in waits for its browser", |update| match update {
        Update::SignIn { sign_in } if sign_in.step == SignInStep::Waiting => Some(sign_in.id.clone()),
        _ => None,
    })
    .await;
    Attempt::waiting(&agent.client, &id).await
}

/// The one line of JSON on standard output.
fn json(ended: &Ended) -> Value {
    assert_eq!(ended.stdout.lines().count(), 1, "{ended:?}");
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
}

fn assert_refused(ended: &Ended, exit: i32, code: &str) {
    assert_eq!(ended.code, Some(exit), "{ended:?}");
    let told = json(ended);
    assert_eq!((told["version"].as_u64(), told["error"]["code"].as_str()), (Some(1), Some(code)), "{told}");
    for member in ["message", "hint"] {
        assert!(told["error"][member].is_string(), "{told}");
    }
    assert!(told["error"]["retryable"].is_boolean(), "{told}");
}
