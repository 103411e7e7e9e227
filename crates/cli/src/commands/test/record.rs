//! `doorkey test record`: a sign-in of the journal as a scenario. No agent is asked.

use std::fs;

use doorkey_agent::{Found, History, read_profiles, write_profiles};
use doorkey_client::words::{Event, Profile, Refusal};
use doorkey_qa::flow::{Flow, Index};
use doorkey_qa::scenario::record;
use serde::Serialize;

use crate::agency;
use crate::args::TestRecord;
use crate::commands::journal::unreadable;
use crate::failure::Failure;
use crate::line::Line;
use crate::output::Output;

/// What a profile is called while its table is written.
const NAME: &str = "scenario";

#[derive(Serialize)]
struct Answer<'a> {
    version: u32,
    flow: &'a str,
    text: &'a str,
}

pub(super) fn run(args: &TestRecord, out: &Output) -> Result<(), Failure> {
    let flow = wanted(args.flow.as_deref())?;
    let profile = profile(&flow)?;
    let table = write_profiles(&[Profile { name: NAME.to_owned(), ..profile }])
        .replace(&format!("[profiles.{NAME}"), "[profile");
    let text = record::scenario(&flow, &table).map_err(|why| {
        let what = format!("{} cannot be made a scenario: {why}.", flow.id);
        Refusal::new("usage.no_flow", what, "Sign in to the end first: `doorkey login`.")
    })?;
    if out.is_json() {
        return out.answer_json(&Answer { version: doorkey_client::words::VERSION, flow: &flow.id, text: &text });
    }
    out.answer_block(&text)?;
    out.note(Line::new().dim("Try it: doorkey test run FILE.toml"));
    Ok(())
}

/// The newest sign-in, or the one whose id begins so.
fn wanted(beginning: Option<&str>) -> Result<Flow, Failure> {
    let mut index = Index::default();
    each(|event| index.see(&event))?;
    let found = match beginning {
        None => index.newest_sign_in(None),
        Some(beginning) => {
            let mut fitting = index.beginning_with(beginning);
            let first = fitting.next();
            if fitting.next().is_some() {
                let what = format!("More than one id begins with `{beginning}`.");
                return Err(Refusal::new("usage.no_flow", what, "Give more of it.").into());
            }
            first
        }
    };
    let Some(id) = found.map(|listed| listed.id.clone()) else {
        let what = match beginning {
            None => "The journal has no sign-in.".to_owned(),
            Some(beginning) => format!("The journal has nothing whose id begins with `{beginning}`."),
        };
        return Err(Refusal::new("usage.no_flow", what, "Sign in first: `doorkey login`.").into());
    };
    let mut events = Vec::new();
    each(|event| {
        if event.flow.as_deref() == Some(&id) {
            events.push(event);
        }
    })?;
    Flow::of(events).map_err(|error| {
        Refusal::new("bug.unexpected", format!("The sign-in {id} cannot be read: {error}."), "").into()
    })
}

/// Every entry of the journal, the oldest first.
fn each(mut take: impl FnMut(Event)) -> Result<(), Failure> {
    let folder = agency::paths()?.journal();
    let mut history = History::of(folder.clone()).map_err(|error| unreadable(&folder, &error))?;
    while let Some(found) = history.read().map_err(|error| unreadable(&folder, &error))? {
        if let Found::Entry(entry) = found
            && let Some(event) = entry.event()
        {
            take(event);
        }
    }
    Ok(())
}

fn profile(flow: &Flow) -> Result<Profile, Failure> {
    let path = agency::paths()?.profiles();
    let text = fs::read_to_string(&path).unwrap_or_default();
    let (profiles, _) = read_profiles(&text, &path.display().to_string());
    let found = profiles.into_iter().find(|profile| Some(&profile.name) == flow.profile.as_ref());
    found.ok_or_else(|| {
        let what =
            format!("The profile `{}` of this sign-in is not here any more.", flow.profile.as_deref().unwrap_or("?"));
        Refusal::new("config.no_profile", what, "Record a sign-in of a profile that `doorkey profile list` shows.")
            .into()
    })
}
