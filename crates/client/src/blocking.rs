//! The same for programs without an async runtime: plain blocking sockets, a connection for each call, no threads.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use httparse::Status;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::connection::{check_peer, inspect, not_connected};
use crate::error::{broken, hello, refused};
use crate::exchange::{LARGEST_ANSWER, LONGEST_CALL, LONGEST_HELLO, MOST_CONNECTIONS, journal_path, segment};
use crate::words::{
    ExportRequest, Exported, Hello, IdentityReport, ImportPreview, ImportRequest, JournalPage, JournalRequest,
    NetworkSettings, NetworkStatus, ProofAnswer, ProofRequest, RenewalRequest, Session, SessionChange, Sessions,
    SignInDetail, SignInRequest, SignOutAnswer, SignOutRequest, TokenAnswer, TokenReport, TokenRequest,
};
use crate::{ClientError, Paths, start};

const USUAL_ANSWER: usize = 8 * 1024;
const MOST_HEADERS: usize = 32;
const NOTHING: Option<&()> = None;

/// The way to the agent, blocking.
#[derive(Debug)]
pub struct Client {
    socket: PathBuf,
}

impl Client {
    /// The agent of the user whose environment this is.
    ///
    /// # Errors
    /// When the environment does not tell where the socket is.
    pub fn from_env() -> Result<Self, ClientError> {
        Ok(Self::at(Paths::from_env()?.socket()))
    }

    /// The same; where none runs, `doorkey agent` is started, which then stays. See `crate::Client::find_or_start`.
    ///
    /// # Errors
    /// As there.
    pub fn find_or_start() -> Result<Self, ClientError> {
        let client = Self::from_env()?;
        match client.hello() {
            Err(ClientError::NotRunning) => {}
            answer => return answer.map(|_| client),
        }
        start::agent(&start::program().ok_or(ClientError::NotRunning)?)?;
        client.hello().map(|_| client)
    }

    /// The agent behind this socket.
    #[must_use]
    pub fn at(socket: PathBuf) -> Self {
        Self { socket }
    }

    /// Who is there, and in what state.
    ///
    /// # Errors
    /// No agent, not ours, refused, broken or too slow. Ten seconds are too slow for a greeting.
    pub fn hello(&self) -> Result<Hello, ClientError> {
        hello(self.call_within(LONGEST_HELLO, "GET", "/v1/hello", NOTHING)?)
    }

    /// Asks for an access token; renewed first when it must be. Never opens a browser.
    ///
    /// # Errors
    /// As `crate::Client::token`.
    pub fn token(&self, request: &TokenRequest) -> Result<TokenAnswer, ClientError> {
        self.call("POST", "/v1/tokens", Some(request))
    }

    /// Asks for an access token that is bound to a key, with the proof for one request (RFC 9449).
    ///
    /// # Errors
    /// As `crate::Client::proof`.
    pub fn proof(&self, request: &ProofRequest) -> Result<ProofAnswer, ClientError> {
        self.call("POST", "/v1/proofs", Some(request))
    }

    /// All sessions.
    ///
    /// # Errors
    /// As `crate::Client::sessions`.
    pub fn sessions(&self) -> Result<Sessions, ClientError> {
        self.call("GET", "/v1/sessions", NOTHING)
    }

    /// Changes how the person sees a session.
    ///
    /// # Errors
    /// As `crate::Client::change_session`.
    pub fn change_session(&self, id: &str, change: &SessionChange) -> Result<Session, ClientError> {
        self.call("PATCH", &format!("/v1/sessions/{}", segment(id)), Some(change))
    }

    /// Who the provider says the person is, and how that was checked.
    ///
    /// # Errors
    /// As `crate::Client::identity`.
    pub fn identity(&self, id: &str) -> Result<IdentityReport, ClientError> {
        self.call("GET", &format!("/v1/sessions/{}/identity", segment(id)), NOTHING)
    }

