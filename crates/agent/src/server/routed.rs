//! A connection at the router, and its end when the agent stops.
//!
//! The end is a cut that both sides see at the same place. The kernel refuses what is written to a Unix socket once its
//! reader has shut it down, and still gives the reader what was written before: so a request is either whole on this
//! side and is answered, or its caller knows that it was not taken and may send it to the next agent.

use std::future::poll_fn;
use std::io::{self, Cursor};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use rustix::net::Shutdown;
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};
use tokio::net::unix::OwnedReadHalf;
use tokio::sync::watch;

use super::connection::http;
use super::express::Caller;
use super::told_to_stop;

/// Goes on with a connection, beginning with what has been read from it already.
pub(super) async fn routed(caller: Caller, routes: Router, closing: watch::Receiver<bool>) {
    let Caller { stream, peer, place, unanswered } = caller;
    let stream = match stream.set_nonblocking(true).and_then(|()| tokio::net::UnixStream::from_std(stream)) {
        Ok(stream) => stream,
        Err(error) => return tracing::warn!(%error, "a connection could not be served"),
    };
    let (reader, writer) = stream.into_split();
    let cut = Arc::new(Cut::default());
    let reader = Requests { reader, cut: Arc::clone(&cut) };
    let mut connection = pin!(http(Cursor::new(unanswered).chain(reader), writer, peer, routes));
    let mut told = pin!(told_to_stop(closing));
    let mut said_goodbye = false;
    poll_fn(|context| {
        if !cut.is_wanted() && told.as_mut().poll(context).is_ready() {
            cut.wanted.store(true, Ordering::Relaxed);
        }
        loop {
            // What goes wrong on a connection is the caller's to notice.
            if connection.as_mut().poll(context).is_ready() {
                return Poll::Ready(());
            }
            if said_goodbye || !cut.is_made() {
                return Poll::Pending;
            }
            said_goodbye = true;
            connection.as_mut().graceful_shutdown();
        }
    })
    .await;
    drop(place);
}

/// Between the connection's task and its reader.
#[derive(Default)]
struct Cut {
    wanted: AtomicBool,
    /// Everything that was sent before it has been read.
    made: AtomicBool,
}

impl Cut {
    fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::Relaxed)
    }

    fn is_made(&self) -> bool {
        self.made.load(Ordering::Relaxed)
    }
}

/// What the caller sends, up to the cut.
struct Requests {
    reader: OwnedReadHalf,
    cut: Arc<Cut>,
}

impl AsyncRead for Requests {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.cut.is_made() {
            // An end would be taken for a caller that has gone, and its request be given up. Nothing comes any more; the
            // connection is ended by its task.
            return Poll::Pending;
        }
        let before = into.filled().len();
        if self.cut.is_wanted() {
            // Again each time it is read, which changes nothing.
            let stream: &tokio::net::UnixStream = self.reader.as_ref();
            rustix::net::shutdown(stream, Shutdown::Read)?;
        }
        match Pin::new(&mut self.reader).poll_read(context, into) {
            Poll::Ready(Ok(())) if into.filled().len() == before && self.cut.is_wanted() => {
                self.cut.made.store(true, Ordering::Relaxed);
                Poll::Pending
            }
            read => read,
        }
    }
}
