//! The API's server: HTTP/1.1 and JSON over a Unix socket, for this user's programs only.

mod calls;
mod consents;
mod events;
mod express;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod limits;

use std::io::{self, Cursor, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use doorkey_client::words::Refusal;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncReadExt, Interest};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};
use tower_service::Service;

use self::calls::Refused;
use self::express::{Caller, Then};
use self::limits::Connections;
use crate::agent::Agent;

const LARGEST_REQUEST: usize = 64 * 1024;
const LARGEST_HEAD: usize = 16 * 1024;
/// From the end of one request to the end of the next one's head.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);
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
pub(crate) async fn serve(agent: Arc<Agent>, listener: AsyncFd<UnixListener>, stopping: watch::Receiver<bool>) {
    let served = Served { agent, stopping: stopping.clone() };
    let hall = Hall {
        user: rustix::process::geteuid().as_raw(),
        routes: routes(served.clone()),
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
        let Some(peer) = self.served.agent.peers.peer(&stream, self.user) else { return };
        let Some(place) = self.connections.place(peer.pid) else { return busy(stream) };
        let peer = Arc::new(peer);
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
    let stream = tokio::io::join(Cursor::new(unanswered).chain(reader), writer);
    let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Arc::clone(&peer));
        routes.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(LONGEST_SILENCE)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    // What goes wrong on a connection is the caller's to notice.
    let _ = watcher.watch(connection).await;
    drop(place);
}

fn routes(served: Served) -> Router {
    let calls = Router::new()
        .route("/v1/hello", get(calls::hello))
        .route("/v1/profiles", get(calls::profiles))
        .route("/v1/profiles/{name}", put(calls::put_profile).delete(calls::delete_profile))
        .route("/v1/discoveries", post(calls::discover))
        .route("/v1/registrations", post(calls::register))
        .route("/v1/registrations/{name}", delete(calls::unregister))
        .route("/v1/sessions", get(calls::sessions))
        .route("/v1/sign-ins", post(calls::start_sign_in))
        .route("/v1/sign-ins/{id}", get(calls::look_at_sign_in))
        .route("/v1/sign-ins/{id}", delete(calls::cancel_sign_in))
        .route("/v1/sign-ins/{id}/redirect", post(calls::hand_in))
        .route("/v1/sign-ins/{id}/address", post(calls::open_again))
        .route("/v1/tokens", post(calls::token))
        .route("/v1/proofs", post(calls::proof))
        .route("/v1/token-reports", post(calls::token_report))
        .route("/v1/introspections", post(calls::introspect))
        .route("/v1/renewals", post(calls::renew))
        .route("/v1/sign-outs", post(calls::sign_out))
        .route("/v1/vault", put(calls::choose_vault))
        .route("/v1/vault/moves", post(calls::move_vault))
        .route("/v1/vault/lock", post(calls::lock_vault))
        .route("/v1/consents", get(consents::list).post(consents::decide))
        .route("/v1/consents/{id}", post(consents::answer).delete(consents::revoke))
        .route("/v1/events", get(events::events));
    guarded(calls).with_state(served)
}

/// What holds for every call, and for what is none.
fn guarded<S: Clone + Send + Sync + 'static>(calls: Router<S>) -> Router<S> {
    calls
        .fallback(calls::unknown)
        .method_not_allowed_fallback(calls::wrong_method)
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .layer(middleware::from_fn(no_web_pages))
}

/// Resolves once `stopping` is true, or whoever could say so is gone.
async fn told_to_stop(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// A browser cannot reach a Unix socket by itself; a bridge from TCP could bring a web page here (B-34).
async fn no_web_pages(headers: HeaderMap, request: Request<Body>, next: Next) -> Response {
    if headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site") {
        let refusal =
            Refusal::new("broker.web_page", "Web pages may not talk to the agent.", "Call it from a program.");
        return (StatusCode::FORBIDDEN, Refused(refusal)).into_response();
    }
    next.run(request).await
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
