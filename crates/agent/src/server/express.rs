//! The short way of the one call that programs make all the time: `POST /v1/tokens` for a token that is at hand.
//!
//! A request is answered here when every byte of it is as such programs send it, and its answer needs no waiting.
//! Everything else goes to the router with all bytes that were read, so that refusals, renewals and odd requests have
//! one place, and what a caller sees is the same on both ways.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use doorkey_client::words::TokenRequest;
use httparse::Status;
use httpdate::HttpDate;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::net::RecvFlags;
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::Served;
use super::asked::{is_deep, is_json};
use super::connection::LONGEST_SILENCE;
use super::limits::Place;
use crate::peer::Peer;
use crate::token;

/// The start of every request that is answered here.
const LINE: &[u8] = b"POST /v1/tokens HTTP/1.1\r\n";
/// Head and body together.
const LARGEST: usize = 8 * 1024;
const MOST_HEADERS: usize = 16;
/// A request that comes in more than these is the router's, whose clock runs for the whole of it.
const MOST_PIECES: u32 = 4;
/// What any socket takes at once, so that sending never waits for a reader that has just come.
const LARGEST_ANSWER: usize = 64 * 1024;
/// A kept connection has a thread while its requests come one after the other; then it waits at the router.
const LINGERS: Duration = Duration::from_millis(100);

/// From connecting to writing, a program that is running needs some microseconds.
const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 30_000 };

/// A connection, who is at the other end, and what has been read and not been answered.
pub(super) struct Caller {
    pub(super) stream: UnixStream,
    pub(super) peer: Arc<Peer>,
    pub(super) place: Place,
    pub(super) unanswered: Vec<u8>,
}

/// What becomes of a connection.
pub(super) enum Then {
    /// It is over.
    Closed,
    /// The next request, or the rest of this one, is about to come.
    Stays,
    /// The router goes on with it.
    Routed,
}

impl Caller {
    /// Answers the first request if it is of the right kind and there, or about to be. Waits for less than it takes to
    /// wake another thread for it.
    pub(super) fn first(&mut self, served: &Served) -> Then {
        let mut bytes = [0; LARGEST];
        let mut received = || rustix::net::recv(&self.stream, &mut bytes, RecvFlags::DONTWAIT);
        let read = match received() {
            Err(Errno::AGAIN) if self.speaks_at_once() => received(),
            read => read,
        };
        match read {
            Ok((_, 0)) => Then::Closed,
            Ok((_, read)) => {
                self.unanswered.extend_from_slice(&bytes[..read]);
                self.next(served)
            }
            Err(Errno::AGAIN | Errno::INTR) => Then::Stays,
            Err(_) => Then::Closed,
        }
    }

    fn speaks_at_once(&self) -> bool {
        let mut speaks = [PollFd::new(&self.stream, PollFlags::IN)];
        rustix::event::poll(&mut speaks, Some(&AT_ONCE)).is_ok_and(|ready| ready > 0)
    }

    /// Answers one request after the other, on a thread that may wait, until the caller is silent for a while.
    pub(super) fn stay(&mut self, served: &Served, closing: &watch::Receiver<bool>) -> Then {
        if self.may_block().is_err() {
            return Then::Closed;
        }
        let mut bytes = [0; LARGEST];
        let mut pieces = 0;
        loop {
            match self.next(served) {
                Then::Stays if self.unanswered.is_empty() => pieces = 0,
                Then::Stays => pieces += 1,
                then => return then,
            }
            if *closing.borrow() || pieces > MOST_PIECES {
                return Then::Routed;
            }
            match self.stream.read(&mut bytes) {
                Ok(0) => return Then::Closed,
                Ok(read) => self.unanswered.extend_from_slice(&bytes[..read]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Then::Routed;
                }
                Err(_) => return Then::Closed,
            }
        }
    }

    fn may_block(&self) -> std::io::Result<()> {
        self.stream.set_nonblocking(false)?;
        self.stream.set_read_timeout(Some(LINGERS))?;
        self.stream.set_write_timeout(Some(LONGEST_SILENCE))
    }

    /// Answers as many requests as are there; one that is not for this way stays unanswered.
    fn next(&mut self, served: &Served) -> Then {
        let (request, length, closes) = match read(&self.unanswered) {
            Message::Whole { request, length, closes } => (request, length, closes),
            Message::Part => return Then::Stays,
            Message::Other => return Then::Routed,
        };
        let Some(answer) = answer(served, &request, &self.peer, closes) else { return Then::Routed };
        self.unanswered.drain(..length);
        match self.stream.write_all(&answer) {
            Ok(()) if !closes => Then::Stays,
            _ => Then::Closed,
        }
    }
}

/// The head as the router's server would write it, and the answer.
#[expect(clippy::disallowed_methods, reason = "onto the socket of the program that may have it")]
fn answer(served: &Served, request: &TokenRequest, peer: &Peer, closes: bool) -> Option<Zeroizing<Vec<u8>>> {
    let given = token::at_once(&served.agent, request, peer, LARGEST_ANSWER)?;
    let json = given.json.expose();
    let mut answer = Zeroizing::new(Vec::with_capacity(192 + json.len()));
    let connection = if closes { "connection: close\r\n" } else { "" };
    let date = HttpDate::from(SystemTime::from(served.agent.host.now()));
    write!(
        answer,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{connection}content-length: {}\r\ndate: {date}\r\n\r\n{json}",
        json.len()
    )
    .ok()?;
    Some(answer)
}

