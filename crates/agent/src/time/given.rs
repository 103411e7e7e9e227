//! A clock that goes as it is told, for whoever tries out what a sleep of nine hours or a clock that is set does.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::{Moment, Uptime, uptime, wall};

/// Stands still until it is told to go on. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct GivenClock(watch::Sender<Moment>);

impl GivenClock {
    /// Shows the time at which it was made.
    #[must_use]
    pub fn new() -> Self {
        Self(watch::Sender::new(Moment { wall: wall(), uptime: uptime() }))
    }

    /// Time passes, awake or asleep.
    pub fn pass(&self, time: Duration) {
        self.0.send_modify(|now| {
            now.wall += SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
            now.uptime = now.uptime + time;
        });
    }

    /// Somebody sets the wall clock, forwards or backwards; no time passes.
    pub fn set(&self, by: SignedDuration) {
        self.0.send_modify(|now| now.wall += by);
    }

    /// What people see.
    #[must_use]
    pub fn wall(&self) -> Timestamp {
        self.0.borrow().wall
    }

    pub(super) fn now(&self) -> Moment {
        *self.0.borrow()
    }

    /// Resolves when that moment is reached, or somebody sets the wall clock.
    pub(super) async fn reached(&self, until: Option<Uptime>) {
        let between = |now: &Moment| now.wall.as_millisecond() - i64::try_from(now.uptime.0.as_millis()).unwrap_or(0);
        let mut clock = self.0.subscribe();
        let before = between(&clock.borrow());
        let _ = clock
            .wait_for(|now| until.is_some_and(|until| now.uptime >= until) || between(now).abs_diff(before) > 1)
            .await;
    }
}

impl Default for GivenClock {
    fn default() -> Self {
        Self::new()
    }
}
