//! `doorkey agent stop` and `doorkey agent restart`: what is done with an agent that runs.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use doorkey_client::words::{Hello, Refusal, VERSION, VaultKind};
use doorkey_client::{Client, ClientError};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::Serialize;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::serve;
use crate::failure::Failure;
use crate::line::{Line, Mark};
use crate::output::Output;
use crate::short::become_the_agent;
use crate::signals;

/// The capability of an agent that serves until it is told to stop.
pub(super) const STAYS: &str = "stays";
/// The capability of one whose socket a service manager listens on.
pub(super) const ACTIVATED: &str = "activated";

/// It gives its requests 45 s and a renewal under way its 30 s, and is ended by the service manager after two minutes.
const LONGEST_END: Duration = Duration::from_secs(120);

/// The answer of both, for machines.
#[derive(Debug, Serialize)]
struct Answer {
    version: u32,
    /// The process that has ended; absent where none ran.
    stopped: Option<u32>,
    /// The process that serves now; absent where none does.
    pid: Option<u32>,
}

pub(super) fn stop(out: &Output) -> Result<(), Failure> {
    let client = Client::from_env()?;
    let stopped = signals::interruptible("Waiting for the agent's end", ended(&client, out))?;
    if out.is_json() {
        return out.answer_json(&Answer {
            version: VERSION,
            stopped: stopped.as_ref().map(|gone| gone.pid),
            pid: None,
        });
    }
    let Some(gone) = stopped else {
        out.step(Mark::Done, "no agent runs");
        return Ok(());
    };
    out.step(Mark::Done, format!("the agent (pid {}) has stopped", gone.pid));
    if able(&gone, ACTIVATED) {
        out.note("  The next program that asks starts it again. To have none at all:");
        out.note(Line::from("  ").strong("systemctl --user stop doorkey-agent.socket"));
    }
    Ok(())
}

pub(super) fn restart(out: &Output) -> Result<(), Failure> {
    let client = Client::from_env()?;
    let (stopped, next) = signals::interruptible("The restart", async {
        let stopped = ended(&client, out).await?;
        match &stopped {
            // To ask is to start it.
            Some(gone) if able(gone, ACTIVATED) => Ok((stopped, Some(client.hello().await?))),
            Some(_) | None => Ok((stopped, None)),
        }
    })?;
    if let Some(gone) = &stopped {
        out.step(Mark::Done, format!("the agent (pid {}) has stopped", gone.pid));
    }
    let Some(next) = next else {
        become_the_agent(out);
        return serve::run(out);
    };
    if out.is_json() {
        let stopped = stopped.map(|gone| gone.pid);
        return out.answer_json(&Answer { version: VERSION, stopped, pid: Some(next.pid) });
    }
    out.step(Mark::Done, format!("a new one serves (pid {}, version {})", next.pid, next.version));
    Ok(())
}

fn able(hello: &Hello, capability: &str) -> bool {
    hello.capabilities.iter().any(|able| able == capability)
}

/// The agent that ran, after its end.
async fn ended(client: &Client, out: &Output) -> Result<Option<Hello>, Failure> {
    let (hello, process) = loop {
        let Some(hello) = running(client).await? else { return Ok(None) };
        if !able(&hello, STAYS) {
            return Err(cannot_stop(&hello, "is the window or another command, and ends with it", "Close the window."));
        }
        let process = match handle(&hello)? {
            Some(process) => process,
            None => continue,
        };
        // The handle is that of the agent only if the agent is still this process: numbers are used again.
        match running(client).await? {
            Some(still) if still.pid == hello.pid => break (hello, process),
            Some(_) | None => {}
        }
    };
    if hello.vault.kind == VaultKind::Memory {
        out.warn("its vault is in memory: its sessions end with it");
    }
    out.step(Mark::Waiting, format!("the agent (pid {}) finishes what was begun", hello.pid));
    pidfd_send_signal(&process, Signal::TERM)
        .map_err(|error| cannot_stop(&hello, &format!("cannot be told: {error}"), "End it as its user."))?;
    match tokio::time::timeout(LONGEST_END, gone(process)).await {
        Ok(gone) => gone.map_err(Failure::Output).map(|()| Some(hello)),
        Err(_) => Err(cannot_stop(&hello, "did not end within two minutes", "Look at what it waits for, or kill it.")),
    }
}

async fn running(client: &Client) -> Result<Option<Hello>, Failure> {
    match client.hello().await {
        Ok(hello) => Ok(Some(hello)),
        Err(ClientError::NotRunning) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A handle of the agent's process; nothing when there is none of that number any more.
fn handle(hello: &Hello) -> Result<Option<OwnedFd>, Failure> {
    let Some(pid) = i32::try_from(hello.pid).ok().and_then(Pid::from_raw) else { return Ok(None) };
    let process = match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(process) => process,
        Err(rustix::io::Errno::SRCH) => return Err(elsewhere(hello)),
        Err(error) => return Err(Failure::Output(error.into())),
    };
    // In another container the same number is another program's.
    let name = fs::read_to_string(format!("/proc/{}/comm", hello.pid)).unwrap_or_default();
    if name.starts_with("doorkey") { Ok(Some(process)) } else { Err(elsewhere(hello)) }
}

fn elsewhere(hello: &Hello) -> Failure {
    cannot_stop(hello, "is not to be seen from here, as in another container", "Stop it where it runs.")
}

fn cannot_stop(hello: &Hello, why: &str, hint: &str) -> Failure {
    Refusal::new("broker.cannot_stop", format!("The agent (pid {}) {why}.", hello.pid), hint).into()
}

#[expect(deprecated, reason = "what replaces it is unsafe for types that change their descriptor; this one keeps it")]
async fn gone(process: OwnedFd) -> io::Result<()> {
    AsyncFd::with_interest(process, Interest::READABLE)?.readable().await.map(drop)
}