/// What the bytes are that have come so far.
#[derive(Debug, PartialEq)]
enum Message {
    /// A request for a token, and how many of the bytes are it.
    Whole { request: TokenRequest, length: usize, closes: bool },
    /// It could become one.
    Part,
    /// Something that is not answered here.
    Other,
}

fn read(bytes: &[u8]) -> Message {
    if !bytes.starts_with(&LINE[..LINE.len().min(bytes.len())]) {
        return Message::Other;
    }
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let body_at = match head.parse(bytes) {
        Ok(Status::Complete(body_at)) => body_at,
        Ok(Status::Partial) if bytes.len() < LARGEST => return Message::Part,
        Ok(Status::Partial) | Err(_) => return Message::Other,
    };
    let (mut body_length, mut closes) = (None, false);
    for header in head.headers {
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        let says = |value: &str| header.value.eq_ignore_ascii_case(value.as_bytes());
        // Only what changes nothing, and what is understood here: a header nobody thought of is the router's.
        if is("content-length") && body_length.is_none() {
            body_length = digits(header.value);
            if body_length.is_none() {
                return Message::Other;
            }
        } else if is("connection") && says("close") {
            closes = true;
        } else if !(["host", "accept", "user-agent"].into_iter().any(is)
            || is("content-type") && is_json(header.value)
            || is("connection") && says("keep-alive"))
        {
            return Message::Other;
        }
    }
    let length = match body_length {
        Some(body_length) if body_at + body_length <= LARGEST => body_at + body_length,
        _ => return Message::Other,
    };
    match bytes.get(body_at..length) {
        None => Message::Part,
        // serde would take an array for an object.
        Some(body) if body.first() == Some(&b'{') && !is_deep(body) => match serde_json::from_slice(body) {
            Ok(request) => Message::Whole { request, length, closes },
            Err(_) => Message::Other,
        },
        Some(_) => Message::Other,
    }
}

/// At most five of them, and nothing else.
fn digits(value: &[u8]) -> Option<usize> {
    let fits = (1..=5).contains(&value.len()) && value.iter().all(u8::is_ascii_digit);
    fits.then(|| value.iter().fold(0, |number, digit| number * 10 + usize::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"profile":"work"}"#;

    fn with(headers: &str) -> String {
        format!("POST /v1/tokens HTTP/1.1\r\nhost: doorkey\r\n{headers}content-length: {}\r\n\r\n{BODY}", BODY.len())
    }

    #[test]
    fn what_programs_send_is_read_here() {
        for (headers, closing) in [
            ("", false),
            ("Connection: close\r\n", true),
            (
                "connection: Keep-Alive\r\naccept: */*\r\nUser-Agent: curl/8\r\ncontent-type: application/json\r\n",
                false,
            ),
        ] {
            let bytes = with(headers);
            let Message::Whole { request, length, closes } = read(bytes.as_bytes()) else { panic!("{bytes}") };
            assert_eq!((request.profile.as_deref(), length, closes), (Some("work"), bytes.len(), closing));
        }
    }

    #[test]
    fn the_next_request_is_left_alone() {
        let one = with("");
        let Message::Whole { length, .. } = read(format!("{one}{one}").as_bytes()) else { panic!("two whole ones") };
        assert_eq!(length, one.len());
    }

    #[test]
    fn every_beginning_of_a_request_waits_for_its_end() {
        let whole = with("connection: close\r\n");
        for length in 0..whole.len() {
            assert_eq!(read(&whole.as_bytes()[..length]), Message::Part, "{length}");
        }
    }

    #[test]
    fn whatever_is_not_plain_is_the_routers() {
        for bytes in [
            with("origin: https://evil.example\r\n"),
            with("sec-fetch-site: none\r\n"),
            with("transfer-encoding: chunked\r\n"),
            with("expect: 100-continue\r\n"),
            with("connection: upgrade\r\n"),
            with("content-length: 18\r\n"),
            with("x-new: 1\r\n"),
            with("content-type: text/plain\r\n"),
            with("").replace("HTTP/1.1", "HTTP/1.0"),
            with("").replace("/v1/tokens", "/v1/tokens?"),
            with("").replace("POST", "post"),
            with("").replace("content-length: 18", "content-length: +18"),
            with("").replace("content-length: 18", "content-length: 99999"),
            with("").replace("content-length: 18\r\n", ""),
            with("").replace(BODY, r#"["profile","work"]"#),
            with("").replace(BODY, r#"{"profile":"work",}"#.get(..18).expect("cut")),
            with(&"accept: */*\r\n".repeat(MOST_HEADERS)),
            format!("POST /v1/tokens HTTP/1.1\r\naccept: {}", "x".repeat(LARGEST)),
            "\r\n".to_owned(),
            "GET /v1/hello HTTP/1.1\r\n".to_owned(),
        ] {
            assert_eq!(read(bytes.as_bytes()), Message::Other, "{bytes}");
        }
    }
}
