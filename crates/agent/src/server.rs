//! The API's server: HTTP/1.1 and JSON over a Unix socket, for this user's programs only.

mod answer;
mod asked;
mod calls;
mod connection;
mod consents;
#[cfg(test)]
mod document;
mod events;
mod express;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod guards;
mod journal;
mod limits;
mod network;
mod portable;
mod probes;
mod routed;
mod routes;
mod sessions;
#[cfg(test)]
mod tests;

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use doorkey_client::words::{ErrorBody, Refusal, VERSION};
use rustix::net::Shutdown;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};
use tokio::time::MissedTickBehavior;

use self::express::{Caller, Then};
use self::guards::LARGEST_REQUEST;
use self::limits::Connections;
use self::routed::routed;
use crate::agent::Agent;
use crate::endpoint::Endpoint;

/// For guests that are connected when the agent stops, and say nothing.
const GUESTS_HAVE: Duration = Duration::from_secs(1);
/// For requests under way when the agent stops; a renewal takes no longer.
const LONGEST_GOODBYE: Duration = Duration::from_secs(45);

/// How often it is looked whether programs still find the socket. Shorter than a program looks for an owner that is silent.
const LOOKS_EVERY: Duration = Duration::from_secs(5);

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
    /// True once connections are to end: each with the answers to what was sent before that.
    closing: watch::Sender<bool>,
}

/// Serves until `stopping` turns true, then finishes what is under way. Of a request that was sent whole before its
/// connection ends here, the answer is sent; of any other the kernel tells the caller that it was not taken.
pub(crate) async fn serve(agent: Arc<Agent>, mut endpoint: Endpoint, stopping: watch::Receiver<bool>) {
    let served = Served { agent, stopping: stopping.clone() };
    let hall = Hall {
        user: rustix::process::geteuid().as_raw(),
        routes: guards::guarded(routes::router()).with_state(served.clone()),
        served,
        connections: Connections::default(),
        threads: Arc::new(Semaphore::new(MOST_THREADS)),
        closing: watch::Sender::new(false),
    };
    let mut stop = pin!(told_to_stop(stopping));
    let mut looks = tokio::time::interval(LOOKS_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = &mut stop => break,
            _ = looks.tick() => endpoint.mend(),
            accepted = endpoint.accept() => match accepted {
                Ok(stream) => hall.connection(stream),
                Err(error) => refused_by_system(&error).await,
            },
        }
    }
    for stream in endpoint.close() {
        hall.connection(stream);
    }
    // Whoever has joined already has its say: a guest that found an agent must not lose it between two calls.
    let _ = tokio::time::timeout(GUESTS_HAVE, hall.connections.guests_gone()).await;
    let _ = tokio::time::timeout(LONGEST_GOODBYE, hall.closed()).await;
}

impl Hall {
    fn connection(&self, stream: UnixStream) {
        // Another user's connection ends without a byte (B-T02); the folder's mode should not have let it come this far.
        let Some(peer) = self.served.agent.peers.peer(&stream, self.user) else { return };
        let Some(place) = self.connections.place(peer.pid) else {
            return turned_away(stream, &busy());
        };
        let peer = Arc::new(peer);
        let mut caller = Caller { stream, peer, place, unanswered: Vec::new() };
        match caller.first(&self.served) {
            Then::Closed => {}
            Then::Stays => self.stays(caller),
            Then::Routed => drop(tokio::spawn(routed(caller, self.routes.clone(), self.closing.subscribe()))),
        }
    }

    fn stays(&self, mut caller: Caller) {
        let (routes, closing) = (self.routes.clone(), self.closing.subscribe());
        let Ok(thread) = Arc::clone(&self.threads).try_acquire_owned() else {
            tokio::spawn(routed(caller, routes, closing));
            return;
        };
        let served = self.served.clone();
        let router = Handle::current();
        tokio::task::spawn_blocking(move || {
            match caller.stay(&served, &closing) {
                Then::Closed => {}
                Then::Stays | Then::Routed => drop(router.spawn(routed(caller, routes, closing))),
            }
            drop(thread);
        });
    }

    async fn closed(&self) {
        self.closing.send_replace(true);
        self.connections.all_gone().await;
    }
}

/// Threads must not outlive it, however it ends.
impl Drop for Hall {
    fn drop(&mut self) {
        self.closing.send_replace(true);
    }
}

/// Resolves once `stopping` is true, or whoever could say so is gone.
async fn told_to_stop(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// The answer to somebody who is not served: whatever was asked, it was not done.
pub(crate) fn turned_away(mut stream: UnixStream, refusal: &Refusal) {
    let body = ErrorBody { version: VERSION, error: refusal.clone() };
    let body = serde_json::to_string(&body).expect("text is always JSON");
    let head = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    // What was sent is taken from the connection: one that is closed over unread bytes is reset, and the answer lost.
    let _ = rustix::net::shutdown(&stream, Shutdown::Read);
    let _ = stream.set_nonblocking(true);
    let _ = io::copy(&mut (&stream).take(LARGEST_REQUEST as u64), &mut io::sink());
    // So few bytes fit into any new connection: it does not wait for the caller to read them.
    let _ = stream.write_all(&[head.as_bytes(), body.as_bytes()].concat());
}

fn busy() -> Refusal {
    Refusal::new("broker.busy", "The agent has too many connections.", "Close some, and try again.").retryable()
}

/// Out of descriptors, most likely: waiting a moment lets some be closed; trying at once would spin.
async fn refused_by_system(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(50)).await;
}
