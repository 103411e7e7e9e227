//! The API's server: HTTP/1.1 and JSON over a Unix socket, for this user's programs only.

mod calls;
mod events;
mod limits;

use std::io;
use std::sync::Arc;
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
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::AsyncWriteExt;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tower_service::Service;

use self::calls::Refused;
use self::limits::Connections;
use crate::agent::Agent;
use crate::peer::Peer;

const LARGEST_REQUEST: usize = 64 * 1024;
const LARGEST_HEAD: usize = 16 * 1024;
/// From the end of one request to the end of the next one's head.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);
/// For guests that are connected when the agent stops, and say nothing.
const GUESTS_HAVE: Duration = Duration::from_secs(1);
/// For requests under way when the agent stops; a renewal takes no longer.
const LONGEST_GOODBYE: Duration = Duration::from_secs(45);

/// What every call is given.
#[derive(Clone)]
struct Served {
    agent: Arc<Agent>,
    /// True from the moment the agent begins to stop: streams end then.
    stopping: watch::Receiver<bool>,
}

/// Serves until `stopping` turns true, then finishes what is under way.
pub(crate) async fn serve(agent: Arc<Agent>, listener: UnixListener, mut stopping: watch::Receiver<bool>) {
    let routes = routes(Served { agent, stopping: stopping.clone() });
    let connections = Connections::default();
    let goodbye = GracefulShutdown::new();
    loop {
        tokio::select! {
            () = told_to_stop(&mut stopping) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => connection(stream, &routes, &connections, &goodbye),
                Err(error) => refused_by_system(&error).await,
            },
        }
    }
    drop(listener);
    // Whoever has joined already has its say: a guest that found an agent must not lose it between two calls.
    let _ = tokio::time::timeout(GUESTS_HAVE, connections.guests_gone()).await;
    let _ = tokio::time::timeout(LONGEST_GOODBYE, goodbye.shutdown()).await;
}

fn connection(stream: UnixStream, routes: &Router, connections: &Connections, goodbye: &GracefulShutdown) {
    // Another user's connection ends without a byte (B-T02); the folder's mode should not have let it come this far.
    let Some(peer) = Peer::of(&stream).filter(|peer| peer.uid == rustix::process::geteuid().as_raw()) else { return };
    let Some(place) = connections.place(peer.pid) else {
        tokio::spawn(busy(stream));
        return;
    };
    let routes = routes.clone();
    let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer.clone());
        routes.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(LONGEST_SILENCE)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let connection = goodbye.watch(connection);
    tokio::spawn(async move {
        // What goes wrong on a connection is the caller's to notice.
        let _ = connection.await;
        drop(place);
    });
}

fn routes(served: Served) -> Router {
    Router::new()
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
        .route("/v1/tokens", post(calls::token))
        .route("/v1/renewals", post(calls::renew))
        .route("/v1/sign-outs", post(calls::sign_out))
        .route("/v1/vault", put(calls::choose_vault))
        .route("/v1/events", get(events::events))
        .fallback(calls::unknown)
        .method_not_allowed_fallback(calls::wrong_method)
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .layer(middleware::from_fn(no_web_pages))
        .with_state(served)
}

/// Resolves once `stopping` is true, or whoever could say so is gone.
async fn told_to_stop(stopping: &mut watch::Receiver<bool>) {
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

async fn busy(mut stream: UnixStream) {
    let body = r#"{"version":1,"error":{"code":"broker.busy","message":"The agent has too many connections.","hint":"Close some, and try again.","retryable":true}}"#;
    let head = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(body.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// Out of descriptors, most likely: waiting a moment lets some be closed; trying at once would spin.
async fn refused_by_system(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(50)).await;
}
