//! What the agent takes from the machine: the time, randomness, the network and the browser.

use std::sync::Arc;
use std::time::Duration;

use doorkey_oauth::DpopKey;
use jiff::Timestamp;

use crate::browser::BrowserChoice;
use crate::http::Http;
use crate::time::{Clock, Moment};

/// Timers do not count suspended time on Linux: after a wake-up the clock is looked at within this time.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);

/// The machine, as the agent sees it. The only way to the time and to randomness.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) http: Arc<Http>,
    pub(crate) browser: BrowserChoice,
    pub(crate) clock: Clock,
}

impl Host {
    /// The present moment by the wall clock, to the millisecond.
    pub(crate) fn now(&self) -> Timestamp {
        self.moment().wall
    }

    /// The present moment.
    pub(crate) fn moment(&self) -> Moment {
        self.clock.now()
    }

    /// Resolves when the wall clock has reached that moment, a suspended computer included; and no later than a clock
    /// that nobody sets would have, for one that is set back (L-38).
    pub(crate) async fn reached(&self, moment: Timestamp) {
        let left = || Duration::try_from(moment.duration_since(self.now())).unwrap_or_default();
        let latest = tokio::time::Instant::now() + left();
        while !left().is_zero() && tokio::time::Instant::now() < latest {
            let soon = tokio::time::Instant::now() + left().min(LONGEST_SLEEP);
            tokio::time::sleep_until(soon.min(latest)).await;
        }
    }

    /// Fresh random bytes from the operating system.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks for randomness")]
    #[expect(clippy::unused_self, reason = "who has no host has no randomness")]
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).expect("a running system gives randomness");
        bytes
    }

    /// A key of its own for each sign-in (RFC 9449, DPOP-07).
    pub(crate) fn dpop_key(&self) -> DpopKey {
        loop {
            if let Some(key) = DpopKey::of_random(self.random()) {
                return key;
            }
        }
    }

    /// An identifier nobody can guess: 16 hex digits.
    pub(crate) fn identifier(&self) -> String {
        self.random::<8>().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Between 0 and 1, for spreading renewals.
    pub(crate) fn jitter(&self) -> f64 {
        f64::from(u32::from_le_bytes(self.random())) / f64::from(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    /// L-38: the computer's clock is set back while a sign-in waits | the wait ends after its time all the same
    // Timers run ahead at once, and the wall clock stays behind.
    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_set_back_does_not_prolong_a_wait() {
        let host = host();
        let began = tokio::time::Instant::now();
        host.reached(host.now() + SignedDuration::from_secs(60)).await;
        let waited = began.elapsed();
        assert!((Duration::from_secs(59)..Duration::from_secs(62)).contains(&waited), "{waited:?}");
    }

    /// the computer sleeps through the end of a wait | it ends at once after that
    #[tokio::test(start_paused = true)]
    async fn a_moment_that_has_passed_is_not_waited_for() {
        let host = host();
        let began = tokio::time::Instant::now();
        host.reached(host.now() - SignedDuration::from_secs(1)).await;
        assert!(began.elapsed().is_zero());
    }

    fn host() -> Host {
        let http = Http::new(crate::http::HttpSettings::default());
        Host { http: Arc::new(http), browser: BrowserChoice::from_env(None), clock: Clock::default() }
    }
}
