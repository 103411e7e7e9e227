//! What a real browser does by itself, and what pages make it do: headless Chromium.

use std::path::Path;
use std::process::{Output, Stdio};

use doorkey_demo_idp::Endpoint;
use doorkey_tests::{PATIENCE, skipped};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use crate::listener_support::Waiting;

/// C-27: fetch, image, frame, script, form in a frame and preflight from a web page that even knows the right parameters | waits; the page reads nothing
#[tokio::test]
async fn c_27_a_hostile_page_in_a_real_browser_ends_nothing() {
    let Some(chromium) = Chromium::find("c_27") else { return };
    let waiting = Waiting::new().await;
    let seen = seen(&told(chromium.visits("hostile", &waiting)).await);
    assert_eq!(seen["read"], serde_json::json!([]), "the page could read an answer: {seen}");
    let count = waiting.attempt.until_ignored(5).await.ignored;
    let reasons = waiting.reasons(usize::try_from(count).expect("few")).await;
    let expected = [
        "a web page asked, not the person",
        "a preflight request",
        "not a GET, though the answer was asked for in the address",
        "the path is not the redirect path",
    ];
    assert!(reasons.iter().all(|reason| expected.contains(&reason.as_str())), "{reasons:?}");
    for one in &expected[..3] {
        assert!(reasons.iter().any(|reason| reason == one), "the browser never tried that: {one}; {reasons:?}");
    }
    waiting.still_waits(&reasons.iter().map(String::as_str).collect::<Vec<_>>()).await;
}

/// HP-AZ-13: a real browser prefetches the callback, then goes there, reloads and goes back | the prefetch is not consumed, the visit is, once
#[tokio::test]
async fn hp_az_13_a_real_browser_looks_ahead_and_the_visit_counts_once() {
    let Some(chromium) = Chromium::find("hp_az_13") else { return };
    let waiting = Waiting::new().await;
    let exchanged = waiting.stage.log().count(Endpoint::Token);
    let mut node = chromium.visits("ahead", &waiting);
    assert_eq!(waiting.reasons(1).await, ["a browser looked ahead"]);
    let go_on = node.stdin.as_mut().expect("piped").write_all(b"\n");
    go_on.await.expect("it waits for the word");
    let seen = seen(&told(node).await);
    assert_eq!(seen["paths"], serde_json::json!(["/done", "/done", "/done"]), "visit, reload and back: {seen}");
    // L-30: neither the address nor the history has what came in the callback's.
    let origin = format!("http://{}", waiting.host());
    assert_eq!(seen["href"], format!("{origin}/done"), "{seen}");
    let history: Vec<_> = seen["history"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let ours: Vec<_> = history.iter().filter(|url| url.starts_with(&origin)).collect();
    assert!(ours.len() > 1 && ours.iter().all(|url| **url == format!("{origin}/done")), "{seen}");
    assert!(history.iter().all(|url| !url.contains("code=") && !url.contains("state=")), "{seen}");
    assert!(seen["title"].as_str().is_some_and(|title| title.contains("Sign-in received")), "{seen}");
    assert_eq!(waiting.attempt.failed().await.code, "token.code_rejected", "a made-up code");
    assert_eq!(waiting.stage.log().count(Endpoint::Token), exchanged + 1);
    waiting.assert_port_is_free().await;
    waiting.stage.assert_next_sign_in_works().await;
}

pub(crate) struct Chromium(&'static str);

impl Chromium {
    pub(crate) fn find(test: &str) -> Option<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("provider");
        let found = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/snap/bin/chromium"];
        let Some(path) = found.into_iter().find(|path| Path::new(path).exists()) else {
            skipped(test, "there is no Chromium: make test installs it");
            return None;
        };
        if !here.join("node_modules/playwright-core").exists() {
            skipped(test, "its npm packages are not there: make test installs them");
            return None;
        }
        Some(Self(path))
    }

    /// A script of the folder beside, with what it is told.
    pub(crate) fn plays(&self, script: &str, arguments: &[&str]) -> Child {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("provider").join(script);
        let mut node = Command::new("node");
        node.arg(script).args(arguments).env("CHROMIUM", self.0);
        node.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("node runs")
    }

    /// A scene on a page that means no good, with the address that would end the sign-in.
    fn visits(&self, scene: &str, waiting: &Waiting) -> Child {
        let target = format!("http://{}{}", waiting.host(), waiting.good_target());
        self.plays("hostile-page.mjs", &[scene, &target])
    }
}

/// How the script ended, and what it printed.
pub(crate) async fn told(node: Child) -> Output {
    tokio::time::timeout(PATIENCE, node.wait_with_output()).await.expect("in time").expect("it ends")
}

/// What the page saw.
fn seen(ended: &Output) -> Value {
    let text = String::from_utf8_lossy(&ended.stdout).into_owned();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
