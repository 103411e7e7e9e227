//! One connection: at most one request, one answer, and a clean end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::page::{self, Answer, Language};
use super::peer::{self, Peer};
use super::request::{Expected, Triage, triage};
use super::stray::Stray;
use super::wire::{Facts, Wire};
use super::{Ignored, Page, Parameters, form};

/// A head must be here by then (L-24).
const HEAD_TIME: Duration = Duration::from_secs(5);
/// All of a request must be over by then (L-24).
const WHOLE_TIME: Duration = Duration::from_secs(10);
/// How long the other side may take to close after its answer (L-27).
const DRAIN_TIME: Duration = Duration::from_secs(1);
/// How much of what it still sends is thrown away before the connection is closed on it (C-22).
const DRAIN_MOST: u64 = 1024 * 1024;
/// Head size: request line and headers (L-25).
const MAX_HEAD: usize = 16 * 1024;
const MAX_HEADERS: usize = 64;
/// Strays per attempt that get a full answer and a line in the journal (L-13).
const MAX_STRAYS: usize = 200;

/// What all connections of one attempt share.
pub(super) struct Desk {
    expected: Expected,
    news: mpsc::Sender<News>,
    landed: OnceLock<Page>,
    strays: AtomicUsize,
}

/// What a connection has to tell.
pub(super) enum News {
    /// Parameters for the judge.
    Candidate {
        /// Raw; they may hold the code.
        parameters: Parameters,
        /// The two ends of its connection.
        ends: Option<Ends>,
        /// What is to be answered.
        answer: oneshot::Sender<Answer>,
    },
    /// Something without effect.
    Ignored(Ignored),
}

/// The two ends of a connection.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    client: SocketAddr,
    server: SocketAddr,
}

impl Ends {
    pub(super) fn of(stream: &TcpStream, peer: SocketAddr) -> Option<Self> {
        stream.local_addr().ok().map(|server| Self { client: peer, server })
    }

    /// Whether another user of this machine connected. Looks through all connections of the machine, so it
    /// is asked last.
    pub(super) fn are_foreign(self) -> bool {
        peer::who(self.client, self.server) == Peer::Foreign
    }
}

impl Desk {
    pub(super) fn new(expected: Expected, news: mpsc::Sender<News>) -> Self {
        Self { expected, news, landed: OnceLock::new(), strays: AtomicUsize::new(0) }
    }

    /// The answer is here; from now on nothing is judged.
    pub(super) fn land(&self, page: Page) {
        self.landed.set(page).expect("an attempt is answered once");
    }

    /// Counts a stray. After the limit it is neither reported nor answered at length; the answer to the
    /// sign-in is served all the same.
    pub(super) fn turn_away(&self, stray: Stray, ignored: Ignored) -> (Answer, Option<Ignored>) {
        let count = self.strays.fetch_add(1, Relaxed) + 1;
        let report = match count {
            _ if self.landed.get().is_some() => None,
            ..=MAX_STRAYS => Some(ignored),
            count if count == MAX_STRAYS + 1 => {
                Some(Ignored { reason: "a flood of unexpected requests; more of them are not listed", hint: None })
            }
            _ => None,
        };
        (if count > MAX_STRAYS { Answer::TooMany } else { Answer::Stray(stray) }, report)
    }

    async fn stray(&self, stray: Stray) -> Answer {
        let (answer, report) = self.turn_away(stray, Ignored { reason: stray.reason(), hint: None });
        if let Some(ignored) = report {
            // Nobody listens any more: then nobody needs to know.
            let _ = self.news.send(News::Ignored(ignored)).await;
        }
        answer
    }

    async fn candidate(&self, parameters: Parameters, ends: Option<Ends>) -> Answer {
        if let Some(page) = self.landed.get() {
            return Answer::SeeOther(*page);
        }
        let (answer, answered) = oneshot::channel();
        // The receiving end goes away only together with this connection.
        let _ = self.news.send(News::Candidate { parameters, ends, answer }).await;
        answered.await.unwrap_or(Answer::Stray(Stray::NotOurs))
    }
}

/// Serves one connection to its end. Tells whether the browser was given the last page of a sign-in.
pub(super) async fn serve<S>(stream: S, ends: Option<Ends>, desk: &Desk, facts: Arc<Facts>) -> bool
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let page_seen = AtomicBool::new(false);
    let service = service_fn(|request: Request<Incoming>| {
        let (facts, page_seen) = (&facts, &page_seen);
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let language = Language::of(&head.headers);
            let answer = match triage(&head, &desk.expected) {
                _ if facts.bare_line_feed() => desk.stray(Stray::Malformed).await,
                Triage::Stray(stray) => desk.stray(stray).await,
                Triage::Page(path) => match desk.landed.get().filter(|page| page.path() == path) {
                    Some(page) => Answer::Page(*page),
                    None => desk.stray(Stray::WrongPath).await,
                },
                Triage::Candidate(query) => {
                    desk.candidate(Parameters::Query(Zeroizing::new(query.to_owned())), ends).await
                }
                Triage::Form => match desk.landed.get() {
                    Some(page) => Answer::SeeOther(*page),
                    None => match form::read(body).await {
                        Ok(form) => desk.candidate(Parameters::Form(form), ends).await,
                        Err(stray) => desk.stray(stray).await,
                    },
                },
            };
            page_seen.store(matches!(answer, Answer::Page(_)), Relaxed);
            facts.answer();
            Ok::<_, Infallible>(page::response(answer, language))
        })
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .keep_alive(false)
        .half_close(true)
        .serve_connection(TokioIo::new(Wire::new(stream, facts.clone())), service);
    let outcome = timeout(WHOLE_TIME, poll_fn(|cx| connection.poll_without_shutdown(cx))).await;
    let mut stream = connection.into_parts().io.into_inner().into_stream();

    if !facts.answered()
        && let Some(stray) = failure(&facts, outcome)
    {
        let answer = desk.stray(stray).await;
        facts.answer();
        if stray.status().is_some() {
            // A side that does not read its answer loses it.
            let _ = timeout(DRAIN_TIME, stream.write_all(&page::bytes(answer))).await;
        }
    }
    drain(&mut stream).await;
    page_seen.into_inner()
}

/// Why there was no answer of ours; `None` for a connection that never spoke, such as a browser's
/// preconnect.
fn failure(facts: &Facts, outcome: Result<hyper::Result<()>, tokio::time::error::Elapsed>) -> Option<Stray> {
    if !facts.heard() {
        return None;
    }
    match outcome {
        _ if facts.began_with_tls() => Some(Stray::Tls),
        Err(_elapsed) => Some(Stray::Slow),
        Ok(Ok(())) => Some(Stray::CutOff),
        Ok(Err(error)) if error.is_timeout() => Some(Stray::Slow),
        Ok(Err(error)) if error.is_parse_version_h2() => Some(Stray::Http2),
        Ok(Err(error)) if error.is_parse_too_large() => Some(Stray::HeadTooLarge),
        Ok(Err(error)) if error.is_parse() => Some(Stray::Malformed),
        Ok(Err(_)) => Some(Stray::CutOff),
    }
}

/// Says goodbye and reads what is still under way: closing with unread bytes would reset the connection,
/// and the other side might lose its answer (L-27).
async fn drain(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    let draining = async {
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(DRAIN_MOST), &mut tokio::io::sink()).await
    };
    // Whatever happens here, the connection is over.
    let _ = timeout(DRAIN_TIME, draining).await;
}
