//! *Whoever needs the agent and finds none, is it*: how a command comes to an agent and leaves it again.

use std::env;
use std::io::{self, IsTerminal};

use doorkey_agent::{Agency, Options, own_or_join};
use doorkey_client::words::VaultKind;
use doorkey_client::{Client, ClientError, Paths};
use tokio::runtime::{Builder, Runtime};

use crate::failure::Failure;
use crate::signals::Interrupt;

/// For a command that only asks: the least that can speak to a socket.
pub(crate) fn small_runtime() -> Result<Runtime, Failure> {
    Builder::new_current_thread().enable_all().build().map_err(Failure::Output)
}

/// For a command that may be the agent while it runs.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(Failure::Output)
}

/// Where this user's files are.
pub(crate) fn paths() -> Result<Paths, Failure> {
    Ok(Paths::from_env().map_err(ClientError::from)?)
}

/// Whether somebody could answer a question now: unlock a keyring, sign in.
pub(crate) fn person_present() -> bool {
    (io::stdin().is_terminal() || io::stderr().is_terminal()) && env::var_os("CI").is_none()
}

/// The agent of this user: one that runs, or this process.
pub(crate) async fn join(paths: &Paths) -> Result<Agency, Failure> {
    let options = Options { person_present: person_present(), ..Options::from_env() };
    own_or_join(paths, options).await.map_err(|error| error.refusal().into())
}

/// Does `work` with the agent, and leaves in order however it ends: what others asked of this process meanwhile,
/// and a renewal under way, are finished. `what` names the work for the person who stops it.
pub(crate) fn with<T>(what: &str, work: impl AsyncFnOnce(&Client) -> Result<T, Failure>) -> Result<T, Failure> {
    with_agency(what, async |agency, interrupt| {
        tokio::select! {
            result = work(agency.client()) => result,
            () = interrupt.received() => Err(Failure::cancelled(what)),
        }
    })
}

/// The same for work that does something of its own when it is stopped, or wants to know whose the agent is.
pub(crate) fn with_agency<T>(
    what: &str,
    work: impl AsyncFnOnce(&Agency, &mut Interrupt) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let paths = paths()?;
    runtime()?.block_on(async {
        let mut interrupt = Interrupt::new()?;
        let agency = tokio::select! {
            agency = join(&paths) => agency?,
            () = interrupt.received() => return Err(Failure::cancelled(what)),
        };
        let result = work(&agency, &mut interrupt).await;
        leave(agency, &mut interrupt).await;
        result
    })
}

/// Whether what is stored now ends with this command: it is the agent, and its vault is in memory.
pub(crate) async fn forgets(agency: &Agency) -> bool {
    agency.is_owner() && agency.client().hello().await.is_ok_and(|hello| hello.vault.kind == VaultKind::Memory)
}

/// Stops being the agent; a second interruption does not wait for it.
pub(crate) async fn leave(agency: Agency, interrupt: &mut Interrupt) {
    tokio::select! {
        () = agency.stop() => (),
        () = interrupt.received() => (),
    }
}
