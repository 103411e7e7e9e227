//! One sign-in, from discovery to the vault: a reviewer can hold it in view.
//!
//! Nothing is saved before everything was checked (design 2.4); the code cannot be redeemed twice, because the value
//! that holds it is consumed (RFC 6749 section 4.1.2).

mod in_browser;
mod made;
mod on_device;

use std::sync::Arc;
use std::time::Duration;

use doorkey_client::words::{DeviceUse, EventKind, Grant, Profile, Refusal, SignInRequest, SignInStep};
use doorkey_oauth::{
    Ask, Asked, ClientSettings, ClockSkew, Exchange, Expected, Metadata, Nonce, Request, Tokens, check_moved,
    check_token_answer,
};
use jiff::Timestamp;

use crate::agent::Agent;
use crate::checks::checked;
use crate::exchanged::Purpose;
use crate::journal::Trail;
use crate::record::SessionRecord;
use crate::refusal::refusal;
use crate::sending::sent;
use crate::sign_ins::Progress;
use crate::time::Moment;
use crate::{clock, revoke};

use self::on_device::NoTokens;

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use self::in_browser::judge;
pub(crate) use self::made::{Made, plan, tokens_received};

/// A token answer of a provider is small; a larger one is none.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// What a sign-in is made of.
pub(crate) struct Start<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) client: ClientSettings,
    pub(crate) request: &'a SignInRequest,
    pub(crate) patience: Duration,
}

/// A sign-in that knows its provider.
#[derive(Clone, Copy)]
struct Attempt<'a> {
    agent: &'a Arc<Agent>,
    profile: &'a Profile,
    client: &'a ClientSettings,
    metadata: &'a Metadata,
    request: &'a SignInRequest,
    patience: Duration,
    progress: &'a Progress,
    trail: &'a Trail,
}

/// What the person's yes came as.
enum Came {
    /// By the browser: a code, on its way to be exchanged.
    Code { code: Box<Request>, exchange: Box<Exchange>, sent_off_at: Timestamp },
    /// By another device: tokens already (RFC 8628 section 3.5).
    Tokens(Box<Brought>),
}

/// Tokens, not yet believed, and what they are held against.
struct Brought {
    tokens: Tokens,
    asked: Asked,
    /// Nothing for the device grant, which sends none.
    nonce: Option<Nonce>,
    /// When the person was sent to log in: `max_age` counts from there.
    sent_off_at: Timestamp,
    /// When the tokens were asked for: their life counts from there.
    asked_at: Moment,
    skew: Option<ClockSkew>,
    took: Duration,
}

/// Signs a person in. What comes back was checked in every way and is not stored yet.
pub(crate) async fn sign_in(
    agent: &Arc<Agent>,
    start: Start<'_>,
    progress: &Progress,
    trail: &Trail,
) -> Result<SessionRecord, Refusal> {
    let host = &agent.host;
    let Start { profile, client, request, patience } = start;

    let began = host.now();
    let said_before = agent.providers.said_before(&profile.issuer);
    let metadata = until_stopped(progress, agent.providers.described(host, trail, profile)).await?;
    let took_ms = elapsed(began, host.now());
    trail.record(host.now(), EventKind::Discovered { issuer: metadata.issuer.as_str().to_owned(), took_ms });
    if let Some(before) = said_before {
        trail.record(host.now(), checked("metadata", &check_moved(&before, &metadata)));
    }

    let (client, metadata) = (&client, &metadata);
    let attempt = Attempt { agent, profile, client, metadata, request, patience, progress, trail };
    let came = until_stopped(progress, async {
        match device_use(profile, request) {
            None => in_browser::signed_in(&attempt, ask(request)).await,
            Some(DeviceUse::Only) => on_device::signed_in_in_time(&attempt, &ask(request)).await,
            Some(DeviceUse::Beside) => whichever_is_first(&attempt, ask(request)).await,
        }
    })
    .await?;
    progress.answered();

    let brought = match came {
        Came::Code { code, exchange, sent_off_at } => exchanged(&attempt, *code, *exchange, sent_off_at).await?,
        Came::Tokens(brought) => *brought,
    };
    let Brought { tokens, asked, nonce, sent_off_at, asked_at, skew, took } = brought;
    trail.record(host.now(), tokens_received(&tokens, took));

    progress.step(SignInStep::Verifying);
    let mut expected = Expected::new(metadata, &client.client_id, host.now().as_second()).satisfying(&asked);
    expected.asked_at = Some(sent_off_at.as_second());
    expected.nonce = nonce.as_ref();
    expected.access_token = Some(&tokens.access_token);
    expected.provider_clock = skew.map(|skew| skew.provider_clock(expected.now));
    expected.leeway_secs = clock::tolerance(profile.clock_tolerance);
    let made = Made { agent, profile, client, metadata, asked: &asked, tokens: &tokens, trail };
    let outcome = match made.by_whom(expected).await {
        Ok(identity) => {
            until_stopped(progress, async {
                let record = made.record(identity, nonce.clone(), asked_at).await;
                if let Some(steps) = trail.steps() {
                    steps.before_saving().await?;
                }
                Ok(record)
            })
            .await
        }
        Err(refusal) => Err(refusal),
    };
    if let Some(why) = progress.must_stop() {
        // The person stopped it after the provider had already answered: nothing may stay alive (L-36).
        revoke::quietly(agent, metadata, client, revoke::token_among(&tokens), trail).await;
        return Err(why);
    }
    if trail.is_edited() && outcome.is_err() {
        // Nothing of an edited sign-in is kept, however it ends.
        revoke::quietly(agent, metadata, client, revoke::token_among(&tokens), trail).await;
    }
    outcome
}

