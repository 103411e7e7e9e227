//! A run is played: signs in, does what comes after, and holds each against what was expected.

mod command;
mod secrets;
mod signing_in;
mod signing_out;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use doorkey_client::words::{EventKind, JournalRequest, Profile, ProfileEntry, RenewalRequest, Session, TokenRequest};
use doorkey_client::{Client, ClientError};

pub use self::secrets::Secrets;
use super::browser::{Browser, PageFault};
use super::judge::{Kind, judge};
use super::{Doing, Expect, Hands, Installed, Judged, NoBrowser, Run, Seen, Then, Told};
use crate::flow::Flow;

/// What all runs of a file have in common.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where commands are run: the scenario file's folder.
    pub folder: PathBuf,
    /// Whether Chromium is shown.
    pub visible: bool,
}

/// What came of a run.
#[derive(Debug)]
#[non_exhaustive]
pub struct Played {
    /// How it ended.
    pub ended: Ended,
    /// What was done, in order.
    pub steps: Vec<PlayedStep>,
    /// How long it took.
    pub took: Duration,
}

impl Played {
    /// Of a run that was not begun.
    #[must_use]
    pub fn stopped() -> Self {
        Self { ended: Ended::Stopped, steps: Vec::new(), took: Duration::ZERO }
    }
}

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// Everything was as expected.
    Passed,
    /// Something was not.
    Failed,
    /// It could not be carried out.
    Broken(Broken),
    /// Somebody stopped it.
    Stopped,
}

/// What was done, and what came of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct PlayedStep {
    /// Such as `sign-in`.
    pub name: String,
    /// Each expectation.
    pub judged: Vec<Judged>,
    /// Its entries in the journal.
    pub flow: Option<Flow>,
    /// How long it took.
    pub took: Duration,
}

/// Why a run could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The agent refused what does not belong to the test.
    #[error("{}", .0.refusal().message)]
    Agent(ClientError),
    /// There is no Chromium.
    #[error(transparent)]
    Browser(#[from] NoBrowser),
    /// Chromium ended, or the scenario types a password that stands in it.
    #[error("{0}")]
    Page(String),
    /// The command that fills in the page did not.
    #[error("{0}")]
    Command(String),
    /// The secret was not read.
    #[error("the secret `{0}` is not there")]
    Secret(String),
}

impl Broken {
    /// The stable code, and what helps.
    #[must_use]
    pub fn code_and_hint(&self) -> (String, String) {
        match self {
            Self::Agent(error) => {
                let refusal = error.refusal();
                (refusal.code, refusal.hint)
            }
            Self::Browser(error) => ("test.no_browser".to_owned(), error.hint().to_owned()),
            Self::Page(_) => ("test.page".to_owned(), "Run it with `--show-browser` to see what happens.".to_owned()),
            Self::Command(_) => {
                ("test.command".to_owned(), "Run the command by hand, with an address behind it.".to_owned())
            }
            Self::Secret(_) => ("test.no_secret".to_owned(), "Say where it is in [secrets].".to_owned()),
        }
    }
}

impl Broken {
    /// Why it was, and none of the secrets.
    fn without(self, secrets: &Secrets) -> Self {
        match self {
            Self::Agent(ClientError::Refused(mut refusal)) => {
                for text in [&mut refusal.message, &mut refusal.hint] {
                    *text = secrets.scrubbed(text);
                }
                Self::Agent(ClientError::Refused(refusal))
            }
            Self::Browser(NoBrowser::NotStarted(why)) => Self::Browser(NoBrowser::NotStarted(secrets.scrubbed(&why))),
            Self::Browser(NoBrowser::Session(why)) => Self::Browser(NoBrowser::Session(secrets.scrubbed(&why))),
            Self::Page(why) => Self::Page(secrets.scrubbed(&why)),
            Self::Command(why) => Self::Command(secrets.scrubbed(&why)),
            // None of these says what somebody else has said.
            other @ (Self::Agent(_)
            | Self::Browser(NoBrowser::Chromium | NoBrowser::Driver | NoBrowser::Named { .. })
            | Self::Secret(_)) => other,
        }
    }
}

