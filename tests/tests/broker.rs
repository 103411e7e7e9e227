//! Who may speak with the agent, and what the way to it lets through: rows of the local broker.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::fd::AsFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use doorkey_client::words::{EventKind, TokenRequest, Update};
use doorkey_client::{Client, ClientError};
use doorkey_demo_idp::{Endpoint, Settings, start};
use doorkey_tests::household::AgentProcess;
use doorkey_tests::sources::{read, root};
use doorkey_tests::stage::{LONG, SHORT, refusal};
use doorkey_tests::{Household, PATIENCE, PROFILE, Stage, program, skipped, socket};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// B-04: a path that is longer than the system takes for a socket | told with its length, before anything is bound
#[tokio::test]
async fn a_path_that_is_too_long_for_a_socket_is_told() {
    let home = Household::in_memory(Settings::default()).await;
    let long = home.folder().join("x".repeat(120));
    let mut command = home.command(&["agent", "--json"]);
    command.env("XDG_RUNTIME_DIR", &long);
    let ended = program::run(command).await;
    let json: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let message = json["error"]["message"].as_str().expect("a message");
    let length = long.join("doorkey/agent.sock").as_os_str().len();
    assert!(ended.code == Some(78) && message.contains(&format!("{length} bytes")), "{ended:?}");
    assert!(!long.exists());
}

/// B-07: a program of another process namespace, as of another container | an unknown program, and told so
#[tokio::test]
async fn a_program_of_another_namespace_is_unknown() {
    const TEST: &str = "a_program_of_another_namespace_is_unknown";
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    agent.terminate().await;
    // Its own process namespace, so that this test's is not one that it can see.
    let apart = ["--pid", "--fork", "--kill-child"];
    let unshare = program::as_root("unshare").filter(|_| rustix::process::geteuid().is_root());
    let Some(mut unshare) = unshare else { return skipped(TEST, "only root can make a namespace") };
    program::alone(&mut unshare, home.folder());
    let doorkey = home.command(&["agent", "--json"]);
    for (variable, value) in doorkey.as_std().get_envs() {
        unshare.env(variable, value.unwrap_or_default());
    }
    unshare.args(apart).arg(program::doorkey()).args(["agent", "--json"]);
    let agent = AgentProcess::start(unshare).await;
    let mut updates = agent.client.updates(None).await.expect("the stream");
    // Given or refused: what counts is whom the agent takes it for.
    let _ = agent.client.token(&TokenRequest::for_profile(PROFILE)).await;
    let asked = async {
        loop {
            let Update::Event(event) = updates.next().await.expect("it goes on").expect("it is open") else { continue };
            if let EventKind::TokenGiven { program, pid, .. } | EventKind::TokenRefused { program, pid, .. } =
                event.kind
            {
                return (program, pid);
            }
        }
    };
    let (name, pid) = tokio::time::timeout(PATIENCE, asked).await.expect("it is told");
    assert_eq!((name.as_str(), pid), ("unknown program", 0));
    agent.kill().await;
}

