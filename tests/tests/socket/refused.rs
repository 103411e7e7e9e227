//! What is no call of ours is refused, and hurts nobody else.

use doorkey_tests::{Stage, program, socket};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

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
        ("GET /v1/journal?before=now", "", 400, "broker.bad_request"),
        ("GET /v1/journal?limit=0", "", 400, "broker.bad_request"),
        ("GET /v1/journal?limit=1001", "", 400, "broker.bad_request"),
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
