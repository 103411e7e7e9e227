//! `doorkey agent status`, `stop`, `restart` and `lock`.

use std::fs;
use std::process::Stdio;

use doorkey_agent::{Options, own_or_join};
use doorkey_demo_idp::{Endpoint, Settings};
use doorkey_tests::household::AgentProcess;
use doorkey_tests::program::Ended;
use doorkey_tests::service::Service;
use doorkey_tests::stage::{below, in_memory, refusal};
use doorkey_tests::{Household, PATIENCE, PROFILE, program, skipped};
use serde_json::Value;

#[tokio::test]
async fn status_tells_who_runs_and_69_when_nobody_does() {
    let home = Household::in_memory(Settings::default()).await;
    let none = home.doorkey(&["agent", "status", "--json"]).await;
    assert_eq!((none.code, json(&none)["running"].as_bool()), (Some(69), Some(false)), "{none:?}");
    let none = home.doorkey(&["agent", "status"]).await;
    assert!(none.code == Some(69) && none.stdout.starts_with("No agent runs"), "{none:?}");
    assert!(!home.paths().socket().exists(), "to ask is not to be it");
    let agent = home.agent().await;
    assert!(is_the_agent_alone(agent.pid));
    let one = home.doorkey(&["agent", "status", "--json"]).await;
    let told = json(&one);
    assert_eq!(
        (told["pid"].as_u64(), told["lasts"].as_str(), told["vault"]["kind"].as_str()),
        (Some(agent.pid.into()), Some("until_stopped"), Some("memory")),
        "{one:?}"
    );
    let shown = home.doorkey(&["agent", "status"]).await;
    assert!(shown.code == Some(0) && shown.stdout.contains(&format!("running, pid {}", agent.pid)), "{shown:?}");
    agent.terminate().await;
}

#[tokio::test]
async fn stop_waits_until_what_was_begun_is_finished() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    let gate = home.provider.knobs().hold(Endpoint::Token);
    let renewing = home.command(&["renew", PROFILE, "--json"]).spawn().expect("the program starts");
    assert!(gate.wait_for(1, PATIENCE).await, "the renewal is under way");
    let mut updates = agent.client.updates(None).await.expect("the stream");
    let stopping = home.command(&["agent", "stop", "--json"]).spawn().expect("the program starts");
    while updates.next().await.is_ok_and(|update| update.is_some()) {}
    gate.release();
    let renewed = program::ended(renewing).await;
    assert_eq!((renewed.code, json(&renewed)["session"]["renewals"].as_u64()), (Some(0), Some(1)), "{renewed:?}");
    let stopped = program::ended(stopping).await;
    assert_eq!((stopped.code, json(&stopped)["stopped"].as_u64()), (Some(0), Some(agent.pid.into())), "{stopped:?}");
    assert_eq!(agent.ended().await.code, Some(0));
    let again = home.doorkey(&["agent", "stop", "--json"]).await;
    assert_eq!((again.code, json(&again)["stopped"].is_null()), (Some(0), true), "{again:?}");
}

#[tokio::test]
async fn the_agent_of_a_window_or_a_command_is_not_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options { stays: false, ..in_memory() };
    let passing = own_or_join(&below(folder.path()), options).await.expect("the agent");
    let refused = program::run(program::command(folder.path(), &["agent", "stop", "--json"])).await;
    assert_eq!(refused.code, Some(69), "{refused:?}");
    assert_eq!(json(&refused)["error"]["code"], "broker.cannot_stop");
    passing.client().hello().await.expect("it is as well as before");
    passing.stop().await;
}

#[tokio::test]
async fn restart_has_the_service_manager_start_a_new_one() {
    let home = Household::with_passphrase(Settings::default()).await;
    let service = Service::of(&home);
    let first = service.start(&home).await;
    let (old, socket) = (first.pid, home.paths().socket());
    let restarting = home.command(&["agent", "restart", "--json"]).spawn().expect("the program starts");
    assert_eq!(first.ended().await.code, Some(0));
    assert!(socket.exists(), "the manager listens");
    let second = service.start(&home).await;
    let told = program::ended(restarting).await;
    assert_eq!(
        (told.code, json(&told)["stopped"].as_u64(), json(&told)["pid"].as_u64()),
        (Some(0), Some(old.into()), Some(second.pid.into())),
        "{told:?}"
    );
    second.terminate().await;
}

#[tokio::test]
async fn restart_is_the_new_agent_where_there_is_no_manager() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (first, before) = home.agent_with_ada().await;
    let second = AgentProcess::start(home.command(&["agent", "restart", "--json"])).await;
    assert_eq!(first.ended().await.code, Some(0));
    assert_eq!(second.client.hello().await.expect("hello").pid, second.pid);
    assert!(is_the_agent_alone(second.pid), "what serves for long takes memory for nothing else");
    assert_eq!(second.client.sessions().await.expect("the sessions").sessions[0].id, before.id);
    second.terminate().await;
}

/// B-38: `doorkey agent lock` | the key is forgotten once what is under way is done, and whoever asks is told
#[tokio::test]
async fn lock_is_the_same_in_both_places_and_whoever_waits_is_told() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    let gate = home.provider.knobs().hold(Endpoint::Token);
    let renewing = home.command(&["renew", PROFILE]).spawn().expect("the program starts");
    assert!(gate.wait_for(1, PATIENCE).await, "the renewal is under way");
    let attempt = agent.begin().await;
    let locking = home.command(&["agent", "lock", "--json"]).spawn().expect("the program starts");
    // Sign-ins end first: when that one has, the lock waits for the renewal.
    attempt.until_deserted().await;
    gate.release();
    assert_eq!(program::ended(renewing).await.code, Some(0), "it is finished first");
    let locked = program::ended(locking).await;
    assert_eq!((locked.code, json(&locked)["vault"]["state"].as_str()), (Some(0), Some("locked")), "{locked:?}");
    assert_eq!(refusal(agent.client.sessions().await).code, "store.locked");
    let token = home.doorkey(&["token", PROFILE, "--json"]).await;
    assert_eq!((token.code, json(&token)["error"]["code"].as_str()), (Some(77), Some("store.locked")), "{token:?}");
    let again = home.doorkey(&["vault", "lock", "--json"]).await;
    assert_eq!(again.stdout, locked.stdout, "the same command");
    agent.terminate().await;
}

