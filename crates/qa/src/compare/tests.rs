use doorkey_client::words::{CheckOutcome, EventKind};

use super::*;
use crate::tests::{check, events, kinds, pair};

fn places(comparison: &Comparison) -> Vec<&str> {
    comparison.differences.iter().map(|difference| difference.at.as_str()).collect()
}

#[test]
fn documents_differ_member_by_member() {
    let one = json!({ "iss": "a", "aud": ["x", "y"], "deep": { "n": 1, "same": true }, "gone": null });
    let other = json!({ "iss": "b", "aud": ["y", "z"], "deep": { "n": 2, "same": true }, "new": 7 });
    let comparison = documents(&one, &other);
    // Members in their order, those that only the second has behind them.
    let mut found = places(&comparison);
    found.sort_unstable();
    assert_eq!(found, ["aud[]", "aud[]", "deep.n", "gone", "iss", "new"]);
    assert_eq!(comparison.same, 2, "`y`, and what is deep and the same");
    let absent = comparison.differences.iter().find(|difference| difference.at == "new").expect("there");
    assert_eq!((&absent.one, &absent.other), (&None, &Some(json!(7))));
    assert!(documents(&one, &one).is_same());
}

#[test]
fn the_order_of_a_list_says_nothing() {
    assert!(documents(&json!({ "s": ["a", "b"] }), &json!({ "s": ["b", "a"] })).is_same());
    assert!(!documents(&json!({ "s": [{"a": 1}, {}] }), &json!({ "s": [{}, {"a": 1}] })).is_same());
}

#[test]
fn a_token_is_compared_by_its_claims() {
    let token = |claims: &str| {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{}\n", part(r#"{"alg":"RS256"}"#), part(claims), part("signature"))
    };
    let one = document(&token(r#"{"sub":"ada","iat":1}"#)).expect("a token");
    let other = document(&token(r#"{"sub":"eve","iat":1}"#)).expect("a token");
    assert_eq!(places(&documents(&one, &other)), ["claims.sub"]);
    assert_eq!(document(r#"{"issuer":"https://op.example"}"#), Ok(json!({ "issuer": "https://op.example" })));
    for text in ["", "a.b.c", "SECRET-opaque-token", "{", "a.b.c.d.e"] {
        let why = document(text).expect_err(text);
        assert!(!why.contains("SECRET"), "{why}");
    }
}

#[test]
fn the_same_sign_in_twice_differs_in_nothing_that_matters() {
    let flow = Flow::of(events()).expect("a flow");
    let mut later = events();
    for event in &mut later {
        event.seq += 100;
        event.flow = event.flow.as_ref().map(|_| "f9".to_owned());
        match &mut event.kind {
            EventKind::Listening { redirect_uri } => *redirect_uri = "http://127.0.0.1:9999/cb/work".to_owned(),
            EventKind::AuthorizationRequested { parameters, .. } | EventKind::CallbackReceived { parameters } => {
                parameters.iter_mut().filter(|pair| pair.secret).for_each(|pair| pair.value = "ffffffff".to_owned());
            }
            EventKind::Exchanged { exchange } => {
                for pair in &mut exchange.request.form {
                    pair.value = pair.value.replace(":7000", ":9999");
                }
                if let Some(answer) = &mut exchange.answer {
                    answer.body = answer.body.replace("01010101", "02020202");
                }
            }
            _ => {}
        }
    }
    let comparison = flows(&flow, &Flow::of(later).expect("a flow"));
    assert!(comparison.is_same() && comparison.same > 20, "{comparison:?}");
}

#[test]
fn a_check_that_fails_in_one_of_two_is_a_difference() {
    let with = |outcome: CheckOutcome| {
        let kind = EventKind::Checked { subject: "id_token".to_owned(), checks: vec![check("idtoken.aud", outcome)] };
        Flow::of(kinds("f", 1, vec![EventKind::SignInStarted, kind])).expect("a flow")
    };
    let comparison = flows(&with(CheckOutcome::Passed), &with(CheckOutcome::Failed));
    assert_eq!(places(&comparison), ["checks.idtoken.aud"]);
    let text = comparison.to_markdown();
    assert!(text.contains("| `checks.idtoken.aud` | `passed` | `failed` |"), "{text}");
}

#[test]
fn what_is_there_more_than_once_hides_nothing() {
    let with = |resources: &[&str], outcomes: &[CheckOutcome]| {
        let parameters = resources.iter().map(|resource| pair("resource", resource)).collect();
        let url = "https://op.example/authorize".to_owned();
        let mut entries =
            vec![EventKind::SignInStarted, EventKind::AuthorizationRequested { url, parameters, edited: Vec::new() }];
        entries.extend(outcomes.iter().map(|outcome| EventKind::Checked {
            subject: "id_token".to_owned(),
            checks: vec![check("idtoken.nonce", *outcome)],
        }));
        Flow::of(kinds("f", 1, entries)).expect("a flow")
    };
    let (passed, failed) = (CheckOutcome::Passed, CheckOutcome::Failed);
    // The last is the same in both.
    let comparison = flows(&with(&["a", "z"], &[failed, passed]), &with(&["b", "z"], &[passed]));
    let mut found = places(&comparison);
    found.dedup();
    assert_eq!(found, ["authorization.1.parameters.resource[]", "checks.idtoken.nonce"]);
    assert!(flows(&with(&["a"], &[passed, passed]), &with(&["a"], &[passed])).is_same());
}

#[test]
fn a_document_that_is_not_repeated_is_no_difference() {
    let mut again = events();
    for event in &mut again {
        if let EventKind::Exchanged { exchange } = &mut event.kind
            && let Some(answer) = exchange.answer.as_mut().filter(|_| exchange.purpose == "metadata")
        {
            answer.body.clear();
            answer.unchanged = Some("ab".repeat(32));
        }
    }
    let (first, again) = (Flow::of(events()).expect("a flow"), Flow::of(again).expect("a flow"));
    assert!(flows(&first, &again).is_same());
    assert!(flows(&again, &again).is_same());
}
