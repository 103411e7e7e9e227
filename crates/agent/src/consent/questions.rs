//! Questions that wait for a person, and what keeps a program from asking too often (B-13).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use doorkey_client::words::{ConsentDecision, ConsentQuestion, ConsentWanted, EventKind, Reach, Refusal, Update};
use tokio::sync::watch;
use tokio::time::Instant;

use super::{Consents, Program, Whose, recorded};
use crate::agent::Agent;

/// From the question to its end without an answer.
pub(super) const ANSWERED_WITHIN: Duration = Duration::from_secs(60);
/// After a no.
pub(super) const SILENT_FOR: Duration = Duration::from_secs(30);
/// A program that was told no so often is not asked about any more.
const MOST_NOS: u32 = 3;
const MOST_WAITING: usize = 16;
/// Of one program: different wishes of it.
const MOST_OF_ONE: usize = 4;

#[derive(Default)]
pub(super) struct Questions(Mutex<State>);

#[derive(Default)]
struct State {
    /// Places where a person is shown questions.
    desks: usize,
    closed: bool,
    waiting: Vec<Waiting>,
    nos: BTreeMap<(String, String), Nos>,
}

struct Waiting {
    question: ConsentQuestion,
    whose: Whose,
    ends: Instant,
    /// Requests that wait for the answer.
    askers: usize,
    end: watch::Sender<Option<Ended>>,
}

struct Nos {
    count: u32,
    last: Instant,
}

impl Nos {
    fn silence(&self, now: Instant) -> Option<Ended> {
        let blocked = self.count >= MOST_NOS;
        (blocked || now.duration_since(self.last) < SILENT_FOR).then_some(Ended::Silenced { blocked })
    }
}

/// How a question ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Answered(ConsentDecision),
    /// It was not even asked, so soon after a no.
    Silenced {
        /// Until a person allows it by themselves.
        blocked: bool,
    },
    TimedOut,
    /// Nobody is shown questions any more.
    DeskGone,
    /// The agent stops.
    Stopped,
}

/// A place where a person is shown questions, as long as it is held.
pub(crate) struct Desk(Arc<Consents>);

/// One request that waits.
struct Asker<'a> {
    agent: &'a Agent,
    id: String,
    ends: Instant,
    end: watch::Receiver<Option<Ended>>,
}

/// Asks, or joins those who wait for the same answer.
///
/// # Errors
/// `broker.busy` when too many questions wait.
pub(super) async fn ask(agent: &Arc<Agent>, whose: &Whose, wanted: ConsentWanted) -> Result<Ended, Refusal> {
    let mut asker = match join(agent, whose, wanted)? {
        Ok(asker) => asker,
        Err(ended) => return Ok(ended),
    };
    let in_time = tokio::time::timeout_at(asker.ends, asker.end.wait_for(Option::is_some)).await.is_ok();
    if !in_time {
        // Without effect where it was answered at the very last moment.
        agent.consents.questions.end(agent, &asker.id, Ended::TimedOut);
    }
    let ended = *asker.end.borrow();
    Ok(ended.unwrap_or(Ended::Stopped))
}

fn join<'a>(agent: &'a Agent, whose: &Whose, wanted: ConsentWanted) -> Result<Result<Asker<'a>, Ended>, Refusal> {
    let mut state = agent.consents.questions.state();
    let now = Instant::now();
    if state.closed {
        return Ok(Err(Ended::Stopped));
    }
    if state.desks == 0 {
        return Ok(Err(Ended::DeskGone));
    }
    let nos = state.nos.get(&(wanted.program.clone(), wanted.profile.clone()));
    if let Some(silenced) = nos.and_then(|nos| nos.silence(now)) {
        return Ok(Err(silenced));
    }
    let is_same = |waiting: &Waiting| {
        let it = &waiting.question.wanted;
        it.program == wanted.program
            && it.sha256 == wanted.sha256
            && waiting.whose == *whose
            && it.reach == wanted.reach
    };
    if let Some(same) = state.waiting.iter_mut().find(|waiting| is_same(waiting)) {
        same.askers += 1;
        let (id, ends, end) = (same.question.id.clone(), same.ends, same.end.subscribe());
        return Ok(Ok(Asker { agent, id, ends, end }));
    }
    let of_it = state.waiting.iter().filter(|waiting| waiting.question.wanted.program == wanted.program).count();
    if state.waiting.len() >= MOST_WAITING || of_it >= MOST_OF_ONE {
        let hint = "Answer the questions that wait in the window, and let it ask again.";
        return Err(Refusal::new("broker.busy", "Too many questions wait for an answer already.", hint).retryable());
    }
    let ends_at = agent.host.now().checked_add(ANSWERED_WITHIN).unwrap_or(jiff::Timestamp::MAX);
    let question = ConsentQuestion { id: agent.host.identifier(), ends_at, wanted };
    let (end, ended) = watch::channel(None);
    let ends = now + ANSWERED_WITHIN;
    let asker = Asker { agent, id: question.id.clone(), ends, end: ended };
    state.waiting.push(Waiting { question: question.clone(), whose: whose.clone(), ends, askers: 1, end });
    drop(state);
    let ConsentWanted { program, pid, profile, reach, .. } = &question.wanted;
    let kind = EventKind::ConsentAsked { program: program.clone(), pid: *pid, reach: reach.clone() };
    recorded(agent, profile, kind);
    agent.journal.tell(Update::ConsentAsked { question });
    Ok(Ok(asker))
}

