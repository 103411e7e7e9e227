//! The redirect listener: waits on loopback for the provider's answer to one sign-in (RFC 8252 section 7.3).
//!
//! It listens before the browser opens, and nothing that reaches it ends or changes a sign-in unless
//! method, path, Host and the judge (who knows `state`) all agree. It knows no OAuth: what the parameters mean
//! is for the judge to say.
//!
//! What is deliberately absent: keep-alive, request bodies where no form was asked for, CORS, cookies, scripts, and
//! any text of a request in an answer.

mod connection;
mod farewell;
mod form;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod in_memory;
mod page;
mod peer;
mod refusals;
mod request;
mod sockets;
mod stray;
#[cfg(test)]
mod tests;
mod wire;
mod words;

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use doorkey_client::words::RedirectHost;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until};
use url::Url;
use zeroize::Zeroizing;

pub(crate) use farewell::last_pages_served;
pub(crate) use page::Page;
pub(crate) use refusals::{BindError, WaitError};

use connection::{Desk, Ends, News};
use page::Answer;
use request::Expected;
use sockets::Sockets;
use stray::Stray;
use wire::Facts;

/// Connections served at once; the next one takes the place of the oldest that says nothing (L-13).
const MAX_OPEN: usize = 16;
/// No connection loses its place younger than this, so that a flood cannot push out a browser between
/// its connect and its request (C-20).
const GRACE: Duration = Duration::from_millis(20);
/// Pause after `accept` failed, such as for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long a program that is being started may hold copies of our descriptors, on a busy machine.
const COPIES_LAST: Duration = Duration::from_millis(400);

/// Pause before ports that look taken are tried again.
const TRIED_AGAIN: Duration = Duration::from_millis(20);

/// The redirect address a sign-in wants.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// How the URI names this machine.
    pub(crate) host: RedirectHost,
    /// Ports to try in order; empty means any free one.
    pub(crate) ports: Vec<u16>,
    /// The raw path, compared byte for byte; begins with `/`.
    pub(crate) path: String,
    /// How the answer was asked for.
    pub(crate) mode: ResponseMode,
}

/// How the answer arrives; in any other way it does not count (L-23).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ResponseMode {
    /// In the address of a GET (RFC 6749 section 4.1.2).
    Query,
    /// In the body of a POST (OAuth 2.0 Form Post Response Mode).
    FormPost {
        /// Of the pages that may post it, as browsers name them in `Origin`.
        origins: Vec<String>,
    },
}

/// What arrived in the way that was asked for: raw, for the judge. It may hold the code.
pub(crate) enum Parameters {
    /// What stands behind the `?`.
    Query(Zeroizing<String>),
    /// The body of a URL-encoded form, 64 KiB at most.
    Form(Zeroizing<Vec<u8>>),
}

impl Parameters {
    /// As they came, URL-encoded.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Query(query) => query.as_bytes(),
            Self::Form(body) => body,
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Query(query) => query.is_empty(),
            Self::Form(body) => body.is_empty(),
        }
    }
}

/// A listener that is bound and listening, on 127.0.0.1 and on `[::1]`. Dropping it closes both at once.
pub(crate) struct Loopback {
    sockets: Sockets,
    redirect_uri: Url,
    path: String,
    mode: ResponseMode,
    host: RedirectHost,
}

/// What the judge says about parameters.
pub(crate) enum Verdict<T> {
    /// It answers this sign-in, well or badly: the wait ends, the browser sees `page`.
    Ours {
        /// What the wait returns.
        value: T,
        /// What the person sees.
        page: Page,
    },
    /// It has no effect; the wait goes on.
    NotOurs {
        /// Why, for the journal: never words of the request.
        reason: &'static str,
        /// Words of the request that may help the person, not to be trusted (L-21).
        hint: Option<String>,
    },
}

/// Something reached the listener and had no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ignored {
    /// Why, in a few words without anything of the request.
    pub(crate) reason: &'static str,
    /// What the judge gave as [`Verdict::NotOurs`]'s hint.
    pub(crate) hint: Option<String>,
}

