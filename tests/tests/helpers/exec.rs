//! `doorkey exec`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;

use doorkey_demo_idp::Settings;
use doorkey_tests::program::{self, Ended};
use doorkey_tests::{Household, PATIENCE, PROFILE, Stage};
use rustix::process::Signal;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

async fn exec(stage: &Stage, arguments: &[&str]) -> Ended {
    program::run(program::command(stage.folder(), &[&["exec", PROFILE], arguments].concat())).await
}

/// S-45: the arguments of `exec` and of what it runs are read | no token; the environment of that command has it, under the name that was asked for
#[tokio::test]
async fn the_token_is_in_the_environment_and_in_no_argument() {
    let stage = Stage::signed_in().await;
    let token = stage.access_token().await;
    let script = "printf '%s\\n' \"$ACCESS_TOKEN\"; tr '\\0' ' ' < /proc/$$/cmdline; :";
    let ended = exec(&stage, &["--", "sh", "-c", script, "--json"]).await;
    let (first, arguments) = ended.stdout.split_once('\n').expect("two lines");
    assert!(ended.code == Some(0) && first == token, "{ended:?}");
    assert!(arguments.starts_with("sh -c ") && !arguments.contains(&token), "{arguments}");
    assert!(!ended.stderr.contains(&token), "{ended:?}");

    let named = exec(&stage, &["--env", "API_KEY", "--", "sh", "-c", "echo \"$API_KEY ${ACCESS_TOKEN-none}\""]).await;
    assert_eq!(named.stdout, format!("{token} none\n"));
    let quiet = exec(&stage, &["--", "true"]).await;
    assert_eq!((quiet.code, quiet.stdout.as_str()), (Some(0), ""));
}

/// L-T11: `exec` of a command that is not there, cannot be run, exits 3, is killed by signal n | 127, 126, 3, and what a shell calls 128+n
#[tokio::test]
async fn the_end_of_the_command_is_the_end_of_exec() {
    let stage = Stage::signed_in().await;
    let plain = stage.folder().join("no-program");
    fs::write(&plain, "no program").expect("a file");
    fs::set_permissions(&plain, Permissions::from_mode(0o644)).expect("its mode");
    let plain = plain.to_str().expect("a path");
    for (command, exit, code) in [
        ("no-such-command-here", 127, "exec.not_found"),
        (plain, 126, "exec.not_started"),
        ("/", 126, "exec.not_started"),
    ] {
        let ended = exec(&stage, &["--json", "--", command]).await;
        let told: Value = serde_json::from_str(&ended.stdout).expect("one line of JSON");
        assert_eq!((ended.code, &told["error"]["code"]), (Some(exit), &code.into()), "{ended:?}");
    }
    assert_eq!(exec(&stage, &["--", "sh", "-c", "exit 3"]).await.code, Some(3));
    let doorkey = program::doorkey().to_str().expect("a path");
    for (signal, number) in [("TERM", 15), ("KILL", 9), ("INT", 2), ("PIPE", 13)] {
        let mut shell = tokio::process::Command::new("sh");
        program::alone(&mut shell, stage.folder());
        let line = format!("\"$0\" exec {PROFILE} -- sh -c 'kill -{signal} $$'; echo $?");
        shell.args(["-c", &line, doorkey]);
        let ended = program::run(shell).await;
        assert_eq!(ended.stdout.trim(), (128 + number).to_string(), "{ended:?}");
    }
}

#[tokio::test]
async fn a_signal_meets_the_command_itself() {
    let stage = Stage::signed_in().await;
    let mut command = program::command(stage.folder(), &["exec", PROFILE, "--", "sh", "-c", "echo $$; exec cat"]);
    // `cat` waits for as long as the test holds the other end.
    let (reader, hold) = std::io::pipe().expect("a pipe");
    command.stdin(reader);
    let mut child = command.spawn().expect("the program starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut first = String::new();
    tokio::time::timeout(PATIENCE, stdout.read_line(&mut first)).await.expect("in time").expect("a line");
    assert_eq!(first.trim(), child.id().expect("it runs").to_string(), "one process, and it is the command");
    program::signal(&child, Signal::INT);
    let status = tokio::time::timeout(PATIENCE, child.wait()).await.expect("in time").expect("its end");
    assert_eq!(status.signal(), Some(2));
    stdout.read_to_string(&mut first).await.expect("the rest");
    drop(hold);
}

#[tokio::test]
async fn without_a_session_nothing_runs_and_no_browser_opens() {
    let home = Household::in_memory(Settings::default()).await;
    home.add_profile().await;
    let mark = home.folder().join("ran");
    let mut command = home.command(&["exec", PROFILE, "--json", "--", "touch", mark.to_str().expect("a path")]);
    let opened = home.folder().join("opened");
    command.env("BROWSER", format!("touch {}", opened.display()));
    let ended = program::run(command).await;
    let told: Value = serde_json::from_str(&ended.stdout).expect("one line of JSON");
    assert_eq!((ended.code, &told["error"]["code"]), (Some(77), &"session.sign_in_required".into()));
    assert!(told["error"]["hint"].as_str().is_some_and(|hint| hint.contains("doorkey login work")), "{told}");
    assert!(!mark.exists() && !opened.exists());
}

#[tokio::test]
async fn a_name_that_is_none_is_refused() {
    let stage = Stage::signed_in().await;
    for name in ["A=B", "1A", "", "A B", "Ä", "A\nB"] {
        let ended = exec(&stage, &["--json", "--env", name, "--", "env"]).await;
        assert_eq!(ended.code, Some(64), "{name:?}: {ended:?}");
        assert!(ended.stdout.contains("usage.bad_value"), "{ended:?}");
    }
}

#[tokio::test]
async fn where_no_agent_runs_exec_is_it_before_it_becomes_the_command() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    agent.terminate().await;
    let script = "echo ${#ACCESS_TOKEN}; readlink /proc/$$/fd/*; kill -INT $$";
    let child = home.command(&["exec", PROFILE, "--", "sh", "-c", script]).spawn().expect("the program starts");
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("in time").expect("its end");
    let stdout = String::from_utf8(output.stdout).expect("text");
    let (length, descriptors) = stdout.split_once('\n').expect("two lines");
    assert!(length.parse::<usize>().is_ok_and(|length| length > 20), "{stdout}");
    let folder = home.folder().to_str().expect("a path");
    assert!(!descriptors.contains(folder) && !descriptors.contains("eventpoll"), "none of the agent's: {stdout}");
    assert_eq!(output.status.signal(), Some(2), "the agent's way with Ctrl-C is gone");

    let helper = ["helper", "git", PROFILE, "--host", "git.example", "get"];
    let ended = crate::told(home.command(&helper), b"protocol=https\nhost=git.example\n").await;
    assert!(ended.code == Some(0) && ended.stdout.contains("password="), "{ended:?}");
}
