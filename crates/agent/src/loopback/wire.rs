//! The bytes of one connection, watched for what the HTTP parser does not tell.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::Relaxed};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// First byte of a TLS handshake record (RFC 8446 section 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// What is known of a connection while it runs.
#[derive(Default)]
pub(super) struct Facts {
    heard: AtomicBool,
    first: AtomicU8,
    last: AtomicU8,
    bare_line_feed: AtomicBool,
    answered: AtomicBool,
}

impl Facts {
    /// Something came from the other side.
    pub(super) fn heard(&self) -> bool {
        self.heard.load(Relaxed)
    }

    /// What came first was a TLS handshake.
    pub(super) fn began_with_tls(&self) -> bool {
        self.heard() && self.first.load(Relaxed) == TLS_HANDSHAKE
    }

    /// A line ended without a carriage return, which the HTTP parser lets pass (C-19).
    pub(super) fn bare_line_feed(&self) -> bool {
        self.bare_line_feed.load(Relaxed)
    }

    /// An answer of ours is on its way.
    pub(super) fn answered(&self) -> bool {
        self.answered.load(Relaxed)
    }

    /// From here on, what the HTTP library writes is our answer.
    pub(super) fn answer(&self) {
        self.answered.store(true, Relaxed);
    }

    fn hear(&self, bytes: &[u8]) {
        let Some((&first, &last)) = bytes.first().zip(bytes.last()) else { return };
        if !self.heard.swap(true, Relaxed) {
            self.first.store(first, Relaxed);
        }
        let mut before = self.last.swap(last, Relaxed);
        for &byte in bytes {
            if byte == b'\n' && before != b'\r' {
                self.bare_line_feed.store(true, Relaxed);
            }
            before = byte;
        }
    }
}

/// The stream under the HTTP library. Until there is an answer of ours, what the library itself would say
/// goes nowhere: its automatic answers to bad requests lack our headers (L-30).
pub(super) struct Wire<S> {
    stream: S,
    facts: Arc<Facts>,
}

impl<S> Wire<S> {
    pub(super) fn new(stream: S, facts: Arc<Facts>) -> Self {
        Self { stream, facts }
    }

    pub(super) fn into_stream(self) -> S {
        self.stream
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.facts.hear(&buf.filled()[before..]);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.facts.answered() {
            Pin::new(&mut self.stream).poll_write(cx, bytes)
        } else {
            Poll::Ready(Ok(bytes.len()))
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
