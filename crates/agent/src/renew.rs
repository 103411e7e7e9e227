//! One renewal, and the rule that there is never more than one for a session: whoever comes while one is under way
//! waits for its outcome. It runs in a task of its own, so a caller that goes away changes nothing (S-26).

use std::sync::Arc;

use doorkey_client::words::{EventKind, Refusal, Update};
use doorkey_oauth::{Expected, Issuer, Metadata, Renewal, RenewalError, Tokens, answered_at, check_renewed_identity};
use jiff::{SignedDuration, Timestamp};

use crate::agent::Agent;
use crate::checks::words;
use crate::http::Answer;
use crate::id_token;
use crate::journal::Trail;
use crate::record::{Record, SessionRecord};
use crate::refusal::refusal;
use crate::session::{Held, Live, Next, Standing, Turn};
use crate::sign_in::{elapsed, plan, tokens_received};

const LARGEST_ANSWER: usize = 1024 * 1024;
/// Between two renewals of one session, whoever asks (S-32, R-14).
const SHORTEST_PAUSE: SignedDuration = SignedDuration::from_secs(10);
const SHORTEST_LIFE: SignedDuration = SignedDuration::from_secs(3);
/// Callers that ask again after a failure get the same answer for this time, so that a crowd is not a storm.
const FAILURE_STANDS: SignedDuration = SignedDuration::from_secs(3);
const FIRST_RETRY: i64 = 5;
const LONGEST_RETRY: i64 = 15 * 60;

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
    fn still_stands(self, held: &Held, now: Timestamp) -> Result<bool, Refusal> {
        match &held.standing {
            Standing::Ended { problem } => return Err(problem.clone()),
            Standing::Waiting { problem, tried_at, .. }
                if self != Self::Person && now.duration_since(*tried_at).abs() < FAILURE_STANDS =>
            {
                return Err(problem.clone());
            }
            Standing::Good | Standing::Renewing | Standing::Waiting { .. } => {}
        }
        let just_renewed =
            held.record.renewals > 0 && now.duration_since(held.record.issued_at).abs() < shortest_pause(&held.record);
        Ok(match self {
            Self::Planned => held.due_at().is_some_and(|due| due <= now),
            Self::TokenAsked { min_ttl } => !(held.valid_for(now, min_ttl) || just_renewed),
            Self::Person => true,
        })
    }
}

/// A token that lives some seconds may have its life; one that ends at once must not become a storm.
fn shortest_pause(record: &SessionRecord) -> SignedDuration {
    let life = record.expires_at.map_or(SHORTEST_PAUSE, |end| end.duration_since(record.issued_at));
    if life < SHORTEST_LIFE { SHORTEST_PAUSE } else { life.min(SHORTEST_PAUSE) }
}

