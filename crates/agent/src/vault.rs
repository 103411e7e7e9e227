//! The vault: sealed files that hold sessions and client secrets, their key in the keyring of the system.
//!
//! A record is opaque bytes here. The vault knows nothing of OAuth; it promises that what [`Vault::save`]
//! confirmed is there after any crash, that nothing is ever written in the clear, and that a keyring which
//! is locked, silent or absent is a named state and never a hang.

mod asking;
mod error;
mod files;
mod folder;
mod id;
mod key;
pub(crate) mod lock;
mod os_keyring;
mod question;
mod recovery;
mod seal;
mod sealed;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use doorkey_client::words::{VaultKind, VaultState, VaultStatus};
use tokio::sync::watch;
use zeroize::Zeroizing;

pub use self::error::{Problem, StoreError};
pub use self::id::{Generation, NotARecordId, RecordId};
pub use self::lock::{LockError, OwnerLock};
pub use self::question::{KeySource, Patience};

use self::asking::Questions;
use self::folder::Folder;
use self::question::{Ask, KeyProblem, Making};
use self::sealed::{InMemory, Sealed};

/// How to open a vault.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of the sealed files; made when it is needed.
    pub dir: PathBuf,
    /// Where the key is.
    pub source: KeySource,
    /// How long a silent keyring counts as opening.
    pub patience: Patience,
}

/// Takes the key of the vault in `dir` out of the keyring, for a vault that was only a trial. What is sealed with it can
/// never be opened again. The folder must be there still, for its canonical path names the key.
///
/// # Errors
/// The keyring's state when it did not do it within `patience`.
pub async fn forget_key(dir: &Path, patience: Patience) -> Result<(), StoreError> {
    let folder = std::fs::canonicalize(dir).map_err(|error| StoreError::from_io("find", dir, error))?;
    let (tell, told) = tokio::sync::oneshot::channel();
    // A thread of its own: the keyring may wait for a person, and must not be called on a runtime's thread.
    std::thread::spawn(move || tell.send(os_keyring::forget(&folder)));
    let problem = match tokio::time::timeout(patience.limit(), told).await {
        Ok(Ok(Ok(()))) => return Ok(()),
        Ok(Ok(Err(problem))) => problem,
        Ok(Err(_)) => KeyProblem::Unknown,
        Err(_) => KeyProblem::Locked,
    };
    Err(StoreError::NotReady(problem.status(dir)))
}

/// One record, opened.
pub struct Record {
    /// Its name.
    pub id: RecordId,
    /// How often it was written.
    pub generation: Generation,
    /// What was saved.
    pub content: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({} generation {}, {} bytes)", self.id, self.generation, self.content.len())
    }
}

/// A handle to the one vault of this process; clones are the same vault.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

impl Vault {
    /// Opens at once and never fails: whether it can be used is its [status](Vault::status). A keyring is
    /// asked on threads of its own, so no runtime is needed.
    #[must_use]
    pub fn open(settings: Settings) -> Self {
        Self::open_with(settings, question::of_the_keyring(), Patience::limit)
    }

    fn open_with(settings: Settings, ask: Ask, limit: fn(Patience) -> Duration) -> Self {
        let (store, status) = match settings.source {
            KeySource::Keyring => (Store::Closed, question::opening()),
            KeySource::Memory => (Store::Memory(InMemory::default()), question::ready(VaultKind::Memory)),
        };
        let vault = Self(Arc::new(Inner {
            dir: settings.dir,
            ask,
            limit,
            store: Mutex::new(Shelf { store, removed: BTreeSet::new() }),
            problems: Mutex::default(),
            questions: Arc::default(),
            status: watch::Sender::new(status),
        }));
        if settings.source == KeySource::Keyring {
            vault.0.ask(settings.patience, Making::IfNone);
        }
        vault
    }

    /// Where it stands.
    #[must_use]
    pub fn status(&self) -> VaultStatus {
        self.0.status.borrow().clone()
    }

    /// Every later status. It may become ready long after it was locked, by itself.
    #[must_use]
    pub fn changed(&self) -> watch::Receiver<VaultStatus> {
        self.0.status.subscribe()
    }

    /// The status once it is not [opening](VaultState::Opening); waits for the given patience at most.
    pub async fn settled(&self) -> VaultStatus {
        let mut changed = self.changed();
        let settled = changed.wait_for(|status| status.state != VaultState::Opening).await;
        settled.map_or_else(|_| self.status(), |status| status.clone())
    }

