//! The agent in this process, its vault in memory, and a provider that it can sign in with.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use doorkey_agent::browser::BrowserChoice;
use doorkey_agent::time::GivenClock;
use doorkey_agent::{Agency, Options, own_or_join};
use doorkey_client::words::{
    BrowserBy, Code, Profile, ProfileEntry, Refusal, RenewalRequest, Retryable, Session, SignInRequest, SignOut,
    SignOutAnswer, SignOutRequest, TokenAnswer, TokenRequest, VaultKind,
};
use doorkey_client::{Client, ClientError, Paths, Secret};
use doorkey_demo_idp::{Endpoint, Entry, Log, Person, Running, Settings, start};
use tempfile::TempDir;

use crate::{Attempt, program, watch};

/// The profile that every stage has.
pub const PROFILE: &str = "work";

/// A token life that any call with the usual `min_ttl` finds too short, and that no story lives to see end.
pub const SHORT: Duration = Duration::from_secs(9);
/// A token life that lasts for the whole story.
pub const LONG: Duration = Duration::from_secs(300);

/// A provider, an agent, and the way to it.
pub struct Stage {
    /// The provider.
    pub provider: Running,
    /// The way to the agent.
    pub client: Arc<Client>,
    /// The agent's files.
    pub paths: Paths,
    agency: Agency,
    folder: TempDir,
}

impl Stage {
    /// With a provider as it comes.
    pub async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    /// With a provider that gives tokens of this life.
    pub async fn with_life(token_life: Duration) -> Self {
        Self::with(Settings { token_life, ..Settings::default() }).await
    }

    /// With a provider of one's own making.
    ///
    /// # Panics
    /// When a part of it does not start.
    pub async fn with(settings: Settings) -> Self {
        Self::with_options(settings, in_memory()).await
    }

    /// With an agent whose time is this clock's.
    pub async fn with_clock(settings: Settings, clock: &GivenClock) -> Self {
        Self::with_options(settings, Options { clock: clock.clone().into(), ..in_memory() }).await
    }

    async fn with_options(settings: Settings, options: Options) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let provider = start(settings).await.expect("the provider starts");
        let paths = below(folder.path());
        program::allow_all(folder.path());
        let agency = own_or_join(&paths, options).await.expect("the agent starts");
        assert!(agency.is_owner(), "somebody else is the agent here");
        let client = Arc::clone(agency.client());
        let stage = Self { provider, client, paths, agency, folder };
        stage.put(|_| ()).await;
        stage
    }

    /// The profile for this provider, before a story changes it.
    #[must_use]
    pub fn profile(&self) -> Profile {
        profile(PROFILE, self.provider.issuer())
    }

    /// Saves the profile with a change.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn put(&self, change: impl FnOnce(&mut Profile)) {
        let mut profile = self.profile();
        change(&mut profile);
        let entry = ProfileEntry::from(profile);
        self.client.put_profile(&entry).await.expect("the profile is good");
    }

    /// One of the provider's people, by the first name.
    #[must_use]
    pub fn person(&self, first_name: &str) -> Person {
        person(first_name)
    }

    /// Where all files of this stage are; [`crate::program::command`] takes it too.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The provider's log.
    #[must_use]
    pub fn log(&self) -> Log {
        self.provider.log()
    }

    /// Starts a sign-in and waits until it listens.
    pub async fn begin(&self) -> Attempt {
        Attempt::begin(&self.client, &request(PROFILE)).await
    }

    /// A whole sign-in: Ada says yes.
    pub async fn sign_in(&self) -> Session {
        self.sign_in_as("Ada").await
    }

    /// A whole sign-in: this person says yes.
    pub async fn sign_in_as(&self, first_name: &str) -> Session {
        let attempt = self.begin().await;
        attempt.allow(&person(first_name)).await;
        attempt.done().await
    }

    /// Asks for the token, as a program would.
    ///
    /// # Errors
    /// The agent's refusal.
    pub async fn token(&self) -> Result<TokenAnswer, Refusal> {
        self.token_for(&TokenRequest::for_profile(PROFILE)).await
    }

    /// Asks for a token.
    ///
    /// # Errors
    /// The agent's refusal.
    pub async fn token_for(&self, request: &TokenRequest) -> Result<TokenAnswer, Refusal> {
        self.client.token(request).await.map_err(|error| error.refusal())
    }

    /// The token's text.
    ///
    /// # Panics
    /// When there is none.
    pub async fn access_token(&self) -> String {
        exposed(&self.token().await.expect("a token").access_token)
    }

    /// The only session.
    ///
    /// # Panics
    /// When there is none, or more than one.
    pub async fn session(&self) -> Session {
        let mut sessions = self.client.sessions().await.expect("the sessions").sessions;
        assert_eq!(sessions.len(), 1, "{sessions:?}");
        sessions.remove(0)
    }

    /// Waits until the session is as wanted.
    pub async fn until(&self, what: &str, fits: impl Fn(&Session) -> bool) -> Session {
        watch::until_session(&self.client, what, fits).await
    }

    /// Renews now.
    ///
    /// # Errors
    /// The agent's refusal.
    pub async fn renew(&self) -> Result<Session, Refusal> {
        let request = RenewalRequest { profile: Some(PROFILE.to_owned()), account: None };
        self.client.renew(&request).await.map_err(|error| error.refusal())
    }

    /// Signs out.
    ///
    /// # Panics
    /// When the agent refuses.
    pub async fn sign_out(&self, how: SignOut) -> SignOutAnswer {
        self.client.sign_out(&sign_out(how)).await.expect("signing out works")
    }

    /// Refresh requests that reached the provider, oldest first.
    #[must_use]
    pub fn refreshes(&self) -> Vec<Entry> {
        refreshes(&self.provider)
    }

    /// The next sign-in works, without a restart (N7).
    pub async fn assert_next_sign_in_works(&self) {
        self.sign_in().await;
    }

    /// The agent stops in good order.
    pub async fn stop(self) {
        self.agency.stop().await;
    }
}