/// Whether another device takes part: as this sign-in says, or as the profile does.
fn device_use(profile: &Profile, request: &SignInRequest) -> Option<DeviceUse> {
    match profile.grant {
        Grant::DeviceCode => Some(DeviceUse::Only),
        Grant::AuthorizationCode | Grant::ClientCredentials => request.device,
    }
}

fn ask(request: &SignInRequest) -> Ask {
    Ask {
        prompt: request.prompt.clone(),
        login_hint: request.login_hint.clone(),
        params: request.params.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
    }
}

/// The browser here and another device side by side: the first that brings a yes or a no ends it, and the other way
/// is given up. Where the other device cannot take part, the browser goes on alone.
async fn whichever_is_first(attempt: &Attempt<'_>, ask: Ask) -> Result<Came, Refusal> {
    let is_silent = in_browser::is_silent(attempt.client, &ask);
    if attempt.metadata.device_authorization_endpoint.is_none() || is_silent {
        return in_browser::signed_in(attempt, ask).await;
    }
    let beside = async {
        match on_device::signed_in(attempt, &ask, DeviceUse::Beside).await {
            Ok(brought) => Ok(Came::Tokens(Box::new(brought))),
            Err(NoTokens::Declined(refusal)) => Err(refusal),
            Err(NoTokens::Ended(refusal) | NoTokens::Failed(refusal)) => {
                attempt.progress.no_device(refusal);
                std::future::pending().await
            }
        }
    };
    tokio::select! {
        biased;
        came = in_browser::signed_in(attempt, ask.clone()) => came,
        came = beside => came,
    }
}

/// The tokens for the code: asked once and never again, whatever the network does (CORE-03). Nothing interrupts it.
async fn exchanged(
    attempt: &Attempt<'_>,
    code: Request,
    exchange: Exchange,
    sent_off_at: Timestamp,
) -> Result<Brought, Refusal> {
    let Attempt { agent, metadata, trail, .. } = attempt;
    let asked_at = agent.host.moment();
    let asking = trail.asking(Purpose::Token);
    let answer = sent(&agent.host, &agent.nonces, asking, code, LARGEST_ANSWER).await;
    let answer = answer.map_err(|error| error.refusal())?;
    let skew = agent.providers.clocks.compare(trail, metadata.issuer.as_str(), &answer, agent.host.now());
    let (nonce, asked) = (exchange.nonce().clone(), exchange.asked().clone());
    let outcome = exchange.finish(&answer.response);
    trail.record(agent.host.now(), checked("token", &check_token_answer(&answer.response, outcome.as_ref())));
    Ok(Brought {
        tokens: outcome.map_err(|error| refusal(&error.knowing(skew)))?,
        asked,
        nonce: Some(nonce),
        sent_off_at,
        asked_at,
        skew,
        took: answer.took,
    })
}

/// What comes of it, unless the sign-in is stopped first.
pub(crate) async fn until_stopped<T>(
    progress: &Progress,
    work: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Refusal> {
    tokio::select! {
        biased;
        why = progress.stopped() => Err(why),
        done = work => done,
    }
}

fn milliseconds(took: Duration) -> u32 {
    u32::try_from(took.as_millis()).unwrap_or(u32::MAX)
}

pub(crate) fn elapsed(from: Timestamp, to: Timestamp) -> u32 {
    u32::try_from(to.duration_since(from).as_millis()).unwrap_or(0)
}
