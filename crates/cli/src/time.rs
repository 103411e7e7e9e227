//! Times and durations as people read them, and as they type them.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// The present moment: the only place of the command line that asks for it.
#[expect(clippy::disallowed_methods, reason = "what is shown is relative to now")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Whole seconds from `now` to `then`; negative when it is over.
pub(crate) fn seconds_until(then: Timestamp, now: Timestamp) -> i64 {
    // Rounded up, so that a countdown shows 0 only when it is over.
    (then.as_millisecond() - now.as_millisecond() + 999).div_euclid(1000)
}

/// `48 min left`, `2 h 5 min left`, `ended 3 min ago`.
pub(crate) fn left(end: Timestamp, now: Timestamp) -> String {
    match seconds_until(end, now) {
        seconds if seconds > 0 => format!("{} left", span(seconds)),
        seconds => format!("ended {}", ago(-seconds)),
    }
}

/// `in 38 min`, `now`.
pub(crate) fn within(then: Timestamp, now: Timestamp) -> String {
    match seconds_until(then, now) {
        seconds if seconds > 0 => format!("in {}", span(seconds)),
        _ => "now".to_owned(),
    }
}

fn ago(seconds: i64) -> String {
    if seconds < 1 { "just now".to_owned() } else { format!("{} ago", span(seconds)) }
}

/// `12 s`, `4 min 58 s`, `48 min`, `2 h 5 min`, `3 days`: as exact as is useful.
pub(crate) fn span(seconds: i64) -> String {
    let (minute, hour, day) = (60, 3_600, 86_400);
    match seconds {
        ..120 => format!("{} s", seconds.max(0)),
        120..600 => two(seconds / minute, "min", seconds % minute, "s"),
        600..7_200 => format!("{} min", seconds / minute),
        7_200..172_800 => two(seconds / hour, "h", seconds % hour / minute, "min"),
        _ => format!("{} days", seconds / day),
    }
}

fn two(great: i64, of: &str, small: i64, and: &str) -> String {
    if small == 0 { format!("{great} {of}") } else { format!("{great} {of} {small} {and}") }
}

/// How long something took: `0.4 ms`, `12 ms`, `1.3 s`; `<1 ms` for what was counted in whole milliseconds.
pub(crate) fn took(time: Duration) -> String {
    match time.as_micros() {
        ..50 => "<1 ms".to_owned(),
        micros @ ..1_000 => format!("{:.1} ms", micros as f64 / 1_000.0),
        micros @ ..1_000_000 => format!("{} ms", micros / 1_000),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

/// The time of day in the user's time zone, with the date when it is not today's: `14:32`, `2026-03-01 14:32`.
pub(crate) fn clock(moment: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (moment, now) = (moment.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let pattern = if moment.date() == now.date() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    moment.strftime(pattern).to_string()
}

/// The same, with the day of the week where that says which day: `Friday 14:32`.
pub(crate) fn weekday(moment: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
    let next_week = day(now).saturating_add(7.days());
    if day(moment) > day(now) && day(moment) < next_week {
        return moment.to_zoned(zone.clone()).strftime("%A %H:%M").to_string();
    }
    clock(moment, now, zone)
}

/// `until 14:32` for ends within reach, in the user's time zone.
pub(crate) fn until(moment: Timestamp, now: Timestamp) -> String {
    format!("until {}", clock(moment, now, &TimeZone::system()))
}

/// A clock before this is wrong: this program is younger.
pub(crate) fn is_plausible(now: Timestamp) -> bool {
    let earliest = Timestamp::UNIX_EPOCH.checked_add((24 * 365 * 56).hours());
    earliest.is_ok_and(|earliest| now > earliest)
}

/// Seconds from `60`, `60s`, `5m`, `1h` or `30d`.
///
/// # Errors
/// One sentence for the person who typed it.
pub(crate) fn parse_seconds(typed: &str) -> Result<u32, String> {
    let (digits, unit) = match typed.find(|c: char| !c.is_ascii_digit()) {
        Some(end) => typed.split_at(end),
        None => (typed, "s"),
    };
    let factor = match unit.trim() {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(format!("`{typed}` is not a time; write seconds, or such as 60s, 5m, 1h")),
    };
    let number: u32 = digits.parse().map_err(|_| format!("`{typed}` is not a time; write such as 60s, 5m, 1h"))?;
    number.checked_mul(factor).ok_or_else(|| format!("`{typed}` is too long a time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("a moment in range")
    }

    #[test]
    fn a_span_is_as_exact_as_is_useful() {
        for (seconds, shown) in [
            (0, "0 s"),
            (12, "12 s"),
            (90, "90 s"),
            (120, "2 min"),
            (298, "4 min 58 s"),
            (2_880, "48 min"),
            (7_199, "119 min"),
            (7_500, "2 h 5 min"),
            (36_000, "10 h"),
            (259_200, "3 days"),
        ] {
            assert_eq!(span(seconds), shown);
        }
    }

    #[test]
    fn what_is_left_and_what_is_over_read_differently() {
        assert_eq!(left(at(2_880), at(0)), "48 min left");
        assert_eq!(left(at(0), at(0)), "ended just now");
        assert_eq!(left(at(0), at(200)), "ended 3 min 20 s ago");
        assert_eq!(within(at(2_280), at(0)), "in 38 min");
        assert_eq!(within(at(0), at(5)), "now");
    }

    #[test]
    fn a_countdown_shows_nothing_left_only_when_it_is_over() {
        let half_a_second = Timestamp::from_millisecond(1_800_000_000_500).expect("a moment in range");
        assert_eq!(seconds_until(half_a_second, at(0)), 1);
        assert_eq!(seconds_until(at(0), at(0)), 0);
        assert_eq!(seconds_until(at(0), half_a_second), 0);
    }

    #[test]
    fn the_clock_has_the_date_when_it_is_not_today() {
        assert_eq!(clock(at(0), at(0), &TimeZone::UTC), "08:00");
        assert_eq!(clock(at(86_400), at(0), &TimeZone::UTC), "2027-01-16 08:00");
        let day = |days: i64| weekday(at(days * 86_400), at(0), &TimeZone::UTC);
        assert_eq!([day(0), day(1), day(6), day(7)], ["08:00", "Saturday 08:00", "Thursday 08:00", "2027-01-22 08:00"]);
    }

    #[test]
    fn how_long_it_took_fits_a_column() {
        assert_eq!(took(Duration::ZERO), "<1 ms");
        assert_eq!(took(Duration::from_micros(430)), "0.4 ms");
        assert_eq!(took(Duration::from_millis(12)), "12 ms");
        assert_eq!(took(Duration::from_millis(1_340)), "1.3 s");
    }

    #[test]
    fn times_are_typed_with_or_without_a_unit() {
        assert_eq!(parse_seconds("60"), Ok(60));
        assert_eq!(parse_seconds("60s"), Ok(60));
        assert_eq!(parse_seconds("5m"), Ok(300));
        assert_eq!(parse_seconds("1h"), Ok(3_600));
        for wrong in ["", "s", "-5", "5 days", "1.5h", "99999999999", "4000000h"] {
            assert!(parse_seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_clock_at_the_epoch_is_not_plausible() {
        assert!(!is_plausible(Timestamp::UNIX_EPOCH));
        assert!(is_plausible(at(0)));
    }
}
