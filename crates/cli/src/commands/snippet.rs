//! `doorkey snippet`: the request that was sent to the provider, as a program. From the journal; no agent is asked.

use std::collections::BTreeMap;

use doorkey_agent::{Found, History};
use doorkey_client::words::{EventKind, Pair, Refusal, SentRequest, VERSION};
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
    /// Of the values that were sent, by the variables that take their place.
    fingerprints: BTreeMap<String, String>,
}

pub(crate) fn run(args: &Snippet, out: &Output) -> Result<(), Failure> {
    let sent = newest(args)?;
    let fingerprints = fingerprints(&sent);
    let sample = match &sent {
        Sent::Request(request) => sample::write(request, args.lang),
        Sent::Browser { url, parameters } => sample::write_address(url, parameters, args.lang),
    };
    let sample = sample
        .map_err(|error| Refusal::new("usage.no_sample", format!("The sample cannot be written: {error}."), ""))?;
    if out.is_json() {
        let Sample { text, variables, file_name } = &sample;
        let language = args.lang.name();
        return out.answer_json(&Answer { version: VERSION, language, file_name, text, variables, fingerprints });
    }
    out.answer_block(&sample.text)?;
    if !sample.variables.is_empty() {
        let told = sample.variables.iter().map(|name| match fingerprints.get(name) {
            Some(fingerprint) => format!("{name} (fingerprint {fingerprint})"),
            None => name.clone(),
        });
        let variables = told.collect::<Vec<_>>().join(", ");
        out.note(Line::new().dim(format!("It reads {variables} from the environment: no secret stands in it.")));
    }
    Ok(())
}

/// What was sent.
enum Sent {
    Request(Box<SentRequest>),
    Browser { url: String, parameters: Vec<Pair> },
}

/// What tells whether a variable has the very value that was sent. Basic has one for both of its parts, which is none of theirs.
fn fingerprints(sent: &Sent) -> BTreeMap<String, String> {
    let pairs: Vec<&Pair> = match sent {
        Sent::Request(request) => request.form.iter().chain(&request.headers).collect(),
        Sent::Browser { parameters, .. } => parameters.iter().collect(),
    };
    let secret = pairs.into_iter().filter(|pair| pair.secret && !pair.value.contains(' '));
    secret.map(|pair| (sample::variable(&pair.name), pair.value.clone())).collect()
}

/// The newest of its kind.
fn newest(args: &Snippet) -> Result<Sent, Failure> {
    let folder = agency::paths()?.journal();
    let mut history = History::of(folder.clone()).map_err(|error| unreadable(&folder, &error))?;
    let mut newest = None;
    while let Some(found) = history.read().map_err(|error| unreadable(&folder, &error))? {
        let Found::Entry(entry) = found else { continue };
        let about = entry.about();
        let is_asked = args.profile.is_none() || about.profile == args.profile;
        if is_asked && matches!(about.kind.as_str(), "exchanged" | "authorization_requested") {
            newest = entry.event().and_then(|event| sent(event.kind, args.of)).or(newest);
        }
    }
    newest.ok_or_else(|| nothing_sent(args).into())
}

fn sent(kind: EventKind, of: SnippetOf) -> Option<Sent> {
    match (kind, of.purpose()) {
        (EventKind::Exchanged { exchange }, Some(purpose)) if exchange.purpose == purpose => {
            Some(Sent::Request(Box::new(exchange.request)))
        }
        (EventKind::AuthorizationRequested { url, parameters, .. }, None) => Some(Sent::Browser { url, parameters }),
        _ => None,
    }
}

fn nothing_sent(args: &Snippet) -> Refusal {
    let (of, next) = match args.of {
        SnippetOf::Authorization => ("authorization request", "doorkey login"),
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