/// B-T03: a program of another user is behind a socket that looks like ours | refused before a byte is sent
#[tokio::test]
async fn a_fake_agent_is_told_by_the_kernel() {
    const TEST: &str = "a_fake_agent_is_told_by_the_kernel";
    if !rustix::process::geteuid().is_root() {
        return skipped(TEST, "only root can be two users");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let run = folder.path().join("run");
    fs::create_dir(&run).expect("a folder");
    for open in [folder.path(), &run] {
        fs::set_permissions(open, Permissions::from_mode(0o777)).expect("ours");
    }
    let socket = run.join("agent.sock");
    let listens = "import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.bind(sys.argv[1])\ns.listen()\nprint('ready', flush=True)\nc = s.accept()[0]\nprint(len(c.recv(1)), flush=True)";
    let mut fake = Command::new("setpriv");
    program::alone(&mut fake, folder.path());
    fake.args(["--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c", listens]).arg(&socket);
    let mut fake = match fake.spawn() {
        Ok(fake) => fake,
        Err(error) => return skipped(TEST, &format!("there is no setpriv: {error}")),
    };
    let mut says = BufReader::new(fake.stdout.take().expect("it is piped")).lines();
    let Some(ready) = says.next_line().await.expect("text") else { return skipped(TEST, "there is no python3") };
    assert_eq!(ready, "ready");
    // Everything that a look at the files can tell is as it must be.
    std::os::unix::fs::chown(&socket, Some(0), Some(0)).expect("given");
    fs::set_permissions(&run, Permissions::from_mode(0o700)).expect("ours");
    let error = Client::at(socket).token(&TokenRequest::for_profile(PROFILE)).await.expect_err("not trusted");
    assert!(matches!(&error, ClientError::Untrusted { part, .. } if part.contains("user 65534")), "{error}");
    assert_eq!(error.refusal().code, "broker.untrusted_socket");
    let heard = tokio::time::timeout(PATIENCE, says.next_line()).await.expect("in time").expect("text");
    assert_eq!(heard.as_deref(), Some("0"), "it was sent something");
}

/// B-20: a refresh token, a client secret or an ID token is asked for | no answer has a member that could hold one
#[test]
fn no_answer_can_hold_a_secret_but_the_access_token() {
    let document: Value = serde_json::from_str(&read(&root().join("docs/openapi.json"))).expect("JSON");
    for (path, calls) in document["paths"].as_object().expect("paths") {
        let mut given = BTreeSet::new();
        for operation in calls.as_object().expect("calls").values() {
            members(&operation["responses"], &document, &mut BTreeSet::new(), &mut given);
        }
        assert!(given.contains("code") && given.contains("hint"), "{path}: a refusal at least: {given:?}");
        let hands_out = ["/v1/tokens", "/v1/proofs"].contains(&path.as_str());
        let is_journal = ["/v1/events", "/v1/journal"].contains(&path.as_str());
        for secret in ["id_token", "client_secret", "client_key", "code_verifier", "passphrase", "dpop_key"] {
            // Decoded and without its signature: nobody takes that for the token.
            let is_decoded = secret == "id_token" && path == "/v1/sessions/{id}/identity";
            assert_eq!(given.contains(secret), is_decoded, "{path}: {secret}");
        }
        // The journal's fingerprints go by the names of what they are of.
        assert_eq!(given.contains("refresh_token"), is_journal, "{path}");
        assert_eq!(given.contains("access_token"), hands_out || is_journal, "{path}");
    }
}

/// B-23: one provider hangs | the others' sessions give their tokens, and the next sign-in starts
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_hangs_holds_up_its_own_session_only() {
    let stage = Stage::with_life(SHORT).await;
    stage.sign_in().await;
    stage.provider.knobs().set_token_life(LONG);
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    let client = stage.client.clone();
    let waits = tokio::spawn(async move { client.token(&TokenRequest::for_profile(PROFILE)).await });
    assert!(gate.wait_for(1, PATIENCE).await, "the renewal is under way");
    let other = start(Settings::default()).await.expect("a second provider");
    let entry = doorkey_tests::stage::profile("other", other.issuer()).into();
    stage.client.put_profile(&entry).await.expect("the profile is good");
    let attempt = doorkey_tests::Attempt::begin(&stage.client, &doorkey_tests::stage::request("other")).await;
    attempt.allow(&stage.person("Grace")).await;
    attempt.done().await;
    stage.client.token(&TokenRequest::for_profile("other")).await.expect("its token");
    assert!(!waits.is_finished(), "the first still waits");
    gate.release();
    waits.await.expect("it ends").expect("its token");
}

/// B-31: a body that is too deep, with a member twice, with NaN, a bare NUL or half a character | `broker.bad_request`
#[tokio::test]
async fn json_that_is_not_plain_is_refused() {
    let stage = Stage::new().await;
    let deep = format!(r#"{{"profile":"work","x":{}{}}}"#, "[".repeat(16), "]".repeat(16));
    let huge = format!(r#"{{"profile":"work","x":[{}0]}}"#, "0,".repeat(30_000));
    for body in [
        deep.as_str(),
        r#"{"profile":"work","profile":"home"}"#,
        r#"{"profile":"work","min_ttl":NaN}"#,
        "{\"profile\":\"wo\0rk\"}",
        r#"{"profile":"\ud800"}"#,
        r#"{"profile":"work"}{}"#,
    ] {
        let answer = socket::call(&stage.paths.socket(), "POST /v1/tokens", &[], body).await;
        let json = socket::json(&answer);
        assert_eq!(
            (answer.status, &json["error"]["code"]),
            (Some(400), &"broker.bad_request".into()),
            "{body}: {json}"
        );
    }
    // Thirty thousand numbers in a member that nobody knows are passed over.
    let answer = socket::call(&stage.paths.socket(), "POST /v1/tokens", &[], &huge).await;
    assert_eq!(socket::json(&answer)["error"]["code"], "session.sign_in_required");
}

/// B-34: a program looks for the agent on TCP | it listens nowhere but on its socket
#[tokio::test]
async fn there_is_no_tcp_port() {
    let home = Household::in_memory(Settings::default()).await;
    let agent = home.agent().await;
    agent.put_profile(home.provider.issuer()).await;
    let attempt = agent.begin().await;
    assert_eq!(listens(agent.pid), 2, "the redirect's listener, on both address families, is seen here");
    attempt.cancel().await;
    attempt.until_deserted().await;
    assert_eq!(listens(agent.pid), 0);
    agent.terminate().await;
}

/// B-35: a caller passes file descriptors along | they are closed at once, and the call is answered
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn descriptors_that_are_passed_are_not_kept() {
    let stage = Stage::new().await;
    let mut caller = std::os::unix::net::UnixStream::connect(stage.paths.socket()).expect("the agent listens");
    let (theirs, ours) = std::os::unix::net::UnixStream::pair().expect("a pair");
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let descriptors = [theirs.as_fd()];
    assert!(ancillary.push(SendAncillaryMessage::ScmRights(&descriptors)));
    let request = b"GET /v1/hello HTTP/1.1\r\nhost: x\r\n\r\n";
    let sent = rustix::net::sendmsg(&caller, &[std::io::IoSlice::new(request)], &mut ancillary, SendFlags::empty());
    assert_eq!(sent.expect("sent"), request.len());
    let mut answer = [0; 12];
    std::io::Read::read_exact(&mut caller, &mut answer).expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 200");
    drop(theirs);
    // The other end is at its end when nobody holds it any more, long before the agent leaves a silent connection.
    ours.set_read_timeout(Some(Duration::from_secs(10))).expect("set");
    assert_eq!(std::io::Read::read(&mut &ours, &mut [0; 1]).expect("it is closed"), 0);
}

/// B-T18: a refresh token is asked for by the name of a call | there is no such call
#[tokio::test]
async fn a_refresh_token_has_no_call() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    for path in ["refresh-tokens", "refresh_token", "tokens/refresh", "secrets", "id-tokens", "vault/records", "keys"] {
        let answer = socket::call(&stage.paths.socket(), &format!("POST /v1/{path}"), &[], "{}").await;
        assert_eq!(socket::json(&answer)["error"]["code"], "broker.unknown_method", "{path}");
    }
    let request = r#"{"profile":"work","token_type":"refresh_token","grant":"refresh_token"}"#;
    let answer = socket::json(&socket::call(&stage.paths.socket(), "POST /v1/tokens", &[], request).await);
    let names: Vec<&String> = answer.as_object().expect("an object").keys().collect();
    assert_eq!(names, ["access_token", "audience", "expires_at", "profile", "scope", "token_type", "version"]);
    let unknown = refusal(stage.client.token(&TokenRequest::for_profile("nobody")).await);
    assert_eq!(unknown.code, "config.no_profile");
}

/// Names of all members that a schema can have, whatever it points to.
fn members<'d>(schema: &'d Value, document: &'d Value, seen: &mut BTreeSet<&'d str>, names: &mut BTreeSet<&'d str>) {
    match schema {
        Value::Object(parts) => {
            if let Some(place) = parts.get("$ref").and_then(Value::as_str)
                && seen.insert(place)
            {
                let target = document.pointer(place.trim_start_matches('#')).unwrap_or_else(|| panic!("{place}"));
                members(target, document, seen, names);
            }
            if let Some(properties) = parts.get("properties").and_then(Value::as_object) {
                // Whether there is a secret may be told.
                let could_hold = properties.iter().filter(|(_, member)| member["type"] != "boolean");
                names.extend(could_hold.map(|(name, _)| name.as_str()));
            }
            for (name, part) in parts {
                if name != "example" {
                    members(part, document, seen, names);
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|part| members(part, document, seen, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// On how many TCP sockets a process listens.
fn listens(pid: u32) -> usize {
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).expect("it runs");
    let links = descriptors.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    let inodes: BTreeSet<String> = links
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.trim_end_matches(']').to_owned()))
        .collect();
    let tables =
        ["tcp", "tcp6"].map(|table| fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default());
    let lines = tables.iter().flat_map(|table| table.lines());
    lines
        .filter(|line| {
            let columns: Vec<&str> = line.split_whitespace().collect();
            // 0A: it listens.
            columns.get(3) == Some(&"0A") && columns.get(9).is_some_and(|inode| inodes.contains(*inode))
        })
        .count()
}
