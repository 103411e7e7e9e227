//! The machine's two clocks: the one that people see and set, and the one that nobody sets and that counts while the
//! computer sleeps (`CLOCK_BOOTTIME`). A token is good while both say so, and what is planned follows the second (S-32).

mod alarm;
mod given;

use std::ops::Add;
use std::time::Duration;

use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};

pub(crate) use self::alarm::Alarm;
pub use self::given::GivenClock;

/// Where the time comes from.
#[derive(Clone, Debug, Default)]
pub struct Clock(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    Machine,
    Given(GivenClock),
}

/// One moment, on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// What people see, to the millisecond.
    pub(crate) wall: Timestamp,
    pub(crate) uptime: Uptime,
}

/// Since the machine was started, sleep included; nobody sets it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Uptime(Duration);

impl Clock {
    pub(crate) fn now(&self) -> Moment {
        match &self.0 {
            Source::Machine => Moment { wall: wall(), uptime: uptime() },
            Source::Given(given) => given.now(),
        }
    }
}

impl From<GivenClock> for Clock {
    fn from(given: GivenClock) -> Self {
        Self(Source::Given(given))
    }
}

impl Uptime {
    /// Zero for a moment that is not before this one.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Uptime {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that asks for the time")]
fn wall() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

fn uptime() -> Uptime {
    #[cfg(target_os = "linux")]
    let id = ClockId::Boottime;
    // On macOS this one goes on while the computer sleeps.
    #[cfg(not(target_os = "linux"))]
    let id = ClockId::Monotonic;
    Uptime(Duration::try_from(clock_gettime(id)).unwrap_or_default())
}
