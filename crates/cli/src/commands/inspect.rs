//! `doorkey inspect`: a sign-in as a report, as files for others, and held against another one. From the journal's files;
//! an agent is asked for evidence only, for what the tokens say.

mod evidence;
mod files;
mod shown;
mod subject;

use doorkey_client::words::{Refusal, VERSION};
use doorkey_qa::compare::{self, Comparison};
use doorkey_qa::flow::{Flow, FlowKind, Listed, Outcome};
use doorkey_qa::har;
use doorkey_qa::report::{self, Report};
use jiff::Timestamp;
use serde::Serialize;

use self::subject::Subject;
use crate::args::Inspect;
use crate::failure::Failure;
use crate::output::Output;

/// The report for machines.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    report: &'a Report,
    /// The files that were written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    written: Vec<String>,
    /// What is wrong with the evidence that was read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    damages: Vec<String>,
}

/// The list for machines.
#[derive(Serialize)]
struct Flows {
    version: u32,
    flows: Vec<FlowLine>,
}

#[derive(Serialize)]
struct FlowLine {
    id: String,
    kind: FlowKind,
    profile: Option<String>,
    began: Timestamp,
    #[serde(flatten)]
    outcome: Outcome,
}

/// A flow of the journal, named as for the command.
pub(crate) fn flow(named: Option<&str>, out: &Output) -> Result<Flow, Failure> {
    match subject::find(named, out)? {
        Subject::Flow(flow) => Ok(*flow),
        Subject::Opened(_) | Subject::Document(_) => {
            let hint = "`doorkey inspect --list` shows what the journal has.";
            Err(Refusal::new("usage.unknown_flow", "That is a file, and no flow of the journal.", hint).into())
        }
    }
}

pub(crate) fn run(args: &Inspect, out: &Output) -> Result<(), Failure> {
    if args.list {
        return list(out);
    }
    let subject = subject::find(args.what.as_deref(), out)?;
    if let Some(other) = &args.compare {
        let other = subject::find(Some(other), out)?;
        return compared(&differences(&subject, &other)?, args, out);
    }
    let mut written = Vec::new();
    if let Some(path) = &args.har {
        let archive = har::of(std::slice::from_ref(flow_of(&subject)?));
        files::keep(path, archive.to_text().as_bytes())?;
        written.push(path.display().to_string());
    }
    if let Some(path) = &args.evidence {
        let Subject::Flow(flow) = &subject else {
            let message = "That is evidence already.";
            return Err(Refusal::new("usage.conflict", message, "Copy the file, or leave `--evidence` out.").into());
        };
        written.push(evidence::write(flow, path, args, out)?.display().to_string());
    }
    let (report, damages) = match &subject {
        Subject::Flow(flow) => (report::of(flow), Vec::new()),
        Subject::Opened(opened) => (opened.report.clone(), opened.damages.iter().map(ToString::to_string).collect()),
        Subject::Document(_) => {
            let hint = "Say with what to compare it: `--compare OTHER`.";
            return Err(Refusal::new("usage.no_document", "That is a document, not a sign-in.", hint).into());
        }
    };
    for damage in &damages {
        out.warn(damage);
    }
    if out.is_json() {
        return out.answer_json(&Answer { report: &report, written, damages });
    }
    if args.markdown {
        out.answer_block(&report.to_markdown())?;
    } else {
        shown::report(&report, out)?;
        if let Subject::Opened(opened) = &subject {
            shown::opened(opened, out)?;
        }
    }
    for file in written {
        out.note(format!("Wrote {file}."));
    }
    Ok(())
}

fn list(out: &Output) -> Result<(), Failure> {
    let index = subject::index(out)?;
    if out.is_json() {
        let line = |listed: &Listed| {
            let Listed { id, kind, profile, began, outcome } = listed.clone();
            FlowLine { id, kind, profile, began, outcome }
        };
        return out.answer_json(&Flows { version: VERSION, flows: index.all().iter().map(line).collect() });
    }
    if index.all().is_empty() {
        out.note("The journal tells of no sign-in yet. It begins with the first: `doorkey login`.");
    }
    index.all().iter().try_for_each(|listed| out.answer(shown::listed(listed, out)))
}

fn flow_of(subject: &Subject) -> Result<&Flow, Failure> {
    let none = || {
        let message = "The entries of that evidence cannot be read any more, or it is no evidence.";
        Refusal::new("usage.no_entries", message, "Its report can be shown: leave the option out.")
    };
    match subject {
        Subject::Flow(flow) => Ok(flow),
        Subject::Opened(opened) => opened.flow.as_ref().ok_or_else(|| none().into()),
        Subject::Document(_) => Err(none().into()),
    }
}

fn differences(one: &Subject, other: &Subject) -> Result<Comparison, Failure> {
    match (one, other) {
        (Subject::Document(one), Subject::Document(other)) => Ok(compare::documents(one, other)),
        (Subject::Document(_), _) | (_, Subject::Document(_)) => {
            let message = "A document cannot be compared with a sign-in.";
            Err(Refusal::new("usage.no_document", message, "Give two of a kind.").into())
        }
        (one, other) => {
            let claims = |subject: &Subject| match subject {
                Subject::Opened(opened) => opened.claims.clone(),
                Subject::Flow(_) | Subject::Document(_) => None,
            };
            let (of_one, of_other) = (claims(one), claims(other));
            let both = of_one.is_some() && of_other.is_some();
            let (one, other) = (flow_of(one)?, flow_of(other)?);
            Ok(compare::flows_with_claims(
                (one, of_one.as_ref().filter(|_| both)),
                (other, of_other.as_ref().filter(|_| both)),
            ))
        }
    }
}

fn compared(comparison: &Comparison, args: &Inspect, out: &Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.answer_json(comparison);
    }
    if args.markdown {
        return out.answer_block(&comparison.to_markdown());
    }
    shown::comparison(comparison, out)
}