impl From<ClientError> for Broken {
    fn from(error: ClientError) -> Self {
        Self::Agent(error)
    }
}

/// Why a step was not done to its end.
enum Halt {
    /// An expectation did not hold that nothing can follow.
    Failed,
    Broken(Broken),
}

impl<E: Into<Broken>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

/// Plays a run with an agent that has nothing else to do. `profile` is the run's own, or the named one; `told` hears what it
/// does. Resolves early when `stop` does; whichever way it ends, browser and command have ended before.
pub async fn play(
    client: &Client,
    run: &Run,
    profile: &Profile,
    secrets: &Secrets,
    settings: &Settings,
    told: Told<'_>,
    stop: impl Future<Output = ()>,
) -> Played {
    let began = Instant::now();
    let mut stage = Stage { client, run, profile, secrets, settings, told, browser: None, steps: Vec::new() };
    let ended = tokio::select! {
        ended = tokio::time::timeout(run.timeout, stage.all()) => Some(ended),
        () = stop => None,
    };
    let ended = match ended {
        Some(Ok(Ok(()))) => Ended::Passed,
        Some(Ok(Err(Halt::Failed))) => Ended::Failed,
        Some(Ok(Err(Halt::Broken(broken)))) => Ended::Broken(broken.without(secrets)),
        Some(Err(_)) => {
            stage.timed_out().await;
            Ended::Failed
        }
        None => Ended::Stopped,
    };
    if let Some(browser) = stage.browser.take() {
        browser.close().await;
    }
    let held = stage.steps.iter().flat_map(|step| &step.judged).all(|judged| judged.held);
    let ended = if matches!(ended, Ended::Passed) && !held { Ended::Failed } else { ended };
    Played { ended, steps: stage.steps, took: began.elapsed() }
}

/// What a run is played with.
struct Stage<'a> {
    client: &'a Client,
    run: &'a Run,
    profile: &'a Profile,
    secrets: &'a Secrets,
    settings: &'a Settings,
    told: Told<'a>,
    browser: Option<Browser>,
    steps: Vec<PlayedStep>,
}

