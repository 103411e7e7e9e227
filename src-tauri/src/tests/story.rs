//! A whole demo sign-in as the window sees it: what is told, and what is never told.

use std::time::Duration;

use doorkey_agent::{Options, own_or_join};
use doorkey_client::words::{SignInDetail, TokenRequest, VaultKind};
use doorkey_client::{Client, Paths};
use doorkey_demo_idp::{Choice, Person, Robot, robot_sign_in};
use serde_json::{Value, json};
use tauri::Manager;
use tauri::ipc::{Channel, InvokeResponseBody};
use tokio::sync::mpsc;

use super::{app, ask, window};
use crate::link::Link;
use crate::shell::Shell;
use crate::watch::{self, Message};

const PATIENCE: Duration = Duration::from_secs(30);

/// S-50: a script in the pages listens to all that they are told | no token, no address of a sign-in, no `state`
#[test]
fn a_demo_sign_in_is_told_from_the_first_word_to_the_card_and_no_secret_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = Paths::below(folder.path());
    let options = Options { vault: Some(VaultKind::Memory), ..Options::from_env() };
    let app = app(Shell::over(Link::at(paths.clone(), options)));
    let main = window(&app, "main");
    let mut told = watching(&app);

    tauri::async_runtime::block_on(async {
        told.until(|word| word["connection"]["state"] == "connecting").await;
        let first = &told.heard[0];
        assert_eq!((&first["type"], &first["settings"]["tray"]), (&json!("settings"), &json!(false)), "{first}");
        let connected = told.until(|word| word["connection"]["state"] == "connected").await;
        assert_eq!(connected["connection"]["agent"], "here");
        told.until(|word| word["type"] == "present").await;
    });

    let profile = ask(&main, "start_demo", json!({})).expect("the demo starts");
    assert_eq!(profile, "demo");
    let request = json!({"profile": "demo", "timeout": null, "browser": "caller", "prompt": null, "login_hint": null, "params": {}});
    let started = ask(&main, "start_sign_in", json!({ "request": request })).expect("the sign-in starts");
    assert_eq!(started.get("authorization_url"), None, "{started}");
    let id = started["id"].as_str().expect("an id").to_owned();

    let (address, token) = tauri::async_runtime::block_on(async {
        let client = app.state::<Shell>().link.client().await.expect("the agent");
        told.until(|word| word["sign_in"]["step"] == "waiting").await;
        let SignInDetail { authorization_url, .. } = client.sign_in(&id).await.expect("the sign-in");
        let address = authorization_url.expect("it waits for the browser");
        robot_sign_in(&address, &robot()).await.expect("the robot signs in");
        let done = told.until(|word| word["sign_in"]["step"] == "done").await;
        assert_eq!(done["sign_in"]["session"]["name"], "Ada Lovelace");
        (address, token(&client).await)
    });

    assert_eq!(told.came_forward(), 1, "the window comes forward at the end of its own sign-in");
    let state = address.split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state");
    for secret in [token.as_str(), address.as_str(), state] {
        assert!(!told.everything().contains(secret), "{secret} was told to the pages");
    }

    tauri::async_runtime::block_on(app.state::<Shell>().leave());
    let left = std::fs::read_to_string(paths.profiles()).unwrap_or_default();
    assert!(!left.contains("doorkey-demo"), "{left}");
    assert!(!paths.socket().exists(), "the next agent finds the place free");
}

