//! Telling the provider that a token is of no use any more (RFC 7009).

use std::sync::Arc;

use doorkey_client::words::{EventKind, Refusal, SignOutStep, StepName};
use doorkey_oauth::{ClientSettings, Fault, Metadata, RevocableToken, Revocation, RevocationError, Tokens};
use jiff::SignedDuration;

use crate::agent::{Agent, Lasts};
use crate::exchanged::Purpose;
use crate::journal::Trail;
use crate::preset::is_auth0;
use crate::record::SessionRecord;
use crate::renew::pause;
use crate::sending::sent;

const LARGEST_ANSWER: usize = 64 * 1024;
/// A provider that could not be told is tried again for so long. In memory only: the tokens are forgotten here.
const TOLD_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// Why a token was not revoked.
struct NotRevoked {
    reason: String,
    /// Whether it may pass by itself, and the seconds that the provider wants to be left alone.
    again: Option<Option<u64>>,
}

/// Revokes the refresh token of a session that ends, or the access token where there is none, and tells what became of it.
/// A provider that cannot be told now is told later, while the agent runs.
pub(crate) async fn revoked(
    agent: &Arc<Agent>,
    metadata: &Result<Metadata, Refusal>,
    record: &Arc<SessionRecord>,
    trail: &Trail,
) -> SignOutStep {
    let step = |done: bool, reason: String| SignOutStep { step: StepName::Revoke, done, reason };
    let client = agent.client_of(record);
    let outcome = match metadata {
        Ok(metadata) => revoke(agent, metadata, &client, token_of(record), trail).await,
        Err(refusal) => Err(not_told(refusal)),
    };
    let Err(NotRevoked { reason, again }) = outcome else {
        let is_auth0 = metadata
            .as_ref()
            .is_ok_and(|metadata| is_auth0(&metadata.issuer, agent.profile(&record.profile).ok().as_ref()));
        // REV-03
        let note = if is_auth0 { "At Auth0 this may end the sign-in on other devices too." } else { "" };
        return step(true, note.to_owned());
    };
    match again {
        Some(retry_after) if agent.lasts != Lasts::OneCommand => {
            tokio::spawn(later(Arc::downgrade(agent), client, Arc::clone(record), retry_after, trail.clone()));
            step(false, format!("{reason} It is tried again for a day, as long as Doorkey runs."))
        }
        Some(_) | None => step(false, reason),
    }
}

/// For tokens of a sign-in that was stopped: nobody waits for the outcome. In step mode, where one stops at leisure, they
/// are left alone where the provider might end another session with them.
pub(crate) async fn quietly(
    agent: &Agent,
    metadata: &Metadata,
    client: &ClientSettings,
    token: RevocableToken,
    trail: &Trail,
) {
    if trail.steps().is_some() && has_session(agent, metadata.issuer.as_str(), &client.client_id, |_| true) {
        return;
    }
    // Nothing more can be done about it.
    let _ = revoke(agent, metadata, client, token, trail).await;
}

/// For tokens of a sign-in that ended well and is not kept, because a request of it was edited. Left alone where the
/// provider might end another session with them.
///
/// # Errors
/// Why they were not revoked, in a sentence.
pub(crate) async fn of_edited(agent: &Agent, record: &SessionRecord, trail: &Trail) -> Result<(), String> {
    // Whoever an edited answer names: it may not be the person whose grant it is.
    if has_session(agent, &record.issuer, &record.client_id, |_| true) {
        return Err("Somebody is signed in with the same application, and the provider might end that too.".to_owned());
    }
    let trail = trail.without_steps();
    let metadata = agent.metadata_of(record, &trail).await.map_err(|refusal| not_told(&refusal).reason)?;
    let client = agent.client_of(record);
    revoke(agent, &metadata, &client, token_of(record), &trail).await.map_err(|not| not.reason)
}

