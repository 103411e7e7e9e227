use serde_json::{Value, json};

use super::*;

/// A session as the agent tells it.
pub(crate) fn session(id: &str, name: &str, state: &str) -> Session {
    serde_json::from_value(json!({
        "id": id, "profile": "work", "issuer": "https://idp.example", "sub": "1", "name": name, "email": null,
        "state": state, "scope": [], "scope_refused": [], "audience": null,
        "signed_in_at": "2026-01-01T00:00:00Z", "issued_at": "2026-01-01T00:00:00Z",
        "expires_at": null, "renews_at": null, "renewable": true, "unsaved": false, "renewals": 0, "problem": null,
    }))
    .expect("a session")
}

/// One that ends, and of whose end people are told from then on.
pub(crate) fn ending(id: &str, name: &str, notice_at: &str) -> Session {
    let ends: Value =
        json!({"at": "2026-03-01T00:00:00Z", "kind": "absolute", "by": "provider", "notice_at": notice_at});
    Session { ends: Some(serde_json::from_value(ends).expect("an end")), ..session(id, name, "signed_in") }
}

/// A program that waits.
pub(crate) fn question(id: &str, program: &str) -> ConsentQuestion {
    serde_json::from_value(json!({
        "id": id, "ends_at": "2026-01-01T00:01:00Z", "program": program, "sha256": "00", "pid": 1, "profile": "work",
    }))
    .expect("a question")
}

fn update(update: Update) -> Message {
    Message::Agent(Box::new(update))
}

#[test]
fn what_changes_is_told_and_what_does_not_is_not() {
    let mut overview = Overview::default();
    let ada = session("a", "Ada", "signed_in");
    assert!(overview.apply(update(Update::Session { session: ada.clone() })));
    let first = Session { position: Some(0), ..session("b", "Bea", "offline") };
    assert!(overview.apply(update(Update::Session { session: first })));
    assert_eq!(overview.sessions.iter().map(name).collect::<Vec<_>>(), ["Bea", "Ada"], "in the person's order");
    assert_eq!(overview.signed_in(), 2, "who is offline is signed in still");
    overview.apply(update(Update::Session { session: Session { state: SessionState::SignInRequired, ..ada } }));
    assert_eq!(overview.signed_in(), 1);
    overview.apply(update(Update::ConsentAsked { question: question("q", "/usr/bin/curl") }));
    assert_eq!(overview.need_you(now()), 2, "Ada, and curl");
    overview.apply(update(Update::ConsentSettled { id: "q".to_owned() }));
    overview.apply(update(Update::SessionRemoved { id: "a".to_owned() }));
    assert_eq!(overview.need_you(now()), 0);
    assert!(!overview.apply(update(Update::ProfileRemoved { name: "work".to_owned() })));
}

#[test]
fn an_end_is_told_from_its_notice_on() {
    let soon = ending("a", "Ada", "2026-02-01T00:00:00Z");
    let at = |text: &str| text.parse::<Timestamp>().expect("a time");
    assert!(!ends_soon(&soon, at("2026-01-31T23:59:59Z")));
    assert!(ends_soon(&soon, at("2026-02-01T00:00:00Z")));
    let sessions = [soon.clone(), ending("b", "Bea", "2026-01-15T00:00:00Z"), session("c", "Cem", "signed_in")];
    assert_eq!(next_notice(&sessions, at("2026-01-10T00:00:00Z")), Some(at("2026-01-15T00:00:00Z")));
    assert_eq!(next_notice(&sessions, at("2026-01-15T00:00:00Z")), Some(at("2026-02-01T00:00:00Z")));
    assert_eq!(next_notice(&sessions, at("2026-02-01T00:00:00Z")), None);
}

#[test]
fn a_name_stays_on_its_line_and_reads_in_one_direction() {
    assert_eq!(line("Ada\n\u{202e}Lovelace\u{200b}"), "AdaLovelace");
    assert_eq!(line(" Ada "), "Ada");
    let long = line(&"ö".repeat(100));
    assert_eq!((long.chars().count(), long.ends_with('…')), (48, true));
    assert_eq!(line(&"ö".repeat(48)), "ö".repeat(48));
}