/// A sign-in whose browser the story plays.
#[must_use]
pub fn request(profile: &str) -> SignInRequest {
    SignInRequest { browser: BrowserBy::Caller, ..SignInRequest::for_profile(profile) }
}

/// A sign-out whose browser the story plays.
#[must_use]
pub fn sign_out(how: SignOut) -> SignOutRequest {
    SignOutRequest { profile: PROFILE.to_owned(), account: None, how, browser: BrowserBy::Caller }
}

/// A profile for the demo provider's public client.
#[must_use]
pub fn profile(name: &str, issuer: &str) -> Profile {
    Profile::new(name, issuer, "doorkey-demo")
}

/// One of the demo provider's people.
///
/// # Panics
/// When nobody has that first name.
#[must_use]
pub fn person(first_name: &str) -> Person {
    let people = Settings::default().people;
    people.into_iter().find(|person| person.name.starts_with(first_name)).expect("one of Ada, Grace and Alan")
}

/// An agent that keeps nothing on the disk and opens no browser.
#[must_use]
pub fn in_memory() -> Options {
    Options {
        vault: Some(VaultKind::Memory),
        browser: BrowserChoice::from_env(Some("/nonexistent/browser".to_owned())),
        person_present: false,
        stays: true,
        ..Options::from_env()
    }
}

/// Files below a folder, where the XDG variables of [`crate::program::Program`] put them too.
#[must_use]
pub fn below(folder: &Path) -> Paths {
    Paths {
        config: folder.join("config/doorkey"),
        data: folder.join("data/doorkey"),
        state: folder.join("state/doorkey"),
        runtime: folder.join("run/doorkey"),
    }
}

/// Refresh requests that reached a provider, oldest first.
#[must_use]
pub fn refreshes(provider: &Running) -> Vec<Entry> {
    let mut entries = provider.log().of(Endpoint::Token);
    entries.retain(|entry| entry.params.get("grant_type") == Some("refresh_token"));
    entries
}

/// The text of a secret that the story was given.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a story must look for it everywhere else")]
pub fn exposed(secret: &Secret) -> String {
    secret.expose().to_owned()
}

/// The agent's refusal, where a call is refused.
///
/// # Panics
/// When the call has another end.
pub fn refusal<T>(answer: Result<T, ClientError>) -> Refusal {
    match answer {
        Err(ClientError::Refused(refusal)) => *refusal,
        Err(other) => panic!("not the agent's refusal: {other}"),
        Ok(_) => panic!("the call was not refused"),
    }
}

/// Whether a refusal is fit for people and for programs: a code of the dictionary, one sentence, a next step (N6).
///
/// # Panics
/// When a part is missing.
pub fn assert_told_well(refusal: &Refusal) {
    let Refusal { code, message, hint, retryable, .. } = refusal;
    assert!(code.split_once('.').is_some_and(|(family, rest)| !family.is_empty() && !rest.is_empty()), "{refusal:?}");
    let begins = message.chars().next().is_some_and(|first| !first.is_lowercase());
    // A sentence may end with the provider's own words.
    let ends = message.ends_with(['.', '”']);
    assert!(begins && ends && !message.contains('\n'), "not a sentence: {refusal:?}");
    assert!(!hint.is_empty(), "no next step: {refusal:?}");
    let in_dictionary = Code::find(code).is_some_and(|entry| match entry.retryable {
        Retryable::No => !retryable,
        Retryable::Yes => *retryable,
        Retryable::Sometimes => true,
    });
    assert!(in_dictionary, "the dictionary has it not, or otherwise retryable: {refusal:?}");
    assert!(!message.contains("panicked") && !message.contains("Error {"), "not for people: {refusal:?}");
}
