//! The agent's socket, without the client in between: any language can call it, and anybody may get it wrong.

use std::path::Path;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::PATIENCE;
use crate::stranger::{self, Answer};

/// Sends bytes and reads to the end.
///
/// # Panics
/// When nobody listens, or the connection is kept open for ever.
pub async fn say(socket: &Path, bytes: &[u8]) -> Answer {
    let mut stream = UnixStream::connect(socket).await.expect("the agent listens");
    let mut answer = Vec::new();
    let talk = async {
        let _ = stream.write_all(bytes).await;
        let _ = stream.read_to_end(&mut answer).await;
    };
    tokio::time::timeout(PATIENCE, talk).await.expect("the connection ends");
    stranger::read(&answer)
}

/// One call with a body; the connection is closed after it.
pub async fn call(socket: &Path, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut head = format!("{line} HTTP/1.1\r\nhost: doorkey\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
    say(socket, head.as_bytes()).await
}

/// The JSON of an answer.
///
/// # Panics
/// When its body is none.
#[must_use]
pub fn json(answer: &Answer) -> Value {
    let body = answer.text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {}", answer.text))
}
