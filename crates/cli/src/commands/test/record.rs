//! `doorkey test record`: a sign-in of the journal as a scenario. No agent is asked.

use std::fs;

use doorkey_agent::{read_profiles, write_profiles};
use doorkey_client::words::{Profile, Refusal};
use doorkey_qa::flow::Flow;
use doorkey_qa::scenario::record;
use serde::Serialize;

use crate::agency;
use crate::args::TestRecord;
use crate::commands::inspect;
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
    let flow = inspect::flow(args.flow.as_deref(), out)?;
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
