//! The command line when something is wrong (rows L-T01 to L-T15, those that no other story plays).

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;

use doorkey_client::words::SessionState;
use doorkey_demo_idp::{Endpoint, Settings};
use doorkey_tests::program::{self, Ended};
use doorkey_tests::{Household, PATIENCE, PROFILE, Stage};
use rustix::process::Signal;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;

/// L-T01: the name of a profile, mistyped | 78 and the names there are, wherever a profile is named
/// B-T13: a token for a profile that is not there | 78, and the names there are
#[tokio::test]
async fn b_t13_l_t01_mistyped_profile() {
    let stage = Stage::new().await;
    for arguments in [&["login"][..], &["profile", "show"], &["token"], &["renew"], &["logout"], &["status"]] {
        let ended = program::run(program::command(stage.folder(), &[arguments, &["wrok"]].concat())).await;
        assert_eq!(ended.code, Some(78), "{arguments:?}: {ended:?}");
        assert!(
            ended.stdout.is_empty() && ended.stderr.contains("no profile called `wrok`"),
            "{arguments:?}: {ended:?}"
        );
        assert!(ended.stderr.contains("work"), "{arguments:?}: {ended:?}");
    }
}

/// L-T03: any refusal, with `--json` | one line on standard output, in the one shape, and its exit code
#[tokio::test]
async fn l_t03_one_shape_for_every_refusal() {
    let home = Household::in_memory(Settings::default()).await;
    home.add_profile().await;
    let issuer = home.provider.issuer().to_owned();
    let cases: [(&[&str], i32, &str); 14] = [
        (&["tokn"], 64, "usage."),
        (&["login", "--colour"], 64, "usage."),
        (&["token", "--min-ttl", "soon"], 64, "usage."),
        (&["profile", "add", "x"], 64, "usage."),
        (&["profile", "add", "x", "--issuer", &issuer, "--client-id", "c", "--client-secret", "s"], 64, "usage."),
        (&["profile", "add", "../x", "--issuer", &issuer, "--client-id", "c"], 78, "config.bad_name"),
        (&["profile", "add", "x", "--issuer", "http://op.example.test", "--client-id", "c"], 78, "config."),
        (&["profile", "add", PROFILE, "--issuer", &issuer, "--client-id", "c"], 78, "config.profile_exists"),
        (&["profile", "show", "other"], 78, "config.no_profile"),
        (&["profile", "remove", "other", "--yes"], 78, "config.no_profile"),
        (&["login", "other"], 78, "config.no_profile"),
        (&["token", PROFILE], 77, "session.sign_in_required"),
        (&["renew", PROFILE], 77, "session.sign_in_required"),
        (&["logout", PROFILE], 77, "session."),
    ];
    for (arguments, exit, code) in cases {
        let ended = home.doorkey(&[arguments, &["--json"]].concat()).await;
        assert_eq!(ended.code, Some(exit), "{arguments:?}: {ended:?}");
        let told = assert_shape(&ended);
        assert!(told["code"].as_str().is_some_and(|told| told.starts_with(code)), "{arguments:?}: {told}");
    }
    home.provider.go_offline().await;
    let ended = home.doorkey(&["login", PROFILE, "--no-browser", "--json"]).await;
    assert_eq!((ended.code, &assert_shape(&ended)["code"]), (Some(75), &"net.connect".into()));
}

/// L-T05: Ctrl-C while a command waits for a renewal | 130 at once; the renewal goes on and is kept
#[tokio::test]
async fn l_t05_stopped_while_it_renews() {
    let stage = Stage::signed_in().await;
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    let exchanged = stage.log().count(Endpoint::Token);
    let renewing = program::command(stage.folder(), &["renew", PROFILE, "--json"]).spawn().expect("the program starts");
    assert!(stage.log().wait_for(Endpoint::Token, exchanged + 1, PATIENCE).await, "the renewal is under way");
    program::signal(&renewing, Signal::INT);
    let ended = program::ended(renewing).await;
    assert_eq!((ended.code, &assert_shape(&ended)["code"]), (Some(130), &"user.cancelled".into()));
    gate.release();
    stage.until("it is renewed", |it| it.renewals == 1 && it.state == SessionState::SignedIn).await;
    assert_eq!(stage.refreshes().len(), 1);
    stage.token().await.expect("the new token");
}

