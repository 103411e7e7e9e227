//! What was looked at in a provider's description, rule by rule, for people who test it. It decides nothing: the outcome
//! is that of [`finish_discovery`](super::finish_discovery).

use super::DiscoveryError;
use crate::check::{Check, Ledger, Rule, Verdict};
use crate::metadata::Metadata;

const RULES: [(Rule, &str); 9] = [
    (
        Rule { name: "discovery.answer", source: "OpenID Connect Discovery 4.2, RFC 8414 3.2" },
        "HTTP 200 with a document",
    ),
    (Rule { name: "discovery.format", source: "RFC 8259 4, RFC 8414 3.2" }, "a JSON object, each member once"),
    (
        Rule { name: "discovery.issuer", source: "OpenID Connect Discovery 4.3, RFC 8414 3.3" },
        "the issuer that was asked",
    ),
    (Rule { name: "discovery.members", source: "RFC 8414 2" }, "members of the types they must have"),
    (Rule { name: "discovery.response_types", source: "RFC 8414 2, RFC 9700 2.1.2" }, "`code` among them"),
    (Rule { name: "discovery.pkce", source: "RFC 7636 4.2, RFC 9700 2.1.1" }, "`S256` among them"),
    (Rule { name: "discovery.endpoints", source: "RFC 8414 2, RFC 9700 2.6" }, "https, and those that a sign-in needs"),
    (
        Rule { name: "discovery.algorithms", source: "OpenID Connect Core 3.1.3.7 (7), RFC 8725 3.1" },
        "an asymmetric one that is known",
    ),
    (Rule { name: "discovery.iss_parameter", source: "RFC 9207 3, RFC 9700 2.1" }, "answers that name their issuer"),
];

/// Every rule, whatever came of the description. Behind the one that refused it nothing was looked at.
#[must_use]
pub fn check_discovery(outcome: Result<&Metadata, &DiscoveryError>) -> Vec<Check> {
    let mut ledger = Ledger::new();
    for (place, (rule, wanted)) in RULES.into_iter().enumerate() {
        let verdict = match outcome {
            Ok(metadata) => of_good(rule.name, wanted, metadata),
            Err(error) if place == refused_by(error) => Verdict::failed(wanted, error.to_string(), ()),
            Err(error) if place < refused_by(error) => Verdict::passed(wanted, "as expected"),
            Err(_) => Verdict::not_applicable(wanted, "not looked at: it was refused before"),
        };
        ledger.enter(rule, verdict);
    }
    ledger.close(|| Ok(())).checks
}

fn of_good(name: &str, wanted: &str, metadata: &Metadata) -> Verdict<()> {
    match name {
        "discovery.issuer" => Verdict::passed(wanted, metadata.issuer.as_str()),
        "discovery.pkce" => match &metadata.code_challenge_methods_supported {
            Some(offered) => Verdict::passed(wanted, offered.join(", ")),
            None => Verdict::warned(wanted, "not told; it is used all the same"),
        },
        "discovery.endpoints" => {
            let [there, tokens] = [&metadata.authorization_endpoint, &metadata.token_endpoint].map(|it| it.as_str());
            Verdict::passed(wanted, format!("{there}, {tokens}"))
        }
        "discovery.algorithms" => match metadata.id_token_signing_alg_values_supported.as_slice() {
            [] => Verdict::passed(wanted, "not told, which means RS256"),
            offered => Verdict::passed(wanted, offered.join(", ")),
        },
        "discovery.iss_parameter" => match metadata.authorization_response_iss_parameter_supported {
            true => Verdict::passed(wanted, "promised"),
            false => Verdict::not_applicable(wanted, "not promised"),
        },
        _ => Verdict::passed(wanted, "as expected"),
    }
}

/// The place of the rule that an error is about.
fn refused_by(error: &DiscoveryError) -> usize {
    match error {
        DiscoveryError::NotFound { .. }
        | DiscoveryError::Unavailable { .. }
        | DiscoveryError::UnexpectedStatus { .. }
        | DiscoveryError::Redirected { .. }
        | DiscoveryError::Html { .. } => 0,
        DiscoveryError::NotJson { .. }
        | DiscoveryError::TooLarge { .. }
        | DiscoveryError::TooDeep { .. }
        | DiscoveryError::DuplicateMember { .. }
        | DiscoveryError::BadNumber { .. }
        | DiscoveryError::BadUtf8
        | DiscoveryError::NotObject { .. } => 1,
        DiscoveryError::IssuerMismatch { .. } | DiscoveryError::IssuerTemplate { .. } => 2,
        DiscoveryError::BadField { field: "issuer", .. } => 2,
        DiscoveryError::BadField { .. } => 3,
        DiscoveryError::NoCodeFlow { .. } => 4,
        DiscoveryError::PkceS256Unsupported { .. } => 5,
        DiscoveryError::BadEndpoint { .. } | DiscoveryError::MissingEndpoint { .. } => 6,
        DiscoveryError::NoUsableAlg { .. } => 7,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::parse_metadata;
    use super::*;
    use crate::{CheckOutcome, Issuer};

    fn checked(change: impl FnOnce(&mut Value)) -> (Vec<Check>, Result<Metadata, DiscoveryError>) {
        let mut document = json!({
            "issuer": "https://op.example",
            "authorization_endpoint": "https://op.example/authorize",
            "token_endpoint": "https://op.example/token",
            "code_challenge_methods_supported": ["S256"],
        });
        change(&mut document);
        let issuer = Issuer::parse("https://op.example").expect("an issuer");
        let outcome = parse_metadata(&issuer, document.to_string().as_bytes());
        (check_discovery(outcome.as_ref()), outcome)
    }

    fn names(checks: &[Check], outcome: CheckOutcome) -> Vec<&'static str> {
        checks.iter().filter(|check| check.outcome == outcome).map(|check| check.name).collect()
    }

    #[test]
    fn a_good_description_passes_and_what_it_does_not_tell_is_said() {
        let (checks, _) = checked(|_| {});
        assert_eq!((checks.len(), names(&checks, CheckOutcome::Failed).len()), (RULES.len(), 0));
        assert_eq!(names(&checks, CheckOutcome::NotApplicable), ["discovery.iss_parameter"]);
        let (checks, _) = checked(|document| {
            document["code_challenge_methods_supported"] = Value::Null;
        });
        assert_eq!(names(&checks, CheckOutcome::Warned), ["discovery.pkce"]);
    }

    #[test]
    fn the_rule_that_refused_it_has_failed_and_no_other() {
        let cases: [(&str, Value, &str); 6] = [
            ("issuer", "https://evil.example".into(), "discovery.issuer"),
            ("issuer", 7.into(), "discovery.issuer"),
            ("response_types_supported", json!(["token"]), "discovery.response_types"),
            ("code_challenge_methods_supported", json!(["plain"]), "discovery.pkce"),
            ("token_endpoint", "http://op.example/token".into(), "discovery.endpoints"),
            ("id_token_signing_alg_values_supported", json!(["none"]), "discovery.algorithms"),
        ];
        for (member, value, rule) in cases {
            let (checks, outcome) = checked(|document| document[member] = value);
            assert!(outcome.is_err(), "{member}");
            assert_eq!(names(&checks, CheckOutcome::Failed), [rule]);
            assert_eq!(checks.len(), RULES.len(), "every rule is named");
        }
    }
}
