//! The expectations, one function each.

use std::collections::BTreeSet;
use std::time::Duration;

use doorkey_client::words::{Check, CheckOutcome, EventKind, StepName};
use serde_json::{Map, Value};

use super::{Expect, Judged, Seen};
use crate::scenario::{Bounds, Claim, ClaimTest, Count, Scopes, Span};

const ABSENT: &str = "not there";

pub(super) fn all(expect: &Expect, seen: &Seen) -> Vec<Judged> {
    let mut judged = Vec::new();
    let of_id_token = id_token(seen).map(|token| &token.claims);
    judged
        .extend(expect.claims.iter().map(|(name, claim)| one_claim(format!("claim {name}"), claim, of_id_token, name)));
    let userinfo = seen.identity.as_ref().and_then(|identity| identity.userinfo.as_ref());
    judged.extend(
        expect.userinfo.iter().map(|(name, claim)| one_claim(format!("userinfo {name}"), claim, userinfo, name)),
    );
    judged.extend(expect.alg.as_deref().map(|alg| algorithm(alg, seen)));
    judged.extend(expect.scope.as_ref().map(|scopes| granted(scopes, seen)));
    judged.extend(expect.audience.as_ref().map(|wanted| audience(wanted.list(), seen)));
    judged.extend(expect.lifetime.map(|bounds| between("lifetime of the access token", bounds, lifetime(seen))));
    let of_its_life = |bounds| between("lifetime of the ID token", bounds, id_token_lifetime(seen));
    judged.extend(expect.id_token_lifetime.map(of_its_life));
    judged.extend(expect.renewable.map(|wanted| {
        let got = seen.session.as_ref().map(|session| session.renewable);
        Judged::new("renewable", got == Some(wanted), wanted.to_string(), told(got))
    }));
    judged.extend(expect.checks.iter().map(|(name, outcome)| check(name, *outcome, seen)));
    judged.extend(expect.requests.iter().map(|(purpose, count)| requests(purpose, *count, seen)));
    judged.extend(expect.answers_within.iter().map(|(purpose, span)| answer_time(purpose, *span, seen)));
    judged.extend(expect.within.map(|span| {
        Judged::new("time it took", seen.took <= span.0, format!("at most {span}"), milliseconds(seen.took))
    }));
    judged.extend(expect.done.as_ref().map(|wanted| done(wanted, seen)));
    judged.extend(expect.browser.map(|wanted| {
        let got = seen.browser.map(|got| word(&got));
        Judged::new("browser", seen.browser == Some(wanted), word(&wanted), got.unwrap_or_else(|| ABSENT.to_owned()))
    }));
    judged
}

fn id_token(seen: &Seen) -> Option<&doorkey_client::words::DecodedToken> {
    seen.identity.as_ref()?.id_token.as_ref()
}

fn one_claim(what: String, claim: &Claim, claims: Option<&Map<String, Value>>, name: &str) -> Judged {
    let value = claims.and_then(|claims| claims.get(name));
    let got = value.map_or_else(|| ABSENT.to_owned(), shown);
    let is = |wanted: &Value| value == Some(wanted);
    match claim {
        Claim::Is(wanted) | Claim::Test(ClaimTest { is: Some(wanted), present: None, contains: None }) => {
            Judged::new(what, is(wanted), shown(wanted), got)
        }
        Claim::Test(ClaimTest { present, contains, is: wanted }) => {
            let held = present.is_none_or(|present| present == value.is_some())
                && contains.as_ref().is_none_or(|part| value.is_some_and(|value| contains_part(value, part)))
                && wanted.as_ref().is_none_or(is);
            let mut told = Vec::new();
            told.extend(present.map(|present| if present { "is there" } else { ABSENT }.to_owned()));
            told.extend(contains.as_ref().map(|part| format!("contains {}", shown(part))));
            told.extend(wanted.as_ref().map(shown));
            Judged::new(what, held, told.join(", "), got)
        }
    }
}