impl Loopback {
    /// Binds and listens on both families and the same port. Ports that look taken are tried again for a moment: a
    /// program that somebody starts holds copies of all descriptors until it has begun, those of a listener that was
    /// closed in that moment too.
    ///
    /// # Errors
    /// [`BindError`]: the ports are taken or not allowed, the system does not let us listen, or there is
    /// no loopback address of the family wanted.
    pub(crate) async fn bind(wanted: &Wanted) -> Result<Self, BindError> {
        let given_up = Instant::now() + COPIES_LAST;
        loop {
            match Self::bind_now(wanted) {
                Err(BindError::NoPort { .. } | BindError::PortTakenV6 { .. }) if Instant::now() < given_up => {
                    sleep(TRIED_AGAIN).await;
                }
                bound => return bound,
            }
        }
    }

    /// The same at the first try. Must be called within a tokio runtime.
    fn bind_now(wanted: &Wanted) -> Result<Self, BindError> {
        let sockets = sockets::bind(&wanted.ports)?;
        let redirect_uri =
            Url::parse(&format!("http://{}:{}{}", sockets.host(wanted.host), sockets.port(), wanted.path))
                .ok()
                .filter(|url| url.path() == wanted.path && url.query().is_none() && url.fragment().is_none())
                .filter(|_| !Page::PATHS.contains(&wanted.path.as_str()))
                .ok_or(BindError::Path)?;
        Ok(Self { sockets, redirect_uri, path: wanted.path.clone(), mode: wanted.mode.clone(), host: wanted.host })
    }

    /// The redirect URI to register and to send, with the port that is held.
    pub(crate) fn redirect_uri(&self) -> &Url {
        &self.redirect_uri
    }

    /// The port that is held on both families.
    #[cfg(test)]
    pub(crate) fn port(&self) -> u16 {
        self.sockets.port()
    }

    /// Serves until the judge calls parameters ours, or `deadline` is over. The first such are consumed;
    /// for a few seconds more its page, and replays of it, are served in the background, without effect.
    /// Dropping the future closes all sockets at once.
    ///
    /// `judge` sees the raw parameters of each request with the right method, path and Host; it is asked again if
    /// it called some ours that another user of this machine sent. `on_ignored` hears of everything else, up to
    /// a limit per attempt.
    ///
    /// # Errors
    /// [`WaitError::TimedOut`] once `deadline` resolves.
    pub(crate) async fn wait<T>(
        self,
        judge: impl FnMut(&Parameters) -> Verdict<T>,
        on_ignored: impl FnMut(Ignored),
        deadline: impl Future<Output = ()>,
    ) -> Result<T, WaitError> {
        Attempt::new(self).wait(judge, on_ignored, deadline).await
    }
}

impl Attempt {
    /// See [`Loopback::wait`].
    async fn wait<T>(
        self,
        mut judge: impl FnMut(&Parameters) -> Verdict<T>,
        mut on_ignored: impl FnMut(Ignored),
        deadline: impl Future<Output = ()>,
    ) -> Result<T, WaitError> {
        tokio::pin!(deadline);
        let mut attempt = self;
        loop {
            let news = tokio::select! {
                biased;
                () = &mut deadline => return Err(WaitError::TimedOut),
                news = attempt.next() => news,
            };
            match news {
                News::Ignored(ignored) => on_ignored(ignored),
                News::Candidate { parameters, ends, answer } => {
                    let (stray, ignored) = match judge(&parameters) {
                        Verdict::Ours { value, page } if !ends.is_some_and(Ends::are_foreign) => {
                            attempt.desk.land(page);
                            // The connection may be gone; the verdict stands (C-24).
                            let _ = answer.send(Answer::SeeOther(page));
                            farewell::linger(attempt, page);
                            return Ok(value);
                        }
                        Verdict::Ours { .. } => {
                            (Stray::ForeignUser, Ignored { reason: Stray::ForeignUser.reason(), hint: None })
                        }
                        Verdict::NotOurs { reason, hint } => {
                            let stray = if parameters.is_empty() { Stray::NoAnswer } else { Stray::NotOurs };
                            (stray, Ignored { reason, hint })
                        }
                    };
                    let (turned_away, report) = attempt.desk.turn_away(stray, ignored);
                    let _ = answer.send(turned_away);
                    if let Some(ignored) = report {
                        on_ignored(ignored);
                    }
                }
            }
        }
    }
}

