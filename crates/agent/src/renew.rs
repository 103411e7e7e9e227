//! One renewal, and the rule that there is never more than one for a session: whoever comes while one is under way
//! waits for its outcome. It runs in a task of its own, so a caller that goes away changes nothing (S-26).

use std::sync::Arc;
use std::time::Duration;

use doorkey_client::words::{EventKind, Refusal, Update};
use jiff::Timestamp;

use crate::agent::Agent;
use crate::application;
use crate::journal::Trail;
use crate::record::{Record, SessionRecord};
use crate::refresh_end;
use crate::refreshing::{Aim, Failed, Refreshed, refreshed};
use crate::session::{Due, Held, Live, Next, Purpose, Standing, Turn};
use crate::sign_in::{elapsed, plan};
use crate::time::Moment;

/// Between two renewals of one session, whoever asks (S-32, R-14).
const SHORTEST_PAUSE: Duration = Duration::from_secs(10);
const SHORTEST_LIFE: Duration = Duration::from_secs(3);
/// Callers that ask again after a failure get the same answer for this time, so that a crowd is not a storm.
pub(crate) const FAILURE_STANDS: Duration = Duration::from_secs(3);
const FIRST_RETRY: u64 = 5;
const LONGEST_RETRY: u64 = 15 * 60;
const LONGEST_ASKED: u64 = 24 * 60 * 60;

/// Why a renewal is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The plan says so.
    Planned,
    /// A program wants a token that is valid for at least so many seconds.
    TokenAsked { min_ttl: u32 },
    /// A person wants it now.
    Person,
}

impl Reason {
    fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::TokenAsked { .. } => "token_asked",
            Self::Person => "person",
        }
    }

    /// Asked again under the lock: somebody else may have done it meanwhile.
    fn still_stands(self, held: &Held, now: Moment) -> Result<bool, Refusal> {
        match &held.standing {
            Standing::Ended { problem } | Standing::Gone { problem } => return Err(problem.clone()),
            Standing::Waiting { problem, tried_at, stands, .. }
                if matches!(self, Self::TokenAsked { .. }) && now.uptime.since(*tried_at) < *stands =>
            {
                return Err(problem.clone());
            }
            Standing::Good | Standing::Renewing | Standing::Waiting { .. } => {}
        }
        let record = &held.record;
        let pause = shortest_pause(record.issued_at, record.expires_at);
        Ok(match self {
            Self::Planned => held.due().is_some_and(|due| due.is_past(now)),
            Self::TokenAsked { min_ttl } => !(held.valid_for(now, min_ttl) || held.just_renewed(now, pause)),
            Self::Person => true,
        })
    }
}

/// A token that lives some seconds may have its life; one that ends at once must not become a storm.
pub(crate) fn shortest_pause(issued_at: Timestamp, expires_at: Option<Timestamp>) -> Duration {
    let life =
        expires_at.map_or(SHORTEST_PAUSE, |end| Duration::try_from(end.duration_since(issued_at)).unwrap_or_default());
    if life < SHORTEST_LIFE { SHORTEST_PAUSE } else { life.min(SHORTEST_PAUSE) }
}

/// Renews, or waits for the renewal under way. `Ok` when the session has what was wanted.
pub(crate) async fn renewed(agent: &Arc<Agent>, live: &Arc<Live>, reason: Reason) -> Result<(), Refusal> {
    let mut outcome = loop {
        match live.next(Purpose::Renewal, |held| reason.still_stands(held, agent.host.moment()))? {
            None => return Ok(()),
            Some(Next::Theirs(Purpose::Renewal, outcome)) => break outcome,
            // What that ends in is no renewal: whether one is wanted is asked again.
            Some(Next::Theirs(Purpose::FurtherToken | Purpose::Replacement, mut theirs)) => {
                drop(theirs.wait_for(Option::is_some).await);
            }
            Some(Next::Mine(turn)) => {
                let outcome = turn.outcome();
                tokio::spawn(run(Arc::clone(agent), turn, reason));
                break outcome;
            }
        }
    };
    match outcome.wait_for(Option::is_some).await {
        Ok(done) => done.clone().unwrap_or(Ok(())),
        Err(_) => {
            Err(Refusal::new("bug.renewal", "The renewal stopped unexpectedly.", "Try again, and tell us.").retryable())
        }
    }
}

async fn run(agent: Arc<Agent>, turn: Turn, reason: Reason) {
    let live = Arc::clone(turn.live());
    let record = Arc::clone(&live.held().record);
    let trail = agent.journal.trail(&record.profile, &agent.host.identifier());
    let before = std::mem::replace(&mut live.held().standing, Standing::Renewing);
    trail.record(agent.host.now(), EventKind::RenewalStarted { reason: reason.word().to_owned() });
    agent.tell_session(&live);

    let interrupted = agent.vault.was_interrupted(live.id);
    agent.vault.intend_to_renew(live.id).await;
    let outcome = attempt(&agent, &record, &trail).await;
    let outcome = if interrupted { outcome.map_err(after_an_interruption) } else { outcome };
    let done = settle(&agent, &live, before, outcome, &trail).await;
    agent.vault.renewal_ended(live.id).await;

    agent.tell_session(&live);
    turn.end(done);
    agent.plan_changed.notify_one();
}

