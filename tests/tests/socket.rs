//! The agent's socket: any language may call it, nobody else's program can, and nobody can break it for the others.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use doorkey_agent::own_or_join;
use doorkey_client::words::{
    Endpoints, EventKind, Profile, ProfileEntry, RenewalRequest, TokenRequest, Update, VaultState,
};
use doorkey_client::{Client, ClientError, Secret};
use doorkey_demo_idp::{Endpoint, Settings};
use doorkey_tests::stage::{LONG, SHORT, below, exposed, in_memory, profile, refusal};
use doorkey_tests::{Household, PATIENCE, PROFILE, Stage, program, skipped, socket};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::process::Command;

#[tokio::test]
async fn hello_tells_who_is_there() {
    let stage = Stage::new().await;
    let hello = stage.client.hello().await.expect("hello");
    assert_eq!((hello.api, hello.pid, hello.vault.state), (1, std::process::id(), VaultState::Ready));
    assert!(hello.problems.is_empty(), "{:?}", hello.problems);
}

#[tokio::test]
async fn profiles_are_added_shown_changed_and_removed() {
    let stage = Stage::new().await;
    let entry = |change: fn(&mut Profile)| {
        let mut profile = profile("second", "https://op.example.test");
        change(&mut profile);
        ProfileEntry::from(profile)
    };
    let added = stage.client.put_profile(&entry(|_| ())).await.expect("added");
    assert!(added.redirect_uris[0].starts_with("http://127.0.0.1:PORT/cb/"), "{:?}", added.redirect_uris);
    let changed = stage.client.put_profile(&entry(|it| it.ports = vec![21847, 21848])).await.expect("changed");
    assert_eq!(changed.redirect_uris.len(), 2);
    let names = |all: &[doorkey_client::words::ProfileView]| -> Vec<String> {
        all.iter().map(|view| view.profile.name.clone()).collect()
    };
    assert_eq!(names(&stage.client.profiles().await.expect("the profiles")), [PROFILE, "second"]);
    let text = fs::read_to_string(stage.paths.profiles()).expect("the file");
    assert!(text.contains("second") && text.contains("21847"), "{text}");
    stage.client.delete_profile("second").await.expect("removed");
    assert_eq!(names(&stage.client.profiles().await.expect("the profiles")), [PROFILE]);
}

#[tokio::test]
async fn bad_profiles_are_refused_and_leave_the_file_as_it_is() {
    let stage = Stage::new().await;
    let before = fs::read(stage.paths.profiles()).expect("the file");
    type Spoil = fn(&mut Profile);
    let cases: [(&str, Spoil); 10] = [
        ("config.bad_name", |it| it.name = "-x".to_owned()),
        ("config.bad_issuer", |it| it.issuer = "not a URL".to_owned()),
        ("config.insecure_issuer", |it| it.issuer = "http://op.example.test".to_owned()),
        ("config.bad_client_id", |it| it.client_id = String::new()),
        ("config.bad_redirect", |it| it.ports = vec![6000]),
        ("config.bad_redirect", |it| it.ports = vec![80]),
        ("config.bad_endpoint", |it| {
            it.endpoints = Some(Endpoints {
                authorization_endpoint: "authorize".to_owned(),
                token_endpoint: "https://op.example.test/token".to_owned(),
                revocation_endpoint: None,
                device_authorization_endpoint: None,
            });
        }),
        ("config.bad_scope", |it| it.scopes = vec!["two words".to_owned()]),
        ("config.bad_resource", |it| it.resources = vec!["relative".to_owned()]),
        ("config.reserved_parameter", |it| drop(it.params.insert("state".to_owned(), "x".to_owned()))),
    ];
    for (code, spoil) in cases {
        let mut profile = stage.profile();
        spoil(&mut profile);
        let refused = refusal(stage.client.put_profile(&ProfileEntry::from(profile)).await);
        assert_eq!(refused.code, code, "{refused:?}");
        doorkey_tests::stage::assert_told_well(&refused);
    }
    assert_eq!(fs::read(stage.paths.profiles()).expect("the file"), before);
}

