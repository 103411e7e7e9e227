//! Sealing everything anew: another place for the key, or another passphrase.
//!
//! Each record is written beside the one in force, sealed with the new key, and read back. Then the choice is renamed
//! into place, and from that moment the new key counts: a process that is killed before leaves the old key and its
//! files as they were, one that is killed after leaves the new ones for the next start to put in order.

use std::path::Path;
use std::sync::{Arc, PoisonError, TryLockError, mpsc};
use std::thread;

use doorkey_client::Secret;
use doorkey_client::words::VaultKind;

use super::error::StoreError;
use super::folder::Folder;
use super::header::{Clearing, Header};
use super::inner::{Inner, Shelf, Store, lock};
use super::key::{self, Key};
use super::mark::Mark;
use super::opening::{fit, unwrapped};
use super::passphrase::Wrapped;
use super::question::{self, KeyProblem, Making, Patience};
use super::sealed::{InMemory, Opened, Sealed};
use super::{Agreed, Record, files, seal};

/// Where everything is to be kept.
pub(super) struct Destination {
    pub(super) to: VaultKind,
    /// The passphrase in force.
    pub(super) current: Option<Secret>,
    /// The passphrase from now on.
    pub(super) passphrase: Option<Secret>,
    /// Whether the sealed files may be deleted.
    pub(super) agreed: Agreed,
}

impl Inner {
    /// Moves everything; tells how many records that were.
    ///
    /// # Errors
    /// Everything is as it was then.
    pub(super) fn move_to(&self, destination: &Destination) -> Result<usize, StoreError> {
        let _alone = match self.moving.try_lock() {
            Ok(alone) => alone,
            Err(TryLockError::Poisoned(poisoned)) => PoisonError::into_inner(poisoned),
            Err(TryLockError::WouldBlock) => return Err(StoreError::NotReady(self.status.borrow().clone())),
        };
        let from = self.source_of_a_move(&lock(&self.store))?;
        match destination.to {
            VaultKind::Memory => self.go_into_memory(from, destination.agreed),
            VaultKind::Keyring if from == VaultKind::Keyring => Ok(0),
            VaultKind::Keyring => {
                let folder = Folder::open_or_make(&self.dir)?;
                let key = self.fresh_key()?;
                let header = Header::new(VaultKind::Keyring, Some(key.id()));
                self.seal_anew(from, &folder, &header, key)
            }
            VaultKind::Passphrase => {
                let passphrase = destination.passphrase.as_ref().ok_or(StoreError::NoPassphrase)?;
                fit(passphrase)?;
                let folder = Folder::open_or_make(&self.dir)?;
                if from == VaultKind::Passphrase {
                    let current = destination.current.as_ref().ok_or(StoreError::NoPassphrase)?;
                    let header = Header::read(&folder)?.ok_or(StoreError::OtherKind(from))?;
                    unwrapped(&folder, &header, current)?;
                }
                let key = Key::generate();
                let mut header = Header::new(VaultKind::Passphrase, Some(key.id()));
                header.passphrase = Some(Wrapped::new(&key, passphrase));
                header.clearing = (from == VaultKind::Keyring).then_some(Clearing::Key);
                self.seal_anew(from, &folder, &header, key)
            }
        }
    }

    /// What is moved: the open vault; what is in memory, or nothing at all, where nothing is sealed on the disk.
    fn source_of_a_move(&self, shelf: &Shelf) -> Result<VaultKind, StoreError> {
        if let Store::Sealed(_) = shelf.store {
            return Ok(self.status.borrow().kind);
        }
        let sealed = match Folder::open(&self.dir)? {
            Some(folder) if !files::list(&folder)?.is_empty() => {
                Some(Header::read(&folder)?.map_or(VaultKind::Keyring, |header| header.kind))
            }
            _ => None,
        };
        match (&shelf.store, sealed) {
            (_, None) => Ok(VaultKind::Memory),
            (Store::Memory(_), Some(kind)) => Err(StoreError::OtherKind(kind)),
            (Store::Closed | Store::Sealed(_), Some(_)) => Err(self.not_ready()),
        }
    }

    fn seal_anew(&self, from: VaultKind, folder: &Folder, header: &Header, key: Key) -> Result<usize, StoreError> {
        let mut shelf = lock(&self.store);
        if self.source_of_a_move(&shelf)? != from {
            return Err(self.not_ready());
        }
        let records = match &shelf.store {
            Store::Sealed(sealed) => sealed.all()?,
            Store::Memory(memory) => memory.records(),
            Store::Closed => Vec::new(),
        };
        let written = written_beside(folder, &shelf.store, &records, &key).and_then(|()| header.write(folder));
        if let Err(error) = written {
            files::discard_next(folder);
            return Err(error);
        }
        // From here on the new key counts, whatever happens.
        let mark = match std::mem::replace(&mut shelf.store, Store::Closed) {
            Store::Sealed(sealed) => sealed.into_mark(),
            Store::Memory(_) | Store::Closed => Mark::read(self.mark.as_deref(), &key),
        };
        let opened = Folder::open_or_make(&self.dir).and_then(|folder| Sealed::open(folder, key, mark));
        let error = match opened {
            Ok(Opened::Ready(sealed, problems)) => {
                shelf.store = Store::Sealed(Box::new(sealed));
                *lock(&self.problems) = problems;
                self.answers_come_too_late();
                self.status.send_replace(question::ready(header.kind));
                drop(shelf);
                self.clear_away();
                return Ok(records.len());
            }
            Ok(Opened::OtherKey) => StoreError::KeyMissing(self.dir.clone()),
            Ok(Opened::NewerVersion(error)) | Err(error) => error,
        };
        self.status.send_replace(question::unusable(header.kind, &error));
        Err(error)
    }

