//! The vault: sealed files that hold sessions and client secrets, their key in the keyring of the system or behind a
//! passphrase.
//!
//! A record is opaque bytes here. The vault knows nothing of OAuth; it promises that what [`Vault::save`]
//! confirmed is there after any crash, that nothing is ever written in the clear, and that a keyring which
//! is locked, silent or absent is a named state and never a hang.

mod asking;
mod changing;
mod error;
mod files;
mod folder;
mod header;
mod id;
mod inner;
mod key;
pub(crate) mod lock;
mod machine;
mod mark;
mod moving;
mod opening;
mod os_keyring;
mod passphrase;
mod question;
mod recovery;
mod seal;
mod sealed;
#[cfg(test)]
mod tests;
mod turns;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorkey_client::Secret;
use doorkey_client::words::{VaultKind, VaultState, VaultStatus};
use tokio::sync::watch;
use zeroize::Zeroizing;

pub use self::error::{Problem, StoreError};
pub use self::id::{Generation, NotARecordId, RecordId};
pub use self::lock::{LockError, OwnerLock};
pub use self::question::{KeySource, Patience};

use self::files::Intent;
use self::inner::{Inner, Shelf, Store, lock};
use self::moving::Destination;
use self::question::{Ask, Forget, KeyProblem, Making};
use self::sealed::InMemory;

/// How to open a vault.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of the sealed files; made when it is needed.
    pub dir: PathBuf,
    /// The file that tells how often each record was written, apart from the records, so that older ones which are put
    /// back are noticed after a restart too. Without it they are not.
    pub mark: Option<PathBuf>,
    /// Where the key is.
    pub source: KeySource,
    /// How long a silent keyring counts as opening.
    pub patience: Patience,
    /// What a vault with a passphrase is opened with at once.
    pub passphrase: Option<Secret>,
}

/// Whether the vault in `dir` would be opened with a passphrase.
#[must_use]
pub fn takes_a_passphrase(dir: &Path, source: KeySource) -> bool {
    matches!(opening::decide(dir, source), Ok(VaultKind::Passphrase))
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

/// Why a secret of somebody else's is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// The keyring has no such entry.
    #[error("the keyring has no entry with this service and this account")]
    Missing,
    /// It has several.
    #[error("the keyring has more than one entry with this service and this account")]
    Several,
    /// It does not answer: it is locked, or there is none.
    #[error("the keyring does not answer: it is locked, or there is none")]
    Silent,
}

