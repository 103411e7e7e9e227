//! One request with a refresh token, for a renewal or for a token for another API: sent, read, and held against who
//! signed in. What becomes of the session is for the caller to settle.

use doorkey_client::words::{EventKind, Refusal};
use doorkey_oauth::{
    Asked, ClientSettings, ClockSkew, Expected, Metadata, Renewal, RenewalError, Target, TokenError, Tokens,
    check_renewed_identity,
};

use crate::agent::Agent;
use crate::checks::{checked, looked_into, words};
use crate::exchanged::Purpose;
use crate::http::Answer;
use crate::journal::Trail;
use crate::record::SessionRecord;
use crate::refusal::refusal;
use crate::sign_in::tokens_received;
use crate::time::Moment;
use crate::{id_token, sending};

const LARGEST_ANSWER: usize = 1024 * 1024;

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) enum Aim {
    /// The same as at sign-in.
    Same,
    /// Another of the APIs, or fewer scopes (RFC 6749 section 6, RFC 8707 section 2.2).
    Narrowed {
        /// All that were granted when empty.
        scopes: Vec<String>,
        /// Those of the sign-in when empty.
        target: Target,
    },
}

/// What a refresh token brought.
pub(crate) struct Refreshed {
    pub(crate) tokens: Tokens,
    /// What was asked, for [`doorkey_oauth::check_granted`].
    pub(crate) asked: Asked,
    /// When the request went out.
    pub(crate) asked_at: Moment,
    /// The session as it was, with the refresh token that counts from now on.
    pub(crate) rotated: SessionRecord,
}

/// What a request ends in that brought nothing. Only the first ends the session.
pub(crate) enum Failed {
    /// The refresh token is of no use any more.
    Ended(Refusal),
    /// The provider wants the person first.
    Asks(Refusal),
    /// The provider does not give what was asked for; a setting is wrong, here or there.
    NotThis { error: TokenError, refusal: Refusal },
    /// The answer could not be judged. Its access token is not used; its refresh token is kept, for the provider has
    /// taken the old one back when it gave it.
    NotJudged { refusal: Refusal, rotated: Box<SessionRecord>, retry_after: Option<u64> },
    /// The refresh token is kept; try later.
    Later { refusal: Refusal, retry_after: Option<u64> },
}

impl Failed {
    pub(crate) fn later(refusal: Refusal) -> Self {
        Self::Later { refusal, retry_after: None }
    }

    /// What to tell.
    pub(crate) fn refusal(self) -> Refusal {
        match self {
            Self::Ended(refusal)
            | Self::Asks(refusal)
            | Self::NotThis { refusal, .. }
            | Self::NotJudged { refusal, .. }
            | Self::Later { refusal, .. } => refusal,
        }
    }
}

/// Sends the refresh token and reads the answer. Nothing is stored here.
pub(crate) async fn refreshed(
    agent: &Agent,
    record: &SessionRecord,
    aim: &Aim,
    trail: &Trail,
) -> Result<Refreshed, Failed> {
    let host = &agent.host;
    let Some(refresh_token) = record.refresh_token.clone() else {
        return Err(Failed::Ended(no_refresh_token(&record.profile)));
    };
    let client = with_key(record, agent.client_of(record)).map_err(Failed::Ended)?;
    let unknown =
        |refusal| Failed::Later { refusal, retry_after: agent.providers.wants_patience(host, &record.issuer) };
    let mut metadata = agent.metadata_of(record, trail).await.map_err(unknown)?;
    let begin = |metadata: &Metadata| {
        let (scopes, target) = match aim {
            Aim::Same => (None, None),
            Aim::Narrowed { scopes, target } => {
                (Some(scopes.as_slice()), Some(target).filter(|target| **target != Target::default()))
            }
        };
        let renewal = Renewal::begin(metadata, &client, refresh_token.clone(), scopes)
            .map_err(|error| Failed::later(refusal(&error)))?;
        match target {
            Some(target) => renewal.aimed_at(target.clone()).map_err(|error| Failed::later(refusal(&error))),
            None => Ok(renewal),
        }
    };

    let mut renewal = begin(&metadata)?;
    let mut asked_at = host.moment();
    let mut answer = sent(agent, &renewal, trail).await.map_err(Failed::later)?;
    if matches!(answer.response.status().as_u16(), 404 | 405 | 410) {
        // The endpoint may have moved: the metadata is read once more, and the same token tried there.
        metadata = agent.metadata_anew(record, trail).await.map_err(unknown)?;
        renewal = begin(&metadata)?;
        asked_at = host.moment();
        answer = sent(agent, &renewal, trail).await.map_err(Failed::later)?;
    }
    let asked = renewal.asked();
    let skew = agent.providers.clocks.compare(trail, &record.issuer, &answer, host.now());
    trail.record(host.now(), checked("token", &renewal.check(&answer.response)));
    let tokens = renewal.finish(&answer.response).map_err(|error| failed(&error.knowing(skew)))?;
    trail.record(host.now(), tokens_received(&tokens, answer.took));
    trail.record(host.now(), looked_into(&metadata, &record.client_id, &asked, &tokens, host.now()));
    let person = same_person(agent, &metadata, record, &tokens, skew, trail).await;
    if let Err(Unproven::Refused(refusal)) = person {
        return Err(Failed::later(refusal));
    }
    let mut rotated = record.clone();
    if let Some(newer) = &tokens.refresh_token {
        rotated.refresh_token = Some(newer.clone());
    }
    match person {
        Err(Unproven::NotJudged(refusal)) => {
            let retry_after = agent.providers.wants_patience(host, &record.issuer);
            Err(Failed::NotJudged { refusal, rotated: Box::new(rotated), retry_after })
        }
        Err(Unproven::Refused(_)) | Ok(()) => Ok(Refreshed { tokens, asked, asked_at, rotated }),
    }
}

