//! The choice, remembered beside the sealed files: where their key is. Holds no secret.
//!
//! This file decides which key is in force: while everything is sealed anew, its rename is the moment from which the
//! new key counts. It has a copy, because without it a passphrase opens nothing.

use doorkey_client::words::VaultKind;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::folder::Folder;
use super::key::KeyId;
use super::passphrase::Wrapped;

pub(super) const NAME: &str = "vault.json";
const COPY: &str = "vault.copy.json";
const VERSION: u32 = 1;

/// What is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    version: u32,
    /// Where the key is.
    pub(super) kind: VaultKind,
    /// Which key, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Where it was made, as `machine::this` has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) machine: Option<String>,
    /// The key itself, for a vault with a passphrase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) passphrase: Option<Wrapped>,
    /// What of the choice before is still to be cleared away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clearing: Option<Clearing>,
}

/// Why a choice does not surely count.
#[derive(Debug)]
pub(super) enum NotWritten {
    /// The one before counts.
    Before(StoreError),
    /// It was put into place and cannot be read back: the next one who can read it knows.
    Perhaps(StoreError),
}

impl From<NotWritten> for StoreError {
    fn from(not_written: NotWritten) -> Self {
        match not_written {
            NotWritten::Before(error) | NotWritten::Perhaps(error) => error,
        }
    }
}

impl From<StoreError> for NotWritten {
    fn from(error: StoreError) -> Self {
        Self::Before(error)
    }
}

/// What is still to be cleared away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Clearing {
    /// The key in the keyring.
    Key,
    /// The sealed files, as the person agreed.
    Files,
    /// Both.
    FilesAndKey,
}

impl Header {
    pub(super) fn new(kind: VaultKind, key: Option<KeyId>) -> Self {
        let machine = key.and_then(super::machine::this);
        Self { version: VERSION, kind, key: key.map(hex), machine, passphrase: None, clearing: None }
    }

    /// Whether a key was ever in force with it.
    pub(super) fn names_a_key(&self) -> bool {
        self.key.is_some()
    }

    /// Whether it stands on the disk twice, so that neither file is missed alone.
    pub(super) fn stands_twice(&self, folder: &Folder) -> bool {
        [NAME, COPY].iter().all(|name| read_one(folder, name).ok().flatten().as_ref() == Some(self))
    }

    /// Whether another key than this one is remembered.
    pub(super) fn is_of_another_key(&self, key: KeyId) -> bool {
        self.key.as_ref().is_some_and(|known| *known != hex(key))
    }

    /// Whether the vault was made on another machine than this one. Where either does not say, it was not.
    pub(super) fn is_of_another_machine(&self) -> bool {
        let here = self.key.as_deref().and_then(parsed).and_then(super::machine::this);
        matches!((&self.machine, here), (Some(there), Some(here)) if *there != here)
    }

    /// From now on it belongs to this machine.
    pub(super) fn adopt(&mut self) {
        self.machine = self.key.as_deref().and_then(parsed).and_then(super::machine::this);
    }

    /// Whether the sealed files are still to be cleared away.
    pub(super) fn clears_files(&self) -> bool {
        matches!(self.clearing, Some(Clearing::Files | Clearing::FilesAndKey))
    }

    /// Whether the key in the keyring is still to be cleared away.
    pub(super) fn clears_key(&self) -> bool {
        matches!(self.clearing, Some(Clearing::Key | Clearing::FilesAndKey))
    }

    /// The sealed files are to be cleared away.
    pub(super) fn clear_files(&mut self) {
        self.clearing = Some(if self.clears_key() { Clearing::FilesAndKey } else { Clearing::Files });
    }

    /// The key in the keyring is to be cleared away.
    pub(super) fn clear_key(&mut self) {
        self.clearing = Some(if self.clears_files() { Clearing::FilesAndKey } else { Clearing::Key });
    }

    /// The sealed files are gone.
    pub(super) fn files_are_cleared(&mut self) {
        self.clearing = self.clears_key().then_some(Clearing::Key);
    }

    /// The key is gone.
    pub(super) fn key_is_forgotten(&mut self) {
        self.clearing = self.clears_files().then_some(Clearing::Files);
    }

    /// From the folder; nothing where no choice was made.
    ///
    /// # Errors
    /// [`StoreError::NewerVersion`], [`StoreError::Damaged`] when the copy cannot be used either, what the disk says.
    pub(super) fn read(folder: &Folder) -> Result<Option<Self>, StoreError> {
        let (first, copy) = (read_one(folder, NAME), read_one(folder, COPY));
        match (first, copy) {
            (Ok(Some(header)), _) => Ok(Some(header)),
            (Ok(None) | Err(StoreError::Damaged(_)), Ok(Some(copy))) => {
                tracing::warn!("the vault's choice is taken from its copy");
                Ok(Some(copy))
            }
            (first, _) => first,
        }
    }

