//! `doorkey vault`: where sign-ins are kept and with which key, and how that is changed.

mod change;
mod show;

use doorkey_agent::Agency;
use doorkey_client::words::{Refusal, VERSION, VaultChoice, VaultKind, VaultState, VaultStatus};
use doorkey_client::{Client, ClientError};
use serde::Serialize;

use crate::agency::{self, Again};
use crate::args::{VaultCommand, VaultStartOver};
use crate::failure::Failure;
use crate::line::{Line, Mark};
use crate::output::Output;
use crate::prompt::{self, First};

/// The answer of most of them, for machines.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    version: u32,
    /// Absent where no agent runs, so that nothing is open.
    vault: Option<&'a VaultStatus>,
}

pub(crate) fn run(command: Option<VaultCommand>, out: &Output) -> Result<(), Failure> {
    match command {
        None => show::run(out),
        Some(VaultCommand::Use(args)) => change::to(&args, out),
        Some(VaultCommand::Passphrase(_)) => change::passphrase(out),
        Some(VaultCommand::Lock(_)) => lock(out),
        Some(VaultCommand::Unlock(_)) => unlock(out),
        Some(VaultCommand::Adopt(_)) => adopt(out),
        Some(VaultCommand::StartOver(args)) => start_over(&args, out),
    }
}

/// The vault once it is not opening any more.
async fn settled(client: &Client) -> Result<VaultStatus, Failure> {
    // Waits for the vault; what it is refused with is in the state too.
    match client.sessions().await {
        Ok(_) | Err(ClientError::Refused(_)) => Ok(client.hello().await?.vault),
        Err(error) => Err(error.into()),
    }
}

/// Said as `doorkey agent lock` too.
pub(super) fn lock(out: &Output) -> Result<(), Failure> {
    let client = Client::from_env()?;
    match agency::runtime()?.block_on(client.lock_vault()) {
        Ok(status) => told(Some(&status), Line::from("The vault is locked; its key is forgotten."), out),
        Err(ClientError::NotRunning) => told(None, Line::from("No agent runs, so nothing is open."), out),
        Err(error) => Err(error.into()),
    }
}

fn unlock(out: &Output) -> Result<(), Failure> {
    let (status, passing) = agency::with_agency_as_is("Unlocking", Again::IfUnsent, async |agency, interrupt| {
        let client = agency.client();
        let work = async {
            let status = settled(client).await?;
            match status.state {
                VaultState::Ready => Ok(status),
                _ if prompt::waits_for_a_passphrase(&status) => prompt::unlock(client, &status, out).await,
                _ => Ok(client.choose_vault(&VaultChoice::of(status.kind)).await?),
            }
        };
        tokio::select! {
            status = work => Ok((status?, agency.is_owner())),
            () = interrupt.received() => Err(Failure::cancelled("Unlocking")),
        }
    })?;
    open(&status)?;
    told(Some(&status), Line::from("The vault is open."), out)?;
    if passing {
        out.note("  No agent runs, so it was open for this command only: `doorkey agent` keeps it open.");
    }
    Ok(())
}

fn adopt(out: &Output) -> Result<(), Failure> {
    let status = with_vault("Adopting the vault", async |agency| {
        let client = agency.client();
        let status = settled(client).await?;
        if status.code.as_deref() != Some("store.other_machine") {
            return Ok(status);
        }
        let adopted = client.choose_vault(&VaultChoice { adopt: true, ..VaultChoice::of(status.kind) }).await?;
        if prompt::waits_for_a_passphrase(&adopted) { prompt::unlock(client, &adopted, out).await } else { Ok(adopted) }
    })?;
    open(&status)?;
    told(Some(&status), Line::from("The vault belongs to this machine."), out)
}

fn start_over(args: &VaultStartOver, out: &Output) -> Result<(), Failure> {
    let status = with_vault("Starting over", async |agency| {
        let client = agency.client();
        let status = settled(client).await?;
        if status.state == VaultState::Ready {
            return Err(Refusal::new(
                "store.in_use",
                "The vault is open, so there is nothing to start over.",
                "`doorkey logout` signs out; `doorkey vault use` keeps the key elsewhere.",
            )
            .into());
        }
        if !args.yes {
            let what = format!(
                "{} The sign-ins that nobody can open are set aside, not deleted, and you sign in again.",
                status.message
            );
            agreed(&what, "Start over with an empty vault?", out).await?;
        }
        let passphrase = match status.kind {
            VaultKind::Passphrase => Some(prompt::new_passphrase(First::Yes, out).await?),
            VaultKind::Keyring | VaultKind::Memory => None,
        };
        let choice = VaultChoice { start_over: true, passphrase, ..VaultChoice::of(status.kind) };
        Ok(client.choose_vault(&choice).await?)
    })?;
    open(&status)?;
    told(Some(&status), Line::from("The vault is empty and open."), out)
}

/// Work with an agent that may be interrupted, and is not asked for a passphrase on the way.
fn with_vault<T>(what: &str, mut work: impl AsyncFnMut(&Agency) -> Result<T, Failure>) -> Result<T, Failure> {
    agency::with_agency_as_is(what, Again::IfUnsent, async |agency, interrupt| {
        tokio::select! {
            result = work(agency) => result,
            () = interrupt.received() => Err(Failure::cancelled(what)),
        }
    })
}

/// A yes to what cannot be undone.
async fn agreed(what: &str, question: &str, out: &Output) -> Result<(), Failure> {
    if prompt::may_ask(out) {
        out.hanging(&Line::new(), what);
    }
    let unasked = Refusal::new("usage.not_confirmed", what, "Say `--yes` if that is what you want.");
    prompt::agreed(question, "It", unasked, out).await
}

/// # Errors
/// The vault's own words where it is not open.
fn open(status: &VaultStatus) -> Result<(), Failure> {
    match (&status.code, status.state) {
        (_, VaultState::Ready) => Ok(()),
        (code, _) => {
            let code = code.as_deref().unwrap_or("store.locked");
            Err(Refusal::new(code, status.message.as_str(), status.hint.as_str()).into())
        }
    }
}

fn told(vault: Option<&VaultStatus>, line: Line, out: &Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.answer_json(&Answer { version: VERSION, vault });
    }
    out.step(Mark::Done, line);
    Ok(())
}
