//! With a stand-in for the command: a script that says what it is told and what it is to say.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tauri::ipc::{Channel, InvokeResponseBody};
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::{Order, Scenarios, beside};

const PATIENCE: Duration = Duration::from_secs(30);
/// Repeats its arguments and each order as lines, and says goodbye at the end of its orders.
const ECHO: &str = r#"echo "{\"type\":\"began\",\"arguments\":\"$*\",\"pid\":$$}"
while read -r order; do echo "{\"type\":\"heard\",\"order\":\"$order\"}"; done
echo bye > "$(dirname "$0")/bye""#;

struct Page {
    scenarios: Scenarios,
    channel: Channel<super::Told>,
    told: mpsc::UnboundedReceiver<Value>,
    folder: TempDir,
}

impl Page {
    async fn with(script: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let command = folder.path().join("doorkey");
        fs::write(&command, format!("#!/bin/sh\n{script}\n")).expect("there is room");
        fs::set_permissions(&command, fs::Permissions::from_mode(0o755)).expect("it is ours");
        let (tell, told) = mpsc::unbounded_channel();
        let channel = Channel::new(move |body| {
            let InvokeResponseBody::Json(text) = body else { panic!("messages are JSON") };
            let _ = tell.send(serde_json::from_str(&text).expect("JSON"));
            Ok(())
        });
        let scenarios = Scenarios::default();
        scenarios.now.lock().await.command = Some(command);
        Self { scenarios, channel, told, folder }
    }

    async fn next(&mut self) -> Value {
        tokio::time::timeout(PATIENCE, self.told.recv()).await.expect("it is told in time").expect("it goes on")
    }

    async fn line(&mut self) -> Value {
        let told = self.next().await;
        assert_eq!(told["type"], "line", "{told}");
        told["line"].clone()
    }
}

#[tokio::test]
async fn what_was_chosen_is_read_and_nothing_is_run_before_it_is_said() {
    let mut page = Page::with(ECHO).await;
    page.scenarios.open(vec!["/tests/login.toml".into(), "/tests/--more".into()]).await;
    assert!(page.told.try_recv().is_err(), "nobody looks on yet");
    page.scenarios.look_on(page.channel.clone()).await;
    assert_eq!(
        page.next().await,
        json!({"type": "chosen", "watching": 1, "places": ["/tests/login.toml", "/tests/--more"]})
    );
    let began = page.line().await;
    assert_eq!(began["arguments"], "test watch --json --hold -- /tests/login.toml /tests/--more");
    // Something else was watched when the button was pressed.
    page.scenarios.order(Order::Run { watching: 0, told: 7 }).await;
    page.scenarios.order(Order::Run { watching: 1, told: 3 }).await;
    assert_eq!(page.line().await["order"], "run 3");
    page.scenarios.order(Order::Stop).await;
    assert_eq!(page.line().await["order"], "stop");
    // A page that was loaded again has it read anew, and what the one before had run is over.
    page.scenarios.look_on(page.channel.clone()).await;
    assert_eq!(page.next().await["type"], "chosen");
    assert_eq!(page.line().await["type"], "began");
    page.scenarios.order(Order::Close).await;
    assert_eq!(page.next().await, json!({"type": "chosen", "watching": 3, "places": []}));
    assert!(page.folder.path().join("bye").exists(), "it ended in order");
    page.scenarios.leave().await;
    assert!(page.told.try_recv().is_err(), "there is nothing to end");
}

#[tokio::test]
async fn it_ends_with_the_window_even_where_it_does_not_want_to() {
    let mut page = Page::with(
        "trap '' TERM INT\necho \"{\\\"type\\\":\\\"began\\\",\\\"pid\\\":$$}\"\nsleep 600 &\necho $! > \"$(dirname \"$0\")/below\"\nwhile :; do wait; done",
    )
    .await;
    page.scenarios.look_on(page.channel.clone()).await;
    assert_eq!(page.next().await["type"], "chosen");
    page.scenarios.open(vec!["/tests".into()]).await;
    page.next().await;
    let pid = page.line().await["pid"].to_string();
    let below = page.folder.path().join("below");
    while !fs::read_to_string(&below).is_ok_and(|pid| pid.ends_with('\n')) {
        tokio::task::yield_now().await;
    }
    let below = fs::read_to_string(below).expect("a number");
    page.scenarios.leave().await;
    assert_eq!(page.next().await, json!({"type": "ended"}));
    for pid in [pid.as_str(), below.trim()] {
        // The kernel takes it a moment after it was told.
        let gone = async {
            while is_running(pid) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, gone).await.expect("it is gone");
    }
}

