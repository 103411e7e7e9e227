use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::CheckOutcome;
use crate::test_provider::{SigningKey, client, exchange, json_answer, metadata};

fn tokens(change: impl FnOnce(&mut Value)) -> Tokens {
    let mut body = json!({"access_token": "opaque", "token_type": "Bearer", "id_token": "a.b.c"});
    change(&mut body);
    exchange(&metadata(|_| {}), client(), "c").1.finish(&json_answer(200, &body)).expect("good")
}

fn outcome(asked: &Asked, tokens: &Tokens, name: &str) -> CheckOutcome {
    let checks = check_granted(asked, tokens);
    let names: Vec<_> = checks.iter().map(|check| check.name).collect();
    assert_eq!(names, ["granted.scope", "granted.audience", "granted.refresh_token", "granted.authorization_details"]);
    assert!(checks.iter().all(|check| check.outcome != CheckOutcome::Failed), "nothing here refuses");
    checks.into_iter().find(|check| check.name == name).expect(name).outcome
}

#[test]
fn scopes_are_compared() {
    // CORE-10, T-13
    let asked = Asked { scopes: ["openid", "mail"].map(str::to_owned).to_vec(), ..Asked::default() };
    for (granted, wanted) in [
        (None, CheckOutcome::Passed),
        (Some("mail openid"), CheckOutcome::Passed),
        (Some("openid"), CheckOutcome::Warned),
        (Some("openid mail admin"), CheckOutcome::Warned),
        (Some(""), CheckOutcome::Warned),
    ] {
        let tokens = tokens(|body| {
            if let Some(granted) = granted {
                body["scope"] = granted.into();
            }
        });
        assert_eq!(outcome(&asked, &tokens, "granted.scope"), wanted, "{granted:?}");
    }
    let checks = check_granted(&asked, &tokens(|body| body["scope"] = "openid".into()));
    assert_eq!(checks[0].got, "less than asked: mail is missing");
}

#[test]
fn the_api_is_read_from_a_token_that_can_be_read() {
    // RES-01, RES-02
    let asked = Asked { resources: vec!["https://api.example/".into()], ..Asked::default() };
    let of = |aud: Value| {
        let token = SigningKey::rsa().token(&json!({"alg": "RS256"}), &json!({ "aud": aud }));
        tokens(|body| body["access_token"] = token.into())
    };
    let check = |tokens: &Tokens| outcome(&asked, tokens, "granted.audience");
    assert_eq!(check(&of(json!("https://api.example/"))), CheckOutcome::Passed);
    assert_eq!(check(&of(json!(["x", "https://api.example/"]))), CheckOutcome::Passed);
    assert_eq!(check(&of(json!("https://api.example"))), CheckOutcome::Warned);
    assert_eq!(check(&of(json!(7))), CheckOutcome::Warned);
    assert_eq!(check(&tokens(|_| {})), CheckOutcome::NotApplicable, "opaque");
    assert_eq!(outcome(&Asked::default(), &of(json!("x")), "granted.audience"), CheckOutcome::NotApplicable);
}

#[test]
fn a_sign_in_that_cannot_be_renewed_is_told() {
    // T-12, IDT-22
    let asked = Asked { scopes: vec!["offline_access".into()], ..Asked::default() };
    assert_eq!(outcome(&asked, &tokens(|_| {}), "granted.refresh_token"), CheckOutcome::Warned);
    let renewable = tokens(|body| body["refresh_token"] = "rt".into());
    assert_eq!(outcome(&asked, &renewable, "granted.refresh_token"), CheckOutcome::Passed);
}

#[test]
fn details_are_read_back() {
    // RFC 9396 section 7
    let wanted = json!([{"type": "payment", "amount": "1"}]);
    let asked = Asked { authorization_details: Some(wanted.clone()), ..Asked::default() };
    let same = tokens(|body| body["authorization_details"] = wanted.clone());
    assert_eq!(outcome(&asked, &same, "granted.authorization_details"), CheckOutcome::Passed);
    assert_eq!(same.authorization_details.as_ref().map(|d| d.list().clone()), Some(wanted));
    assert!(!format!("{same:?}").contains("payment"), "personal data stays out of logs");
    let more = tokens(|body| body["authorization_details"] = json!([{"type": "payment", "amount": "999"}]));
    assert_eq!(outcome(&asked, &more, "granted.authorization_details"), CheckOutcome::Warned);
    assert_eq!(outcome(&asked, &tokens(|_| {}), "granted.authorization_details"), CheckOutcome::Warned);
}

proptest! {
    #[test]
    fn no_token_makes_it_panic(token in "[A-Za-z0-9_.=-]{0,80}") {
        let tokens = tokens(|body| body["access_token"] = format!("x{token}").into());
        let _ = check_granted(&Asked::default(), &tokens);
    }
}
