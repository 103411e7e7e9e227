//! The application's own tokens (RFC 6749 section 4.4): nobody signs in. Asked for when somebody wants one, and again
//! when it ends; nothing is asked while nobody wants any. Kept in the vault like every session, because providers count
//! and bill them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use doorkey_client::words::{Grant, Identified, Profile, Refusal, TokenRequest};
use doorkey_oauth::{
    Asked, ClientCredentials, ClientSettings, Metadata, TokenError, TokenType, Tokens, check_granted,
    check_token_answer,
};
use tokio::sync::oneshot;

use crate::agent::Agent;
use crate::checks::{checked, looked_into};
use crate::exchanged::Purpose;
use crate::journal::Trail;
use crate::profiles::check;
use crate::record::{Identity, SessionRecord};
use crate::refreshing::{Failed, with_key};
use crate::refusal::refusal;
use crate::renew::FAILURE_STANDS;
use crate::sending::sent;
use crate::session::Live;
use crate::sign_in::{Start, plan, tokens_received, until_stopped};
use crate::sign_ins::Progress;
use crate::time::{Moment, Uptime};
use crate::{revoke, sign_out};

const LARGEST_ANSWER: usize = 1024 * 1024;
/// Of a person's sign-in, and left out here.
const OF_PEOPLE: [&str; 2] = ["openid", "offline_access"];

/// Who asks for the first token of which profile: one at a time, and everybody else waits for the same outcome.
#[derive(Default)]
pub(crate) struct Applications(Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<LastFailure>>>>);

type LastFailure = Option<(Refusal, Uptime)>;

/// What the provider gave for a request.
pub(crate) struct Own {
    pub(crate) tokens: Tokens,
    pub(crate) asked: Asked,
    pub(crate) asked_at: Moment,
}

/// The session of an application where the request is for one: begun now when there is none, or when the profile has
/// changed since. For any other request what was picked.
pub(crate) async fn live(
    agent: &Arc<Agent>,
    request: &TokenRequest,
    picked: Result<Arc<Live>, Refusal>,
) -> Result<Arc<Live>, Refusal> {
    let name = match (&request.profile, &picked) {
        (Some(name), _) => name.clone(),
        (None, Ok(live)) => live.held().record.profile.clone(),
        (None, Err(_)) => return picked,
    };
    let profile = match agent.profile(&name) {
        Ok(profile) if profile.grant == Grant::ClientCredentials && request.account.is_none() => check(profile)?,
        Ok(_) | Err(_) => return picked,
    };
    match picked {
        Ok(live) if is_of(agent, &live.held().record, &profile) => Ok(live),
        Ok(_) | Err(_) => begun(agent, profile).await,
    }
}

