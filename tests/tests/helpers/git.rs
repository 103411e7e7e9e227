//! `doorkey helper git`, called by the real git.

use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorkey_demo_idp::Settings;
use doorkey_tests::{Household, PROFILE, Stage, program};
use tokio::process::Command;

use crate::server::{Server, wants_basic};
use crate::told;

/// The line that git gets as its helper.
fn helper(host: &str) -> String {
    format!("!'{}' helper git {PROFILE} --host {host}", program::doorkey().display())
}

/// Git with no settings but this helper for everything, so that all that holds the token back is ours.
fn git(folder: &std::path::Path, helper: &str, arguments: &[&str]) -> Command {
    let mut git = Command::new("git");
    program::alone(&mut git, folder);
    git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_TERMINAL_PROMPT", "0").env("GIT_ASKPASS", "");
    git.args(["-c", "credential.helper=", "-c", &format!("credential.helper={helper}")]).args(arguments);
    git
}

#[tokio::test]
async fn git_fills_in_the_token_for_the_bound_host() {
    let stage = Stage::signed_in().await;
    let token = stage.access_token().await;
    let expires = stage.token().await.expect("a token").expires_at.expect("it ends").as_second();
    let fill = git(stage.folder(), &helper("git.example"), &["credential", "fill"]);
    let ended = told(fill, b"protocol=https\nhost=git.example\npath=team/repo.git\n\n").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let lines: Vec<&str> = ended.stdout.lines().collect();
    for line in ["username=oauth2", &format!("password={token}"), &format!("password_expiry_utc={expires}")] {
        assert!(lines.contains(&line), "{line}: {ended:?}");
    }
    let named = format!("{} --username x-token-auth", helper("git.example"));
    let fill = git(stage.folder(), &named, &["credential", "fill"]);
    let ended = told(fill, b"protocol=https\nhost=git.example\n\n").await;
    assert!(ended.stdout.lines().any(|line| line == "username=x-token-auth"), "{ended:?}");
    for operation in ["approve", "reject"] {
        let ended =
            told(git(stage.folder(), &helper("git.example"), &["credential", operation]), &filled(&token)).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{ended:?}");
    }
    assert_eq!(stage.access_token().await, token, "nothing was erased");
}

fn filled(token: &str) -> Vec<u8> {
    format!("protocol=https\nhost=git.example\nusername=oauth2\npassword={token}\n\n").into_bytes()
}

/// B-22: git wants the password of another host, another port, or without TLS | no token
#[tokio::test]
async fn the_token_goes_to_no_other_host() {
    let stage = Stage::signed_in().await;
    let token = stage.access_token().await;
    for (protocol, host) in [
        ("https", "evil.example"),
        ("https", "git.example.evil"),
        ("https", "git.example:8443"),
        ("http", "git.example"),
    ] {
        let fill = git(stage.folder(), &helper("git.example"), &["credential", "fill"]);
        let ended = told(fill, format!("protocol={protocol}\nhost={host}\n\n").as_bytes()).await;
        assert_ne!(ended.code, Some(0), "nobody else knows a password: {ended:?}");
        assert!(!format!("{ended:?}").contains(&token), "{protocol}://{host}: {ended:?}");
        assert_eq!(ended.stderr.contains("helper.not_https"), protocol == "http", "{ended:?}");
    }
}

/// L-T10: values with newline, CR, NUL, ESC in a tool's protocol, percent-encoded too | refused as `helper.bad_value`, 64, without a token and without repeating them
/// B-33: a newline, CR, NUL or ESC in a value for git, percent-encoded too | `helper.bad_value`, and no token
#[tokio::test]
async fn a_value_that_could_end_a_line_is_refused() {
    let stage = Stage::signed_in().await;
    let token = stage.access_token().await;
    let arguments = ["helper", "git", PROFILE, "--host", "git.example", "get"];
    for value in [
        "git.example\rCANARY",
        "git.example\0CANARY",
        "git.example\u{1b}[2JCANARY",
        "git.example%0aCANARY",
        "git.example%0DCANARY",
        "%00CANARY",
    ] {
        for key in ["host", "username", "path"] {
            let rest = if key == "host" { "" } else { "host=git.example\n" };
            let input = format!("protocol=https\n{rest}{key}={value}\n\n");
            let ended = told(program::command(stage.folder(), &arguments), input.as_bytes()).await;
            assert_eq!((ended.code, ended.stdout.as_str()), (Some(64), "quit=1\n"), "{input:?}: {ended:?}");
            assert!(ended.stderr.contains("helper.bad_value"), "{ended:?}");
            assert!(!format!("{ended:?}").contains("CANARY") && !format!("{ended:?}").contains(&token), "{ended:?}");
        }
    }
    // A newline makes another line: a second host, which git would not write.
    let twice = b"protocol=https\nhost=git.example\nhost=evil.example\n\n";
    let ended = told(program::command(stage.folder(), &arguments), twice).await;
    assert!(ended.code == Some(64) && ended.stderr.contains("helper.not_understood"), "{ended:?}");
    let large = format!("protocol=https\nhost=git.example\npath={}\n\n", "a".repeat(70_000));
    let ended = told(program::command(stage.folder(), &arguments), large.as_bytes()).await;
    assert!(ended.code == Some(64) && ended.stdout == "quit=1\n", "{ended:?}");
    // What the set-up line says is looked at too.
    for (option, value) in
        [("--host", "git.example\nhost=x"), ("--host", "https://git.example"), ("--username", "a\nb"), ("--host", "")]
    {
        let arguments = ["helper", "git", PROFILE, "--host=h", option, value, "get"];
        let ended = told(program::command(stage.folder(), &arguments), b"").await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(64), ""), "{option} {value:?}: {ended:?}");
    }
}

/// One branch, as the smart protocol has it (`gitprotocol-http(5)`).
fn advertisement() -> String {
    let line = |text: &str| format!("{:04x}{text}", text.len() + 4);
    let branch = line(&format!("{} refs/heads/a\0agent=here\n", "5".repeat(40)));
    format!("{}0000{branch}0000", line("# service=git-upload-pack\n"))
}

#[tokio::test]
async fn git_lists_a_repository_with_the_token() {
    let stage = Stage::signed_in().await;
    let server = Server::start(|request| match &request.authorization {
        None => wants_basic(),
        Some(_) => ([("content-type", "application/x-git-upload-pack-advertisement")], advertisement()).into_response(),
    })
    .await;
    let url = format!("http://{}/team/repo.git", server.authority);
    let ended = program::run(git(stage.folder(), &helper(&server.authority), &["ls-remote", &url])).await;
    assert!(ended.code == Some(0) && ended.stdout.contains("refs/heads/a"), "{ended:?}");
    let expected = STANDARD.encode(format!("oauth2:{}", stage.access_token().await));
    let seen = server.seen();
    assert_eq!(seen[0].authorization, None, "git asks without one first");
    assert_eq!(seen.last().and_then(|it| it.authorization.clone()), Some(format!("Basic {expected}")));
}

#[tokio::test]
async fn without_a_session_git_stops_and_says_what_to_do() {
    let home = Household::in_memory(Settings::default()).await;
    home.add_profile().await;
    let fill = git(home.folder(), &helper("git.example"), &["credential", "fill"]);
    let ended = told(fill, b"protocol=https\nhost=git.example\n\n").await;
    assert!(ended.code != Some(0) && ended.stderr.contains("doorkey login work"), "{ended:?}");
    assert!(ended.stderr.contains("told us to quit"), "git asks nobody else: {ended:?}");
}
