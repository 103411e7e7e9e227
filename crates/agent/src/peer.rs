//! Who asks, as the kernel says; never as the caller says (B-10).
//!
//! A program is its executable: the path and, where that matters, the SHA-256 of the very file it was started from. On
//! Linux another program of the same user can bend this in several ways (docs/security.md): it is a guard rail, not a wall.

mod hashes;
mod own;
mod process;

use std::io;
use std::os::unix::net::UnixStream;

use doorkey_client::words::Refusal;

pub(crate) use self::hashes::{Hashes, hash_of_file};
pub(crate) use self::own::{Own, OwnPrograms};
pub(crate) use self::process::{Process, is_interpreter, is_seen_whole, leaves_a_mark, shown_path};

/// More generations between a command and who called it are not looked through.
const MOST_ANCESTORS: usize = 64;
/// So many of those who started a program are told to the person.
const MOST_TOLD: usize = 4;

/// How requests that this process makes of itself count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnRequests {
    /// As the person's own: the window, where a person clicks, and the demonstration.
    Person,
    /// As those of the program that started this process: a command that is the agent for as long as it runs.
    Caller,
}

/// The program at the other end of a connection, as it was when it connected.
#[derive(Debug)]
pub(crate) struct Peer {
    /// The process at the other end; 0 when it is in another process namespace (B-07).
    pub(crate) pid: u32,
    /// Whether that process is a program of Doorkey's.
    is_doorkey: bool,
    who: Who,
}

/// Who a caller counts as.
#[derive(Debug)]
pub(crate) enum Who {
    /// Doorkey itself: its window, or this process on a person's behalf.
    Ourselves,
    /// A program. Where Doorkey's command asked, the program that called the command; `command` is that process then.
    Program { program: Process, command: Option<Box<Process>> },
    /// The system does not tell.
    Unknown,
}

/// What is needed to tell who calls.
pub(crate) struct Peers {
    own: OwnPrograms,
    own_requests: OwnRequests,
    pub(crate) hashes: Hashes,
}

impl Peers {
    pub(crate) fn new(own_requests: OwnRequests) -> Self {
        Self { own: OwnPrograms::beside_this_process(), own_requests, hashes: Hashes::default() }
    }

    /// The program at the other end; nothing for another user's, which is not looked at any further.
    /// Called within the runtime.
    pub(crate) fn peer(&self, stream: &UnixStream, user: u32) -> Option<Peer> {
        let (uid, pid) = match rustix::net::sockopt::socket_peercred(stream) {
            Ok(facts) => (facts.uid.as_raw(), u32::try_from(facts.pid.as_raw_nonzero().get()).ok()?),
            // Its type has no place for process 0, which is how the system names one that cannot be seen from here.
            Err(_) => without_process(stream).ok()?,
        };
        if uid != user {
            return None;
        }
        let (is_doorkey, who) = self.who(pid);
        Some(Peer { pid, is_doorkey, who })
    }

    fn who(&self, pid: u32) -> (bool, Who) {
        if pid == std::process::id() {
            let who = match self.own_requests {
                OwnRequests::Person => Who::Ourselves,
                OwnRequests::Caller => self.caller_of(pid),
            };
            return (true, who);
        }
        let Some(process) = Process::of(pid) else { return (false, Who::Unknown) };
        match self.own.which(&process) {
            Some(Own::Window) => (true, Who::Ourselves),
            Some(Own::Command) => (true, self.caller_of(pid)),
            None => (false, Who::Program { program: process, command: None }),
        }
    }

    /// The nearest program above Doorkey's own command that is not Doorkey.
    fn caller_of(&self, pid: u32) -> Who {
        let Some(command) = Process::of(pid) else { return Who::Unknown };
        let mut child = pid;
        for _ in 0..MOST_ANCESTORS {
            let Some(parent) = process::parent_of(child) else { return Who::Unknown };
            let Some(program) = Process::of(parent) else { return Who::Unknown };
            if self.own.which(&program).is_none() {
                program.pin();
                // It may have ended while it was looked at, and its number gone to another one.
                return match process::parent_of(child) == Some(parent) {
                    true => Who::Program { program, command: Some(Box::new(command)) },
                    false => Who::Unknown,
                };
            }
            child = parent;
        }
        Who::Unknown
    }
}

impl Peer {
    /// Nobody that the system tells anything of.
    #[cfg(test)]
    pub(crate) fn unknown() -> Self {
        Self { pid: 0, is_doorkey: false, who: Who::Unknown }
    }

    pub(crate) fn who(&self) -> &Who {
        &self.who
    }

    /// Whether the other end is Doorkey's window or command, whoever called it: only these may decide about programs.
    pub(crate) fn is_doorkey(&self) -> bool {
        self.is_doorkey
    }

    /// For people and the journal.
    pub(crate) fn name(&self) -> String {
        match &self.who {
            Who::Ourselves => std::env::current_exe().map_or_else(|_| "doorkey".to_owned(), |path| shown_path(&path)),
            Who::Program { program, .. } => program.shown(),
            Who::Unknown => "unknown program".to_owned(),
        }
    }

    /// The process of the program it counts as.
    pub(crate) fn pid(&self) -> u32 {
        match &self.who {
            Who::Program { program, .. } => program.pid,
            Who::Ourselves | Who::Unknown => self.pid,
        }
    }

    /// From here on its processes are known by their start too, so that a number that went to another one is noticed.
    pub(crate) fn pin(&self) {
        if let Who::Program { program, command } = &self.who {
            program.pin();
            if let Some(command) = command {
                command.pin();
            }
        }
    }

    /// Whether all is as it was when it connected.
    ///
    /// # Errors
    /// `broker.consent_changed` when a process has become another program, or has ended (B-10, B-T10).
    pub(crate) fn still(&self) -> Result<(), Refusal> {
        let same = match &self.who {
            Who::Ourselves | Who::Unknown => true,
            Who::Program { program, command } => program.is_still() && command.as_deref().is_none_or(Process::is_still),
        };
        if same {
            return Ok(());
        }
        Err(Refusal::new(
            "broker.consent_changed",
            format!("{} is not the program any more that connected, or has ended.", self.name()),
            "Ask again, over a new connection.",
        )
        .retryable())
    }
}

fn without_process(stream: &UnixStream) -> io::Result<(u32, u32)> {
    let stream = stream.try_clone()?;
    stream.set_nonblocking(true)?;
    let facts = tokio::net::UnixStream::from_std(stream)?.peer_cred()?;
    Ok((facts.uid(), facts.pid().and_then(|pid| u32::try_from(pid).ok()).unwrap_or(0)))
}

/// Who started a process, the nearest first, as far as the system tells.
pub(crate) fn started_by(process: &Process) -> Vec<String> {
    let mut chain = Vec::new();
    let mut child = process.pid;
    while chain.len() < MOST_TOLD
        && let Some(parent) = process::parent_of(child).and_then(Process::of)
    {
        chain.push(parent.shown());
        child = parent.pid;
    }
    chain
}

#[cfg(test)]
mod tests;
