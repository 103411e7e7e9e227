//! The listener and its connections, up to where axum takes over.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::fault::Broken;

const MOST_CONNECTIONS: usize = 512;
const LONGEST_HEADERS: Duration = Duration::from_secs(30);

/// What a running server can be told.
pub(crate) enum Command {
    /// Close the listener and every connection.
    GoOffline(oneshot::Sender<()>),
    /// Listen again where it listened before.
    ComeBack(oneshot::Sender<io::Result<()>>),
}

/// Serves until it is aborted; then the listener and all connections are gone with it.
pub(crate) async fn run(listener: TcpListener, at: SocketAddr, router: Router, mut commands: mpsc::Receiver<Command>) {
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = accept(listener.as_ref()), if connections.len() < MOST_CONNECTIONS => match accepted {
                Ok(stream) => {
                    connections.spawn(serve_connection(stream, router.clone()));
                }
                // Such as too many open files: it goes on when some are closed.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            _ = connections.join_next(), if !connections.is_empty() => {}
            command = commands.recv() => match command {
                Some(Command::GoOffline(done)) => {
                    listener = None;
                    connections.shutdown().await;
                    let _ = done.send(());
                }
                Some(Command::ComeBack(done)) => {
                    let bound = match listener.take() {
                        Some(still) => Ok(still),
                        None => TcpListener::bind(at).await,
                    };
                    let _ = done.send(bound.map(|bound| listener = Some(bound)));
                }
                None => return,
            },
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> io::Result<TcpStream> {
    match listener {
        Some(listener) => listener.accept().await.map(|(stream, _)| stream),
        None => std::future::pending().await,
    }
}

async fn serve_connection(stream: TcpStream, router: Router) {
    // Without it small answers wait for the peer's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let router = TowerToHyperService::new(router);
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let answered = router.call(request);
        // Boxed, because the connection is asked for its stream back and must be movable.
        Box::pin(async move {
            let Ok(response) = answered.await;
            match response.extensions().get::<Broken>() {
                None => Ok(response),
                Some(how) => Err(BrokenOnPurpose(*how)),
            }
        })
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(LONGEST_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let ended = std::future::poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let stream = connection.into_parts().io.into_inner();
    let how = ended.err().and_then(|error| {
        std::error::Error::source(&error).and_then(|source| source.downcast_ref::<BrokenOnPurpose>().map(|it| it.0))
    });
    if let Some(Broken::Reset) = how {
        let _ = stream.set_zero_linger();
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the connection is broken on purpose")]
struct BrokenOnPurpose(Broken);
