//! Another device (RFC 8628): the person types a code there, and this computer asks whether it is done.

use std::sync::Arc;

use doorkey_client::words::{DeviceCode, DeviceUse, EventKind, Refusal};
use doorkey_oauth::{
    Ask, ClientSettings, DeviceAnswer, DeviceError, DevicePrompt, DeviceSignIn, DeviceStart, DeviceStep, Metadata,
    Request, check_token_answer,
};
use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::{Attempt, Brought, Came, LARGEST_ANSWER, milliseconds};
use crate::agent::Agent;
use crate::checks::checked;
use crate::exchanged::Purpose;
use crate::journal::Trail;
use crate::refusal::refusal;
use crate::revoke;
use crate::sending::{SendError, sent};

/// A provider that ends a code this much before its time, in seconds, counts it as ended: its clock began earlier.
const ENDS_EARLY: i64 = 30;

/// Why there are no tokens.
pub(super) enum NoTokens {
    /// The person said no, over there.
    Declined(Refusal),
    /// The provider has ended the code.
    Ended(Refusal),
    /// It cannot be done this way.
    Failed(Refusal),
}

impl NoTokens {
    fn of(error: &DeviceError) -> Self {
        match error {
            DeviceError::Denied => Self::Declined(refusal(error)),
            DeviceError::Expired => Self::Ended(refusal(error)),
            DeviceError::NotOffered
            | DeviceError::Client(_)
            | DeviceError::Refused { .. }
            | DeviceError::BadAnswer { .. }
            | DeviceError::BadUri { .. }
            | DeviceError::Redirected { .. }
            | DeviceError::Token(_) => Self::Failed(refusal(error)),
        }
    }
}

/// The device alone, within the time there is.
///
/// # Errors
/// `device.*`, and what the token endpoint refused.
pub(super) async fn signed_in_in_time(attempt: &Attempt<'_>, ask: &Ask) -> Result<Came, Refusal> {
    let Attempt { agent, patience, .. } = *attempt;
    let deadline = agent.host.now() + SignedDuration::try_from(patience).unwrap_or(SignedDuration::MAX);
    let brought = tokio::select! {
        biased;
        brought = signed_in(attempt, ask, DeviceUse::Only) => brought,
        () = agent.host.reached(deadline) => Err(NoTokens::Failed(
            Refusal::new(
                "device.timeout",
                format!("Nobody signed in on another device within {} seconds.", patience.as_secs()),
                "Start again for a new code.",
            )
            .retryable(),
        )),
    };
    match brought {
        Ok(brought) => Ok(Came::Tokens(Box::new(brought))),
        Err(NoTokens::Declined(refusal) | NoTokens::Ended(refusal) | NoTokens::Failed(refusal)) => Err(refusal),
    }
}

/// Shows a code and waits until the person has decided. While the attempt waits, a code that has ended is followed by
/// a new one (DEV-03); whoever stops waiting drops this.
pub(super) async fn signed_in(attempt: &Attempt<'_>, ask: &Ask, device: DeviceUse) -> Result<Brought, NoTokens> {
    let Attempt { agent, metadata, client, trail, .. } = *attempt;
    let asking = Arc::new(Asking {
        agent: Arc::clone(agent),
        metadata: metadata.clone(),
        client: client.clone(),
        trail: trail.clone(),
    });
    loop {
        let (prompt, sign_in) = code(attempt, ask).await?;
        let sent_off_at = agent.host.now();
        attempt.progress.shows(&shown(&prompt), device);
        if let Some(brought) = decided(&asking, sign_in, prompt.expires_at, sent_off_at).await? {
            return Ok(brought);
        }
    }
}

/// A code from the provider.
async fn code(attempt: &Attempt<'_>, ask: &Ask) -> Result<(DevicePrompt, DeviceSignIn), NoTokens> {
    let Attempt { agent, metadata, client, trail, .. } = *attempt;
    let start = DeviceStart::begin(metadata, client, ask).map_err(|error| NoTokens::of(&error))?;
    let answer = sent(&agent.host, &agent.nonces, trail.asking(Purpose::Device), start.request(), LARGEST_ANSWER)
        .await
        .map_err(|error| NoTokens::Failed(error.refusal()))?;
    let now = agent.host.now();
    let given = start.finish(&answer.response, whole(now)).map_err(|error| NoTokens::of(&error))?;
    trail.record(
        now,
        EventKind::DeviceCodeReceived { took_ms: milliseconds(answer.took), expires_at: at(given.0.expires_at) },
    );
    Ok(given)
}

fn shown(prompt: &DevicePrompt) -> DeviceCode {
    DeviceCode {
        user_code: prompt.user_code.clone(),
        verification_uri: prompt.verification_uri.to_string(),
        verification_uri_complete: prompt.verification_uri_complete.as_ref().map(ToString::to_string),
        expires_at: at(prompt.expires_at),
    }
}

