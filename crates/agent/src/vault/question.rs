//! The question for the key: who is asked, and what may come back. And the states it leads to, in words.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use doorkey_client::words::{VaultKind, VaultState, VaultStatus};

use super::error::StoreError;
use super::key::Key;
use super::os_keyring;

/// Where the key is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// As was chosen before; in the keyring where nothing was.
    Remembered,
    /// Derived from a passphrase.
    Passphrase,
    /// In the keyring of the operating system.
    Keyring,
    /// Nowhere: nothing is written to the disk.
    Memory,
}

/// How long a silent keyring counts as opening (S-03).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Nobody is there to answer a prompt: 3 s.
    Background,
    /// Somebody is at the screen: 60 s.
    Person,
}

impl Patience {
    pub(super) fn limit(self) -> Duration {
        match self {
            Self::Background => Duration::from_secs(3),
            Self::Person => Duration::from_secs(60),
        }
    }
}

/// Whether a key may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Making {
    /// There are sealed files: only the key they were sealed with will do.
    Never,
    /// There are none: make one where there is no key.
    IfNone,
    /// A person starts over: also in place of an entry that is no key.
    Anew,
    /// Everything is being sealed anew: a new one in place of whatever is there.
    Fresh,
}

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyProblem {
    NoService,
    Locked,
    Denied,
    Missing,
    NotAKey,
    Several,
    NotKept,
    Unknown,
}

/// Asks for the key of a folder (its canonical path). May block for ever.
pub(super) type Ask = Arc<dyn Fn(&Path, Making) -> Result<Key, KeyProblem> + Send + Sync>;

/// Takes the key of a folder out of the keyring. May block for ever.
pub(super) type Forget = Arc<dyn Fn(&Path) -> Result<(), KeyProblem> + Send + Sync>;

pub(super) fn of_the_keyring() -> (Ask, Forget) {
    (Arc::new(os_keyring::key_of), Arc::new(os_keyring::forget))
}

pub(super) fn ready(kind: VaultKind) -> VaultStatus {
    status(kind, VaultState::Ready, "", "")
}

/// It was opened or moved another way while somebody wanted something else of it.
pub(super) fn changed(kind: VaultKind) -> VaultStatus {
    status(kind, VaultState::Ready, "The vault has changed in this moment.", "Look how it stands, and try again.")
}

/// The passphrase is being tried, which takes a moment on purpose.
pub(super) fn unlocking() -> VaultStatus {
    status(VaultKind::Passphrase, VaultState::Opening, "The passphrase is being tried.", "")
}

/// A vault that nobody has given a passphrase for in this run.
pub(super) fn sealed_with_a_passphrase() -> VaultStatus {
    status(
        VaultKind::Passphrase,
        VaultState::Locked,
        "The vault is sealed with your passphrase.",
        "Enter it: `doorkey vault unlock`. Without a person, DOORKEY_PASSPHRASE_FILE or DOORKEY_PASSPHRASE_FD tell the \
         agent where to read it when it starts.",
    )
}

/// A passphrase was chosen, and there is none yet.
pub(super) fn no_passphrase_yet() -> VaultStatus {
    let status = status(
        VaultKind::Passphrase,
        VaultState::Locked,
        "The vault is to be sealed with a passphrase, and has none yet.",
        "Choose one: `doorkey vault unlock` asks for it. Without a person, DOORKEY_PASSPHRASE_FILE or \
         DOORKEY_PASSPHRASE_FD tell the agent where to read it when it starts.",
    );
    VaultStatus { code: Some(StoreError::NoPassphrase.code().to_owned()), ..status }
}

/// Somebody wanted it so.
pub(super) fn locked_by_you(kind: VaultKind) -> VaultStatus {
    status(kind, VaultState::Locked, "You locked the vault.", "Open it again: `doorkey vault unlock`.")
}

pub(super) fn opening() -> VaultStatus {
    let message = "The keyring has been asked for the vault's key.";
    status(VaultKind::Keyring, VaultState::Opening, message, "If it asks for a password, enter it there.")
}

/// The keyring has been silent for too long: it shows a prompt, or hangs.
pub(super) fn waiting() -> VaultStatus {
    status(
        VaultKind::Keyring,
        VaultState::Locked,
        "The keyring is waiting to be unlocked.",
        "Enter its password in the window it has opened: Doorkey then goes on by itself. \
         Or go on with sessions in memory only.",
    )
}

