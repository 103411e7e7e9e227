//! A piece of the journal, from its newest entry back: what this agent holds in memory, and the files before that.
//!
//! Memory is bounded by the piece and one line. What cannot be read is passed over, as is what a later version wrote.

mod backwards;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use doorkey_client::words::{Event, JournalPage, JournalRequest, VERSION};
use serde::Deserialize;

use super::file::later_format;
use super::folder::opened;
use backwards::Backwards;

/// Of the lines of one piece, so that its answer stays far below what a client takes; one entry always has room.
const LARGEST_PIECE: usize = 4 * 1024 * 1024;
/// No journal comes near it; JavaScript tells numbers apart up to here.
const LARGEST_NUMBER: u64 = (1 << 53) - 1;

/// Entries as they are found, the newest first.
pub(super) struct Piece<'a> {
    request: &'a JournalRequest,
    most: usize,
    /// Numbers from here on are not looked at.
    before: u64,
    size: usize,
    /// The oldest first.
    found: VecDeque<Event>,
    older: bool,
}

/// What an entry is judged by before it is read whole.
#[derive(Deserialize)]
struct About<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    profile: Option<Cow<'a, str>>,
    #[serde(borrow)]
    flow: Option<Cow<'a, str>>,
}

impl<'a> Piece<'a> {
    pub(super) fn of(request: &'a JournalRequest) -> Self {
        let most = request.limit.unwrap_or(JournalRequest::USUAL_ENTRIES).min(JournalRequest::MOST_ENTRIES);
        Self {
            request,
            most: usize::try_from(most).unwrap_or(usize::MAX),
            before: request.before.unwrap_or(u64::MAX),
            size: 0,
            found: VecDeque::new(),
            older: false,
        }
    }

    /// Looks at one more entry, older than all before; breaks when the piece is whole.
    pub(super) fn see(&mut self, seq: u64, line: &[u8]) -> ControlFlow<()> {
        if seq >= self.before || !self.wants(line) {
            return ControlFlow::Continue(());
        }
        let Ok(event) = serde_json::from_slice::<Event>(line) else { return ControlFlow::Continue(()) };
        self.before = seq;
        self.older = self.found.len() == self.most
            || (!self.found.is_empty() && self.size.saturating_add(line.len()) > LARGEST_PIECE);
        if self.older {
            return ControlFlow::Break(());
        }
        self.size = self.size.saturating_add(line.len());
        self.found.push_front(Event { seq, ..event });
        ControlFlow::Continue(())
    }

    /// Goes on in the files, with what is older than all that was seen.
    ///
    /// # Errors
    /// When a file is there and cannot be read.
    pub(super) fn see_files(&mut self, folder: &Path) -> io::Result<()> {
        back(folder, |seq, line| self.see(seq, line))
    }

    /// Whatever was in memory is in the files too: those are gone on with before it.
    pub(super) fn go_on_before(&mut self, seq: u64) {
        self.before = self.before.min(seq);
    }

    pub(super) fn done(self) -> JournalPage {
        JournalPage { version: VERSION, events: self.found.into(), older: self.older }
    }

    fn wants(&self, line: &[u8]) -> bool {
        let JournalRequest { profile, flow, kind, .. } = self.request;
        let fits = |wanted: &Option<String>, it: Option<&str>| wanted.is_none() || wanted.as_deref() == it;
        serde_json::from_slice::<About<'_>>(line).is_ok_and(|about| {
            fits(kind, Some(&about.kind))
                && fits(profile, about.profile.as_deref())
                && fits(flow, about.flow.as_deref())
        })
    }
}

/// The number of the newest line, and whether the agent that wrote it stopped in order.
///
/// # Errors
/// When a file is there and cannot be read.
pub(super) fn newest(folder: &Path) -> io::Result<Option<(u64, bool)>> {
    let mut newest = None;
    back(folder, |seq, line| {
        let about = serde_json::from_slice::<About<'_>>(line);
        newest = Some((seq, about.is_ok_and(|about| about.kind == "agent_stopped")));
        ControlFlow::Break(())
    })?;
    Ok(newest)
}

/// Every line with a number, from the newest back. Each number is below the one after it: agents before this version
/// began anew with 1, and what they wrote is numbered by its place, as far as numbers reach.
fn back(folder: &Path, mut see: impl FnMut(u64, &[u8]) -> ControlFlow<()>) -> io::Result<()> {
    let mut after = u64::MAX;
    for opened in opened(folder)?.into_iter().rev() {
        let mut lines = Backwards::of(opened.file)?;
        if later_format(&lines.first()?).is_some() {
            continue;
        }
        while lines.step()? {
            let Some(seq) = number(lines.line()).filter(|seq| *seq <= LARGEST_NUMBER) else { continue };
            // One line of nonsense with a small number must not take all before it along.
            if seq.checked_add(1) != Some(after) && serde_json::from_slice::<About<'_>>(lines.line()).is_err() {
                continue;
            }
            let seq = seq.min(after - 1);
            if seq == 0 || see(seq, lines.line()).is_break() {
                return Ok(());
            }
            after = seq;
        }
    }
    Ok(())
}

/// The entry's own. Most lines are passed over by it, so that it is looked for where an agent writes it first.
fn number(line: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Numbered {
        seq: u64,
    }
    let written = line.strip_prefix(br#"{"seq":"#).unwrap_or_default();
    let digits = written.iter().position(|byte| *byte == b',').map(|end| &written[..end]);
    match digits.and_then(|digits| str::from_utf8(digits).ok()?.parse().ok()) {
        Some(seq) => Some(seq),
        None => serde_json::from_slice::<Numbered>(line).ok().map(|numbered| numbered.seq),
    }
}

#[cfg(test)]
mod tests;
