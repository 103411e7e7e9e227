//! What happened, from the journal, as lines for people who wait.

use doorkey_client::words::{Check, CheckOutcome, EventKind};

use crate::line::{Line, Mark, Style};
use crate::text::count;
use crate::time::span;

/// The line an event is worth; nothing for those that only machines want.
pub(crate) fn line(event: &EventKind) -> Option<(Mark, Line)> {
    let done = |line: Line| Some((Mark::Done, line));
    match event {
        EventKind::Discovered { issuer, took_ms } => {
            done(Line::from("found ").strong(issuer).dim(format!("  {took_ms} ms")))
        }
        EventKind::Listening { redirect_uri } => done(Line::from("listening on ").strong(redirect_uri)),
        EventKind::BrowserOpened => done("asked the browser to open the sign-in page".into()),
        EventKind::BrowserNotOpened { refusal } => Some((Mark::Warned, refusal.message.as_str().into())),
        EventKind::CallbackIgnored { reason } => {
            Some((Mark::Waiting, Line::new().dim(format!("ignored a request that is not the answer: {reason}"))))
        }
        EventKind::CallbackReceived => done("the browser brought the answer".into()),
        EventKind::TokensReceived { took_ms, expires_in, refresh_token, .. } => {
            let life = expires_in.map_or_else(String::new, |life| format!(", valid {}", span(i64::from(life))));
            let renewable = if refresh_token.is_some() { ", with a refresh token" } else { "" };
            done(Line::from(format!("exchanged the code for tokens{life}{renewable}")).dim(format!("  {took_ms} ms")))
        }
        EventKind::Checked { subject, checks } => Some(checked(subject, checks)),
        EventKind::Saved { took_ms, .. } => done(Line::from("stored").dim(format!("  {took_ms} ms"))),
        EventKind::NotSaved { refusal } => {
            Some((Mark::Warned, format!("not stored yet: {} {}", refusal.message, refusal.hint).into()))
        }
        EventKind::AgentStarted { .. }
        | EventKind::SignInStarted
        | EventKind::SignedIn { .. }
        | EventKind::SignInFailed { .. }
        | EventKind::SignInCancelled
        | EventKind::RenewalStarted { .. }
        | EventKind::Renewed { .. }
        | EventKind::RenewalFailed { .. }
        | EventKind::SignInRequired { .. }
        | EventKind::TokenGiven { .. }
        | EventKind::TokenRefused { .. }
        | EventKind::SignedOut { .. }
        | EventKind::ProfileSaved
        | EventKind::ProfileRemoved
        | EventKind::VaultChanged { .. } => None,
    }
}

/// How many rules held, and which did not.
fn checked(subject: &str, checks: &[Check]) -> (Mark, Line) {
    let of = |outcome: CheckOutcome| checks.iter().filter(move |check| check.outcome == outcome);
    let subject = if subject == "id_token" { "ID token" } else { subject };
    let passed = count(of(CheckOutcome::Passed).count(), "check");
    let wrong = |check: &Check| format!("{} (expected {}, got {})", check.name, check.expected, check.got);
    let failed: Vec<String> = of(CheckOutcome::Failed).map(wrong).collect();
    let odd: Vec<String> = of(CheckOutcome::Warned).map(wrong).collect();
    let line = Line::from(format!("{subject}: {passed} passed"));
    match (failed.as_slice(), odd.as_slice()) {
        ([], []) => (Mark::Done, line),
        ([], odd) => (Mark::Warned, line.with(Style::Warning, format!(", odd: {}", odd.join("; ")))),
        (failed, _) => (Mark::Failed, line.with(Style::Bad, format!(", refused: {}", failed.join("; ")))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, outcome: CheckOutcome) -> Check {
        Check { name: name.into(), outcome, expected: "A".into(), got: "B\u{1b}[2J".into(), source: String::new() }
    }

    fn text(event: &EventKind) -> (Mark, String) {
        let (mark, line) = line(event).expect("a line");
        (mark, line.pieces().map(|(_, text)| text).collect())
    }

    #[test]
    fn checks_are_counted_and_those_that_failed_are_told() {
        let of = |checks: Vec<Check>| text(&EventKind::Checked { subject: "id_token".into(), checks });
        let passed = || check("idtoken.nonce", CheckOutcome::Passed);
        let skipped = || check("idtoken.azp", CheckOutcome::NotApplicable);
        assert_eq!(of(vec![passed(), passed(), skipped()]), (Mark::Done, "ID token: 2 checks passed".into()));
        let (mark, line) = of(vec![passed(), check("idtoken.aud", CheckOutcome::Failed)]);
        assert_eq!(mark, Mark::Failed);
        assert_eq!(line, "ID token: 1 check passed, refused: idtoken.aud (expected A, got B)");
        assert_eq!(of(vec![check("idtoken.iat", CheckOutcome::Warned)]).0, Mark::Warned);
    }

    #[test]
    fn tokens_are_told_without_anything_of_them() {
        let event = EventKind::TokensReceived {
            took_ms: 12,
            expires_in: Some(300),
            scope: vec!["openid".into()],
            access_token: "deadbeef".into(),
            refresh_token: Some("cafebabe".into()),
        };
        let (_, line) = text(&event);
        assert_eq!(line, "exchanged the code for tokens, valid 5 min, with a refresh token  12 ms");
    }
}
