//! Why the vault could not do something, for programs (`code`) and for people.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorkey_client::words::{Refusal, VaultKind, VaultState, VaultStatus};

use crate::refusal::sentence;

use super::id::RecordId;
use super::passphrase;

/// Why a record could not be read, written or removed. Never holds content or a key.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The key is not here (yet); the state says why.
    #[error("the vault is not open")]
    NotReady(VaultStatus),
    /// The file was cut or altered (S-14).
    #[error("the saved record {} is damaged", .0.display())]
    Damaged(PathBuf),
    /// The file's content belongs to another record or another generation (S-13).
    #[error("the saved record {} was put in the place of another one", .0.display())]
    ForeignRecord(PathBuf),
    /// A newer Doorkey wrote the file (S-35).
    #[error("a newer version of Doorkey wrote {} (format {version})", .file.display())]
    NewerVersion {
        /// The file.
        file: PathBuf,
        /// Its format.
        version: u16,
    },
    /// The file was sealed with a key that the keyring does not hold.
    #[error("the keyring has no key for {}", .0.display())]
    KeyMissing(PathBuf),
    /// More than a mebibyte of content.
    #[error("the record is larger than 1 MiB")]
    TooLarge,
    /// Somebody else could read or replace what is in there (S-T08).
    #[error("{} is not safe: {why}", .path.display())]
    UnsafePermissions {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// No room, or the quota is used up.
    #[error("the disk is full: {} could not be written", .0.display())]
    DiskFull(PathBuf),
    /// The file system is mounted read-only.
    #[error("{} is on a read-only disk", .0.display())]
    ReadOnly(PathBuf),
    /// The system refuses access.
    #[error("no permission for {}", .0.display())]
    NoPermission(PathBuf),
    /// Any other failure of the disk.
    #[error("could not {doing} {}", .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: Arc<io::Error>,
    },
    /// The system would not confirm that the bytes are on the disk (S-T11).
    #[error("the system did not confirm that {} is on the disk", .path.display())]
    Unsaved {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: Arc<io::Error>,
    },
    /// An older copy of the record was put back (S-13).
    #[error("an older copy of a saved sign-in was put back: {}", .0.display())]
    RolledBack(PathBuf),
    /// The vault was made on another machine (S-34).
    #[error("this vault was made on another machine")]
    OtherMachine,
    /// The passphrase does not open the vault.
    #[error("that is not the passphrase of this vault")]
    WrongPassphrase,
    /// There is none where one is needed.
    #[error("there is no passphrase")]
    NoPassphrase,
    /// Too short to be worth anything, or too long.
    #[error("a passphrase has {} to {} characters", passphrase::SHORTEST, passphrase::LONGEST)]
    UnfitPassphrase,
    /// The file with the wrapped key asks for work that nobody would choose.
    #[error("{} asks for an absurd amount of memory or time", .0.display())]
    Absurd(PathBuf),
    /// The files on the disk are sealed another way than was asked for.
    #[error("the saved sign-ins are sealed with {}", named(*.0))]
    OtherKind(VaultKind),
    /// It would delete the sealed files, and nobody agreed to that.
    #[error("going on in memory deletes the sealed sign-ins")]
    NotAgreed,
    /// There is nothing to lock in memory.
    #[error("sessions are in memory only, there is nothing to lock")]
    NothingToLock,
    /// The record was removed before; a late writer cannot bring it back.
    #[error("the record {0} was removed")]
    Removed(RecordId),
}

