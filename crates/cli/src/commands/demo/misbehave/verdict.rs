//! Whether it ended as it must, for people and for machines.

use doorkey_client::words::{BrowserSignOut, Check, Refusal, Session, SignOutStep, StepName, VERSION};
use doorkey_demo_idp::{Misbehaviour, MustEnd};
use serde::Serialize;

use crate::commands::demo::report::Report;
use crate::failure::Failure;
use crate::line::{Line, Mark};

/// `EX_SOFTWARE`: what ends otherwise than it must is a bug.
const OTHERWISE: u8 = 70;

/// What came of it.
pub(super) struct Played {
    pub(super) ended: Ended,
    /// What became of the session from before, where there was one.
    pub(super) old: Option<Old>,
    /// Checks that failed.
    pub(super) failed: Vec<Check>,
    /// Why nothing of userinfo is used, where that is so.
    pub(super) no_details: Option<Refusal>,
}

/// How it ended.
pub(super) enum Ended {
    SignedIn(Box<Session>),
    Refused(Box<Refusal>),
    /// The answer was not taken, and this came of the right one.
    Waited(Box<Self>),
    Renewed,
    NotRenewed(Box<Refusal>),
    /// What was done here, and what the browser brought back from the provider's sign-out page.
    SignedOut {
        steps: Vec<SignOutStep>,
        browser: BrowserSignOut,
    },
}

/// The session from before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Old {
    AsItWas,
    Changed,
    Gone,
}

/// An end for machines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::commands) struct End {
    end: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Accepted,
    WithoutDetails,
    Refused,
    Waiting,
    Renewed,
    NotRenewed,
    SignedOut,
    Unconfirmed,
}

#[derive(Debug, Serialize)]
struct Verdict<'a> {
    version: u32,
    name: &'static str,
    rows: &'static [&'static str],
    suite: Option<&'static str>,
    what: &'static str,
    must_end: End,
    ended: End,
    as_it_must: bool,
    old_session: Option<Old>,
    refusal: Option<&'a Refusal>,
    failed_checks: &'a [Check],
    sign_out: Option<&'a [SignOutStep]>,
}

/// Says it, and ends with 70 when it is not as it must be.
pub(super) fn tell(how: Misbehaviour, played: &Played, report: &Report<'_>) -> Result<(), Failure> {
    let Played { ended, old, failed, no_details } = played;
    let as_it_must = is_as_it_must(how.must_end(), played);
    let verdict = Verdict {
        version: VERSION,
        name: how.name(),
        rows: how.rows(),
        suite: how.suite(),
        what: how.what(),
        must_end: End::from(how.must_end()),
        ended: End::of(ended, no_details.as_ref()),
        as_it_must,
        old_session: *old,
        refusal: ended.refusal().or(no_details.as_ref()),
        failed_checks: failed,
        sign_out: ended.steps(),
    };
    if report.out.is_json() {
        report.out.answer_json(&verdict)?;
    } else {
        shown(&verdict, report)?;
    }
    if as_it_must { Ok(()) } else { Err(Failure::Partly(OTHERWISE)) }
}

fn shown(verdict: &Verdict<'_>, report: &Report<'_>) -> Result<(), Failure> {
    let out = report.out;
    let fact = |name: &str, text: &str| out.answer_hanging(&Line::new().dim(format!("  {name:<12} ")), text);
    out.answer("")?;
    out.answer(Line::new().strong("What came of it"))?;
    let suite = verdict.suite.map(|suite| format!(", {suite}")).unwrap_or_default();
    fact("row", &format!("{}{suite}", verdict.rows.join(", ")))?;
    fact("provider", verdict.what)?;
    for check in verdict.failed_checks {
        fact("check failed", &format!("{} (expected {}, got {})", check.name, check.expected, check.got))?;
    }
    if let Some(refusal) = verdict.refusal {
        fact("Doorkey says", &refusal.message)?;
        fact("next", &refusal.hint)?;
    }
    for step in verdict.sign_out.unwrap_or_default() {
        let done = if step.done { "done" } else { "not done" };
        let reason = if step.reason.is_empty() { String::new() } else { format!(": {}", step.reason) };
        fact("sign-out", &format!("{} {done}{reason}", step_name(step.step)))?;
    }
    fact("it ended", &as_text(&verdict.ended))?;
    fact("it must end", &as_text(&verdict.must_end))?;
    if let Some(old) = verdict.old_session {
        fact(
            "old session",
            match old {
                Old::AsItWas => "as it was, with the same token",
                Old::Changed => "changed",
                Old::Gone => "gone",
            },
        )?;
    }
    let (mark, word) =
        if verdict.as_it_must { (Mark::Done, "as it must") } else { (Mark::Failed, "not as it must: tell us") };
    out.answer(out.answers().marked(mark).strong(word))
}

