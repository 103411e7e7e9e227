//! The one stream of events: kept, live, watched. Readers cannot change what happens.

mod file;
mod folder;
pub(crate) mod history;
mod page;
mod trail;

use std::collections::{HashMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use doorkey_client::words::{Event, EventKind, JournalPage, JournalRequest, Pair, Present, Update};
use jiff::Timestamp;
use tokio::sync::{Notify, Semaphore, broadcast};

use self::file::JournalFile;
use self::page::Piece;
pub(crate) use self::trail::Trail;

const KEPT: usize = 1_000;
/// A reader that falls this far behind is given the present anew.
const LIVE: usize = 4_096;
/// So many hand-outs may wait for the disk; whoever comes then writes them.
const WAITING: usize = 4_096;
/// Of what is kept in memory, about.
const KEPT_SIZE: usize = 4 * 1024 * 1024;
/// Of an entry without the texts of an exchange, about.
const USUAL_SIZE: usize = 512;
/// So many pieces are read from the disk at a time.
const READERS: usize = 2;

pub(crate) struct Journal {
    book: Mutex<Book>,
    /// Held while lines are taken from the book and written, so that they are in order. Taken before the book.
    file: Option<Mutex<JournalFile>>,
    folder: Option<PathBuf>,
    readers: Semaphore,
    /// What public documents were when they were told last, by their address.
    documents: Mutex<HashMap<String, [u8; 32]>>,
    /// Hand-outs wait for the disk.
    waiting: Notify,
    live: broadcast::Sender<Arc<Update>>,
}

struct Book {
    last: u64,
    kept: VecDeque<Arc<Update>>,
    /// Of what is kept, about.
    size: usize,
    /// Not on the disk yet.
    unwritten: Vec<Arc<Update>>,
}

impl Journal {
    /// Keeps the newest thousand in memory, and a bounded number on disk below `folder` when there is one.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        let last = folder.as_deref().map_or(0, last_number);
        let book = Book { last, kept: VecDeque::with_capacity(KEPT), size: 0, unwritten: Vec::new() };
        let file = folder.clone().map(|folder| Mutex::new(JournalFile::below(folder)));
        Self {
            book: Mutex::new(book),
            file,
            folder,
            readers: Semaphore::new(READERS),
            documents: Mutex::default(),
            waiting: Notify::new(),
            live: broadcast::Sender::new(LIVE),
        }
    }

    pub(crate) fn record(&self, at: Timestamp, profile: Option<&str>, flow: Option<&str>, kind: EventKind) {
        // Programs ask for tokens thousands of times a second, and the disk is no part of the answer.
        let may_wait = matches!(kind, EventKind::TokenGiven { .. });
        let mut book = self.book();
        book.last += 1;
        let event =
            Event { seq: book.last, at, profile: profile.map(str::to_owned), flow: flow.map(str::to_owned), kind };
        let update = Arc::new(Update::Event(event));
        book.keep(Arc::clone(&update));
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

    /// A piece of what is kept, in memory and on disk. Read apart from the server's threads, a few at a time.
    ///
    /// # Errors
    /// When a file is there and cannot be read.
    pub(crate) async fn page(self: &Arc<Self>, request: JournalRequest) -> io::Result<JournalPage> {
        let _reader = self.readers.acquire().await.map_err(io::Error::other)?;
        let journal = Arc::clone(self);
        tokio::task::spawn_blocking(move || journal.read_page(&request)).await.map_err(io::Error::other)?
    }

    fn read_page(&self, request: &JournalRequest) -> io::Result<JournalPage> {
        // So that what is too old for the memory is on the disk.
        self.write();
        let kept: Vec<Arc<Update>> = self.book().kept.iter().map(Arc::clone).collect();
        let mut piece = Piece::of(request);
        for event in kept.iter().rev().filter_map(|update| event(update)) {
            if piece.see(event.seq, &serde_json::to_vec(event)?).is_break() {
                return Ok(piece.done());
            }
        }
        if let Some(folder) = &self.folder {
            let oldest = kept.first().and_then(|update| event(update)).map_or(u64::MAX, |event| event.seq);
            piece.go_on_before(oldest);
            piece.see_files(folder)?;
        }
        Ok(piece.done())
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

/// The number to go on from. What an agent that did not stop in order has told of, and not written, keeps its numbers.
fn last_number(folder: &Path) -> u64 {
    match page::newest(folder) {
        Ok(Some((last, true))) => last,
        Ok(Some((last, false))) => last + WAITING as u64,
        Ok(None) => 0,
        Err(error) => {
            tracing::warn!(%error, "the journal could not be read, and its numbers begin anew");
            0
        }
    }
}

impl Book {
    fn keep(&mut self, update: Arc<Update>) {
        self.size += size(&update);
        self.kept.push_back(update);
        // The newest is kept, however large it is.
        while self.kept.len() > 1 && (self.kept.len() > KEPT || self.size > KEPT_SIZE) {
            let oldest = self.kept.pop_front();
            self.size -= oldest.as_deref().map_or(0, size);
        }
    }
}

/// About, and the same each time it is asked.
fn size(update: &Update) -> usize {
    let texts = match event(update).map(|event| &event.kind) {
        Some(EventKind::Exchanged { exchange }) => {
            let pairs = |pairs: &[Pair]| pairs.iter().map(|pair| pair.name.len() + pair.value.len()).sum::<usize>();
            let answer = exchange.answer.as_ref().map_or(0, |answer| answer.body.len() + pairs(&answer.headers));
            answer + exchange.request.url.len() + pairs(&exchange.request.headers) + pairs(&exchange.request.form)
        }
        _ => 0,
    };
    USUAL_SIZE + texts
}

fn event(update: &Update) -> Option<&Event> {
    if let Update::Event(event) = update { Some(event) } else { None }
}

#[cfg(test)]
mod tests {
    use doorkey_client::words::{Exchange, ReceivedAnswer, SentRequest};

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
    fn what_is_kept_in_memory_is_bounded_by_its_size_too() {
        let journal = Journal::new(None);
        let exchange = |body: String| {
            let request = SentRequest { method: String::new(), url: String::new(), headers: vec![], form: vec![] };
            let answer = ReceivedAnswer { status: 200, headers: vec![], body, unchanged: None };
            let purpose = "token".to_owned();
            let exchange =
                Exchange { purpose, request, answer: Some(answer), problem: None, took_ms: 1, edited: vec![] };
            EventKind::Exchanged { exchange: Box::new(exchange) }
        };
        for length in [KEPT_SIZE * 2, 1] {
            journal.record(Timestamp::UNIX_EPOCH, None, None, exchange("x".repeat(length)));
            assert_eq!(journal.book().kept.len(), 1);
        }
        for _ in 0..KEPT - 1 {
            journal.record(Timestamp::UNIX_EPOCH, None, None, exchange("x".repeat(KEPT_SIZE / 100)));
        }
        let book = journal.book();
        assert!((90..100).contains(&book.kept.len()) && book.size <= KEPT_SIZE, "{}", book.kept.len());
        assert_eq!(book.size, book.kept.iter().map(|update| size(update)).sum::<usize>());
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
