//! Signing out: what was asked for is tried, and what truly happened is told (LOGO-05).

use std::sync::Arc;

use doorkey_client::words::{
    EventKind, Refusal, SignOut, SignOutAnswer, SignOutRequest, SignOutStep, StepName, Update, VERSION,
};

use crate::agent::Agent;
use crate::end_session::leave;
use crate::record::SessionRecord;
use crate::revoke::revoked;
use crate::session::{Live, Standing};

pub(crate) async fn sign_out(agent: &Arc<Agent>, request: &SignOutRequest) -> Result<SignOutAnswer, Refusal> {
    agent.loaded().await?;
    let live = agent.session_named(&request.profile, request.account.as_deref())?;
    let flow = agent.host.identifier();
    let trail = agent.journal.trail(&request.profile, &flow);
    let record = closed(agent, &live).await;

    let mut steps = Vec::new();
    let metadata = match request.how {
        SignOut::Forget => None,
        SignOut::Revoke | SignOut::Everywhere => Some(agent.metadata_of(&record, &trail).await),
    };
    if metadata.is_some() {
        // Tokens that were revoked must not be seen again, should the process end before they are forgotten here. A full
        // disk that takes no note of it is no reason to stay signed in.
        if let Err(error) = agent.vault.intend_to_remove(live.id).await {
            tracing::warn!(%error, "the sign-out is not noted");
        }
    }
    if let Some(metadata) = &metadata {
        steps.push(revoked(agent, metadata, &record, &trail).await);
    }
    steps.push(forgotten(agent, &live).await?);
    without_consents(agent, &record.profile);
    let (mut address, mut waits) = (None, false);
    if let (SignOut::Everywhere, Some(metadata)) = (request.how, &metadata) {
        let leaving = leave(agent, metadata, &record, request.browser, &trail).await;
        steps.push(leaving.step);
        (address, waits) = (leaving.address, leaving.waits);
    }
    trail.record(agent.host.now(), EventKind::SignedOut { steps: steps.clone() });
    Ok(SignOutAnswer {
        version: VERSION,
        profile: record.profile.clone(),
        steps,
        end_session_url: address.map(|address| address.to_string()),
        waits_for: waits.then_some(flow),
    })
}

/// Forgets every session of a profile that is being removed.
pub(crate) async fn forget_profile(agent: &Arc<Agent>, profile: &str) -> Result<(), Refusal> {
    for live in agent.sessions.of_profile(profile) {
        forget(agent, &live).await?;
    }
    Ok(())
}

/// Forgets one session; the provider is not told.
pub(crate) async fn forget(agent: &Agent, live: &Arc<Live>) -> Result<(), Refusal> {
    let record = closed(agent, live).await;
    let step = forgotten(agent, live).await?;
    without_consents(agent, &record.profile);
    let trail = agent.journal.trail(&record.profile, &agent.host.identifier());
    trail.record(agent.host.now(), EventKind::SignedOut { steps: vec![step] });
    Ok(())
}

/// With the last person of a profile goes what programs may have of it.
fn without_consents(agent: &Agent, profile: &str) {
    if agent.sessions.of_profile(profile).is_empty() {
        agent.forget_consents(profile);
    }
}

/// No renewal begins from here on; one that is under way ends first, so that its tokens are revoked too.
async fn closed(agent: &Agent, live: &Arc<Live>) -> Arc<SessionRecord> {
    let turn = live.turn().await;
    agent.sessions.remove(live.id);
    live.further.forget();
    let mut held = turn.live().held();
    let profile = held.record.profile.clone();
    let hint = format!("Sign in again with `doorkey login {profile}`.");
    let problem = Refusal::new("session.sign_in_required", format!("`{profile}` was signed out."), hint).about(profile);
    held.standing = Standing::Gone { problem };
    Arc::clone(&held.record)
}

/// Gone from here even when the provider could not be told (REV-01).
async fn forgotten(agent: &Agent, live: &Live) -> Result<SignOutStep, Refusal> {
    agent.vault.remove(live.id).await.map_err(|error| error.refusal())?;
    agent.journal.tell(Update::SessionRemoved { id: live.id.to_string() });
    agent.forget_arrangement(live.id).await;
    Ok(SignOutStep { step: StepName::Forget, done: true, reason: String::new() })
}
