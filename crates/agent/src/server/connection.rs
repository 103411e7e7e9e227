//! HTTP on one connection, with an end to every wait for the other side.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, Join};
use tokio::time::{Instant, Sleep};

use crate::peer::Peer;

/// From the end of one request to the end of the next one's head.
pub(super) const LONGEST_SILENCE: Duration = Duration::from_secs(30);
/// Of a reader that takes nothing of what is sent to it.
const LONGEST_STANDSTILL: Duration = Duration::from_secs(60);
/// More than a call may have: what is only a little too large is told so in our own words.
const LARGEST_BUFFER: usize = 64 * 1024;
const MOST_HEADERS: usize = 256;

type Stream<R, W> = TokioIo<Join<R, Impatient<W>>>;

/// HTTP for the router on a connection: requests are served until either side has had enough.
pub(super) fn http<R, W>(
    reader: R,
    writer: W,
    peer: Arc<Peer>,
    routes: Router,
) -> http1::Connection<
    Stream<R, W>,
    impl Service<Request<Incoming>, Response = Response<Body>, Error = Infallible, Future: Send> + Send,
>
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Arc::clone(&peer));
        tower_service::Service::call(&mut routes.clone(), request)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(LONGEST_SILENCE)
        .max_buf_size(LARGEST_BUFFER)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(tokio::io::join(reader, Impatient::new(writer))), service)
}

/// A writer that gives up when nothing of it is read for long.
pub(super) struct Impatient<W> {
    inner: W,
    /// Runs while the other side takes nothing.
    patience: Option<Pin<Box<Sleep>>>,
}

impl<W: AsyncWrite + Unpin> Impatient<W> {
    fn new(inner: W) -> Self {
        Self { inner, patience: None }
    }

    fn within<T>(&mut self, written: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.patience = None;
            return written;
        }
        let ends = || Box::pin(tokio::time::sleep_until(Instant::now() + LONGEST_STANDSTILL));
        ready!(self.patience.get_or_insert_with(ends).as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Impatient<W> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.within(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.within(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        self.within(flushed, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
