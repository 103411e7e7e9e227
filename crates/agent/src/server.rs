//! The API's server: HTTP/1.1 and JSON over a Unix socket, for this user's programs only.

mod answer;
mod asked;
mod calls;
mod connection;
#[cfg(test)]
mod document;
mod events;
mod express;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod guards;
mod limits;
mod routes;
#[cfg(test)]
mod tests;

use std::io::{self, Cursor, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncReadExt, Interest};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc, watch};

use self::express::{Caller, Then};
use self::limits::Connections;
use crate::agent::Agent;
use crate::peer::Peer;

/// For guests that are connected when the agent stops, and say nothing.
const GUESTS_HAVE: Duration = Duration::from_secs(1);
/// For requests under way when the agent stops; a renewal takes no longer.
const LONGEST_GOODBYE: Duration = Duration::from_secs(45);

/// Threads for connections whose requests for tokens come one after the other; whoever finds none goes to the router.
const MOST_THREADS: usize = 16;

/// What every call is given.
#[derive(Clone)]
struct Served {
    agent: Arc<Agent>,
    /// True from the moment the agent begins to stop: streams end then.
    stopping: watch::Receiver<bool>,
}

/// What every connection is given.
struct Hall {
    /// Whose connections are served.
    user: u32,
    served: Served,
    routes: Router,
    connections: Connections,
    threads: Arc<Semaphore>,
    goodbye: GracefulShutdown,
    closing: Arc<AtomicBool>,
}

/// Serves until `stopping` turns true, then finishes what is under way.
///
/// `again` brings a new listener where the old one's socket has gone.
pub(crate) async fn serve(
    agent: Arc<Agent>,
    mut listener: AsyncFd<UnixListener>,
    mut again: mpsc::Receiver<AsyncFd<UnixListener>>,
    stopping: watch::Receiver<bool>,
) {
    let served = Served { agent, stopping: stopping.clone() };
    let hall = Hall {
        user: rustix::process::geteuid().as_raw(),
        routes: guards::guarded(routes::router()).with_state(served.clone()),
        served,
        connections: Connections::default(),
        threads: Arc::new(Semaphore::new(MOST_THREADS)),
        goodbye: GracefulShutdown::new(),
        closing: Arc::default(),
    };
    let mut stop = pin!(told_to_stop(stopping));
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(bound) = again.recv() => listener = bound,
            accepted = listener.async_io(Interest::READABLE, UnixListener::accept) => match accepted {
                Ok((stream, _)) => hall.connection(stream),
                Err(error) => refused_by_system(&error).await,
            },
        }
    }
    drop(listener);
    // Whoever has joined already has its say: a guest that found an agent must not lose it between two calls.
    let _ = tokio::time::timeout(GUESTS_HAVE, hall.connections.guests_gone()).await;
    let _ = tokio::time::timeout(LONGEST_GOODBYE, hall.closed()).await;
}

impl Hall {
    fn connection(&self, stream: UnixStream) {
        // Another user's connection ends without a byte (B-T02); the folder's mode should not have let it come this far.
        let Some(peer) = Peer::of(&stream).filter(|peer| peer.uid == self.user) else { return };
        let Some(place) = self.connections.place(peer.pid) else { return busy(stream) };
        let mut caller = Caller { stream, peer, place, unanswered: Vec::new() };
        match caller.first(&self.served) {
            Then::Closed => {}
            Then::Stays => self.stays(caller),
            Then::Routed => drop(tokio::spawn(routed(caller, self.routes.clone(), self.goodbye.watcher()))),
        }
    }

    fn stays(&self, mut caller: Caller) {
        let (routes, watcher) = (self.routes.clone(), self.goodbye.watcher());
        let Ok(thread) = Arc::clone(&self.threads).try_acquire_owned() else {
            tokio::spawn(routed(caller, routes, watcher));
            return;
        };
        let (served, closing) = (self.served.clone(), Arc::clone(&self.closing));
        let router = Handle::current();
        tokio::task::spawn_blocking(move || {
            match caller.stay(&served, &closing) {
                Then::Closed => {}
                Then::Stays | Then::Routed => drop(router.spawn(routed(caller, routes, watcher))),
            }
            drop(thread);
        });
    }

    async fn closed(mut self) {
        self.closing.store(true, Ordering::Relaxed);
        std::mem::take(&mut self.goodbye).shutdown().await;
    }
}

/// Threads must not outlive it, however it ends.
impl Drop for Hall {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Relaxed);
    }
}

/// Goes on with a connection, beginning with what has been read from it already.
async fn routed(caller: Caller, routes: Router, watcher: Watcher) {
    let Caller { stream, peer, place, unanswered } = caller;
    let stream = match stream.set_nonblocking(true).and_then(|()| tokio::net::UnixStream::from_std(stream)) {
        Ok(stream) => stream,
        Err(error) => return tracing::warn!(%error, "a connection could not be served"),
    };
    let (reader, writer) = stream.into_split();
    let reader = Cursor::new(unanswered).chain(reader);
    connection::serve(reader, writer, peer, routes, watcher).await;
    drop(place);
}

/// Resolves once `stopping` is true, or whoever could say so is gone.
async fn told_to_stop(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

fn busy(mut stream: UnixStream) {
    let body = r#"{"version":1,"error":{"code":"broker.busy","message":"The agent has too many connections.","hint":"Close some, and try again.","retryable":true}}"#;
    let head = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    // So few bytes fit into any new connection: it does not wait for the caller to read them.
    let _ = stream.write_all(&[head.as_bytes(), body.as_bytes()].concat());
}

/// Out of descriptors, most likely: waiting a moment lets some be closed; trying at once would spin.
async fn refused_by_system(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(50)).await;
}
