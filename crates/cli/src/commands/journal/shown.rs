//! One entry as one line for people.

use std::time::Duration;

use doorkey_agent::Entry;
use doorkey_client::words::{
    BrowserSignOut, Event, EventKind, Exchange, Reach, Refusal, SignOutStep, StepName, VaultState, VaultStatus,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::line::{Line, Mark, Style};
use crate::output::Look;
use crate::progress;
use crate::text::count;
use crate::time::took;

/// The local time to the second, the same width everywhere.
pub(in crate::commands) fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// When, how it went, whom it is about, and what it was.
pub(super) fn row(entry: &Entry, look: Look, zone: &TimeZone) -> Line {
    let about = entry.about();
    let (mark, what) = match entry.event() {
        Some(event) => words(&event),
        // A newer version has written it: what it says stands there, if not in words.
        None => (Mark::Done, of_another_version(entry)),
    };
    let profile = about.profile.as_deref().unwrap_or("-");
    Line::new()
        .dim(local(about.at, zone))
        .then(look.marked(mark))
        .with(if about.profile.is_some() { Style::Strong } else { Style::Dim }, format!("{profile:<10}"))
        .plain("  ")
        .then(what)
}

fn of_another_version(entry: &Entry) -> Line {
    let mut line = Line::from(entry.about().kind.as_str());
    for (name, value) in entry.members() {
        if !["seq", "at", "kind", "profile", "flow"].contains(&name.as_str()) {
            let value = match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            line = line.dim(format!(" {name}=")).plain(value);
        }
    }
    line
}

fn words(event: &Event) -> (Mark, Line) {
    if let Some(told) = progress::line(&event.kind) {
        let line = match told.took {
            Some(time) => told.line.dim(format!(" ({})", took(time))),
            None => told.line,
        };
        return (told.mark, line);
    }
    let done = |line: Line| (Mark::Done, line);
    let refused = |what: &str, refusal: &Refusal| (Mark::Failed, because(Line::from(what), refusal));
    match &event.kind {
        EventKind::AgentStarted { version } => done(format!("agent started, version {version}").into()),
        EventKind::AgentStopped => done("agent stopped".into()),
        EventKind::SignInStarted => done("sign-in started".into()),
        EventKind::SignedIn { sub } => done(Line::from("signed in as ").strong(sub)),
        EventKind::SignInFailed { refusal } => refused("sign-in refused: ", refusal),
        EventKind::SignInCancelled => (Mark::Warned, "sign-in stopped".into()),
        EventKind::RenewalStarted { reason } => done(format!("renewal started: {}", why_renewed(reason)).into()),
        EventKind::Renewed { expires_at: Some(end), .. } => {
            done(format!("renewed, good until {}", local(*end, &TimeZone::system())).into())
        }
        EventKind::Renewed { expires_at: None, .. } => done("renewed".into()),
        EventKind::RenewalFailed { refusal, .. } => {
            (Mark::Warned, because("not renewed, nothing lost: ".into(), refusal))
        }
        EventKind::SessionEndsSoon { ends_at } => {
            (Mark::Warned, format!("sign in again before {}", local(*ends_at, &TimeZone::system())).into())
        }
        EventKind::SignInRequired { refusal } => refused("sign-in required: ", refusal),
        EventKind::FurtherTokenAsked { audience, resources, scope, connection } => {
            done(further(audience.as_deref(), resources, scope, connection.as_deref()))
        }
        EventKind::ConsentAsked { program, pid, reach } => (
            Mark::Waiting,
            Line::from("you were asked whether ").then(by(program, *pid)).plain(" may have a token").then(of(reach)),
        ),
        EventKind::ConsentGiven { program, reach, expires_at } => {
            done(Line::new().strong(program).plain(" may have tokens").then(of(reach)).then(until(*expires_at)))
        }
        EventKind::ConsentDenied { program, reach, expires_at } => {
            done(Line::new().strong(program).plain(" may have no token").then(of(reach)).then(until(*expires_at)))
        }
        EventKind::ConsentRevoked { program, reason } => {
            let why = if reason == "sign_out" { "with the sign-out" } else { "by you" };
            done(Line::from("what was decided about ").strong(program).plain(format!(" was taken back {why}")))
        }
        EventKind::TokenGiven { program, pid, access_token } => {
            done(Line::from("token ").strong(access_token).plain(" given to ").then(by(program, *pid)))
        }
        EventKind::ProofGiven { program, pid, access_token, method, server } => {
            let what = Line::from("token ").strong(access_token).plain(format!(" and a proof for {method} {server}"));
            done(what.plain(" given to ").then(by(program, *pid)))
        }
        EventKind::TokenLookedInto { program, pid, access_token } => {
            done(Line::from("token ").strong(access_token).plain(" looked into by ").then(by(program, *pid)))
        }
        EventKind::TokenRefused { program, pid, refusal } => {
            (Mark::Failed, because(Line::from("no token for ").then(by(program, *pid)).plain(": "), refusal))
        }
        EventKind::SignedOut { steps } => signed_out(steps),
        EventKind::BrowserSignedOut { outcome } => match outcome {
            BrowserSignOut::Confirmed => done("the provider confirmed the sign-out of the browser".into()),
            BrowserSignOut::NotVerified => {
                (Mark::Warned, "the browser came back from the sign-out page; the provider did not confirm it".into())
            }
            BrowserSignOut::NotReturned => {
                (Mark::Warned, "the browser did not come back from the sign-out page".into())
            }
        },
        EventKind::RevokedLater => done("the provider was told of the sign-out after all".into()),
        EventKind::RevocationGivenUp { reason } => {
            (Mark::Failed, format!("the provider is not told of the sign-out any more: {reason}").into())
        }
        EventKind::Exchanged { exchange } => exchanged(exchange),
        EventKind::AuthorizationRequested { url, parameters, edited: _ } => {
            let line = Line::from("authorization request for ").strong(url);
            done(line.dim(format!(" ({})", count(parameters.len(), "parameter"))))
        }
        EventKind::Checked { subject, checks } => progress::checked(subject, checks),
        EventKind::ProbeStarted { issuer } => {
            (Mark::Warned, Line::from("probes of ").strong(issuer).plain(": what follows is wrong on purpose"))
        }
        EventKind::ProbeEnded { passed, failed } => {
            let mark = if *failed == 0 { Mark::Done } else { Mark::Failed };
            (mark, format!("probes ended: {passed} passed, {failed} failed").into())
        }
        EventKind::ProfileSaved => done("profile saved".into()),
        EventKind::ProfileRemoved => done("profile removed".into()),
        EventKind::VaultChanged { vault } => of_vault(vault),
        EventKind::Discovered { .. }
        | EventKind::RequestPushed { .. }
        | EventKind::Listening { .. }
        | EventKind::BrowserOpened
        | EventKind::BrowserNotOpened { .. }
        | EventKind::DeviceCodeReceived { .. }
        | EventKind::AskedAgain { .. }
        | EventKind::CallbackIgnored { .. }
        | EventKind::CallbackReceived { .. }
        | EventKind::TokensReceived { .. }
        | EventKind::DetailsNotUsed { .. }
        | EventKind::NotKept { .. }
        | EventKind::Saved { .. }
        | EventKind::NotSaved { .. } => done("a step of the sign-in".into()),
    }
}

fn exchanged(exchange: &Exchange) -> (Mark, Line) {
    let line = Line::from(exchange.request.method.as_str()).plain(" ").strong(&exchange.request.url);
    let (mark, line) = match (&exchange.answer, &exchange.problem) {
        (Some(answer), _) if answer.status < 400 => {
            (Mark::Done, line.plain(format!(" was answered with {}", answer.status)))
        }
        (Some(answer), _) => (Mark::Warned, line.plain(format!(" was answered with {}", answer.status))),
        (None, Some(problem)) => (Mark::Warned, line.plain(" was not answered: ").plain(problem)),
        (None, None) => (Mark::Warned, line.plain(" was not answered")),
    };
    (mark, line.dim(format!(" ({})", took(Duration::from_millis(u64::from(exchange.took_ms))))))
}

/// What a token reaches.
fn of(reach: &Reach) -> Line {
    let mut line = Line::new();
    if let Some(connection) = &reach.connection {
        line = line.plain(" of ").strong(connection);
    }
    for api in reach.audience.iter().chain(&reach.resource) {
        line = line.plain(" for ").strong(api);
    }
    match reach.scope.as_deref() {
        None | Some([]) => line,
        Some(scopes) => line.plain(format!(" with {}", scopes.join(" "))),
    }
}

fn until(end: Option<Timestamp>) -> Line {
    match end {
        Some(end) => Line::new().dim(format!(" (until {})", local(end, &TimeZone::system()))),
        None => Line::new().dim(" (until the sign-out)"),
    }
}

fn because(line: Line, refusal: &Refusal) -> Line {
    line.plain(&refusal.message).dim(format!(" ({})", refusal.code))
}

fn by(program: &str, pid: u32) -> Line {
    Line::new().strong(program).dim(format!(" (pid {pid})"))
}

fn why_renewed(reason: &str) -> &str {
    match reason {
        "planned" => "it was due",
        "token_asked" => "a program asked for a token",
        "person" => "you asked",
        other => other,
    }
}

fn further(audience: Option<&str>, resources: &[String], scope: &[String], connection: Option<&str>) -> Line {
    let mut line = Line::from("asked the provider for ");
    line = match connection {
        Some(connection) => line.plain("the token of ").strong(connection),
        None => line.plain("another token"),
    };
    for aim in audience.into_iter().chain(resources.iter().map(String::as_str)) {
        line = line.plain(" for ").strong(aim);
    }
    if scope.is_empty() { line } else { line.plain(format!(" with {}", scope.join(" "))) }
}

fn signed_out(steps: &[SignOutStep]) -> (Mark, Line) {
    let mut mark = Mark::Done;
    let mut line = Line::from("signed out");
    for step in steps {
        let what = match step.step {
            StepName::Revoke => "revoked at the provider",
            StepName::Forget => "forgotten here",
            StepName::EndSession => "browser sent to the provider's sign-out page",
        };
        line = if step.done {
            line.plain(format!(", {what}"))
        } else {
            mark = Mark::Warned;
            line.with(Style::Warning, format!(", not {what}"))
        };
        if !step.reason.is_empty() {
            line = line.dim(format!(" ({})", step.reason));
        }
    }
    (mark, line)
}

fn of_vault(vault: &VaultStatus) -> (Mark, Line) {
    match vault.state {
        VaultState::Ready => (Mark::Done, "vault open".into()),
        VaultState::Opening => (Mark::Waiting, "vault opening".into()),
        VaultState::Locked
        | VaultState::NoService
        | VaultState::Denied
        | VaultState::KeyMissing
        | VaultState::Unusable => (Mark::Warned, format!("vault closed: {}", vault.message).into()),
    }
}
