//! The socket is there before the agent is.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use doorkey_client::words::BrowserBy;
use doorkey_demo_idp::Settings;
use doorkey_tests::household::AgentProcess;
use doorkey_tests::service::Service;
use doorkey_tests::stage::request;
use doorkey_tests::{Household, PATIENCE, PROFILE, program, skipped};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

#[tokio::test]
async fn an_agent_serves_on_the_socket_it_was_passed_and_leaves_it_open() {
    let home = Household::with_passphrase(Settings::default()).await;
    let service = Service::of(&home);
    let agent = service.start(&home).await;
    let hello = agent.client.hello().await.expect("hello");
    assert_eq!(
        (hello.pid, hello.capabilities.as_slice()),
        (agent.pid, ["stays".into(), "activated".into()].as_slice())
    );
    assert_eq!(service.notices(), ["READY=1"]);
    agent.put_profile(home.provider.issuer()).await;
    agent.sign_in().await;
    let ended = agent.terminate().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(service.notices(), ["STOPPING=1"]);

    // Whoever comes now waits for the next one.
    let waiting = home.command(&["token", PROFILE]).spawn().expect("the program starts");
    let agent = service.start(&home).await;
    let token = program::ended(waiting).await;
    assert_eq!(token.code, Some(0), "{token:?}");
    agent.terminate().await;
}

/// B-35: descriptors that were passed | children get none of them, and no variable that names them
#[tokio::test]
async fn the_browser_gets_neither_the_socket_nor_the_variables_that_tell_of_it() {
    let home = Household::in_memory(Settings::default()).await;
    let service = Service::of(&home);
    let script = home.folder().join("browser");
    let seen = home.folder().join("seen");
    rustix::fs::mkfifoat(rustix::fs::CWD, &seen, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).expect("a pipe");
    fs::write(&script, format!("#!/bin/sh\n(env; ls -l /proc/$$/fd) > {}\n", seen.display())).expect("written");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).expect("it may run");
    let mut command = service.command(&home, &["agent", "--json"]);
    command.env("BROWSER", &script);
    let agent = AgentProcess::start(command).await;
    agent.put_profile(home.provider.issuer()).await;
    let mut request = request(PROFILE);
    request.browser = BrowserBy::Agent;
    let started = agent.client.start_sign_in(&request).await.expect("it starts");
    let told = tokio::task::spawn_blocking(|| fs::read_to_string(seen));
    let told = tokio::time::timeout(PATIENCE, told).await.expect("the browser is opened").expect("it is read");
    let seen = told.expect("text");
    assert!(seen.contains("DOORKEY_VAULT="), "it is the browser's environment: {seen}");
    assert!(!seen.contains("LISTEN_") && !seen.contains("NOTIFY_SOCKET"), "{seen}");
    assert!(!seen.contains("socket:"), "a socket was left to it: {seen}");
    agent.client.cancel_sign_in(&started.sign_in.id).await.expect("cancelled");
    agent.terminate().await;
}