    /// Records that could not be offered, or not in their newest form.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        lock(&self.0.problems).clone()
    }

    /// All records, opened.
    ///
    /// # Errors
    /// [`StoreError::NotReady`]. A record that does not open is a [problem](Vault::problems).
    pub async fn records(&self) -> Result<Vec<Record>, StoreError> {
        self.0.on_disk(Inner::records).await
    }

    /// Saves a record as its next generation. When this returns `Ok` it is on the disk and was read back;
    /// on an error the generation before is untouched. One writer at a time; runs to its end even when the
    /// future is dropped half-way (S-26).
    ///
    /// # Errors
    /// [`StoreError::NotReady`], [`StoreError::Removed`] for a record that was removed before, and what the
    /// disk says.
    pub async fn save(&self, id: RecordId, content: Zeroizing<Vec<u8>>) -> Result<Generation, StoreError> {
        self.0.on_disk(move |inner| inner.save(id, content)).await
    }

    /// Removes a record with all its generations and everything that was moved aside, and looks again that
    /// nothing is left. Needs no key. The name is never accepted again, so that a renewal which ends late
    /// cannot bring a session back (S-15).
    ///
    /// # Errors
    /// What the disk says.
    pub async fn remove(&self, id: RecordId) -> Result<(), StoreError> {
        self.0.on_disk(move |inner| inner.remove(id)).await
    }

    /// Asks the keyring again; does nothing when the vault is ready. A question that is still open is
    /// joined, unless a person asks and has waited for it in vain before.
    pub fn retry(&self, patience: Patience) {
        if !self.0.is_ready() {
            self.0.ask(patience, Making::IfNone);
        }
    }

    /// Chooses where the key is. [`VaultKind::Memory`] goes on without the disk; when the vault is ready it
    /// changes nothing. [`VaultKind::Keyring`] tries again: what was held in memory is saved once it is ready,
    /// and kept for [`VaultKind::Memory`] to be chosen again if it is not.
    ///
    /// # Errors
    /// [`StoreError::NotOffered`] for a passphrase.
    pub fn choose(&self, kind: VaultKind, patience: Patience) -> Result<(), StoreError> {
        match kind {
            VaultKind::Keyring => {
                if self.status() != question::ready(VaultKind::Keyring) {
                    self.0.ask(patience, Making::IfNone);
                }
            }
            VaultKind::Memory => self.0.go_on_in_memory(),
            VaultKind::Passphrase => return Err(StoreError::NotOffered),
        }
        Ok(())
    }

    /// When the key is missing for good: moves the files nobody can open aside and asks for a new key. Does
    /// nothing in any other state.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn start_over(&self) -> Result<(), StoreError> {
        self.0.on_disk(|inner| inner.start_over()).await
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({:?})", self.status().state)
    }
}

struct Inner {
    dir: PathBuf,
    ask: Ask,
    limit: fn(Patience) -> Duration,
    /// Held while the disk is written: one writer at a time.
    store: Mutex<Shelf>,
    problems: Mutex<Vec<Problem>>,
    questions: Arc<Questions>,
    status: watch::Sender<VaultStatus>,
}

struct Shelf {
    store: Store,
    removed: BTreeSet<RecordId>,
}

enum Store {
    Closed,
    Sealed(Sealed),
    Memory(InMemory),
}

impl Inner {
    /// Runs on a thread that may block.
    async fn on_disk<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Arc<Self>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let inner = Arc::clone(self);
        match tokio::task::spawn_blocking(move || work(&inner)).await {
            Ok(result) => result,
            Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
            Err(_) => Err(self.not_ready()),
        }
    }

    /// Memory counts only while it is what was chosen, not while the keyring is being tried again.
    fn is_ready(&self) -> bool {
        self.status.borrow().state == VaultState::Ready
    }

    fn not_ready(&self) -> StoreError {
        StoreError::NotReady(self.status.borrow().clone())
    }

    fn records(self: &Arc<Self>) -> Result<Vec<Record>, StoreError> {
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

    fn save(&self, id: RecordId, content: Zeroizing<Vec<u8>>) -> Result<Generation, StoreError> {
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

    fn remove(&self, id: RecordId) -> Result<(), StoreError> {
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

    fn start_over(self: &Arc<Self>) -> Result<(), StoreError> {
        {
            let shelf = lock(&self.store);
            if !matches!(shelf.store, Store::Closed) || self.status.borrow().state != VaultState::KeyMissing {
                return Ok(());
            }
            if let Some(folder) = Folder::open(&self.dir)? {
                for file in files::list(&folder)? {
                    files::set_aside(&folder, file)?;
                }
            }
            lock(&self.problems).clear();
        }
        self.ask(Patience::Person, Making::Anew);
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What these guard is replaced whole, so a panic elsewhere leaves nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
