//! Real sockets on loopback, one rule each; what holds for all bytes, over a pipe.

mod any_bytes;
mod binding;
mod form;
mod hostile;
mod life;
mod pages;

use std::future::{Future, pending};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Ignored, Loopback, Page, Parameters, RedirectHost, ResponseMode, Verdict, WaitError, Wanted};

/// A listener that waits for `state=good` on `/cb`, and what came of it.
struct Running {
    port: u16,
    ignored: Arc<Mutex<Vec<Ignored>>>,
    judged: Arc<Mutex<Vec<String>>>,
    waiting: JoinHandle<Result<String, WaitError>>,
}

fn wanted() -> Wanted {
    Wanted { host: RedirectHost::V4, ports: Vec::new(), path: "/cb".into(), mode: ResponseMode::Query }
}

fn start() -> Running {
    start_with(&wanted(), pending())
}

fn start_with(wanted: &Wanted, deadline: impl Future<Output = ()> + Send + 'static) -> Running {
    let loopback = Loopback::bind_now(wanted).expect("a listener");
    let port = loopback.port();
    let (ignored, judged) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<Mutex<Vec<_>>>::default());
    let (on_ignored, on_judged) = (ignored.clone(), judged.clone());
    let waiting = tokio::spawn(loopback.wait(
        move |parameters| {
            on_judged.lock().expect("no panic").push(text(parameters).to_owned());
            judge(parameters)
        },
        move |it| on_ignored.lock().expect("no panic").push(it),
        deadline,
    ));
    Running { port, ignored, judged, waiting }
}

/// A port that nobody listens on, each time another one: from below the range that systems draw from by themselves, so
/// that no other test gets it in the meantime. It is not bound to find out: a copy of that could live on for a moment.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 8_000).expect("below 8000");
    let mut candidates = std::iter::repeat_with(|| first + NEXT.fetch_add(1, Relaxed)).take(1_000);
    let free = |port: &u16| ["127.0.0.1", "::1"].iter().all(|ip| std::net::TcpStream::connect((*ip, *port)).is_err());
    candidates.find(free).expect("a free port among a thousand")
}

/// Both families of it can be had by anybody, as soon as no program that another test starts holds a copy any more.
async fn assert_free(port: u16) {
    let wanted = Wanted { ports: vec![port], ..wanted() };
    Loopback::bind(&wanted).await.expect("the port is free");
}

/// Stands in for the rules of OAuth: `state` decides whether, `error` how it ends.
fn judge(parameters: &Parameters) -> Verdict<String> {
    let query = text(parameters);
    let has = |wanted: &str| query.split('&').any(|pair| pair == wanted);
    let hint = query.split('&').find_map(|pair| pair.strip_prefix("error=")).map(str::to_owned);
    match (has("state=good"), hint) {
        (false, hint) => Verdict::NotOurs { reason: "another state", hint },
        (true, None) => Verdict::Ours { value: query.to_owned(), page: Page::Received },
        (true, Some(error)) if error == "access_denied" => Verdict::Ours { value: error, page: Page::Declined },
        (true, Some(error)) => Verdict::Ours { value: error, page: Page::Refused { code: "callback.provider_error" } },
    }
}

fn text(parameters: &Parameters) -> &str {
    match parameters {
        Parameters::Query(query) => query,
        Parameters::Form(body) => std::str::from_utf8(body).expect("tests post UTF-8"),
    }
}

impl Running {
    fn v4(&self) -> SocketAddr {
        format!("127.0.0.1:{}", self.port).parse().expect("an address")
    }

    fn v6(&self) -> SocketAddr {
        format!("[::1]:{}", self.port).parse().expect("an address")
    }

    /// A GET as a plain client sends it.
    async fn asks(&self, target: &str) -> Reply {
        self.says(&format!("GET {target} HTTP/1.1\r\nHost: {}\r\n\r\n", self.v4())).await
    }

    async fn says(&self, bytes: &str) -> Reply {
        say(self.v4(), bytes.as_bytes()).await
    }

    fn reasons(&self) -> Vec<&'static str> {
        self.ignored.lock().expect("no panic").iter().map(|ignored| ignored.reason).collect()
    }

    /// The sign-in still works: whatever was done before had no effect.
    async fn still_waits(self) {
        assert!(!self.waiting.is_finished(), "the wait is over already");
        assert_eq!(self.asks("/cb?code=c&state=good").await.status, 303);
        let answer = timeout(PATIENCE, self.waiting).await.expect("the wait ends").expect("no panic");
        assert_eq!(answer, Ok("code=c&state=good".to_owned()));
    }
}

/// What came back; status 0 when nothing did.
struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// More than anything here takes on a busy machine; only a defect waits this long.
const PATIENCE: Duration = Duration::from_secs(30);

async fn say(to: SocketAddr, bytes: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(to).await.expect("a connection");
    // The other side may close before it has read everything.
    let _ = stream.write_all(bytes).await;
    hear(&mut stream).await
}

async fn hear(stream: &mut TcpStream) -> Reply {
    let mut bytes = Vec::new();
    let reading = async {
        let mut chunk = [0; 4096];
        while let Ok(read @ 1..) = stream.read(&mut chunk).await {
            bytes.extend_from_slice(&chunk[..read]);
        }
    };
    timeout(PATIENCE, reading).await.expect("the other side closes");
    let text = String::from_utf8(bytes).expect("answers are UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    Reply { status, head: head.to_owned(), body: body.to_owned() }
}
