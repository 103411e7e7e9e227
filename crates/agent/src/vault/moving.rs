//! Sealing everything anew: another place for the key, or another passphrase.
//!
//! Each record is written beside the one in force, sealed with the new key, and read back. Then the choice is renamed
//! into place, and from that moment the new key counts: a process that is killed before leaves the old key and its
//! files as they were, one that is killed after leaves the new ones for the next start to put in order.

use std::sync::Arc;

use doorkey_client::Secret;
use doorkey_client::words::VaultKind;

use super::error::StoreError;
use super::folder::Folder;
use super::header::{Header, NotWritten};
use super::inner::{Inner, Shelf, Store, lock};
use super::key::{self, Key, KeyId};
use super::mark::Mark;
use super::opening::{fit, unwrapped};
use super::passphrase::Wrapped;
use super::question;
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
    /// Everything is as it was then; where nobody can tell which choice counts, the vault is closed.
    pub(super) async fn move_to(self: &Arc<Self>, destination: Destination) -> Result<usize, StoreError> {
        let moved = match destination.to {
            VaultKind::Memory => self.on_disk(move |inner| inner.go_into_memory(destination.agreed)).await?,
            VaultKind::Keyring => self.go_into_the_keyring().await?,
            VaultKind::Passphrase => self.tried(move |inner| inner.go_behind_a_passphrase(&destination)).await?,
        };
        // Waited for: a process that was begun for this alone would end before.
        self.forget_key().await;
        Ok(moved)
    }

    async fn go_into_the_keyring(self: &Arc<Self>) -> Result<usize, StoreError> {
        let from = self.on_disk(|inner| {
            // The keyring knows the vault by its folder.
            Folder::open_or_make(&inner.dir)?;
            inner.source_of_a_move(&lock(&inner.store))
        });
        let from = from.await?;
        if from == VaultKind::Keyring {
            return Ok(0);
        }
        let (key, turn) = self.fresh_key(from).await?;
        self.on_disk(move |inner| {
            let _until_it_counts = turn;
            let mut shelf = lock(&inner.store);
            inner.is_still_moved_from(from, &shelf)?;
            let header = Header::new(VaultKind::Keyring, Some(key.id()));
            inner.seal_anew(&mut shelf, &header, key)
        })
        .await
    }

    fn go_behind_a_passphrase(&self, destination: &Destination) -> Result<usize, StoreError> {
        let passphrase = destination.passphrase.as_ref().ok_or(StoreError::NoPassphrase)?;
        fit(passphrase)?;
        let from = self.source_of_a_move(&lock(&self.store))?;
        let folder = Folder::open_or_make(&self.dir)?;
        if from == VaultKind::Passphrase {
            let current = destination.current.as_ref().ok_or(StoreError::NoPassphrase)?;
            let header = Header::read(&folder)?.ok_or(StoreError::OtherKind(from))?;
            unwrapped(&folder, &header, current)?;
        }
        let (header, key) = behind(&folder, from, passphrase);
        let mut shelf = lock(&self.store);
        self.is_still_moved_from(from, &shelf)?;
        self.seal_anew(&mut shelf, &header, key)
    }

    /// What is moved: the open vault; what is in memory, or nothing at all, where nothing is sealed on the disk.
    fn source_of_a_move(&self, shelf: &Shelf) -> Result<VaultKind, StoreError> {
        if let Store::Sealed(_) = shelf.store {
            return Ok(self.status.borrow().kind);
        }
        self.clear_files(shelf)?;
        let sealed = match Folder::open(&self.dir)? {
            Some(folder) => {
                let header = Header::read(&folder)?;
                let kind = header.as_ref().map_or(VaultKind::Keyring, |header| header.kind);
                files::are_sealed(&folder, header.as_ref())?.then_some(kind)
            }
            None => None,
        };
        match (&shelf.store, sealed) {
            (_, None) => Ok(VaultKind::Memory),
            (Store::Memory(_), Some(kind)) => Err(StoreError::OtherKind(kind)),
            (Store::Closed | Store::Sealed(_), Some(_)) => Err(self.not_ready()),
        }
    }

    /// # Errors
    /// Where the vault was opened or moved another way meanwhile.
    pub(super) fn is_still_moved_from(&self, from: VaultKind, shelf: &Shelf) -> Result<(), StoreError> {
        if self.source_of_a_move(shelf)? == from { Ok(()) } else { Err(self.not_ready()) }
    }

    /// Seals everything with that key, and opens it with it.
    ///
    /// # Errors
    /// Everything is as it was where the choice could not be written. Where it may count and may not, what is sealed
    /// either way stays, and nothing is sealed any more until it can be read.
    pub(super) fn seal_anew(&self, shelf: &mut Shelf, header: &Header, key: Key) -> Result<usize, StoreError> {
        let folder = Folder::open_or_make(&self.dir)?;
        let records = match &shelf.store {
            Store::Sealed(sealed) => sealed.all()?,
            Store::Memory(memory) => memory.records(),
            Store::Closed => Vec::new(),
        };
        let beside = written_beside(&folder, &shelf.store, &records, &key).map_err(NotWritten::from);
        match beside.and_then(|()| header.write(&folder)) {
            Ok(()) => {}
            Err(NotWritten::Before(error)) => {
                files::discard_next(&folder, |_| true);
                return Err(error);
            }
            Err(NotWritten::Perhaps(error)) => {
                // What would be sealed with the one key could not be opened with the other. Memory is not sealed at all.
                if let Store::Sealed(_) = shelf.store {
                    shelf.store = Store::Closed;
                    self.answers_come_too_late();
                    self.status.send_replace(question::unusable(header.kind, &error));
                }
                return Err(error);
            }
        }
        // From here on the new key counts, whatever happens.
        let mark = match std::mem::replace(&mut shelf.store, Store::Closed) {
            Store::Sealed(sealed) => sealed.into_mark(),
            Store::Memory(_) | Store::Closed => Mark::read(self.mark.as_deref(), &key),
        };
        let error = match Sealed::open(folder, key, mark) {
            Ok(Opened::Ready(sealed, problems)) => {
                self.is_open(shelf, header.kind, sealed, problems);
                return Ok(records.len());
            }
            Ok(Opened::OtherKey) => StoreError::KeyMissing(self.dir.clone()),
            Ok(Opened::NewerVersion(error)) | Err(error) => error,
        };
        self.status.send_replace(question::unusable(header.kind, &error));
        Err(error)
    }

    fn go_into_memory(&self, agreed: Agreed) -> Result<usize, StoreError> {
        let mut shelf = lock(&self.store);
        let from = self.source_of_a_move(&shelf)?;
        if from != VaultKind::Memory && agreed == Agreed::ToNothing {
            return Err(StoreError::NotAgreed);
        }
        let folder = Folder::open_or_make(&self.dir)?;
        let mut header = after(&folder, from, VaultKind::Memory, None);
        if from != VaultKind::Memory {
            header.clear_files();
        }
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
        if let Err(error) = self.clear_files(&shelf) {
            tracing::warn!(%error, "what was to be deleted is still there");
        }
        Ok(many)
    }

    /// What a choice before has left, at the start: cut short, it is gone on with at the next one.
    pub(super) fn clear_away(self: &Arc<Self>) {
        if let Err(error) = self.clear_files(&lock(&self.store)) {
            tracing::warn!(%error, "what was to be deleted is still there");
        }
        drop(self.forget_key());
    }

    /// Deletes the sealed files where somebody agreed to that and it did not come to its end. Looks and deletes while the
    /// store is held, as whoever seals does: what is sealed after that agreement is not meant by it.
    pub(super) fn clear_files(&self, _held: &Shelf) -> Result<(), StoreError> {
        let Some(folder) = Folder::open(&self.dir)? else { return Ok(()) };
        // Without a choice that can be read nobody agreed to anything.
        let agreed = Header::read(&folder).ok().flatten().filter(Header::clears_files);
        let Some(mut header) = agreed else { return Ok(()) };
        files::remove_everything(&folder)?;
        Mark::erase(self.mark.as_deref());
        header.files_are_cleared();
        Ok(header.write(&folder)?)
    }
}

/// A new key behind that passphrase. Takes the time the derivation takes.
pub(super) fn behind(folder: &Folder, from: VaultKind, passphrase: &Secret) -> (Header, Key) {
    let key = Key::generate();
    let mut header = after(folder, from, VaultKind::Passphrase, Some(key.id()));
    header.passphrase = Some(Wrapped::new(&key, passphrase));
    (header, key)
}

/// The choice that comes after one, when the key is not in the keyring any more: the one that is there is of no use then.
fn after(folder: &Folder, from: VaultKind, kind: VaultKind, key: Option<KeyId>) -> Header {
    let mut header = Header::new(kind, key);
    let left = || Header::read(folder).ok().flatten().is_some_and(|before| before.clears_key());
    if from == VaultKind::Keyring || left() {
        header.clear_key();
    }
    header
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