/// Renews, or waits for the renewal under way. `Ok` when the session has what was wanted.
pub(crate) async fn renewed(agent: &Arc<Agent>, live: &Arc<Live>, reason: Reason) -> Result<(), Refusal> {
    let mut outcome = match live.next(|held| reason.still_stands(held, agent.host.now()))? {
        None => return Ok(()),
        Some(Next::Theirs(outcome)) => outcome,
        Some(Next::Mine(turn)) => {
            let outcome = turn.outcome();
            tokio::spawn(run(Arc::clone(agent), turn, reason));
            outcome
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

/// What a renewal ends in. Only the first has anything new.
enum Failed {
    /// The refresh token is of no use any more.
    Ended(Refusal),
    /// The answer could not be judged. Its access token is not used; its refresh token is kept, for the provider has
    /// taken the old one back when it gave it.
    NotJudged { refusal: Refusal, rotated: Box<SessionRecord> },
    /// The refresh token is kept; try later.
    Later { refusal: Refusal, retry_after: Option<u64> },
}

async fn attempt(agent: &Agent, record: &SessionRecord, trail: &Trail) -> Result<SessionRecord, Failed> {
    let host = &agent.host;
    let later = |refusal: Refusal| Failed::Later { refusal, retry_after: None };
    let Some(refresh_token) = record.refresh_token.clone() else {
        return Err(Failed::Ended(no_refresh_token(&record.profile)));
    };
    let issuer = Issuer::parse(&record.issuer).map_err(|error| later(refusal(&error)))?;
    let client = agent.client_of(record);
    let mut metadata = agent.providers.metadata(host, &issuer).await.map_err(later)?;
    let begin = |metadata: &Metadata| {
        Renewal::begin(metadata, &client, refresh_token.clone(), None).map_err(|error| later(refusal(&error)))
    };

    let mut renewal = begin(&metadata)?;
    let mut asked_at = host.now();
    let mut answer = sent(agent, &renewal).await.map_err(later)?;
    if matches!(answer.response.status().as_u16(), 404 | 405 | 410) {
        // The endpoint may have moved: the metadata is read once more, and the same token tried there.
        metadata = agent.providers.discover(host, &issuer).await.map_err(later)?;
        renewal = begin(&metadata)?;
        asked_at = host.now();
        answer = sent(agent, &renewal).await.map_err(later)?;
    }
    let tokens = renewal.finish(&answer.response).map_err(|error| failed(&error))?;
    trail.record(host.now(), tokens_received(&tokens, answer.took));
    let person = same_person(agent, &metadata, record, &tokens, &answer, trail).await;
    if let Err(Unproven::Refused(refusal)) = person {
        return Err(later(refusal));
    }

    let mut new = record.clone();
    if let Some(rotated) = tokens.refresh_token {
        new.refresh_token = Some(rotated);
    }
    if let Err(Unproven::NotJudged(refusal)) = person {
        return Err(Failed::NotJudged { refusal, rotated: Box::new(new) });
    }
    new.access_token = tokens.access_token;
    if let Some(id_token) = tokens.id_token {
        new.id_token = Some(id_token);
    }
    if let Some(granted) = tokens.scope {
        new.granted = granted;
    }
    new.renewals += 1;
    plan(&mut new, tokens.expires_in, asked_at, host.jitter());
    Ok(new)
}

/// An answer that was lost may have been acted on: the same token is sent once more, and only once (S-28).
async fn sent(agent: &Agent, renewal: &Renewal) -> Result<Answer, Refusal> {
    match agent.host.http.send(renewal.request(), LARGEST_ANSWER).await {
        Ok(answer) => Ok(answer),
        Err(error) if error.may_have_been_sent() => {
            agent.host.http.send(renewal.request(), LARGEST_ANSWER).await.map_err(|error| error.refusal())
        }
        Err(error) => Err(error.refusal()),
    }
}

/// The last run ended while the refresh token was on its way (row K1): nobody but us is to blame.
fn after_an_interruption(failed: Failed) -> Failed {
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

fn failed(error: &RenewalError) -> Failed {
    let refusal = refusal(error);
    match error {
        RenewalError::SessionEnded { .. } | RenewalError::InteractionRequired { .. } => Failed::Ended(refusal),
        RenewalError::Later { retry_after, .. } => Failed::Later { refusal, retry_after: *retry_after },
        RenewalError::Config { .. } | RenewalError::BadAnswer(_) => Failed::Later { refusal, retry_after: None },
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
    answer: &Answer,
    trail: &Trail,
) -> Result<(), Unproven> {
    let host = &agent.host;
    let Some(text) = &tokens.id_token else { return Ok(()) };
    let mut expected = Expected::new(metadata, &record.client_id, host.now().as_second());
    expected.access_token = Some(&tokens.access_token);
    expected.provider_clock = answered_at(&answer.response);
    let report = id_token::judged(agent, metadata, text, &expected).await.map_err(Unproven::NotJudged)?;
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
        Ok(record) => {
            let unsaved = !agent.save(live.id, &record, trail).await;
            let kind = EventKind::Renewed { expires_at: record.expires_at, renews_at: record.renews_at };
            *live.held() = Held { record: Arc::new(record), standing: Standing::Good, unsaved };
            trail.record(host.now(), kind);
            Ok(())
        }
        Err(Failed::Ended(problem)) => {
            let problem = problem.about(&live.held().record.profile);
            live.held().standing = Standing::Ended { problem: problem.clone() };
            trail.record(host.now(), EventKind::SignInRequired { refusal: problem.clone() });
            drop_refresh_token(agent, live, trail).await;
            Err(problem)
        }
        Err(Failed::NotJudged { refusal, rotated }) => {
            let unsaved = !agent.save(live.id, &rotated, trail).await;
            let mut held = live.held();
            held.record = Arc::from(rotated);
            held.unsaved = unsaved;
            drop(held);
            Err(tried_in_vain(agent, live, &before, refusal, None, trail))
        }
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
        Standing::Good | Standing::Renewing | Standing::Ended { .. } => 1,
    };
    let now = host.now();
    let next_try = now + pause(failures, retry_after, host.jitter());
    live.held().standing = Standing::Waiting { problem: problem.clone(), failures, tried_at: now, next_try };
    trail.record(now, EventKind::RenewalFailed { refusal: problem.clone(), next_try: Some(next_try) });
    problem
}

/// The refused token is dropped from the vault; who was signed in stays known, so that signing in again is one click.
async fn drop_refresh_token(agent: &Agent, live: &Arc<Live>, trail: &Trail) {
    let mut record = SessionRecord::clone(&live.held().record);
    record.refresh_token = None;
    record.renews_at = None;
    let unsaved = !agent.save(live.id, &record, trail).await;
    let mut held = live.held();
    held.record = Arc::new(record);
    held.unsaved = unsaved;
}

/// Doubles from 5 s to 15 min, spread by a fifth; the provider's own `Retry-After` counts when it is longer.
fn pause(failures: u32, retry_after: Option<u64>, jitter: f64) -> SignedDuration {
    let doubled = FIRST_RETRY.saturating_mul(1_i64.checked_shl(failures.saturating_sub(1).min(10)).unwrap_or(i64::MAX));
    let asked = retry_after.and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or(0);
    let seconds = doubled.max(asked).min(LONGEST_RETRY);
    let spread = jitter.mul_add(0.2, 0.9);
    SignedDuration::from_millis(((seconds * 1_000) as f64 * spread) as i64)
}

fn no_refresh_token(profile: &str) -> Refusal {
    Refusal::new(
        "session.sign_in_required",
        "The provider gave no refresh token, so this session cannot be renewed.",
        format!("Sign in again with `doorkey login {profile}`. To stay signed in, ask for the scope `offline_access` and allow it at the provider."),
    )
    .about(profile)
}

impl Agent {
    pub(crate) fn tell_session(&self, live: &Live) {
        let session = live.held().view(live.id, self.host.now());
        self.journal.tell(Update::Session { session });
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
    use super::*;

    #[test]
    fn pauses_double_up_to_a_quarter_of_an_hour_and_honour_retry_after() {
        assert_eq!(pause(1, None, 0.5), SignedDuration::from_secs(5));
        assert_eq!(pause(2, None, 0.5), SignedDuration::from_secs(10));
        assert_eq!(pause(40, None, 0.5), SignedDuration::from_secs(900));
        assert_eq!(pause(1, Some(120), 0.5), SignedDuration::from_secs(120));
        assert_eq!(pause(1, Some(u64::MAX), 0.5), SignedDuration::from_secs(5));
    }
}