#[test]
fn a_program_that_wants_a_token_is_answered_in_the_window() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = Paths::below(folder.path());
    let options = Options { vault: Some(VaultKind::Memory), ..Options::from_env() };
    let app = app(Shell::over(Link::at(paths.clone(), options)));
    let main = window(&app, "main");
    let mut told = watching(&app);
    ask(&main, "start_demo", json!({})).expect("the demo starts");
    let request = json!({"profile": "demo", "timeout": null, "browser": "caller", "prompt": null, "login_hint": null, "params": {}});
    let started = ask(&main, "start_sign_in", json!({ "request": request })).expect("the sign-in starts");
    let id = started["id"].as_str().expect("an id").to_owned();
    tauri::async_runtime::block_on(async {
        told.until(|word| word["sign_in"]["step"] == "waiting").await;
        let client = app.state::<Shell>().link.client().await.expect("the agent");
        let address = client.sign_in(&id).await.expect("the sign-in").authorization_url;
        robot_sign_in(&address.expect("it waits for the browser"), &robot()).await.expect("the robot signs in");
        told.until(|word| word["sign_in"]["step"] == "done").await;
    });
    assert_eq!(told.came_forward(), 1);

    // Set-up installs it; it is a program like any other.
    let program = std::process::Command::new("curl")
        .args(["--silent", "--unix-socket"])
        .arg(paths.socket())
        .args(["http://doorkey/v1/tokens", "--header", "content-type: application/json"])
        .args(["--data", r#"{"profile":"demo"}"#])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("curl is installed");
    let asked = tauri::async_runtime::block_on(told.until(|word| word["type"] == "consent_asked"));
    let question = &asked["question"];
    assert!(question["program"].as_str().is_some_and(|program| program.ends_with("/curl")), "{asked}");
    assert_eq!(told.came_forward(), 1, "the window comes forward");
    let answer = json!({"decision": "allow", "lasts": {"kind": "once"}});
    ask(&main, "answer_consent", json!({"id": question["id"], "answer": answer})).expect("it waits");
    let answered = program.wait_with_output().expect("it ends");
    let answered: Value = serde_json::from_slice(&answered.stdout).expect("JSON");
    let token = answered["access_token"].as_str().expect("a token");
    tauri::async_runtime::block_on(told.until(|word| word["type"] == "consent_settled"));
    assert!(!told.everything().contains(token), "the token was told to the pages");
    let late = ask(&main, "answer_consent", json!({"id": question["id"], "answer": answer})).expect_err("it is over");
    assert_eq!(late["code"], "broker.consent_unknown");
    tauri::async_runtime::block_on(app.state::<Shell>().leave());
}

#[test]
fn an_agent_that_goes_away_is_taken_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = Paths::below(folder.path());
    let options = Options { vault: Some(VaultKind::Memory), ..Options::from_env() };
    let app = app(Shell::over(Link::at(paths.clone(), options.clone())));
    tauri::async_runtime::block_on(async {
        let other = own_or_join(&paths, options).await.expect("the first agent");
        let mut told = watching(&app);
        let joined = told.until(|word| word["connection"]["state"] == "connected").await;
        assert_eq!(joined["connection"]["agent"], "elsewhere");
        other.stop().await;
        let own = told.until(|word| word["connection"]["state"] == "connected").await;
        assert_eq!(own["connection"]["agent"], "here");
        told.until(|word| word["type"] == "present").await;
        app.state::<Shell>().leave().await;
    });
}

#[test]
fn a_newer_look_up_takes_the_place_of_the_older() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options { vault: Some(VaultKind::Memory), ..Options::from_env() };
    let app = app(Shell::over(Link::at(Paths::below(folder.path()), options)));
    // A provider that takes the connection and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let issuer = format!("http://{}", silent.local_addr().expect("bound"));
    let slow = {
        let main = window(&app, "main");
        let issuer = issuer.clone();
        std::thread::spawn(move || ask(&main, "discover", json!({"request": {"issuer": issuer}})))
    };
    silent.accept().expect("the first look-up has begun");
    let newer =
        ask(&app.get_webview_window("main").expect("there"), "discover", json!({"request": {"issuer": "no address"}}));
    assert!(newer.is_err());
    let older = slow.join().expect("no panic").expect_err("nobody waits for it any more");
    assert_eq!(older["code"], "user.cancelled");
}

/// The messages to a page, and how often the window came forward.
pub(super) struct Told {
    messages: mpsc::UnboundedReceiver<Value>,
    heard: Vec<Value>,
    forward: mpsc::UnboundedReceiver<()>,
}

pub(super) fn watching(app: &tauri::App<tauri::test::MockRuntime>) -> Told {
    let (tell, messages) = mpsc::unbounded_channel();
    let (come, forward) = mpsc::unbounded_channel();
    let channel = Channel::<Message>::new(move |body| {
        let InvokeResponseBody::Json(text) = body else { panic!("messages are JSON") };
        // The test may be over.
        let _ = tell.send(serde_json::from_str(&text).expect("JSON"));
        Ok(())
    });
    let handle = app.handle().clone();
    tauri::async_runtime::spawn(async move {
        watch::tell(&handle.state::<Shell>(), &channel, |_| {
            let _ = come.send(());
        })
        .await;
    });
    Told { messages, heard: Vec::new(), forward }
}

impl Told {
    pub(super) async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        let waiting = async {
            loop {
                let message = self.messages.recv().await.expect("the stream goes on");
                self.heard.push(message.clone());
                if fits(&message) {
                    return message;
                }
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it is told in time")
    }

    pub(super) fn everything(&mut self) -> String {
        while let Ok(message) = self.messages.try_recv() {
            self.heard.push(message);
        }
        Value::from(self.heard.clone()).to_string()
    }

    pub(super) fn came_forward(&mut self) -> usize {
        std::iter::from_fn(|| self.forward.try_recv().ok()).count()
    }
}

pub(super) fn robot() -> Robot {
    let ada = Person::demo().into_iter().next().expect("the demo has people");
    Robot { email: ada.email, password: ada.password, choice: Choice::Allow }
}

#[expect(clippy::disallowed_methods, reason = "compared with what the pages were told")]
pub(super) async fn token(client: &Client) -> String {
    client.token(&TokenRequest::for_profile("demo")).await.expect("a token").access_token.expose().to_owned()
}
