//! The agent's verbs: what the API's server calls, and what they share.

mod credentials;
mod discoveries;
mod profiles;
mod registrations;
mod sign_ins;

use std::sync::{Arc, Mutex, PoisonError};

use doorkey_client::words::{
    EventKind, Hello, Present, Refusal, RenewalRequest, Session, Sessions as SessionList, Update, VERSION, VaultChoice,
    VaultState, VaultStatus,
};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::host::Host;
use crate::journal::Journal;
use crate::profiles::Profiles;
use crate::provider::Providers;
use crate::record::{Record, RegistrationRecord};
use crate::renew::{Reason, renewed};
use crate::sending::Nonces;
use crate::session::Sessions;
use crate::sign_ins::SignIns;
use crate::vault::{Patience, RecordId, Vault};

use self::credentials::Credential;

/// The one owner of sessions.
pub(crate) struct Agent {
    pub(crate) host: Host,
    pub(crate) journal: Arc<Journal>,
    pub(crate) vault: Vault,
    pub(crate) sessions: Sessions,
    pub(crate) providers: Providers,
    pub(crate) nonces: Nonces,
    profiles: Profiles,
    sign_ins: Arc<SignIns>,
    credentials: Mutex<Vec<Credential>>,
    registrations: Mutex<Vec<(RecordId, RegistrationRecord)>>,
    /// The vault's records are in memory.
    loaded: tokio::sync::Mutex<bool>,
    problems: Mutex<Vec<Refusal>>,
    /// Sign-ins under way: they end before the agent does.
    attempts: Mutex<JoinSet<()>>,
    stays: bool,
    pub(crate) plan_changed: Arc<Notify>,
    pub(crate) unsaved: Arc<Notify>,
}

impl Agent {
    pub(crate) fn new(host: Host, journal: Arc<Journal>, vault: Vault, profiles: Profiles, stays: bool) -> Arc<Self> {
        let sign_ins = Arc::new(SignIns::new(Arc::clone(&journal)));
        Arc::new(Self {
            host,
            journal,
            vault,
            sessions: Sessions::default(),
            providers: Providers::default(),
            nonces: Nonces::default(),
            profiles,
            sign_ins,
            credentials: Mutex::default(),
            registrations: Mutex::default(),
            loaded: tokio::sync::Mutex::new(false),
            problems: Mutex::default(),
            attempts: Mutex::default(),
            stays,
            plan_changed: Arc::default(),
            unsaved: Arc::default(),
        })
    }

    // The present.

    pub(crate) fn hello(&self) -> Hello {
        let mut problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner).clone();
        problems.extend(self.profiles.all().1);
        Hello {
            api: VERSION,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            vault: self.vault.status(),
            capabilities: if self.stays { vec!["stays".to_owned()] } else { Vec::new() },
            problems,
        }
    }

    pub(crate) fn present(&self, seq: u64) -> Present {
        Present {
            hello: self.hello(),
            profiles: self.profiles(),
            sessions: self.session_views(),
            sign_ins: self.sign_ins.under_way(),
            seq,
        }
    }

    pub(crate) async fn session_list(&self) -> Result<SessionList, Refusal> {
        self.loaded().await?;
        Ok(SessionList { version: VERSION, sessions: self.session_views() })
    }

    fn session_views(&self) -> Vec<Session> {
        let now = self.host.now();
        let mut views: Vec<Session> = self.sessions.all().iter().map(|live| live.held().view(live.id, now)).collect();
        views.sort_by(|one, other| (&one.profile, one.signed_in_at).cmp(&(&other.profile, other.signed_in_at)));
        views
    }

    // The vault.

    /// Reads the vault's records once it is open. Until then every call that needs them is refused by the vault's own state.
    pub(crate) async fn loaded(&self) -> Result<(), Refusal> {
        let mut loaded = self.loaded.lock().await;
        if *loaded {
            return Ok(());
        }
        self.vault.settled().await;
        let records = self.vault.records().await.map_err(|error| error.refusal())?;
        let mut problems: Vec<Refusal> = self.vault.problems().iter().map(|problem| problem.refusal()).collect();
        for record in records {
            match Record::from_bytes(&record.content) {
                Ok(Record::Session(session)) => {
                    let live = self.sessions.insert(record.id, *session);
                    self.tell_session(&live);
                }
                Ok(Record::ClientSecret(secret)) => self.credentials().push(Credential::secret(record.id, secret)),
                Ok(Record::ClientKey(key)) => match Credential::key(record.id, &key) {
                    Ok(key) => self.credentials().push(key),
                    Err(refusal) => problems.push(refusal),
                },
                Ok(Record::Registration(registration)) => self.registrations().push((record.id, registration)),
                Err(error) => problems.push(Refusal::new(
                    "store.damaged",
                    format!("{error}: {}.", record.id),
                    "It is left as it is. Sign in again, or open it with the version that wrote it.",
                )),
            }
        }
        *self.problems.lock().unwrap_or_else(PoisonError::into_inner) = problems;
        *loaded = true;
        self.plan_changed.notify_one();
        Ok(())
    }

    /// Follows the vault: a keyring that is unlocked later brings the sessions with it.
    pub(crate) async fn follow_vault(self: Arc<Self>) {
        let mut changed = self.vault.changed();
        loop {
            let status = changed.borrow_and_update().clone();
            if status.state == VaultState::Ready {
                // A failure is the vault's state again, and told with it.
                let _ = self.loaded().await;
            }
            self.journal.tell(Update::Vault { vault: status.clone() });
            self.journal.record(self.host.now(), None, None, EventKind::VaultChanged { vault: status });
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    pub(crate) async fn choose_vault(&self, choice: &VaultChoice) -> Result<VaultStatus, Refusal> {
        if choice.start_over && self.vault.status().state == VaultState::KeyMissing {
            self.vault.start_over().await.map_err(|error| error.refusal())?;
        }
        self.vault.choose(choice.kind, Patience::Person).map_err(|error| error.refusal())?;
        Ok(self.vault.settled().await)
    }

    // Renewals.

    pub(crate) async fn renew(self: &Arc<Self>, request: &RenewalRequest) -> Result<Session, Refusal> {
        self.loaded().await?;
        let live = self.sessions.pick(request.profile.as_deref(), request.account.as_deref())?;
        renewed(self, &live, Reason::Person).await?;
        Ok(live.held().view(live.id, self.host.now()))
    }
}
