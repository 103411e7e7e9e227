//! Entries as an agent writes them, for tests.

use doorkey_client::words::{
    Check, CheckOutcome, Event, EventKind, Exchange, Pair, ReceivedAnswer, Refusal, SentRequest,
};
use jiff::{SignedDuration, Timestamp};

/// So many milliseconds after the beginning.
pub(crate) fn at(milliseconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_millis(milliseconds)
}

pub(crate) fn pair(name: &str, value: &str) -> Pair {
    Pair { name: name.to_owned(), value: value.to_owned(), secret: false, altered: false }
}

pub(crate) fn hidden(name: &str, fingerprint: &str) -> Pair {
    Pair { name: name.to_owned(), value: fingerprint.to_owned(), secret: true, altered: false }
}

pub(crate) fn refused(code: &str) -> Refusal {
    Refusal::new(code, "The provider's answer was refused.", "Look at it.")
}

pub(crate) fn check(name: &str, outcome: CheckOutcome) -> Check {
    let text = |text: &str| text.to_owned();
    Check { name: text(name), outcome, expected: text("this"), got: text("that"), source: text("RFC 0000 1") }
}

/// Entries of one flow a second apart, of the profile `work`.
pub(crate) fn kinds(flow: &str, first: u64, kinds: Vec<EventKind>) -> Vec<Event> {
    let event = |(seq, kind): (u64, EventKind)| Event {
        seq,
        at: at(i64::try_from(seq).unwrap_or_default() * 1_000),
        profile: Some("work".to_owned()),
        flow: Some(flow.to_owned()),
        kind,
    };
    (first..).zip(kinds).map(event).collect()
}

/// A sign-in that worked, between entries of others.
pub(crate) fn events() -> Vec<Event> {
    let agent = |seq: u64, version: &str| Event {
        seq,
        at: at(0),
        profile: None,
        flow: None,
        kind: EventKind::AgentStarted { version: version.to_owned() },
    };
    let told = |seq: u64, milliseconds: i64, kind: EventKind| Event {
        seq,
        at: at(milliseconds),
        profile: Some("work".to_owned()),
        flow: Some("f1".to_owned()),
        kind,
    };
    let metadata = exchange("metadata", "GET", "https://op.example/.well-known/openid-configuration", vec![]);
    let form = vec![
        pair("grant_type", "authorization_code"),
        hidden("code", "0a0a0a0a"),
        pair("redirect_uri", "http://127.0.0.1:7000/cb/work"),
        hidden("code_verifier", "0b0b0b0b"),
    ];
    let token = exchange("token", "POST", "https://op.example/token", form);
    let mut userinfo =
        exchange("userinfo", "GET", "https://op.example/userinfo?x=[fingerprint 0c0c0c0c]&y=a b", vec![]);
    userinfo.answer = None;
    userinfo.problem = Some("The provider could not be reached.".to_owned());
    vec![
        agent(1, "0.0.8"),
        agent(2, "0.0.9"),
        told(3, 1_000, EventKind::SignInStarted),
        told(4, 1_100, EventKind::Exchanged { exchange: Box::new(metadata) }),
        told(5, 1_200, EventKind::Discovered { issuer: "https://op.example".to_owned(), took_ms: 200 }),
        told(6, 1_300, EventKind::Listening { redirect_uri: "http://127.0.0.1:7000/cb/work".to_owned() }),
        told(7, 2_000, asked_of_browser()),
        told(8, 2_100, EventKind::BrowserOpened),
        told(
            9,
            4_000,
            EventKind::CallbackReceived { parameters: vec![hidden("code", "0a0a0a0a"), hidden("state", "0d0d0d0d")] },
        ),
        told(10, 5_000, EventKind::Exchanged { exchange: Box::new(token) }),
        told(11, 6_000, EventKind::Checked { subject: "id_token".to_owned(), checks: checks() }),
        told(12, 7_000, EventKind::Exchanged { exchange: Box::new(userinfo) }),
        agent(13, "0.1.0"),
        told(14, 9_000, EventKind::SignedIn { sub: "ada".to_owned() }),
    ]
}

fn asked_of_browser() -> EventKind {
    let parameters = vec![
        pair("response_type", "code"),
        pair("scope", "openid offline_access"),
        hidden("state", "0d0d0d0d"),
        hidden("nonce", "0e0e0e0e"),
    ];
    EventKind::AuthorizationRequested { url: "https://op.example/authorize".to_owned(), parameters, edited: Vec::new() }
}

fn checks() -> Vec<Check> {
    vec![
        check("idtoken.iss", CheckOutcome::Passed),
        check("idtoken.nonce", CheckOutcome::Failed),
        check("idtoken.iat", CheckOutcome::Warned),
        check("idtoken.azp", CheckOutcome::NotApplicable),
    ]
}

fn exchange(purpose: &str, method: &str, url: &str, form: Vec<Pair>) -> Exchange {
    let headers = vec![pair("accept", "application/json"), hidden("authorization", "Basic 0f0f0f0f")];
    let answer = ReceivedAnswer {
        status: 200,
        headers: vec![pair("content-type", "application/json"), pair("content-length", "37")],
        body: r#"{"access_token":"[fingerprint 01010101]"}"#.to_owned(),
        unchanged: None,
    };
    Exchange {
        purpose: purpose.to_owned(),
        request: SentRequest { method: method.to_owned(), url: url.to_owned(), headers, form },
        answer: Some(answer),
        problem: None,
        took_ms: 100,
        edited: Vec::new(),
    }
}
