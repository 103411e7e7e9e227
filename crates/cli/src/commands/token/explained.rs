//! `doorkey token --explain`: what an access token says and what to know about it, for whoever must find out why an API
//! does not take it.

use doorkey_client::words::{AccessTokenKind, Check, CheckOutcome, TokenReport, TokenRequest};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::agency::{self, Again};
use crate::commands::facts::Facts;
use crate::failure::Failure;
use crate::line::{Line, Mark};
use crate::output::Output;
use crate::text::{count, plain};
use crate::time::{self, left, until};

pub(crate) fn run(request: &TokenRequest, out: &Output) -> Result<(), Failure> {
    let report = agency::with("The look at the token", Again::Harmless, async |client| {
        Ok(client.token_report(request).await?)
    })?;
    if out.is_json() {
        return out.answer_json(&report);
    }
    out.answer(
        Line::from("The access token of ").strong(&report.profile).plain(", ").plain(kind(report.kind)).plain("."),
    )?;
    facts(&report, time::now()).answer(out)?;
    let advice: Vec<&Check> = report.checks.iter().filter(|check| check.outcome == CheckOutcome::Warned).collect();
    let passed = report.checks.iter().filter(|check| check.outcome == CheckOutcome::Passed).count();
    if !advice.is_empty() {
        out.answer("An API may stumble over:")?;
    } else if passed > 0 {
        let line = format!("nothing odd about it: {} of RFC 9068 held", count(passed, "rule"));
        out.answer(out.answers().marked(Mark::Done).plain(line))?;
    }
    for check in advice {
        let what = format!("{}: ", check.name.trim_start_matches("accesstoken."));
        let line = out.answers().marked(Mark::Warned).strong(what);
        out.answer(
            line.plain(format!("{}, expected {}", said(&check.got), said(&check.expected)))
                .dim(format!("  {}", check.source)),
        )?;
    }
    for note in &report.notes {
        out.answer(out.answers().marked(Mark::Waiting).plain(plain(&note.text)))?;
    }
    let claims = report.claims.iter().flatten().filter(|(name, _)| !TOLD.contains(&name.as_str())).peekable();
    let others: Vec<(&String, &Value)> = claims.collect();
    if !others.is_empty() {
        out.answer("It also says:")?;
        let room = others.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in others {
            let value = time_of(name, value, time::now()).unwrap_or_else(|| shown(value));
            out.answer(Line::new().dim(format!("    {:<room$}  ", plain(name))).plain(&value))?;
        }
    }
    out.note(Line::new().dim("  For debugging only: nothing of it was verified, and its form may change any day."));
    Ok(())
}

/// Claims that have a line of their own.
const TOLD: [&str; 8] = ["iss", "sub", "aud", "exp", "client_id", "azp", "scope", "jti"];

fn kind(kind: AccessTokenKind) -> &'static str {
    match kind {
        AccessTokenKind::Opaque => "which cannot be read from outside: its API asks the provider what it means",
        AccessTokenKind::Rfc9068 => "a JWT as RFC 9068 describes it",
        AccessTokenKind::Auth0 => "a JWT in Auth0's own form",
        AccessTokenKind::OtherJwt => "a JWT",
        AccessTokenKind::Encrypted => "encrypted for its API alone",
    }
}

fn facts(report: &TokenReport, now: Timestamp) -> Facts {
    let empty = Map::new();
    let claims = report.claims.as_ref().unwrap_or(&empty);
    let claim = |name: &str| claims.get(name).map(shown);
    let asked: Vec<&str> = report.audience.iter().chain(&report.resources).map(String::as_str).collect();
    let key = report.header.as_ref().map(|header| {
        let part = |name: &str| header.get(name).map(|value| format!("{name} {}", shown(value)));
        ["alg", "typ", "kid"].into_iter().filter_map(part).collect::<Vec<_>>().join(", ")
    });
    let ends = report.expires_at.map(|end| match end > now {
        true => format!("{}, {}", left(end, now), until(end, now)),
        false => left(end, now),
    });
    Facts::default()
        .add("asked for", if asked.is_empty() { "no particular API".to_owned() } else { plain(&asked.join(" ")) })
        .maybe("is for", claim("aud"))
        .maybe("issuer", claim("iss"))
        .maybe("subject", claim("sub"))
        .maybe("client", claim("client_id").or_else(|| claim("azp")))
        .add("scopes", if report.scope.is_empty() { "none".to_owned() } else { plain(&report.scope.join(" ")) })
        .add("valid", ends.unwrap_or_else(|| "the provider does not say".to_owned()))
        .maybe("says it ends", claims.get("exp").and_then(|exp| time_of("exp", exp, now)))
        .add("sent as", plain(&report.token_type))
        .maybe("signature", key)
}

pub(crate) fn said(text: &str) -> String {
    if text.is_empty() { "nothing".to_owned() } else { plain(text) }
}

/// A value of somebody else's JSON, on one line.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => plain(text),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).map(plain).collect::<Vec<_>>().join(" ")
        }
        other => plain(&other.to_string()),
    }
}

/// The members that are moments (RFC 7519 section 4.1), as such.
pub(crate) fn time_of(name: &str, value: &Value, now: Timestamp) -> Option<String> {
    if !matches!(name, "exp" | "iat" | "nbf" | "auth_time") {
        return None;
    }
    let at = Timestamp::from_second(value.as_i64()?).ok()?;
    Some(if name == "exp" && at > now { format!("{at}, {}", left(at, now)) } else { at.to_string() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_of_others_cannot_command_the_terminal() {
        assert_eq!(shown(&json!("\u{1b}[2Jada")), "ada");
        assert_eq!(shown(&json!(["a\nb", "c"])), "a b c");
        assert_eq!(shown(&json!([])), "none");
        assert_eq!(shown(&json!({"x": 1})), r#"{"x":1}"#);
    }

    #[test]
    fn moments_are_told_as_moments() {
        let now = Timestamp::from_second(1_800_000_000).expect("in range");
        assert_eq!(time_of("iat", &json!(1_800_000_000), now).as_deref(), Some("2027-01-15T08:00:00Z"));
        assert!(time_of("exp", &json!(1_800_000_060), now).is_some_and(|text| text.contains("left")));
        assert_eq!(time_of("sub", &json!(1), now), None);
        assert_eq!(time_of("exp", &json!("soon"), now), None);
    }
}
