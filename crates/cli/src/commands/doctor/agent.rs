//! The agent, and what only it can tell: the vault, the profiles.

use std::sync::Arc;
use std::time::Duration;

use doorkey_agent::{Options, own_or_join};
use doorkey_client::words::{Hello, Refusal, VaultKind, VaultState};
use doorkey_client::{Client, ClientError, Paths};
use tokio::time::timeout;

use super::finding::{Finding, Part};
use super::network;
use crate::text::count;

/// An agent that lives answers at once; the vault may wait 3 s for its keyring.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn all(paths: &Paths) -> Vec<Finding> {
    let found = match timeout(PATIENCE, Client::at(paths.socket()).hello()).await {
        Ok(Ok(hello)) => running(&hello),
        Ok(Err(ClientError::NotRunning)) => Finding::fine(
            "agent",
            "not running: each command is the agent for as long as it runs; `doorkey agent` or the window keeps \
             sessions renewed"
                .to_owned(),
        ),
        Ok(Err(error)) => return vec![refused(Part::Settings, "agent", &error.refusal())],
        Err(_) => {
            let next = "End that process and start `doorkey agent` again.";
            return vec![Finding::problem(
                Part::Settings,
                "agent",
                "something holds its socket and does not answer".into(),
                next,
            )];
        }
    };
    let mut findings = vec![found];
    // Nobody may be asked for a passphrase here: the doctor looks.
    match own_or_join(paths, Options { person_present: false, ..Options::from_env() }).await {
        Ok(agency) => {
            findings.extend(through(agency.client()).await);
            agency.stop().await;
        }
        Err(error) => findings.push(refused(Part::Vault, "vault", &error.refusal())),
    }
    findings
}

fn running(hello: &Hello) -> Finding {
    let found = format!("running, version {}, pid {}", hello.version, hello.pid);
    if hello.version == env!("CARGO_PKG_VERSION") {
        Finding::fine("agent", found)
    } else {
        let next =
            concat!("This command is version ", env!("CARGO_PKG_VERSION"), ": stop that agent and start it again.");
        Finding::warning("agent", found, next)
    }
}

async fn through(client: &Arc<Client>) -> Vec<Finding> {
    // Waits until the vault has opened, or is known not to; which of them is asked next.
    let sessions = timeout(PATIENCE, client.sessions()).await;
    let (hello, profiles) = match (client.hello().await, client.profiles().await) {
        (Ok(hello), Ok(profiles)) => (hello, profiles),
        (Err(error), _) | (_, Err(error)) => return vec![refused(Part::Settings, "agent", &error.refusal())],
    };
    let signed_in = sessions.ok().and_then(Result::ok).map(|answer| answer.sessions.len());
    let mut findings = vec![vault(&hello, signed_in)];
    if !hello.problems.iter().any(|problem| problem.code.starts_with("config.")) {
        findings.push(Finding::fine("profiles", count(profiles.len(), "profile")));
    }
    findings.extend(hello.problems.iter().map(|problem| {
        if problem.code.starts_with("store.") {
            refused(Part::Vault, "vault", problem)
        } else {
            refused(Part::Settings, "profiles", problem)
        }
    }));
    findings.extend(network::providers(client, &profiles).await);
    findings
}

/// The vault as it is, and for each state the step that the vault itself knows best.
fn vault(hello: &Hello, signed_in: Option<usize>) -> Finding {
    let vault = &hello.vault;
    let holds = signed_in.map_or_else(String::new, |many| format!(", {}", count(many, "session")));
    match (vault.state, vault.kind) {
        (VaultState::Ready, VaultKind::Keyring) => {
            Finding::fine("vault", format!("sealed, its key is in the keyring{holds}"))
        }
        (VaultState::Ready, VaultKind::Passphrase) => {
            Finding::fine("vault", format!("sealed with a passphrase{holds}"))
        }
        (VaultState::Ready, VaultKind::Memory) => Finding::warning(
            "vault",
            format!("in memory only{holds}: sessions end with the agent"),
            "Keep them with `doorkey vault use keyring`, or `passphrase` where there is no keyring; unset DOORKEY_VAULT \
             if it says `memory`.",
        ),
        (VaultState::Opening, _) => Finding::warning("vault", vault.message.clone(), &vault.hint),
        (
            VaultState::Locked
            | VaultState::NoService
            | VaultState::Denied
            | VaultState::KeyMissing
            | VaultState::Unusable,
            _,
        ) => Finding::problem(Part::Vault, "vault", vault.message.clone(), &vault.hint),
    }
}

fn refused(part: Part, name: &'static str, refusal: &Refusal) -> Finding {
    Finding::problem(part, name, refusal.message.clone(), &refusal.hint)
}