fn is_as_it_must(must: MustEnd, played: &Played) -> bool {
    let Played { ended, old, no_details, .. } = played;
    let kept = *old == Some(Old::AsItWas);
    match must {
        MustEnd::Accepted => matches!(ended, Ended::SignedIn(_)),
        MustEnd::WithoutDetails(code) => {
            let why = no_details.as_ref().is_some_and(|refusal| refusal.code == code);
            matches!(ended, Ended::SignedIn(session) if session.name.is_none() && session.email.is_none()) && why
        }
        MustEnd::Refused(code) => matches!(ended, Ended::Refused(refusal) if refusal.code == code) && kept,
        MustEnd::Waiting => matches!(ended, Ended::Waited(then) if matches!(**then, Ended::SignedIn(_))) && kept,
        MustEnd::NotRenewed(code) => matches!(ended, Ended::NotRenewed(refusal) if refusal.code == code) && kept,
        MustEnd::Unconfirmed => {
            let done = |name: StepName, steps: &[SignOutStep]| steps.iter().any(|step| step.step == name && step.done);
            matches!(ended, Ended::SignedOut { steps, browser: BrowserSignOut::NotVerified }
                if done(StepName::Revoke, steps) && done(StepName::Forget, steps))
                && *old == Some(Old::Gone)
        }
    }
}

impl Ended {
    fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) | Self::NotRenewed(refusal) => Some(refusal),
            Self::Waited(then) => then.refusal(),
            Self::SignedIn(_) | Self::Renewed | Self::SignedOut { .. } => None,
        }
    }

    fn steps(&self) -> Option<&[SignOutStep]> {
        match self {
            Self::SignedOut { steps, .. } => Some(steps),
            Self::SignedIn(_) | Self::Refused(_) | Self::Waited(_) | Self::Renewed | Self::NotRenewed(_) => None,
        }
    }
}

impl End {
    fn new(end: Kind, code: Option<&str>) -> Self {
        Self { end, code: code.map(str::to_owned) }
    }

    fn of(ended: &Ended, no_details: Option<&Refusal>) -> Self {
        match ended {
            Ended::SignedIn(_) => match no_details {
                Some(refusal) => Self::new(Kind::WithoutDetails, Some(&refusal.code)),
                None => Self::new(Kind::Accepted, None),
            },
            Ended::Refused(refusal) => Self::new(Kind::Refused, Some(&refusal.code)),
            Ended::Waited(then) => match &**then {
                Ended::SignedIn(_) => Self::new(Kind::Waiting, None),
                other => Self::of(other, no_details),
            },
            Ended::Renewed => Self::new(Kind::Renewed, None),
            Ended::NotRenewed(refusal) => Self::new(Kind::NotRenewed, Some(&refusal.code)),
            Ended::SignedOut { browser: BrowserSignOut::NotVerified, .. } => Self::new(Kind::Unconfirmed, None),
            Ended::SignedOut { browser: BrowserSignOut::Confirmed | BrowserSignOut::NotReturned, .. } => {
                Self::new(Kind::SignedOut, None)
            }
        }
    }
}

impl From<MustEnd> for End {
    fn from(must: MustEnd) -> Self {
        let end = match must {
            MustEnd::Accepted => Kind::Accepted,
            MustEnd::WithoutDetails(_) => Kind::WithoutDetails,
            MustEnd::Refused(_) => Kind::Refused,
            MustEnd::Waiting => Kind::Waiting,
            MustEnd::NotRenewed(_) => Kind::NotRenewed,
            MustEnd::Unconfirmed => Kind::Unconfirmed,
        };
        Self::new(end, must.code())
    }
}

/// The same for people.
pub(in crate::commands) fn as_text(end: &End) -> String {
    let what = match end.end {
        Kind::Accepted => "signed in",
        Kind::WithoutDetails => "signed in, with nothing of userinfo",
        Kind::Refused => "refused",
        Kind::Waiting => "not taken: it waits for the right answer",
        Kind::Renewed => "renewed",
        Kind::NotRenewed => "not renewed",
        Kind::SignedOut => "signed out",
        Kind::Unconfirmed => "signed out here; told that the provider's confirmation could not be verified",
    };
    end.code.as_ref().map_or_else(|| what.to_owned(), |code| format!("{what}: {code}"))
}

fn step_name(step: StepName) -> &'static str {
    match step {
        StepName::Revoke => "revoking the token",
        StepName::Forget => "forgetting it here",
        StepName::EndSession => "the browser's session",
    }
}
