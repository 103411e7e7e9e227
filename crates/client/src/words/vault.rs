use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::Secret;

/// The agent, and what state it is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// The code that calls are refused with in this state, such as `store.locked`; absent when it is ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub code: Option<String>,
}

/// Open the vault, or go on without it (`PUT /v1/vault`): `keyring` asks the keyring again, `passphrase` opens with
/// the passphrase given, `memory` goes on without the disk for as long as the agent runs. Never seals anything anew:
/// that is a [`VaultMove`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct VaultChoice {
    /// Where the key is.
    pub kind: VaultKind,
    /// Where the key is lost: sets the files that nobody can open aside, and begins anew.
    #[serde(default)]
    pub start_over: bool,
    /// Goes on with files that came from another machine, which does not use them any more.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>", optional))]
    pub adopt: bool,
    /// What the vault is sealed with. Goes one way: nothing brings it back.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "Secret::serialize_exposed_option")]
    #[cfg_attr(feature = "ts", ts(as = "Option<String>", optional))]
    pub passphrase: Option<Secret>,
}

impl VaultChoice {
    /// This kind, and nothing else.
    #[must_use]
    pub fn of(kind: VaultKind) -> Self {
        Self { kind, start_over: false, adopt: false, passphrase: None }
    }
}

/// Keep the key elsewhere from now on (`POST /v1/vault/moves`): everything is sealed anew with a new key, and the
/// choice is remembered. The same kind again is a change of the passphrase.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct VaultMove {
    /// Where.
    pub to: VaultKind,
    /// The passphrase that is in force; needed to change it.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "Secret::serialize_exposed_option")]
    #[cfg_attr(feature = "ts", ts(as = "Option<String>", optional))]
    pub current: Option<Secret>,
    /// The passphrase from now on.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "Secret::serialize_exposed_option")]
    #[cfg_attr(feature = "ts", ts(as = "Option<String>", optional))]
    pub passphrase: Option<Secret>,
    /// Agrees that `memory` deletes the sealed files.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>", optional))]
    pub discard: bool,
}

/// What came of a [`VaultMove`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct VaultMoved {
    /// Of the words: always 1.
    pub version: u32,
    /// The vault now.
    pub vault: VaultStatus,
    /// How many records are sealed anew, or held in memory now.
    pub records: u32,
}
