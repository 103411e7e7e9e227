use std::collections::HashSet;

use doorkey_client::words::{EditPlace, Edited, EventKind};

use super::*;
use crate::tests::{check, events, kinds, refused};

fn report() -> Report {
    of(&Flow::of(events()).expect("one flow"))
}

fn with(checks: Vec<Check>) -> Report {
    let kind = EventKind::Checked { subject: "id_token".to_owned(), checks };
    of(&Flow::of(kinds("f", 1, vec![EventKind::SignInStarted, kind])).expect("a flow"))
}

#[test]
fn every_check_is_in_it_with_what_it_is_for() {
    let report = report();
    assert_eq!(report.counts, Counts { passed: 1, failed: 1, warned: 1, not_applicable: 1 });
    let [answer] = report.answers.as_slice() else { panic!("{report:?}") };
    assert_eq!((answer.subject.as_str(), answer.title.as_str(), answer.checks.len()), ("id_token", "The ID token", 4));
    assert!(answer.checks.iter().all(|tried| tried.consequence.as_ref().is_some_and(|text| text.ends_with('.'))));
    let purposes: Vec<&str> = report.requests.iter().map(|request| request.purpose.as_str()).collect();
    assert_eq!(purposes, ["metadata", "token", "userinfo"]);
    assert_eq!((report.requests[2].status, report.requests[2].problem.is_some()), (None, true));
}

#[test]
fn a_rule_of_a_newer_version_is_shown_without_a_consequence() {
    let report = with(vec![check("idtoken.of_tomorrow", CheckOutcome::Warned)]);
    assert_eq!(report.answers[0].checks[0].consequence, None);
    assert!(report.to_markdown().contains("`idtoken.of_tomorrow`"));
}

#[test]
fn what_a_renewal_is_held_against_stands_apart() {
    let report = with(vec![check("idtoken.iss", CheckOutcome::Passed), check("refresh.sub", CheckOutcome::Passed)]);
    let subjects: Vec<&str> = report.answers.iter().map(|answer| answer.subject.as_str()).collect();
    assert_eq!(subjects, ["id_token", "refresh"]);
}

#[test]
fn it_is_the_same_after_it_was_written_and_read() {
    let report = report();
    let text = serde_json::to_string(&report).expect("JSON");
    assert_eq!(serde_json::from_str::<Report>(&text).expect("the same"), report);
    let failed = with(Vec::new());
    let json = serde_json::to_value(Report { outcome: Outcome::Refused { refusal: refused("net.dns") }, ..failed });
    let json = json.expect("JSON");
    assert_eq!(
        (&json["version"], &json["outcome"], &json["refusal"]["code"]),
        (&1.into(), &"refused".into(), &"net.dns".into())
    );
}

#[test]
fn a_ticket_begins_with_what_is_wrong() {
    let text = report().to_markdown();
    let failed = "- **FAILED** `idtoken.nonce` (RFC 0000 1): expected `this`, got `that`.";
    let (Some(first), Some(table)) = (text.find(failed), text.find("### The ID token")) else { panic!("{text}") };
    assert!(first < table, "{text}");
    assert!(text.starts_with("## Sign-in with `work`: succeeded\n"), "{text}");
    assert!(text.contains("| 00:00:04.900 | token | `POST https://op.example/token` | 200 | 100 ms |"), "{text}");
}

#[test]
fn what_a_person_changed_of_a_request_is_said_in_the_report_and_in_the_archive() {
    let changed = Edited {
        place: EditPlace::Query,
        name: "scope".to_owned(),
        before: vec!["openid".to_owned()],
        after: vec!["openid admin".to_owned()],
        secret: false,
    };
    let asked = EventKind::AuthorizationRequested {
        url: "https://op.example/authorize".to_owned(),
        parameters: Vec::new(),
        edited: vec![changed],
    };
    let flow = Flow::of(kinds("f", 1, vec![EventKind::SignInStarted, asked])).expect("a flow");
    let report = of(&flow);
    assert_eq!(report.edited, ["authorization: scope changed"]);
    let text = report.to_markdown();
    assert!(text.contains("**Edited by hand** before it was sent: `authorization: scope changed`"), "{text}");
    let archive = serde_json::to_string(&crate::har::of(std::slice::from_ref(&flow))).expect("it is JSON");
    assert!(archive.contains("Edited by hand: scope changed."), "{archive}");
}

#[test]
fn words_of_a_hostile_provider_are_only_words_in_a_ticket() {
    let mut bad = check("idtoken.sub", CheckOutcome::Failed);
    bad.got = "x`|\n\n![p](https://evil.example) @everyone\u{1b}[2J".to_owned();
    let refusal = doorkey_client::words::Refusal::new("token.refused", "It says <img src=//evil> @all.", "");
    let checked = EventKind::Checked { subject: "id_token".to_owned(), checks: vec![bad] };
    let failed = EventKind::SignInFailed { refusal };
    let flow = Flow::of(kinds("f", 1, vec![EventKind::SignInStarted, checked, failed])).expect("a flow");
    let text = of(&flow).to_markdown();
    assert!(!text.contains("<img") && !text.contains("@all") && !text.contains('\u{1b}'), "{text}");
    assert!(text.contains("``x`\\|  ![p](https://evil.example) @everyone [2J``"), "{text}");
}

#[test]
fn each_rule_is_told_once_in_one_sentence() {
    let names: HashSet<&str> = rules().iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), rules().len());
    for Rule { name, consequence } in rules() {
        assert!(consequence.ends_with('.') && consequence.len() < 200, "{name}: {consequence}");
    }
}
