//! Where the key is, before anybody is asked for it; and the way in with a passphrase.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use doorkey_client::Secret;
use doorkey_client::words::{VaultKind, VaultState, VaultStatus};

use super::asking::take_over;
use super::error::{Problem, StoreError};
use super::files;
use super::folder::Folder;
use super::header::Header;
use super::inner::{Inner, Shelf, Store, lock};
use super::key::Key;
use super::moving::behind;
use super::passphrase::{LONGEST, SHORTEST, Unopened, Wrapped};
use super::question::{self, KeySource};
use super::sealed::{Opened, Sealed};

/// The kind that counts: what was chosen before decides, and a wish that does not fit it is refused. Memory binds nobody.
///
/// # Errors
/// [`StoreError::OtherKind`], and why the choice cannot be read; each with the kind it is about.
pub(super) fn decide(dir: &Path, source: KeySource) -> Result<VaultKind, (VaultKind, StoreError)> {
    let wished = match source {
        KeySource::Memory => return Ok(VaultKind::Memory),
        KeySource::Remembered => None,
        KeySource::Keyring => Some(VaultKind::Keyring),
        KeySource::Passphrase => Some(VaultKind::Passphrase),
    };
    let usual = wished.unwrap_or(VaultKind::Keyring);
    let (header, sealed) = on_disk(dir).map_err(|error| (usual, error))?;
    let (remembered, names_a_key) =
        (header.as_ref().map(|header| header.kind), header.is_some_and(|h| h.names_a_key()));
    let of_files = remembered.filter(|_| names_a_key).or(sealed.then_some(VaultKind::Keyring));
    match (wished, of_files) {
        (None, _) => Ok(remembered.unwrap_or(usual)),
        (Some(wished), Some(kind)) if kind != wished => Err((kind, StoreError::OtherKind(kind))),
        (Some(wished), _) => Ok(wished),
    }
}

/// The choice, and whether anything is sealed that is not to be deleted.
fn on_disk(dir: &Path) -> Result<(Option<Header>, bool), StoreError> {
    match Folder::open(dir)? {
        None => Ok((None, false)),
        Some(folder) => {
            let header = Header::read(&folder)?;
            let kept = !header.as_ref().is_some_and(Header::clears_files);
            let sealed = files::are_sealed(&folder, header.as_ref())?;
            Ok((header, kept && sealed))
        }
    }
}

/// What to say of a vault with a passphrase that nobody has entered.
pub(super) fn without_passphrase(dir: &Path) -> VaultStatus {
    match on_disk(dir) {
        Ok((Some(header), _)) if header.is_of_another_machine() => {
            question::unusable(VaultKind::Passphrase, &StoreError::OtherMachine)
        }
        Ok((Some(header), _)) if header.passphrase.is_some() => question::sealed_with_a_passphrase(),
        Ok(_) => question::no_passphrase_yet(),
        Err(error) => question::unusable(VaultKind::Passphrase, &error),
    }
}

/// Whether it may be a new passphrase.
///
/// # Errors
/// [`StoreError::UnfitPassphrase`].
#[expect(clippy::disallowed_methods, reason = "counted, not taken out")]
pub(super) fn fit(passphrase: &Secret) -> Result<(), StoreError> {
    let text = passphrase.expose();
    let fits = text.chars().count() >= SHORTEST && text.len() <= LONGEST;
    if fits { Ok(()) } else { Err(StoreError::UnfitPassphrase) }
}

/// The key behind a passphrase.
///
/// # Errors
/// As [`Unopened`] has it, and where there is nothing to open.
pub(super) fn unwrapped(folder: &Folder, header: &Header, passphrase: &Secret) -> Result<Key, StoreError> {
    let wrapped = header.passphrase.as_ref().ok_or(StoreError::OtherKind(header.kind))?;
    wrapped.open(passphrase).map_err(|unopened| match unopened {
        Unopened::WrongPassphrase => StoreError::WrongPassphrase,
        Unopened::Absurd => StoreError::Absurd(folder.join(super::header::NAME)),
    })
}

impl Inner {
    /// On a thread of its own, for a passphrase that was given with the settings.
    pub(super) fn unlock_at_start(self: &Arc<Self>, passphrase: Secret) {
        let inner = Arc::clone(self);
        let trying = thread::Builder::new().name("passphrase".into()).spawn(move || {
            if let Err(error) = inner.unlock(&passphrase) {
                inner.could_not_unlock(&error);
            }
        });
        if trying.is_err() {
            self.status.send_replace(question::sealed_with_a_passphrase());
        }
    }

    /// With what was given at the start. A person may have opened it since, or locked it.
    pub(super) fn could_not_unlock(&self, error: &StoreError) {
        let _held = lock(&self.store);
        if self.status.borrow().state == VaultState::Opening {
            self.status.send_replace(question::not_unlocked(error));
        }
    }

