//! How the vault gets its key without ever hanging: one thread asks and may wait for a person for as long as
//! it takes, another counts the time, and a late answer is as good as a quick one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use doorkey_client::words::{VaultKind, VaultStatus};
use rustix::fs::{Access, access};

use super::error::{Problem, StoreError};
use super::files;
use super::folder::Folder;
use super::header::Header;
use super::inner::{Inner, Store, lock};
use super::key::Key;
use super::mark::Mark;
use super::question::{self, Ask, KeyProblem, Making, Patience};
use super::sealed::{InMemory, Opened, Sealed};

/// The questions put to the keyring. Locked after the store where both are.
#[derive(Default)]
pub(super) struct Questions {
    state: Mutex<State>,
    answered: Condvar,
}

#[derive(Default)]
struct State {
    /// Number of the newest question.
    asked: u64,
    /// Number of the newest timer; older ones have no say.
    timers: u64,
    /// Answers to this question and those before it come too late to matter.
    void: u64,
    open: Option<Open>,
}

#[derive(Clone, Copy)]
struct Open {
    number: u64,
    /// A person has waited for it in vain: the next one may ask anew.
    given_up: bool,
}

/// A folder that is ours, and the key of its records.
struct Answer {
    folder: Folder,
    key: Key,
    header: Option<Header>,
}

impl Inner {
    /// Puts the question, or joins one that is open.
    pub(super) fn put_question(self: &Arc<Self>, patience: Patience, making: Making) {
        let mut shelf = lock(&self.store);
        if let Store::Sealed(_) = shelf.store {
            return;
        }
        let mut questions = lock(&self.questions.state);
        let joined = questions.open.filter(|open| patience == Patience::Background || !open.given_up);
        if joined.is_some() && patience == Patience::Background {
            return;
        }
        let number = joined.map_or(questions.asked + 1, |open| open.number);
        questions.asked = questions.asked.max(number);
        questions.open = Some(Open { number, given_up: false });
        questions.timers += 1;
        let timer = questions.timers;
        self.status.send_replace(question::opening());
        drop(questions);
        shelf.held = false;
        drop(shelf);

        if joined.is_none() {
            let (weak, ask, dir) = (Arc::downgrade(self), Arc::clone(&self.ask), self.dir.clone());
            let turns = Arc::clone(&self.turns);
            let asking = thread::Builder::new().name("keyring".into()).spawn(move || {
                // Until the answer is taken: a key that was found is not to be forgotten before it counts.
                let _turn = turns.ask();
                let answer = catch_unwind(AssertUnwindSafe(|| {
                    // What somebody agreed to delete is not opened again.
                    let clear = |inner: Arc<Self>| inner.clear_files(&lock(&inner.store));
                    let cleared = weak.upgrade().map_or(Ok(()), clear);
                    cleared.map_err(|error| question::unusable(VaultKind::Keyring, &error))?;
                    find_key(&dir, &ask, making)
                }));
                let answer = answer.unwrap_or_else(|_| Err(KeyProblem::Unknown.status(&dir)));
                if let Some(inner) = weak.upgrade() {
                    inner.take_answer(number, answer);
                }
            });
            if asking.is_err() {
                return self.take_answer(number, Err(KeyProblem::Unknown.status(&self.dir)));
            }
        }
        let (weak, questions, limit) = (Arc::downgrade(self), Arc::clone(&self.questions), (self.limit)(patience));
        // Without a timer the question is only without a limit; there is nobody to tell.
        let _ = thread::Builder::new().name("keyring-timer".into()).spawn(move || {
            let waits =
                |state: &mut State| state.timers == timer && state.open.is_some_and(|open| open.number == number);
            let waited = questions.answered.wait_timeout_while(lock(&questions.state), limit, waits);
            let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
            if waited.timed_out()
                && let Some(inner) = weak.upgrade()
            {
                let given_up = patience == Patience::Person;
                state.open = Some(Open { number, given_up });
                inner.status.send_replace(question::waiting());
            }
        });
    }

    /// Leaves the keyring be: answers to all open questions come too late.
    pub(super) fn go_on_in_memory(&self) {
        let mut shelf = lock(&self.store);
        if let Store::Sealed(_) = shelf.store {
            return;
        }
        if let Store::Closed = shelf.store {
            shelf.store = Store::Memory(InMemory::default());
        }
        self.answers_come_too_late();
        self.status.send_replace(question::ready(VaultKind::Memory));
    }

