//! What all handles to one vault share, and what its verbs do on a thread that may block.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use doorkey_client::words::{VaultKind, VaultState, VaultStatus};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

use super::asking::Questions;
use super::error::{Problem, StoreError};
use super::files::{self, Intent};
use super::folder::Folder;
use super::header::Header;
use super::id::{Generation, RecordId};
use super::question::{self, Ask, Forget, Making, Patience};
use super::sealed::{InMemory, Sealed};
use super::turns::Turns;
use super::{Record, opening};

/// How much slower each wrong passphrase makes the next try.
const SLOWER: Duration = Duration::from_millis(100);
const SLOWEST: Duration = Duration::from_secs(10);

pub(super) struct Inner {
    pub(super) dir: PathBuf,
    pub(super) mark: Option<PathBuf>,
    pub(super) ask: Ask,
    pub(super) forget: Forget,
    /// Taken before the store where both are.
    pub(super) turns: Arc<Turns>,
    pub(super) limit: fn(Patience) -> Duration,
    /// Held while the disk is written: one writer at a time.
    pub(super) store: Mutex<Shelf>,
    /// How many passphrases in a row were wrong; held while one is tried.
    pub(super) tries: tokio::sync::Mutex<u32>,
    pub(super) problems: Mutex<Vec<Problem>>,
    pub(super) questions: Arc<Questions>,
    pub(super) status: watch::Sender<VaultStatus>,
}

pub(super) struct Shelf {
    pub(super) store: Store,
    pub(super) removed: BTreeSet<RecordId>,
    /// A person locked it: only a person opens it again.
    pub(super) held: bool,
}

pub(super) enum Store {
    Closed,
    Sealed(Box<Sealed>),
    Memory(InMemory),
}

impl Inner {
    /// Runs on a thread that may block.
    pub(super) async fn on_disk<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Arc<Self>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let inner = Arc::clone(self);
        self.joined(tokio::task::spawn_blocking(move || work(&inner))).await
    }

    /// In a task of its own: it comes to its end, even if whoever wants it hangs up.
    pub(super) async fn in_a_task<T: Send + 'static, F: Future<Output = Result<T, StoreError>> + Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(Arc<Self>) -> F,
    ) -> Result<T, StoreError> {
        self.joined(tokio::spawn(work(Arc::clone(self)))).await
    }

    async fn joined<T>(&self, task: JoinHandle<Result<T, StoreError>>) -> Result<T, StoreError> {
        match task.await {
            Ok(result) => result,
            Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
            Err(_) => Err(self.not_ready()),
        }
    }

    /// A try of a passphrase.
    pub(super) async fn tried<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Arc<Self>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        // Whoever hangs up does not get the next try any sooner.
        let tried = self.in_a_task(|inner| async move {
            let mut wrong = inner.tries.lock().await;
            let result = inner.on_disk(work).await;
            match &result {
                Err(StoreError::WrongPassphrase) => {
                    *wrong = wrong.saturating_add(1);
                    tokio::time::sleep(SLOWER.saturating_mul(*wrong).min(SLOWEST)).await;
                }
                Ok(_) => *wrong = 0,
                Err(_) => {}
            }
            result
        });
        tried.await
    }

    /// Memory counts only while it is what was chosen, not while the keyring is being tried again.
    pub(super) fn is_ready(&self) -> bool {
        self.status.borrow().state == VaultState::Ready
    }

    pub(super) fn not_ready(&self) -> StoreError {
        let status = self.status.borrow().clone();
        StoreError::NotReady(if status.state == VaultState::Ready { question::changed(status.kind) } else { status })
    }

    pub(super) fn records(self: &Arc<Self>) -> Result<Vec<Record>, StoreError> {
        match &lock(&self.store).store {
            Store::Memory(memory) if self.is_ready() => Ok(memory.records()),
            Store::Closed | Store::Memory(_) => Err(self.not_ready()),
            Store::Sealed(sealed) => {
                let (records, found) = sealed.records();
                let mut problems = lock(&self.problems);
                problems.retain(|known| found.iter().all(|new| new.file != known.file));
                problems.extend(found);
                Ok(records)
            }
        }
    }

    pub(super) fn save(&self, id: RecordId, content: Zeroizing<Vec<u8>>) -> Result<Generation, StoreError> {
        let mut shelf = lock(&self.store);
        if shelf.removed.contains(&id) {
            return Err(StoreError::Removed(id));
        }
        match &mut shelf.store {
            Store::Memory(memory) if self.is_ready() => memory.save(id, content),
            Store::Closed | Store::Memory(_) => Err(self.not_ready()),
            Store::Sealed(sealed) => sealed.save(id, &content),
        }
    }

    pub(super) fn remove(&self, id: RecordId) -> Result<(), StoreError> {
        let mut shelf = lock(&self.store);
        shelf.removed.insert(id);
        match &mut shelf.store {
            Store::Closed => {}
            Store::Memory(memory) => memory.forget(id),
            Store::Sealed(sealed) => sealed.forget(id),
        }
        if let Some(folder) = Folder::open(&self.dir)? {
            files::remove_all(&folder, id)?;
        }
        lock(&self.problems).retain(|problem| problem.id != id);
        Ok(())
    }

    pub(super) fn note(&self, intent: Intent, id: RecordId) -> Result<(), StoreError> {
        match &mut lock(&self.store).store {
            Store::Sealed(sealed) => sealed.note(intent, id),
            Store::Memory(_) | Store::Closed => Ok(()),
        }
    }

    pub(super) fn start_over(self: &Arc<Self>) -> Result<(), StoreError> {
        {
            let shelf = lock(&self.store);
            let status = self.status.borrow().clone();
            if !matches!(shelf.store, Store::Closed) || !may_start_over(&status) {
                return Ok(());
            }
            if let Some(folder) = Folder::open(&self.dir)? {
                for file in files::list(&folder)? {
                    files::set_aside(&folder, file)?;
                }
                Header::set_aside(&folder)?;
                if status.kind == VaultKind::Passphrase {
                    // Without its passphrase yet, and still what was chosen.
                    Header::new(status.kind, None).write(&folder)?;
                }
            }
            lock(&self.problems).clear();
        }
        self.begin_again(Making::Anew);
        Ok(())
    }

    /// After what stood in the way is gone.
    pub(super) fn begin_again(self: &Arc<Self>, making: Making) {
        let kind = self.status.borrow().kind;
        match kind {
            VaultKind::Keyring => self.put_question(Patience::Person, making),
            VaultKind::Passphrase => drop(self.status.send_replace(opening::without_passphrase(&self.dir))),
            VaultKind::Memory => {}
        }
    }
}

/// Where nobody can open the files, or only somebody who has forgotten how.
fn may_start_over(status: &VaultStatus) -> bool {
    let hopeless = ["store.other_machine", "store.damaged", "store.absurd_parameters"];
    status.state == VaultState::KeyMissing
        || (status.state == VaultState::Locked && status.kind == VaultKind::Passphrase)
        || status.code.as_deref().is_some_and(|code| hopeless.contains(&code))
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What these guard is replaced whole, so a panic elsewhere leaves nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
