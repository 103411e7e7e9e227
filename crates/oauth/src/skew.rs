//! How far this computer's clock and a provider's are apart, so that a wrong clock is told from a wrong token (I-19).

use std::fmt;

use http::header::AGE;

use crate::answer::{Response, answered_at, header};

/// Below this nobody's token is refused for it, and nobody need be told.
const NOTABLE_SECS: u64 = 60;
/// Below this no proof is refused for it.
const PROOF_SECS: u64 = 10;
/// Set here, because the next step is a command where one is known.
const SET_IT: &str =
    if cfg!(target_os = "linux") { "Set it right (`timedatectl set-ntp true`)" } else { "Set it right" };

/// How far this computer's clock is ahead of a provider's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClockSkew {
    ahead: i64,
}

impl ClockSkew {
    /// From one answer that was complete at `came_at` by this computer's clock, `took` after it was asked for (both in
    /// milliseconds). Nothing when it does not tell its own time.
    ///
    /// The provider wrote its time somewhere on the way, in whole seconds (RFC 9110 section 6.6.1); a cache says how
    /// long ago that was (RFC 9111 section 5.1). What this leaves open never counts as skew.
    #[must_use]
    pub fn measured(response: &Response, came_at: i64, took: u64) -> Option<Self> {
        let age = header(response, AGE).and_then(|age| age.trim().parse::<u32>().ok()).unwrap_or(0);
        let wrote = answered_at(response)?.saturating_add(i64::from(age)).saturating_mul(1_000);
        let most = came_at.saturating_sub(wrote);
        let least = most.saturating_sub(i64::try_from(took).unwrap_or(i64::MAX)).saturating_sub(1_000);
        let ahead = if least <= 0 && most >= 0 { 0 } else { least.midpoint(most) };
        Some(Self { ahead: ahead / 1_000 })
    }

    /// From two readings of one moment, in Unix seconds.
    #[must_use]
    pub fn between(ours: i64, providers: i64) -> Self {
        Self { ahead: ours.saturating_sub(providers) }
    }

    /// Seconds; negative where this computer's clock is behind.
    #[must_use]
    pub fn seconds_ahead(self) -> i64 {
        self.ahead
    }

    /// What the provider's clock shows when ours shows `now` (Unix seconds).
    #[must_use]
    pub fn provider_clock(self, now: i64) -> i64 {
        now.saturating_sub(self.ahead)
    }

    /// Whether it explains a refusal: more than a minute.
    #[must_use]
    pub fn is_notable(self) -> bool {
        self.ahead.unsigned_abs() > NOTABLE_SECS
    }

    /// Whether it may make a proof look too old, or not yet made: good for seconds to minutes around its `iat`
    /// (RFC 9449 section 11.1).
    pub(crate) fn matters_to_proofs(self) -> bool {
        self.ahead.unsigned_abs() >= PROOF_SECS
    }

    /// The next step for somebody who was refused because of it.
    #[must_use]
    pub fn hint(self) -> String {
        format!(
            "Compared with the provider's, this computer's clock is {self}. {SET_IT} and start again; if it is right, the provider's is wrong."
        )
    }
}

/// As people say it: `58 minutes slow`.
impl fmt::Display for ClockSkew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.ahead.unsigned_abs();
        let rounded = |unit: u64| (seconds + unit / 2) / unit;
        let (number, unit) = match seconds {
            0 => return f.write_str("right"),
            1..120 => (seconds, "second"),
            120..7_200 => (rounded(60), "minute"),
            7_200..172_800 => (rounded(3_600), "hour"),
            _ => (rounded(86_400), "day"),
        };
        let plural = if number == 1 { "" } else { "s" };
        write!(f, "{number} {unit}{plural} {}", if self.ahead > 0 { "fast" } else { "slow" })
    }
}

#[cfg(test)]
mod tests {
    use http::header::DATE;

    use super::*;

    /// 1994-11-06 08:49:37 UTC
    const DATE_SECS: i64 = 784_111_777;

    fn answer(age: Option<&str>) -> Response {
        let mut response = http::Response::new(Vec::new());
        response.headers_mut().insert(DATE, http::HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT"));
        if let Some(age) = age {
            response.headers_mut().insert(AGE, age.parse().expect("a value"));
        }
        response
    }

    fn ahead(response: &Response, came_at: i64, took: u64) -> i64 {
        ClockSkew::measured(response, came_at, took).expect("a date").seconds_ahead()
    }

    #[test]
    fn what_the_round_trip_leaves_open_is_no_skew() {
        let second = DATE_SECS * 1_000;
        assert_eq!(ahead(&answer(None), second, 0), 0);
        assert_eq!(ahead(&answer(None), second + 999, 0), 0, "the header has whole seconds");
        assert_eq!(ahead(&answer(None), second + 25_000, 25_000), 0, "written as soon as it was asked for");
        assert_eq!(ahead(&answer(None), second + 60_000, 2_000), 58);
        assert_eq!(ahead(&answer(None), second - 3_480_000, 200), -3_480);
    }

    #[test]
    fn an_answer_from_a_cache_is_as_old_as_it_says() {
        let second = DATE_SECS * 1_000;
        assert_eq!(ahead(&answer(Some("600")), second + 600_000, 100), 0);
        assert_eq!(ahead(&answer(Some("often")), second + 600_000, 100), 599);
    }

    #[test]
    fn an_answer_without_a_date_tells_nothing_and_no_number_overflows() {
        assert_eq!(ClockSkew::measured(&http::Response::new(Vec::new()), 0, 0), None);
        for came_at in [i64::MIN, i64::MAX] {
            assert_ne!(ahead(&answer(Some("4294967295")), came_at, u64::MAX), 1);
        }
        assert_eq!(ClockSkew::between(i64::MIN, 1).provider_clock(i64::MAX), i64::MAX);
    }

    #[test]
    fn it_is_told_as_people_say_it() {
        for (ahead, told) in [
            (0, "right"),
            (1, "1 second fast"),
            (-75, "75 seconds slow"),
            (-3_480, "58 minutes slow"),
            (7_200, "2 hours fast"),
            (-31_536_000, "365 days slow"),
        ] {
            assert_eq!(ClockSkew::between(ahead, 0).to_string(), told);
        }
        assert!(!ClockSkew::between(60, 0).is_notable() && ClockSkew::between(0, 61).is_notable());
    }
}