/// Who hangs up takes the question along, unless others wait for the answer too (B-T14).
impl Drop for Asker<'_> {
    fn drop(&mut self) {
        let mut state = self.agent.consents.questions.state();
        let Some(at) = state.waiting.iter().position(|waiting| waiting.question.id == self.id) else { return };
        state.waiting[at].askers -= 1;
        if state.waiting[at].askers == 0 {
            state.waiting.remove(at);
            drop(state);
            self.agent.journal.tell(Update::ConsentSettled { id: self.id.clone() });
        }
    }
}

impl Questions {
    pub(super) fn waiting(&self) -> Vec<ConsentQuestion> {
        self.state().waiting.iter().map(|waiting| waiting.question.clone()).collect()
    }

    pub(super) fn find(&self, id: &str) -> Option<(Whose, ConsentWanted)> {
        let state = self.state();
        let found = state.waiting.iter().find(|waiting| waiting.question.id == id)?;
        Some((found.whose.clone(), found.question.wanted.clone()))
    }

    pub(super) fn has_desk(&self) -> bool {
        self.state().desks > 0
    }

    /// Tells everybody who waits; nothing when the question is over already.
    pub(super) fn end(&self, agent: &Agent, id: &str, ended: Ended) -> Option<ConsentWanted> {
        let mut state = self.state();
        let at = state.waiting.iter().position(|waiting| waiting.question.id == id)?;
        let waiting = state.waiting.remove(at);
        let wanted = waiting.question.wanted.clone();
        if ended == Ended::Answered(ConsentDecision::Deny) {
            let key = (wanted.program.clone(), wanted.profile.clone());
            let now = Instant::now();
            let nos = state.nos.entry(key).or_insert(Nos { count: 0, last: now });
            (nos.count, nos.last) = (nos.count + 1, now);
        }
        drop(state);
        waiting.end.send_replace(Some(ended));
        agent.journal.tell(Update::ConsentSettled { id: id.to_owned() });
        Some(wanted)
    }

    /// Questions of a program that a new decision answers too.
    pub(super) fn answered_by(&self, program: &Program, whose: &Whose, fits: impl Fn(&Reach) -> bool) -> Vec<String> {
        let state = self.state();
        let fits = state.waiting.iter().filter(|waiting| {
            let it = &waiting.question.wanted;
            it.program == program.path && it.sha256 == program.sha256 && waiting.whose == *whose && fits(&it.reach)
        });
        fits.map(|waiting| waiting.question.id.clone()).collect()
    }

    /// A person has decided by themselves: earlier nos are no reason to be silent any more.
    pub(super) fn forget_nos(&self, program: &str, profile: &str) {
        self.state().nos.remove(&(program.to_owned(), profile.to_owned()));
    }

    pub(super) fn close(&self) {
        self.state().closed = true;
        self.end_all(Ended::Stopped);
    }

    fn end_all(&self, ended: Ended) {
        for waiting in std::mem::take(&mut self.state().waiting) {
            waiting.end.send_replace(Some(ended));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    pub(super) fn new(consents: Arc<Consents>) -> Self {
        consents.questions.state().desks += 1;
        Self(consents)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let questions = &self.0.questions;
        let mut state = questions.state();
        state.desks -= 1;
        let last = state.desks == 0;
        drop(state);
        if last {
            questions.end_all(Ended::DeskGone);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_ends_until_the_third_no() {
        let last = Instant::now();
        let silence = |count, after| Nos { count, last }.silence(last + after);
        assert_eq!(silence(1, Duration::from_secs(29)), Some(Ended::Silenced { blocked: false }));
        assert_eq!(silence(2, SILENT_FOR), None);
        assert_eq!(silence(3, Duration::from_secs(86_400)), Some(Ended::Silenced { blocked: true }));
    }
}