#[tokio::test]
async fn how_it_ended_by_itself_is_told_with_what_it_said_and_it_can_be_run_again() {
    let mut page = Page::with(
        "echo '{\"version\":1,\"error\":{\"code\":\"usage.x\",\"message\":\"No.\",\"hint\":\"\",\"retryable\":false,\"profile\":null}}'\n\
         echo first >&2; printf 'la\\033[31mst\\n' >&2; exit 64",
    )
    .await;
    page.scenarios.look_on(page.channel.clone()).await;
    page.next().await;
    page.scenarios.open(vec!["/tests".into()]).await;
    page.next().await;
    let left = page.next().await;
    assert_eq!((&left["type"], &left["refusal"]["code"]), (&json!("left"), &json!("usage.x")), "{left}");
    assert_eq!(left["said"], json!(["first", "la[31mst"]));
    page.scenarios.order(Order::Run { watching: 2, told: 1 }).await;
    assert_eq!(page.next().await["type"], "chosen");
    assert_eq!(page.next().await["type"], "left");

    for (says, why) in [
        ("echo hello", "not understood"),
        ("head -c 3000000 /dev/zero | tr '\\0' x; sleep 600", "too long"),
        ("exit 3", "exit status: 3"),
    ] {
        let mut page = Page::with(says).await;
        page.scenarios.look_on(page.channel.clone()).await;
        page.next().await;
        page.scenarios.open(vec!["/tests".into()]).await;
        page.next().await;
        let left = page.next().await;
        assert_eq!(left["refusal"]["code"], "desktop.watch_ended", "{left}");
        assert!(left["refusal"]["message"].as_str().is_some_and(|text| text.contains(why)), "{why}: {left}");
    }
}

/// The folder may have other files by then, and a person has seen none of them.
#[tokio::test]
async fn what_has_ended_is_read_anew_and_not_run_unseen() {
    let mut page = Page::with(ECHO).await;
    page.scenarios.look_on(page.channel.clone()).await;
    page.next().await;
    page.scenarios.open(vec!["/tests".into()]).await;
    assert_eq!(page.next().await["watching"], 2);
    page.line().await;
    page.scenarios.leave().await;
    assert_eq!(page.next().await, json!({"type": "ended"}));
    for order in [Order::Run { watching: 2, told: 9 }, Order::Read] {
        page.scenarios.order(order).await;
        assert_eq!(page.next().await["type"], "chosen");
        assert_eq!(page.line().await["type"], "began");
        // Had it been told to run, that would come first.
        page.scenarios.order(Order::Stop).await;
        assert_eq!(page.line().await["order"], "stop");
    }
    assert_eq!(
        serde_json::from_value::<Order>(json!({"run": {"watching": 2, "told": 9}})).ok(),
        Some(Order::Run { watching: 2, told: 9 })
    );
    assert!(serde_json::from_value::<Order>(json!("run")).is_err(), "what is to be run is named");
}

#[test]
fn only_the_command_beside_the_window_is_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let window = folder.path().join("doorkey-desktop");
    let missing = beside(&window).expect_err("there is none");
    assert_eq!(missing.code, "desktop.no_command");
    assert!(missing.message.contains(&folder.path().display().to_string()) && missing.hint.contains("package"));
    fs::write(folder.path().join("doorkey"), "").expect("there is room");
    assert_eq!(beside(&window).expect("it is there"), folder.path().join("doorkey"));
    assert!(beside(Path::new("")).is_err());
}

/// One that has ended and was not asked how is not running.
fn is_running(pid: &str) -> bool {
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    state.rsplit(") ").next().is_some_and(|state| !state.is_empty() && !state.starts_with('Z'))
}
