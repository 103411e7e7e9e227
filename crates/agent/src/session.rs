//! One session of this agent, live: what the vault holds, and how it stands right now.

mod span;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use doorkey_client::words::{Refusal, Session, SessionEnd, SessionState};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

pub(crate) use self::span::Due;
use self::span::{LARGEST_STEP, Span, positive};
use crate::further::FurtherTokens;
use crate::record::SessionRecord;
use crate::refresh_end::session_end;
use crate::time::{Moment, Uptime};
use crate::token::HandOuts;
use crate::vault::RecordId;

/// One session.
pub(crate) struct Live {
    pub(crate) id: RecordId,
    held: Mutex<Held>,
    /// Tokens for other APIs, got with this session.
    pub(crate) further: FurtherTokens,
    pub(crate) hand_outs: HandOuts,
    /// Whose turn it is to change the tokens, when it is somebody's: everybody else waits for its outcome.
    turn: Mutex<Option<(Purpose, watch::Receiver<Option<Outcome>>)>>,
}

/// What a turn is taken for. Only who wants the same may take its outcome for an own one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The session's own access token is renewed.
    Renewal,
    /// A token for another API is asked for.
    FurtherToken,
    /// The session begins anew, or ends.
    Replacement,
}

/// What a turn ended in.
pub(crate) type Outcome = Result<(), Refusal>;

/// The right to change a session's tokens: a renewal, a token for another API, a new sign-in or a sign-out, one at a time. Free again when
/// dropped, and whoever waited is told then.
pub(crate) struct Turn {
    live: Arc<Live>,
    tell: watch::Sender<Option<Outcome>>,
    outcome: Outcome,
}

/// Whose turn it is.
pub(crate) enum Next {
    Mine(Turn),
    Theirs(Purpose, watch::Receiver<Option<Outcome>>),
}

/// What is true of a session at this moment. One value for one state: readers never see half a renewal.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) record: Arc<SessionRecord>,
    pub(crate) standing: Standing,
    /// The newest tokens are in memory only.
    pub(crate) unsaved: bool,
    pub(crate) span: Span,
    /// Of which end the person was told.
    pub(crate) noticed: Option<Timestamp>,
}

/// How a session stands, apart from the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Renewals work, or none was needed yet.
    Good,
    /// A renewal is under way.
    Renewing,
    /// The last renewal did not work out; the refresh token is kept and tried again.
    ///
    /// Programs that ask again get the same answer until it has stood for so long.
    Waiting { problem: Refusal, failures: u32, tried_at: Uptime, stands: Duration, next_try: Due },
    /// Only the person can go on.
    Ended { problem: Refusal },
    /// Signed out, or locked away: whoever still holds it gets nothing of it any more, what is valid included.
    Gone { problem: Refusal },
}

impl Live {
    pub(crate) fn new(id: RecordId, held: Held) -> Self {
        Self {
            id,
            held: Mutex::new(held),
            further: FurtherTokens::default(),
            hand_outs: HandOuts::default(),
            turn: Mutex::new(None),
        }
    }

    /// Joins the turn under way; takes it when it is nobody's and `wanted` still says so, asked under the lock.
    pub(crate) fn next(
        self: &Arc<Self>,
        purpose: Purpose,
        wanted: impl FnOnce(&Held) -> Result<bool, Refusal>,
    ) -> Result<Option<Next>, Refusal> {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((theirs, outcome)) = &*turn {
            return Ok(Some(Next::Theirs(*theirs, outcome.clone())));
        }
        if !wanted(&self.held())? {
            return Ok(None);
        }
        let (tell, outcome) = watch::channel(None);
        *turn = Some((purpose, outcome));
        Ok(Some(Next::Mine(Turn { live: Arc::clone(self), tell, outcome: Ok(()) })))
    }

    /// Waits until it is this caller's turn.
    pub(crate) async fn turn(self: &Arc<Self>) -> Turn {
        loop {
            match self.next(Purpose::Replacement, |_| Ok(true)) {
                Ok(Some(Next::Mine(turn))) => return turn,
                Ok(Some(Next::Theirs(_, mut outcome))) => drop(outcome.wait_for(Option::is_some).await),
                Ok(None) | Err(_) => unreachable!("it was wanted"),
            }
        }
    }

    /// Whether the tokens are the application's own.
    pub(crate) fn is_application(&self) -> bool {
        self.held().record.is_application()
    }

    /// What it holds, for whoever is to have a token of it.
    ///
    /// # Errors
    /// Why nobody gets one any more: [`Held::is_here`].
    pub(crate) fn still(&self) -> Result<Held, Refusal> {
        let held = self.held().clone();
        held.is_here()?;
        Ok(held)
    }

    pub(crate) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    pub(crate) fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// What it will end in, for those who wait.
    pub(crate) fn outcome(&self) -> watch::Receiver<Option<Outcome>> {
        self.tell.subscribe()
    }