impl StoreError {
    pub(super) fn from_io(doing: &'static str, path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        let kind = error.kind();
        if matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge) {
            Self::DiskFull(path)
        } else if kind == io::ErrorKind::ReadOnlyFilesystem {
            Self::ReadOnly(path)
        } else if kind == io::ErrorKind::PermissionDenied {
            Self::NoPermission(path)
        } else {
            Self::Io { doing, path, source: Arc::new(error) }
        }
    }

    /// Stable and dotted; the family is always `store`.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            // Asked in the moment it became ready, it has none.
            Self::NotReady(status) => status.code.as_deref().unwrap_or("store.locked"),
            Self::Damaged(_) => "store.damaged",
            Self::ForeignRecord(_) => "store.foreign_record",
            Self::NewerVersion { .. } => "store.newer_version",
            Self::KeyMissing(_) => "store.key_missing",
            Self::TooLarge => "store.too_large",
            Self::UnsafePermissions { .. } => "store.unsafe_permissions",
            Self::DiskFull(_) => "store.disk_full",
            Self::ReadOnly(_) => "store.read_only",
            Self::NoPermission(_) => "store.no_permission",
            Self::Io { .. } => "store.io",
            Self::Unsaved { .. } => "store.unsaved",
            Self::Removed(_) => "store.removed",
            Self::RolledBack(_) => "store.rolled_back",
            Self::OtherMachine => "store.other_machine",
            Self::WrongPassphrase => "store.wrong_passphrase",
            Self::NoPassphrase => "store.no_passphrase",
            Self::UnfitPassphrase => "store.unfit_passphrase",
            Self::Absurd(_) => "store.absurd_parameters",
            Self::OtherKind(_) => "store.other_kind",
            Self::NotAgreed => "store.not_confirmed",
            Self::NothingToLock => "store.nothing_to_lock",
        }
    }

    /// For the one who asked.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let message = match self {
            Self::NotReady(status) => status.message.clone(),
            Self::Io { source, .. } | Self::Unsaved { source, .. } => format!("{} ({source})", sentence(self)),
            Self::Damaged(_)
            | Self::ForeignRecord(_)
            | Self::NewerVersion { .. }
            | Self::KeyMissing(_)
            | Self::TooLarge
            | Self::UnsafePermissions { .. }
            | Self::DiskFull(_)
            | Self::ReadOnly(_)
            | Self::NoPermission(_)
            | Self::RolledBack(_)
            | Self::OtherMachine
            | Self::WrongPassphrase
            | Self::NoPassphrase
            | Self::UnfitPassphrase
            | Self::Absurd(_)
            | Self::OtherKind(_)
            | Self::NotAgreed
            | Self::NothingToLock
            | Self::Removed(_) => sentence(self),
        };
        let refusal = Refusal::new(self.code(), message, self.hint());
        if self.may_pass() { refusal.retryable() } else { refusal }
    }

    fn hint(&self) -> String {
        match self {
            Self::NotReady(status) => return status.hint.clone(),
            Self::Damaged(_) => "Sign in again. The damaged file is kept beside the vault's other files.",
            Self::ForeignRecord(_) => "Sign in again, and find out who changes files in this folder.",
            Self::NewerVersion { .. } => "Update Doorkey; this version leaves the file untouched.",
            Self::KeyMissing(_) => {
                "If the key is in another keyring, unlock that one and try again; else sign in again."
            }
            Self::TooLarge => "The provider sends tokens of an unusual size: ask for fewer scopes or claims.",
            Self::UnsafePermissions { .. } => "Make it yours alone (owner you, mode 0700 for folders, 0600 for files).",
            Self::DiskFull(_) => "Make room on the disk; nothing that was saved before is lost.",
            Self::ReadOnly(_) => "Make the disk writable, or set XDG_DATA_HOME to a folder that is.",
            Self::NoPermission(_) => "Check the owner and mode of the folder, or set XDG_DATA_HOME to one of yours.",
            Self::Io { .. } => "Check the disk and try again; nothing that was saved before is lost.",
            Self::Unsaved { .. } => "Check the disk and do not quit before it has been saved.",
            Self::Removed(_) => "Sign in again.",
            Self::RolledBack(_) => {
                "Sign in again: its refresh token was spent already. The old copy is kept beside the vault's other files."
            }
            Self::OtherMachine => {
                "If the other machine does not use it any more, go on here with `doorkey vault adopt`. Otherwise begin \
                 anew with `doorkey vault start-over`: two machines with one sign-in would sign each other out."
            }
            Self::WrongPassphrase => "Type it again. Nothing was changed.",
            Self::NoPassphrase => {
                "Type it when `doorkey vault unlock` asks, or set DOORKEY_PASSPHRASE_FILE or DOORKEY_PASSPHRASE_FD."
            }
            Self::UnfitPassphrase => "Choose another one; several words are easier to type than odd characters.",
            Self::Absurd(_) => "Somebody altered it: restore it from a backup. Nothing was tried with it.",
            Self::OtherKind(_) => {
                "Unset DOORKEY_VAULT if it says otherwise; `doorkey vault use` seals everything another way."
            }
            Self::NotAgreed => "Say `--yes` if that is what you want; signed-in sessions go on until the agent ends.",
            Self::NothingToLock => "End the agent to forget them, or `doorkey vault use keyring` to keep them.",
        }
        .to_owned()
    }

    fn may_pass(&self) -> bool {
        match self {
            Self::NotReady(status) => match status.state {
                VaultState::Ready | VaultState::Opening | VaultState::Locked | VaultState::NoService => true,
                VaultState::Denied | VaultState::KeyMissing | VaultState::Unusable => false,
            },
            Self::DiskFull(_) | Self::ReadOnly(_) | Self::NoPermission(_) | Self::Io { .. } | Self::Unsaved { .. } => {
                true
            }
            Self::Damaged(_)
            | Self::ForeignRecord(_)
            | Self::NewerVersion { .. }
            | Self::KeyMissing(_)
            | Self::TooLarge
            | Self::UnsafePermissions { .. }
            | Self::RolledBack(_)
            | Self::OtherMachine
            | Self::WrongPassphrase
            | Self::NoPassphrase
            | Self::UnfitPassphrase
            | Self::Absurd(_)
            | Self::OtherKind(_)
            | Self::NotAgreed
            | Self::NothingToLock
            | Self::Removed(_) => false,
        }
    }
}

