use serde_json::{Number, Value, json};

use super::{Change, Part};
use crate::draft::Draft;

pub(super) fn changes() -> Vec<Change> {
    [edges(), ranges(), log_in()].into_iter().flatten().collect()
}

/// Around the moment when the verdict turns, the tolerance included.
fn edges() -> Vec<Change> {
    let mut changes = Vec::new();
    for (claim, part, way) in [("exp", Part::Lifetime, -1), ("nbf", Part::NotBefore, 1), ("iat", Part::IssuedAt, 1)] {
        for past in [-600.0, -1.0, -0.5, 0.0, 0.5, 1.0, 600.0] {
            changes.push(Change::new(part, format!("{claim} {past} s past the tolerance"), move |draft| {
                let edge = draft.terms.now + way * i64::from(draft.terms.leeway);
                draft.claim(claim, second(edge, f64::from(i32::try_from(way).expect("small")) * past));
            }));
        }
    }
    changes
}

/// Numbers that are no dates, and dates that are odd.
fn ranges() -> Vec<Change> {
    let mut changes = Vec::new();
    for (claim, part) in [("exp", Part::Lifetime), ("nbf", Part::NotBefore), ("iat", Part::IssuedAt)] {
        for (name, value) in [
            ("0", json!(0)),
            ("-0.0", json!(-0.0)),
            ("-1", json!(-1)),
            ("-1e300", json!(-1e300)),
            ("1e-300", json!(1e-300)),
            ("the last second of 9999", json!(253_402_300_799_i64)),
            ("the first second of 10000", json!(253_402_300_800_i64)),
            ("2^53", json!(1_i64 << 53)),
            ("2^64 - 1", json!(u64::MAX)),
            ("1e300", json!(1e300)),
        ] {
            changes
                .push(Change::new(part, format!("{claim} is {name}"), move |draft| draft.claim(claim, value.clone())));
        }
        changes.push(Change::new(part, format!("{claim} in milliseconds"), move |draft| {
            draft.claim(claim, draft.terms.now * 1000);
        }));
        changes.push(Change::new(part, format!("{claim} is its digits as text"), move |draft| {
            draft.claim(claim, draft.terms.now.to_string());
        }));
        changes.push(Change::new(part, format!("{claim} with an exponent"), move |draft| {
            let ten = draft.terms.now / 10 + if claim == "exp" { 10 } else { 0 };
            let (from, to) = (format!("\"{claim}\":{}", ten * 10), format!("\"{claim}\":{ten}e1"));
            draft.claim(claim, ten * 10);
            draft.claims_edits.push(Box::new(move |json| replace(&json, &from, &to)));
        }));
    }
    changes.push(Change::new(Part::IssuedAt, "iat a week ago", |draft| draft.claim("iat", draft.terms.now - 604_800)));
    changes.push(Change::new(Part::Lifetime, "exp in a hundred years", |draft| {
        draft.claim("exp", draft.terms.now + 3_155_760_000);
    }));
    changes
}

/// `auth_time`, with and without `max_age`.
fn log_in() -> Vec<Change> {
    let asked = |draft: &mut Draft| {
        let age = draft.dice.between(0, 3600);
        draft.terms.max_age = Some(age);
        draft.terms.now - age - i64::from(draft.terms.leeway)
    };
    let mut changes = Vec::new();
    for older in [-600.0, -1.0, -0.5, 0.0, 0.5, 1.0, 600.0] {
        changes.push(Change::new(Part::LogIn, format!("auth_time {older} s older than max_age"), move |draft| {
            let oldest = asked(draft);
            draft.claim("auth_time", second(oldest, -older));
        }));
    }
    for (name, value) in [("text", json!("now")), ("null", Value::Null), ("-1", json!(-1)), ("1e300", json!(1e300))] {
        changes.push(Change::new(Part::LogIn, format!("max_age and auth_time is {name}"), move |draft| {
            asked(draft);
            draft.claim("auth_time", value.clone());
        }));
    }
    for (name, value) in [("-1", json!(-1)), ("1e300", json!(1e300)), ("12.7", json!(12.7))] {
        changes.push(Change::new(Part::LogIn, format!("auth_time is {name}"), move |draft| {
            draft.claim("auth_time", value.clone());
        }));
    }
    changes.push(Change::new(Part::LogIn, "max_age and no auth_time", move |draft| {
        asked(draft);
        draft.claims.remove("auth_time");
    }));
    changes.push(Change::new(Part::LogIn, "a log-in before ten minutes of consent", |draft| {
        draft.terms.max_age = Some(0);
        draft.terms.asked_at = Some(draft.terms.now - 700);
        draft.claim("auth_time", draft.terms.now - 650);
    }));
    changes
}

/// A whole number where it is one.
fn second(edge: i64, past: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "a few minutes")]
    let whole = past.trunc() as i64;
    if past.fract() == 0.0 {
        return json!(edge + whole);
    }
    #[expect(clippy::cast_precision_loss, reason = "dates and halves fit exactly")]
    let value = edge as f64 + past;
    Number::from_f64(value).map(Value::Number).expect("finite")
}

fn replace(json: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(json).expect("text");
    text.replacen(from, to, 1).into_bytes()
}
