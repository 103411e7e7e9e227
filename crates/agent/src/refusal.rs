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

/// An error's words as a sentence for people.
pub(crate) fn sentence(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}

/// The person stopped it.
pub(crate) fn cancelled() -> Refusal {
    Refusal::new("user.cancelled", "The sign-in was cancelled.", "")
}
