//! An ID token judged with the provider's keys, which are read once more when it names one that is not among them.

use doorkey_client::words::Refusal;
use doorkey_oauth::{Claims, Expected, IdTokenError, IdTokenText, Metadata, Report, verify};

use crate::agent::Agent;
use crate::journal::Trail;

/// What the rules say of it.
///
/// # Errors
/// When it cannot be judged, because the keys could not be read.
pub(crate) async fn judged(
    agent: &Agent,
    trail: &Trail,
    metadata: &Metadata,
    text: &IdTokenText,
    expected: &Expected<'_>,
) -> Result<Report<Claims, IdTokenError>, Refusal> {
    let keys = agent.providers.keys(&agent.host, trail, metadata).await?;
    let report = verify(text, &keys.set, expected);
    if !report.outcome.as_ref().is_err_and(IdTokenError::unknown_key) {
        return Ok(report);
    }
    match agent.providers.newer_keys(&agent.host, trail, metadata, &keys).await? {
        Some(newer) => Ok(verify(text, &newer.set, expected)),
        None => Ok(report),
    }
}
