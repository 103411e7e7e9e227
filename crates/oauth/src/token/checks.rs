//! An answer of the token endpoint, rule by rule, for people who test it. It decides nothing: the outcome is that of
//! whoever read it.

use http::header::CACHE_CONTROL;

use super::{TokenError, Tokens};
use crate::answer::{Response, header};
use crate::check::{Check, Ledger, Rule, Verdict};

const RULES: [(Rule, &str); 7] = [
    (Rule { name: "token.answer", source: "RFC 6749 5.1" }, "HTTP 200 with a JSON object, each member once"),
    (Rule { name: "token.no_error", source: "RFC 6749 5.2" }, "no error"),
    (
        Rule { name: "token.members", source: "RFC 6749 5.1" },
        "an access token, and members of the types they must have",
    ),
    (
        Rule { name: "token.token_type", source: "RFC 6749 7.1, RFC 9449 5" },
        "a type that is known, and as it was asked for",
    ),
    (
        Rule { name: "token.id_token", source: "OpenID Connect Core 3.1.3.3" },
        "an ID token, where `openid` was asked for",
    ),
    (Rule { name: "token.expires_in", source: "RFC 6749 5.1" }, "the token's life in seconds"),
    (Rule { name: "token.cache_control", source: "RFC 6749 5.1" }, "Cache-Control: no-store"),
];

/// Every rule, whatever came of the answer. Behind the one that refused it nothing was looked at.
#[must_use]
pub fn check_token_answer(response: &Response, outcome: Result<&Tokens, &TokenError>) -> Vec<Check> {
    let mut ledger = Ledger::new();
    for (place, (rule, wanted)) in RULES.into_iter().enumerate() {
        let verdict = match outcome {
            Ok(tokens) => of_good(rule.name, wanted, response, tokens),
            Err(error) if place == refused_by(error) => Verdict::failed(wanted, got(error), ()),
            Err(error) if place < refused_by(error) => Verdict::passed(wanted, "as expected"),
            Err(_) => Verdict::not_applicable(wanted, "not looked at: it was refused before"),
        };
        ledger.enter(rule, verdict);
    }
    ledger.close(|| Ok(())).checks
}

fn of_good(name: &str, wanted: &str, response: &Response, tokens: &Tokens) -> Verdict<()> {
    match name {
        "token.token_type" => Verdict::passed(wanted, tokens.token_type.name()),
        "token.expires_in" => match tokens.expires_in {
            Some(life) => Verdict::passed(wanted, life.to_string()),
            None => Verdict::warned(wanted, "not told"),
        },
        "token.cache_control" => {
            let told = header(response, CACHE_CONTROL).unwrap_or("nothing");
            let is_kept_out = told.split(',').any(|word| word.trim().eq_ignore_ascii_case("no-store"));
            if is_kept_out { Verdict::passed(wanted, told) } else { Verdict::warned(wanted, told) }
        }
        "token.id_token" => match &tokens.id_token {
            Some(_) => Verdict::passed(wanted, "one"),
            None => Verdict::not_applicable(wanted, "none, and none had to come"),
        },
        _ => Verdict::passed(wanted, "as expected"),
    }
}

/// Without the provider's own words: they may repeat a token of long ago, which nobody here knows to leave out.
fn got(error: &TokenError) -> String {
    match error {
        TokenError::CodeRejected { .. } => "invalid_grant".to_owned(),
        TokenError::ClientRejected { error, .. } | TokenError::Refused { error, .. } => error.clone(),
        TokenError::InvalidScope { .. } => "invalid_scope".to_owned(),
        TokenError::InvalidTarget { .. } => "invalid_target".to_owned(),
        TokenError::UnsupportedGrant { .. } => "unsupported_grant_type".to_owned(),
        TokenError::ProofRejected { .. } => "invalid_dpop_proof".to_owned(),
        TokenError::ServerError { status, .. } => format!("HTTP {status}"),
        TokenError::NotJson { declared, .. } => declared.clone(),
        TokenError::BadDocument(_)
        | TokenError::NotObject { .. }
        | TokenError::UnexpectedStatus { .. }
        | TokenError::BadField { .. }
        | TokenError::UnsupportedType { .. }
        | TokenError::DpopDowngrade
        | TokenError::TooLarge { .. }
        | TokenError::UnexpectedRedirect { .. }
        | TokenError::IdTokenMissing => error.to_string(),
    }
}

