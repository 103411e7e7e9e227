//! `doorkey demo-idp`: clients rehearse against a provider that misbehaves, and it tells what they sent.

use std::path::PathBuf;
use std::process::Stdio;

use doorkey_demo_idp::Settings;
use doorkey_tests::program::{self, Ended};
use doorkey_tests::{Household, PATIENCE, PROFILE, skipped};
use rustix::process::Signal;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};

/// The provider in a process of its own, and what it said when it listened.
struct Rehearsal {
    provider: Child,
    /// Kept open: who prints into a closed pipe is ended by it.
    _stdout: BufReader<ChildStdout>,
    told: Value,
}

impl Rehearsal {
    async fn with(home: &Household, arguments: &[&str]) -> Self {
        let mut command = home.command(&["demo-idp", "--json"]);
        let mut provider = command.args(arguments).spawn().expect("the program starts");
        let mut stdout = BufReader::new(provider.stdout.take().expect("it is piped"));
        let mut line = String::new();
        tokio::time::timeout(PATIENCE, stdout.read_line(&mut line)).await.expect("it listens").expect("a line");
        let told = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Self { provider, _stdout: stdout, told }
    }

    fn issuer(&self) -> &str {
        self.told["issuer"].as_str().expect("a text")
    }

    #[expect(clippy::disallowed_methods, reason = "a test's own client, to this provider only")]
    async fn seen(&self) -> Value {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client is built");
        let answer = http.get(self.told["seen_json"].as_str().expect("a text")).send().await.expect("it answers");
        serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON")
    }

    /// Ctrl-C; what it said on standard error.
    async fn stopped(self) -> Ended {
        program::signal(&self.provider, Signal::INT);
        program::ended(self.provider).await
    }
}

/// Doorkey itself signs in there, by the line that it was told.
async fn doorkey_signs_in(home: &Household, rehearsal: &Rehearsal) -> Ended {
    let add = ["profile", "add", PROFILE, "--replace", "--client-id", "doorkey-demo", "--issuer", rehearsal.issuer()];
    let added = home.doorkey(&add).await;
    assert_eq!(added.code, Some(0), "{added:?}");
    home.doorkey_with_robot(&["login", PROFILE, "--json"]).await
}

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
}

#[tokio::test]
async fn doorkey_rehearses_and_the_provider_sees_it_end_as_it_must() {
    let home = Household::in_memory(Settings::default()).await;
    for (name, exit, code, verdict) in [
        ("nonce-suffix", 65, Some("idtoken.nonce_mismatch"), "so_far"),
        ("code-and-error", 77, Some("callback.access_denied"), "so_far"),
        ("userinfo-sub-suffix", 0, None, "not_visible"),
        ("token-type-case", 0, None, "as_it_must"),
    ] {
        let rehearsal = Rehearsal::with(&home, &["--misbehave", name]).await;
        assert_eq!(rehearsal.told["misbehaviour"]["name"], name);
        assert_eq!(rehearsal.seen().await["judged"]["verdict"], "not_met", "{name}");
        let login = doorkey_signs_in(&home, &rehearsal).await;
        assert_eq!((login.code, json(&login)["error"]["code"].as_str()), (Some(exit), code), "{name}: {login:?}");
        let seen = rehearsal.seen().await;
        assert_eq!((&seen["judged"]["verdict"], &seen["judged"]["wrong"]), (&verdict.into(), &Value::Array(vec![])));
        let ended = rehearsal.stopped().await;
        assert!(ended.code == Some(0) && ended.stderr.contains("GET /.well-known/openid-configuration"), "{ended:?}");
    }
}

#[tokio::test]
async fn an_issuer_that_lies_is_refused_before_a_browser_is_sent_there() {
    let home = Household::in_memory(Settings::default()).await;
    let rehearsal = Rehearsal::with(&home, &["--misbehave", "discovery-issuer-foreign"]).await;
    let add = ["profile", "add", PROFILE, "--client-id", "doorkey-demo", "--json", "--issuer", rehearsal.issuer()];
    let added = home.doorkey(&add).await;
    assert_eq!(json(&added)["error"]["code"], "discovery.issuer_mismatch", "{added:?}");
    let judged = rehearsal.seen().await["judged"].clone();
    assert_eq!((&judged["verdict"], judged["met_at"].is_u64()), (&"so_far".into(), true), "{judged}");
    rehearsal.stopped().await;
}

