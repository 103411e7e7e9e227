//! What a native app has of `doorkey-client`: its examples, run as they are, against a real agent.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use doorkey_client::Client;
use doorkey_client::words::SignOut;
use doorkey_demo_idp::Settings;
use doorkey_tests::program::Ended;
use doorkey_tests::sources::{read, root};
use doorkey_tests::stage::{exposed, sign_out};
use doorkey_tests::{Household, PATIENCE, PROFILE, program};
use rustix::process::{Pid, Signal};
use tokio::process::Command;

const EXAMPLES: [&str; 2] = ["blocking", "async"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_examples_get_a_token_of_the_agent_that_runs() {
    let home = Household::in_memory(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    for name in EXAMPLES {
        let token =
            agent.client.token(&doorkey_client::words::TokenRequest::for_profile(PROFILE)).await.expect("a token");
        let ended = program::run(example(&home, name, Path::new("/nonexistent"))).await;
        assert_eq!(
            (ended.code, ended.stdout),
            (Some(0), format!("Authorization: Bearer {}\n", exposed(&token.access_token)))
        );
    }
    agent.client.sign_out(&sign_out(SignOut::Forget)).await.expect("signed out");
    for name in EXAMPLES {
        let ended = program::run(example(&home, name, Path::new("/nonexistent"))).await;
        assert!(ended.code == Some(1) && ended.stderr.contains("signed in"), "{name}: {ended:?}");
    }
    agent.terminate().await;
}

/// B-06: the agent has gone while programs want tokens | one start of it, and the program gets its token
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_agent_runs_the_examples_start_one_that_stays() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    agent.kill().await;
    let folder = program::doorkey().parent().expect("it is in a folder");
    let mut pids = BTreeSet::new();
    for name in EXAMPLES {
        let ended = program::run(example(&home, name, folder)).await;
        assert!(ended.code == Some(0) && ended.stdout.starts_with("Authorization: Bearer "), "{name}: {ended:?}");
        let hello = Client::at(home.paths().socket()).hello().await.expect("it stays");
        assert!(hello.capabilities.iter().any(|able| able == "stays"), "{hello:?}");
        pids.insert(hello.pid);
    }
    assert_eq!(pids.len(), 1, "the second found the first's");
    stopped(&home, pids.pop_first().expect("one")).await;
}

/// B-06: ten programs find no agent at once | one agent, and a token for each
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_that_start_an_agent_at_once_have_one() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    agent.terminate().await;
    let folder = program::doorkey().parent().expect("it is in a folder");
    let running: Vec<_> = (0..10).map(|_| example(&home, "blocking", folder).spawn().expect("it starts")).collect();
    for running in running {
        let ended: Ended = program::ended(running).await;
        assert!(ended.code == Some(0) && ended.stdout.starts_with("Authorization: Bearer "), "{ended:?}");
    }
    let hello = Client::at(home.paths().socket()).hello().await.expect("it stays");
    let started = home.doorkey(&["journal", "--json", "--kind", "agent_started"]).await;
    assert_eq!(started.stdout.lines().count(), 2, "the first one's start, and one more: {started:?}");
    stopped(&home, hello.pid).await;
}

/// B-02: somebody else could be behind the socket | nothing is sent, and no agent is started beside it
#[tokio::test]
async fn nothing_is_started_beside_a_socket_that_is_not_trusted() {
    let home = Household::in_memory(Settings::default()).await;
    let agent = home.agent().await;
    let folder = home.paths().runtime;
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).expect("ours");
    for name in EXAMPLES {
        let traps = home.folder().join(format!("traps-{name}"));
        let trap = trap(&traps);
        let ended = program::run(example(&home, name, &traps)).await;
        assert!(ended.code == Some(1) && ended.stderr.contains("Untrusted"), "{name}: {ended:?}");
        assert!(!trap.exists(), "{name}: it was started");
    }
    agent.terminate().await;
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).expect("ours");
    for name in EXAMPLES {
        let traps = home.folder().join(format!("traps-{name}"));
        let ended = program::run(example(&home, name, &traps)).await;
        assert!(ended.code == Some(1) && traps.join("mark").exists(), "{name}: where nobody is, it is: {ended:?}");
    }
}

