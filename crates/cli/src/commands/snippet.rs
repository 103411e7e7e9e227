//! `doorkey snippet`: the request that was sent to the provider, as a program. From the journal; no agent is asked.

use doorkey_agent::{Found, History};
use doorkey_client::words::{EventKind, Exchange, Refusal, VERSION};
use doorkey_qa::sample::{self, Sample};
use serde::Serialize;

use crate::agency;
use crate::args::{Snippet, SnippetOf};
use crate::commands::journal::unreadable;
use crate::failure::Failure;
use crate::line::Line;
use crate::output::Output;

#[derive(Serialize)]
struct Answer<'a> {
    version: u32,
    language: &'static str,
    file_name: &'static str,
    text: &'a str,
    variables: &'a [String],
}

pub(crate) fn run(args: &Snippet, out: &Output) -> Result<(), Failure> {
    let exchange = newest(args)?;
    let sample = sample::write(&exchange.request, args.lang)
        .map_err(|error| Refusal::new("usage.no_sample", format!("The sample cannot be written: {error}."), ""))?;
    if out.is_json() {
        let Sample { text, variables } = &sample;
        let (language, file_name) = (args.lang.name(), args.lang.file_name());
        return out.answer_json(&Answer { version: VERSION, language, file_name, text, variables });
    }
    out.answer_block(&sample.text)?;
    if !sample.variables.is_empty() {
        let variables = sample.variables.join(", ");
        out.note(Line::new().dim(format!("It reads {variables} from the environment: no secret stands in it.")));
    }
    Ok(())
}

/// The newest of its kind.
fn newest(args: &Snippet) -> Result<Exchange, Failure> {
    let folder = agency::paths()?.journal();
    let mut history = History::of(folder.clone()).map_err(|error| unreadable(&folder, &error))?;
    let mut newest = None;
    while let Some(found) = history.read().map_err(|error| unreadable(&folder, &error))? {
        let Found::Entry(entry) = found else { continue };
        let about = entry.about();
        let is_asked = args.profile.is_none() || about.profile == args.profile;
        if about.kind == "exchanged"
            && is_asked
            && let Some(event) = entry.event()
            && let EventKind::Exchanged { exchange } = event.kind
            && exchange.purpose == args.of.purpose()
        {
            newest = Some(*exchange);
        }
    }
    newest.ok_or_else(|| nothing_sent(args).into())
}

fn nothing_sent(args: &Snippet) -> Refusal {
    let (of, next) = match args.of {
        SnippetOf::Token => ("token request", "doorkey login"),
        SnippetOf::Renewal => ("renewal", "doorkey renew"),
        SnippetOf::Revocation => ("revocation", "doorkey logout --revoke"),
        SnippetOf::Introspection => ("introspection", "doorkey introspect"),
    };
    let (whose, name) = match &args.profile {
        Some(profile) => (format!(" of `{profile}`"), format!(" {profile}")),
        None => (String::new(), String::new()),
    };
    let message = format!("The journal has no {of}{whose} to make a sample of.");
    Refusal::new("usage.nothing_sent", message, format!("Have one sent: `{next}{name}`."))
}
