//! The report, the list and the differences for a person at a terminal.

use std::time::Duration;

use doorkey_client::words::CheckOutcome;
use doorkey_qa::compare::{Comparison, Difference, in_short};
use doorkey_qa::evidence::Opened;
use doorkey_qa::flow::{Listed, Outcome};
use doorkey_qa::report::{Answer, Report, Request, Tried};
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::commands::facts::Facts;
use crate::commands::journal::local;
use crate::failure::Failure;
use crate::line::{Line, Mark, Style};
use crate::output::Output;
use crate::text::count;
use crate::time::took;

/// Of an id, enough to name it.
const ID_SHOWN: usize = 8;

pub(super) fn report(report: &Report, out: &Output) -> Result<(), Failure> {
    let whose = report.profile.as_ref().map(|it| Line::from(" with ").strong(it)).unwrap_or_default();
    let head = Line::from("The ").plain(report.kind.words()).then(whose).plain(" ").then(ended(&report.outcome));
    out.answer(head.plain("."))?;
    if let Some(refusal) = report.refusal() {
        out.answer_hanging(&Line::from("  "), &refusal.message)?;
        if !refusal.hint.is_empty() {
            out.answer_hanging(&Line::new().dim("  next: "), &refusal.hint)?;
        }
    }
    let zone = TimeZone::system();
    Facts::default()
        .maybe("provider", report.issuer.as_deref())
        .maybe("person", report.sub.as_deref())
        .add("began", local(report.began, &zone))
        .add("took", took(Duration::from_millis(report.took_ms)))
        .add("flow", report.flow.as_str())
        .maybe("agent", report.agent.as_deref().map(|version| format!("version {version}")))
        .answer(out)?;
    if !report.requests.is_empty() {
        out.answer("Requests:")?;
        report.requests.iter().try_for_each(|it| request(it, out))?;
    }
    report.answers.iter().try_for_each(|it| answer(it, out))?;
    let counts = report.counts;
    let line = format!(
        "{} passed, {} failed, {} warned, {} not applicable.",
        count(usize::try_from(counts.passed).unwrap_or(usize::MAX), "check"),
        counts.failed,
        counts.warned,
        counts.not_applicable
    );
    out.answer(Line::new().strong(line))
}

fn request(request: &Request, out: &Output) -> Result<(), Failure> {
    let (mark, answer) = match (request.status, &request.problem) {
        (Some(status), _) if status < 400 => (Mark::Done, status.to_string()),
        (Some(status), _) => (Mark::Warned, status.to_string()),
        (None, Some(problem)) => (Mark::Failed, problem.clone()),
        (None, None) => (Mark::Failed, "no answer".to_owned()),
    };
    let line = out.answers().marked(mark).plain(format!("{:<14}", request.purpose));
    let line = line.plain(format!("{} {}", request.method, request.url)).plain("  ").strong(answer);
    out.answer(line.dim(format!(" ({})", took(Duration::from_millis(u64::from(request.took_ms))))))
}

fn answer(answer: &Answer, out: &Output) -> Result<(), Failure> {
    out.answer(format!("{}:", answer.title))?;
    let room = answer.checks.iter().map(|tried| tried.check.name.len()).max().unwrap_or(0);
    answer.checks.iter().try_for_each(|it| tried(it, room, out))
}

/// What held in a line; what did not with what that means.
fn tried(tried: &Tried, room: usize, out: &Output) -> Result<(), Failure> {
    let Tried { check, consequence } = tried;
    let name = format!("{:<room$}  ", check.name);
    let marked = |mark| out.answers().marked(mark);
    match check.outcome {
        CheckOutcome::Passed => out.answer(marked(Mark::Done).plain(name).plain(&check.got)),
        CheckOutcome::NotApplicable => {
            out.answer(Line::from("  - ").dim(name).dim(format!("not applicable: {}", check.got)))
        }
        CheckOutcome::Failed | CheckOutcome::Warned => {
            let is_failed = check.outcome == CheckOutcome::Failed;
            let (mark, word, style) = match is_failed {
                true => (Mark::Failed, "FAILED", Style::Bad),
                false => (Mark::Warned, "odd", Style::Warning),
            };
            out.answer(marked(mark).strong(name).with(style, word).dim(format!("  {}", check.source)))?;
            for (what, text) in [("expected  ", &check.expected), ("got       ", &check.got)] {
                out.answer_hanging(&Line::from("      ").dim(what), text)?;
            }
            match consequence {
                Some(text) => out.answer_hanging(&Line::from("      ").dim("otherwise "), text),
                None => Ok(()),
            }
        }
    }
}