/// An answer that was lost may have been acted on: the same token is sent once more, and only once (S-28).
async fn sent(agent: &Agent, renewal: &Renewal, trail: &Trail) -> Result<Answer, Refusal> {
    let asking = trail.asking(Purpose::Renewal);
    let once = || sending::sent(&agent.host, &agent.nonces, asking, renewal.request(), LARGEST_ANSWER);
    match once().await {
        Ok(answer) => Ok(answer),
        Err(error) if error.may_have_been_sent() => once().await.map_err(|error| error.refusal()),
        Err(error) => Err(error.refusal()),
    }
}

fn failed(error: &RenewalError) -> Failed {
    match error {
        RenewalError::SessionEnded { .. } => Failed::Ended(refusal(error)),
        RenewalError::InteractionRequired { .. } => Failed::Asks(refusal(error)),
        RenewalError::Config(why) => Failed::NotThis { error: why.clone(), refusal: refusal(error) },
        RenewalError::Later { retry_after, .. } => Failed::Later { refusal: refusal(error), retry_after: *retry_after },
        RenewalError::BadAnswer(_) => Failed::later(refusal(error)),
    }
}

/// Why nothing is known of the person in the answer.
enum Unproven {
    /// The answer broke a rule: nothing of it is used.
    Refused(Refusal),
    /// The provider's keys could not be read, or not yet with the one that signed: nothing speaks against the answer.
    NotJudged(Refusal),
}

/// A renewed ID token must speak of the same person (RT-04); an answer without one is normal (RT-05).
async fn same_person(
    agent: &Agent,
    metadata: &Metadata,
    record: &SessionRecord,
    tokens: &Tokens,
    skew: Option<ClockSkew>,
    trail: &Trail,
) -> Result<(), Unproven> {
    let host = &agent.host;
    let Some(text) = &tokens.id_token else { return Ok(()) };
    let mut expected = Expected::new(metadata, &record.client_id, host.now().as_second());
    expected.access_token = Some(&tokens.access_token);
    expected.provider_clock = skew.map(|skew| skew.provider_clock(expected.now));
    expected.leeway_secs = agent.clock_tolerance(&record.profile);
    let report = id_token::judged(agent, trail, metadata, text, &expected).await.map_err(Unproven::NotJudged)?;
    let mut checks = words(&report.checks);
    let outcome = match &report.outcome {
        Ok(claims) => {
            let same = check_renewed_identity(&record.old_identity(), claims);
            checks.extend(words(&same.checks));
            same.outcome.map_err(|error| Unproven::Refused(refusal(&error)))
        }
        Err(error) if error.unknown_key() => Err(Unproven::NotJudged(refusal(error))),
        Err(error) => Err(Unproven::Refused(refusal(error))),
    };
    trail.record(host.now(), EventKind::Checked { subject: "id_token".to_owned(), checks });
    outcome
}

fn no_refresh_token(profile: &str) -> Refusal {
    Refusal::new(
        "session.sign_in_required",
        "The provider gave no refresh token, so this session cannot be renewed.",
        format!("Sign in again with `doorkey login {profile}`. To stay signed in, ask for the scope `offline_access` and allow it at the provider."),
    )
    .about(profile)
}

/// The client of a session, with the key that the session's tokens are bound to where they are bound.
///
/// # Errors
/// `refresh.key_lost`: sending the refresh token without a proof would only tell it to the network.
pub(crate) fn with_key(record: &SessionRecord, client: ClientSettings) -> Result<ClientSettings, Refusal> {
    if record.is_bound() && client.dpop.is_none() { Err(key_lost(&record.profile)) } else { Ok(client) }
}

/// Without the key that the tokens are bound to, nobody takes them (DPOP-07).
pub(crate) fn key_lost(profile: &str) -> Refusal {
    Refusal::new(
        "refresh.key_lost",
        "The key that the tokens of this session are bound to is gone, so the provider and its APIs take none of them.",
        format!("Sign in again with `doorkey login {profile}`."),
    )
    .about(profile)
}

#[cfg(test)]
mod tests {
    use doorkey_oauth::DpopKey;

    use super::*;
    use crate::record::ada;

    /// the key that tokens are bound to is lost | `refresh.key_lost`, and they are sent nowhere
    #[test]
    fn tokens_whose_key_is_lost_are_sent_nowhere() {
        let mut record = ada();
        let client = ClientSettings::new("app");
        assert!(with_key(&record, client.clone()).is_ok(), "bearer tokens need none");
        record.token_type = "DPoP".to_owned();
        let refused = with_key(&record, client.clone()).expect_err("nothing proves it");
        assert_eq!((refused.code.as_str(), refused.exit_code()), ("refresh.key_lost", 77));
        let bound = ClientSettings { dpop: DpopKey::of_random([7; 32]), ..client };
        assert!(with_key(&record, bound).is_ok());
    }
}