/// What the person decided with this code; nothing when it has ended undecided.
async fn decided(
    asking: &Arc<Asking>,
    mut sign_in: DeviceSignIn,
    expires_at: i64,
    sent_off_at: Timestamp,
) -> Result<Option<Brought>, NoTokens> {
    let host = &asking.agent.host;
    loop {
        let request = match sign_in.step(host.now().as_second()) {
            DeviceStep::WaitUntil(moment) => {
                host.reached(at(moment)).await;
                continue;
            }
            DeviceStep::Expired => return Ok(None),
            DeviceStep::Ask(request) => request,
        };
        match asking.ask(sign_in, *request, sent_off_at).await {
            Ok(Answered::Waiting(next)) => sign_in = *next,
            Ok(Answered::Yes(unclaimed)) => return Ok(Some(unclaimed.claim())),
            Err(NoTokens::Ended(_)) if host.now().as_second() + ENDS_EARLY >= expires_at => return Ok(None),
            Err(no) => return Err(no),
        }
    }
}

/// Who asks, apart from the sign-in: a question outlives it.
struct Asking {
    agent: Arc<Agent>,
    metadata: Metadata,
    client: ClientSettings,
    trail: Trail,
}

enum Answered {
    Waiting(Box<DeviceSignIn>),
    Yes(Unclaimed),
}

impl Asking {
    /// Asks once. The question is a task of its own: when the sign-in ends meanwhile, the answer is read all the same,
    /// and tokens that nobody claims are revoked (L-36).
    async fn ask(
        self: &Arc<Self>,
        sign_in: DeviceSignIn,
        request: Request,
        sent_off_at: Timestamp,
    ) -> Result<Answered, NoTokens> {
        let (tell, told) = oneshot::channel();
        let asking = Arc::clone(self);
        self.agent.outlive(async move {
            // Nobody listens any more: what was told is dropped, and tokens with it are revoked.
            drop(tell.send(asking.answer(sign_in, request, sent_off_at).await));
        });
        match told.await {
            Ok(answered) => answered,
            // The agent ends, and this attempt with it.
            Err(_) => std::future::pending().await,
        }
    }

    async fn answer(
        self: &Arc<Self>,
        sign_in: DeviceSignIn,
        request: Request,
        sent_off_at: Timestamp,
    ) -> Result<Answered, NoTokens> {
        let Agent { host, nonces, providers, .. } = &*self.agent;
        let asked = sign_in.asked().clone();
        let asked_at = host.moment();
        let answer = match sent(host, nonces, self.trail.asking(Purpose::Token), request, LARGEST_ANSWER).await {
            Ok(answer) => answer,
            // DEV-04
            Err(SendError::Http(_)) => {
                return Ok(Answered::Waiting(Box::new(sign_in.no_answer(whole(host.now())))));
            }
            Err(error @ SendError::Dpop(_)) => return Err(NoTokens::Failed(error.refusal())),
        };
        let skew = providers.clocks.compare(&self.trail, self.metadata.issuer.as_str(), &answer, host.now());
        match sign_in.finish(&answer.response, whole(host.now())).map_err(|error| NoTokens::of(&error))? {
            DeviceAnswer::Waiting(next) => Ok(Answered::Waiting(next)),
            DeviceAnswer::SignedIn(tokens) => {
                self.trail.record(host.now(), checked("token", &check_token_answer(&answer.response, Ok(&tokens))));
                let brought =
                    Brought { tokens: *tokens, asked, nonce: None, sent_off_at, asked_at, skew, took: answer.took };
                Ok(Answered::Yes(Unclaimed { brought: Some(Box::new(brought)), asking: Arc::clone(self) }))
            }
        }
    }
}

/// Tokens that somebody must claim: dropped, they are revoked.
struct Unclaimed {
    brought: Option<Box<Brought>>,
    asking: Arc<Asking>,
}

impl Unclaimed {
    fn claim(mut self) -> Brought {
        *self.brought.take().expect("claimed once, by value")
    }
}

impl Drop for Unclaimed {
    fn drop(&mut self) {
        // Without a runtime this process is about to end, and nobody can be told.
        if let (Some(brought), Ok(_)) = (self.brought.take(), Handle::try_current()) {
            let (asking, token) = (Arc::clone(&self.asking), revoke::token_among(&brought.tokens));
            self.asking.agent.outlive(async move {
                revoke::quietly(&asking.agent, &asking.metadata, &asking.client, token, &asking.trail).await;
            });
        }
    }
}

/// The next whole second: a wait that is counted from there is never too short (DEV-01).
fn whole(moment: Timestamp) -> i64 {
    moment.as_second() + i64::from(moment.subsec_nanosecond() > 0)
}

/// Seconds that a provider has named, as a moment.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}
