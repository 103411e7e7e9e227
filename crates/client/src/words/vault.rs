use serde::{Deserialize, Serialize};

use super::Refusal;

/// The agent, and what state it is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Hello {
    /// Of the words: always 1.
    pub api: u32,
    /// Of the program.
    pub version: String,
    /// The agent's process.
    pub pid: u32,
    /// The vault.
    pub vault: VaultStatus,
    /// What this agent can do beyond the first version of the words.
    pub capabilities: Vec<String>,
    /// What needs somebody's attention, such as a typo in the profiles file.
    #[serde(default)]
    pub problems: Vec<Refusal>,
}

/// Where the vault's key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum VaultKind {
    /// In the keyring of the operating system.
    Keyring,
    /// Derived from a passphrase.
    Passphrase,
    /// Nowhere: sessions live in the agent's memory and end with it.
    Memory,
}

/// Whether the vault can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum VaultState {
    /// Open.
    Ready,
    /// The keyring has been asked and has not answered yet.
    Opening,
    /// The keyring is locked, or waits for the person to unlock it.
    Locked,
    /// There is no keyring in this session.
    NoService,
    /// The person or the system refused.
    Denied,
    /// There are sealed files and the keyring has no key for them.
    KeyMissing,
    /// The folder cannot be used: permissions, a read-only disk, a newer version's files.
    Unusable,
}

/// The vault, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct VaultStatus {
    /// Where the key is.
    pub kind: VaultKind,
    /// Whether it can be used.
    pub state: VaultState,
    /// One sentence; empty when it is ready.
    pub message: String,
    /// The next step; empty when it is ready.
    pub hint: String,
}

/// Choose where the key is (`PUT /v1/vault`): `memory` goes on without a keyring, `keyring` tries it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct VaultChoice {
    /// Where.
    pub kind: VaultKind,
    /// Where the keyring has lost the key: sets the files that nobody can open aside, and makes a new key.
    #[serde(default)]
    pub start_over: bool,
}
