//! `doorkey agent`: serves until it is told to stop.

use doorkey_client::words::{VERSION, VaultKind};
use serde::Serialize;

use crate::agency;
use crate::commands::facts;
use crate::failure::Failure;
use crate::line::{Line, Mark};
use crate::output::Output;
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

pub(crate) fn run(out: &Output) -> Result<(), Failure> {
    let paths = agency::paths()?;
    agency::runtime()?.block_on(async {
        let mut interrupt = Interrupt::new()?;
        let agency = tokio::select! {
            agency = agency::join(&paths) => agency?,
            () = interrupt.received() => return Err(Failure::cancelled("The agent")),
        };
        let hello = agency.client().hello().await?;
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
        out.step(Mark::Waiting, "finishing what was begun");
        agency::leave(agency, &mut interrupt).await;
        out.step(Mark::Done, "stopped");
        Ok(())
    })
}
