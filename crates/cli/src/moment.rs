//! Moments as people type them.

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::time::now;

/// A moment: so long ago, a time of day, a date, or both.
///
/// # Errors
/// One sentence for the person who typed it.
pub(crate) fn parse_moment(typed: &str) -> Result<Timestamp, String> {
    moment(typed.trim(), now(), &TimeZone::system()).ok_or_else(|| {
        format!("`{typed}` is not a time; write such as 1h, 23:00, yesterday, 2026-03-01 or \"2026-03-01 14:32\"")
    })
}

fn moment(typed: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    if let Some(ago) = ago(typed) {
        return now.checked_sub(ago).ok();
    }
    let today = now.to_zoned(zone.clone()).date();
    let day = |date: jiff::civil::Date| date.to_zoned(zone.clone()).ok().map(|start| start.timestamp());
    match typed {
        "now" => return Some(now),
        "today" => return day(today),
        "yesterday" => return day(today.yesterday().ok()?),
        _ => {}
    }
    if let Ok(exact) = typed.parse::<Timestamp>() {
        return Some(exact);
    }
    if let Ok(time) = typed.parse::<Time>()
        && typed.contains(':')
        && !typed.contains('-')
    {
        // When it last was that time: at two in the morning, 23:00 is yesterday's.
        let then =
            |date: jiff::civil::Date| date.to_datetime(time).to_zoned(zone.clone()).ok().map(|then| then.timestamp());
        return then(today).filter(|then| *then <= now).or_else(|| then(today.checked_sub(1.day()).ok()?));
    }
    let local: DateTime = typed.parse().ok()?;
    local.to_zoned(zone.clone()).ok().map(|then| then.timestamp())
}

/// `90s`, `5m`, `1h`, `2d`, `1w`. A number alone could be anything.
fn ago(typed: &str) -> Option<SignedDuration> {
    let (digits, unit) = typed.split_at(typed.find(|c: char| !c.is_ascii_digit())?);
    let seconds = match unit.trim() {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" | "day" | "days" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    digits.parse::<i64>().ok()?.checked_mul(seconds).map(SignedDuration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_typed_in_the_ways_people_have() {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        let now: Timestamp = "2026-03-01T01:10:00Z".parse().expect("a time");
        for (typed, meant) in [
            ("90s", "2026-03-01T01:08:30Z"),
            ("5 min", "2026-03-01T01:05:00Z"),
            ("1h", "2026-03-01T00:10:00Z"),
            ("2d", "2026-02-27T01:10:00Z"),
            ("1w", "2026-02-22T01:10:00Z"),
            ("now", "2026-03-01T01:10:00Z"),
            ("today", "2026-02-28T23:00:00Z"),
            ("yesterday", "2026-02-27T23:00:00Z"),
            ("02:00", "2026-03-01T01:00:00Z"),
            ("23:00", "2026-02-28T22:00:00Z"),
            ("02:05:30", "2026-03-01T01:05:30Z"),
            ("2026-02-20", "2026-02-19T23:00:00Z"),
            ("2026-02-20 14:32", "2026-02-20T13:32:00Z"),
            ("2026-02-20T14:32:07", "2026-02-20T13:32:07Z"),
            ("2026-02-20T14:32:07Z", "2026-02-20T14:32:07Z"),
            ("2026-02-20T14:32:07+02:00", "2026-02-20T12:32:07Z"),
        ] {
            let meant: Timestamp = meant.parse().expect("a time");
            assert_eq!(moment(typed, now, &zone), Some(meant), "{typed}");
        }
        for wrong in ["", "5", "h", "-1h", "soon", "25:00", "2026-13-01", "99999999999999999999d", "1.5h"] {
            assert_eq!(moment(wrong, now, &zone), None, "{wrong}");
        }
    }
}
