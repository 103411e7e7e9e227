//! The stream of updates: without a gap, and nobody waits for its readers.

use doorkey_client::words::{EventKind, TokenRequest, Update};
use doorkey_tests::stage::refusal;
use doorkey_tests::{PATIENCE, PROFILE, Stage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

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
