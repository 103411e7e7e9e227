//! Why a command ends without its answer.

use std::io;

use doorkey_client::ClientError;
use doorkey_client::words::Refusal;

/// Why a command ends without its answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Something was refused: shown, with its exit code.
    #[error("{}", .0.message)]
    Refused(Box<Refusal>),
    /// The agent could not be asked.
    #[error(transparent)]
    Agent(ClientError),
    /// The answer was given, and it says that a part of what was asked for did not happen: nothing more to show.
    #[error("a part of it did not happen")]
    Partly(u8),
    /// Nobody reads the answer any more, as in `doorkey status | head -1`: a quiet end.
    #[error("the output was closed")]
    OutputClosed,
    /// The answer could not be written.
    #[error("the output could not be written")]
    Output(#[source] io::Error),
}

/// `EX_IOERR`, as for the vault: the disk is full, or the output is gone.
const OUTPUT_FAILED: u8 = 74;

impl Failure {
    /// The exit code of the process.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(refusal) => refusal.exit_code(),
            Self::Agent(error) => error.refusal().exit_code(),
            Self::Partly(code) => *code,
            Self::OutputClosed => 0,
            Self::Output(_) => OUTPUT_FAILED,
        }
    }

    /// As the refusal to show, where there is something to show.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused(refusal) => Some((**refusal).clone()),
            Self::Agent(error) => Some(error.refusal()),
            Self::Output(error) => Some(Refusal::new(
                "output.not_written",
                format!("The answer could not be written: {error}."),
                "Look at where the output goes: a full disk, a closed file.",
            )),
            Self::Partly(_) | Self::OutputClosed => None,
        }
    }

    /// The person stopped it.
    pub(crate) fn cancelled(what: &str) -> Self {
        Refusal::new("user.cancelled", format!("{what} was stopped."), "").into()
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Refused(refusal) => Self::Refused(refusal),
            other => Self::Agent(other),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::Output(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_a_quiet_end_and_a_full_disk_is_not() {
        let closed = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((closed.exit_code(), closed.refusal()), (0, None));
        let full = Failure::from(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(full.exit_code(), 74);
        assert_eq!(full.refusal().map(|refusal| refusal.code), Some("output.not_written".to_owned()));
    }

    #[test]
    fn stopping_is_130() {
        assert_eq!(Failure::cancelled("The sign-in").exit_code(), 130);
    }
}