/// What evidence has beside the report.
pub(super) fn opened(opened: &Opened, out: &Output) -> Result<(), Failure> {
    let redacted = if opened.manifest.redacted { "redacted" } else { "with a secret in it" };
    let made = format!("Evidence made {}, {redacted}", local(opened.manifest.made_at, &TimeZone::system()));
    let on = opened.environment.as_ref().map(|it| format!(", by Doorkey {} on {} ({})", it.doorkey, it.os, it.arch));
    out.answer(Line::from(made).plain(on.unwrap_or_default()).plain("."))?;
    let Some(claims) = &opened.claims else { return Ok(()) };
    let of = if claims.of_this_flow { "" } else { " (of a later renewal or sign-in)" };
    let parts = [
        ("The ID token said", claims.id_token.as_ref().map(|token| &token.claims)),
        ("Userinfo said", claims.userinfo.as_ref()),
        ("The access token said, to its API", claims.access_token.as_ref().map(|token| &token.claims)),
    ];
    for (what, claims) in parts {
        let Some(claims) = claims else { continue };
        out.answer(format!("{what}{of}:"))?;
        let room = claims.keys().map(|name| name.chars().count()).max().unwrap_or(0);
        for (name, value) in claims {
            out.answer(Line::new().dim(format!("    {name:<room$}  ")).plain(in_short(value)))?;
        }
    }
    Ok(())
}

/// A line of the list.
pub(super) fn listed(listed: &Listed, out: &Output) -> Line {
    let mark = match &listed.outcome {
        Outcome::Succeeded => Mark::Done,
        Outcome::Refused { .. } => Mark::Failed,
        Outcome::Cancelled => Mark::Warned,
        Outcome::Untold => Mark::Waiting,
    };
    let id: String = listed.id.chars().take(ID_SHOWN).collect();
    Line::new()
        .dim(local(listed.began, &TimeZone::system()))
        .then(out.answers().marked(mark))
        .strong(id)
        .plain(format!("  {:<10}  {}", listed.profile.as_deref().unwrap_or("-"), listed.kind.words()))
        .dim(format!("  {}", listed.outcome.words()))
}

pub(super) fn comparison(comparison: &Comparison, out: &Output) -> Result<(), Failure> {
    let same = format!("{} the same", comparison.same);
    if comparison.is_same() {
        return out.answer(out.answers().marked(Mark::Done).plain(format!("No difference: {same}.")));
    }
    for Difference { at, one, other } in &comparison.differences {
        out.answer(Line::new().strong(at))?;
        let shown = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), in_short);
        for (which, value) in [("    one    ", one), ("    other  ", other)] {
            out.answer_hanging(&Line::new().dim(which), &shown(value))?;
        }
    }
    let differences = count(comparison.differences.len(), "difference");
    out.answer(Line::new().strong(format!("{differences}, {same}.")))
}

fn ended(outcome: &Outcome) -> Line {
    match outcome {
        Outcome::Succeeded => Line::new().with(Style::Good, "succeeded"),
        Outcome::Refused { refusal } => {
            Line::from("was ").with(Style::Bad, "refused").plain(" (").strong(&refusal.code).plain(")")
        }
        Outcome::Cancelled => Line::from("was ").with(Style::Warning, "stopped"),
        Outcome::Untold => Line::from("has ").with(Style::Warning, "not ended").plain(", as far as the journal tells"),
    }
}