fn contains_part(value: &Value, part: &Value) -> bool {
    match (value, part) {
        (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
        (Value::Array(values), part) => values.contains(part),
        _ => false,
    }
}

fn algorithm(wanted: &str, seen: &Seen) -> Judged {
    let got = id_token(seen).and_then(|token| token.header.get("alg")).and_then(Value::as_str);
    Judged::new("algorithm of the ID token", got == Some(wanted), wanted, got.unwrap_or(ABSENT))
}

fn granted(wanted: &Scopes, seen: &Seen) -> Judged {
    let granted: BTreeSet<&str> = seen.session.iter().flat_map(|session| &session.scope).map(String::as_str).collect();
    let set = |scopes: &'_ [String]| scopes.iter().cloned().collect::<BTreeSet<String>>();
    let told = |scopes: &BTreeSet<String>| scopes.iter().cloned().collect::<Vec<_>>().join(" ");
    let got = granted.iter().copied().collect::<Vec<_>>().join(" ");
    match wanted {
        Scopes::Exactly(scopes) => {
            let wanted = set(scopes);
            let held = granted.iter().copied().eq(wanted.iter().map(String::as_str));
            Judged::new("scope", held, format!("exactly {}", told(&wanted)), got)
        }
        Scopes::Among(test) => {
            let held = test.includes.iter().all(|scope| granted.contains(scope.as_str()))
                && !test.excludes.iter().any(|scope| granted.contains(scope.as_str()));
            let mut expected = Vec::new();
            if !test.includes.is_empty() {
                expected.push(format!("with {}", test.includes.join(" ")));
            }
            if !test.excludes.is_empty() {
                expected.push(format!("without {}", test.excludes.join(" ")));
            }
            Judged::new("scope", held, expected.join(", "), got)
        }
    }
}

/// What the access token says of itself; where nothing can be read of it, what it was asked for.
fn audience(wanted: &[String], seen: &Seen) -> Judged {
    let said = seen.token.as_ref().and_then(|token| token.claims.as_ref()).and_then(|claims| claims.get("aud"));
    let mut note = "";
    let got: Vec<String> = match said {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => {
            note = " (as it was asked for: the token does not tell)";
            seen.session.iter().flat_map(|it| it.audience.iter().chain(&it.resources)).cloned().collect()
        }
    };
    let held = wanted.iter().collect::<BTreeSet<_>>() == got.iter().collect::<BTreeSet<_>>();
    let got = if got.is_empty() { ABSENT.to_owned() } else { format!("{}{note}", got.join(" ")) };
    Judged::new("audience of the access token", held, wanted.join(" "), got)
}

/// As the token endpoint said.
fn lifetime(seen: &Seen) -> Option<Duration> {
    let events = &seen.flow.as_ref()?.events;
    let said = events.iter().rev().find_map(|event| match event.kind {
        EventKind::TokensReceived { expires_in, .. } => Some(expires_in),
        _ => None,
    });
    said.flatten().map(|seconds| Duration::from_secs(u64::from(seconds)))
}

fn id_token_lifetime(seen: &Seen) -> Option<Duration> {
    let claims = &id_token(seen)?.claims;
    let at = |name: &str| claims.get(name).and_then(Value::as_i64);
    u64::try_from(at("exp")?.checked_sub(at("iat")?)?).ok().map(Duration::from_secs)
}

fn between(what: &str, bounds: Bounds, got: Option<Duration>) -> Judged {
    let held = got.is_some_and(|got| {
        bounds.at_least.is_none_or(|least| got >= least.0) && bounds.at_most.is_none_or(|most| got <= most.0)
    });
    let least = bounds.at_least.map(|span| format!("at least {span}"));
    let most = bounds.at_most.map(|span| format!("at most {span}"));
    let expected = [least, most].into_iter().flatten().collect::<Vec<_>>().join(", ");
    Judged::new(what, held, expected, got.map_or_else(|| ABSENT.to_owned(), |got| Span(got).to_string()))
}

/// A check may be made on more than one answer: each of them must have gone so.
fn check(name: &str, wanted: CheckOutcome, seen: &Seen) -> Judged {
    let made: Vec<&Check> = seen
        .flow
        .iter()
        .flat_map(|flow| flow.judged())
        .flat_map(|judged| judged.checks)
        .filter(|check| check.name == name)
        .collect();
    let held = !made.is_empty() && made.iter().all(|check| check.outcome == wanted);
    let other = made.iter().find(|check| check.outcome != wanted).or(made.first());
    let got = match other {
        Some(check) if check.outcome == wanted => word(&check.outcome),
        Some(check) => format!("{} (expected {}, got {})", word(&check.outcome), check.expected, check.got),
        None => "this check was not made".to_owned(),
    };
    Judged::new(format!("check {name}"), held, word(&wanted), got)
}

fn requests(purpose: &str, wanted: Count, seen: &Seen) -> Judged {
    let what = format!("requests for {purpose}");
    // What was refused before it began has asked nobody; otherwise nobody knows.
    let is_known = seen.flow.is_some() || seen.refusal.is_some();
    let made = asked(purpose, seen).count();
    let number = u32::try_from(made).unwrap_or(u32::MAX);
    let (held, expected) = match wanted {
        Count::Exactly(exactly) => (number == exactly, exactly.to_string()),
        Count::Between(bounds) => {
            let held =
                bounds.at_least.is_none_or(|least| number >= least) && bounds.at_most.is_none_or(|most| number <= most);
            let least = bounds.at_least.map(|least| format!("at least {least}"));
            let most = bounds.at_most.map(|most| format!("at most {most}"));
            (held, [least, most].into_iter().flatten().collect::<Vec<_>>().join(", "))
        }
    };
    let got = if is_known { number.to_string() } else { "the journal does not tell".to_owned() };
    Judged::new(what, held && is_known, expected, got)
}

fn answer_time(purpose: &str, wanted: Span, seen: &Seen) -> Judged {
    let slowest = asked(purpose, seen).max();
    let held = slowest.is_some_and(|took| took <= wanted.0);
    let got = slowest.map_or_else(|| "no such request".to_owned(), milliseconds);
    Judged::new(format!("slowest answer for {purpose}"), held, format!("at most {wanted}"), got)
}

/// How long each such request took.
fn asked<'a>(purpose: &'a str, seen: &'a Seen) -> impl Iterator<Item = Duration> + 'a {
    let asked = seen.flow.iter().flat_map(|flow| flow.asked());
    asked
        .filter(move |asked| asked.exchange.purpose == purpose)
        .map(|asked| Duration::from_millis(u64::from(asked.exchange.took_ms)))
}

pub(super) fn done(wanted: &[StepName], seen: &Seen) -> Judged {
    let steps = seen.done.as_deref().unwrap_or_default();
    let happened: Vec<String> = steps.iter().filter(|step| step.done).map(|step| word(&step.step)).collect();
    let wanted: Vec<String> = wanted.iter().map(word).collect();
    let held = happened.iter().collect::<BTreeSet<_>>() == wanted.iter().collect::<BTreeSet<_>>();
    let not = steps.iter().filter(|step| !step.done);
    let not: Vec<String> = not.map(|step| format!("not {}: {}", word(&step.step), step.reason)).collect();
    let got = happened.into_iter().chain(not).collect::<Vec<_>>().join(", ");
    Judged::new("done", held, wanted.join(", "), got)
}

/// As the journal spells it.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

fn told(value: Option<bool>) -> String {
    value.map_or_else(|| ABSENT.to_owned(), |value| value.to_string())
}

fn milliseconds(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

/// A text as it is, anything else as JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