/// The place of the rule that an error is about.
fn refused_by(error: &TokenError) -> usize {
    match error {
        TokenError::ServerError { .. }
        | TokenError::NotJson { .. }
        | TokenError::BadDocument(_)
        | TokenError::NotObject { .. }
        | TokenError::UnexpectedStatus { .. }
        | TokenError::UnexpectedRedirect { .. }
        | TokenError::TooLarge { .. } => 0,
        TokenError::CodeRejected { .. }
        | TokenError::ClientRejected { .. }
        | TokenError::InvalidScope { .. }
        | TokenError::InvalidTarget { .. }
        | TokenError::UnsupportedGrant { .. }
        | TokenError::ProofRejected { .. }
        | TokenError::Refused { .. } => 1,
        TokenError::BadField { .. } => 2,
        TokenError::UnsupportedType { .. } | TokenError::DpopDowngrade => 3,
        TokenError::IdTokenMissing => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Allowed, read_tokens};
    use super::*;
    use crate::CheckOutcome;
    use crate::text::Scrub;

    fn checks(status: u16, cache: &str, body: &str) -> Vec<Check> {
        let response = http::Response::builder()
            .status(status)
            .header("content-type", "application/json")
            .header("cache-control", cache)
            .body(body.as_bytes().to_vec())
            .expect("a response");
        let allowed = Allowed { binding: super::super::Binding::Free, form: super::super::Form::Refused };
        check_token_answer(&response, read_tokens(&response, &Scrub::default(), allowed).as_ref())
    }

    #[test]
    fn the_providers_own_words_are_not_repeated() {
        let all = checks(400, "no-store", r#"{"error":"invalid_grant","error_description":"OLD-TOKEN came too late"}"#);
        assert!(!format!("{all:?}").contains("OLD-TOKEN"));
        assert_eq!(all[1].got, "invalid_grant");
    }

    fn names(checks: &[Check], outcome: CheckOutcome) -> Vec<&'static str> {
        checks.iter().filter(|check| check.outcome == outcome).map(|check| check.name).collect()
    }

    #[test]
    fn what_a_standard_asks_for_and_is_not_there_is_a_warning() {
        let good = r#"{"access_token":"t","token_type":"Bearer","expires_in":300}"#;
        let all = checks(200, "private, no-store", good);
        assert_eq!(names(&all, CheckOutcome::NotApplicable), ["token.id_token"]);
        assert_eq!(names(&all, CheckOutcome::Passed).len(), RULES.len() - 1);
        let all = checks(200, "max-age=60", r#"{"access_token":"t","token_type":"Bearer"}"#);
        assert_eq!(names(&all, CheckOutcome::Warned), ["token.expires_in", "token.cache_control"]);
    }

    #[test]
    fn the_rule_that_refused_it_has_failed_and_no_other() {
        let cases = [
            (200, "<html>", "token.answer"),
            (500, "{}", "token.answer"),
            (400, r#"{"error":"invalid_grant"}"#, "token.no_error"),
            (200, r#"{"token_type":"Bearer"}"#, "token.members"),
            (200, r#"{"access_token":"t","token_type":"mac"}"#, "token.token_type"),
        ];
        for (status, body, rule) in cases {
            let all = checks(status, "no-store", body);
            assert_eq!(names(&all, CheckOutcome::Failed), [rule], "{body}");
            assert_eq!(all.len(), RULES.len(), "every rule is named");
        }
    }
}
