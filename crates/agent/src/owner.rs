//! Whoever needs the agent and finds none, is it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use doorkey_client::words::{EventKind, Refusal, VaultKind};
use doorkey_client::{Client, ClientError, Paths, Secret};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::activation::PassedSocket;
use crate::agent::{Agent, Lasts};
use crate::browser::BrowserChoice;
use crate::consent::Consents;
use crate::endpoint::{Endpoint, SocketFile};
use crate::host::Host;
use crate::http::{CaFiles, Http, HttpSettings, NetworkFile};
use crate::journal::Journal;
use crate::passphrase::Which;
use crate::peer::{OwnRequests, Peers};
use crate::profiles::Profiles;
use crate::time::Clock;
use crate::vault::{KeySource, LockError, OwnerLock, Patience, Settings, Vault};
use crate::{passphrase, schedule, server, vault};

/// How long the owner may take from its lock to its socket before it counts as silent.
const OWNER_STARTS_WITHIN: Duration = Duration::from_secs(10);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How this process is the agent, if it becomes it.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the vault's key is; `DOORKEY_VAULT` when absent, as was chosen before when that is not set either.
    pub vault: Option<VaultKind>,
    /// How a browser is opened.
    pub browser: BrowserChoice,
    /// Somebody is at the screen and may be asked to unlock the keyring: it is given 60 s then, else 3 s.
    pub person_present: bool,
    /// This process serves until it is told to stop, not for the length of one command; others can tell it by the
    /// capability `stays`.
    pub stays: bool,
    /// Where the time comes from.
    pub clock: Clock,
    /// Whose requests this process's own are.
    pub own_requests: OwnRequests,
}

/// This process is the agent, or has joined one.
pub struct Agency {
    client: Arc<Client>,
    owned: Option<Owned>,
}

struct Owned {
    agent: Arc<Agent>,
    stop: watch::Sender<bool>,
    stopped: watch::Receiver<bool>,
    background: Vec<JoinHandle<()>>,
    socket: Arc<SocketFile>,
    // Released last: whoever takes it next finds everything in order.
    _lock: OwnerLock,
}

/// Why this process neither is the agent nor has joined one.
#[derive(Debug, thiserror::Error)]
pub enum AgencyError {
    /// The way to the socket cannot be trusted, or broke.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Another process holds the vault and does not answer.
    #[error("{}", .0.message)]
    Lock(Box<Refusal>),
    /// The socket or its folder cannot be made.
    #[error("{path} cannot be made: {error}")]
    Socket {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The passphrase cannot be read from where the environment says.
    #[error("{}", .0.message)]
    Passphrase(Box<Refusal>),
    /// `DOORKEY_VAULT` says something unknown.
    #[error("`DOORKEY_VAULT` is `{0}`")]
    UnknownVault(String),
}

impl Options {
    /// From `DOORKEY_VAULT` and `$BROWSER`.
    #[must_use]
    pub fn from_env() -> Self {
        Self {
            vault: None,
            browser: BrowserChoice::from_env(None),
            person_present: false,
            stays: false,
            clock: Clock::default(),
            own_requests: OwnRequests::Person,
        }
    }
}

impl AgencyError {
    /// As the refusal to show.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::Client(error) => error.refusal(),
            Self::Lock(refusal) | Self::Passphrase(refusal) => (**refusal).clone(),
            Self::Socket { .. } => Refusal::new(
                "broker.no_socket",
                format!("{self}."),
                "Check that XDG_RUNTIME_DIR is a folder of your own, or unset it.",
            ),
            Self::UnknownVault(_) => {
                let hint = "Set it to `keyring`, `passphrase` or `memory`, or unset it.";
                Refusal::new("config.bad_vault", format!("{self}."), hint)
            }
        }
    }
}