#[tokio::test]
async fn a_client_secret_goes_in_and_never_comes_out() {
    let stage = Stage::new().await;
    let secret = "CANARY-of-the-client-secret";
    let entry = ProfileEntry { client_secret: Some(Secret::new(secret.to_owned())), ..stage.profile().into() };
    assert!(stage.client.put_profile(&entry).await.expect("kept").has_client_secret);
    let calls = ["GET /v1/profiles", "GET /v1/hello", "GET /v1/sessions"];
    for line in calls {
        let answer = socket::call(&stage.paths.socket(), line, &[], "").await;
        assert!(answer.status == Some(200) && !answer.text.contains(secret), "{line}: {}", answer.text);
    }
    assert!(!fs::read_to_string(stage.paths.profiles()).expect("the file").contains(secret));
    let again = ProfileEntry::from(stage.profile());
    assert!(stage.client.put_profile(&again).await.expect("changed").has_client_secret, "a change keeps the secret");
    stage.client.delete_profile(PROFILE).await.expect("removed");
    let anew = stage.client.put_profile(&again).await.expect("added");
    assert!(!anew.has_client_secret, "a removed profile takes its secret along");
}

/// B-T05: a body that is cut, no object, of a wrong type, or of 64 KiB | `broker.bad_request` with line and column, `broker.too_large`
/// B-T06: a call, a method or a version that is not known | 404 or 405, in the one shape; `broker.version` says which is spoken
#[tokio::test]
async fn what_is_no_call_is_refused_in_the_same_words() {
    let stage = Stage::new().await;
    let large = format!(r#"{{"profile":"{}"}}"#, "x".repeat(64 * 1024));
    for (line, body, status, code) in [
        ("GET /v1/refresh-tokens", "", 404, "broker.unknown_method"),
        ("GET /v2/hello", "", 404, "broker.version"),
        ("GET /v0/hello", "", 404, "broker.version"),
        ("DELETE /v1/hello", "", 405, "broker.unknown_method"),
        ("POST /v1/tokens", "{", 400, "broker.bad_request"),
        ("POST /v1/tokens", "7", 400, "broker.bad_request"),
        ("POST /v1/tokens", r#"{"min_ttl":"long"}"#, 400, "broker.bad_request"),
        ("POST /v1/tokens", &large, 413, "broker.too_large"),
        (
            "PUT /v1/profiles/other",
            r#"{"name":"work","issuer":"https://x.test","client_id":"y"}"#,
            422,
            "config.bad_name",
        ),
        ("POST /v1/sign-ins", r#"{"profile":"nobody"}"#, 404, "config.no_profile"),
        ("GET /v1/sign-ins/nothing", "", 404, "login.unknown"),
        ("GET /v1/sign-ins/%FF", "", 400, "broker.bad_request"),
        ("POST /v1/sign-ins/%FF/address", "", 400, "broker.bad_request"),
        ("DELETE /v1/registrations/%FF", "", 400, "broker.bad_request"),
        ("GET /v1/events?since=soon", "", 400, "broker.bad_request"),
        ("POST /v1/sign-ins", r#"{"profile":"work","timeout":0}"#, 422, "usage.timeout"),
    ] {
        let answer = socket::call(&stage.paths.socket(), line, &[], body).await;
        let json = socket::json(&answer);
        assert_eq!((answer.status, json["error"]["code"].as_str()), (Some(status), Some(code)), "{line}: {json}");
        assert!(
            json["version"] == 1 && json["error"]["message"].as_str().is_some_and(|text| text.ends_with('.')),
            "{json}"
        );
    }
    stage.client.hello().await.expect("the agent is as well as before");
}

/// B-36: a secret in a call that is refused | nothing of the body is in the refusal
#[tokio::test]
async fn a_bad_request_is_refused_without_repeating_what_was_in_it() {
    let stage = Stage::new().await;
    let body = r#"{"name":"work","issuer":"https://x.test","client_id":"y","client_secret":{"CANARY":1}}"#;
    let answer = socket::call(&stage.paths.socket(), "PUT /v1/profiles/work", &[], body).await;
    assert_eq!(answer.status, Some(400));
    assert!(!answer.text.contains("CANARY"), "{}", answer.text);
}

/// B-34: a web page comes over a bridge | `broker.web_page`
#[tokio::test]
async fn web_pages_may_not_call() {
    let stage = Stage::new().await;
    for header in [("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site")] {
        let answer = socket::call(&stage.paths.socket(), "GET /v1/hello", &[header], "").await;
        assert_eq!(
            (answer.status, socket::json(&answer)["error"]["code"].as_str()),
            (Some(403), Some("broker.web_page"))
        );
    }
}

/// B-T04: half a body then silence, a TLS greeting, zeros, HTTP/2, 40 KB of letters | everybody else is served
#[tokio::test]
async fn bytes_that_are_no_http_hurt_nobody_else() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    let mut half = UnixStream::connect(stage.paths.socket()).await.expect("the agent listens");
    half.write_all(b"POST /v1/tokens HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{").await.expect("sent");
    for bytes in [&b"\x16\x03\x01\x02\x00"[..], b"\0\0\0\0", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[b'A'; 40_000]] {
        let mut stream = UnixStream::connect(stage.paths.socket()).await.expect("the agent listens");
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
    stage.token().await.expect("a token for everybody else");
}

#[tokio::test]
async fn a_token_is_the_same_whichever_way_it_takes_through_the_agent() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    let ask = async |headers: &[(&str, &str)], body: &str| {
        let answer = socket::call(&stage.paths.socket(), "POST /v1/tokens", headers, body).await;
        let (head, body) = answer.text.split_once("\r\n\r\n").expect("head and body");
        let is_date = |line: &&str| line.starts_with("date: ") && line.ends_with(" GMT");
        assert_eq!(head.lines().filter(is_date).count(), 1, "{head}");
        let mut head: Vec<String> = head.lines().filter(|line| !is_date(line)).map(str::to_owned).collect();
        head.sort();
        (head, body.to_owned())
    };
    for body in [
        r#"{"profile":"work"}"#,
        r#"{}"#,
        r#"{"profile":"work","account":"ada@example.com","scope":["openid"],"min_ttl":60}"#,
        r#"{"profile":"nobody"}"#,
        r#"{"profile":"work","scope":["write:everything"]}"#,
        r#"{"profile":7}"#,
        r#" {"profile":"work"}"#,
        r#"{"profile":"work","unknown":1}"#,
    ] {
        let short = ask(&[("accept", "*/*")], body).await;
        // Nobody knows this header, so that the router answers.
        let routed = ask(&[("x-unknown", "1")], body).await;
        assert_eq!(short, routed, "{body}");
    }
}

#[tokio::test]
async fn a_kept_connection_may_ask_in_any_order_and_in_pieces() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    let token = r#"{"profile":"work"}"#;
    let token = format!("POST /v1/tokens HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{token}", token.len());
    let hello = "GET /v1/hello HTTP/1.1\r\nhost: x\r\n\r\n";
    let last = token.replace("host: x", "host: x\r\nconnection: close");
    let mut stream = UnixStream::connect(stage.paths.socket()).await.expect("the agent listens");
    let answered = async |stream: &mut UnixStream, count: usize| {
        let mut text = String::new();
        while text.matches("HTTP/1.1 200 OK").count() < count || !text.ends_with('}') {
            let mut bytes = [0; 4096];
            let read = tokio::time::timeout(PATIENCE, stream.read(&mut bytes)).await.expect("in time").expect("read");
            assert!(read > 0, "it was closed after {text}");
            text.push_str(std::str::from_utf8(&bytes[..read]).expect("text"));
        }
        text
    };
    stream.write_all(token.as_bytes()).await.expect("sent");
    assert!(answered(&mut stream, 1).await.contains("access_token"));
    stream.write_all(token.repeat(3).as_bytes()).await.expect("sent");
    assert_eq!(answered(&mut stream, 3).await.matches("access_token").count(), 3);
    for piece in [&token[..20], &token[20..60], &token[60..]] {
        stream.write_all(piece.as_bytes()).await.expect("sent");
        tokio::task::yield_now().await;
    }
    assert!(answered(&mut stream, 1).await.contains("access_token"));
    stream.write_all([hello, &token, hello, &last].concat().as_bytes()).await.expect("sent");
    let rest = answered(&mut stream, 4).await;
    assert_eq!((rest.matches("access_token").count(), rest.matches("\"pid\"").count()), (2, 2), "{rest}");
    assert_eq!(stream.read(&mut [0; 16]).await.expect("read"), 0, "it is closed, as was asked for");
}

/// B-37: programs get tokens | each is in the journal, with the program as the kernel names it, without a value
#[tokio::test]
async fn every_hand_out_is_in_the_journal_on_the_disk_when_the_agent_has_stopped() {
    let home = Household::in_memory(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    for _ in 0..50 {
        agent.client.token(&TokenRequest::for_profile(PROFILE)).await.expect("a token");
    }
    let token = home.doorkey(&["token", PROFILE]).await;
    assert_eq!(token.code, Some(0), "{token:?}");
    agent.terminate().await;
    let text = fs::read_to_string(home.paths().journal().join("journal.jsonl")).expect("the journal");
    let events: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("an event")).collect();
    let numbers: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().expect("a number")).collect();
    assert_eq!(numbers, (1..=events.len() as u64).collect::<Vec<_>>(), "in order, and none is missing");
    let given: Vec<_> = events.iter().filter(|event| event["kind"] == "token_given").collect();
    assert_eq!(given.len(), 51);
    let program = given[50]["program"].as_str().expect("a path");
    // The command asks for whoever called it.
    let this = std::env::current_exe().expect("it is told");
    assert_eq!(Path::new(program), this, "the kernel told who asked");
    assert!(given.iter().all(|event| event["pid"].as_u64() > Some(0) && event["profile"] == PROFILE), "{given:?}");
}

/// B-01: another user of the machine looks for a way in | the socket is 0600, its folder 0700
#[tokio::test]
async fn the_socket_and_its_folder_are_for_this_user_alone() {
    let stage = Stage::new().await;
    let mode = |path: &Path| fs::symlink_metadata(path).expect("it is there").mode() & 0o777;
    assert_eq!(mode(&stage.paths.socket()), 0o600);
    assert_eq!(mode(stage.paths.socket().parent().expect("its folder")), 0o700);
    assert_eq!(mode(&stage.paths.journal()), 0o700);
}

/// B-T02: another user connects, with folder and socket open to all | closed without a byte
#[tokio::test]
async fn another_user_is_told_nothing_even_when_every_door_is_open() {
    let Some(mut curl_as_nobody) = program::as_root("setpriv") else {
        return skipped(
            "another_user_is_told_nothing_even_when_every_door_is_open",
            "only root can become another user",
        );
    };
    let stage = Stage::new().await;
    let socket = stage.paths.socket();
    for path in [stage.folder(), &stage.folder().join("run"), socket.parent().expect("its folder")] {
        fs::set_permissions(path, Permissions::from_mode(0o755)).expect("opened");
    }
    fs::set_permissions(&socket, Permissions::from_mode(0o666)).expect("opened");
    let ask = |mut command: Command| {
        program::alone(&mut command, stage.folder());
        command.args(["--silent", "--verbose", "--unix-socket"]).arg(&socket).arg("http://doorkey/v1/hello");
        program::run(command)
    };
    let own = ask(Command::new("curl")).await;
    assert!(own.code == Some(0) && own.stdout.contains("\"api\":1"), "{own:?}");
    curl_as_nobody.args(["--reuid=65534", "--regid=65534", "--clear-groups", "curl"]);
    let nobody = ask(curl_as_nobody).await;
    assert!(nobody.stdout.is_empty() && nobody.code != Some(0), "{nobody:?}");
    assert!(!nobody.stderr.contains("< HTTP"), "the agent has spoken: {nobody:?}");
    for closed in ["Permission denied", "No such file"] {
        assert!(!nobody.stderr.contains(closed), "a door was not open: {nobody:?}");
    }
}

/// B-02: a socket or a folder that is a link, foreign or open to others | the client names the part, and connects to nothing
/// B-T01: the same | `broker.untrusted_socket`
#[tokio::test]
async fn a_client_sends_nothing_to_a_socket_that_could_be_somebody_elses() {
    type Spoil = fn(&Path);
    let spoils: [(&str, Spoil); 4] = [
        ("others may enter", |socket| {
            fs::set_permissions(socket.parent().expect("its folder"), Permissions::from_mode(0o777)).expect("opened");
        }),
        ("not a folder", |socket| {
            let folder = socket.parent().expect("its folder");
            let elsewhere = folder.with_extension("elsewhere");
            fs::rename(folder, &elsewhere).expect("moved");
            std::os::unix::fs::symlink(&elsewhere, folder).expect("linked");
        }),
        ("not a socket", |socket| {
            let elsewhere = socket.with_extension("elsewhere");
            fs::rename(socket, &elsewhere).expect("moved");
            std::os::unix::fs::symlink(&elsewhere, socket).expect("linked");
        }),
        ("belongs to user", |socket| {
            if rustix::process::geteuid().is_root() {
                std::os::unix::fs::chown(socket, Some(65534), Some(65534)).expect("given away");
            } else {
                fs::set_permissions(socket.parent().expect("its folder"), Permissions::from_mode(0o755))
                    .expect("opened");
            }
        }),
    ];
    for (what, spoil) in spoils {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("agent.sock");
        fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).expect("closed");
        let inner = folder.path().join("run");
        fs::create_dir(&inner).expect("a folder");
        fs::set_permissions(&inner, Permissions::from_mode(0o700)).expect("closed");
        let socket = inner.join(socket.file_name().expect("a name"));
        let listener = UnixListener::bind(&socket).expect("a socket");
        spoil(&socket);

        let error = Client::at(socket).token(&TokenRequest::for_profile(PROFILE)).await.expect_err("not trusted");
        assert!(matches!(error, ClientError::Untrusted { .. }), "{what}: {error}");
        if rustix::process::geteuid().is_root() || what != "belongs to user" {
            assert!(error.to_string().contains(what), "{what}: {error}");
        }
        let nobody = std::future::poll_fn(|cx| std::task::Poll::Ready(listener.poll_accept(cx).is_pending())).await;
        assert!(nobody, "{what}: it connected all the same");
    }
}

