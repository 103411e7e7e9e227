//! The agent's verbs: what the API's server calls, and what they share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use doorkey_client::words::{
    DiscoveryRequest, EventKind, Hello, Present, ProfileEntry, ProfileView, Provider, Refusal, RenewalRequest, Session,
    Sessions as SessionList, SignInDetail, SignInRequest, SignInStep, Update, VERSION, VaultChoice, VaultState,
    VaultStatus,
};
use doorkey_oauth::{ClientSecret, ClientSettings, TypedIssuer};
use jiff::SignedDuration;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::host::Host;
use crate::journal::{Journal, Trail};
use crate::profiles::{Profiles, check, client_settings, redirect_uris};
use crate::provider::Providers;
use crate::record::{ClientSecretRecord, Record, SessionRecord};
use crate::refusal::refusal;
use crate::renew::{Reason, renewed};
use crate::session::{Held, Live, Sessions, Standing};
use crate::sign_in::{Start, sign_in};
use crate::sign_ins::{Progress, SignIns};
use crate::sign_out;
use crate::vault::{Patience, RecordId, Vault};

const USUAL_PATIENCE: u32 = 300;

/// The one owner of sessions.
pub(crate) struct Agent {
    pub(crate) host: Host,
    pub(crate) journal: Arc<Journal>,
    pub(crate) vault: Vault,
    pub(crate) sessions: Sessions,
    pub(crate) providers: Providers,
    profiles: Profiles,
    sign_ins: Arc<SignIns>,
    secrets: Mutex<Vec<(RecordId, ClientSecretRecord)>>,
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
            profiles,
            sign_ins,
            secrets: Mutex::default(),
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
                Ok(Record::ClientSecret(secret)) => self.secrets().push((record.id, secret)),
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

    // Profiles.

    pub(crate) fn profiles(&self) -> Vec<ProfileView> {
        self.profiles.all().0.into_iter().map(|profile| self.view(profile)).collect()
    }

    pub(crate) async fn put_profile(&self, entry: ProfileEntry) -> Result<ProfileView, Refusal> {
        let profile = check(entry.profile)?;
        if let Some(secret) = entry.client_secret {
            self.loaded().await?;
            self.keep_secret(&profile.name, &secret).await?;
        }
        self.profiles.put(&profile)?;
        self.stop_overtaken(&profile.name, "was changed");
        let view = self.view(profile);
        self.journal.tell(Update::Profile { profile: view.clone() });
        self.journal.record(self.host.now(), Some(&view.profile.name), None, EventKind::ProfileSaved);
        Ok(view)
    }

    /// With its sessions and its secret: nothing of it stays behind.
    pub(crate) async fn delete_profile(self: &Arc<Self>, name: &str) -> Result<(), Refusal> {
        self.profiles.find(name)?;
        self.stop_overtaken(name, "was removed");
        if self.loaded().await.is_ok() {
            sign_out::forget_profile(self, name).await?;
            self.forget_secret(name).await?;
        }
        self.profiles.remove(name)?;
        self.journal.tell(Update::ProfileRemoved { name: name.to_owned() });
        self.journal.record(self.host.now(), Some(name), None, EventKind::ProfileRemoved);
        Ok(())
    }

    fn view(&self, profile: doorkey_client::words::Profile) -> ProfileView {
        let has_client_secret = self.secrets().iter().any(|(_, secret)| secret.profile == profile.name);
        ProfileView { has_client_secret, redirect_uris: redirect_uris(&profile), profile }
    }

    fn stop_overtaken(&self, name: &str, what: &str) {
        let why = Refusal::new(
            "config.profile_changed",
            format!("The sign-in was stopped, because the profile `{name}` {what}."),
            "Sign in again.",
        );
        self.sign_ins.stop_profile(name, &why.about(name));
    }