/// What holds the key, in words.
fn named(kind: VaultKind) -> &'static str {
    match kind {
        VaultKind::Keyring => "a key in the keyring",
        VaultKind::Passphrase => "a passphrase",
        VaultKind::Memory => "nothing: they are in memory",
    }
}

/// A record that start-up could not offer, or not in its newest form.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Which record.
    pub id: RecordId,
    /// The file it was found in.
    pub file: PathBuf,
    /// Where that file is now, when it was moved aside.
    pub moved_to: Option<PathBuf>,
    /// What is wrong.
    pub error: StoreError,
}

impl Problem {
    /// For people.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        self.error.refusal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_called_so() {
        use std::io::Write as _;
        let mut full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
        let refused = full.write_all(b"x").expect_err("it is always full");
        let error = StoreError::from_io("write", Path::new("/vault/x.sealed"), refused);
        let refusal = error.refusal();
        assert_eq!(refusal.code, "store.disk_full");
        assert_eq!(refusal.message, "The disk is full: /vault/x.sealed could not be written.");
        assert!(refusal.retryable && refusal.exit_code() == 74);
    }

    #[test]
    fn each_reason_of_the_system_has_its_own_code() {
        for (kind, code) in [
            (io::ErrorKind::QuotaExceeded, "store.disk_full"),
            (io::ErrorKind::ReadOnlyFilesystem, "store.read_only"),
            (io::ErrorKind::PermissionDenied, "store.no_permission"),
            (io::ErrorKind::NotFound, "store.io"),
        ] {
            let error = StoreError::from_io("write", Path::new("/vault"), kind.into());
            assert_eq!(error.code(), code);
            assert!(!error.refusal().hint.is_empty());
        }
    }
}