/// A secret that somebody else put into the keyring of the operating system, such as with
/// `secret-tool store --label=test service SERVICE username ACCOUNT`.
///
/// # Errors
/// [`KeyringError`]; `Silent` too when it did not answer within `patience`.
pub async fn keyring_secret(service: &str, account: &str, patience: Patience) -> Result<Secret, KeyringError> {
    let (service, account) = (service.to_owned(), account.to_owned());
    let (tell, told) = tokio::sync::oneshot::channel();
    // As for the key.
    std::thread::spawn(move || tell.send(os_keyring::secret_of(&service, &account)));
    match tokio::time::timeout(patience.limit(), told).await {
        Ok(Ok(Ok(secret))) => Ok(Secret::new(secret.to_string())),
        Ok(Ok(Err(KeyProblem::Missing))) => Err(KeyringError::Missing),
        Ok(Ok(Err(KeyProblem::Several))) => Err(KeyringError::Several),
        Ok(Ok(Err(_)) | Err(_)) | Err(_) => Err(KeyringError::Silent),
    }
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
        let (ask, forget) = question::of_the_keyring();
        Self::open_with(settings, ask, forget, Patience::limit)
    }

    fn open_with(settings: Settings, ask: Ask, forget: Forget, limit: fn(Patience) -> Duration) -> Self {
        let decided = opening::decide(&settings.dir, settings.source);
        let (store, status) = match &decided {
            Ok(VaultKind::Memory) => (Store::Memory(InMemory::default()), question::ready(VaultKind::Memory)),
            Ok(VaultKind::Keyring) => (Store::Closed, question::opening()),
            Ok(VaultKind::Passphrase) if settings.passphrase.is_some() => (Store::Closed, question::unlocking()),
            Ok(VaultKind::Passphrase) => (Store::Closed, opening::without_passphrase(&settings.dir)),
            Err((kind, error)) => (Store::Closed, question::unusable(*kind, error)),
        };
        let vault = Self(Arc::new(Inner {
            dir: settings.dir,
            mark: settings.mark,
            ask,
            forget,
            turns: Arc::default(),
            limit,
            store: Mutex::new(Shelf { store, removed: std::collections::BTreeSet::new(), held: false }),
            tries: tokio::sync::Mutex::default(),
            problems: Mutex::default(),
            questions: Arc::default(),
            status: watch::Sender::new(status),
        }));
        match (decided, settings.passphrase) {
            (Ok(VaultKind::Keyring), _) => vault.0.put_question(settings.patience, Making::IfNone),
            (Ok(VaultKind::Passphrase), Some(passphrase)) => vault.0.unlock_at_start(passphrase),
            // Remembered, not only for this run: what a move to memory has left is cleared away.
            (Ok(VaultKind::Memory), _) if settings.source == KeySource::Remembered => {
                let inner = Arc::clone(&vault.0);
                // Without a thread the next start tries again.
                let _ = std::thread::Builder::new().name("clearing".into()).spawn(move || inner.clear_away());
            }
            (Ok(VaultKind::Passphrase | VaultKind::Memory) | Err(_), _) => {}
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

    /// The tokens of a record are about to be revoked: whatever happens, the record is not seen again after a restart
    /// (row K6).
    ///
    /// # Errors
    /// What the disk says.
    pub async fn intend_to_remove(&self, id: RecordId) -> Result<(), StoreError> {
        self.0.on_disk(move |inner| inner.note(Intent::Removing, id)).await
    }

    /// The refresh token of a record is about to be sent (row K1). A failure is not worth a renewal: the note only
    /// makes a sentence exact.
    pub async fn intend_to_renew(&self, id: RecordId) {
        if let Err(error) = self.0.on_disk(move |inner| inner.note(Intent::Renewing, id)).await {
            tracing::debug!(%error, "a renewal is not noted");
        }
    }

    /// The renewal has ended, well or badly.
    pub async fn renewal_ended(&self, id: RecordId) {
        let ended = self.0.on_disk(move |inner| match &mut lock(&inner.store).store {
            Store::Sealed(sealed) => sealed.withdraw(Intent::Renewing, id),
            Store::Memory(_) | Store::Closed => Ok(()),
        });
        if let Err(error) = ended.await {
            tracing::debug!(%error, "a renewal is still noted");
        }
    }

    /// Whether the last run ended while the refresh token of this record was being sent.
    #[must_use]
    pub fn was_interrupted(&self, id: RecordId) -> bool {
        match &lock(&self.0.store).store {
            Store::Sealed(sealed) => sealed.interrupted().contains(&id),
            Store::Memory(_) | Store::Closed => false,
        }
    }

    /// Asks the keyring again; does nothing when the vault is ready, takes a passphrase, or was locked by a person. A
    /// question that is still open is joined, unless a person asks and has waited for it in vain before.
    pub fn retry(&self, patience: Patience) {
        let of_keyring = self.status().kind == VaultKind::Keyring;
        if of_keyring && !self.0.is_ready() && !lock(&self.0.store).held {
            self.0.put_question(patience, Making::IfNone);
        }
    }

    /// Chooses where the key is, for this run. [`VaultKind::Memory`] goes on without the disk; when the vault is ready
    /// it changes nothing. [`VaultKind::Keyring`] tries again: what was held in memory is saved once it is ready,
    /// and kept for [`VaultKind::Memory`] to be chosen again if it is not. Seals nothing anew: that is a
    /// [move](Vault::move_to).
    ///
    /// # Errors
    /// [`StoreError::OtherKind`] where the files are sealed another way; [`StoreError::NoPassphrase`] for a passphrase,
    /// which [opens](Vault::unlock).
    pub fn choose(&self, kind: VaultKind, patience: Patience) -> Result<(), StoreError> {
        let status = self.status();
        match kind {
            _ if status == question::ready(kind) => {}
            VaultKind::Keyring => {
                opening::decide(&self.0.dir, KeySource::Keyring).map_err(|(_, error)| error)?;
                self.0.put_question(patience, Making::IfNone);
            }
            VaultKind::Memory => self.0.go_on_in_memory(),
            VaultKind::Passphrase => return Err(StoreError::NoPassphrase),
        }
        Ok(())
    }

    /// Opens a vault with its passphrase, and makes it where nothing is sealed yet; what was held in memory is saved
    /// then. One try at a time, each wrong one a little slower than the one before, up to ten seconds, whether or not
    /// the one who asked still waits.
    ///
    /// # Errors
    /// [`StoreError::WrongPassphrase`]; nothing was changed on any error.
    pub async fn unlock(&self, passphrase: Secret) -> Result<(), StoreError> {
        self.0.tried(move |inner| inner.unlock(&passphrase)).await
    }

    /// Forgets the key until the vault is opened again. Nothing can be read or saved meanwhile.
    ///
    /// # Errors
    /// [`StoreError::NothingToLock`] for memory.
    pub async fn lock(&self) -> Result<(), StoreError> {
        self.0.on_disk(|inner| inner.lock_up()).await
    }

    /// Keeps the key elsewhere from now on: everything is sealed anew, and the choice is remembered. `current` is the
    /// passphrase in force, where it is to be changed; `agreed` that memory deletes the files. Returns how many records
    /// that were.
    ///
    /// # Errors
    /// Everything is as it was then.
    pub async fn move_to(
        &self,
        to: VaultKind,
        current: Option<Secret>,
        passphrase: Option<Secret>,
        agreed: Agreed,
    ) -> Result<usize, StoreError> {
        let destination = Destination { to, current, passphrase, agreed };
        self.0.in_a_task(|inner| async move { inner.move_to(destination).await }).await
    }

    /// Goes on with files that came from another machine, which does not use them any more. Does nothing in any other
    /// state.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn adopt(&self) -> Result<(), StoreError> {
        if self.status().code.as_deref() != Some(StoreError::OtherMachine.code()) {
            return Ok(());
        }
        self.0.on_disk(|inner| inner.adopt()).await?;
        self.0.begin_again(Making::IfNone);
        Ok(())
    }

    /// When the key is lost for good: moves the files nobody can open aside and begins anew, as was chosen before. Does
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

/// Whether somebody agreed to what cannot be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreed {
    /// The sealed files may be deleted.
    ToDelete,
    /// Nobody did.
    ToNothing,
}
