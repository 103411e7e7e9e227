//! `doorkey login --step`, as a person has it before them and as a script drives it.

use std::process::Stdio;

use doorkey_demo_idp::{Endpoint, Settings};
use doorkey_tests::household::AgentProcess;
use doorkey_tests::program::{self, Ended};
use doorkey_tests::terminal::{CTRL_C, Left};
use doorkey_tests::{Household, PROFILE, Terminal, skipped};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

const ASKS: &str = "[s]end, [e]dit NAME=VALUE";

#[tokio::test]
async fn on_a_terminal_a_request_is_seen_edited_and_sent() {
    let (home, agent) = household().await;
    let mut command = home.command(&["login", PROFILE, "--step"]);
    command.env("BROWSER", program::robot()).env("NO_COLOR", "1");
    let Some(mut terminal) = Terminal::start(&command) else {
        return skipped("on_a_terminal_a_request_is_seen_edited_and_sent", "there is no `script`");
    };
    terminal.shows(&["1. metadata", "/.well-known/openid-configuration", ASKS]).await;
    terminal.types("what\n?\ns\n").await;
    terminal
        .shows(&["? tells more", "set a header", "answered with 200", "2. authorization", "code_challenge = "])
        .await;
    terminal.types("e redirect_uri=https://evil.example/cb\ns\n").await;
    terminal.shows(&["could have the code sent to somebody else", "the request waits as it was"]).await;
    terminal.types("e scope=openid offline_access\ns\n").await;
    terminal.shows(&["edited request: scope changed", "3. token", "code_verifier = [fingerprint "]).await;
    terminal.types("s\n").await;
    terminal.shows(&["4. keys"]).await;
    terminal.types("s\n").await;
    terminal.shows(&["5. save", "checks passed"]).await;
    terminal.types("s\n").await;
    let Left { code, echo, screen } = terminal.left().await;
    assert!(code == 0 && echo, "{screen}");
    assert!(screen.contains("nothing was stored") && screen.contains("has revoked the tokens"), "{screen}");
    let token = home.provider.log().of(Endpoint::Token)[0].clone();
    for secret in ["code", "code_verifier"].map(|name| token.params.get(name).expect("it was sent").to_owned()) {
        assert!(!screen.contains(&secret), "{screen}");
    }
    let asked = home.provider.log().of(Endpoint::Authorize)[0].clone();
    assert_eq!(asked.params.get("scope"), Some("openid offline_access"));
    assert!(agent.client.sessions().await.expect("the sessions").sessions.is_empty());
    agent.terminate().await;
}

#[tokio::test]
async fn ctrl_c_stops_at_a_pause() {
    let (home, agent) = household().await;
    let mut command = home.command(&["login", PROFILE, "--step"]);
    command.env("NO_COLOR", "1");
    let Some(mut terminal) = Terminal::start(&command) else {
        return skipped("ctrl_c_stops_at_a_pause", "there is no `script`");
    };
    terminal.shows(&["1. metadata", ASKS]).await;
    terminal.types(CTRL_C).await;
    let Left { code, echo, screen } = terminal.left().await;
    assert!(code == 130 && echo, "{screen}");
    assert_eq!(home.provider.log().entries().len(), 0, "nothing was sent");
    agent.terminate().await;
}

#[tokio::test]
async fn answers_may_be_piped_in() {
    let (home, agent) = household().await;
    let ended = piped(&home, "s\ns\ne x-seen:yes\nc\ns\ns\ns\n").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let answer: Value = serde_json::from_str(&ended.stdout).expect("one answer");
    assert_eq!(answer["session"]["sub"], "demo|ada", "nothing was edited in the end");
    assert_eq!(home.provider.log().of(Endpoint::Token)[0].headers.get("x-seen"), None);

    let ended = piped(&home, "s\ns\na x-seen:yes\ns\ns\n").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let answer: Value = serde_json::from_str(&ended.stdout).expect("one answer");
    assert_eq!(answer, json!({"version": 1, "profile": PROFILE, "session": null, "edited": true}));
    assert_eq!(home.provider.log().of(Endpoint::Token)[1].headers.get("x-seen"), Some("yes"));
    assert!(ended.stderr.contains("sent with the header x-seen added"), "{}", ended.stderr);
    agent.terminate().await;
}

#[tokio::test]
async fn where_the_answers_end_nothing_more_is_sent() {
    let (home, agent) = household().await;
    for input in ["s\ns\n", "s\ns\nq\n"] {
        let before = home.provider.log().count(Endpoint::Token);
        let ended = piped(&home, input).await;
        assert_eq!(ended.code, Some(130), "{ended:?}");
        let answer: Value = serde_json::from_str(&ended.stdout).expect("one answer");
        assert_eq!(answer["error"]["code"], "user.cancelled");
        assert_eq!(home.provider.log().count(Endpoint::Token), before);
    }
    agent.terminate().await;
}

/// `doorkey login --step --json`, told this, with the robot as the browser.
async fn piped(home: &Household, input: &str) -> Ended {
    let mut command = home.command(&["login", PROFILE, "--step", "--json"]);
    command.env("BROWSER", program::robot()).stdin(Stdio::piped());
    let mut login = command.spawn().expect("the program starts");
    let mut stdin = login.stdin.take().expect("it is piped");
    stdin.write_all(input.as_bytes()).await.expect("it reads");
    drop(stdin);
    program::ended(login).await
}

async fn household() -> (Household, AgentProcess) {
    let home = Household::in_memory(Settings::default()).await;
    let agent = home.agent().await;
    agent.put_profile(home.provider.issuer()).await;
    (home, agent)
}
