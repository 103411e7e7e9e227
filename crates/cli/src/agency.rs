//! *Whoever needs the agent and finds none, is it*: how a command comes to an agent and leaves it again.

use std::env;
use std::io::{self, IsTerminal};

use doorkey_agent::{Agency, AgencyError, Options, OwnRequests, PassedSocket, own_or_join, own_passed};
use doorkey_client::words::VaultKind;
use doorkey_client::{Client, ClientError, Paths};
use tokio::runtime::{Builder, Runtime};

use crate::failure::Failure;
use crate::output::Output;
use crate::signals::Interrupt;
use crate::{asking, prompt};

/// An agent that was joined may be another command that ends just now. So many of them in a row are not met by chance.
const MOST_JOINED: usize = 20;

/// What a vault that waits for its passphrase refuses calls with.
const PASSPHRASE_WANTED: [&str; 3] = ["store.locked", "store.no_passphrase", "store.wrong_passphrase"];

/// Whether work may be done a second time when nobody knows if the agent did it before it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// It only asks.
    Harmless,
    /// Only when nothing was sent.
    IfUnsent,
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

/// For how long this process would be the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stay {
    /// As long as its command runs.
    Passing,
    /// Until it is told to stop.
    UntilStopped,
}

/// The agent of this user: one that runs, or this process.
pub(crate) async fn join(paths: &Paths, stay: Stay) -> Result<Agency, Failure> {
    let stays = stay == Stay::UntilStopped;
    let agency = own_or_join(paths, options(stays)).await.map_err(no_agency)?;
    tracing::debug!(owner = agency.is_owner(), socket = %agency.client().socket().display(), "came to an agent");
    Ok(agency)
}

/// This process as the agent, on the socket that a service manager listens on.
pub(crate) async fn own(paths: &Paths, passed: PassedSocket) -> Result<Agency, Failure> {
    own_passed(paths, options(true), passed).await.map_err(no_agency)
}

/// What this process asks of itself, it asks for whoever called it.
fn options(stays: bool) -> Options {
    Options { person_present: person_present(), stays, own_requests: OwnRequests::Caller, ..Options::from_env() }
}

fn no_agency(error: AgencyError) -> Failure {
    match error {
        AgencyError::Client(error) => Failure::from(error),
        other => other.refusal().into(),
    }
}

/// Does `work` with the agent, and leaves in order however it ends: what others asked of this process meanwhile,
/// and a renewal under way, are finished. `what` names the work for the person who stops it.
pub(crate) fn with<T>(
    what: &str,
    again: Again,
    mut work: impl AsyncFnMut(&Client) -> Result<T, Failure>,
) -> Result<T, Failure> {
    with_joined(what, again, async |agency| work(agency.client()).await)
}

/// The same for work that wants to know whose the agent is.
pub(crate) fn with_joined<T>(
    what: &str,
    again: Again,
    mut work: impl AsyncFnMut(&Agency) -> Result<T, Failure>,
) -> Result<T, Failure> {
    with_agency(what, again, async |agency, interrupt| {
        tokio::select! {
            result = work(agency) => result,
            () = interrupt.received() => Err(Failure::cancelled(what)),
        }
    })
}

/// The same for work that does something of its own when it is stopped. Where the vault waits for its passphrase, or a
/// program for a yes, a person is asked for it, and the work done once more.
pub(crate) fn with_agency<T>(
    what: &str,
    again: Again,
    mut work: impl AsyncFnMut(&Agency, &mut Interrupt) -> Result<T, Failure>,
) -> Result<T, Failure> {
    with_agency_as_is(what, again, async |agency, interrupt| {
        let out = Output::from_arguments();
        let mut result = work(agency, interrupt).await;
        if let Err(Failure::Refused(refusal)) = &result
            && PASSPHRASE_WANTED.contains(&refusal.code.as_str())
        {
            let vault = agency.client().hello().await?.vault;
            if !prompt::waits_for_a_passphrase(&vault) || !prompt::may_ask(&out) {
                return result;
            }
            tokio::select! {
                unlocked = prompt::unlock(agency.client(), &vault, &out) => drop(unlocked?),
                () = interrupt.received() => return Err(Failure::cancelled(what)),
            }
            result = work(agency, interrupt).await;
        }
        if let Err(Failure::Refused(refusal)) = &result
            && let Some(wanted) = asking::question(refusal, &out)
        {
            tokio::select! {
                allowed = asking::ask(agency.client(), wanted, &out) => allowed?,
                () = interrupt.received() => return Err(Failure::cancelled(what)),
            }
            result = work(agency, interrupt).await;
        }
        result
    })
}

/// The same, with the vault as it is.
pub(crate) fn with_agency_as_is<T>(
    what: &str,
    again: Again,
    mut work: impl AsyncFnMut(&Agency, &mut Interrupt) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let paths = paths()?;
    runtime()?.block_on(async {
        let mut interrupt = Interrupt::new()?;
        let mut joined = 0;
        loop {
            let agency = tokio::select! {
                agency = join(&paths, Stay::Passing) => agency?,
                () = interrupt.received() => return Err(Failure::cancelled(what)),
            };
            let result = work(&agency, &mut interrupt).await;
            let is_owner = agency.is_owner();
            if is_owner {
                tell_of_the_vault(&agency).await;
            }
            leave(agency, &mut interrupt).await;
            joined += 1;
            match result {
                Err(Failure::Agent(error)) if !is_owner && joined < MOST_JOINED && repeats(&error, again) => {
                    tracing::debug!(%error, "the agent that was joined has gone");
                }
                result => return result,
            }
        }
    })
}

/// What the vault has found wrong with single records is told by whoever opened it: it is told once.
async fn tell_of_the_vault(agency: &Agency) {
    let problems = agency.client().hello().await.map(|hello| hello.problems).unwrap_or_default();
    let out = Output::from_arguments();
    for problem in problems.iter().filter(|problem| problem.code.starts_with("store.")) {
        out.warn(&format!("{} {} ({})", problem.message, problem.hint, problem.code));
    }
}

fn repeats(error: &ClientError, again: Again) -> bool {
    match error {
        ClientError::NotRunning => true,
        ClientError::Broken(_) => again == Again::Harmless,
        ClientError::Untrusted { .. }
        | ClientError::Refused(_)
        | ClientError::TimedOut
        | ClientError::OtherVersion { .. }
        | ClientError::NotStarted { .. }
        | ClientError::Paths(_) => false,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_not_sent_is_always_sent_again() {
        let broken = ClientError::Broken("connection reset".into());
        assert!(repeats(&ClientError::NotRunning, Again::IfUnsent));
        assert!(!repeats(&broken, Again::IfUnsent));
        assert!(repeats(&broken, Again::Harmless));
        assert!(!repeats(&ClientError::TimedOut, Again::Harmless));
    }
}