    async fn keep_secret(&self, profile: &str, secret: &doorkey_client::Secret) -> Result<(), Refusal> {
        let known = self.secrets().iter().find(|(_, kept)| kept.profile == profile).map(|(id, _)| *id);
        let id = known.unwrap_or_else(RecordId::random);
        #[expect(clippy::disallowed_methods, reason = "from the caller's type into the vault's")]
        let secret = ClientSecret::new(secret.expose().to_owned());
        let record = ClientSecretRecord { profile: profile.to_owned(), secret };
        self.vault.save(id, Record::ClientSecret(record.clone()).to_bytes()).await.map_err(|error| error.refusal())?;
        let mut secrets = self.secrets();
        secrets.retain(|(kept, _)| *kept != id);
        secrets.push((id, record));
        Ok(())
    }

    async fn forget_secret(&self, profile: &str) -> Result<(), Refusal> {
        let known = self.secrets().iter().find(|(_, kept)| kept.profile == profile).map(|(id, _)| *id);
        if let Some(id) = known {
            self.vault.remove(id).await.map_err(|error| error.refusal())?;
            self.secrets().retain(|(kept, _)| *kept != id);
        }
        Ok(())
    }

    fn secret_of(&self, profile: &str) -> Option<ClientSecret> {
        self.secrets().iter().find(|(_, kept)| kept.profile == profile).map(|(_, kept)| kept.secret.clone())
    }

    fn secrets(&self) -> std::sync::MutexGuard<'_, Vec<(RecordId, ClientSecretRecord)>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client a session was made with; the profile may have changed since.
    pub(crate) fn client_of(&self, record: &SessionRecord) -> ClientSettings {
        let mut client = ClientSettings::new(record.client_id.clone());
        client.client_secret = self.secret_of(&record.profile);
        client.scopes.clone_from(&record.asked);
        client
    }

    // Providers.

    pub(crate) async fn discover(&self, request: &DiscoveryRequest) -> Result<Provider, Refusal> {
        let typed = TypedIssuer::parse(&request.issuer).map_err(|error| refusal(&error))?;
        let mut first = None;
        for issuer in typed.candidates() {
            match self.providers.discover(&self.host, &issuer).await {
                Ok(metadata) => return Ok(crate::preset::describe(&metadata)),
                Err(refusal) => {
                    first.get_or_insert(refusal);
                }
            }
        }
        Err(first.unwrap_or_else(|| {
            Refusal::new("config.bad_issuer", "There is no issuer in that.", "Type the provider's address.")
        }))
    }

    // Sign-ins.

    pub(crate) async fn start_sign_in(self: &Arc<Self>, request: SignInRequest) -> Result<SignInDetail, Refusal> {
        let profile = self.profiles.find(&request.profile)?;
        if self.vault.status().state != VaultState::Ready {
            self.vault.retry(Patience::Person);
        }
        // Where nothing can be kept, nobody is sent to a browser first.
        self.loaded().await.map_err(|refusal| refusal.about(&profile.name))?;
        let client = client_settings(&profile, self.secret_of(&profile.name));
        if !client.scopes.iter().any(|scope| scope == "openid") {
            return Err(Refusal::new(
                "config.openid_missing",
                format!(
                    "The profile `{}` does not ask for the scope `openid`, so nobody could say who signed in.",
                    profile.name
                ),
                format!("Add `openid` to its scopes: `doorkey profile show {}` shows them.", profile.name),
            )
            .about(&profile.name));
        }
        let patience = request.timeout.unwrap_or(USUAL_PATIENCE);
        if !(1..=1800).contains(&patience) {
            return Err(Refusal::new("usage.timeout", "The time-out must be between 1 and 1800 seconds.", "")
                .about(&profile.name));
        }
        let patience = Duration::from_secs(u64::from(patience));
        let now = self.host.now();
        let view = doorkey_client::words::SignIn {
            id: self.host.identifier(),
            profile: profile.name.clone(),
            step: SignInStep::Discovering,
            started_at: now,
            deadline: now + SignedDuration::try_from(patience).unwrap_or(SignedDuration::MAX),
            redirect_uri: None,
            browser_problem: None,
            ignored: 0,
            untrusted_hint: None,
            error: None,
            session: None,
        };
        let progress = self.sign_ins.begin(view)?;
        let id = progress.id().to_owned();
        let agent = Arc::clone(self);
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        while attempts.try_join_next().is_some() {}
        attempts.spawn(async move {
            let trail = agent.journal.trail(&profile.name, progress.id());
            trail.record(agent.host.now(), EventKind::SignInStarted);
            let start = Start { profile: &profile, client, request: &request, patience };
            let outcome = match sign_in(&agent, start, &progress, &trail).await {
                Ok(record) => agent.keep(record, &progress, &trail).await,
                Err(refusal) => Err(refusal),
            };
            agent.end(outcome.map_err(|refusal| refusal.about(&profile.name)), &progress, &trail);
        });
        self.sign_ins.look(&id)
    }

