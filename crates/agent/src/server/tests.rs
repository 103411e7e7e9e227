//! The bounds of a connection. Its clock runs ahead whenever nobody has anything to do.

use std::sync::Arc;

use axum::routing::{get, post};
use axum::{Json, Router};
use doorkey_client::words::{ErrorBody, TokenRequest};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::{Duration, Instant};

use super::asked::Body;
use super::connection;
use super::guards::guarded;
use crate::peer::Peer;

/// B-30: a connection on which nothing is said, or half a head | closed after 30 seconds
#[tokio::test(start_paused = true)]
async fn who_does_not_finish_a_head_is_left() {
    for said in ["", "GET /v1/word HTTP/1.1\r\nhost: x\r\n"] {
        let began = Instant::now();
        let mut caller = connected(LARGE);
        caller.write_all(said.as_bytes()).await.expect("taken");
        assert_eq!(rest(&mut caller).await, "", "{said}");
        assert_eq!(began.elapsed().as_secs(), 30, "{said}");
    }
}

/// B-30: a kept connection on which nothing more is said | closed after 30 seconds
#[tokio::test(start_paused = true)]
async fn who_says_nothing_more_is_left() {
    let began = Instant::now();
    let mut caller = connected(LARGE);
    caller.write_all(b"GET /v1/word HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("taken");
    assert!(rest(&mut caller).await.starts_with("HTTP/1.1 200 OK"));
    assert_eq!(began.elapsed().as_secs(), 30);
}

/// B-30: a body that stops halfway | `broker.too_slow` after 10 seconds, and the connection is closed
#[tokio::test(start_paused = true)]
async fn who_does_not_finish_a_body_is_told_and_left() {
    for length in ["content-length: 100", "transfer-encoding: chunked"] {
        let began = Instant::now();
        let mut caller = connected(LARGE);
        let head = format!("POST /v1/word HTTP/1.1\r\nhost: x\r\n{length}\r\n\r\n2\r\n{{\"");
        caller.write_all(head.as_bytes()).await.expect("taken");
        let answer = rest(&mut caller).await;
        assert_refused(&answer, 408, "broker.too_slow");
        assert_eq!(began.elapsed().as_secs(), 10, "{length}");
    }
}

/// B-30: an answer that nobody reads | the connection is closed after a minute
#[tokio::test(start_paused = true)]
async fn who_takes_nothing_of_an_answer_is_left() {
    let began = Instant::now();
    // So few bytes wait on the way.
    let mut caller = connected(64);
    let calls = "GET /v1/word HTTP/1.1\r\nhost: x\r\n\r\n";
    caller.write_all(calls.as_bytes()).await.expect("taken");
    tokio::time::sleep(Duration::from_secs(61)).await;
    let answer = rest(&mut caller).await;
    assert!(answer.len() == 64 && answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(began.elapsed() < Duration::from_secs(62), "the rest was not waited for");
}

/// B-30: a head of over 16 KiB or 64 lines, an address of over 8 KiB, a body of over 64 KiB | `broker.too_large`
#[tokio::test(start_paused = true)]
async fn what_is_too_large_is_told_so() {
    let long = "x".repeat(9 * 1024);
    let many = (0..70).map(|n| format!("x-{n}: 1\r\n")).collect::<String>();
    for (status, request) in [
        (431, format!("GET /v1/word HTTP/1.1\r\na: {long}\r\nb: {long}\r\n\r\n")),
        (431, format!("GET /v1/word HTTP/1.1\r\n{many}\r\n")),
        (414, format!("GET /v1/word?{long} HTTP/1.1\r\n\r\n")),
        (413, "POST /v1/word HTTP/1.1\r\ncontent-length: 4294967296\r\n\r\n{".to_owned()),
        (413, format!("POST /v1/word HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n10001\r\n{}", " ".repeat(65_537))),
    ] {
        let mut caller = connected(LARGE);
        // It may be refused before all of it is there.
        let _ = caller.write_all(request.as_bytes()).await;
        assert_refused(&rest(&mut caller).await, status, "broker.too_large");
    }
}

/// B-T04: a head without an end, a protocol that is not HTTP/1.1, a length that is none | a bare 400 or 431, and closed
#[tokio::test(start_paused = true)]
async fn what_is_no_http_is_closed() {
    let endless = format!("GET / HTTP/1.1\r\nx: {}", "x".repeat(80 * 1024));
    for (bytes, status) in [
        (endless.as_str(), "HTTP/1.1 431 "),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ""),
        ("\0\0\0\u{1}{}", "HTTP/1.1 400 "),
        ("POST /v1/word HTTP/1.1\r\ncontent-length: -1\r\n\r\n", "HTTP/1.1 400 "),
        ("POST /v1/word HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}", "HTTP/1.1 400 "),
    ] {
        let mut caller = connected(LARGE);
        // It may be closed before all of it is there.
        let _ = caller.write_all(bytes.as_bytes()).await;
        let answer = rest(&mut caller).await;
        let shown: String = bytes.chars().take(40).collect();
        assert!(answer.starts_with(status) && !answer.contains("200 OK"), "{shown:?}: {answer}");
    }
}

/// B-T04: a request byte by byte, and two in one go | both are answered
#[tokio::test(start_paused = true)]
async fn requests_may_come_in_any_pieces() {
    let request = "POST /v1/word HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}";
    let mut caller = connected(LARGE);
    for byte in request.bytes() {
        caller.write_all(&[byte]).await.expect("taken");
        tokio::task::yield_now().await;
    }
    caller.write_all(request.repeat(2).as_bytes()).await.expect("taken");
    let answers = rest(&mut caller).await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3, "{answers}");
}

/// B-34: a form, or a text, as a web page can send it to anywhere | `broker.wrong_content_type`
#[tokio::test(start_paused = true)]
async fn only_json_is_taken() {
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let request = format!("POST /v1/word HTTP/1.1\r\ncontent-type: {kind}\r\ncontent-length: 2\r\n\r\n{{}}");
        let mut caller = connected(LARGE);
        caller.write_all(request.as_bytes()).await.expect("taken");
        assert_refused(&rest(&mut caller).await, 415, "broker.wrong_content_type");
    }
}

const LARGE: usize = 1024 * 1024;

fn connected(room: usize) -> DuplexStream {
    async fn word(Body(_): Body<TokenRequest>) -> Json<u8> {
        Json(1)
    }
    let large = "x".repeat(100 * 1024);
    let large = get(async || large);
    let routes = guarded(Router::new().route("/v1/word", post(word).merge(large)));
    let (here, there) = tokio::io::duplex(room);
    let (reader, writer) = tokio::io::split(there);
    let peer = Arc::new(Peer::unknown());
    tokio::spawn(connection::http(reader, writer, peer, routes));
    here
}

async fn rest(caller: &mut DuplexStream) -> String {
    let mut bytes = Vec::new();
    let _ = caller.read_to_end(&mut bytes).await;
    String::from_utf8(bytes).expect("text")
}

fn assert_refused(answer: &str, status: u16, code: &str) {
    let shown = &answer[..answer.len().min(300)];
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{shown}");
    let (_, body) = answer.split_once("\r\n\r\n").expect("head and body");
    let body: ErrorBody = serde_json::from_str(body).unwrap_or_else(|fault| panic!("{fault}: {shown}"));
    assert_eq!(body.error.code, code);
}
