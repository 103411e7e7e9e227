//! Tokens for other APIs than the session's own, got with the same session: by refresh with `resource`, `audience` and
//! `scope` (RFC 8707 section 2.2, RFC 6749 section 6), or from an upstream identity provider. In memory only, until they
//! end; the session's own access token stays as it is.

mod asking;
mod wish;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use doorkey_client::words::Refusal;
use doorkey_oauth::{AccessToken, Asked, DpopKeyText};
use jiff::Timestamp;

pub(crate) use self::wish::{Needed, Wish};
use crate::agent::Agent;
use crate::renew::{FAILURE_STANDS, shortest_pause};
use crate::session::{Live, Next, Purpose};
use crate::time::{Moment, Uptime};

/// For one session; the one that was asked for longest ago goes first.
const MOST_KEPT: usize = 64;

/// The further tokens of one session, by what they are for.
#[derive(Default)]
pub(crate) struct FurtherTokens(Mutex<Vec<Place>>);

struct Place {
    wish: Wish,
    token: Option<Arc<FurtherToken>>,
    refused: Option<(Refusal, Uptime)>,
}

/// A token for another API.
pub(crate) struct FurtherToken {
    pub(crate) access_token: AccessToken,
    pub(crate) token_type: String,
    /// Of the session it was got with.
    pub(crate) dpop_key: Option<DpopKeyText>,
    pub(crate) asked_at: Moment,
    /// By the wall clock of that moment.
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) scope: Vec<String>,
    /// What was asked for.
    pub(crate) asked: Asked,
    /// Whether the token cannot be looked into, so that only the provider knows which API it is for.
    pub(crate) audience_not_shown: bool,
}

impl FurtherToken {
    /// By both clocks.
    fn valid_for(&self, now: Moment, ttl: u32) -> bool {
        let wanted = Duration::from_secs(u64::from(ttl));
        self.expires_at.is_none_or(|end| {
            let left = |since: Timestamp| Duration::try_from(end.duration_since(since)).unwrap_or_default();
            let counted = left(self.asked_at.wall).saturating_sub(now.uptime.since(self.asked_at.uptime));
            left(now.wall).min(counted) > wanted
        })
    }
}

/// A token for the wish, from memory or from the provider. However many ask at once for the same, one request goes out.
pub(crate) async fn further_token(
    agent: &Arc<Agent>,
    live: &Arc<Live>,
    wish: &Wish,
    min_ttl: u32,
) -> Result<Arc<FurtherToken>, Refusal> {
    loop {
        let now = agent.host.moment();
        live.held().is_here()?;
        if let Some(outcome) = live.further.standing(wish, now, min_ttl) {
            return outcome;
        }
        wish.possible(&live.held())?;
        // Asked again under the lock: it may be signed out meanwhile.
        let next = live.next(Purpose::FurtherToken, |held| {
            held.is_here()?;
            Ok(live.further.standing(wish, now, min_ttl).is_none())
        })?;
        let mut outcome = match next {
            None => continue,
            Some(Next::Theirs(_, outcome)) => outcome,
            Some(Next::Mine(turn)) => {
                let outcome = turn.outcome();
                // In a task of its own, like a renewal: a caller that goes away must not lose a refresh token (S-26).
                tokio::spawn(asking::run(Arc::clone(agent), turn, wish.clone()));
                outcome
            }
        };
        // Whose turn it ever was: what is true for this wish now stands in the place it has.
        if outcome.wait_for(Option::is_some).await.is_err() {
            let problem =
                Refusal::new("bug.renewal", "The request for a token stopped unexpectedly.", "Try again, and tell us.");
            return Err(problem.retryable());
        }
    }
}

impl FurtherTokens {
    /// What there is to say without asking the provider: a token that will do, or why there is none just now.
    fn standing(&self, wish: &Wish, now: Moment, min_ttl: u32) -> Option<Result<Arc<FurtherToken>, Refusal>> {
        let mut places = self.places();
        places.retain(|place| place.is_of_use(now));
        let place = places.iter().find(|place| place.wish == *wish)?;
        if let Some(token) = place.token.as_ref().filter(|token| token.valid_for(now, min_ttl)) {
            return Some(Ok(Arc::clone(token)));
        }
        // What is valid is handed out, even when no longer one could be had; the answer says until when.
        let shorter = place.token.as_ref().filter(|token| token.valid_for(now, 0)).map(Arc::clone);
        match (&place.refused, &place.token) {
            (Some((refusal, at)), _) if now.uptime.since(*at) < FAILURE_STANDS => {
                Some(shorter.ok_or_else(|| refusal.clone()))
            }
            (_, Some(token)) if just_asked(token, now) => Some(shorter.ok_or_else(ended_already)),
            _ => None,
        }
    }

    fn put(&self, wish: &Wish, outcome: Result<FurtherToken, Refusal>, now: Moment) {
        let mut places = self.places();
        let old = places.iter().position(|place| place.wish == *wish).map(|at| places.remove(at));
        let place = match outcome {
            Ok(token) => Place { wish: wish.clone(), token: Some(Arc::new(token)), refused: None },
            Err(refusal) => {
                Place { wish: wish.clone(), token: old.and_then(|old| old.token), refused: Some((refusal, now.uptime)) }
            }
        };
        if places.len() >= MOST_KEPT {
            places.remove(0);
        }
        places.push(place);
    }

    /// Of a session that begins anew nothing is left.
    pub(crate) fn forget(&self) {
        self.places().clear();
    }

    fn places(&self) -> MutexGuard<'_, Vec<Place>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn is_of_use(&self, now: Moment) -> bool {
        let stands = |at: Uptime| now.uptime.since(at) < FAILURE_STANDS;
        self.refused.as_ref().is_some_and(|(_, at)| stands(*at))
            || self.token.as_ref().is_some_and(|token| token.valid_for(now, 0) || just_asked(token, now))
    }
}

fn just_asked(token: &FurtherToken, now: Moment) -> bool {
    now.uptime.since(token.asked_at.uptime) < shortest_pause(token.asked_at.wall, token.expires_at)
}

pub(crate) fn ended_already() -> Refusal {
    Refusal::new(
        "refresh.later",
        "The provider's new access token has already ended.",
        "Look at the token life in the provider's settings, and at this computer's clock.",
    )
    .retryable()
}