    /// To all questions that are still open.
    pub(super) fn answers_come_too_late(&self) {
        let mut questions = lock(&self.questions.state);
        questions.void = questions.asked;
        questions.open = None;
        self.questions.answered.notify_all();
    }

    fn take_answer(&self, number: u64, answer: Result<Answer, VaultStatus>) {
        let mut shelf = lock(&self.store);
        {
            let mut questions = lock(&self.questions.state);
            let newest = number == questions.asked;
            // An older question may still bring the key, but not a refusal: the newer one will tell.
            if number <= questions.void || matches!(shelf.store, Store::Sealed(_)) || (answer.is_err() && !newest) {
                return;
            }
            questions.open = None;
            self.questions.answered.notify_all();
        }
        let opened = answer.and_then(|answer| self.opened_with(answer, &shelf.store));
        match opened {
            Ok((sealed, problems)) => self.is_open(&mut shelf, VaultKind::Keyring, sealed, problems),
            Err(status) => {
                tracing::warn!(state = ?status.state, "the vault is not open");
                self.status.send_replace(status);
            }
        }
    }

    fn opened_with(&self, answer: Answer, before: &Store) -> Result<(Sealed, Vec<Problem>), VaultStatus> {
        let told = |error: StoreError| question::unusable(VaultKind::Keyring, &error);
        if answer.is_of_another_key() {
            return Err(KeyProblem::Missing.status(&self.dir));
        }
        let Answer { folder, key, header } = answer;
        let now = Header::new(VaultKind::Keyring, Some(key.id()));
        // Nothing is sealed with a key that the choice on the disk says is to be forgotten.
        if header.as_ref().is_some_and(Header::clears_key) {
            now.write(&folder).map_err(|error| told(error.into()))?;
        }
        match take_over(folder, key, before, self.mark.as_deref()).map_err(told)? {
            Opened::Ready(sealed, problems) => {
                self.remember(&now);
                Ok((sealed, problems))
            }
            Opened::OtherKey => Err(KeyProblem::Missing.status(&self.dir)),
            Opened::NewerVersion(error) => Err(told(error)),
        }
    }

    /// Where the key is: whoever starts next need not be told. Not worth a failure, for that is where it is sought.
    fn remember(&self, header: &Header) {
        let written = Folder::open_or_make(&self.dir)
            .and_then(|folder| if header.stands_twice(&folder) { Ok(()) } else { Ok(header.write(&folder)?) });
        if let Err(error) = written {
            tracing::warn!(%error, "where the key is could not be written down");
        }
    }
}

/// The slow part, on a thread that may block for ever.
fn find_key(dir: &Path, ask: &Ask, making: Making) -> Result<Answer, VaultStatus> {
    let told = |error: StoreError| question::unusable(VaultKind::Keyring, &error);
    let folder = Folder::open_or_make(dir).map_err(told)?;
    let header = Header::read(&folder).map_err(told)?;
    if header.as_ref().is_some_and(Header::is_of_another_machine) {
        return Err(told(StoreError::OtherMachine));
    }
    access(dir, Access::WRITE_OK).map_err(|error| told(StoreError::from_io("write to", dir, error.into())))?;
    let path = dir.canonicalize().map_err(|error| told(StoreError::from_io("find", dir, error)))?;
    let making = match making {
        // A new key beside sealed files would shut them for good (S-T07).
        Making::IfNone if files::are_sealed(&folder, header.as_ref()).map_err(told)? => Making::Never,
        making => making,
    };
    let key = ask(&path, making).map_err(|problem| problem.status(dir))?;
    Ok(Answer { folder, key, header })
}

impl Answer {
    /// The keyring has one, but the files were sealed with another. Without files it does not matter.
    fn is_of_another_key(&self) -> bool {
        self.header.as_ref().is_some_and(|header| header.is_of_another_key(self.key.id()))
            && files::list(&self.folder).is_ok_and(|files| !files.is_empty())
    }
}

/// Opens the records; what was held in memory until now is saved among them.
pub(super) fn take_over(folder: Folder, key: Key, before: &Store, mark: Option<&Path>) -> Result<Opened, StoreError> {
    let mark = Mark::read(mark, &key);
    let mut opened = Sealed::open(folder, key, mark)?;
    if let (Opened::Ready(sealed, _), Store::Memory(memory)) = (&mut opened, before) {
        for record in memory.records() {
            sealed.save(record.id, &record.content)?;
        }
    }
    Ok(opened)
}
