//! The agent's verbs: what the API's server calls, and what they share.

mod arranging;
mod credentials;
mod discoveries;
mod network;
mod portable;
mod profiles;
mod registrations;
mod sign_ins;
mod vault;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use doorkey_client::words::{
    Hello, Present, Refusal, RenewalRequest, Session, Sessions as SessionList, VERSION, VaultKind,
};
use doorkey_oauth::{Issuer, Metadata};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::application::Applications;
use crate::consent::Consents;
use crate::host::Host;
use crate::journal::{Journal, Trail};
use crate::peer::Peers;
use crate::probe::Probes;
use crate::profiles::{Profiles, metadata_by_hand};
use crate::provider::Providers;
use crate::record::{RegistrationRecord, SessionRecord};
use crate::refusal::refusal;
use crate::renew::{Reason, renewed};
use crate::sending::Nonces;
use crate::session::Live;
use crate::sessions::{Sessions, Several};
use crate::sign_ins::SignIns;
use crate::vault::{RecordId, Vault};

use self::credentials::Credential;

/// The one owner of sessions.
pub(crate) struct Agent {
    pub(crate) host: Host,
    pub(crate) journal: Arc<Journal>,
    pub(crate) vault: Vault,
    pub(crate) sessions: Sessions,
    pub(crate) providers: Providers,
    pub(crate) nonces: Nonces,
    pub(crate) applications: Applications,
    pub(crate) peers: Peers,
    pub(crate) consents: Arc<Consents>,
    profiles: Profiles,
    /// Held while one is changed: its file and what the vault holds for it go together.
    changing: tokio::sync::Mutex<()>,
    sign_ins: Arc<SignIns>,
    pub(crate) probes: Probes,
    credentials: Mutex<Vec<Credential>>,
    registrations: Mutex<Vec<(RecordId, RegistrationRecord)>>,
    /// Held while what the person says of sessions is changed; the vault's record of it, where there is one. Taken after
    /// `loaded`.
    arranging: tokio::sync::Mutex<Option<RecordId>>,
    /// Which vault's records are in memory.
    loaded: tokio::sync::Mutex<Option<VaultKind>>,
    /// The same, for those who cannot wait.
    is_loaded: AtomicBool,
    /// Told each time the vault is locked: whoever holds something out of it lets go.
    pub(crate) locks: watch::Sender<()>,
    problems: Mutex<Vec<Refusal>>,
    /// Sign-ins under way: they end before the agent does.
    attempts: Mutex<JoinSet<()>>,
    pub(crate) lasts: Lasts,
    pub(crate) plan_changed: Arc<Notify>,
    pub(crate) unsaved: Arc<Notify>,
}

/// For how long there is this agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lasts {
    /// As long as a command runs.
    OneCommand,
    /// Until it is told to stop.
    UntilStopped,
    /// The same; and then there is a new one whenever somebody asks.
    Activated,
}

impl Lasts {
    /// What others can tell it by.
    fn capabilities(self) -> &'static [&'static str] {
        match self {
            Self::OneCommand => &[],
            Self::UntilStopped => &["stays"],
            Self::Activated => &["stays", "activated"],
        }
    }
}

impl Agent {
    pub(crate) fn new(
        host: Host,
        journal: Arc<Journal>,
        vault: Vault,
        profiles: Profiles,
        consents: Consents,
        peers: Peers,
        lasts: Lasts,
    ) -> Arc<Self> {
        let sign_ins = Arc::new(SignIns::new(Arc::clone(&journal)));
        Arc::new(Self {
            host,
            journal,
            vault,
            sessions: Sessions::default(),
            providers: Providers::default(),
            nonces: Nonces::default(),
            applications: Applications::default(),
            peers,
            consents: Arc::new(consents),
            profiles,
            changing: tokio::sync::Mutex::default(),
            sign_ins,
            probes: Probes::default(),
            credentials: Mutex::default(),
            registrations: Mutex::default(),
            arranging: tokio::sync::Mutex::default(),
            loaded: tokio::sync::Mutex::default(),
            is_loaded: AtomicBool::new(false),
            locks: watch::Sender::new(()),
            problems: Mutex::default(),
            attempts: Mutex::default(),
            lasts,
            plan_changed: Arc::default(),
            unsaved: Arc::default(),
        })
    }

    // The present.

    pub(crate) fn hello(&self) -> Hello {
        let mut problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner).clone();
        problems.extend(self.profiles.all().1);
        problems.extend(self.consents.policy.problem());
        problems.extend(self.host.http.network_file().problem());
        Hello {
            api: VERSION,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            vault: self.vault.status(),
            capabilities: self.lasts.capabilities().iter().map(|able| (*able).to_owned()).collect(),
            problems,
        }
    }

    pub(crate) fn present(&self, seq: u64) -> Present {
        Present {
            hello: self.hello(),
            profiles: self.profiles(),
            sessions: self.session_views(),
            sign_ins: self.sign_ins.under_way(),
            questions: self.consents.questions(),
            seq,
        }
    }

    pub(crate) async fn session_list(&self) -> Result<SessionList, Refusal> {
        self.loaded().await?;
        Ok(SessionList { version: VERSION, sessions: self.session_views() })
    }

    fn session_views(&self) -> Vec<Session> {
        self.in_order().iter().map(|live| self.view_of(live)).collect()
    }

    /// The session that is meant. A name that no profile has is told as such, not as somebody who is not signed in
    /// (L-T01).
    pub(crate) fn session(&self, profile: Option<&str>, account: Option<&str>) -> Result<Arc<Live>, Refusal> {
        self.picked(profile, account, Several::Preferred)
    }

    /// The same for what cannot be undone: that one of several is preferred does not name it.
    pub(crate) fn session_named(&self, profile: &str, account: Option<&str>) -> Result<Arc<Live>, Refusal> {
        self.picked(Some(profile), account, Several::None)
    }

    fn picked(&self, profile: Option<&str>, account: Option<&str>, several: Several) -> Result<Arc<Live>, Refusal> {
        self.sessions.pick(profile, account, several).map_err(|nobody| match profile {
            Some(name) if self.sessions.of_profile(name).is_empty() => self.profiles.find(name).err().unwrap_or(nobody),
            Some(_) | None => nobody,
        })
    }

    // Providers and renewals.

    /// The provider of a session as it describes itself, or as the profile did at the sign-in where it does not. A copy
    /// will do.
    pub(crate) async fn metadata_of(&self, record: &SessionRecord, trail: &Trail) -> Result<Metadata, Refusal> {
        let issuer = Issuer::parse(&record.issuer).map_err(|error| refusal(&error))?;
        match &record.endpoints {
            Some(given) => metadata_by_hand(given, None, &issuer),
            None => self.providers.metadata(&self.host, trail, &issuer).await,
        }
    }

    /// The same, asked now.
    pub(crate) async fn metadata_anew(&self, record: &SessionRecord, trail: &Trail) -> Result<Metadata, Refusal> {
        let issuer = Issuer::parse(&record.issuer).map_err(|error| refusal(&error))?;
        match &record.endpoints {
            Some(given) => metadata_by_hand(given, None, &issuer),
            None => self.providers.discover(&self.host, trail, &issuer).await,
        }
    }

    pub(crate) async fn renew(self: &Arc<Self>, request: &RenewalRequest) -> Result<Session, Refusal> {
        self.loaded().await?;
        let live = self.session(request.profile.as_deref(), request.account.as_deref())?;
        renewed(self, &live, Reason::Person).await?;
        Ok(self.view_of(&live))
    }
}
