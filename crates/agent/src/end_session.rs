//! Ending the browser's session with the provider (OpenID Connect RP-Initiated Logout; LOGO-01 to LOGO-03). The session
//! here is over before: nothing that the browser brings back, or does not, changes that.

use std::sync::Arc;
use std::time::Duration;

use doorkey_client::words::{BrowserBy, BrowserSignOut, EventKind, Profile, Refusal, SignOutStep, StepName};
use doorkey_oauth::{EndSession, EndSessionError, Metadata, State, auth0_logout_url, end_session_url};
use jiff::SignedDuration;
use url::{Url, form_urlencoded};

use crate::agent::Agent;
use crate::browser;
use crate::journal::Trail;
use crate::loopback::{Loopback, Page, Parameters, ResponseMode, Verdict, Wanted};
use crate::preset::is_auth0;
use crate::record::SessionRecord;

/// How long the browser may be away at the provider's page, where the person may be asked first.
const LONGEST_AWAY: Duration = Duration::from_secs(120);

/// What became of it so far.
pub(crate) struct Leaving {
    pub(crate) step: SignOutStep,
    /// For the caller to open.
    pub(crate) address: Option<Url>,
    /// Whether the browser's way back is listened for.
    pub(crate) waits: bool,
}

pub(crate) async fn leave(
    agent: &Arc<Agent>,
    metadata: &Result<Metadata, Refusal>,
    record: &SessionRecord,
    by: BrowserBy,
    trail: &Trail,
) -> Leaving {
    let not = |reason: String| Leaving { step: step(false, reason), address: None, waits: false };
    if record.is_application() {
        return not("Nobody signed in, so the browser has no session to end.".to_owned());
    }
    let metadata = match metadata {
        Ok(metadata) => metadata,
        Err(refusal) => return not(format!("The provider could not be asked: {}", refusal.message)),
    };
    let profile = agent.profile(&record.profile).ok();
    let way_back = match &profile {
        Some(profile) => way_back(profile).await,
        None => None,
    };
    let random = format!("{}{}", agent.host.identifier(), agent.host.identifier());
    let back = way_back.as_ref().map(|loopback| loopback.redirect_uri().clone());
    let (address, comes_with) = match address(metadata, profile.as_ref(), record, back.as_ref(), &random) {
        Ok(found) => found,
        Err(error) => return not(error.to_string()),
    };
    let waits = way_back.is_some();
    if let Some(loopback) = way_back {
        let (agent, trail) = (Arc::clone(agent), trail.clone());
        tokio::spawn(async move {
            let outcome = returned(&agent, loopback, comes_with).await;
            trail.record(agent.host.now(), EventKind::BrowserSignedOut { outcome });
        });
    }
    if by == BrowserBy::Caller {
        let reason = "The provider's sign-out page is for the caller to open.".to_owned();
        return Leaving { step: step(true, reason), address: Some(address), waits };
    }
    let choice = agent.host.browser.clone();
    match tokio::task::spawn_blocking(move || browser::open(&address, &choice)).await {
        Ok(Ok(_)) => {
            let reason = "The provider's sign-out page was opened in the browser; finish there.".to_owned();
            Leaving { step: step(true, reason), address: None, waits }
        }
        Ok(Err(error)) => not(error.refusal().message),
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

fn step(done: bool, reason: String) -> SignOutStep {
    SignOutStep { step: StepName::EndSession, done, reason }
}

/// Where the profile names one. A port that is taken costs the confirmation, not the sign-out.
pub(crate) async fn way_back(profile: &Profile) -> Option<Loopback> {
    let path = profile.post_logout_redirect_path.clone()?;
    let wanted = Wanted { host: profile.redirect_host, ports: profile.ports.clone(), path, mode: ResponseMode::Query };
    Loopback::bind(&wanted).await.ok()
}

/// The address, and the `state` that comes back from there; Auth0's older one knows none.
fn address(
    metadata: &Metadata,
    profile: Option<&Profile>,
    record: &SessionRecord,
    back: Option<&Url>,
    random: &str,
) -> Result<(Url, Option<State>), EndSessionError> {
    let asked = EndSession {
        id_token_hint: record.id_token.clone(),
        post_logout_redirect_uri: back.cloned(),
        state: back.is_some().then(|| State::new(random.to_owned())),
    };
    match end_session_url(metadata, &record.client_id, &asked) {
        Err(EndSessionError::NotOffered) if is_auth0(&metadata.issuer, profile) => {
            Ok((auth0_logout_url(&metadata.issuer, &record.client_id, back)?, None))
        }
        address => Ok((address?, Some(State::new(random.to_owned())))),
    }
}

/// Waits for the browser. Another `state` than ours ends the wait as well: it is told, and nothing depends on it (LOGO-02).
pub(crate) async fn returned(agent: &Agent, loopback: Loopback, state: Option<State>) -> BrowserSignOut {
    let judge = |parameters: &Parameters| {
        let query = match parameters {
            Parameters::Query(query) => query.as_bytes(),
            Parameters::Form(_) => &[],
        };
        let given: Vec<State> = form_urlencoded::parse(query)
            .filter(|(name, _)| name == "state")
            .map(|(_, value)| State::new(value.into_owned()))
            .collect();
        let value = match (given.as_slice(), &state) {
            ([given], Some(ours)) if given.same_as(ours) => BrowserSignOut::Confirmed,
            _ => BrowserSignOut::NotVerified,
        };
        Verdict::Ours { value, page: Page::Left }
    };
    let deadline = agent.host.now() + SignedDuration::try_from(LONGEST_AWAY).unwrap_or(SignedDuration::MAX);
    loopback.wait(judge, drop, agent.host.reached(deadline)).await.unwrap_or(BrowserSignOut::NotReturned)
}
