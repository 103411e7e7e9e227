//! The checks of the protocol's rules, in the words of the API.

use doorkey_client::words::{Check, CheckOutcome, EventKind};
use doorkey_oauth::{AccessTokenContext, Asked, CheckOutcome as Outcome, Metadata, Tokens, report_access_token};
use jiff::Timestamp;

/// That an answer was checked, for the journal.
pub(crate) fn checked(subject: &str, checks: &[doorkey_oauth::Check]) -> EventKind {
    EventKind::Checked { subject: subject.to_owned(), checks: words(checks) }
}

/// The access token, held against the standard for those that show what is in them. It is advice: nothing is decided by it,
/// and nothing but the rules is told of it.
pub(crate) fn looked_into(
    metadata: &Metadata,
    client_id: &str,
    asked: &Asked,
    tokens: &Tokens,
    now: Timestamp,
) -> EventKind {
    let context = AccessTokenContext { issuer: &metadata.issuer, client_id, asked, now: now.as_second() };
    checked("access_token", &report_access_token(&tokens.access_token, &context).checks)
}

pub(crate) fn words(checks: &[doorkey_oauth::Check]) -> Vec<Check> {
    checks
        .iter()
        .map(|check| Check {
            name: check.name.to_owned(),
            outcome: match check.outcome {
                Outcome::Passed => CheckOutcome::Passed,
                Outcome::Failed => CheckOutcome::Failed,
                Outcome::Warned => CheckOutcome::Warned,
                Outcome::NotApplicable => CheckOutcome::NotApplicable,
            },
            expected: check.expected.clone(),
            got: check.got.clone(),
            source: check.source.to_owned(),
        })
        .collect()
}
