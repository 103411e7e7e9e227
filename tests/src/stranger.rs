//! Whatever else reaches a port on loopback: raw bytes in, raw bytes out.

use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

use crate::PATIENCE;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Nothing when the connection was closed without an answer.
    pub status: Option<u16>,
    /// Head and body.
    pub text: String,
}

impl Answer {
    /// The value of a header, by its name in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (head, _) = self.text.split_once("\r\n\r\n")?;
        head.lines().skip(1).find_map(|line| {
            let (given, value) = line.split_once(':')?;
            given.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// What stands behind the head.
    #[must_use]
    pub fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}

/// A connection that says nothing, as browsers open ahead of time.
///
/// # Panics
/// When nobody listens.
pub async fn silent(port: u16) -> TcpStream {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.expect("somebody listens")
}

/// Sends bytes and reads to the end.
///
/// # Panics
/// When nobody listens, or the other side keeps the connection open for ever.
pub async fn say(port: u16, bytes: &[u8]) -> Answer {
    let mut stream = silent(port).await;
    let mut answer = Vec::new();
    let talk = async {
        // The other side may close before it has heard all; what it said counts.
        let _ = stream.write_all(bytes).await;
        let _ = stream.read_to_end(&mut answer).await;
    };
    tokio::time::timeout(PATIENCE, talk).await.expect("the connection ends");
    read(&answer)
}

/// Sends a request with these headers beside `Host`.
pub async fn request(method: &str, url: &Url, headers: &[(&str, &str)]) -> Answer {
    let host = format!("{}:{}", url.host_str().unwrap_or_default(), url.port().unwrap_or(80));
    request_as(&host, method, url, headers).await
}

/// The same under another name.
pub async fn request_as(host: &str, method: &str, url: &Url, headers: &[(&str, &str)]) -> Answer {
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    say(url.port().unwrap_or(80), head.as_bytes()).await
}

/// A person's browser goes there.
pub async fn visit(url: &Url) -> Answer {
    request("GET", url, &[("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]).await
}

/// Raw bytes as an answer.
#[must_use]
pub fn read(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let status = text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok());
    Answer { status, text }
}
