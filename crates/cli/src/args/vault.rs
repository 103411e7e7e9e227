//! `doorkey vault` and its commands.

use clap::{Args, Subcommand, ValueEnum};
use doorkey_client::words::VaultKind;

/// Where sign-ins are kept, and with which key: show, change, lock, unlock
#[derive(Debug, Args)]
#[command(
    subcommand_value_name = "COMMAND",
    disable_help_subcommand = true,
    after_help = "\
A passphrase is asked for on the terminal. Without a person it comes from the
file that DOORKEY_PASSPHRASE_FILE names (mode 0600, yours) or the descriptor that
DOORKEY_PASSPHRASE_FD numbers, and a new one from DOORKEY_NEW_PASSPHRASE_FILE or
DOORKEY_NEW_PASSPHRASE_FD. Never from an argument.

Examples:
  doorkey vault                     how it is
  doorkey vault use passphrase      where there is no keyring
  doorkey vault lock"
)]
pub(crate) struct Vault {
    #[command(subcommand)]
    pub(crate) command: Option<VaultCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VaultCommand {
    Use(VaultUse),
    Passphrase(VaultPassphrase),
    Lock(VaultLock),
    Unlock(VaultUnlock),
    Adopt(VaultAdopt),
    StartOver(VaultStartOver),
}

/// Keep the key elsewhere: everything is sealed anew, and the choice remembered
#[derive(Debug, Args)]
#[command(after_help = "\
It can be stopped at any moment: the vault opens with the old key or with the new
one, and nothing is lost.

Examples:
  doorkey vault use passphrase
  doorkey vault use keyring
  doorkey vault use memory --yes    deletes the sealed files")]
pub(crate) struct VaultUse {
    /// Where
    pub(crate) kind: Kind,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// Where the vault's key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    Keyring,
    Passphrase,
    Memory,
}

impl From<Kind> for VaultKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Keyring => Self::Keyring,
            Kind::Passphrase => Self::Passphrase,
            Kind::Memory => Self::Memory,
        }
    }
}

/// Change the passphrase: everything is sealed anew
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorkey vault passphrase")]
pub(crate) struct VaultPassphrase {}

/// Make the agent forget the key, until the vault is unlocked
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorkey vault lock                before you leave the desk")]
pub(crate) struct VaultLock {}

/// Open the vault in the agent that runs
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorkey vault unlock
  DOORKEY_PASSPHRASE_FILE=~/.secret doorkey vault unlock")]
pub(crate) struct VaultUnlock {}

/// Go on with a vault that came from another machine, which does not use it any more
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorkey vault adopt               after moving to a new computer")]
pub(crate) struct VaultAdopt {}

/// Begin with an empty vault where the key or the passphrase is lost
#[derive(Debug, Args)]
#[command(after_help = "\
The files that nobody can open are set aside, not deleted.

Examples:
  doorkey vault start-over")]
pub(crate) struct VaultStartOver {
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}