    fn go_into_memory(&self, from: VaultKind, agreed: Agreed) -> Result<usize, StoreError> {
        if from != VaultKind::Memory && agreed == Agreed::ToNothing {
            return Err(StoreError::NotAgreed);
        }
        let folder = Folder::open_or_make(&self.dir)?;
        let mut shelf = lock(&self.store);
        if self.source_of_a_move(&shelf)? != from {
            return Err(self.not_ready());
        }
        let mut header = Header::new(VaultKind::Memory, None);
        header.clearing = match from {
            VaultKind::Keyring => Some(Clearing::FilesAndKey),
            VaultKind::Passphrase => Some(Clearing::Files),
            VaultKind::Memory => None,
        };
        let memory = match &shelf.store {
            Store::Sealed(sealed) => InMemory::holding(sealed.all()?),
            Store::Memory(memory) => InMemory::holding(memory.records()),
            Store::Closed => InMemory::default(),
        };
        header.write(&folder)?;
        let many = memory.records().len();
        shelf.store = Store::Memory(memory);
        lock(&self.problems).clear();
        self.answers_come_too_late();
        self.status.send_replace(question::ready(VaultKind::Memory));
        drop(shelf);
        self.clear_away();
        Ok(many)
    }

    /// Removes what the choice before has left. Cut short, or with a keyring that does not answer, it is tried again at
    /// the next start.
    pub(super) fn clear_away(&self) {
        if let Err(error) = self.try_clearing() {
            tracing::warn!(%error, "what the choice before has left is still there");
        }
    }

    fn try_clearing(&self) -> Result<(), StoreError> {
        let Some(folder) = Folder::open(&self.dir)? else { return Ok(()) };
        let clearing = Header::read(&folder)?.and_then(|header| header.clearing);
        if matches!(clearing, Some(Clearing::Files | Clearing::FilesAndKey)) {
            let _shelf = lock(&self.store);
            files::remove_everything(&folder)?;
            Mark::erase(self.mark.as_deref());
        }
        if matches!(clearing, Some(Clearing::Key | Clearing::FilesAndKey)) {
            let forget = Arc::clone(&self.forget);
            self.within_patience(move |path| forget(path))?;
        }
        let _shelf = lock(&self.store);
        match Header::read(&folder)? {
            Some(mut header) if header.clearing.is_some() => {
                header.clearing = None;
                header.write(&folder)
            }
            _ => Ok(()),
        }
    }

    fn fresh_key(&self) -> Result<Key, StoreError> {
        let ask = Arc::clone(&self.ask);
        self.within_patience(move |path| ask(path, Making::Fresh))
    }

    /// Asks the keyring, which may wait for a person, for no longer than a person is given.
    fn within_patience<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Path) -> Result<T, KeyProblem> + Send + 'static,
    ) -> Result<T, StoreError> {
        let path = self.dir.canonicalize().map_err(|error| StoreError::from_io("find", &self.dir, error))?;
        let (tell, told) = mpsc::channel();
        let asking = thread::Builder::new().name("keyring".into()).spawn(move || tell.send(question(&path)));
        let problem = match asking.map(|_| told.recv_timeout((self.limit)(Patience::Person))) {
            Ok(Ok(Ok(answer))) => return Ok(answer),
            Ok(Ok(Err(problem))) => problem,
            Ok(Err(mpsc::RecvTimeoutError::Timeout)) => KeyProblem::Locked,
            Ok(Err(mpsc::RecvTimeoutError::Disconnected)) | Err(_) => KeyProblem::Unknown,
        };
        Err(StoreError::NotReady(problem.status(&self.dir)))
    }
}

fn written_beside(folder: &Folder, before: &Store, records: &[Record], key: &Key) -> Result<(), StoreError> {
    use subtle::ConstantTimeEq as _;
    for record in records {
        let generation = match before {
            Store::Sealed(sealed) => sealed.next_generation(record.id)?,
            Store::Memory(_) | Store::Closed => record.generation,
        };
        let sealed = seal::seal(key, record.id, generation, &key::random(), &record.content)
            .map_err(|seal::TooLarge| StoreError::TooLarge)?;
        files::put_next(folder, record.id, generation, &sealed, |bytes| {
            seal::open(key, record.id, generation, bytes).is_ok_and(|opened| opened.ct_eq(&record.content).into())
        })?;
    }
    folder.sync()
}
