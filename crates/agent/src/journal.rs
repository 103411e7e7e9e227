//! The one stream of events: kept, live, watched. Readers cannot change what happens.

mod file;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use doorkey_client::words::{Event, EventKind, Present, Update};
use jiff::Timestamp;
use tokio::sync::broadcast;

use self::file::JournalFile;

const KEPT: usize = 1_000;
/// A reader that falls this far behind is given the present anew.
const LIVE: usize = 4_096;

pub(crate) struct Journal {
    book: Mutex<Book>,
    live: broadcast::Sender<Arc<Update>>,
}

struct Book {
    last: u64,
    kept: VecDeque<Event>,
    file: Option<JournalFile>,
}

impl Journal {
    /// Keeps the newest thousand in memory, and a bounded number on disk below `folder` when there is one.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        let book = Book { last: 0, kept: VecDeque::with_capacity(KEPT), file: folder.map(JournalFile::below) };
        Self { book: Mutex::new(book), live: broadcast::Sender::new(LIVE) }
    }

    /// A trail that already knows what it speaks of.
    pub(crate) fn trail(self: &Arc<Self>, profile: &str, flow: &str) -> Trail {
        Trail { journal: Arc::clone(self), profile: profile.to_owned(), flow: flow.to_owned() }
    }

    pub(crate) fn record(&self, at: Timestamp, profile: Option<&str>, flow: Option<&str>, kind: EventKind) {
        let mut book = self.book();
        book.last += 1;
        let event =
            Event { seq: book.last, at, profile: profile.map(str::to_owned), flow: flow.map(str::to_owned), kind };
        if let Some(file) = &mut book.file {
            file.append(&event);
        }
        if book.kept.len() == KEPT {
            book.kept.pop_front();
        }
        book.kept.push_back(event.clone());
        // Sent under the lock, so that a watcher sees every event exactly once and in order.
        self.tell(Update::Event(event));
    }

    /// Tells live readers that something is as it is now. Nobody listening is no error.
    pub(crate) fn tell(&self, update: Update) {
        let _ = self.live.send(Arc::new(update));
    }

    /// The past after `since`, and everything from now on, with nothing missing between. `present` is called
    /// with the number of the newest event.
    pub(crate) fn watch(
        &self,
        since: Option<u64>,
        present: impl FnOnce(u64) -> Present,
    ) -> (Vec<Update>, broadcast::Receiver<Arc<Update>>) {
        let book = self.book();
        let live = self.live.subscribe();
        let mut past = vec![Update::Present(present(book.last))];
        if let Some(since) = since {
            past.extend(book.kept.iter().filter(|event| event.seq > since).cloned().map(Update::Event));
        }
        (past, live)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The journal, already told which profile and which flow it speaks of.
#[derive(Clone)]
pub(crate) struct Trail {
    journal: Arc<Journal>,
    profile: String,
    flow: String,
}

impl Trail {
    pub(crate) fn record(&self, at: Timestamp, kind: EventKind) {
        self.journal.record(at, Some(&self.profile), Some(&self.flow), kind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_watcher_gets_the_present_then_what_it_missed_then_the_rest() {
        let journal = Arc::new(Journal::new(None));
        let at = Timestamp::UNIX_EPOCH;
        for _ in 0..3 {
            journal.record(at, None, None, EventKind::SignInStarted);
        }
        let (past, mut live) = journal.watch(Some(1), present);
        journal.record(at, None, None, EventKind::SignInCancelled);

        let seen: Vec<u64> = past.iter().filter_map(sequence).collect();
        assert!(matches!(past[0], Update::Present(Present { seq: 3, .. })));
        assert_eq!(seen, [2, 3]);
        assert_eq!(sequence(&live.try_recv().expect("told")), Some(4));
    }

    #[test]
    fn only_the_newest_thousand_are_kept() {
        let journal = Journal::new(None);
        for _ in 0..KEPT + 5 {
            journal.record(Timestamp::UNIX_EPOCH, None, None, EventKind::SignInStarted);
        }
        let (past, _live) = journal.watch(Some(0), present);
        assert_eq!(past.len(), 1 + KEPT);
        assert_eq!(sequence(&past[1]), Some(6));
    }

    fn sequence(update: &Update) -> Option<u64> {
        if let Update::Event(event) = update { Some(event.seq) } else { None }
    }

    fn present(seq: u64) -> Present {
        use doorkey_client::words::{Hello, VaultKind, VaultState, VaultStatus};
        let vault = VaultStatus {
            kind: VaultKind::Memory,
            state: VaultState::Ready,
            message: String::new(),
            hint: String::new(),
            code: None,
        };
        let hello = Hello { api: 1, version: String::new(), pid: 1, vault, capabilities: vec![], problems: vec![] };
        Present { hello, profiles: vec![], sessions: vec![], sign_ins: vec![], seq }
    }
}
