//! What can go wrong with the listener, in words for the person.

use std::io;

use doorkey_client::words::Refusal;

use crate::refusal::sentence;

/// Why there is no listener.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindError {
    /// The profile names a port that cannot work (L-08).
    #[error("port {port} cannot be used for a redirect address: browsers refuse it or it needs administrator rights")]
    PortNotAllowed {
        /// The port.
        port: u16,
    },
    /// The path would not arrive as written, or is one of our own pages.
    #[error("the redirect path is not a plain URL path")]
    Path,
    /// Every port is in use (L-06); the list is empty when any port would have done.
    #[error("no port is free for the redirect address{}", listed(ports))]
    NoPort {
        /// The ports tried.
        ports: Vec<u16>,
    },
    /// Another program listens on `[::1]` only, where it could take the answer (L-03).
    #[error("another program holds port {port} on [::1]")]
    PortTakenV6 {
        /// The port.
        port: u16,
    },
    /// The system says no.
    #[error("the system does not allow listening on loopback")]
    Blocked {
        /// What the system said.
        source: io::Error,
    },
    /// Neither 127.0.0.1 nor `[::1]` exists.
    #[error("this machine has no loopback address")]
    NoLoopback,
}

/// Why the wait ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WaitError {
    /// The deadline passed.
    #[error("no answer came from the browser in time")]
    TimedOut,
}

impl BindError {
    /// The refusal to hand out.
    pub(crate) fn refusal(&self) -> Refusal {
        let (code, hint) = match self {
            Self::PortNotAllowed { .. } => (
                "config.redirect_port",
                "Choose ports from 1024 up that browsers open, such as 8484, and register them.",
            ),
            Self::Path => ("config.redirect_path", "Use a path of letters, digits, '-' and '/', beginning with '/'."),
            Self::NoPort { ports } if ports.is_empty() => {
                ("listener.no_port", "Close programs that hold many connections and try again.")
            }
            Self::NoPort { .. } => (
                "listener.no_port",
                "Close the program that uses one of these ports, or add another port to the profile and register it with the provider.",
            ),
            Self::PortTakenV6 { .. } => {
                ("listener.port_taken_v6", "Close that program, or use another port and register it with the provider.")
            }
            Self::Blocked { .. } => (
                "listener.blocked",
                "Allow Doorkey to listen on 127.0.0.1: a sandbox, security software or a system policy forbids it.",
            ),
            Self::NoLoopback => {
                ("listener.no_loopback", "Bring the loopback interface up, such as with: ip link set lo up")
            }
        };
        let message = match self {
            Self::Blocked { source } => sentence(&format!("{self}: {source}")),
            _ => sentence(self),
        };
        let refusal = Refusal::new(code, sentence(&message), hint);
        match self {
            Self::NoPort { .. } | Self::PortTakenV6 { .. } => refusal.retryable(),
            Self::PortNotAllowed { .. } | Self::Path | Self::Blocked { .. } | Self::NoLoopback => refusal,
        }
    }
}

fn listed(ports: &[u16]) -> String {
    match ports {
        [] => String::new(),
        ports => format!(": tried {}", ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// the system forbids to listen | `listener.blocked`, and who forbids it
    #[test]
    fn a_system_that_forbids_it_is_named_as_the_one_who_does() {
        let source = io::Error::from(io::ErrorKind::PermissionDenied);
        let refusal = BindError::Blocked { source }.refusal();
        assert_eq!((refusal.code.as_str(), refusal.retryable), ("listener.blocked", false));
        assert!(refusal.message.starts_with("The system does not allow listening on loopback: "), "{refusal:?}");
        assert!(refusal.hint.contains("security software"), "{refusal:?}");
    }

    /// loopback has no address | `listener.no_loopback`, and how to bring it up
    #[test]
    fn a_machine_without_loopback_is_told_how_to_bring_it_up() {
        let refusal = BindError::NoLoopback.refusal();
        assert_eq!(refusal.code, "listener.no_loopback");
        assert!(refusal.hint.contains("ip link set lo up"), "{refusal:?}");
    }
}
