//! What is in the journal, for a person who has found nothing in it.

use std::collections::BTreeSet;
use std::path::Path;

use doorkey_agent::About;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::shown::local;
use crate::output::Output;

/// A journal of nonsense must not fill the memory.
const MOST_NAMES: usize = 60;

#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) shown: usize,
    span: Option<(Timestamp, Timestamp)>,
    kinds: BTreeSet<String>,
    profiles: BTreeSet<String>,
}

impl Summary {
    pub(super) fn note(&mut self, about: &About) {
        let (first, last) = self.span.unwrap_or((about.at, about.at));
        self.span = Some((first.min(about.at), last.max(about.at)));
        keep(&mut self.kinds, Some(&about.kind));
        keep(&mut self.profiles, about.profile.as_ref());
    }

    /// Says where to look, when nothing was shown.
    pub(super) fn nothing(&self, folder: &Path, zone: &TimeZone, out: &Output) {
        let Some((first, last)) = self.span else {
            out.note(format!("Nothing has happened yet: there is no journal in {}.", folder.display()));
            out.note("It begins with the first command that signs in, renews or hands out a token.");
            return;
        };
        out.note("Nothing in the journal fits.");
        out.note(format!("  from      {}", local(first, zone)));
        out.note(format!("  to        {}", local(last, zone)));
        for (name, values) in [("kinds", &self.kinds), ("profiles", &self.profiles)] {
            if !values.is_empty() {
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                out.note(format!("  {name:<8}  {}", values.join(" ")));
            }
        }
    }
}

fn keep(names: &mut BTreeSet<String>, name: Option<&String>) {
    if let Some(name) = name
        && names.len() < MOST_NAMES
        && !names.contains(name)
    {
        names.insert(name.clone());
    }
}