    /// Ends it: the place is free before anybody is told, so that whoever asks next starts from the new state.
    pub(crate) fn end(mut self, outcome: Outcome) {
        self.outcome = outcome;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.live.turn.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.tell.send_replace(Some(self.outcome.clone()));
    }
}

impl Held {
    pub(crate) fn new(record: SessionRecord, now: Moment) -> Self {
        let span = Span::of(&record, now);
        Self { record: Arc::new(record), standing: Standing::Good, unsaved: false, span, noticed: None }
    }

    /// A renewal has brought this; what the person was told stays told.
    pub(crate) fn renewed(&mut self, record: SessionRecord, unsaved: bool, now: Moment) {
        *self = Self { unsaved, noticed: self.noticed, ..Self::new(record, now) };
    }

    /// # Errors
    /// Why nothing of it may be used any more, the valid access token included.
    pub(crate) fn is_here(&self) -> Result<(), Refusal> {
        match &self.standing {
            Standing::Gone { problem } => Err(problem.clone()),
            Standing::Good | Standing::Renewing | Standing::Waiting { .. } | Standing::Ended { .. } => Ok(()),
        }
    }

    /// Whether the access token is valid for `ttl` seconds more, by both clocks. One without a known end is taken at its
    /// word.
    pub(crate) fn valid_for(&self, now: Moment, ttl: u32) -> bool {
        let wanted = Duration::from_secs(u64::from(ttl));
        let by_wall = |end: Timestamp| positive(end.duration_since(now.wall)) > wanted;
        self.record.expires_at.is_none_or(by_wall) && self.span.ends.is_none_or(|end| end.since(now.uptime) > wanted)
    }

    /// When the access token ends, by a wall clock that was set back since, too.
    pub(crate) fn expires_at(&self, now: Moment) -> Option<Timestamp> {
        let told = self.record.expires_at?;
        let left = SignedDuration::try_from(self.span.ends?.since(now.uptime)).unwrap_or(SignedDuration::MAX);
        let counted = now.wall.saturating_add(left).unwrap_or(told);
        Some(if told.duration_since(counted) > LARGEST_STEP { counted } else { told })
    }

    /// When the person is to be told that the session ends, by the wall clock; nothing when they were.
    pub(crate) fn notice(&self) -> Option<(Timestamp, SessionEnd)> {
        let end = session_end(&self.record).filter(|_| self.renewable())?;
        (self.noticed != Some(end.at)).then_some((end.notice_at?, end))
    }

    /// The network has changed: what waits for it is tried again then, with short pauses from there on. Not what waits
    /// because the provider wants it to.
    pub(crate) fn try_sooner(&mut self, sooner: Due) -> bool {
        if let Standing::Waiting { problem, failures, next_try, .. } = &mut self.standing
            && problem.code.starts_with("net.")
            && sooner.uptime < next_try.uptime
        {
            (*failures, *next_try) = (0, sooner);
            return true;
        }
        false
    }

    /// Whether it was renewed so short a time ago that asking again would be a storm.
    pub(crate) fn just_renewed(&self, now: Moment, pause: Duration) -> bool {
        self.record.renewals > 0 && self.record.asked_at.is_some_and(|at| now.uptime.since(at) < pause)
    }

    /// An application asks again; a person's session needs a refresh token.
    pub(crate) fn renewable(&self) -> bool {
        let has_means = self.record.refresh_token.is_some() || self.record.is_application();
        has_means && !matches!(self.standing, Standing::Ended { .. } | Standing::Gone { .. })
    }

    /// When the agent has to act by itself: renew, or try again. For an application never: it is asked for when
    /// somebody wants a token.
    pub(crate) fn due(&self) -> Option<Due> {
        match &self.standing {
            _ if self.record.is_application() => None,
            Standing::Renewing | Standing::Ended { .. } | Standing::Gone { .. } => None,
            // A pause is a pause, whatever the wall clock is set to.
            Standing::Waiting { next_try, .. } => Some(Due { wall: Timestamp::MAX, ..*next_try }),
            Standing::Good if self.record.refresh_token.is_some() => {
                Some(Due { wall: self.record.renews_at?, uptime: self.span.renews? })
            }
            Standing::Good => None,
        }
    }