/// What is on the disk cannot be used, and why.
pub(super) fn unusable(kind: VaultKind, error: &StoreError) -> VaultStatus {
    let refusal = error.refusal();
    let status = status(kind, VaultState::Unusable, &refusal.message, &refusal.hint);
    VaultStatus { code: Some(refusal.code), ..status }
}

/// A passphrase that was given at the start, and did not open the vault.
pub(super) fn not_unlocked(error: &StoreError) -> VaultStatus {
    let refusal = error.refusal();
    if matches!(error, StoreError::WrongPassphrase) {
        let hint = "Look at DOORKEY_PASSPHRASE_FILE or DOORKEY_PASSPHRASE_FD, or enter it: `doorkey vault unlock`.";
        let status = status(VaultKind::Passphrase, VaultState::Locked, &refusal.message, hint);
        return VaultStatus { code: Some(refusal.code), ..status };
    }
    unusable(VaultKind::Passphrase, error)
}

impl KeyProblem {
    /// The state it leads to, for the vault in `dir`.
    pub(super) fn status(self, dir: &Path) -> VaultStatus {
        let dir = dir.display();
        let start_over = format!(
            "If the key is in another keyring or database, unlock that one and try again. Otherwise begin anew with \
             `doorkey vault start-over`: the files in {dir} are kept aside."
        );
        let replace = format!(
            "Restore the keyring from a backup and try again. Otherwise begin anew with `doorkey vault start-over`: \
             the files in {dir} are kept aside."
        );
        let (state, message, hint) = match self {
            Self::NoService => (
                VaultState::NoService,
                "There is no keyring in this session.",
                "Start one that offers the Secret Service: gnome-keyring (Debian, Ubuntu: sudo apt install \
                 gnome-keyring, then log out and in), KWallet with its Secret Service interface switched on, or \
                 KeePassXC with Secret Service integration. Over SSH or in a container there is often no D-Bus \
                 session: seal with a passphrase (`doorkey vault use passphrase`), or go on with sessions in memory \
                 only (DOORKEY_VAULT=memory).",
            ),
            Self::Locked => (
                VaultState::Locked,
                "The keyring is locked.",
                "Unlock it and try again: log in to the desktop with your password, or open Passwords and Keys, \
                 KWalletManager or KeePassXC (where no default keyring exists yet, make one there). Or go on with \
                 sessions in memory only.",
            ),
            Self::Denied => (
                VaultState::Denied,
                "The keyring refused to give Doorkey its key.",
                "Allow Doorkey to use the keyring and try again, or go on with sessions in memory only.",
            ),
            Self::Missing => (
                VaultState::KeyMissing,
                "There are saved sign-ins, but the keyring has no key for them.",
                start_over.as_str(),
            ),
            Self::NotAKey => {
                (VaultState::KeyMissing, "What the keyring holds under Doorkey's name is not a key.", replace.as_str())
            }
            Self::Several => (
                VaultState::Unusable,
                "The keyring holds more than one key for this vault.",
                "Open Passwords and Keys, KWalletManager or KeePassXC and leave only one \"Doorkey vault key\".",
            ),
            Self::NotKept => (
                VaultState::Unusable,
                "The keyring did not keep the key it was given.",
                "Check the keyring with Passwords and Keys, KWalletManager or KeePassXC, or go on with sessions in \
                 memory only.",
            ),
            Self::Unknown => (
                VaultState::Unusable,
                "The keyring cannot be used.",
                "Check it with Passwords and Keys, KWalletManager or KeePassXC, or go on with sessions in memory only.",
            ),
        };
        status(VaultKind::Keyring, state, message, hint)
    }
}

fn status(kind: VaultKind, state: VaultState, message: &str, hint: &str) -> VaultStatus {
    let code = match state {
        VaultState::Ready => None,
        VaultState::Opening | VaultState::Locked => Some("store.locked"),
        VaultState::NoService => Some("store.no_service"),
        VaultState::Denied => Some("store.denied"),
        VaultState::KeyMissing => Some("store.key_missing"),
        VaultState::Unusable => Some("store.unusable"),
    };
    VaultStatus { kind, state, message: message.to_owned(), hint: hint.to_owned(), code: code.map(str::to_owned) }
}
