//! Tokens over the socket: the same whichever way they take, and each of them noted.

use std::fs;
use std::path::Path;

use doorkey_client::words::TokenRequest;
use doorkey_demo_idp::Settings;
use doorkey_tests::{Household, PATIENCE, PROFILE, Stage, socket};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

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
