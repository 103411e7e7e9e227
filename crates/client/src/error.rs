//! Why a call has no answer.

use std::path::PathBuf;

use crate::words::{ErrorBody, Hello, Refusal};
use crate::{PathsError, words};

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens on the socket.
    #[error("the Doorkey agent is not running")]
    NotRunning,
    /// The socket or its folder could be somebody else's; nothing was sent.
    #[error("{path} cannot be trusted: {part}")]
    Untrusted {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        part: String,
    },
    /// The agent answered, and said no.
    #[error("{}", .0.message)]
    Refused(Box<Refusal>),
    /// The agent did not answer in time.
    #[error("the Doorkey agent did not answer in time")]
    TimedOut,
    /// The agent speaks another version of the API; nothing but a greeting was sent.
    #[error("the Doorkey agent speaks version {theirs} of the API, this program version {}", words::VERSION)]
    OtherVersion {
        /// What it says.
        theirs: u64,
    },
    /// The connection broke, or the answer is not one of ours.
    #[error("the connection to the Doorkey agent broke: {0}")]
    Broken(String),
    /// An agent was started, and did not come up.
    #[error("`{program}` did not start as the Doorkey agent: {why}")]
    NotStarted {
        /// Which program.
        program: PathBuf,
        /// What became of it.
        why: String,
    },
    /// The folders cannot be told.
    #[error(transparent)]
    Paths(#[from] PathsError),
}

impl ClientError {
    /// As the refusal to show: the agent's own, or one about the way to it.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::Refused(refusal) => (**refusal).clone(),
            Self::NotRunning => Refusal::new(
                "broker.unavailable",
                format!("{self}."),
                "Start it with `doorkey agent`, or open the Doorkey window.",
            )
            .retryable(),
            Self::Untrusted { .. } => Refusal::new(
                "broker.untrusted_socket",
                format!("{self}. Nothing was sent."),
                "Remove it if it is yours, and start `doorkey agent` again; otherwise tell whoever looks after this machine.",
            ),
            Self::TimedOut | Self::Broken(_) => Refusal::new(
                "broker.unavailable",
                format!("{self}."),
                "Try again; `doorkey doctor` tells what state the agent is in.",
            )
            .retryable(),
            Self::NotStarted { .. } => Refusal::new(
                "broker.unavailable",
                format!("{self}."),
                "Start it with `doorkey agent`, and see what it says.",
            )
            .retryable(),
            Self::OtherVersion { .. } => Refusal::new(
                "broker.version",
                format!("{self}."),
                "Stop the agent or close the Doorkey window, and start both from the same version.",
            ),
            Self::Paths(_) => Refusal::new("config.no_home", format!("{self}."), "Set HOME, or the variable named."),
        }
    }
}

/// What an agent says when it says no.
pub(crate) fn refused(status: u16, answer: &[u8]) -> ClientError {
    match serde_json::from_slice::<ErrorBody>(answer) {
        Ok(body) => ClientError::Refused(Box::new(body.error)),
        Err(_) => ClientError::Broken(format!("it answered {status} with something else than JSON")),
    }
}

/// A greeting, of an agent that speaks these words.
pub(crate) fn hello(answer: serde_json::Value) -> Result<Hello, ClientError> {
    // Of another version's words this one alone is known to be there.
    match answer.get("api").and_then(serde_json::Value::as_u64) {
        Some(theirs) if theirs != u64::from(words::VERSION) => Err(ClientError::OtherVersion { theirs }),
        Some(_) | None => serde_json::from_value(answer).map_err(broken),
    }
}

pub(crate) fn broken(error: impl std::fmt::Display) -> ClientError {
    ClientError::Broken(error.to_string())
}
