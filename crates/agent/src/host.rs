//! What the agent takes from the machine: the time, randomness, the network and the browser.

use std::sync::Arc;
use std::time::Duration;

use doorkey_oauth::DpopKey;
use jiff::Timestamp;

use crate::browser::BrowserChoice;
use crate::http::Http;

/// Timers do not count suspended time on Linux: after a wake-up the clock is looked at within this time.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);

/// The machine, as the agent sees it. The only place that asks for the time or for randomness.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) http: Arc<Http>,
    pub(crate) browser: BrowserChoice,
}

impl Host {
    /// The present moment by the wall clock, to the millisecond.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks for the time")]
    #[expect(clippy::unused_self, reason = "who has no host has no clock")]
    pub(crate) fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Resolves when the wall clock has reached that moment, a suspended computer included (L-38).
    pub(crate) async fn reached(&self, moment: Timestamp) {
        loop {
            let left = moment.duration_since(self.now());
            let Ok(left) = Duration::try_from(left) else { return };
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LONGEST_SLEEP)).await;
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