    /// Opens the vault with its passphrase; makes it where nothing is sealed yet. Takes the time the derivation takes.
    ///
    /// # Errors
    /// Nothing was changed then.
    pub(super) fn unlock(self: &Arc<Self>, passphrase: &Secret) -> Result<(), StoreError> {
        self.open_with(&mut lock(&self.store), passphrase)?;
        // Nobody waits for it: the keyring has nothing to do with this vault any more.
        drop(self.forget_key());
        Ok(())
    }

    fn open_with(&self, shelf: &mut Shelf, passphrase: &Secret) -> Result<(), StoreError> {
        if let Store::Sealed(_) = shelf.store {
            let kind = self.status.borrow().kind;
            return if kind == VaultKind::Passphrase { Ok(()) } else { Err(StoreError::OtherKind(kind)) };
        }
        self.clear_files(shelf)?;
        let folder = Folder::open_or_make(&self.dir)?;
        let key = match Header::read(&folder)? {
            Some(header) if header.passphrase.is_some() => {
                if header.is_of_another_machine() {
                    return Err(StoreError::OtherMachine);
                }
                let key = unwrapped(&folder, &header, passphrase)?;
                if header.is_of_another_key(key.id()) {
                    return Err(StoreError::Absurd(folder.join(super::header::NAME)));
                }
                renew(&folder, header, &key, passphrase);
                key
            }
            Some(Header { kind: VaultKind::Keyring, .. }) => return Err(StoreError::OtherKind(VaultKind::Keyring)),
            other => {
                if files::are_sealed(&folder, other.as_ref())? {
                    return Err(StoreError::OtherKind(VaultKind::Keyring));
                }
                fit(passphrase)?;
                let (header, key) = behind(&folder, VaultKind::Memory, passphrase);
                return self.seal_anew(shelf, &header, key).map(drop);
            }
        };
        match take_over(folder, key, &shelf.store, self.mark.as_deref())? {
            Opened::Ready(sealed, problems) => {
                self.is_open(shelf, VaultKind::Passphrase, sealed, problems);
                Ok(())
            }
            Opened::OtherKey => Err(StoreError::KeyMissing(self.dir.clone())),
            Opened::NewerVersion(error) => Err(error),
        }
    }

    /// From here on it is open.
    pub(super) fn is_open(&self, shelf: &mut Shelf, kind: VaultKind, sealed: Sealed, problems: Vec<Problem>) {
        for problem in &problems {
            tracing::warn!(record = %problem.id, error = %problem.error, "a saved record cannot be used");
        }
        shelf.store = Store::Sealed(Box::new(sealed));
        shelf.held = false;
        *lock(&self.problems) = problems;
        self.answers_come_too_late();
        self.status.send_replace(question::ready(kind));
    }

    /// Goes on with files of another machine.
    ///
    /// # Errors
    /// What the disk says.
    pub(super) fn adopt(&self) -> Result<(), StoreError> {
        let _shelf = lock(&self.store);
        let Some(folder) = Folder::open(&self.dir)? else { return Ok(()) };
        if let Some(mut header) = Header::read(&folder)?
            && header.is_of_another_machine()
        {
            header.adopt();
            header.write(&folder)?;
        }
        Ok(())
    }

    /// Forgets the key until somebody opens the vault again.
    ///
    /// # Errors
    /// [`StoreError::NothingToLock`] for memory.
    pub(super) fn lock_up(&self) -> Result<(), StoreError> {
        let mut shelf = lock(&self.store);
        match &shelf.store {
            Store::Memory(_) => return Err(StoreError::NothingToLock),
            Store::Closed if self.status.borrow().state != VaultState::Opening => return Ok(()),
            Store::Closed | Store::Sealed(_) => {}
        }
        shelf.store = Store::Closed;
        shelf.held = true;
        self.answers_come_too_late();
        let kind = self.status.borrow().kind;
        self.status.send_replace(question::locked_by_you(kind));
        Ok(())
    }
}

/// Wraps the key anew where today's parameters cost an attacker more, and mends a choice of which one file was damaged; a
/// failure leaves it as it was.
fn renew(folder: &Folder, mut header: Header, key: &Key, passphrase: &Secret) {
    let is_weak = header.passphrase.as_ref().is_some_and(Wrapped::is_weaker_than_today);
    if !is_weak && header.stands_twice(folder) {
        return;
    }
    if is_weak {
        header.passphrase = Some(Wrapped::new(key, passphrase));
    }
    if let Err(error) = header.write(folder).map_err(StoreError::from) {
        tracing::warn!(%error, "the vault's choice stays as it was");
    }
}
