//! What happened, from the journal, as lines for people who wait.

use std::time::Duration;

use doorkey_client::words::{Check, CheckOutcome, EventKind};
use doorkey_qa::edited;

use crate::line::{Line, Mark, Style};
use crate::text::count;
use crate::time::span;

/// A line that an event is worth.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) mark: Mark,
    pub(crate) line: Line,
    pub(crate) took: Option<Duration>,
}

/// The line an event is worth; nothing for those that only machines want.
pub(crate) fn line(event: &EventKind) -> Option<Told> {
    let told = |mark: Mark, line: Line| Some(Told { mark, line, took: None });
    let done = |line: Line| told(Mark::Done, line);
    let timed = |line: Line, took_ms: u32| {
        Some(Told { mark: Mark::Done, line, took: Some(Duration::from_millis(u64::from(took_ms))) })
    };
    match event {
        EventKind::Discovered { issuer, took_ms } => timed(Line::from("found ").strong(issuer), *took_ms),
        EventKind::RequestPushed { took_ms } => timed("the provider has the request".into(), *took_ms),
        EventKind::DeviceCodeReceived { took_ms, .. } => {
            timed("the provider gave a code for another device".into(), *took_ms)
        }
        EventKind::AskedAgain { .. } => {
            told(Mark::Warned, "the provider has to ask you something: opening its page once more".into())
        }
        EventKind::Listening { redirect_uri } => done(Line::from("listening on ").strong(redirect_uri)),
        EventKind::BrowserOpened => done("asked the browser to open the sign-in page".into()),
        EventKind::BrowserNotOpened { refusal } => told(Mark::Warned, refusal.message.as_str().into()),
        EventKind::CallbackIgnored { reason } => {
            told(Mark::Waiting, Line::new().dim(format!("ignored a request that is not the answer: {reason}")))
        }
        EventKind::CallbackReceived { .. } => done("the browser brought the answer".into()),
        EventKind::TokensReceived { took_ms, expires_in, refresh_token, .. } => {
            let life = expires_in.map_or_else(String::new, |life| format!(", valid {}", span(i64::from(life))));
            let renewable = if refresh_token.is_some() { ", with a refresh token" } else { "" };
            timed(Line::from(format!("received tokens{life}{renewable}")), *took_ms)
        }
        // Of interest to people who test: the journal and `doorkey inspect` tell them.
        EventKind::Checked { subject, .. } if QUIET.contains(&subject.as_str()) => None,
        EventKind::Checked { subject, checks } => {
            let (mark, line) = checked(subject, checks);
            told(mark, line)
        }
        EventKind::DetailsNotUsed { refusal } => told(Mark::Warned, refusal.message.as_str().into()),
        EventKind::Saved { took_ms, .. } => timed("stored".into(), *took_ms),
        EventKind::NotSaved { refusal } => {
            told(Mark::Warned, format!("not stored yet: {} {}", refusal.message, refusal.hint).into())
        }
        EventKind::Exchanged { exchange } if !exchange.edited.is_empty() => {
            let (what, sent) = (edited::told(&exchange.edited), Line::from("sent an edited request, "));
            told(Mark::Warned, sent.strong(&exchange.purpose).plain(format!(": {what}")))
        }
        EventKind::AuthorizationRequested { edited: changes, .. } if !changes.is_empty() => {
            told(Mark::Warned, format!("the browser is sent with an edited request: {}", edited::told(changes)).into())
        }
        EventKind::NotKept { revoked, reason, .. } => {
            let what = "signed in by an edited request, so nothing is stored";
            let (mark, rest) = match revoked {
                true => (Mark::Done, "; the provider has revoked the tokens".to_owned()),
                false => (Mark::Warned, format!("; the tokens were not revoked: {reason}")),
            };
            told(mark, format!("{what}{rest}").into())
        }
        EventKind::AgentStarted { .. }
        | EventKind::Exchanged { .. }
        | EventKind::AuthorizationRequested { .. }
        | EventKind::AgentStopped
        | EventKind::SignInStarted
        | EventKind::SignedIn { .. }
        | EventKind::SignInFailed { .. }
        | EventKind::SignInCancelled
        | EventKind::RenewalStarted { .. }
        | EventKind::Renewed { .. }
        | EventKind::RenewalFailed { .. }
        | EventKind::SignInRequired { .. }
        | EventKind::SessionEndsSoon { .. }
        | EventKind::FurtherTokenAsked { .. }
        | EventKind::ConsentAsked { .. }
        | EventKind::ConsentGiven { .. }
        | EventKind::ConsentDenied { .. }
        | EventKind::ConsentRevoked { .. }
        | EventKind::TokenGiven { .. }
        | EventKind::ProofGiven { .. }
        | EventKind::TokenLookedInto { .. }
        | EventKind::TokenRefused { .. }
        | EventKind::SignedOut { .. }
        | EventKind::BrowserSignedOut { .. }
        | EventKind::RevokedLater
        | EventKind::RevocationGivenUp { .. }
        | EventKind::ProbeStarted { .. }
        | EventKind::ProbeEnded { .. }
        | EventKind::ProfileSaved
        | EventKind::ProfileRemoved
        | EventKind::VaultChanged { .. } => None,
    }
}

/// Answers whose checks only repeat what the steps before and after say, or are advice.
const QUIET: [&str; 4] = ["discovery", "callback", "token", "access_token"];

/// How many rules held, and which did not.
pub(crate) fn checked(subject: &str, checks: &[Check]) -> (Mark, Line) {
    let of = |outcome: CheckOutcome| checks.iter().filter(move |check| check.outcome == outcome);
    let subject = match subject {
        "id_token" => "ID token",
        "granted" => "what was granted",
        "metadata" => "the provider's addresses",
        "discovery" => "the provider's description",
        "callback" => "the browser's answer",
        "token" => "the token answer",
        "access_token" => "access token",
        other => other,
    };
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
        let told = line(event).expect("a line");
        (told.mark, told.line.pieces().map(|(_, text)| text).collect())
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
    fn what_only_people_who_test_want_to_know_is_no_step() {
        let checks = vec![check("accesstoken.typ", CheckOutcome::Warned)];
        let kind = |subject: &str| EventKind::Checked { subject: subject.into(), checks: checks.clone() };
        assert!(line(&kind("access_token")).is_none() && line(&kind("granted")).is_some());
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
        assert_eq!(line, "received tokens, valid 5 min, with a refresh token");
    }
}
