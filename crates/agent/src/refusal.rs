//! From typed errors to the one shape that leaves the agent.

use doorkey_client::words::Refusal;
use doorkey_oauth::{DiscoveryError, Fault};

/// Any error of the protocol's rules.
pub(crate) fn refusal(fault: &impl Fault) -> Refusal {
    let refusal = Refusal::new(fault.code(), fault.to_string(), fault.hint());
    if fault.retryable() { refusal.retryable() } else { refusal }
}

/// A discovery error, with the one-click fix where only the slash differs (META-01).
pub(crate) fn discovery_refusal(error: &DiscoveryError) -> Refusal {
    let plain = refusal(error);
    match error {
        DiscoveryError::IssuerMismatch { got, only_slash: true, .. } => {
            plain.fixed_by(doorkey_client::words::Fix::UseIssuer { issuer: got.clone() })
        }
        _ => plain,
    }
}

/// The person stopped it.
pub(crate) fn cancelled() -> Refusal {
    Refusal::new("user.cancelled", "The sign-in was cancelled.", "")
}