    /// Looks into an access token, for debugging.
    ///
    /// # Errors
    /// As `crate::Client::token_report`.
    pub fn token_report(&self, request: &TokenRequest) -> Result<TokenReport, ClientError> {
        self.call("POST", "/v1/token-reports", Some(request))
    }

    /// Starts a sign-in; it goes on in the agent when this program ends.
    ///
    /// # Errors
    /// As `crate::Client::start_sign_in`.
    pub fn start_sign_in(&self, request: &SignInRequest) -> Result<SignInDetail, ClientError> {
        self.call("POST", "/v1/sign-ins", Some(request))
    }

    /// Looks at a sign-in.
    ///
    /// # Errors
    /// As `crate::Client::sign_in`.
    pub fn sign_in(&self, id: &str) -> Result<SignInDetail, ClientError> {
        self.call("GET", &format!("/v1/sign-ins/{}", segment(id)), NOTHING)
    }

    /// Stops a sign-in.
    ///
    /// # Errors
    /// As `crate::Client::cancel_sign_in`.
    pub fn cancel_sign_in(&self, id: &str) -> Result<SignInDetail, ClientError> {
        self.call("DELETE", &format!("/v1/sign-ins/{}", segment(id)), NOTHING)
    }

    /// Renews now.
    ///
    /// # Errors
    /// As `crate::Client::renew`.
    pub fn renew(&self, request: &RenewalRequest) -> Result<Session, ClientError> {
        self.call("POST", "/v1/renewals", Some(request))
    }

    /// Signs out and tells what truly happened.
    ///
    /// # Errors
    /// As `crate::Client::sign_out`.
    pub fn sign_out(&self, request: &SignOutRequest) -> Result<SignOutAnswer, ClientError> {
        self.call("POST", "/v1/sign-outs", Some(request))
    }

    /// A piece of the journal.
    ///
    /// # Errors
    /// As `crate::Client::journal`.
    pub fn journal(&self, request: &JournalRequest) -> Result<JournalPage, ClientError> {
        self.call("GET", &journal_path(request), NOTHING)
    }

    /// Looks what a file of another program holds. Nothing is saved.
    ///
    /// # Errors
    /// As `crate::Client::preview_import`.
    pub fn preview_import(&self, request: &ImportRequest) -> Result<ImportPreview, ClientError> {
        self.call("POST", "/v1/imports", Some(request))
    }

    /// Writes profiles for another program, without secrets.
    ///
    /// # Errors
    /// As `crate::Client::export_profiles`.
    pub fn export_profiles(&self, request: &ExportRequest) -> Result<Exported, ClientError> {
        self.call("POST", "/v1/exports", Some(request))
    }

    /// How the agent reaches providers.
    ///
    /// # Errors
    /// As `crate::Client::network`.
    pub fn network(&self) -> Result<NetworkStatus, ClientError> {
        self.call("GET", "/v1/network", NOTHING)
    }

    /// Sets how the agent reaches providers. Doorkey's own programs only.
    ///
    /// # Errors
    /// As `crate::Client::set_network`.
    pub fn set_network(&self, settings: &NetworkSettings) -> Result<NetworkStatus, ClientError> {
        self.call("PUT", "/v1/network", Some(settings))
    }

