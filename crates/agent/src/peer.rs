//! Who is calling, as the kernel says; never as the caller says.

use std::io;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

/// The program at the other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    /// Its user; connections of any other than ours are closed.
    pub(crate) uid: u32,
    /// Its process; 0 when it is in another process namespace (B-07).
    pub(crate) pid: u32,
    /// Its executable, when the system tells.
    pub(crate) program: Option<PathBuf>,
}

impl Peer {
    /// Called within the runtime.
    pub(crate) fn of(stream: &UnixStream) -> Option<Self> {
        let (uid, pid) = match rustix::net::sockopt::socket_peercred(stream) {
            Ok(facts) => (facts.uid.as_raw(), u32::try_from(facts.pid.as_raw_nonzero().get()).ok()?),
            // Its type has no place for process 0, which is how the system names one that cannot be seen from here.
            Err(_) => without_process(stream).ok()?,
        };
        let program = std::fs::read_link(format!("/proc/{pid}/exe")).ok();
        Some(Self { uid, pid, program })
    }

    /// For people and the journal.
    pub(crate) fn name(&self) -> String {
        match &self.program {
            Some(path) => path.display().to_string(),
            None => "unknown program".to_owned(),
        }
    }
}

fn without_process(stream: &UnixStream) -> io::Result<(u32, u32)> {
    let stream = stream.try_clone()?;
    stream.set_nonblocking(true)?;
    let facts = tokio::net::UnixStream::from_std(stream)?.peer_cred()?;
    Ok((facts.uid(), facts.pid().and_then(|pid| u32::try_from(pid).ok()).unwrap_or(0)))
}
