//! `doorkey agent`: serves until it is told to stop.

use doorkey_agent::{Agency, Notice, PassedSocket, notify};
use doorkey_client::words::{VERSION, VaultKind};
use doorkey_client::{ClientError, Paths};
use serde::Serialize;

use super::running::STAYS;
use crate::agency::{self, Stay};
use crate::commands::facts;
use crate::failure::Failure;
use crate::line::{Line, Mark};
use crate::output::Output;
use crate::prompt;
use crate::signals::Interrupt;

/// Who serves, for machines: written once the socket answers.
#[derive(Debug, Serialize)]
struct Serving<'a> {
    version: u32,
    /// Whether this process is the agent, or one that was there before.
    here: bool,
    pid: u32,
    socket: &'a std::path::Path,
}

pub(super) fn run(out: &Output) -> Result<(), Failure> {
    let paths = agency::paths()?;
    // The environment is changed by it, which only a process with one thread may do.
    let passed = PassedSocket::from_env(&paths).map_err(|error| error.refusal())?;
    agency::runtime()?.block_on(async {
        let mut interrupt = Interrupt::new()?;
        let agency = tokio::select! {
            lasting = lasting(&paths, passed, out) => lasting?,
            () = interrupt.received() => return Err(Failure::cancelled("The agent")),
        };
        // It serves: from here on it ends in order only.
        let hello = agency.client().hello().await?;
        if agency.is_owner() {
            notify(Notice::Ready);
        }
        let socket = agency.client().socket();
        if out.is_json() {
            out.answer_json(&Serving { version: VERSION, here: agency.is_owner(), pid: hello.pid, socket })?;
        }
        if !agency.is_owner() {
            out.note(format!("The agent is already running (pid {}).", hello.pid));
            out.note(Line::new().dim(format!("  {}", socket.display())));
            return Ok(());
        }
        out.step(Mark::Done, Line::from("serving on ").strong(socket.display().to_string()));
        let mut hello = hello;
        if prompt::waits_for_a_passphrase(&hello.vault) && prompt::may_ask(out) {
            // It serves already; whoever cannot type it now may unlock it later.
            tokio::select! {
                unlocked = prompt::unlock(agency.client(), &hello.vault, out) => match unlocked {
                    Ok(vault) => hello.vault = vault,
                    Err(failure) => out.failure(&failure),
                },
                () = interrupt.received() => {
                    agency::leave(agency, &mut interrupt).await;
                    return Err(Failure::cancelled("The agent"));
                }
            }
        }
        if let Some(trouble) = facts::vault_trouble(&hello.vault) {
            out.step(Mark::Warned, trouble);
        }
        let end = match hello.vault.kind {
            VaultKind::Memory => "sessions are in its memory and end with it",
            VaultKind::Keyring | VaultKind::Passphrase => "sessions stay signed in",
        };
        out.note(Line::new().dim(format!("  stop it with Ctrl-C or SIGTERM; {end}")));
        tokio::select! {
            () = agency.ended() => (),
            () = interrupt.received() => (),
        }
        notify(Notice::Stopping);
        out.step(Mark::Waiting, "finishing what was begun");
        agency::leave(agency, &mut interrupt).await;
        out.step(Mark::Done, "stopped");
        Ok(())
    })
}

/// An agent that will be there for long: this process, or another that says so. One that is only another command's
/// is waited for.
async fn lasting(paths: &Paths, passed: Option<PassedSocket>, out: &Output) -> Result<Agency, Failure> {
    if let Some(passed) = passed {
        return agency::own(paths, passed).await;
    }
    let mut told = false;
    loop {
        let agency = agency::join(paths, Stay::UntilStopped).await?;
        if agency.is_owner() {
            return Ok(agency);
        }
        let hello = match agency.client().hello().await {
            Err(ClientError::NotRunning | ClientError::Broken(_)) => continue,
            hello => hello?,
        };
        if hello.capabilities.iter().any(|able| able == STAYS) {
            return Ok(agency);
        }
        if !told {
            out.step(
                Mark::Waiting,
                format!("another command (pid {}) is the agent for the moment; taking over after it", hello.pid),
            );
            told = true;
        }
        // The stream ends with its agent.
        if let Ok(mut updates) = agency.client().updates(None).await {
            while let Ok(Some(_)) = updates.next().await {}
        }
    }
}
