//! What one look found.

use serde::Serialize;

/// What one look found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// Stable: `user`, `folders`, `agent`, `vault`, `vault files`, `journal`, `profiles`, `provider`, `clock`, `loopback`, `browser`,
    /// `session`, `proxy`, `certificates`.
    pub(super) name: &'static str,
    pub(super) outcome: Outcome,
    /// One sentence or a few words.
    pub(super) found: String,
    /// What to do; empty when there is nothing to do.
    pub(super) next: String,
    #[serde(skip)]
    pub(super) part: Part,
}

/// How it is; the later, the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Fine,
    Warning,
    Problem,
}

/// Where a problem is, which decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Settings,
    Vault,
}

impl Finding {
    pub(super) fn fine(name: &'static str, found: String) -> Self {
        Self { name, outcome: Outcome::Fine, found, next: String::new(), part: Part::Settings }
    }

    pub(super) fn warning(name: &'static str, found: String, next: &str) -> Self {
        Self { name, outcome: Outcome::Warning, found, next: next.to_owned(), part: Part::Settings }
    }

    pub(super) fn problem(part: Part, name: &'static str, found: String, next: &str) -> Self {
        Self { name, outcome: Outcome::Problem, found, next: next.to_owned(), part }
    }
}