#[tokio::test]
async fn where_there_is_nothing_to_start_it_is_told() {
    let home = Household::in_memory(Settings::default()).await;
    for name in EXAMPLES {
        // A folder that is named from here is not looked into, even where `doorkey` is in it.
        let traps = home.folder().join("home/bin");
        let trap = trap(&traps);
        let mut command = example(&home, name, Path::new("bin:."));
        command.current_dir(home.folder().join("home"));
        let ended = program::run(command).await;
        assert!(ended.code == Some(1) && ended.stderr.contains("NotRunning"), "{name}: {ended:?}");
        assert!(!trap.exists(), "{name}: it was started");
    }
}

#[test]
fn the_readme_shows_the_examples() {
    let readme = read(&root().join("crates/client/README.md"));
    for name in EXAMPLES {
        let example = read(&root().join(format!("crates/client/examples/{name}.rs")));
        let lines = example.lines().filter(|line| !line.starts_with("//!") && !line.starts_with("#[expect"));
        let shown = lines.collect::<Vec<_>>().join("\n");
        assert!(readme.contains(shown.trim()), "{name}: the README has not\n{shown}");
        let body = shown.lines().skip_while(|line| !line.contains("fn main")).filter(|line| line.starts_with("    "));
        assert!(shown.lines().filter(|line| line.starts_with("use ")).count() + body.count() <= 6, "{shown}");
    }
}

#[tokio::test]
async fn the_readme_says_how_many_crates_it_takes() {
    let readme = read(&root().join("crates/client/README.md"));
    for (features, row) in [
        (vec![], "| `async` (default): tokio, hyper | "),
        (vec!["--no-default-features"], "| none: `blocking` only | "),
    ] {
        let mut tree = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        tree.args([
            "tree",
            "--locked",
            "--offline",
            "--package",
            "doorkey-client",
            "--edges",
            "normal",
            "--prefix",
            "none",
        ]);
        tree.args(features).current_dir(root()).stdout(std::process::Stdio::piped());
        let ended = program::run(tree).await;
        assert_eq!(ended.code, Some(0));
        let crates: BTreeSet<&str> = ended.stdout.lines().filter_map(|line| line.split(' ').next()).collect();
        let row = format!("{row}{} |", crates.len());
        assert!(readme.contains(&row), "the README has not: {row}\n{crates:?}");
    }
}

fn example(home: &Household, name: &str, path: &Path) -> Command {
    let mut command = Command::new(program::example(name));
    program::alone(&mut command, home.folder());
    // The agent that it starts has the household's vault.
    for (variable, value) in home.command(&[]).as_std().get_envs() {
        command.env(variable, value.unwrap_or_default());
    }
    command.env("PATH", path);
    command
}

/// A `doorkey` that leaves a mark when it is started.
fn trap(folder: &Path) -> std::path::PathBuf {
    fs::create_dir_all(folder).expect("a folder");
    let (program, mark) = (folder.join("doorkey"), folder.join("mark"));
    fs::write(folder.join("new"), format!("#!/bin/sh\n: >{}\n", mark.display())).expect("a file");
    fs::set_permissions(folder.join("new"), Permissions::from_mode(0o700)).expect("ours");
    fs::rename(folder.join("new"), program).expect("renamed");
    mark
}

/// Ends an agent that nobody here has started, and waits until it has gone.
async fn stopped(home: &Household, pid: u32) {
    let client = Arc::new(Client::at(home.paths().socket()));
    let mut updates = client.updates(None).await.expect("the stream");
    let pid = Pid::from_raw(i32::try_from(pid).expect("a process")).expect("a process");
    rustix::process::kill_process(pid, Signal::TERM).expect("it runs");
    let gone = async { while updates.next().await.is_ok_and(|update| update.is_some()) {} };
    tokio::time::timeout(PATIENCE, gone).await.expect("it ends");
}
