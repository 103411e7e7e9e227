//! `doorkey login` where the browser is not: another device, a pasted address, SSH.

use std::process::Stdio;

use doorkey_client::words::{SignInStep, Update};
use doorkey_demo_idp::{Device, Endpoint, Robot, Settings, robot_sent_to, robot_sign_in};
use doorkey_tests::household::AgentProcess;
use doorkey_tests::program::{self, Ended};
use doorkey_tests::stage::person;
use doorkey_tests::terminal::Left;
use doorkey_tests::{Attempt, Household, PROFILE, Terminal, skipped, watch};
use serde_json::Value;
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn login_with_a_device_shows_address_and_code_and_opens_nothing() {
    let (home, agent) = household().await;
    let mut command = home.command(&["login", PROFILE, "--device", "--json"]);
    let touched = home.folder().join("opened");
    command.env("BROWSER", format!("touch {}", touched.display()));
    let login = command.spawn().expect("the program starts");
    let code = watch::until(&agent.client, "a code is shown", |update| match update {
        Update::SignIn { sign_in } => sign_in.device.clone(),
        _ => None,
    })
    .await;
    let complete = code.verification_uri_complete.expect("the demo provider gives one");
    robot_sign_in(&complete, &Robot::allow(&person("Ada"))).await.expect("the page says that it is done");
    let ended = program::ended(login).await;
    assert_eq!(json(&ended)["session"]["sub"], "demo|ada");
    for shown in [code.user_code.as_str(), &code.verification_uri, "Only go on if you started this yourself."] {
        assert!(ended.stderr.contains(shown), "{shown}: {}", ended.stderr);
    }
    assert!(!ended.stderr.contains('\u{2588}'), "no picture where nobody looks");
    assert!(!touched.exists(), "a browser was opened");
    assert_eq!(home.provider.log().count(Endpoint::Authorize), 0);
    agent.terminate().await;
}

#[tokio::test]
async fn an_address_piped_in_is_the_answer_and_what_is_not_is_told() {
    let (home, agent) = household().await;
    let mut command = home.command(&["login", PROFILE, "--no-browser", "--json"]);
    let mut login = command.stdin(Stdio::piped()).spawn().expect("the program starts");
    let attempt = waiting(&agent).await;
    let address = robot_sent_to(attempt.url.as_str(), &Robot::allow(&person("Ada"))).await.expect("it ends there");
    let mut stdin = login.stdin.take().expect("it is piped");
    let other = address.replace(&attempt.port().to_string(), "1");
    stdin.write_all(format!("CANARY\n\n{other}\n{address}\n").as_bytes()).await.expect("it reads");
    let ended = program::ended(login).await;
    assert_eq!(json(&ended)["session"]["sub"], "demo|ada");
    assert!(ended.stderr.contains("a part of the address"), "{}", ended.stderr);
    assert!(ended.stderr.contains("not the one this sign-in ends at"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("CANARY") && !ended.stderr.contains("code="), "{}", ended.stderr);
    agent.terminate().await;
}

#[tokio::test]
async fn on_a_terminal_the_code_is_drawn_and_a_pasted_address_is_not_shown() {
    let (home, agent) = household().await;
    let Some(mut terminal) = Terminal::start(&home.command(&["login", PROFILE, "--no-browser"])) else {
        return skipped("on_a_terminal_the_code_is_drawn_and_a_pasted_address_is_not_shown", "there is no `script`");
    };
    let attempt = waiting(&agent).await;
    watch::until_sign_in(&agent.client, &attempt.id, "a code is shown", |it| it.device.is_some()).await;
    terminal.shows(&["Never paste", "Only go on if you started this yourself."]).await;
    let address = robot_sent_to(attempt.url.as_str(), &Robot::allow(&person("Ada"))).await.expect("it ends there");
    terminal.types(&format!("{address}\n")).await;
    let Left { code, echo, screen: seen } = terminal.left().await;
    assert!(code == 0 && echo, "{seen}");
    assert_eq!(attempt.done().await.sub, "demo|ada");
    assert!(seen.contains("Signed in as") && seen.contains("\u{2580}"), "{seen}");
    assert!(!seen.contains("code=") && !seen.contains(&address), "what was pasted is shown: {seen}");
    agent.terminate().await;
}

#[tokio::test]
async fn over_ssh_the_port_to_forward_is_told_and_the_device_is_offered() {
    // L-42, L-T07
    let (home, agent) = household().await;
    let mut command = home.command(&["login", PROFILE, "--json"]);
    command.env("SSH_CONNECTION", "10.0.0.9 51000 10.0.0.1 22").env("USER", "ada");
    let login = command.spawn().expect("the program starts");
    let attempt = waiting(&agent).await;
    let shown = watch::until_sign_in(&agent.client, &attempt.id, "a code is shown", |it| it.device.is_some()).await;
    attempt.allow(&person("Ada")).await;
    let ended = program::ended(login).await;
    let port = attempt.port();
    let forward = format!("ssh -L {port}:127.0.0.1:{port} ada@10.0.0.1");
    let code = shown.device.expect("a code").user_code;
    for told in [forward.as_str(), attempt.url.as_str(), &code] {
        assert!(ended.stderr.contains(told), "{told}: {}", ended.stderr);
    }
    agent.terminate().await;
}

#[tokio::test]
async fn options_of_a_login_reach_the_provider_and_ours_cannot_be_shadowed() {
    let (home, agent) = household().await;
    let arguments = [
        "login",
        PROFILE,
        "--no-browser",
        "--max-age",
        "5m",
        "--acr-values",
        "loa1",
        "--ui-locales",
        "de en",
        "--organization",
        "acme",
        "--screen-hint",
        "signup",
        "--connection",
        "corp",
        "--connection-scope",
        "repo",
        "--access-type",
        "offline",
        "--authorization-details",
        r#"[{"type":"payment"}]"#,
        "--prompt",
        "login",
        "--login-hint",
        "ada@example.test",
        "--param",
        "custom=1",
        "--json",
    ];
    let login = home.command(&arguments).spawn().expect("the program starts");
    let attempt = waiting(&agent).await;
    for (name, value) in [
        ("max_age", "300"),
        ("acr_values", "loa1"),
        ("ui_locales", "de en"),
        ("organization", "acme"),
        ("screen_hint", "signup"),
        ("connection", "corp"),
        ("connection_scope", "repo"),
        ("access_type", "offline"),
        ("authorization_details", r#"[{"type":"payment"}]"#),
        ("prompt", "login"),
        ("login_hint", "ada@example.test"),
        ("custom", "1"),
    ] {
        assert_eq!(attempt.asked(name), value);
    }
    program::signal(&login, rustix::process::Signal::INT);
    assert_eq!(program::ended(login).await.code, Some(130));

    for ours in ["state", "redirect_uri", "code_challenge", "NONCE", "scope", "response_mode", "request"] {
        let parameter = format!("{ours}=x");
        let ended = home.doorkey(&["login", PROFILE, "--no-browser", "--param", &parameter, "--json"]).await;
        let told = json(&ended);
        assert_eq!(
            (ended.code, told["error"]["code"].as_str()),
            (Some(78), Some("config.reserved_parameter")),
            "{ours}"
        );
    }
    agent.terminate().await;
}

async fn household() -> (Household, AgentProcess) {
    let device = Device { interval: std::time::Duration::from_secs(1), ..Device::default() };
    let home = Household::in_memory(Settings { device, ..Settings::default() }).await;
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
