//! The person, or the system, wants it to end.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::agency::runtime;
use crate::failure::Failure;

/// SIGINT, SIGTERM and SIGHUP; from its making on they no longer kill the process.
#[derive(Debug)]
pub(crate) struct Interrupt {
    int: Signal,
    term: Signal,
    hup: Signal,
}

impl Interrupt {
    /// # Errors
    /// When the system does not let signals be caught.
    pub(crate) fn new() -> Result<Self, Failure> {
        let caught = |kind| signal(kind).map_err(Failure::Output);
        Ok(Self {
            int: caught(SignalKind::interrupt())?,
            term: caught(SignalKind::terminate())?,
            hup: caught(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one. Nothing is lost when the wait is given up.
    pub(crate) async fn received(&mut self) {
        tokio::select! {
            _ = self.int.recv() => (),
            _ = self.term.recv() => (),
            _ = self.hup.recv() => (),
        }
    }
}

/// Does `work` that needs no agent, and gives it up when it is interrupted.
///
/// # Errors
/// `user.cancelled` with `what` then; those of the work.
pub(crate) fn interruptible<T>(what: &str, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    runtime()?.block_on(async {
        let mut interrupt = Interrupt::new()?;
        tokio::select! {
            result = work => result,
            () = interrupt.received() => Err(Failure::cancelled(what)),
        }
    })
}