#[tokio::test]
async fn somebody_elses_client_rehearses_and_a_careless_one_is_found_out() {
    let home = Household::in_memory(Settings::default()).await;
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("provider");
    if !here.join("node_modules/oauth4webapi").is_dir() {
        return skipped("somebody_elses_client_rehearses", "run `npm ci` in tests/provider first");
    }
    let client = ["--client-id", "foreign", "--redirect-uri", "http://127.0.0.1/callback"];
    for (misbehave, careless, ended, verdict) in [
        (None, false, "signed_in", "as_it_must"),
        (Some("nonce-suffix"), false, "refused", "so_far"),
        (Some("nonce-suffix"), true, "signed_in", "otherwise"),
    ] {
        let how: Vec<&str> = misbehave.into_iter().flat_map(|name| ["--misbehave", name]).collect();
        let rehearsal = Rehearsal::with(&home, &[&client[..], &how].concat()).await;
        let mut command = Command::new("node");
        command.arg(here.join("foreign-client.mjs")).args([rehearsal.issuer(), "foreign"]).arg(program::robot());
        if careless {
            command.arg("careless");
        }
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let client = program::run(command).await;
        assert_eq!(json(&client)["ended"], ended, "{client:?}");
        let seen = rehearsal.seen().await;
        assert_eq!(seen["judged"]["verdict"], verdict, "{seen}");
        assert!(seen["requests"].as_array().is_some_and(|all| all.iter().any(|one| one["path"] == "/token")));
        let said = rehearsal.stopped().await.stderr;
        assert_eq!(said.contains("Not as it must"), careless, "{said}");
    }
}

#[tokio::test]
async fn what_cannot_be_rehearsed_is_said_before_anything_starts() {
    let home = Household::in_memory(Settings::default()).await;
    let unknown = home.doorkey(&["demo-idp", "--misbehave", "nonce-sufix", "--json"]).await;
    assert_eq!(json(&unknown)["error"]["code"], "usage.unknown_misbehaviour", "{unknown:?}");
    let listed = home.doorkey(&["demo-idp", "--misbehave", "list", "--row", "HP-07"]).await;
    assert!(listed.code == Some(0) && listed.stdout.contains("nonce-suffix"), "{listed:?}");

    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("its address").port().to_string();
    let refused = home.doorkey(&["demo-idp", "--port", &port, "--json"]).await;
    assert_eq!((refused.code, &json(&refused)["error"]["code"]), (Some(69), &"demo.cannot_start".into()));
    assert!(refused.stdout.contains(&port), "{refused:?}");
}

#[tokio::test]
async fn a_person_is_told_where_it_is_who_may_come_and_how_to_try_it() {
    let home = Household::in_memory(Settings::default()).await;
    let mut provider = home.command(&["demo-idp", "--misbehave", "nonce-suffix"]).spawn().expect("it starts");
    let mut lines = BufReader::new(provider.stdout.take().expect("it is piped")).lines();
    let mut said = String::new();
    while let Ok(Some(line)) = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("it goes on") {
        said.push_str(&line);
        said.push('\n');
        if line.contains("try it") {
            break;
        }
    }
    for part in [
        "http://127.0.0.1:",
        "doorkey-demo (no secret",
        "any port",
        "ada@example.test with the password analytical",
        "nonce-suffix (HP-07",
        "refused: idtoken.nonce_mismatch",
        "/seen",
        "doorkey profile add rehearse",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    program::signal(&provider, Signal::TERM);
    let ended = program::ended(provider).await;
    assert!(ended.code == Some(0) && ended.stderr.contains("Not met yet"), "{ended:?}");
}
