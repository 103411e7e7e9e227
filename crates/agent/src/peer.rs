//! Who is calling, as the kernel says; never as the caller says.

use std::os::fd::AsFd;
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
    pub(crate) fn of(stream: impl AsFd) -> Option<Self> {
        let facts = rustix::net::sockopt::socket_peercred(stream).ok()?;
        let pid = u32::try_from(facts.pid.as_raw_nonzero().get()).unwrap_or(0);
        let program = std::fs::read_link(format!("/proc/{pid}/exe")).ok();
        Some(Self { uid: facts.uid.as_raw(), pid, program })
    }

    /// For people and the journal.
    pub(crate) fn name(&self) -> String {
        match &self.program {
            Some(path) => path.display().to_string(),
            None => "unknown program".to_owned(),
        }
    }
}