/// With it goes the rest, at most providers.
pub(crate) fn token_among(tokens: &Tokens) -> RevocableToken {
    match &tokens.refresh_token {
        Some(token) => RevocableToken::Refresh(token.clone()),
        None => RevocableToken::Access(tokens.access_token.clone()),
    }
}

/// The same of a session.
pub(crate) fn token_of(record: &SessionRecord) -> RevocableToken {
    match &record.refresh_token {
        Some(token) => RevocableToken::Refresh(token.clone()),
        None => RevocableToken::Access(record.access_token.clone()),
    }
}

async fn revoke(
    agent: &Agent,
    metadata: &Metadata,
    client: &ClientSettings,
    token: RevocableToken,
    trail: &Trail,
) -> Result<(), NotRevoked> {
    let revocation = Revocation::begin(metadata, client, token).map_err(|error| not_revoked(&error))?;
    let trail = trail.without_steps();
    let answer =
        sent(&agent.host, &agent.nonces, trail.asking(Purpose::Revocation), revocation.request(), LARGEST_ANSWER)
            .await
            .map_err(|error| not_told(&error.refusal()))?;
    revocation.finish(&answer.response).map_err(|error| not_revoked(&error))
}

async fn later(
    agent: std::sync::Weak<Agent>,
    client: ClientSettings,
    record: Arc<SessionRecord>,
    mut retry_after: Option<u64>,
    trail: Trail,
) {
    let Some((host, mut locks)) = agent.upgrade().map(|agent| (agent.host.clone(), agent.locks.subscribe())) else {
        return;
    };
    let deadline = host.now() + TOLD_WITHIN;
    let mut failures = 1;
    let given_up = |reason: String| trail.record(host.now(), EventKind::RevocationGivenUp { reason });
    loop {
        let until = host.now() + pause(failures, retry_after, host.jitter());
        tokio::select! {
            () = host.reached(until) => {}
            locked = locks.changed() => match locked {
                Ok(()) => return given_up("The vault was locked, and the token forgotten.".to_owned()),
                Err(_) => return,
            }
        }
        let Some(agent) = agent.upgrade() else { return };
        let is_same = |sub: &str| sub == record.identity.sub;
        if has_session(&agent, &record.issuer, &record.client_id, is_same) {
            return given_up(
                "The same person is signed in with the same application, and the provider might end that too."
                    .to_owned(),
            );
        }
        let outcome = match agent.metadata_of(&record, &trail).await {
            Ok(metadata) => revoke(&agent, &metadata, &client, token_of(&record), &trail).await,
            Err(refusal) => Err(not_told(&refusal)),
        };
        match outcome {
            Ok(()) => return trail.record(host.now(), EventKind::RevokedLater),
            Err(NotRevoked { again: Some(wish), .. }) if host.now() < deadline => {
                (failures, retry_after) = (failures + 1, wish);
            }
            Err(NotRevoked { reason, .. }) => return given_up(reason),
        }
    }
}

/// Whether one of these people is signed in with the client at the issuer: providers that keep one grant for a person and
/// a client end all of it with any of its tokens (REV-03).
pub(crate) fn has_session(agent: &Agent, issuer: &str, client_id: &str, is_one: impl Fn(&str) -> bool) -> bool {
    agent.sessions.all().iter().any(|live| {
        let held = &live.held().record;
        held.issuer == issuer && held.client_id == client_id && is_one(&held.identity.sub)
    })
}

fn not_told(refusal: &Refusal) -> NotRevoked {
    NotRevoked { reason: format!("The provider could not be told: {}", refusal.message), again: Some(None) }
}

fn not_revoked(error: &RevocationError) -> NotRevoked {
    let hint = error.hint();
    let reason = if hint.is_empty() { error.to_string() } else { format!("{error} {hint}") };
    let again = match error {
        RevocationError::Later { retry_after, .. } => Some(*retry_after),
        RevocationError::NotOffered
        | RevocationError::Client(_)
        | RevocationError::UnsupportedTokenType
        | RevocationError::Redirected { .. }
        | RevocationError::Refused { .. } => None,
    };
    NotRevoked { reason, again }
}