impl Stage<'_> {
    async fn all(&mut self) -> Result<(), Halt> {
        let secret = |name: &Option<String>| match name {
            None => Ok(None),
            Some(name) => self.secrets.get(name).map(Some).ok_or_else(|| Broken::Secret(name.clone())),
        };
        let (client_secret, client_key) = (secret(&self.run.client_secret)?, secret(&self.run.client_key)?);
        let entry = ProfileEntry { profile: self.profile.clone(), client_secret, client_key };
        self.client.put_profile(&entry).await?;
        if let Hands::Chromium(_) = &self.run.hands {
            (self.told)(Doing::Browser);
            self.browser = Some(Browser::start(&Installed::find()?, self.settings.visible).await?);
        }
        let session = self.sign_in().await?;
        let Some(session) = session else { return Ok(()) };
        for then in &self.run.then {
            let held = match then {
                Then::Renew(expect) => {
                    (self.told)(Doing::Renewal);
                    self.renew(&session, expect).await?
                }
                Then::SignOut(how, hands, expect) => {
                    (self.told)(Doing::SignOut);
                    self.sign_out(*how, hands, expect).await?
                }
            };
            if !held {
                return Err(Halt::Failed);
            }
        }
        Ok(())
    }

    async fn renew(&mut self, session: &Session, expect: &Expect) -> Result<bool, Halt> {
        let before = self.newest_entry().await?;
        let began = Instant::now();
        let request = RenewalRequest { profile: Some(self.profile.name.clone()), account: Some(session.id.clone()) };
        let mut seen = Seen::default();
        match self.client.renew(&request).await {
            Ok(session) => seen.session = Some(session),
            Err(ClientError::Refused(refusal)) => seen.refusal = Some(*refusal),
            Err(error) => return Err(error.into()),
        }
        seen.took = began.elapsed();
        let wanted = |kind: &EventKind| matches!(kind, EventKind::RenewalStarted { reason } if reason == "person");
        seen.flow = self.flow_since(before, "renewal_started", wanted).await?;
        self.look_closer(expect, &mut seen).await?;
        Ok(self.note("renewal", Kind::Renewal, expect, seen))
    }

    /// What only the agent can tell of the session.
    async fn look_closer(&self, expect: &Expect, seen: &mut Seen) -> Result<(), Halt> {
        let Some(session) = &seen.session else { return Ok(()) };
        seen.identity = Some(self.client.identity(&session.id).await?);
        if expect.audience.is_some() {
            let request = TokenRequest {
                account: Some(session.id.clone()),
                min_ttl: Some(0),
                ..TokenRequest::for_profile(&self.profile.name)
            };
            seen.token = Some(self.client.token_report(&request).await?);
        }
        Ok(())
    }

    /// Judges, and remembers; whether all of it held.
    fn note(&mut self, name: &str, kind: Kind, expect: &Expect, seen: Seen) -> bool {
        let judged = judge(kind, expect, &seen);
        let held = judged.iter().all(|judged| judged.held);
        let earlier = self.steps.iter().filter(|step| step.name.starts_with(name)).count();
        let name = if earlier == 0 { name.to_owned() } else { format!("{name} {}", earlier + 1) };
        self.push(PlayedStep { name, judged, flow: seen.flow, took: seen.took });
        held
    }

    /// Remembers it, without the secrets: pages and providers may repeat what they were told.
    fn push(&mut self, mut step: PlayedStep) {
        for judged in &mut step.judged {
            for text in [&mut judged.what, &mut judged.expected, &mut judged.got] {
                *text = self.secrets.scrubbed(text);
            }
        }
        step.flow = step.flow.map(|flow| self.secrets.without(flow));
        self.steps.push(step);
    }

    /// Something on a page was not as it had to be.
    fn note_page(&mut self, name: &str, fault: &PageFault, flow: Option<Flow>, took: Duration) -> Halt {
        match fault {
            PageFault::Step { number, told, why, title, address, .. } => {
                let got = format!("{why}; the page was \"{title}\" at {address}");
                let what = format!("page, step {number}");
                let judged = vec![Judged { what, held: false, expected: told.clone(), got }];
                self.push(PlayedStep { name: name.to_owned(), judged, flow, took });
                Halt::Failed
            }
            PageFault::Password { .. } | PageFault::Gone(_) => Halt::Broken(Broken::Page(fault.to_string())),
        }
    }

    async fn timed_out(&mut self) {
        let limit = super::Span(self.run.timeout);
        let judged = vec![Judged {
            what: "time limit of the run".to_owned(),
            held: false,
            expected: format!("at most {limit}"),
            got: "not done by then".to_owned(),
        }];
        let flow = self.newest_flow().await;
        self.push(PlayedStep { name: "run".to_owned(), judged, flow, took: self.run.timeout });
    }

    /// What the journal has of what was under way.
    async fn newest_flow(&self) -> Option<Flow> {
        let page = self.client.journal(&JournalRequest::default()).await.ok()?;
        let id = page.events.iter().rev().find_map(|event| event.flow.clone())?;
        self.flow(&id).await.ok().flatten()
    }

    async fn newest_entry(&self) -> Result<u64, Halt> {
        let request = JournalRequest { limit: Some(1), ..JournalRequest::default() };
        Ok(self.client.journal(&request).await?.events.last().map_or(0, |event| event.seq))
    }

    /// The newest flow that has an entry of this kind, and was not there before.
    async fn flow_since(
        &self,
        before: u64,
        kind: &str,
        is_wanted: impl Fn(&EventKind) -> bool,
    ) -> Result<Option<Flow>, Halt> {
        let request = JournalRequest { kind: Some(kind.to_owned()), ..JournalRequest::default() };
        let events = self.client.journal(&request).await?.events;
        let found = events.into_iter().rev().find(|event| event.seq > before && is_wanted(&event.kind));
        match found.and_then(|event| event.flow) {
            Some(id) => self.flow(&id).await,
            None => Ok(None),
        }
    }

    async fn flow(&self, id: &str) -> Result<Option<Flow>, Halt> {
        let limit = Some(JournalRequest::MOST_ENTRIES);
        let request = JournalRequest { flow: Some(id.to_owned()), limit, ..JournalRequest::default() };
        Ok(Flow::of(self.client.journal(&request).await?.events).ok())
    }
}
