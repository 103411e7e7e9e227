//! What was expected of a step, held against what was seen.

mod rules;

use std::time::Duration;

use doorkey_client::words::{
    BrowserSignOut, IdentityReport, Refusal, Session, SignOut, SignOutStep, StepName, TokenReport,
};

use super::Expect;
use crate::flow::Flow;

/// What was seen of one step.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Seen {
    /// The refusal it ended in, where it did.
    pub refusal: Option<Refusal>,
    /// The session it ended with.
    pub session: Option<Session>,
    /// What a sign-out did.
    pub done: Option<Vec<SignOutStep>>,
    /// What the browser brought back from a sign-out.
    pub browser: Option<BrowserSignOut>,
    /// Its entries in the journal.
    pub flow: Option<Flow>,
    /// Who the provider says the person is.
    pub identity: Option<IdentityReport>,
    /// What the access token says.
    pub token: Option<TokenReport>,
    /// How long all of it took.
    pub took: Duration,
}

/// One expectation, and what came.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Judged {
    /// What was looked at, such as `claim email`.
    pub what: String,
    /// Whether it was as expected.
    pub held: bool,
    /// What was expected.
    pub expected: String,
    /// What was there.
    pub got: String,
}

/// Which step it is: how it is called when it ends well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    SignIn,
    Renewal,
    SignOut(SignOut),
}

impl Kind {
    pub(super) fn ends_well(self) -> &'static str {
        match self {
            Self::SignIn => "signed_in",
            Self::Renewal => "renewed",
            Self::SignOut(_) => "signed_out",
        }
    }

    /// What it must have done where nothing else is said.
    fn does(self) -> Option<&'static [StepName]> {
        match self {
            Self::SignIn | Self::Renewal => None,
            Self::SignOut(SignOut::Forget) => Some(&[StepName::Forget]),
            Self::SignOut(SignOut::Revoke) => Some(&[StepName::Revoke, StepName::Forget]),
            Self::SignOut(SignOut::Everywhere) => Some(&[StepName::Revoke, StepName::Forget, StepName::EndSession]),
        }
    }
}

/// Each expectation by itself. Where the end is another than the expected one, the rest is not looked at.
pub(super) fn judge(kind: Kind, expect: &Expect, seen: &Seen) -> Vec<Judged> {
    let expected = expect.ends.as_deref().unwrap_or(kind.ends_well());
    let ended = match (&seen.refusal, kind) {
        (Some(refusal), _) => refusal.code.as_str(),
        (None, Kind::SignIn | Kind::Renewal) if seen.session.is_none() => "without a session and without a refusal",
        (None, _) => kind.ends_well(),
    };
    let got = match &seen.refusal {
        Some(refusal) if refusal.code != expected => format!("{}: {}", refusal.code, refusal.message),
        _ => ended.to_owned(),
    };
    let mut judged = vec![Judged::new("ends", expected == ended, expected, got)];
    if expected == ended {
        judged.extend(rules::all(expect, seen));
        // A sign-out that did less than it is for has ended as well as any other.
        if let (None, None, Some(does)) = (&expect.done, &seen.refusal, kind.does()) {
            judged.push(rules::done(does, seen));
        }
    }
    judged
}

impl Judged {
    fn new(what: impl Into<String>, held: bool, expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self { what: what.into(), held, expected: expected.into(), got: got.into() }
    }
}
