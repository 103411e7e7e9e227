//! This computer's clock beside those of the providers, and how far apart they may be.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use doorkey_oauth::ClockSkew;
use jiff::Timestamp;

use crate::http::Answer;
use crate::journal::Trail;

/// In seconds, where a profile does not say (IDT-08).
const TOLERANCE: u32 = 60;
/// In seconds: more would keep ended tokens alive (IDT-08).
const MOST_TOLERANCE: u32 = 300;

/// The last reading of each provider's clock, by issuer.
#[derive(Default)]
pub(crate) struct Clocks {
    read: Mutex<HashMap<String, ClockSkew>>,
}

impl Clocks {
    /// Reads the provider's clock off an answer that has just come. An answer that does not tell leaves the reading
    /// before it; one that came by an edited request is read for that flow alone.
    pub(crate) fn compare(&self, trail: &Trail, issuer: &str, answer: &Answer, now: Timestamp) -> Option<ClockSkew> {
        let took = u64::try_from(answer.took.as_millis()).unwrap_or(u64::MAX);
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        match ClockSkew::measured(&answer.response, now.as_millisecond(), took) {
            Some(skew) if trail.is_edited() => Some(skew),
            Some(skew) => {
                read.insert(issuer.to_owned(), skew);
                Some(skew)
            }
            None => read.get(issuer).copied(),
        }
    }

    /// The last reading.
    pub(crate) fn skew(&self, issuer: &str) -> Option<ClockSkew> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).get(issuer).copied()
    }
}

/// How far clocks may differ before a time in an ID token counts as wrong, in seconds, where `set` is the profile's word.
pub(crate) fn tolerance(set: Option<u32>) -> u32 {
    set.unwrap_or(TOLERANCE).min(MOST_TOLERANCE)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::journal::Journal;
    use crate::stepping::tests::edited_trail;

    fn answer(date: Option<&str>) -> Answer {
        let mut response = http::Response::new(Vec::new());
        if let Some(date) = date {
            response.headers_mut().insert(http::header::DATE, date.parse().expect("a value"));
        }
        Answer { response, took: Duration::from_millis(200) }
    }

    #[test]
    fn each_provider_has_a_clock_of_its_own_and_the_last_reading_stays() {
        let clocks = Clocks::default();
        let now = Timestamp::from_second(784_111_777).expect("a moment");
        let trail = Arc::new(Journal::new(None)).trail("work", "0");
        let compare = |issuer, date| clocks.compare(&trail, issuer, &answer(date), now).map(ClockSkew::seconds_ahead);
        assert_eq!(compare("https://one", None), None);
        assert_eq!(compare("https://one", Some("Sun, 06 Nov 1994 09:47:37 GMT")), Some(-3_480));
        assert_eq!(compare("https://two", Some("Sun, 06 Nov 1994 08:49:37 GMT")), Some(0));
        assert_eq!(compare("https://one", None), Some(-3_480));
        assert_eq!(clocks.skew("https://two").map(ClockSkew::seconds_ahead), Some(0));
    }

    #[test]
    fn an_edited_request_teaches_nothing_about_a_clock() {
        let clocks = Clocks::default();
        let now = Timestamp::from_second(784_111_777).expect("a moment");
        let hour_off = answer(Some("Sun, 06 Nov 1994 09:47:37 GMT"));
        let read = clocks.compare(&edited_trail(), "https://one", &hour_off, now);
        assert_eq!(read.map(ClockSkew::seconds_ahead), Some(-3_480), "for that flow it counts");
        assert!(clocks.skew("https://one").is_none());
    }

    #[test]
    fn a_minute_is_tolerated_and_five_at_most() {
        assert_eq!([None, Some(0), Some(120), Some(86_400)].map(tolerance), [60, 0, 120, 300]);
    }
}