    pub(crate) fn view(&self, id: RecordId, now: Moment) -> Session {
        let record = &self.record;
        let (state, problem) = match &self.standing {
            Standing::Renewing => (SessionState::Renewing, None),
            // Nothing passes by itself where nobody asks: a wrong secret is for a person to mend.
            Standing::Waiting { problem, .. } if record.is_application() && !problem.retryable => {
                (SessionState::SignInRequired, Some(problem.clone()))
            }
            Standing::Waiting { problem, .. } => (SessionState::Offline, Some(problem.clone())),
            Standing::Ended { problem } | Standing::Gone { problem } => {
                (SessionState::SignInRequired, Some(problem.clone()))
            }
            Standing::Good if !self.valid_for(now, 0) && !self.renewable() => (SessionState::Expired, None),
            Standing::Good => (SessionState::SignedIn, None),
        };
        let renews_at = match &self.standing {
            _ if record.is_application() => None,
            Standing::Waiting { next_try, .. } => Some(next_try.wall),
            Standing::Good | Standing::Renewing if record.refresh_token.is_some() => record.renews_at,
            Standing::Good | Standing::Renewing | Standing::Ended { .. } | Standing::Gone { .. } => None,
        };
        Session {
            id: id.to_string(),
            profile: record.profile.clone(),
            issuer: record.issuer.clone(),
            sub: record.identity.sub.clone(),
            identified: record.identity.identified,
            name: record.identity.name.clone(),
            email: record.identity.email.clone(),
            label: None,
            preferred: false,
            position: None,
            state,
            scope: record.granted.clone(),
            scope_refused: record.asked.iter().filter(|scope| !record.granted.contains(scope)).cloned().collect(),
            audience: record.audience.clone(),
            resources: record.resources.clone(),
            token_type: record.token_type.clone(),
            signed_in_at: record.signed_in_at,
            issued_at: record.issued_at,
            expires_at: self.expires_at(now),
            renews_at,
            renewable: self.renewable(),
            ends: if self.renewable() { session_end(record) } else { None },
            unsaved: self.unsaved,
            renewals: record.renewals,
            problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::ada;

    #[tokio::test]
    async fn who_waited_while_a_session_went_gets_nothing_of_it_not_even_what_is_valid() {
        let live = live();
        assert!(live.still().is_ok_and(|held| held.valid_for(now(), 60)));
        let turn = live.turn().await;
        let Ok(Some(Next::Theirs(_, mut waiting))) = live.next(Purpose::Renewal, |_| Ok(true)) else {
            panic!("it is somebody's turn");
        };
        live.held().standing = Standing::Gone { problem: Refusal::new("store.locked", "Locked.", "") };
        turn.end(Ok(()));
        assert_eq!(*waiting.wait_for(Option::is_some).await.expect("it ended"), Some(Ok(())));
        assert_eq!(live.still().map(|_| ()).expect_err("gone").code, "store.locked");
        let held = live.held();
        assert!(held.valid_for(now(), 60) && !held.renewable() && held.due().is_none());
    }

    /// S-32: the clock is set by a year, or the computer sleeps | a token is good while wall clock and uptime both say so
    #[test]
    fn a_token_is_valid_while_both_clocks_say_so() {
        let (hour, year) = (Duration::from_secs(3_600), SignedDuration::from_hours(24 * 365));
        let after = |passed: Duration, set: SignedDuration| {
            let wall = now().wall + SignedDuration::try_from(passed).expect("short") + set;
            Moment { wall, uptime: now().uptime + passed }
        };
        let mut record = SessionRecord::clone(&live().held().record);
        record.expires_at = Some(now().wall + SignedDuration::from_hours(1));
        record.asked_at = Some(now().uptime);
        let held = Held::new(record.clone(), now());
        let valid = |passed, set| held.valid_for(after(passed, set), 60);
        let asleep = |passed| valid(passed, SignedDuration::ZERO);
        assert!(asleep(hour / 2) && !asleep(hour) && !asleep(9 * hour));
        assert!(valid(hour / 2, -year) && !valid(hour, -year), "set back");
        assert!(!valid(hour / 2, year), "set forwards");
        assert_eq!(held.expires_at(after(hour / 2, SignedDuration::ZERO)), record.expires_at);
        let told = held.expires_at(after(hour / 2, -year)).expect("it is known");
        assert_eq!(told, after(hour, -year).wall, "programs are told by the clock they have");
    }

    #[test]
    fn a_token_out_of_the_vault_that_is_from_the_future_is_not_handed_out() {
        let mut record = SessionRecord::clone(&live().held().record);
        record.expires_at = Some(now().wall + SignedDuration::from_hours(1));
        let found = |set: SignedDuration| {
            let now = Moment { wall: now().wall + set, ..now() };
            Held::new(record.clone(), now).valid_for(now, 60)
        };
        assert!(found(SignedDuration::ZERO) && found(-LARGEST_STEP));
        assert!(!found(-SignedDuration::from_hours(1)), "the clock was set back, and nobody knows how old it is");
    }

    fn live() -> Arc<Live> {
        Arc::new(Live::new(RecordId::random(), Held::new(ada(), now())))
    }

    fn now() -> Moment {
        Moment { wall: Timestamp::UNIX_EPOCH, uptime: Uptime::default() }
    }
}
