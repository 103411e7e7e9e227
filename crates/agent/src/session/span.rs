//! When something is due, and the times of an access token on the clock that nobody sets.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::record::SessionRecord;
use crate::time::{Moment, Uptime};

/// What a clock that is kept right by small steps may be off.
pub(super) const LARGEST_STEP: SignedDuration = SignedDuration::from_secs(5);

/// The times of an access token on the clock that nobody sets.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    pub(super) ends: Option<Uptime>,
    pub(super) renews: Option<Uptime>,
}

/// When something is due: as soon as one of the clocks says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) wall: Timestamp,
    pub(crate) uptime: Uptime,
}

impl Due {
    pub(crate) fn after(pause: Duration, now: Moment) -> Self {
        let wall = now.wall.saturating_add(SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX));
        Self { wall: wall.unwrap_or(Timestamp::MAX), uptime: now.uptime + pause }
    }

    pub(crate) fn is_past(self, now: Moment) -> bool {
        self.wall <= now.wall || self.uptime <= now.uptime
    }
}

impl Span {
    pub(super) fn of(record: &SessionRecord, now: Moment) -> Self {
        match record.asked_at {
            Some(asked_at) => {
                let of = |at: Timestamp| asked_at + positive(at.duration_since(record.issued_at));
                Self { ends: record.expires_at.map(of), renews: record.renews_at.map(of) }
            }
            // While it was in the vault nobody counted: the wall clock is all there is. Where it shows a time before the
            // tokens were made, it was set back, and nobody knows how old they are.
            None => {
                let was_set_back = now.wall.duration_since(record.issued_at) < -LARGEST_STEP;
                let of = |at: Timestamp| match was_set_back {
                    true => now.uptime,
                    false => now.uptime + positive(at.duration_since(now.wall)),
                };
                Self { ends: record.expires_at.map(of), renews: record.renews_at.map(of) }
            }
        }
    }
}

pub(super) fn positive(span: SignedDuration) -> Duration {
    Duration::try_from(span).unwrap_or_default()
}
