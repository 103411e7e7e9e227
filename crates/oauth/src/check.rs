//! Named rules tried on an answer, passed ones too: what QA people read.

use crate::text::clean;

/// One named rule tried on an answer of the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Such as `idtoken.nonce`.
    pub name: &'static str,
    /// How it went.
    pub outcome: CheckOutcome,
    /// What the rule wants.
    pub expected: String,
    /// What was there: cleaned, cut at 200 characters, never a secret.
    pub got: String,
    /// Where the rule is written, such as `OpenID Connect Core 3.1.3.7 (11)`.
    pub source: &'static str,
}

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckOutcome {
    /// As it must be.
    Passed,
    /// Refused.
    Failed,
    /// Odd, not refused.
    Warned,
    /// The rule does not apply to this answer, or could not be tried.
    NotApplicable,
}

/// All checks of one answer, in a fixed order, and what comes of them: the value, or the error of the first
/// check that failed.
#[derive(Debug)]
pub struct Report<T, E> {
    /// Every rule, whatever came of it.
    pub checks: Vec<Check>,
    /// What may be used.
    pub outcome: Result<T, E>,
}

/// A rule's name and where it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) source: &'static str,
}

/// What a rule says of an answer.
#[derive(Debug)]
pub(crate) struct Verdict<E> {
    outcome: CheckOutcome,
    expected: String,
    got: String,
    error: Option<E>,
}

impl<E> Verdict<E> {
    pub(crate) fn passed(expected: impl Into<String>, got: impl AsRef<str>) -> Self {
        Self::new(CheckOutcome::Passed, expected, got, None)
    }

    pub(crate) fn warned(expected: impl Into<String>, got: impl AsRef<str>) -> Self {
        Self::new(CheckOutcome::Warned, expected, got, None)
    }

    pub(crate) fn not_applicable(expected: impl Into<String>, got: impl AsRef<str>) -> Self {
        Self::new(CheckOutcome::NotApplicable, expected, got, None)
    }

    pub(crate) fn failed(expected: impl Into<String>, got: impl AsRef<str>, error: E) -> Self {
        Self::new(CheckOutcome::Failed, expected, got, Some(error))
    }

    /// The same with the error in another's words.
    pub(crate) fn map_error<F>(self, change: impl FnOnce(E) -> F) -> Verdict<F> {
        let Self { outcome, expected, got, error } = self;
        Verdict { outcome, expected, got, error: error.map(change) }
    }

    fn new(outcome: CheckOutcome, expected: impl Into<String>, got: impl AsRef<str>, error: Option<E>) -> Self {
        Self { outcome, expected: clean(&expected.into(), 200), got: clean(got.as_ref(), 200), error }
    }
}

/// Collects verdicts; the first error counts.
#[derive(Debug)]
pub(crate) struct Ledger<E> {
    checks: Vec<Check>,
    first: Option<E>,
}

impl<E> Ledger<E> {
    pub(crate) fn new() -> Self {
        Self { checks: Vec::new(), first: None }
    }

    pub(crate) fn enter(&mut self, rule: Rule, verdict: Verdict<E>) {
        let Verdict { outcome, expected, got, error } = verdict;
        self.checks.push(Check { name: rule.name, outcome, expected, got, source: rule.source });
        self.first = self.first.take().or(error);
    }

    /// Closes the ledger. `value` is asked only when nothing failed.
    pub(crate) fn close<T>(self, value: impl FnOnce() -> Result<T, E>) -> Report<T, E> {
        let outcome = match self.first {
            Some(error) => Err(error),
            None => value(),
        };
        Report { checks: self.checks, outcome }
    }
}