#[tokio::test]
async fn updates_begin_with_the_present_and_go_on_without_a_gap() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    let mut updates = stage.client.updates(None).await.expect("the stream");
    let Some(Update::Present(present)) = updates.next().await.expect("it goes on") else {
        panic!("the present is first")
    };
    assert_eq!((present.sessions.len(), present.profiles.len(), present.sign_ins.len()), (1, 1, 0));

    stage.token().await.expect("a token");
    let event = loop {
        match updates.next().await.expect("it goes on").expect("it is open") {
            Update::Event(event) => break event,
            _ => continue,
        }
    };
    assert_eq!(event.seq, present.seq + 1);
    assert!(matches!(event.kind, EventKind::TokenGiven { pid, .. } if pid == std::process::id()), "{event:?}");

    let mut again = stage.client.updates(Some(0)).await.expect("the stream");
    let mut seen = Vec::new();
    while seen.last() != Some(&event.seq) {
        if let Some(Update::Event(past)) = again.next().await.expect("it goes on") {
            seen.push(past.seq);
        }
    }
    assert_eq!(seen, (1..=event.seq).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_falls_behind_gets_the_present_anew_and_holds_up_nobody() {
    const MORE_THAN_ARE_KEPT: usize = 6_000;
    let stage = Stage::new().await;
    let mut slow = UnixStream::connect(stage.paths.socket()).await.expect("the agent listens");
    slow.write_all(b"GET /v1/events HTTP/1.1\r\nhost: doorkey\r\n\r\n").await.expect("sent");
    let mut first = [0_u8; 1];
    slow.read_exact(&mut first).await.expect("the stream has begun");

    let callers: Vec<_> = (0..8)
        .map(|_| {
            let client = stage.client.clone();
            tokio::spawn(async move {
                for _ in 0..MORE_THAN_ARE_KEPT / 8 {
                    refusal(client.token(&TokenRequest::for_profile(PROFILE)).await);
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.expect("the agent goes on meanwhile");
    }
    let mut text = String::new();
    let catching_up = async {
        let mut bytes = [0_u8; 64 * 1024];
        while text.matches(r#""type":"present""#).count() < 2 {
            let read = slow.read(&mut bytes).await.expect("the stream goes on");
            assert!(read > 0, "the agent has given up on the reader");
            text.push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
    };
    tokio::time::timeout(PATIENCE, catching_up).await.expect("the present comes at the start, and after the gap");
}

/// B-T15: one program opens connections without an end | `broker.busy` from the 257th on; other programs are served
#[tokio::test]
async fn one_program_cannot_take_every_place() {
    let stage = Stage::new().await;
    let mut hoard = Vec::new();
    let busy = loop {
        let mut stream = UnixStream::connect(stage.paths.socket()).await.expect("the agent listens");
        let mut answer = [0_u8; 12];
        stream.write_all(b"GET /v1/hello HTTP/1.1\r\nhost: doorkey\r\n\r\n").await.expect("sent");
        stream.read_exact(&mut answer).await.expect("an answer");
        if &answer != b"HTTP/1.1 200" {
            break answer;
        }
        hoard.push(stream);
        assert!(hoard.len() < 2_000, "there is no end");
    };
    assert_eq!(&busy, b"HTTP/1.1 503");
    let other = program::run(program::command(stage.folder(), &["status", "--json"])).await;
    assert_eq!(other.code, Some(0), "another program is served: {other:?}");
    drop(hoard);
}

/// B-T08: the agent is told to stop while a renewal is under way | it is finished, and the caller gets its token
#[tokio::test]
async fn what_was_begun_is_finished_when_the_agent_stops() {
    let stage = Stage::with_life(SHORT).await;
    stage.sign_in().await;
    stage.provider.knobs().set_token_life(LONG);
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    let client = stage.client.clone();
    let caller = tokio::spawn(async move { client.token(&TokenRequest::for_profile(PROFILE)).await });
    let mut updates = stage.client.updates(None).await.expect("the stream");
    assert!(gate.wait_for(1, PATIENCE).await, "the renewal is under way");
    let socket = stage.paths.socket();
    let stopping = tokio::spawn(stage.stop());
    // Streams end as soon as the agent begins to stop; then the provider answers.
    while updates.next().await.is_ok_and(|update| update.is_some()) {}
    gate.release();
    let token = caller.await.expect("it ends").expect("it is served to the end");
    assert!(!exposed(&token.access_token).is_empty());
    stopping.await.expect("it stops");
    assert!(!socket.exists(), "the socket is gone");
}

#[tokio::test]
async fn the_next_owner_starts_where_the_last_one_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = below(folder.path());
    let first = own_or_join(&paths, in_memory()).await.expect("the first");
    let second = own_or_join(&paths, in_memory()).await.expect("the second");
    assert_eq!((first.is_owner(), second.is_owner()), (true, false));
    first.stop().await;
    assert!(matches!(second.client().hello().await, Err(ClientError::NotRunning)));
    let third = own_or_join(&paths, in_memory()).await.expect("the third");
    assert!(third.is_owner());
    second.client().hello().await.expect("a guest finds the new owner at the same place");
    third.stop().await;
}

/// B-05: twenty programs start at once, none of which finds an agent | one of them is it, and the others ask it
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_programs_that_start_at_once_have_one_owner() {
    let home = Household::in_memory(Settings::default()).await;
    let programs: Vec<_> =
        (0..20).map(|_| home.command(&["status", "--json"]).spawn().expect("the program starts")).collect();
    for running in programs {
        let ended = program::ended(running).await;
        assert_eq!((ended.code, ended.stdout.contains(r#""sessions":[]"#)), (Some(0), true), "{ended:?}");
    }
    assert!(!home.paths().socket().exists(), "the last owner has tidied up");
}

/// R-20: whoever held the lock was killed | the next has it at once
/// B-05: a killed agent has left its socket | nobody takes it for an agent, and the next one makes its own
#[tokio::test]
async fn a_socket_left_by_a_dead_owner_is_in_nobodys_way() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, before) = home.agent_with_ada().await;
    let taken = || {
        let lock = fs::File::open(home.paths().vault().join("owner.lock")).expect("the lock is a file");
        lock.try_lock()
    };
    assert!(matches!(taken(), Err(fs::TryLockError::WouldBlock)), "the agent holds it");
    agent.kill().await;
    taken().expect("it ended with its holder");
    assert!(home.paths().socket().exists(), "a killed agent leaves its socket");
    let next = home.agent().await;
    let request = RenewalRequest { profile: Some(PROFILE.to_owned()), account: None };
    assert_eq!(next.client.renew(&request).await.expect("it owns the session").id, before.id);
    next.terminate().await;
}

#[tokio::test]
async fn curl_can_call_it() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    let mut curl = Command::new("curl");
    program::alone(&mut curl, stage.folder());
    curl.args(["--silent", "--unix-socket"]).arg(stage.paths.socket());
    curl.args(["--json", r#"{"profile":"work"}"#, "http://doorkey/v1/tokens"]);
    let ended = program::run(curl).await;
    let answer: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!(answer["access_token"], stage.access_token().await);
    assert_eq!(answer["token_type"], "Bearer");
}
