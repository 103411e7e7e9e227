//! `doorkey vault use` and `doorkey vault passphrase`: everything is sealed anew.

use std::env;

use doorkey_agent::Agency;
use doorkey_client::words::{Refusal, VERSION, VaultKind, VaultMove, VaultMoved, VaultState, VaultStatus};
use serde::Serialize;

use super::{agreed, open, settled, with_vault};
use crate::args::{Kind, VaultUse};
use crate::failure::Failure;
use crate::line::{Line, Mark};
use crate::output::Output;
use crate::prompt::{self, First};
use crate::text::count;

/// The answer for machines.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    version: u32,
    vault: &'a VaultStatus,
    /// Sealed anew, or held in memory now.
    records: u32,
}

pub(super) fn to(args: &VaultUse, out: &Output) -> Result<(), Failure> {
    let to = VaultKind::from(args.kind);
    let moved = with_vault("The move", async |agency| {
        let client = agency.client();
        let mut status = settled(client).await?;
        if prompt::waits_for_a_passphrase(&status) && status.code.as_deref() != Some("store.no_passphrase") {
            status = prompt::unlock(client, &status, out).await?;
        }
        if status.kind == to && status.state == VaultState::Ready && to != VaultKind::Memory {
            return Ok(VaultMoved { version: VERSION, vault: status, records: 0 });
        }
        let mut moving = VaultMove { to, current: None, passphrase: None, discard: false };
        match args.kind {
            Kind::Keyring => {}
            Kind::Passphrase => moving.passphrase = Some(prompt::new_passphrase(First::Yes, out).await?),
            Kind::Memory => {
                if status.kind != VaultKind::Memory && !args.yes {
                    agreed(&what_is_lost(agency), "Delete them?", out).await?;
                }
                moving.discard = true;
            }
        }
        sealed_anew(agency, &moving, out).await
    })?;
    told(&moved, out)?;
    let wished = env::var("DOORKEY_VAULT").ok().filter(|word| !word.is_empty());
    if let Some(word) = wished.filter(|word| *word != name(to)) {
        out.warn(&format!("DOORKEY_VAULT is `{word}` here, which does not fit any more: unset it"));
    }
    Ok(())
}

pub(super) fn passphrase(out: &Output) -> Result<(), Failure> {
    let moved = with_vault("The change", async |agency| {
        let client = agency.client();
        let status = settled(client).await?;
        if status.kind != VaultKind::Passphrase {
            return Err(Refusal::new(
                "store.other_kind",
                "This vault has no passphrase to change.",
                "`doorkey vault use passphrase` seals it with one.",
            )
            .into());
        }
        let current = if prompt::waits_for_a_passphrase(&status) {
            prompt::unlock_with(client, &status, out).await?.1
        } else {
            open(&status)?;
            prompt::passphrase(out).await?
        };
        let passphrase = Some(prompt::new_passphrase(First::No, out).await?);
        let moving = VaultMove { to: VaultKind::Passphrase, current: Some(current), passphrase, discard: false };
        sealed_anew(agency, &moving, out).await
    })?;
    told(&moved, out)
}

/// The slow step: the derivation takes its time, and a keyring may ask the person.
async fn sealed_anew(agency: &Agency, moving: &VaultMove, out: &Output) -> Result<VaultMoved, Failure> {
    out.moving(match moving.to {
        VaultKind::Keyring => "  asking the keyring, then sealing everything anew…",
        VaultKind::Passphrase => "  deriving the key, then sealing everything anew…",
        VaultKind::Memory => "  taking everything off the disk…",
    });
    let moved = agency.client().move_vault(moving).await;
    out.settle();
    Ok(moved?)
}

fn told(moved: &VaultMoved, out: &Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.answer_json(&Answer { version: VERSION, vault: &moved.vault, records: moved.records });
    }
    let records = usize::try_from(moved.records).unwrap_or(usize::MAX);
    let line = match moved.vault.kind {
        VaultKind::Keyring => format!("The key is in the keyring; {} sealed.", count(records, "record")),
        VaultKind::Passphrase => format!("The vault has its new passphrase; {} sealed.", count(records, "record")),
        VaultKind::Memory => "Nothing is on the disk any more; sessions end with the agent.".to_owned(),
    };
    out.step(Mark::Done, Line::from(line));
    Ok(())
}

fn what_is_lost(agency: &Agency) -> String {
    let until = if agency.is_owner() {
        "No other agent runs: the sessions end with this command."
    } else {
        "The sessions go on until the agent ends."
    };
    format!("Going into memory deletes the sealed sign-ins from the disk. {until}")
}

fn name(kind: VaultKind) -> &'static str {
    match kind {
        VaultKind::Keyring => "keyring",
        VaultKind::Passphrase => "passphrase",
        VaultKind::Memory => "memory",
    }
}
