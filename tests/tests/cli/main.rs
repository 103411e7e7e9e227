//! The command line: answers on standard output and nothing else there, exit codes that scripts can rely on.

mod login;
mod profiles;
mod session;
mod token;

use std::fs;
use std::time::Duration;

use doorkey_client::words::{SignInStep, Update};
use doorkey_demo_idp::Settings;
use doorkey_tests::household::AgentProcess;
use doorkey_tests::program::{self, Ended};
use doorkey_tests::{Attempt, Household, skipped, watch};
use serde_json::Value;

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
