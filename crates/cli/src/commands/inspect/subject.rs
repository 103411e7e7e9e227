//! What is to be looked at: a flow of the journal, or what is in a file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use doorkey_agent::{Entry, Found, History};
use doorkey_client::words::{Event, Refusal};
use doorkey_qa::compare;
use doorkey_qa::evidence::{self, LARGEST_FILE, OpenError, Opened};
use doorkey_qa::flow::{Flow, Index};
use serde_json::Value;

use crate::agency;
use crate::commands::journal::unreadable;
use crate::failure::Failure;
use crate::output::Output;
use crate::text::count;

/// What is to be looked at.
pub(super) enum Subject {
    /// A flow of the journal.
    Flow(Box<Flow>),
    /// Evidence that somebody sent.
    Opened(Box<Opened>),
    /// A token, decoded, or a JSON document.
    Document(Value),
}

/// Every file begins so that is a zip archive.
const ARCHIVE: &[u8] = b"PK";

/// By a flow's id or its beginning, by a profile's newest sign-in, or in a file; the newest sign-in of all when nothing is
/// named. A file is meant only where no flow and no profile has that name, or where it has a folder or a dot.
pub(super) fn find(named: Option<&str>, out: &Output) -> Result<Subject, Failure> {
    let Some(named) = named else {
        let index = index(out)?;
        let Some(newest) = index.newest_sign_in(None) else { return Err(no_flow().into()) };
        return flow(&newest.id);
    };
    let path = Path::new(named);
    if named.contains(['/', '.']) && path.exists() {
        return in_file(path);
    }
    let index = index(out)?;
    if let Some(newest) = index.newest_sign_in(Some(named)) {
        return flow(&newest.id);
    }
    let meant: Vec<&str> = index.beginning_with(named).map(|listed| listed.id.as_str()).collect();
    match meant.as_slice() {
        [one] => flow(one),
        [_, ..] if meant.contains(&named) => flow(named),
        [_, ..] => {
            let message = format!("{} begin with `{named}`.", count(meant.len(), "flow"));
            Err(Refusal::new("usage.several_flows", message, "Give more of the id: `doorkey inspect --list`.").into())
        }
        [] if path.exists() => in_file(path),
        [] if index.all().is_empty() => Err(no_flow().into()),
        [] => {
            let message =
                format!("Neither a flow of the journal, nor a profile that signed in, nor a file is `{named}`.");
            Err(Refusal::new("usage.unknown_flow", message, "`doorkey inspect --list` shows what there is.").into())
        }
    }
}

/// The flows of the journal.
pub(super) fn index(out: &Output) -> Result<Index, Failure> {
    let mut index = Index::default();
    let damaged = read(|entry| {
        if entry.about().flow.is_some()
            && let Some(event) = entry.event()
        {
            index.see(&event);
        }
    })?;
    if damaged > 0 {
        out.warn(&format!("{} of the journal cannot be read, and may be missing here", count(damaged, "line")));
    }
    Ok(index)
}

fn flow(id: &str) -> Result<Subject, Failure> {
    let mut events: Vec<Event> = Vec::new();
    read(|entry| {
        let about = entry.about();
        if about.flow.as_deref() == Some(id) || about.kind == "agent_started" {
            events.extend(entry.event());
        }
    })?;
    Flow::of(events).map(|flow| Subject::Flow(Box::new(flow))).map_err(|_| no_flow().into())
}

/// Goes through the journal; how many lines of it cannot be read.
fn read(mut see: impl FnMut(&Entry)) -> Result<usize, Failure> {
    let folder = agency::paths()?.journal();
    let mut history = History::of(folder.clone()).map_err(|error| unreadable(&folder, &error))?;
    let mut damaged = 0;
    while let Some(found) = history.read().map_err(|error| unreadable(&folder, &error))? {
        match found {
            Found::Entry(entry) => see(&entry),
            Found::Damaged(_) | Found::Later { .. } => damaged += 1,
        }
    }
    Ok(damaged)
}

fn in_file(path: &Path) -> Result<Subject, Failure> {
    let bytes = bytes(path).map_err(|error| refused(path, &OpenError::NoArchive(error.to_string())))?;
    if bytes.starts_with(ARCHIVE) {
        let opened = evidence::open(&bytes).map_err(|error| refused(path, &error))?;
        return Ok(Subject::Opened(Box::new(opened)));
    }
    if bytes.is_empty() || path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip")) {
        return Err(refused(path, &OpenError::NoArchive("it does not begin like one".to_owned())).into());
    }
    let text = String::from_utf8_lossy(&bytes);
    let document = compare::document(&text).map_err(|why| {
        let message = format!("{} cannot be compared: {why}.", path.display());
        Refusal::new("usage.no_document", message, "Give evidence, a signed token, or a JSON document.")
    })?;
    Ok(Subject::Document(document))
}

/// No more of it than evidence may have, and a byte.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn refused(path: &Path, error: &OpenError) -> Refusal {
    let message = format!("{} is not opened: {error}.", path.display());
    let hint = match error {
        OpenError::NoArchive(_) | OpenError::Nothing(_) => "Have it sent once more. The file was not touched.",
        OpenError::NoEvidence(_) => "`doorkey inspect --evidence FILE.zip` makes evidence.",
        OpenError::Newer { .. } => "Update Doorkey, or have it made by this version.",
        OpenError::TooLarge { .. } | OpenError::BadName(_) | OpenError::OneName | OpenError::Foreign { .. } => {
            "Ask who sent it, and do not unpack it. Nothing of it was unpacked here."
        }
    };
    Refusal::new(error.code(), message, hint)
}

fn no_flow() -> Refusal {
    let hint = "Sign in with `doorkey login PROFILE`, then look again.";
    Refusal::new("usage.no_flow", "The journal has no sign-in to tell of.", hint)
}