/// B-02: another socket than the agent's, or one that others may reach, is passed | refused, with the part that is wrong
#[tokio::test]
async fn what_is_passed_must_be_the_agents_socket_and_this_users_alone() {
    let home = Household::in_memory(Settings::default()).await;
    let service = Service::of(&home);
    let elsewhere = home.folder().join("other.sock");
    let tcp = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let cases: [(OwnedFd, &str); 3] = [
        (UnixListener::bind(&elsewhere).expect("it is bound").into(), "programs look for the agent on"),
        (tcp.into(), "no Unix stream socket that listens"),
        (fs::File::open("/dev/null").expect("it is there").into(), "no Unix stream socket that listens"),
    ];
    for (descriptor, why) in cases {
        let ended = program::run(service.passing(&home, &["agent", "--json"], descriptor)).await;
        assert_eq!(ended.code, Some(69), "{ended:?}");
        assert!(ended.stdout.contains(r#""code":"broker.passed_socket""#) && ended.stdout.contains(why), "{ended:?}");
    }
    let path = home.paths().socket();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("it is ours");
    let ended = program::run(service.command(&home, &["agent", "--json"])).await;
    assert!(ended.code == Some(69) && ended.stdout.contains("is open to others (mode 666)"), "{ended:?}");
}

#[tokio::test]
async fn variables_that_are_meant_for_another_process_are_left_alone() {
    let home = Household::in_memory(Settings::default()).await;
    let mut command = home.command(&["agent", "--json"]);
    command.env("LISTEN_PID", "1").env("LISTEN_FDS", "1");
    let agent = AgentProcess::start(command).await;
    assert_eq!(agent.client.hello().await.expect("hello").capabilities, ["stays"]);
    agent.terminate().await;
    assert!(!home.paths().socket().exists(), "it was its own");
}

#[tokio::test]
async fn whoever_waits_is_told_when_another_process_owns_the_vault() {
    let home = Household::in_memory(Settings::default()).await;
    let owner = home.agent().await;
    // The manager begins to listen over the head of an agent that runs.
    fs::remove_file(home.paths().socket()).expect("removed");
    let service = Service::of(&home);
    let waiting = home.command(&["token", PROFILE, "--json"]).spawn().expect("the program starts");
    let second = program::run(service.command(&home, &["agent", "--json"])).await;
    assert_eq!(second.code, Some(75), "{second:?}");
    let told = program::ended(waiting).await;
    assert!(told.stdout.contains(r#""code":"store.lock_busy""#), "{told:?}");
    assert!(told.stdout.contains(&format!("process {}", owner.pid)), "{told:?}");
    owner.terminate().await;
}

#[tokio::test]
async fn whoever_waits_is_told_of_a_setting_that_lets_no_agent_be() {
    let home = Household::in_memory(Settings::default()).await;
    let service = Service::of(&home);
    let settings = [
        (("DOORKEY_VAULT", "keyrng"), "config.bad_vault"),
        (("DOORKEY_PASSPHRASE_FILE", "/nonexistent/passphrase"), "config.bad_passphrase_source"),
    ];
    for ((name, value), code) in settings {
        let mut waiting = UnixStream::connect(home.paths().socket()).expect("the manager listens");
        waiting.write_all(b"GET /v1/hello HTTP/1.1\r\nhost: doorkey\r\n\r\n").expect("sent");
        waiting.set_read_timeout(Some(PATIENCE)).expect("it can be waited for");
        let mut command = service.command(&home, &["agent", "--json"]);
        command.env("DOORKEY_VAULT", "passphrase").env(name, value);
        let ended = program::run(command).await;
        assert!(ended.code == Some(78) && ended.stdout.contains(code), "{ended:?}");
        let mut told = String::new();
        waiting.read_to_string(&mut told).expect("an answer");
        assert!(told.contains(code), "{told}");
    }
}

/// B-T16: the socket's file is deleted while the agent runs | it is made again within seconds
#[tokio::test]
async fn a_socket_that_was_deleted_is_made_again() {
    let home = Household::in_memory(Settings::default()).await;
    let agent = home.agent().await;
    fs::remove_file(home.paths().socket()).expect("it is ours");
    // A command looks for an agent that owns the vault for longer than the agent takes to notice.
    let status = home.doorkey(&["status", "--json"]).await;
    assert_eq!(status.code, Some(0), "{status:?}");
    assert_eq!(agent.client.hello().await.expect("hello").pid, agent.pid);
    let ended = agent.terminate().await;
    assert!(ended.code == Some(0) && !home.paths().socket().exists(), "{ended:?}");
}

/// systemd's own way of passing a socket: it listens, and becomes the agent when the first program connects.
#[tokio::test]
async fn systemd_socket_activate_starts_the_agent() {
    const TEST: &str = "systemd_socket_activate_starts_the_agent";
    const ACTIVATE: &str = "/usr/bin/systemd-socket-activate";
    if !Path::new(ACTIVATE).exists() {
        return skipped(TEST, "systemd-socket-activate is not installed");
    }
    let home = Household::in_memory(Settings::default()).await;
    let socket = home.paths().socket();
    fs::create_dir(socket.parent().expect("a folder")).expect("a folder");
    let mut shell = Command::new("/bin/sh");
    program::alone(&mut shell, home.folder());
    // Of the environment it passes only what is named.
    let kept = ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "DOORKEY_VAULT"];
    let kept = kept.map(|name| format!("-E {name}")).join(" ");
    let line = format!("chmod 700 \"${{1%/*}}\"; exec {ACTIVATE} {kept} --fdname=agent -l \"$1\" \"$2\" agent");
    shell.args(["-c", &line, "sh"]).arg(&socket).arg(program::doorkey());
    let mut activated = shell.spawn().expect("it starts");
    let mut said = BufReader::new(activated.stderr.take().expect("it is piped")).lines();
    let listens =
        async { while !said.next_line().await.expect("text").expect("it listens").contains("Listening on") {} };
    tokio::time::timeout(PATIENCE, listens).await.expect("it listens");
    // It has no `SocketMode=`.
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o600)).expect("it is ours");
    let status = home.doorkey(&["agent", "status", "--json"]).await;
    assert_eq!(status.code, Some(0), "{status:?}");
    let status: serde_json::Value = serde_json::from_str(&status.stdout).expect("JSON");
    assert_eq!((status["lasts"].as_str(), status["pid"].as_u64()), (Some("activated"), activated.id().map(u64::from)));
    let refused = home.doorkey(&["token", PROFILE, "--json"]).await;
    assert!(refused.stdout.contains("config.no_profile"), "the short way is answered too: {refused:?}");
    program::signal(&activated, rustix::process::Signal::TERM);
    let ended = program::ended(activated).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(socket.exists(), "the manager's socket stays");
}