    fn call<B: Serialize, T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: Option<&B>,
    ) -> Result<T, ClientError> {
        self.call_within(LONGEST_CALL, method, path, body)
    }

    fn call_within<B: Serialize, T: DeserializeOwned>(
        &self,
        limit: Duration,
        method: &str,
        path: &str,
        body: Option<&B>,
    ) -> Result<T, ClientError> {
        let until = Instant::now() + limit;
        let body = match body {
            Some(body) => serde_json::to_vec(body).map_err(broken)?,
            None => Vec::new(),
        };
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: doorkey\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(&body);
        let answer = self.answer(&request, until)?;
        let (status, body) = parse(&answer)?;
        match status {
            200..=299 => serde_json::from_slice(body).map_err(broken),
            _ => Err(refused(status, body)),
        }
    }

    /// All that comes back. Where the kernel refuses to take the request and nothing comes back, the agent that was there
    /// has stopped without it, and it is sent anew; what is refused by its head is answered before its body is taken.
    fn answer(&self, request: &[u8], until: Instant) -> Result<Zeroizing<Vec<u8>>, ClientError> {
        let mut tries = 0;
        loop {
            tries += 1;
            inspect(&self.socket)?;
            let mut stream = UnixStream::connect(&self.socket).map_err(|error| not_connected(&error))?;
            check_peer(&stream, &self.socket)?;
            match stream.write_all(request) {
                Ok(()) => return read_to_end(&mut stream, until),
                Err(error) if error.kind() == ErrorKind::BrokenPipe => match read_to_end(&mut stream, until) {
                    Ok(answer) if !answer.is_empty() => return Ok(answer),
                    _ if tries < MOST_CONNECTIONS => {}
                    _ => return Err(broken(error)),
                },
                Err(error) => return Err(broken(error)),
            }
        }
    }
}

/// The connection ends with the answer.
fn read_to_end(stream: &mut UnixStream, until: Instant) -> Result<Zeroizing<Vec<u8>>, ClientError> {
    let mut answer = Zeroizing::new(vec![0; USUAL_ANSWER]);
    let mut length = 0;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        stream.set_read_timeout(Some(left.max(Duration::from_millis(1)))).map_err(broken)?;
        match stream.read(&mut answer[length..]) {
            Ok(0) => {
                answer.truncate(length);
                return Ok(answer);
            }
            Ok(read) => length += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Err(ClientError::TimedOut);
            }
            Err(error) => return Err(broken(error)),
        }
        if length >= LARGEST_ANSWER {
            return Err(broken("it answers without an end"));
        }
        if length == answer.len() {
            // Moved by hand, so that no copy stays behind where the bytes were.
            let mut larger = Zeroizing::new(vec![0; length * 2]);
            larger[..length].copy_from_slice(&answer);
            answer = larger;
        }
    }
}

fn parse(answer: &[u8]) -> Result<(u16, &[u8]), ClientError> {
    let cut = || broken(io::Error::from(ErrorKind::UnexpectedEof));
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut head = httparse::Response::new(&mut headers);
    let Status::Complete(body_at) = head.parse(answer).map_err(broken)? else { return Err(cut()) };
    let status = head.code.ok_or_else(cut)?;
    let told = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    // The agent always tells: an answer without it is cut short, or not the agent's.
    let length = told.and_then(|told| std::str::from_utf8(told.value).ok()?.parse::<usize>().ok()).ok_or_else(cut)?;
    let body = &answer[body_at..];
    if body.len() == length { Ok((status, body)) } else { Err(cut()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_whole_or_not_at_all() {
        let whole = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\ndate: x\r\n\r\n{}";
        assert_eq!(parse(whole).expect("whole"), (404, &b"{}"[..]));
        for length in 0..whole.len() {
            assert!(matches!(parse(&whole[..length]), Err(ClientError::Broken(_))), "{length}");
        }
        let more = [&whole[..], b"{}"].concat();
        assert!(matches!(parse(&more), Err(ClientError::Broken(_))));
        assert!(matches!(parse(b"HTTP/1.1 200 OK\r\n\r\n{}"), Err(ClientError::Broken(_))));
    }

    #[test]
    fn a_long_answer_is_read_to_its_end() {
        let (mut here, mut there) = UnixStream::pair().expect("a pair");
        let long = vec![b'x'; 5 * USUAL_ANSWER + 3];
        let sent = long.clone();
        let sending = std::thread::spawn(move || there.write_all(&sent));
        let read = read_to_end(&mut here, Instant::now() + LONGEST_CALL).expect("it ends");
        sending.join().expect("it ends").expect("it is sent");
        assert!(*read == long);
    }

    #[test]
    fn an_agent_that_stays_silent_is_too_slow() {
        let (mut here, _there) = UnixStream::pair().expect("a pair");
        assert!(matches!(read_to_end(&mut here, Instant::now()), Err(ClientError::TimedOut)));
    }
}
