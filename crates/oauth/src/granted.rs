//! What came back, held against what was asked. Nothing here refuses: a provider may grant less, and what an
//! access token says is for the API to check (AT-01, CORE-10).

use std::convert::Infallible;

use crate::access_token::{Form, audience};
use crate::asked::Asked;
use crate::check::{Check, Ledger, Rule, Verdict};
use crate::token::Tokens;

const SCOPE: Rule = Rule { name: "granted.scope", source: "RFC 6749 3.3, 5.1" };
const AUDIENCE: Rule = Rule { name: "granted.audience", source: "RFC 8707 2.2, RFC 9068 3" };
const RENEWABLE: Rule = Rule { name: "granted.refresh_token", source: "OpenID Connect Core 11" };
const DETAILS: Rule = Rule { name: "granted.authorization_details", source: "RFC 9396 7" };

type Finding = Verdict<Infallible>;

/// Compares tokens with what was asked. Differences are warnings; the report always names every rule.
#[must_use]
pub fn check_granted(asked: &Asked, tokens: &Tokens) -> Vec<Check> {
    let mut ledger = Ledger::new();
    ledger.enter(SCOPE, scope(asked, tokens));
    ledger.enter(AUDIENCE, api(asked, tokens));
    ledger.enter(RENEWABLE, renewable(asked, tokens));
    ledger.enter(DETAILS, details(asked, tokens));
    ledger.close(|| Ok(())).checks
}

fn scope(asked: &Asked, tokens: &Tokens) -> Finding {
    let wanted = asked.scopes.join(" ");
    let Some(granted) = &tokens.scope else {
        return Finding::passed(wanted, "not told, which means as asked");
    };
    if asked.scopes.is_empty() {
        return Finding::not_applicable("none was asked for", granted.join(" "));
    }
    let missing: Vec<_> = asked.scopes.iter().filter(|scope| !granted.contains(scope)).map(String::as_str).collect();
    let further: Vec<_> = granted.iter().filter(|scope| !asked.scopes.contains(scope)).map(String::as_str).collect();
    match (missing.as_slice(), further.as_slice()) {
        ([], []) => Finding::passed(wanted, granted.join(" ")),
        ([], further) => Finding::warned(wanted, format!("more than asked: {}", further.join(" "))),
        (missing, []) => Finding::warned(wanted, format!("less than asked: {} is missing", missing.join(" "))),
        (missing, further) => {
            let (missing, further) = (missing.join(" "), further.join(" "));
            Finding::warned(wanted, format!("{missing} is missing, {further} was added"))
        }
    }
}

fn api(asked: &Asked, tokens: &Tokens) -> Finding {
    let wanted: Vec<&str> = asked.audience.iter().chain(&asked.resources).map(String::as_str).collect();
    let claims = match Form::of(&tokens.access_token) {
        Form::Jwt { claims, .. } => claims,
        Form::Opaque | Form::Jwe { .. } => {
            return Finding::not_applicable(wanted.join(" "), "the token cannot be read from outside");
        }
    };
    let got = audience(&claims);
    let shown = if got.is_empty() { "nothing".to_owned() } else { got.join(" ") };
    if wanted.is_empty() {
        return Finding::not_applicable("no API was asked for", shown);
    }
    if wanted.iter().all(|api| got.iter().any(|aud| aud == api)) {
        Finding::passed(wanted.join(" "), shown)
    } else {
        Finding::warned(wanted.join(" "), shown)
    }
}

fn renewable(asked: &Asked, tokens: &Tokens) -> Finding {
    let has_one = tokens.refresh_token.is_some();
    let got = if has_one { "a refresh token" } else { "no refresh token: the sign-in ends with the access token" };
    match asked.scopes.iter().any(|scope| scope == "offline_access") {
        true if has_one => Finding::passed("a refresh token", got),
        true => Finding::warned("a refresh token, since offline_access was asked for", got),
        false => Finding::not_applicable("offline_access was not asked for", got),
    }
}

fn details(asked: &Asked, tokens: &Tokens) -> Finding {
    let wanted = asked.authorization_details.as_ref();
    let got = tokens.authorization_details.as_ref().map(|details| details.list());
    // Types only: the rest is about the person.
    let types = |list: &serde_json::Value| {
        let items = list.as_array().into_iter().flatten();
        let types: Vec<_> = items.filter_map(|item| item.get("type")?.as_str()).collect();
        if types.is_empty() { "an empty list".to_owned() } else { types.join(" ") }
    };
    match (wanted, got) {
        (None, None) => Finding::not_applicable("none were asked for", "nothing"),
        (None, Some(got)) => Finding::warned("none were asked for", types(got)),
        (Some(wanted), None) => Finding::warned(types(wanted), "nothing"),
        (Some(wanted), Some(got)) if wanted == got => Finding::passed(types(wanted), types(got)),
        (Some(wanted), Some(got)) => Finding::warned(types(wanted), format!("{}, not as asked", types(got))),
    }
}

#[cfg(test)]
mod tests;
