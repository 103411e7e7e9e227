//! One provider, one profile, and a session that was there before anything went wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use doorkey_client::words::{
    Event, EventKind, ProfileEntry, Refusal, RenewalRequest, ResponseMode, Session, SignIn, SignInRequest, SignInStep,
    TokenRequest, Update,
};
use doorkey_client::{Client, Secret, Updates};
use doorkey_demo_idp::{Asks, Endpoint, Misbehaviour, Redirect, Robot, Running, Settings, robot_sign_in, start};
use doorkey_tests::stage::{assert_told_well, exposed, person, profile, request};
use doorkey_tests::{Attempt, PATIENCE, watch};
use tokio::task::JoinHandle;

use crate::world::{Agency, World};

/// Of the confidential client.
const SECRET: &str = "s3cr:t%+é";
const LONGEST: u32 = 120;

pub(crate) struct Scene<'a> {
    pub(crate) provider: Running,
    pub(crate) client: Arc<Client>,
    pub(crate) profile: String,
    world: &'a World,
    agency: &'a Agency,
    asks: Asks,
}

/// How a sign-in ended, and what the journal told of it.
pub(crate) struct End {
    pub(crate) sign_in: SignIn,
    pub(crate) events: Vec<Event>,
}

/// What the journal tells of a sign-in, once it has ended.
pub(crate) type Told = JoinHandle<Vec<Event>>;

/// What must not change when a sign-in or a renewal is refused (N2, N3).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Before {
    session: String,
    token: String,
    stored: BTreeMap<PathBuf, Vec<u8>>,
    refreshes: usize,
}

impl Before {
    /// The same session with the same token, stored as it was.
    pub(crate) fn same_session(&self, other: &Self) -> bool {
        (&self.session, &self.token, &self.stored) == (&other.session, &other.token, &other.stored)
    }
}

impl<'a> Scene<'a> {
    pub(crate) async fn new(world: &'a World, how: Misbehaviour) -> Self {
        let agency = world.agency().await;
        let loopback = || vec![Redirect::Loopback { under: "/cb/".into() }];
        // A path of its own: a port is used again, and the agent remembers what an issuer said.
        let mut settings = Settings { path: format!("/{how}"), ..Settings::default() };
        settings.clients.push(doorkey_demo_idp::Client::confidential("web", SECRET, loopback()));
        let provider = start(settings).await.expect("the provider starts");
        // As providers should: who asks nothing at userinfo is silent there.
        provider.knobs().id_tokens_without_details();

        let asks = how.asks();
        let name = how.name().chars().take(64).collect::<String>();
        let mut profile = profile(&name, provider.issuer());
        profile.ports = ports(how);
        profile.dpop = asks == Asks::Dpop;
        if asks == Asks::SignOut {
            profile.post_logout_redirect_path = Some("/signed-out/here".into());
        }
        if asks == Asks::FormPost {
            profile.response_mode = ResponseMode::FormPost;
        }
        let mut entry = ProfileEntry::from(profile);
        if asks == Asks::Secret {
            "web".clone_into(&mut entry.profile.client_id);
            entry.client_secret = Some(Secret::new(SECRET.to_owned()));
        }
        agency.client.put_profile(&entry).await.expect("the profile is good");
        Self { provider, client: Arc::clone(&agency.client), profile: name, world, agency, asks }
    }

    fn request(&self) -> SignInRequest {
        let mut request = SignInRequest { timeout: Some(LONGEST), ..request(&self.profile) };
        match self.asks {
            Asks::MaxAge => drop(request.params.insert("max_age".into(), "600".into())),
            Asks::AcrValues => drop(request.params.insert("acr_values".into(), "urn:demo:password".into())),
            Asks::Device => request.device = Some(doorkey_client::words::DeviceUse::Only),
            _ => {}
        }
        request
    }

    /// Ada signs in while nothing is wrong.
    pub(crate) async fn sign_in(&self) -> Session {
        let end = self.attempt().await;
        assert_eq!(end.sign_in.step, SignInStep::Done, "{:?}", end.sign_in.error);
        end.sign_in.session.expect("who is signed in")
    }

    /// Starts one and waits until the browser may come, or until it has ended without one.
    pub(crate) async fn begin(&self) -> (Told, SignIn) {
        let updates = self.client.updates(None).await.expect("a stream");
        let started = self.client.start_sign_in(&self.request()).await.expect("the sign-in starts").sign_in;
        // Read as it comes: the agent keeps no more than so much for whoever does not listen.
        let told = tokio::spawn(events_of(updates, started.id.clone()));
        let ready = |sign_in: &SignIn| {
            let shown = self.asks != Asks::Device || sign_in.device.is_some();
            (sign_in.step == SignInStep::Waiting && shown) || sign_in.step.is_final()
        };
        let sign_in = watch::until_sign_in(&self.client, &started.id, "it waits or has ended", ready).await;
        (told, sign_in)
    }

    /// What a person does then, as the robot; where the browser ends is told by the sign-in.
    pub(crate) async fn visit(&self, sign_in: &SignIn) {
        if sign_in.step.is_final() {
            return;
        }
        let address = match &sign_in.device {
            Some(device) => device.verification_uri_complete.clone(),
            None => self.client.sign_in(&sign_in.id).await.expect("it is known").authorization_url,
        };
        let address = address.expect("there is somewhere to go");
        // A listener that refuses, and a provider that shows its own error page, are both what some tests are about.
        let _ = robot_sign_in(&address, &Robot::allow(&person("Ada"))).await;
    }

