//! The checks of the protocol's rules, in the words of the API.

use doorkey_client::words::{Check, CheckOutcome};
use doorkey_oauth::CheckOutcome as Outcome;

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
