//! A way from TCP to the agent's socket, for tools that know no Unix sockets. One request for each connection.

use std::io;
use std::path::{Path, PathBuf};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinHandle;

/// The stream of updates has no end; who waits for one gets it after the present.
const ENDLESS: &str = "GET /v1/events";

/// Forwards until it is dropped.
#[derive(Debug)]
pub struct Forwarder {
    /// Where it listens.
    pub url: String,
    task: JoinHandle<()>,
}

impl Forwarder {
    /// Starts it, on a free port of the loopback interface.
    ///
    /// # Panics
    /// When there is none.
    pub async fn to(socket: &Path) -> Self {
        let socket = socket.to_owned();
        Self::serving(move |stream| {
            let socket = socket.clone();
            tokio::spawn(async move { forward(stream, socket).await });
        })
        .await
    }

    /// One that closes every connection: as a proxy, it lets nothing out of this machine.
    pub async fn to_nowhere() -> Self {
        Self::serving(drop).await
    }

    async fn serving(serve: impl Fn(TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream);
            }
        });
        Self { url, task }
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(mut caller: TcpStream, socket: PathBuf) -> io::Result<()> {
    let mut request = Vec::new();
    let end = loop {
        if let Some(end) = position(&request, b"\r\n\r\n") {
            break end;
        }
        if caller.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    };
    let is_endless = request.starts_with(ENDLESS.as_bytes());
    let agent = UnixStream::connect(socket).await?;
    let request = [&closing(&request[..end]), &request[end..]].concat();
    let (mut from_caller, mut to_caller) = caller.into_split();
    let (mut from_agent, mut to_agent) = agent.into_split();
    // What is refused by its head is answered and closed before its body has been taken.
    tokio::spawn(async move {
        to_agent.write_all(&request).await?;
        tokio::io::copy(&mut from_caller, &mut to_agent).await
    });
    if !is_endless {
        tokio::io::copy(&mut from_agent, &mut to_caller).await?;
        return to_caller.shutdown().await;
    }
    let mut answer = Vec::new();
    // An empty line ends a message, and the end of its chunk follows.
    while position(&answer, b"\n\n\r\n").is_none() && from_agent.read_buf(&mut answer).await? > 0 {}
    if let Some(present) = position(&answer, b"\n\n\r\n") {
        answer.truncate(present + 4);
        answer.extend_from_slice(b"0\r\n\r\n");
    }
    to_caller.write_all(&answer).await?;
    to_caller.shutdown().await
}

/// The head of a request after which the connection ends.
fn closing(head: &[u8]) -> Vec<u8> {
    let mut lines = head.split(|byte| *byte == b'\n');
    let mut closing = lines.next().unwrap_or_default().trim_ascii_end().to_vec();
    closing.extend_from_slice(b"\r\nconnection: close");
    for line in lines.filter(|line| !line.to_ascii_lowercase().starts_with(b"connection:")) {
        closing.extend_from_slice(b"\r\n");
        closing.extend_from_slice(line.trim_ascii_end());
    }
    closing
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