    /// Into the folder: whole or not at all, and read back. When this returns `Ok`, it counts.
    ///
    /// # Errors
    /// What the disk says, and which choice counts then.
    pub(super) fn write(&self, folder: &Folder) -> Result<(), NotWritten> {
        match write_one(self, folder, NAME) {
            // A folder that was not synced may still have it; what can be read counts.
            Err(NotWritten::Perhaps(_)) if read_one(folder, NAME).ok().flatten().as_ref() == Some(self) => {}
            written => written?,
        }
        if let Err(error) = write_one(self, folder, COPY).map_err(StoreError::from) {
            tracing::warn!(%error, "the copy of the vault's choice is not up to date");
        }
        Ok(())
    }

    /// Moves it out of the way, with its copy, for a vault that begins anew.
    pub(super) fn set_aside(folder: &Folder) -> Result<(), StoreError> {
        // The copy first: alone it would be taken for the choice.
        [COPY, NAME].into_iter().filter(|name| folder.has(name)).try_for_each(|name| {
            super::files::set_name_aside(folder, name)?;
            Ok(())
        })
    }
}

fn read_one(folder: &Folder, name: &str) -> Result<Option<Header>, StoreError> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    if !folder.has(name) {
        return Ok(None);
    }
    let bytes = folder.read(name)?;
    let damaged = |_| StoreError::Damaged(folder.join(name));
    let Versioned { version } = serde_json::from_slice(&bytes).map_err(damaged)?;
    if version > VERSION {
        let version = u16::try_from(version).unwrap_or(u16::MAX);
        return Err(StoreError::NewerVersion { file: folder.join(name), version });
    }
    serde_json::from_slice(&bytes).map(Some).map_err(damaged)
}

fn write_one(header: &Header, folder: &Folder, name: &str) -> Result<(), NotWritten> {
    let bytes = serde_json::to_vec_pretty(header).expect("text and numbers are always JSON");
    let temporary = format!("{name}.tmp");
    folder.remove(&temporary)?;
    let written = folder.write_new(&temporary, &bytes).and_then(|()| folder.rename(&temporary, name));
    if let Err(error) = written {
        let _ = folder.remove(&temporary);
        return Err(NotWritten::Before(error));
    }
    match folder.sync().and_then(|()| folder.read(name)) {
        Ok(there) if there == bytes => Ok(()),
        Ok(_) => Err(NotWritten::Perhaps(StoreError::Damaged(folder.join(name)))),
        Err(error) => Err(NotWritten::Perhaps(error)),
    }
}

fn hex(key: KeyId) -> String {
    key.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn parsed(text: &str) -> Option<KeyId> {
    let number = u64::from_str_radix(text, 16).ok().filter(|_| text.len() == 16)?;
    Some(KeyId(number.to_be_bytes()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::vault::key::Key;

    fn folder() -> (tempfile::TempDir, Folder) {
        let home = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::open_or_make(home.path()).expect("it is ours");
        (home, folder)
    }

    #[test]
    fn a_choice_is_read_as_it_was_written_and_knows_its_key() {
        let (_home, folder) = folder();
        assert_eq!(Header::read(&folder).expect("nothing is wrong"), None);
        let key = Key::generate();
        let header = Header::new(VaultKind::Keyring, Some(key.id()));
        header.write(&folder).expect("there is room");
        assert_eq!(Header::read(&folder).expect("just written"), Some(header.clone()));
        assert!(!header.is_of_another_key(key.id()) && header.is_of_another_key(Key::generate().id()));
        assert!(!header.is_of_another_machine());
    }

    #[test]
    fn a_machine_that_is_not_this_one_is_noticed_where_this_one_has_a_name() {
        let key = Key::generate();
        let mut header = Header::new(VaultKind::Keyring, Some(key.id()));
        let named = header.machine.is_some();
        header.machine = Some("0123456789abcdef".to_owned());
        assert_eq!(header.is_of_another_machine(), named);
        header.machine = None;
        assert!(!header.is_of_another_machine());
    }

    #[test]
    fn damage_is_mended_from_the_copy_and_a_newer_version_is_not() {
        let (home, folder) = folder();
        let header = Header::new(VaultKind::Memory, None);
        header.write(&folder).expect("there is room");
        for damage in [&b""[..], b"{", b"{\"version\":1}", b"{\"version\":1,\"kind\":\"keyring\",\"more\":1}"] {
            fs::write(home.path().join(NAME), damage).expect("there is room");
            assert_eq!(Header::read(&folder).expect("the copy is good"), Some(header.clone()));
        }
        fs::remove_file(home.path().join(NAME)).expect("it is there");
        assert_eq!(Header::read(&folder).expect("the copy is good"), Some(header.clone()));
        fs::write(home.path().join(NAME), b"{\"version\":2,\"all\":\"new\"}").expect("there is room");
        assert_eq!(Header::read(&folder).expect_err("newer").code(), "store.newer_version");
        fs::write(home.path().join(NAME), b"{").expect("there is room");
        fs::write(home.path().join(COPY), b"{").expect("there is room");
        assert_eq!(Header::read(&folder).expect_err("both are damaged").code(), "store.damaged");
    }
}
