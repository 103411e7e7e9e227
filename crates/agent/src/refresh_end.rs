//! When a refresh token will be of no use any more, by its own limits: what the provider's answers tell of it, what the
//! profile says for providers that do not tell, and what was seen. So that the person signs in again at a good moment,
//! and not at the bad one.

use doorkey_client::words::{EndBy, EndKind, Profile, SessionEnd};
use doorkey_oauth::{Tokens, renew_at};
use jiff::{SignedDuration, Timestamp};

use crate::record::SessionRecord;

/// A part of the time from sign-in to end, for those that live short; and the longest.
const NOTICE_PART: i32 = 8;
const LONGEST_NOTICE: SignedDuration = SignedDuration::from_hours(72);
/// An end that a renewal moved by less has stayed: the two were counted from different moments.
const STAYED: SignedDuration = SignedDuration::from_secs(30);

/// Notes what an answer to [`plan`](crate::sign_in::plan)ned tokens says of the refresh token, and what the profile says
/// now. A refresh token that would not live to see the renewal is used earlier.
pub(crate) fn note(record: &mut SessionRecord, tokens: &Tokens, profile: Option<&Profile>, jitter: f64) {
    if let Some(profile) = profile {
        (record.refresh_idle, record.refresh_absolute) = (profile.refresh_idle, profile.refresh_absolute);
    }
    match tokens.refresh_expires_in {
        Some(life) => {
            let at = after(record.issued_at, life);
            let moved = |before: Timestamp| at.is_some_and(|at| at.duration_since(before) >= STAYED);
            record.refresh_end_stays = record.renewals > 0 && record.refresh_ends_at.is_some_and(|end| !moved(end));
            record.refresh_ends_at = at;
        }
        // The old one's end is nothing to a new one.
        None if tokens.refresh_token.is_some() => (record.refresh_ends_at, record.refresh_end_stays) = (None, false),
        None => {}
    }
    let Some(end) = session_end(record) else { return };
    let life = u64::try_from(end.at.duration_since(record.issued_at).as_secs()).unwrap_or(0);
    let renews_at = record.issued_at.checked_add(SignedDuration::from_secs(renew_at(0, life, jitter))).ok();
    record.renews_at = match (record.renews_at, renews_at) {
        (Some(planned), Some(earlier)) => Some(planned.min(earlier)),
        (planned, earlier) => planned.or(earlier),
    };
}

/// The first end that anybody names; nothing without a refresh token. Of an end that lies before these tokens were given,
/// the provider has shown that it is none.
pub(crate) fn session_end(record: &SessionRecord) -> Option<SessionEnd> {
    record.refresh_token.as_ref()?;
    let told_kind = if record.refresh_end_stays { EndKind::Absolute } else { EndKind::Idle };
    let limit = |since, seconds: Option<u32>| after(since, u64::from(seconds?));
    let ends = [
        (record.refresh_ends_at, told_kind, EndBy::Provider),
        (limit(record.signed_in_at, record.refresh_absolute), EndKind::Absolute, EndBy::Profile),
        (limit(record.issued_at, record.refresh_idle), EndKind::Idle, EndBy::Profile),
    ];
    let ends = ends.into_iter().filter_map(|(at, kind, by)| Some((at?, kind, by)));
    let ends = ends.filter(|(at, ..)| *at > record.issued_at);
    ends.min_by_key(|(at, ..)| *at).map(|(at, kind, by)| {
        let ahead = (at.duration_since(record.signed_in_at) / NOTICE_PART).min(LONGEST_NOTICE);
        let notice_at = (kind == EndKind::Absolute).then(|| at.saturating_sub(ahead).unwrap_or(at));
        SessionEnd { at, kind, by, notice_at }
    })
}