/// S-42: core dumps and debuggers | no core file is written, and no other program of the user looks into the agent
/// S-T16: a program of the same user reads the agent's memory | the system refuses it
#[tokio::test]
async fn no_program_of_the_same_user_reads_the_agents_memory() {
    const TEST: &str = "no_program_of_the_same_user_reads_the_agents_memory";
    let home = Household::in_memory(Settings::default()).await;
    let agent = home.agent().await;
    let limits = fs::read_to_string(format!("/proc/{}/limits", agent.pid)).expect("its limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a line");
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    let memory = format!("/proc/{}/mem", agent.pid);
    let environment = format!("/proc/{}/environ", agent.pid);
    if rustix::process::geteuid().is_root() {
        agent.terminate().await;
        return as_nobody(TEST).await;
    }
    for file in [memory, environment] {
        assert!(fs::File::open(&file).and_then(|mut file| std::io::Read::read(&mut file, &mut [0])).is_err(), "{file}");
    }
    agent.terminate().await;
}

fn is_the_agent_alone(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim_end() == "doorkey-agent")
}

/// Root may read everything: the agent and the one who looks are somebody else.
async fn as_nobody(test: &str) {
    let Some(mut shell) = program::as_root("setpriv") else { return skipped(test, "setpriv cannot be used") };
    let folder = tempfile::tempdir().expect("a folder");
    let nobody = 65534;
    std::os::unix::fs::chown(folder.path(), Some(nobody), Some(nobody)).expect("root may");
    let doorkey = program::doorkey().with_file_name("doorkey-full");
    let look = r#"
        "$1" agent --json > served & agent=$!
        while ! grep -q socket served; do kill -0 $agent || exit 9; done
        cat "/proc/$$/environ" > /dev/null && echo own-can-be-read
        for file in mem environ maps; do
            head -c 1 "/proc/$agent/$file" > /dev/null 2>&1 && echo "$file-can-be-read"
        done
        grep 'Max core' "/proc/$agent/limits"
        kill -TERM $agent; wait $agent; echo "ended $?""#;
    program::alone(&mut shell, folder.path());
    shell.args(["--reuid=65534", "--regid=65534", "--clear-groups", "/bin/sh", "-c", look, "sh"]).arg(&doorkey);
    shell.current_dir(folder.path()).env("HOME", folder.path());
    let seen = program::run(shell).await;
    if seen.stderr.contains("ermission denied") && !seen.stdout.contains("own-can-be-read") {
        return skipped(test, "nobody may not run the built program");
    }
    assert!(seen.stdout.contains("own-can-be-read") && seen.stdout.contains("ended 0"), "{seen:?}");
    for file in ["mem", "environ", "maps"] {
        assert!(!seen.stdout.contains(&format!("{file}-can-be-read")), "{seen:?}");
    }
}

/// B-04: the socket's path is longer than the system takes | said with the length, and nothing is made
#[tokio::test]
async fn a_path_that_is_too_long_for_a_socket_is_told_with_its_length() {
    let home = Household::in_memory(Settings::default()).await;
    let long = home.folder().join("x".repeat(120));
    for arguments in [&["agent", "--json"], &["token", "--json"]] {
        let mut command = home.command(arguments);
        command.env("XDG_RUNTIME_DIR", &long);
        let refused = program::run(command).await;
        let length = long.join("doorkey/agent.sock").as_os_str().len();
        assert_eq!(
            (refused.code, &json(&refused)["error"]["code"]),
            (Some(78), &"config.no_home".into()),
            "{refused:?}"
        );
        assert!(refused.stdout.contains(&format!("has {length} bytes, the system takes 107")), "{refused:?}");
    }
    assert!(!long.exists());
}

/// B-34: somebody reaches the agent over TCP | it has no port, but for the redirect of a sign-in under way
#[tokio::test]
async fn the_agent_listens_on_no_port() {
    // It is closed to every other program of its user.
    let Some(mut look) = program::as_root("ls") else {
        return skipped("the_agent_listens_on_no_port", "nobody but root may look");
    };
    let home = Household::in_memory(Settings::default()).await;
    let agent = home.agent().await;
    agent.put_profile(home.provider.issuer()).await;
    let listening: Vec<String> = ["tcp", "tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(format!("/proc/net/{table}")).ok())
        .flat_map(|table| table.lines().skip(1).map(str::to_owned).collect::<Vec<_>>())
        .map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .filter(|fields| fields[3] == LISTENING)
        .map(|fields| format!("socket:[{}]", fields[9]))
        .collect();
    assert!(!listening.is_empty(), "the provider's is among them");
    look.args(["-l", &format!("/proc/{}/fd", agent.pid)]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let open = program::run(look).await.stdout;
    assert!(open.contains("socket:["), "its own socket is there: {open}");
    assert!(!listening.iter().any(|port| open.contains(port)), "{listening:?}: {open}");
    agent.terminate().await;
}

/// `TCP_LISTEN`, as `/proc/net/tcp` has it.
const LISTENING: &str = "0A";

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
}
