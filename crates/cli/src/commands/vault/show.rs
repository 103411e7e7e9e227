//! `doorkey vault`: how it is.

use std::env;
use std::path::Path;

use doorkey_client::words::{VERSION, VaultKind, VaultState, VaultStatus};
use serde::Serialize;

use super::{settled, with_vault};
use crate::agency;
use crate::commands::facts::Facts;
use crate::failure::Failure;
use crate::line::{Line, Style};
use crate::output::Output;
use crate::text::count;

/// The answer for machines.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    version: u32,
    vault: &'a VaultStatus,
    /// Of the sealed files.
    folder: &'a Path,
    /// How many sessions it holds; absent while it is not open.
    sessions: Option<usize>,
}

pub(super) fn run(out: &Output) -> Result<(), Failure> {
    let folder = agency::paths()?.vault();
    let (vault, sessions) = with_vault("The look at the vault", async |agency| {
        let client = agency.client();
        let status = settled(client).await?;
        let sessions = match status.state {
            VaultState::Ready => Some(client.sessions().await?.sessions.len()),
            _ => None,
        };
        Ok((status, sessions))
    })?;
    if out.is_json() {
        return out.answer_json(&Answer { version: VERSION, vault: &vault, folder: &folder, sessions });
    }
    let state = match vault.state {
        VaultState::Ready => Line::new().with(Style::Good, "open"),
        VaultState::Opening => Line::new().with(Style::Warning, "waiting for the keyring"),
        VaultState::Locked => Line::new().with(Style::Warning, "locked"),
        VaultState::NoService | VaultState::Denied | VaultState::KeyMissing | VaultState::Unusable => {
            Line::new().with(Style::Bad, "cannot be used")
        }
    };
    let key = match vault.kind {
        VaultKind::Keyring => "in the keyring",
        VaultKind::Passphrase => "behind a passphrase",
        VaultKind::Memory => "nowhere: sessions are in memory and end with the agent",
    };
    let on_disk = vault.kind != VaultKind::Memory;
    let told = |text: &str| (!text.is_empty()).then(|| Line::from(text.to_owned()));
    Facts::default()
        .add("state", state)
        .add("key", key)
        .maybe("folder", on_disk.then(|| folder.display().to_string()))
        .maybe("holds", sessions.map(|sessions| count(sessions, "session")))
        .maybe("because", told(&vault.message))
        .maybe("next", told(&vault.hint))
        .maybe(
            "note",
            env::var("DOORKEY_VAULT")
                .ok()
                .filter(|word| !word.is_empty())
                .map(|word| format!("DOORKEY_VAULT is `{word}`: it counts where this environment's agent starts")),
        )
        .answer(out)
}