async fn attempt(agent: &Agent, record: &SessionRecord, trail: &Trail) -> Result<SessionRecord, Failed> {
    if record.is_application() {
        return application::again(agent, record, trail).await;
    }
    let Refreshed { tokens, asked_at, rotated: mut new, asked: _ } =
        refreshed(agent, record, &Aim::Same, trail).await?;
    new.access_token = tokens.access_token.clone();
    if let Some(id_token) = &tokens.id_token {
        new.id_token = Some(id_token.clone());
    }
    if let Some(granted) = &tokens.scope {
        new.granted.clone_from(granted);
    }
    new.renewals += 1;
    let jitter = agent.host.jitter();
    plan(&mut new, tokens.expires_in, asked_at, jitter);
    let profile = agent.profile(&new.profile).ok();
    refresh_end::note(&mut new, &tokens, profile.as_ref(), jitter);
    Ok(new)
}

/// The last run ended while the refresh token was on its way (row K1): nobody but us is to blame.
pub(crate) fn after_an_interruption(failed: Failed) -> Failed {
    match failed {
        Failed::Ended(refusal) if refusal.code == "refresh.session_ended" => Failed::Ended(Refusal::new(
            refusal.code,
            "The provider ended this sign-in, because Doorkey was stopped while it renewed it.",
            "Sign in again. If the provider can allow an overlap of refresh tokens (Auth0: Reuse Interval), 30 seconds \
             or more make this go well.",
        )),
        other => other,
    }
}

/// Durable first, then seen by anybody (design 2.5). The old record stays until the new one is there.
async fn settle(
    agent: &Arc<Agent>,
    live: &Arc<Live>,
    before: Standing,
    outcome: Result<SessionRecord, Failed>,
    trail: &Trail,
) -> Result<(), Refusal> {
    let host = &agent.host;
    match outcome {
        Ok(mut record) => {
            record.note_checked(trail.checked());
            let unsaved = !agent.save(live.id, &record, trail).await;
            let kind = EventKind::Renewed { expires_at: record.expires_at, renews_at: record.renews_at };
            live.held().renewed(record, unsaved, host.moment());
            trail.record(host.now(), kind);
            Ok(())
        }
        Err(Failed::Ended(problem) | Failed::Asks(problem)) => Err(ended(agent, live, problem, trail).await),
        Err(Failed::NotJudged { refusal, rotated, retry_after }) => {
            kept(agent, live, *rotated, trail).await;
            Err(tried_in_vain(agent, live, &before, refusal, retry_after, trail))
        }
        Err(Failed::NotThis { refusal, error: _ }) => Err(tried_in_vain(agent, live, &before, refusal, None, trail)),
        Err(Failed::Later { refusal, retry_after }) => {
            Err(tried_in_vain(agent, live, &before, refusal, retry_after, trail))
        }
    }
}

fn tried_in_vain(
    agent: &Agent,
    live: &Live,
    before: &Standing,
    refusal: Refusal,
    retry_after: Option<u64>,
    trail: &Trail,
) -> Refusal {
    let host = &agent.host;
    let problem = refusal.about(&live.held().record.profile);
    let failures = match before {
        Standing::Waiting { failures, .. } => failures + 1,
        Standing::Good | Standing::Renewing | Standing::Ended { .. } | Standing::Gone { .. } => 1,
    };
    let now = host.moment();
    let next_try = Due::after(pause(failures, retry_after, host.jitter()), now);
    let stands = FAILURE_STANDS.max(asked_for(retry_after));
    let tried_at = now.uptime;
    live.held().standing = Standing::Waiting { problem: problem.clone(), failures, tried_at, stands, next_try };
    trail.record(now.wall, EventKind::RenewalFailed { refusal: problem.clone(), next_try: Some(next_try.wall) });
    problem
}

/// Only the person can go on.
pub(crate) async fn ended(agent: &Agent, live: &Arc<Live>, problem: Refusal, trail: &Trail) -> Refusal {
    let problem = problem.about(&live.held().record.profile);
    live.held().standing = Standing::Ended { problem: problem.clone() };
    trail.record(agent.host.now(), EventKind::SignInRequired { refusal: problem.clone() });
    drop_refresh_token(agent, live, trail).await;
    problem
}

/// The same session with another refresh token, durable before anything comes of it; how it stands is not touched.
pub(crate) async fn kept(agent: &Agent, live: &Arc<Live>, record: SessionRecord, trail: &Trail) {
    let unsaved = !agent.save(live.id, &record, trail).await;
    let mut held = live.held();
    held.record = Arc::new(record);
    held.unsaved = unsaved;
}