    /// One whole sign-in, whatever comes of it.
    pub(crate) async fn attempt(&self) -> End {
        let (told, sign_in) = self.begin().await;
        self.visit(&sign_in).await;
        self.ended(told, &sign_in.id).await
    }

    /// The same, while nobody does anything.
    pub(crate) async fn unattended(&self) -> End {
        let (told, sign_in) = self.begin().await;
        self.ended(told, &sign_in.id).await
    }

    pub(crate) async fn ended(&self, told: Told, id: &str) -> End {
        let mut sign_in = watch::until_sign_in(&self.client, id, "it ends", |sign_in| sign_in.step.is_final()).await;
        let events = told.await.expect("the journal was read");
        if let Some(port) = sign_in.redirect_uri.take().and_then(|uri| uri.parse::<url::Url>().ok()?.port()) {
            Attempt::until_port_is_free(port).await;
        }
        End { sign_in, events }
    }

    /// The session as it is stored, shown and handed out.
    pub(crate) async fn before(&self) -> Before {
        let request = TokenRequest { min_ttl: Some(0), ..TokenRequest::for_profile(&self.profile) };
        let token = self.client.token(&request).await.expect("the old session is usable");
        let sessions = self.client.sessions().await.expect("the sessions").sessions;
        let session = sessions.into_iter().find(|session| session.profile == self.profile).expect("it is listed");
        Before {
            token: exposed(&token.access_token),
            stored: self.stored(&session.id),
            session: format!("{} {} {:?} {}", session.id, session.sub, session.expires_at, session.renewals),
            refreshes: doorkey_tests::stage::refreshes(&self.provider).len(),
        }
    }

    /// The files of one session.
    fn stored(&self, id: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        collect(&self.agency.household.paths().data, id, &mut found);
        assert!(!found.is_empty(), "the session {id} has no file");
        found
    }

    pub(crate) async fn renew(&self) -> Result<Session, Refusal> {
        let request = RenewalRequest { profile: Some(self.profile.clone()), account: None };
        self.client.renew(&request).await.map_err(|error| error.refusal())
    }

    /// Requests that reached the provider so far, by endpoint.
    pub(crate) fn asked(&self) -> BTreeMap<String, usize> {
        let mut asked = BTreeMap::new();
        for entry in self.provider.log().entries() {
            *asked.entry(format!("{:?}", entry.endpoint)).or_default() += 1;
        }
        asked
    }

    /// No address was fetched that a page, a token or a key had named (IDT-15, HP-UI-04, CORE-16).
    pub(crate) fn assert_no_canary(&self) {
        let entries = self.provider.log().entries();
        let fetched = entries.iter().find(|entry| entry.path.contains("canary"));
        assert!(fetched.is_none(), "an address was fetched that nobody may fetch: {fetched:?}");
    }

    pub(crate) fn count(&self, endpoint: Endpoint) -> usize {
        self.provider.log().count(endpoint)
    }

    /// The error has its code, a sentence, a next step and the profile (N6).
    pub(crate) fn assert_refusal(&self, refusal: &Refusal, code: &str) {
        assert_eq!(refusal.code, code, "{refusal:?}");
        assert_told_well(refusal);
        assert_eq!(refusal.profile.as_deref(), Some(self.profile.as_str()), "{refusal:?}");
        let shown = format!("{} {}", refusal.message, refusal.hint);
        assert!(shown.chars().count() < 1_200, "nobody reads so much: {shown}");
        assert!(!shown.chars().any(|c| c.is_control() || is_bidi(c)), "control characters: {shown:?}");
    }

    /// Leaves nothing behind but its secrets, for the search at the end.
    pub(crate) async fn end(self) {
        self.world.remember(&self.provider);
        self.client.delete_profile(&self.profile).await.expect("the profile goes");
        self.provider.stop().await;
    }
}

/// For this test alone, below those that systems give out: whether a port is free again can then be seen, with many
/// listeners coming and going beside it. A program of the machine may have one of them, hardly all three.
fn ports(how: Misbehaviour) -> Vec<u16> {
    let place = Misbehaviour::ALL.iter().position(|one| *one == how).expect("it is one of them");
    let place = u16::try_from(place).expect("there are some hundreds");
    [20_000, 21_000, 22_000].map(|first| first + place).to_vec()
}

/// Everything the journal tells of one flow, its end included.
async fn events_of(mut updates: Updates, flow: String) -> Vec<Event> {
    let mut events = Vec::new();
    let reading = async {
        while let Some(update) = updates.next().await.expect("the stream goes on") {
            let Update::Event(event) = update else { continue };
            if event.flow.as_ref() != Some(&flow) {
                continue;
            }
            let is_last = matches!(
                event.kind,
                EventKind::SignedIn { .. } | EventKind::SignInFailed { .. } | EventKind::SignInCancelled
            );
            events.push(event);
            if is_last {
                break;
            }
        }
    };
    let longest = Duration::from_secs(u64::from(LONGEST)) + PATIENCE;
    tokio::time::timeout(longest, reading).await.expect("the journal tells the end");
    events
}

fn collect(folder: &std::path::Path, id: &str, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let paths: BTreeSet<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    for path in paths {
        if path.is_dir() {
            collect(&path, id, found);
        } else if path.file_name().is_some_and(|name| name.to_string_lossy().contains(id)) {
            found.insert(path.clone(), fs::read(&path).expect("a readable file"));
        }
    }
}

fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}