/// The two sockets with what others may need of them: the port, and whether the last page was seen.
struct Door {
    port: u16,
    sockets: Mutex<Option<Sockets>>,
    page_seen: watch::Sender<bool>,
}

impl Door {
    fn close(&self) {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        match self.sockets.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(sockets) => sockets.poll_accept(cx),
            None => Poll::Pending,
        }
    }
}

/// One running attempt. All of it lives in one future, so dropping that closes everything in the same moment.
struct Attempt {
    door: Arc<Door>,
    desk: Arc<Desk>,
    news: mpsc::Receiver<News>,
    connections: FuturesUnordered<BoxFuture<'static, ()>>,
    places: Vec<Place>,
}

/// A connection's place among the [`MAX_OPEN`]; dropping it ends the connection.
struct Place {
    end: oneshot::Sender<()>,
    facts: Arc<Facts>,
    since: Instant,
}

enum Room {
    Free,
    /// At the cost of this place.
    Instead(usize),
    /// Not before this moment.
    After(Instant),
}

impl Attempt {
    fn new(loopback: Loopback) -> Self {
        let Loopback { sockets, path, mode, host, redirect_uri: _ } = loopback;
        let port = sockets.port();
        Self::behind(
            Door { port, sockets: Mutex::new(Some(sockets)), page_seen: watch::Sender::new(false) },
            Expected::new(host, port, path, mode),
        )
    }

    fn behind(door: Door, expected: Expected) -> Self {
        let (tell, news) = mpsc::channel(MAX_OPEN);
        Self {
            door: Arc::new(door),
            desk: Arc::new(Desk::new(expected, tell)),
            news,
            connections: FuturesUnordered::new(),
            places: Vec::new(),
        }
    }

    /// Accepts and serves until there is something to tell. Nothing is lost when it is dropped half-way.
    async fn next(&mut self) -> News {
        loop {
            self.places.retain(|place| !place.end.is_closed());
            let room = self.room();
            tokio::select! {
                biased;
                news = self.news.recv() => return news.expect("the desk holds a sender"),
                _ = self.connections.next(), if !self.connections.is_empty() => {}
                () = until(&room) => {}
                accepted = poll_fn(|cx| self.door.poll_accept(cx)), if !matches!(room, Room::After(_)) => match accepted {
                    Ok((stream, peer)) => {
                        let ends = Ends::of(&stream, peer);
                        self.admit(stream, ends, &room);
                    }
                    Err(_) => sleep(ACCEPT_PAUSE).await,
                },
            }
        }
    }

    fn room(&self) -> Room {
        if self.places.len() < MAX_OPEN {
            return Room::Free;
        }
        // An answered connection only waits for the other side to close; then come those that never spoke.
        let rank = |place: &Place| (!place.facts.answered(), place.facts.heard(), place.since);
        let now = Instant::now();
        let ripe = |place: &Place| place.facts.answered() || now >= place.since + GRACE;
        let oldest =
            self.places.iter().enumerate().filter(|(_, place)| ripe(place)).min_by_key(|(_, place)| rank(place));
        match (oldest, self.places.iter().map(|place| place.since).min()) {
            (Some((index, _)), _) => Room::Instead(index),
            (None, Some(since)) => Room::After(since + GRACE),
            (None, None) => Room::Free,
        }
    }

    fn admit<S>(&mut self, stream: S, ends: Option<Ends>, room: &Room)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        if let Room::Instead(index) = room {
            self.places.remove(*index);
        }
        let (end, ended) = oneshot::channel();
        let facts = Arc::new(Facts::default());
        self.places.push(Place { end, facts: facts.clone(), since: Instant::now() });
        let (desk, door) = (self.desk.clone(), self.door.clone());
        self.connections.push(Box::pin(async move {
            tokio::select! {
                biased;
                _ = ended => {}
                page_seen = connection::serve(stream, ends, &desk, facts) => {
                    if page_seen {
                        door.page_seen.send_replace(true);
                    }
                }
            }
        }));
    }
}

async fn until(room: &Room) {
    match room {
        Room::After(moment) => sleep_until(*moment).await,
        Room::Free | Room::Instead(_) => std::future::pending().await,
    }
}