/// In a task of its own: a caller that goes away must not leave it half done. Who locks the vault waits for its end.
async fn begun(agent: &Arc<Agent>, profile: Profile) -> Result<Arc<Live>, Refusal> {
    let mut last = agent.applications.place(&profile.name).lock_owned().await;
    let mut held = agent.sessions.of_profile(&profile.name).into_iter();
    if let Some(live) = held.find(|live| is_of(agent, &live.held().record, &profile)) {
        return Ok(live);
    }
    if let Some((refusal, at)) = &*last
        && agent.host.moment().uptime.since(*at) < FAILURE_STANDS
    {
        return Err(refusal.clone());
    }
    let (at_its_end, ended) = oneshot::channel::<()>();
    agent.outlive(async { drop(ended.await) });
    let agent = Arc::clone(agent);
    let beginning = tokio::spawn(async move {
        let _told_when_dropped = at_its_end;
        let trail = agent.journal.trail(&profile.name, &agent.host.identifier());
        match first(&agent, &profile, &trail).await {
            Ok(record) => {
                *last = None;
                let live = agent.keep(record, &trail).await?;
                agent.tell_session(&live);
                Ok(live)
            }
            Err(refusal) => {
                let refusal = refusal.about(&profile.name);
                *last = Some((refusal.clone(), agent.host.moment().uptime));
                Err(refusal)
            }
        }
    });
    match beginning.await {
        Ok(outcome) => outcome,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

/// The first token, because a person starts it. Not stored yet; what the profile had before, under another client, is
/// forgotten. Who stops it when the token is there has it revoked (L-36).
pub(crate) async fn signed_in(
    agent: &Arc<Agent>,
    start: Start<'_>,
    progress: &Progress,
    trail: &Trail,
) -> Result<SessionRecord, Refusal> {
    let Start { profile, client, .. } = start;
    let metadata = until_stopped(progress, agent.providers.described(&agent.host, trail, profile)).await?;
    // Once it is sent nothing interrupts it: what it brings is kept or revoked.
    let record = first_of(agent, profile, &metadata, &client, trail).await?;
    let may_be_saved = match trail.steps() {
        Some(steps) => until_stopped(progress, steps.before_saving()).await,
        None => Ok(()),
    };
    if let Some(why) = progress.must_stop() {
        revoke::quietly(agent, &metadata, &client, revoke::token_of(&record), trail).await;
        return Err(why);
    }
    may_be_saved?;
    // What is edited will not take the place of anything.
    if !trail.is_edited() {
        forget_other_clients(agent, &record).await?;
    }
    Ok(record)
}

/// The first token, because a program wants one. Not stored yet; what the profile had before, under another client, is
/// forgotten.
async fn first(agent: &Arc<Agent>, profile: &Profile, trail: &Trail) -> Result<SessionRecord, Refusal> {
    let mut client = agent.client(profile);
    client.dpop = profile.dpop.then(|| agent.host.dpop_key());
    let metadata = agent.providers.described(&agent.host, trail, profile).await?;
    let record = first_of(agent, profile, &metadata, &client, trail).await?;
    forget_other_clients(agent, &record).await?;
    Ok(record)
}

async fn first_of(
    agent: &Agent,
    profile: &Profile,
    metadata: &Metadata,
    client: &ClientSettings,
    trail: &Trail,
) -> Result<SessionRecord, Refusal> {
    let own = granted(agent, metadata, client, trail).await.map_err(Failed::refusal)?;
    let identity = Identity {
        sub: client.client_id.clone(),
        name: None,
        email: None,
        auth_time: None,
        azp: None,
        identified: Identified::Application,
    };
    let mut record = SessionRecord::new(
        profile.name.clone(),
        profile.issuer.clone(),
        client.client_id.clone(),
        identity,
        own.asked.scopes.clone(),
        own.asked.audience.clone(),
        own.tokens.access_token.clone(),
        own.asked_at.wall,
    );
    if let (TokenType::Dpop, Some(key)) = (own.tokens.token_type, &client.dpop) {
        record = record.bound_to(key.to_text());
    }
    record.endpoints.clone_from(&profile.endpoints);
    record.resources.clone_from(&own.asked.resources);
    record.organization.clone_from(&own.asked.organization);
    own.tokens.token_type.name().clone_into(&mut record.token_type);
    taken(&mut record, own, agent.host.jitter());
    Ok(record)
}

async fn forget_other_clients(agent: &Arc<Agent>, record: &SessionRecord) -> Result<(), Refusal> {
    let others = agent.sessions.of_profile(&record.profile).into_iter();
    for other in others.filter(|live| live.is_application() && live.held().record.client_id != record.client_id) {
        sign_out::forget(agent, &other).await?;
    }
    Ok(())
}

/// Asks again, for what was asked for before.
pub(crate) async fn again(agent: &Agent, record: &SessionRecord, trail: &Trail) -> Result<SessionRecord, Failed> {
    let client = with_key(record, agent.client_of(record)).map_err(Failed::Ended)?;
    let metadata = agent.metadata_of(record, trail).await.map_err(Failed::later)?;
    let own = granted(agent, &metadata, &client, trail).await?;
    let mut new = record.clone();
    new.renewals += 1;
    taken(&mut new, own, agent.host.jitter());
    Ok(new)
}

fn taken(record: &mut SessionRecord, own: Own, jitter: f64) {
    record.access_token = own.tokens.access_token;
    record.granted = own.tokens.scope.unwrap_or(own.asked.scopes);
    plan(record, own.tokens.expires_in, own.asked_at, jitter);
    record.renews_at = None;
}

/// One request; what came is held against what was asked, and said.
pub(crate) async fn granted(
    agent: &Agent,
    metadata: &Metadata,
    client: &ClientSettings,
    trail: &Trail,
) -> Result<Own, Failed> {
    let host = &agent.host;
    let request = ClientCredentials::begin(metadata, client).map_err(|error| Failed::later(refusal(&error)))?;
    let asked = request.asked().clone();
    let asked_at = host.moment();
    let answer = sent(host, &agent.nonces, trail.asking(Purpose::Token), request.request(), LARGEST_ANSWER)
        .await
        .map_err(|error| Failed::later(error.refusal()))?;
    let skew = agent.providers.clocks.compare(trail, metadata.issuer.as_str(), &answer, host.now());
    let outcome = request.finish(&answer.response);
    trail.record(host.now(), checked("token", &check_token_answer(&answer.response, outcome.as_ref())));
    let tokens = outcome.map_err(|error| failed(error.knowing(skew)))?;
    trail.record(host.now(), tokens_received(&tokens, answer.took));
    trail.record(host.now(), checked("granted", &check_granted(&asked, &tokens)));
    trail.record(host.now(), looked_into(metadata, &client.client_id, &asked, &tokens, host.now()));
    Ok(Own { tokens, asked, asked_at })
}

fn failed(error: TokenError) -> Failed {
    let mut refusal = refusal(&error);
    match &error {
        TokenError::ServerError { retry_after, .. } => return Failed::Later { refusal, retry_after: *retry_after },
        TokenError::ClientRejected { .. } => {
            "Check the client id, and the secret or private key that the profile has in the vault."
                .clone_into(&mut refusal.hint);
        }
        TokenError::UnsupportedGrant { .. } => {
            "In the provider's settings, allow this application the client credentials grant."
                .clone_into(&mut refusal.hint);
        }
        _ => {}
    }
    Failed::NotThis { error, refusal }
}

/// Whether the session is what the profile asks for now.
fn is_of(agent: &Agent, record: &SessionRecord, profile: &Profile) -> bool {
    let client = agent.client(profile);
    let asked: Vec<&String> = client.scopes.iter().filter(|scope| !OF_PEOPLE.contains(&scope.as_str())).collect();
    let organization = profile.params.get("organization");
    record.is_application()
        && record.issuer == profile.issuer
        && record.client_id == client.client_id
        && record.audience == client.audience
        && record.resources == client.resources
        && record.organization.as_ref() == organization
        && record.is_bound() == profile.dpop
        && record.asked.iter().eq(asked)
}

impl Applications {
    fn place(&self, profile: &str) -> Arc<tokio::sync::Mutex<LastFailure>> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(profile.to_owned()).or_default())
    }
}