/// The refused token is dropped from the vault; who was signed in stays known, so that signing in again is one click.
async fn drop_refresh_token(agent: &Agent, live: &Arc<Live>, trail: &Trail) {
    let mut record = SessionRecord::clone(&live.held().record);
    record.refresh_token = None;
    record.renews_at = None;
    kept(agent, live, record, trail).await;
}

/// Doubles from 5 s to 15 min, spread by a fifth; never before the end of the provider's own `Retry-After`, and up to a
/// tenth after it, for it told many others the same.
pub(crate) fn pause(failures: u32, retry_after: Option<u64>, jitter: f64) -> Duration {
    let doubled = FIRST_RETRY.saturating_mul(1_u64.checked_shl(failures.saturating_sub(1).min(10)).unwrap_or(u64::MAX));
    let ours = Duration::from_secs(doubled.min(LONGEST_RETRY)).mul_f64(jitter.mul_add(0.2, 0.9));
    ours.max(asked_for(retry_after).mul_f64(jitter.mul_add(0.1, 1.0)))
}

/// `Retry-After`, a day at most.
fn asked_for(retry_after: Option<u64>) -> Duration {
    Duration::from_secs(retry_after.unwrap_or(0).min(LONGEST_ASKED))
}

impl Agent {
    pub(crate) fn tell_session(&self, live: &Live) {
        self.journal.tell(Update::Session { session: self.view_of(live) });
    }

    /// Stores a session; says so in the journal either way. `false` when it lives in memory only (S-27).
    pub(crate) async fn save(&self, id: crate::vault::RecordId, record: &SessionRecord, trail: &Trail) -> bool {
        let began = self.host.now();
        let content = Record::Session(Box::new(record.clone())).to_bytes();
        match self.vault.save(id, content).await {
            Ok(generation) => {
                let took_ms = elapsed(began, self.host.now());
                trail.record(self.host.now(), EventKind::Saved { generation: generation.number(), took_ms });
                true
            }
            Err(error) => {
                let refusal = error.refusal();
                trail.record(self.host.now(), EventKind::NotSaved { refusal });
                self.unsaved.notify_one();
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::record::ada;
    use crate::time::Uptime;

    #[test]
    fn a_failure_stands_for_programs_until_the_provider_wants_to_be_asked_again() {
        let now = Moment { wall: Timestamp::from_second(1_800_000_000).expect("a moment"), uptime: Uptime::default() };
        let problem = Refusal::new("refresh.later", "Not now.", "Wait.");
        let stands = |seconds: u64, set: i64, retry_after: Option<u64>, reason: Reason| {
            let stands = FAILURE_STANDS.max(asked_for(retry_after));
            let next_try = Due::after(stands, now);
            let problem = problem.clone();
            let standing = Standing::Waiting { problem, failures: 1, tried_at: now.uptime, stands, next_try };
            let held = Held { standing, ..Held::new(ended(now.wall), now) };
            let later = Duration::from_secs(seconds);
            let wall = now.wall + later + SignedDuration::from_secs(set);
            reason.still_stands(&held, Moment { wall, uptime: now.uptime + later }).is_err()
        };
        let program = Reason::TokenAsked { min_ttl: 60 };
        assert!(stands(2, 0, None, program) && !stands(4, 0, None, program));
        assert!(stands(110, 0, Some(120), program) && !stands(121, 0, Some(120), program));
        assert!(!stands(2, 0, Some(120), Reason::Person));
        for set in [-7_200, 7_200] {
            assert!(stands(110, set, Some(120), program) && !stands(121, set, Some(120), program), "set by {set} s");
        }
    }

    /// S-30: it goes on failing | pauses that double up to 15 minutes, and `Retry-After` where it is longer, up to a day
    #[test]
    fn pauses_double_up_to_a_quarter_of_an_hour_and_honour_retry_after() {
        assert_eq!(pause(1, None, 0.5), Duration::from_secs(5));
        assert_eq!(pause(2, None, 0.5), Duration::from_secs(10));
        assert_eq!(pause(40, None, 0.5), Duration::from_secs(900));
        assert_eq!(pause(1, Some(120), 0.0), Duration::from_secs(120));
        assert_eq!(pause(1, Some(120), 1.0), Duration::from_secs(132));
        assert_eq!(pause(1, Some(3_600), 0.0), Duration::from_secs(3_600), "longer than our longest");
        assert_eq!(pause(40, Some(120), 0.5), Duration::from_secs(900));
        assert_eq!(pause(1, Some(86_400 * 365), 0.0), Duration::from_secs(86_400));
    }

    /// A session whose access token has ended.
    fn ended(at: Timestamp) -> SessionRecord {
        let mut record = ada();
        record.expires_at = Some(at);
        record
    }
}
