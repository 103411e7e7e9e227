//! Signed details (OpenID Connect Core section 5.3.2): believed only with a good signature of the provider, its
//! name and ours in it (IDT-20, HP-UI-03).

use serde_json::{Map, Value};

use super::{SUB, UserInfo, UserInfoError, judge_sub};
use crate::IdTokenText;
use crate::check::{Ledger, Report, Rule, Verdict};
use crate::id_token::jws::Jws;
use crate::id_token::{Expected, IdTokenError, StandardClaims, rules, signature};
use crate::jwks::KeySet;

type Judge = fn(&Jws, &KeySet, &Expected<'_>) -> Verdict<IdTokenError>;

const SOURCE: &str = "OpenID Connect Core 5.3.2, 5.3.4";
const FORMAT: Rule = Rule { name: "userinfo.format", source: SOURCE };
const RULES: [(Rule, Judge); 6] = [
    (Rule { name: "userinfo.alg", source: "RFC 8725 3.1" }, rules::alg),
    (Rule { name: "userinfo.crit", source: "RFC 7515 4.1.11" }, rules::crit),
    (Rule { name: "userinfo.typ", source: "RFC 8725 3.11" }, rules::typ),
    (Rule { name: "userinfo.signature", source: SOURCE }, signature::judge),
    (Rule { name: "userinfo.iss", source: SOURCE }, rules::iss),
    (Rule { name: "userinfo.aud", source: SOURCE }, rules::aud),
];

pub(super) fn finish(
    text: &IdTokenText,
    sub: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
) -> Report<UserInfo, UserInfoError> {
    let mut ledger = Ledger::new();
    let shape = "a signed token: header, claims, signature";
    let token = match Jws::read(text) {
        Ok(token) => {
            ledger.enter(FORMAT, Verdict::passed(shape, format!("{} bytes", text.len())));
            token
        }
        Err(error) => {
            ledger.enter(FORMAT, Verdict::failed(shape, error.to_string(), UserInfoError::Signed(error)));
            for rule in RULES.map(|(rule, _)| rule).into_iter().chain([SUB]) {
                ledger.enter(rule, Verdict::not_applicable("", "the answer could not be read"));
            }
            return ledger.close(|| unreachable!("the format has failed"));
        }
    };
    for (rule, judge) in RULES {
        ledger.enter(rule, judge(&token, keys, expected).map_error(UserInfoError::Signed));
    }
    ledger.enter(SUB, judge_sub(&token.claims, sub));
    ledger.close(|| Ok(of(token.claims, sub)))
}

fn of(claims: Map<String, Value>, sub: &str) -> UserInfo {
    UserInfo { sub: sub.to_owned(), standard: StandardClaims::read(&claims), raw: Value::Object(claims) }
}
