//! The one stream of events: kept, live, watched. Readers cannot change what happens.

mod file;
pub(crate) mod history;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use doorkey_client::words::{Checked, Event, EventKind, Present, Update};
use jiff::Timestamp;
use tokio::sync::{Notify, broadcast};

use self::file::JournalFile;

const KEPT: usize = 1_000;
/// A reader that falls this far behind is given the present anew.
const LIVE: usize = 4_096;
/// So many hand-outs may wait for the disk; whoever comes then writes them.
const WAITING: usize = 4_096;

pub(crate) struct Journal {
    book: Mutex<Book>,
    /// Held while lines are taken from the book and written, so that they are in order. Taken before the book.
    file: Option<Mutex<JournalFile>>,
    /// Hand-outs wait for the disk.
    waiting: Notify,
    live: broadcast::Sender<Arc<Update>>,
}

struct Book {
    last: u64,
    kept: VecDeque<Arc<Update>>,
    /// Not on the disk yet.
    unwritten: Vec<Arc<Update>>,
}

impl Journal {
    /// Keeps the newest thousand in memory, and a bounded number on disk below `folder` when there is one.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        let book = Book { last: 0, kept: VecDeque::with_capacity(KEPT), unwritten: Vec::new() };
        let file = folder.map(|folder| Mutex::new(JournalFile::below(folder)));
        Self { book: Mutex::new(book), file, waiting: Notify::new(), live: broadcast::Sender::new(LIVE) }
    }

    /// A trail that already knows what it speaks of.
    pub(crate) fn trail(self: &Arc<Self>, profile: &str, flow: &str) -> Trail {
        let checked = Arc::default();
        Trail { journal: Arc::clone(self), profile: profile.to_owned(), flow: flow.to_owned(), checked }
    }

    pub(crate) fn record(&self, at: Timestamp, profile: Option<&str>, flow: Option<&str>, kind: EventKind) {
        // Programs ask for tokens thousands of times a second, and the disk is no part of the answer.
        let may_wait = matches!(kind, EventKind::TokenGiven { .. });
        let mut book = self.book();
        book.last += 1;
        let event =
            Event { seq: book.last, at, profile: profile.map(str::to_owned), flow: flow.map(str::to_owned), kind };
        let update = Arc::new(Update::Event(event));
        if book.kept.len() == KEPT {
            book.kept.pop_front();
        }
        book.kept.push_back(Arc::clone(&update));
        if self.file.is_some() {
            book.unwritten.push(Arc::clone(&update));
        }
        let waiting = book.unwritten.len();
        // Sent under the lock, so that a watcher sees every event exactly once and in order.
        let _ = self.live.send(update);
        drop(book);
        match waiting {
            0 => {}
            1..WAITING if may_wait => {
                if waiting == 1 {
                    self.waiting.notify_one();
                }
            }
            _ => self.write(),
        }
    }

    /// Resolves when there is something to [`write`](Self::write) that nobody else is about to write.
    pub(crate) async fn unwritten(&self) {
        self.waiting.notified().await;
    }

    /// Writes to the disk what is not there yet.
    pub(crate) fn write(&self) {
        let Some(file) = &self.file else { return };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        let unwritten = std::mem::take(&mut self.book().unwritten);
        file.append(unwritten.iter().filter_map(|update| event(update)));
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
            let missed = book.kept.iter().filter(|update| event(update).is_some_and(|event| event.seq > since));
            past.extend(missed.map(|update| Update::clone(update)));
        }
        (past, live)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.write();
    }
}

fn event(update: &Update) -> Option<&Event> {
    if let Update::Event(event) = update { Some(event) } else { None }
}

/// The journal, already told which profile and which flow it speaks of.
#[derive(Clone)]
pub(crate) struct Trail {
    journal: Arc<Journal>,
    profile: String,
    flow: String,
    checked: Arc<Mutex<Vec<Checked>>>,
}

impl Trail {
    pub(crate) fn record(&self, at: Timestamp, kind: EventKind) {
        if let EventKind::Checked { subject, checks } = &kind {
            let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
            // What was judged twice counts as it was judged last.
            checked.retain(|old| old.subject != *subject);
            checked.push(Checked { at, subject: subject.clone(), checks: checks.clone() });
        }
        self.journal.record(at, Some(&self.profile), Some(&self.flow), kind);
    }
    /// What was judged on it, the first first.
    pub(crate) fn checked(&self) -> Vec<Checked> {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner).clone()
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

    #[test]
    fn a_hand_out_waits_for_the_disk_until_something_else_happens_or_it_is_asked_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = Journal::new(Some(folder.path().to_owned()));
        let given = || EventKind::TokenGiven { program: "/bin/curl".to_owned(), pid: 7, access_token: "0a".to_owned() };
        let on_disk = || -> Vec<u64> {
            let text = std::fs::read_to_string(folder.path().join("journal.jsonl")).unwrap_or_default();
            text.lines().map(|line| serde_json::from_str::<Event>(line).expect("an event").seq).collect()
        };
        let at = Timestamp::UNIX_EPOCH;
        journal.record(at, None, None, given());
        journal.record(at, None, None, given());
        assert_eq!(on_disk(), Vec::<u64>::new());
        journal.record(at, None, None, EventKind::SignInStarted);
        assert_eq!(on_disk(), [1, 2, 3]);
        journal.record(at, None, None, given());
        journal.write();
        assert_eq!(on_disk(), [1, 2, 3, 4]);
        journal.record(at, None, None, given());
        drop(journal);
        assert_eq!(on_disk(), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_flood_of_hand_outs_does_not_wait_for_ever() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = Journal::new(Some(folder.path().to_owned()));
        for _ in 0..WAITING {
            let kind = EventKind::TokenGiven { program: String::new(), pid: 7, access_token: String::new() };
            journal.record(Timestamp::UNIX_EPOCH, None, None, kind);
        }
        assert!(journal.book().unwritten.is_empty());
        let text = std::fs::read_to_string(folder.path().join("journal.jsonl")).expect("it is written");
        assert_eq!(text.lines().count(), WAITING);
    }

    fn sequence(update: &Update) -> Option<u64> {
        event(update).map(|event| event.seq)
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
        Present { hello, profiles: vec![], sessions: vec![], sign_ins: vec![], questions: vec![], seq }
    }
}
