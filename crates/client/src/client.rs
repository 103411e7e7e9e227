//! The way to the agent: connected, and kept for the next call.

mod calls;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;

use crate::connection::{check_user, inspect, not_connected};
use crate::error::{ClientError, broken, hello, refused};
use crate::events::Updates;
use crate::exchange::{LARGEST_ANSWER, LONGEST_CALL, LONGEST_HELLO, MOST_CONNECTIONS};
use crate::words::Hello;
use crate::{Paths, start};

type Sender = SendRequest<Full<Bytes>>;

const KEPT_CONNECTIONS: usize = 4;

/// The way to the agent. Cheap to make; connects at the first call and keeps its connections.
#[derive(Debug)]
pub struct Client {
    socket: PathBuf,
    idle: Mutex<Vec<Sender>>,
}

impl Client {
    /// The agent of the user whose environment this is.
    ///
    /// # Errors
    /// When the environment does not tell where the socket is.
    pub fn from_env() -> Result<Self, ClientError> {
        Ok(Self::at(Paths::from_env()?.socket()))
    }

    /// The same; where none runs, `doorkey agent` is started, which then stays: the `doorkey` beside this program's own
    /// file, or the first in `PATH`.
    ///
    /// # Errors
    /// Nothing is started beside a socket that cannot be trusted. [`ClientError::NotRunning`] when there is no `doorkey`
    /// to start, [`ClientError::NotStarted`] when it does not serve within ten seconds.
    pub async fn find_or_start() -> Result<Self, ClientError> {
        let client = Self::from_env()?;
        match client.hello().await {
            Err(ClientError::NotRunning) => {}
            answer => return answer.map(|_| client),
        }
        let start = tokio::task::spawn_blocking(|| start::agent(&start::program().ok_or(ClientError::NotRunning)?));
        start.await.map_err(broken)??;
        client.hello().await.map(|_| client)
    }

    /// The agent behind this socket.
    #[must_use]
    pub fn at(socket: PathBuf) -> Self {
        Self { socket, idle: Mutex::new(Vec::new()) }
    }

    /// The socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Who is there, and in what state.
    ///
    /// # Errors
    /// As every call: no agent, not ours, refused, broken or too slow. Ten seconds are too slow for a greeting.
    pub async fn hello(&self) -> Result<Hello, ClientError> {
        hello(self.call_within(LONGEST_HELLO, Method::GET, "/v1/hello", NOTHING).await?)
    }

    /// What the agent begins with is at hand at once; only what comes after it may take any time.
    async fn stream(&self, path: &str) -> Result<Updates, ClientError> {
        let begins = async {
            let response = self.send(Method::GET, path, Bytes::new()).await?.0;
            match response.status() {
                StatusCode::OK => Ok(Updates::new(response.into_body())),
                status => Err(refused(status.as_u16(), &read(response).await?)),
            }
        };
        tokio::time::timeout(LONGEST_HELLO, begins).await.unwrap_or(Err(ClientError::TimedOut))
    }

    async fn call<B: Serialize, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<T, ClientError> {
        self.call_within(LONGEST_CALL, method, path, body).await
    }

    async fn call_within<B: Serialize, T: DeserializeOwned>(
        &self,
        limit: Duration,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<T, ClientError> {
        let body = match body {
            Some(body) => Bytes::from(serde_json::to_vec(body).map_err(broken)?),
            None => Bytes::new(),
        };
        let exchange = async {
            let (response, sender) = self.send(method, path, body).await?;
            let status = response.status();
            let answer = read(response).await?;
            self.keep(sender);
            if status.is_success() {
                let answer: &[u8] = if answer.is_empty() { b"null" } else { &answer };
                serde_json::from_slice(answer).map_err(broken)
            } else {
                Err(refused(status.as_u16(), &answer))
            }
        };
        tokio::time::timeout(limit, exchange).await.unwrap_or(Err(ClientError::TimedOut))
    }

    /// A kept connection may have been closed since: hyper then gives the request back unsent, and it is sent anew. So it
    /// is when the kernel refuses to take it, as it does when the agent stops at this very moment.
    async fn send(&self, method: Method, path: &str, body: Bytes) -> Result<(Response<Incoming>, Sender), ClientError> {
        let request = |body: Bytes| {
            Request::builder()
                .method(method.clone())
                .uri(path)
                .header("host", "doorkey")
                .header("content-type", "application/json")
                .body(Full::new(body))
                .map_err(broken)
        };
        while let Some(mut sender) = self.take() {
            if sender.ready().await.is_err() {
                continue;
            }
            match sender.try_send_request(request(body.clone())?).await {
                Ok(response) => return Ok((response, sender)),
                Err(mut error) => {
                    if error.take_message().is_none() && !was_refused(error.error()) {
                        return Err(broken(error.into_error()));
                    }
                }
            }
        }
        let mut tries = 0;
        loop {
            tries += 1;
            let mut sender = connect(&self.socket).await?;
            match sender.send_request(request(body.clone())?).await {
                Ok(response) => return Ok((response, sender)),
                Err(error) if was_refused(&error) && tries < MOST_CONNECTIONS => {}
                Err(error) => return Err(broken(error)),
            }
        }
    }

    fn take(&self) -> Option<Sender> {
        self.idle.lock().ok()?.pop()
    }

    fn keep(&self, sender: Sender) {
        if let Ok(mut idle) = self.idle.lock()
            && idle.len() < KEPT_CONNECTIONS
        {
            idle.push(sender);
        }
    }
}

/// Connects after checking folder and socket (B-02), and checks who answers before a byte is sent (B-T03).
async fn connect(socket: &Path) -> Result<Sender, ClientError> {
    inspect(socket)?;
    let stream = UnixStream::connect(socket).await.map_err(|error| not_connected(&error))?;
    check_user(stream.peer_cred().map_err(broken)?.uid(), socket)?;
    let (sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| ClientError::Broken(error.to_string()))?;
    // The driver ends with the connection; what went wrong reaches the caller through its own request.
    tokio::spawn(connection);
    Ok(sender)
}

const NOTHING: Option<&()> = None;

/// Whether the kernel refused to take the request: then the agent does not have it, or not the whole of it.
fn was_refused(error: &hyper::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

async fn read(response: Response<Incoming>) -> Result<Bytes, ClientError> {
    let body = Limited::new(response.into_body(), LARGEST_ANSWER);
    Ok(body.collect().await.map_err(broken)?.to_bytes())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// L-T13: the agent hangs | a stream, too, is given up within ten seconds
    #[tokio::test(start_paused = true)]
    async fn an_agent_that_does_not_begin_a_stream_is_too_slow() {
        let ours = std::fs::Permissions::from_mode(0o700);
        let folder = tempfile::Builder::new().permissions(ours).tempdir().expect("a folder");
        let socket = folder.path().join("agent.sock");
        let _nobody_accepts = std::os::unix::net::UnixListener::bind(&socket).expect("it is bound");
        let began = tokio::time::Instant::now();
        let asked = Client::at(socket);
        let told = tokio::time::timeout(Duration::from_secs(60), asked.updates(None)).await.expect("in time");
        assert!(matches!(told, Err(ClientError::TimedOut)), "{told:?}");
        assert!(began.elapsed() < Duration::from_secs(11), "{:?}", began.elapsed());
    }
}