    /// Ends what is under way: sign-ins are stopped, renewals finished. Nothing is written after that.
    pub(crate) async fn finish(&self) {
        let why = Refusal::new("user.cancelled", "The sign-in was stopped, because Doorkey was.", "Start it again.");
        self.sign_ins.stop_all(&why);
        let mut attempts = std::mem::take(&mut *self.attempts.lock().unwrap_or_else(PoisonError::into_inner));
        while attempts.join_next().await.is_some() {}
        for live in self.sessions.all() {
            live.quiet().await;
        }
    }

    /// One writer: the same person with the same profile keeps the same record, generation by generation.
    async fn keep(&self, record: SessionRecord, progress: &Progress, trail: &Trail) -> Result<Arc<Live>, Refusal> {
        progress.step(SignInStep::Saving);
        let same = |live: &Arc<Live>| {
            let held = &live.held().record;
            held.issuer == record.issuer && held.identity.sub == record.identity.sub
        };
        let old = self.sessions.of_profile(&record.profile).into_iter().find(same);
        let Some(live) = old else {
            let id = RecordId::random();
            let saved = self.save(id, &record, trail).await;
            let live = self.sessions.insert(id, record);
            live.held().unsaved = !saved;
            self.plan_changed.notify_one();
            return Ok(live);
        };
        // A renewal of the old tokens must not end after the new ones were saved.
        let turn = live.turn().await;
        if matches!(live.held().standing, Standing::Ended { .. }) && self.sessions.find(live.id).is_none() {
            // Signed out meanwhile: that record's name is never used again.
            drop(turn);
            return Box::pin(self.keep(record, progress, trail)).await;
        }
        let saved = self.save(live.id, &record, trail).await;
        *live.held() = Held { record: Arc::new(record), standing: Standing::Good, unsaved: !saved };
        drop(turn);
        self.plan_changed.notify_one();
        Ok(live)
    }

    fn end(&self, outcome: Result<Arc<Live>, Refusal>, progress: &Progress, trail: &Trail) {
        progress.forget_address();
        match outcome {
            Ok(live) => {
                let session = live.held().view(live.id, self.host.now());
                trail.record(self.host.now(), EventKind::SignedIn { sub: session.sub.clone() });
                self.tell_session(&live);
                progress.change(|view| {
                    view.step = SignInStep::Done;
                    view.session = Some(session);
                });
            }
            Err(refusal) if refusal.code == "user.cancelled" => {
                trail.record(self.host.now(), EventKind::SignInCancelled);
                progress.change(|view| {
                    view.step = SignInStep::Cancelled;
                    view.error = Some(refusal);
                });
            }
            Err(refusal) => {
                trail.record(self.host.now(), EventKind::SignInFailed { refusal: refusal.clone() });
                progress.change(|view| {
                    view.step = SignInStep::Failed;
                    view.error = Some(refusal);
                });
            }
        }
    }

    pub(crate) fn look_at_sign_in(&self, id: &str) -> Result<SignInDetail, Refusal> {
        self.sign_ins.look(id)
    }

    pub(crate) fn cancel_sign_in(&self, id: &str) -> Result<SignInDetail, Refusal> {
        self.sign_ins.stop(id, crate::refusal::cancelled())?;
        self.sign_ins.look(id)
    }

    // Renewals.

    pub(crate) async fn renew(self: &Arc<Self>, request: &RenewalRequest) -> Result<Session, Refusal> {
        self.loaded().await?;
        let live = self.sessions.pick(request.profile.as_deref(), request.account.as_deref())?;
        renewed(self, &live, Reason::Person).await?;
        Ok(live.held().view(live.id, self.host.now()))
    }
}