/// L-T06: no home, no terminal, `TERM=dumb`, `NO_COLOR`, `LANG=C`, `CI` | readable: plain ASCII without commands to a terminal, or the variable to set
#[tokio::test]
async fn l_t06_poor_surroundings() {
    let stage = Stage::signed_in().await;
    let bare = |arguments: &[&str]| {
        let mut command = program::command(stage.folder(), arguments);
        command.env("TERM", "dumb").env("NO_COLOR", "1").env("LANG", "C").env("LC_ALL", "C").env("CI", "true");
        command.env("COLUMNS", "20").env_remove("HOME");
        command
    };
    for arguments in [&["status"][..], &["--help"], &["profile", "list"], &["renew"], &["token"]] {
        let ended = program::run(bare(arguments)).await;
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
        let written = format!("{}{}", ended.stdout, ended.stderr);
        assert!(!written.contains('\u{1b}'), "{arguments:?}: {written}");
        assert!(arguments == ["--help"] || written.is_ascii(), "{arguments:?}: {written}");
    }
    let mut homeless = bare(&["status", "--json"]);
    for variable in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"] {
        homeless.env_remove(variable);
    }
    let ended = program::run(homeless).await;
    let told = assert_shape(&ended);
    assert_eq!((ended.code, &told["code"]), (Some(78), &"config.no_home".into()));
    assert!(told["hint"].as_str().is_some_and(|hint| hint.contains("HOME")), "{told}");
}

/// L-T13: an agent of another version, and one that says nothing | `broker.version`; given up after ten seconds. Nothing but a greeting is sent
/// B-32: the agent speaks a version that the command does not | `broker.version`; nothing but a greeting is sent
/// B-T17: the agent is newer than the command | `broker.version`; nothing but a greeting is sent
#[tokio::test]
async fn b_32_b_t17_l_t13_other_and_silent_agents() {
    let hello = r#"{"api":2,"greeting":"in other words"}"#;
    for (answer, code) in [(Some(hello), "broker.version"), (None, "broker.unavailable")] {
        let home = Household::in_memory(Settings::default()).await;
        let folder = home.paths().runtime;
        DirBuilder::new().mode(0o700).create(&folder).expect("a folder");
        let listener = UnixListener::bind(home.paths().socket()).expect("a socket");
        let heard = Arc::new(std::sync::Mutex::new(String::new()));
        let listening = tokio::spawn(pretend(listener, answer, Arc::clone(&heard)));
        let ended = home.doorkey(&["status", "--json"]).await;
        assert_eq!((ended.code, &assert_shape(&ended)["code"]), (Some(69), &code.into()), "{ended:?}");
        let heard = heard.lock().expect("no panic").clone();
        assert!(heard.starts_with("GET /v1/hello ") && !heard.contains("POST"), "{heard}");
        listening.abort();
    }
}

/// L-T15: completions and the doctor, on a configuration that cannot be read | the ones work, the other says where and what to mend
#[tokio::test]
async fn l_t15_broken_configuration() {
    let home = Household::in_memory(Settings::default()).await;
    let path = home.paths().profiles();
    fs::create_dir_all(path.parent().expect("its folder")).expect("a folder");
    fs::write(&path, "[profiles.work\nissuer = 7\n").expect("written");
    for arguments in [&["completions", "bash"][..], &["completions", "fish"], &["--help"], &["--version"]] {
        let ended = home.doorkey(arguments).await;
        assert!(ended.code == Some(0) && ended.stdout.contains("doorkey") && ended.stderr.is_empty(), "{ended:?}");
    }
    let doctor = home.doorkey(&["doctor"]).await;
    assert!(doctor.code == Some(78) && doctor.stdout.contains("profiles.toml:1:"), "{doctor:?}");
    assert_eq!(fs::read_to_string(&path).expect("the file"), "[profiles.work\nissuer = 7\n");
}

/// The one line of a refusal for machines.
fn assert_shape(ended: &Ended) -> Value {
    assert_eq!(ended.stdout.lines().count(), 1, "{ended:?}");
    let told: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"));
    assert_eq!(told["version"], 1, "{told}");
    let error = &told["error"];
    for member in ["code", "message", "hint"] {
        assert!(error[member].is_string(), "{member}: {told}");
    }
    assert!(error["retryable"].is_boolean(), "{told}");
    assert!(!ended.stderr.contains("panicked"), "{ended:?}");
    error.clone()
}

/// Takes every connection, and answers the first request of each or nothing.
async fn pretend(listener: UnixListener, answer: Option<&'static str>, heard: Arc<std::sync::Mutex<String>>) {
    let mut kept = Vec::new();
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let Ok(byte) = stream.read_u8().await else { break };
            request.push(byte);
        }
        heard.lock().expect("no panic").push_str(&String::from_utf8_lossy(&request));
        if let Some(body) = answer {
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        }
        kept.push(stream);
    }
}