fn after(since: Timestamp, seconds: u64) -> Option<Timestamp> {
    since.checked_add(SignedDuration::from_secs(i64::try_from(seconds).ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use doorkey_oauth::{AccessToken, RefreshToken, TokenType};

    use super::*;
    use crate::record::ada;
    use crate::sign_in::plan;
    use crate::time::{Moment, Uptime};

    const HOUR: u64 = 3_600;
    const DAY: u64 = 24 * HOUR;

    #[test]
    fn an_end_that_renewals_move_is_idle_and_one_that_stays_is_told_of_ahead() {
        let mut record = ada();
        answered(&mut record, 0, Some(10 * HOUR));
        assert_eq!(end(&record), Some((10 * HOUR, EndKind::Idle, EndBy::Provider, None)));
        answered(&mut record, HOUR, Some(10 * HOUR));
        assert_eq!(end(&record), Some((11 * HOUR, EndKind::Idle, EndBy::Provider, None)));
        answered(&mut record, 3 * HOUR, Some(8 * HOUR));
        let ahead = 11 * HOUR / 8;
        assert_eq!(end(&record), Some((11 * HOUR, EndKind::Absolute, EndBy::Provider, Some(11 * HOUR - ahead))));
        answered(&mut record, 4 * HOUR, None);
        assert_eq!(end(&record), None, "a new token, and nothing is told of it");
    }

    #[test]
    fn the_profiles_limits_count_from_the_last_use_and_from_the_sign_in() {
        let mut record = ada();
        let mut profile = Profile::new("p", "https://op.example", "c");
        profile.refresh_idle = Some(u32::try_from(15 * DAY).expect("short"));
        profile.refresh_absolute = Some(u32::try_from(30 * DAY).expect("short"));
        answer(&mut record, 0, None, Some(&profile));
        assert_eq!(end(&record), Some((15 * DAY, EndKind::Idle, EndBy::Profile, None)));
        answer(&mut record, 20 * DAY, None, Some(&profile));
        assert_eq!(end(&record), Some((30 * DAY, EndKind::Absolute, EndBy::Profile, Some(27 * DAY))));
        record.refresh_token = None;
        assert_eq!(end(&record), None);
    }

    #[test]
    fn a_refresh_token_that_would_not_live_to_see_the_renewal_is_used_earlier() {
        let mut record = ada();
        answered(&mut record, 0, Some(HOUR / 2));
        assert_eq!(record.renews_at, Some(at(HOUR / 2 * 4 / 5)), "not at four fifths of the access token's hour");
        answered(&mut record, HOUR, Some(DAY));
        assert_eq!(record.renews_at, Some(at(HOUR + HOUR * 4 / 5)));
    }

    #[test]
    fn an_end_that_was_none_neither_hurries_renewals_nor_is_told() {
        let mut record = ada();
        let mut profile = Profile::new("p", "https://op.example", "c");
        profile.refresh_absolute = Some(u32::try_from(30 * DAY).expect("short"));
        answer(&mut record, 31 * DAY, None, Some(&profile));
        assert_eq!(record.renews_at, Some(at(31 * DAY + HOUR * 4 / 5)), "the provider has renewed it all the same");
        assert_eq!(end(&record), None);
        profile.refresh_idle = Some(u32::try_from(15 * DAY).expect("short"));
        answer(&mut record, 32 * DAY, None, Some(&profile));
        assert_eq!(end(&record), Some((47 * DAY, EndKind::Idle, EndBy::Profile, None)));
    }

    fn answered(record: &mut SessionRecord, second: u64, refresh_life: Option<u64>) {
        answer(record, second, refresh_life, None);
    }

    /// The sign-in at second 0, renewals later.
    fn answer(record: &mut SessionRecord, second: u64, refresh_life: Option<u64>, profile: Option<&Profile>) {
        let tokens = Tokens {
            access_token: AccessToken::new("at".into()),
            token_type: TokenType::Bearer,
            expires_in: Some(HOUR),
            scope: None,
            refresh_token: Some(RefreshToken::new("rt".into())),
            refresh_expires_in: refresh_life,
            id_token: None,
            authorization_details: None,
        };
        record.refresh_token.clone_from(&tokens.refresh_token);
        record.renewals = u32::from(second > 0);
        plan(record, tokens.expires_in, Moment { wall: at(second), uptime: Uptime::default() }, 0.0);
        note(record, &tokens, profile, 0.0);
    }

    fn end(record: &SessionRecord) -> Option<(u64, EndKind, EndBy, Option<u64>)> {
        let second = |at: Timestamp| u64::try_from(at.as_second()).expect("later");
        session_end(record).map(|end| (second(end.at), end.kind, end.by, end.notice_at.map(second)))
    }

    fn at(second: u64) -> Timestamp {
        Timestamp::from_second(i64::try_from(second).expect("soon")).expect("in range")
    }
}