/// Joins the agent that serves these folders, or becomes it and serves others meanwhile.
///
/// # Errors
/// When the socket cannot be trusted or made, or another process holds the vault and stays silent.
pub async fn own_or_join(paths: &Paths, options: Options) -> Result<Agency, AgencyError> {
    let source = source(&options)?;
    let socket = paths.socket();
    let client = Arc::new(Client::at(socket.clone()));
    let patience_ends = tokio::time::Instant::now() + OWNER_STARTS_WITHIN;
    loop {
        match client.hello().await {
            Ok(_) => return Ok(Agency { client, owned: None }),
            Err(ClientError::NotRunning) => {}
            // Its owner stopped between our connecting and its accepting.
            Err(ClientError::Broken(_)) if tokio::time::Instant::now() < patience_ends => {}
            Err(error) => return Err(error.into()),
        }
        match OwnerLock::take(&paths.vault(), &socket) {
            Ok(lock) => {
                let key = Key { source, passphrase: passphrase_for(paths, source)? };
                return Ok(Agency { client, owned: Some(own(paths, key, options, lock, None)?) });
            }
            // Its owner is starting, or stopping: look again.
            Err(LockError::Held { .. }) if tokio::time::Instant::now() < patience_ends => {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            Err(error) => return Err(AgencyError::Lock(Box::new(error.refusal()))),
        }
    }
}

/// Becomes the agent on a socket that a service manager listens on. Nobody can be joined: whoever connects there, this
/// process included, waits for this very process.
///
/// # Errors
/// When another process holds the vault for longer than a command runs, or a setting is wrong; whoever waits is told the
/// same.
pub async fn own_passed(paths: &Paths, options: Options, passed: PassedSocket) -> Result<Agency, AgencyError> {
    let begun = async {
        let source = source(&options)?;
        let lock = lock_of_one_that_ends(paths).await?;
        Ok((Key { source, passphrase: passphrase_for(paths, source)? }, lock))
    };
    match begun.await {
        Ok((key, lock)) => {
            let owned = own(paths, key, options, lock, Some(passed))?;
            Ok(Agency { client: Arc::new(Client::at(paths.socket())), owned: Some(owned) })
        }
        Err(error) => {
            let error: AgencyError = error;
            // Left in the queue, they would have the manager start one after the other that ends in the same way.
            passed.refuse(&error.refusal());
            Err(error)
        }
    }
}

async fn lock_of_one_that_ends(paths: &Paths) -> Result<OwnerLock, AgencyError> {
    let patience_ends = tokio::time::Instant::now() + OWNER_STARTS_WITHIN;
    loop {
        match OwnerLock::take(&paths.vault(), &paths.socket()) {
            Ok(lock) => return Ok(lock),
            Err(LockError::Held { .. }) if tokio::time::Instant::now() < patience_ends => {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            Err(error) => return Err(AgencyError::Lock(Box::new(error.refusal()))),
        }
    }
}

/// What the vault is opened with.
struct Key {
    source: KeySource,
    passphrase: Option<Secret>,
}

/// Read once, and only where it is wanted: a descriptor gives it once.
fn passphrase_for(paths: &Paths, source: KeySource) -> Result<Option<Secret>, AgencyError> {
    crate::hardening::keep_memory_private();
    if vault::takes_a_passphrase(&paths.vault(), source) {
        passphrase::from_env(Which::InForce).map_err(|refusal| AgencyError::Passphrase(Box::new(refusal)))
    } else {
        Ok(None)
    }
}

fn source(options: &Options) -> Result<KeySource, AgencyError> {
    match options.vault {
        Some(VaultKind::Keyring) => return Ok(KeySource::Keyring),
        Some(VaultKind::Memory) => return Ok(KeySource::Memory),
        Some(VaultKind::Passphrase) => return Ok(KeySource::Passphrase),
        None => {}
    }
    match std::env::var("DOORKEY_VAULT").as_deref() {
        Err(std::env::VarError::NotPresent) | Ok("") => Ok(KeySource::Remembered),
        Err(std::env::VarError::NotUnicode(_)) => Err(AgencyError::UnknownVault("not text".to_owned())),
        Ok("keyring") => Ok(KeySource::Keyring),
        Ok("passphrase") => Ok(KeySource::Passphrase),
        Ok("memory") => Ok(KeySource::Memory),
        Ok(other) => Err(AgencyError::UnknownVault(other.chars().take(40).collect())),
    }
}

fn own(
    paths: &Paths,
    key: Key,
    options: Options,
    lock: OwnerLock,
    passed: Option<PassedSocket>,
) -> Result<Owned, AgencyError> {
    crate::hardening::serve_many();
    let path = paths.socket();
    let endpoint = match passed {
        Some(passed) => Endpoint::passed(passed.into_listener(), &path),
        None => Endpoint::made(&path),
    };
    let endpoint = endpoint.map_err(|error| AgencyError::Socket { path, error })?;
    let socket = endpoint.file();

    let journal = Arc::new(Journal::new(Some(paths.journal())));
    let patience = if options.person_present { Patience::Person } else { Patience::Background };
    let mark = Some(paths.vault_mark());
    let Key { source, passphrase } = key;
    let vault = Vault::open(Settings { dir: paths.vault(), mark, source, patience, passphrase });
    let network = Arc::new(NetworkFile::at(paths.network()));
    let settings = HttpSettings { ca_files: CaFiles::from_env(), network, ..HttpSettings::default() };
    let host = Host { http: Arc::new(Http::new(settings)), browser: options.browser, clock: options.clock };
    let version = env!("CARGO_PKG_VERSION").to_owned();
    journal.record(host.now(), None, None, EventKind::AgentStarted { version });
    let lasts = match (socket.is_managed(), options.stays) {
        (true, _) => Lasts::Activated,
        (false, true) => Lasts::UntilStopped,
        (false, false) => Lasts::OneCommand,
    };
    let profiles = Profiles::at(paths.profiles());
    let consents = Consents::at(paths.policy(), paths.consents());
    let peers = Peers::new(options.own_requests);
    let agent = Agent::new(host, journal, vault, profiles, consents, peers, lasts);

    let (stop, stopping) = watch::channel(false);
    let (ended, stopped) = watch::channel(false);
    let serving = server::serve(Arc::clone(&agent), endpoint, stopping);
    tokio::spawn(async move {
        serving.await;
        ended.send_replace(true);
    });
    let background = vec![
        tokio::spawn(Arc::clone(&agent).follow_vault()),
        tokio::spawn(schedule::renewals(Arc::downgrade(&agent))),
        tokio::spawn(schedule::network(Arc::downgrade(&agent))),
        tokio::spawn(schedule::saves(Arc::downgrade(&agent))),
        tokio::spawn(schedule::journal(Arc::clone(&agent.journal))),
    ];
    Ok(Owned { agent, stop, stopped, background, socket, _lock: lock })
}

impl Agency {
    /// The way to the agent, wherever it is.
    #[must_use]
    pub fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// Whether this process is the agent.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.owned.is_some()
    }

    /// Resolves when the server has stopped by itself; never for a process that joined.
    pub async fn ended(&self) {
        if let Some(owned) = &self.owned {
            let mut stopped = owned.stopped.clone();
            if stopped.wait_for(|stopped| *stopped).await.is_ok() {
                return;
            }
        }
        std::future::pending::<()>().await;
    }

    /// Ends what this process owns: no new connections, requests under way are finished, renewals and their saving
    /// too; then socket and lock are free. A process that joined has nothing to end.
    pub async fn stop(mut self) {
        let Some(mut owned) = self.owned.take() else { return };
        // Before the streams end, so that whoever waits for an answer is told why there is none.
        owned.agent.consents.close();
        owned.stop.send_replace(true);
        let _ = owned.stopped.wait_for(|stopped| *stopped).await;
        for task in &owned.background {
            task.abort();
        }
        owned.agent.finish().await;
        crate::loopback::last_pages_served().await;
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.agent.consents.close();
        self.stop.send_replace(true);
        for task in &self.background {
            task.abort();
        }
        // Under the lock still, so that it cannot be the next owner's.
        self.socket.remove();
    }
}
