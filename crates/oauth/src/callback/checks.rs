//! What the browser brought, rule by rule, for people who test it. It decides nothing: the outcome is that of
//! [`OurAnswer::code`].

use super::OurAnswer;
use crate::State;
use crate::check::{Check, Ledger, Rule, Verdict};

const STATE: Rule = Rule { name: "callback.state", source: "RFC 6749 10.12, RFC 9700 4.7" };
const ONCE: Rule = Rule { name: "callback.once", source: "RFC 6749 3.1" };
const ISS: Rule = Rule { name: "callback.iss", source: "RFC 9207 2.4" };
const NO_TOKENS: Rule = Rule { name: "callback.no_tokens", source: "RFC 9700 2.1.2" };
const NO_ERROR: Rule = Rule { name: "callback.no_error", source: "RFC 6749 4.1.2.1" };
const CODE: Rule = Rule { name: "callback.code", source: "RFC 6749 4.1.2" };

impl OurAnswer {
    /// Every rule, each by itself, in the order in which they refuse.
    pub(crate) fn checks(&self, state: &State, issuer: &str, iss_is_promised: bool) -> Vec<Check> {
        let mut ledger = Ledger::new();
        ledger.enter(STATE, {
            let (expected, got) = (state.fingerprint(), self.state.fingerprint());
            if self.state.same_as(state) { Verdict::passed(expected, got) } else { Verdict::failed(expected, got, ()) }
        });
        ledger.enter(ONCE, {
            let wanted = "each parameter once";
            match self.twice {
                None => Verdict::passed(wanted, wanted),
                Some(name) => Verdict::failed(wanted, format!("`{name}` twice"), ()),
            }
        });
        ledger.enter(
            ISS,
            match &self.iss {
                Some(iss) if iss == issuer => Verdict::passed(issuer, iss),
                Some(iss) => Verdict::failed(issuer, iss, ()),
                None if iss_is_promised => Verdict::failed(issuer, "nothing, although it is promised", ()),
                None => Verdict::not_applicable(issuer, "nothing, and it is not promised"),
            },
        );
        ledger.enter(NO_TOKENS, {
            let wanted = "no token in the address";
            match self.forbidden {
                None => Verdict::passed(wanted, "none"),
                Some(name) => Verdict::failed(wanted, format!("`{name}`"), ()),
            }
        });
        ledger.enter(
            NO_ERROR,
            match &self.error {
                None => Verdict::passed("no error", "none"),
                Some(error) => Verdict::failed("no error", error, ()),
            },
        );
        ledger.enter(
            CODE,
            match (&self.code, &self.error) {
                (Some(code), _) => Verdict::passed("a code", code.fingerprint()),
                (None, Some(_)) => Verdict::not_applicable("a code", "nothing, as there is an error"),
                (None, None) => Verdict::failed("a code", "nothing", ()),
            },
        );
        ledger.close(|| Ok(())).checks
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Callback, judge};
    use super::*;
    use crate::CheckOutcome;

    const ISSUER: &str = "https://op.example";

    fn answer(query: &str) -> OurAnswer {
        match judge(&format!("state=s1&{query}"), &State::new("s1".to_owned())) {
            Callback::Ours(answer) => answer,
            Callback::NotOurs { why, .. } => panic!("{why:?}"),
        }
    }

    fn first_failed(query: &str, promised: bool) -> Option<&'static str> {
        let checks = answer(query).checks(&State::new("s1".to_owned()), ISSUER, promised);
        assert_eq!(checks.len(), 6, "every rule is named");
        checks.into_iter().find(|check| check.outcome == CheckOutcome::Failed).map(|check| check.name)
    }

    #[test]
    fn what_refuses_an_answer_is_the_first_that_failed() {
        let cases = [
            ("code=c", false, None),
            ("code=c&iss=https://op.example", true, None),
            ("code=c&code=d", false, Some("callback.once")),
            ("code=c&iss=https://evil.example", false, Some("callback.iss")),
            ("code=c", true, Some("callback.iss")),
            ("code=c&access_token=t", false, Some("callback.no_tokens")),
            ("error=access_denied", false, Some("callback.no_error")),
            ("x=y", false, Some("callback.code")),
        ];
        for (query, promised, rule) in cases {
            assert_eq!(first_failed(query, promised), rule, "{query}");
            let outcome = answer(query).code(&State::new("s1".to_owned()), ISSUER, promised);
            assert_eq!(outcome.is_err(), rule.is_some(), "{query}");
        }
    }

    #[test]
    fn neither_code_nor_state_is_told() {
        let checks = answer("code=SECRET-CODE").checks(&State::new("s1".to_owned()), ISSUER, false);
        assert!(!format!("{checks:?}").contains("SECRET-CODE"));
        assert!(checks.iter().all(|check| check.got != "s1"));
    }
}
