//! Signing out: what was asked for is tried, and what truly happened is told (LOGO-05).

use std::sync::Arc;

use doorkey_client::words::{
    BrowserBy, EventKind, Refusal, SignOut, SignOutAnswer, SignOutRequest, SignOutStep, StepName, Update, VERSION,
};
use doorkey_oauth::{EndSession, Issuer, Metadata, RevocableToken, end_session_url};
use url::Url;

use crate::agent::Agent;
use crate::browser;
use crate::record::SessionRecord;
use crate::refusal::refusal;
use crate::revoke::revoke;
use crate::session::{Live, Standing};

pub(crate) async fn sign_out(agent: &Arc<Agent>, request: &SignOutRequest) -> Result<SignOutAnswer, Refusal> {
    agent.loaded().await?;
    let live = agent.session(Some(&request.profile), request.account.as_deref())?;
    let trail = agent.journal.trail(&request.profile, &agent.host.identifier());
    let record = closed(agent, &live).await;

    let mut steps = Vec::new();
    let metadata = match request.how {
        SignOut::Forget => None,
        SignOut::Revoke | SignOut::Everywhere => Some(metadata_of(agent, &record).await),
    };
    if let Some(metadata) = &metadata {
        steps.push(revoked(agent, metadata, &record).await);
    }
    steps.push(forgotten(agent, &live).await?);
    let mut end_session = None;
    if let (SignOut::Everywhere, Some(metadata)) = (request.how, &metadata) {
        let (step, address) = browser_session(agent, metadata, &record, request.browser).await;
        steps.push(step);
        end_session = address;
    }
    trail.record(agent.host.now(), EventKind::SignedOut { steps: steps.clone() });
    let end_session_url = end_session.map(|address| address.to_string());
    Ok(SignOutAnswer { version: VERSION, profile: record.profile.clone(), steps, end_session_url })
}

/// Forgets every session of a profile that is being removed.
pub(crate) async fn forget_profile(agent: &Arc<Agent>, profile: &str) -> Result<(), Refusal> {
    for live in agent.sessions.of_profile(profile) {
        closed(agent, &live).await;
        let step = forgotten(agent, &live).await?;
        let trail = agent.journal.trail(profile, &agent.host.identifier());
        trail.record(agent.host.now(), EventKind::SignedOut { steps: vec![step] });
    }
    Ok(())
}

/// No renewal begins from here on; one that is under way ends first, so that its tokens are revoked too.
async fn closed(agent: &Agent, live: &Arc<Live>) -> Arc<SessionRecord> {
    let turn = live.turn().await;
    agent.sessions.remove(live.id);
    let mut held = turn.live().held();
    let profile = held.record.profile.clone();
    let problem = Refusal::new("session.sign_in_required", format!("`{profile}` was signed out."), "").about(profile);
    held.standing = Standing::Ended { problem };
    Arc::clone(&held.record)
}

async fn metadata_of(agent: &Agent, record: &SessionRecord) -> Result<Metadata, Refusal> {
    let issuer = Issuer::parse(&record.issuer).map_err(|error| refusal(&error))?;
    agent.providers.metadata(&agent.host, &issuer).await
}

async fn revoked(agent: &Agent, metadata: &Result<Metadata, Refusal>, record: &SessionRecord) -> SignOutStep {
    let not = |reason: String| SignOutStep { step: StepName::Revoke, done: false, reason };
    let metadata = match metadata {
        Ok(metadata) => metadata,
        Err(refusal) => return not(format!("The provider could not be told: {}", refusal.message)),
    };
    let token = match &record.refresh_token {
        Some(token) => RevocableToken::Refresh(token.clone()),
        None => RevocableToken::Access(record.access_token.clone()),
    };
    revoke(agent, metadata, &agent.client_of(record), token).await
}

/// Gone from here even when the provider could not be told (REV-01).
async fn forgotten(agent: &Agent, live: &Live) -> Result<SignOutStep, Refusal> {
    agent.vault.remove(live.id).await.map_err(|error| error.refusal())?;
    agent.journal.tell(Update::SessionRemoved { id: live.id.to_string() });
    Ok(SignOutStep { step: StepName::Forget, done: true, reason: String::new() })
}

async fn browser_session(
    agent: &Agent,
    metadata: &Result<Metadata, Refusal>,
    record: &SessionRecord,
    by: BrowserBy,
) -> (SignOutStep, Option<Url>) {
    let step = |done: bool, reason: String| SignOutStep { step: StepName::EndSession, done, reason };
    let address = match metadata {
        Ok(metadata) => {
            let asked =
                EndSession { id_token_hint: record.id_token.clone(), post_logout_redirect_uri: None, state: None };
            end_session_url(metadata, &record.client_id, &asked).map_err(|error| error.to_string())
        }
        Err(refusal) => Err(format!("The provider could not be asked: {}", refusal.message)),
    };
    let address = match address {
        Ok(address) => address,
        Err(reason) => return (step(false, reason), None),
    };
    if by == BrowserBy::Caller {
        return (step(true, "The provider's sign-out page is for the caller to open.".to_owned()), Some(address));
    }
    let choice = agent.host.browser.clone();
    match tokio::task::spawn_blocking(move || browser::open(&address, &choice)).await {
        Ok(Ok(_)) => {
            (step(true, "The provider's sign-out page was opened in the browser; finish there.".to_owned()), None)
        }
        Ok(Err(error)) => (step(false, error.refusal().message), None),
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}
