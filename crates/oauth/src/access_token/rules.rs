//! What RFC 9068 asks of an access token, one rule each (AT-02).

use std::convert::Infallible;

use serde_json::{Map, Value};

use super::{AccessTokenContext, Form, audience};
use crate::check::{Rule, Verdict};
use crate::date::shown;
use crate::json::type_name;

type Advice = Verdict<Infallible>;
type Members = Map<String, Value>;
type Judge = fn(&Form, &AccessTokenContext<'_>) -> Advice;

pub(super) const RULES: [(Rule, Judge); 9] = [
    (Rule { name: "accesstoken.typ", source: "RFC 9068 2.1" }, typ),
    (Rule { name: "accesstoken.alg", source: "RFC 9068 2.1" }, alg),
    (Rule { name: "accesstoken.iss", source: "RFC 9068 2.2" }, iss),
    (Rule { name: "accesstoken.aud", source: "RFC 9068 2.2, 3" }, aud),
    (Rule { name: "accesstoken.exp", source: "RFC 9068 2.2" }, exp),
    (Rule { name: "accesstoken.iat", source: "RFC 9068 2.2" }, iat),
    (Rule { name: "accesstoken.sub", source: "RFC 9068 2.2" }, sub),
    (Rule { name: "accesstoken.client_id", source: "RFC 9068 2.2" }, client_id),
    (Rule { name: "accesstoken.jti", source: "RFC 9068 2.2" }, jti),
];

/// Header and claims of a token that shows them.
fn open<'a>(form: &'a Form, wanted: &str) -> Result<(&'a Members, &'a Members), Advice> {
    match form {
        Form::Jwt { header, claims } => Ok((header, claims)),
        Form::Opaque => Err(Advice::not_applicable(wanted, "the token is opaque")),
        Form::Jwe { .. } => Err(Advice::not_applicable(wanted, "the token is encrypted")),
    }
}

fn told(members: &Members, name: &str) -> String {
    match members.get(name) {
        None => "nothing".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(other) => type_name(other).to_owned(),
    }
}

fn advice(is_good: bool, wanted: impl Into<String>, got: impl AsRef<str>) -> Advice {
    if is_good { Advice::passed(wanted, got) } else { Advice::warned(wanted, got) }
}

fn typ(form: &Form, _: &AccessTokenContext<'_>) -> Advice {
    let wanted = "at+jwt";
    let (header, _) = match open(form, wanted) {
        Ok(parts) => parts,
        Err(advice) => return advice,
    };
    let got = told(header, "typ");
    let is_good = matches!(got.to_ascii_lowercase().as_str(), "at+jwt" | "application/at+jwt");
    advice(is_good, wanted, got)
}

fn alg(form: &Form, _: &AccessTokenContext<'_>) -> Advice {
    let wanted = "an asymmetric algorithm";
    let (header, _) = match open(form, wanted) {
        Ok(parts) => parts,
        Err(advice) => return advice,
    };
    let got = told(header, "alg");
    advice(crate::SigningAlg::parse(&got).is_some(), wanted, got)
}

fn iss(form: &Form, context: &AccessTokenContext<'_>) -> Advice {
    let wanted = context.issuer.as_str();
    match open(form, wanted) {
        Ok((_, claims)) => advice(claims.get("iss").is_some_and(|iss| iss == wanted), wanted, told(claims, "iss")),
        Err(advice) => advice,
    }
}

fn aud(form: &Form, context: &AccessTokenContext<'_>) -> Advice {
    let asked: Vec<&str> = context.asked.audience.iter().chain(&context.asked.resources).map(String::as_str).collect();
    let wanted = if asked.is_empty() { "an API".to_owned() } else { asked.join(" ") };
    match open(form, &wanted) {
        Ok((_, claims)) => {
            let got = audience(claims);
            let all_there = asked.iter().all(|api| got.iter().any(|aud| aud == api));
            // A token whose audience is the client is an ID token at heart (AT-03).
            let is_ours = got.iter().any(|aud| aud == context.client_id);
            advice(!got.is_empty() && all_there && !is_ours, wanted, got.join(" "))
        }
        Err(advice) => advice,
    }
}

fn exp(form: &Form, context: &AccessTokenContext<'_>) -> Advice {
    let wanted = format!("after {}", shown(context.now));
    match open(form, &wanted) {
        Ok((_, claims)) => match claims.get("exp").and_then(Value::as_f64) {
            #[expect(clippy::cast_possible_truncation, reason = "saturates; for display")]
            Some(exp) => advice(exp as i64 > context.now, wanted, shown(exp as i64)),
            None => Advice::warned(wanted, told(claims, "exp")),
        },
        Err(advice) => advice,
    }
}

fn iat(form: &Form, context: &AccessTokenContext<'_>) -> Advice {
    let wanted = format!("not after {}", shown(context.now.saturating_add(60)));
    match open(form, &wanted) {
        Ok((_, claims)) => match claims.get("iat").and_then(Value::as_f64) {
            #[expect(clippy::cast_possible_truncation, reason = "saturates; for display")]
            Some(iat) => advice(iat as i64 <= context.now.saturating_add(60), wanted, shown(iat as i64)),
            None => Advice::warned(wanted, told(claims, "iat")),
        },
        Err(advice) => advice,
    }
}

fn sub(form: &Form, _: &AccessTokenContext<'_>) -> Advice {
    there(form, "sub")
}

fn jti(form: &Form, _: &AccessTokenContext<'_>) -> Advice {
    there(form, "jti")
}

fn there(form: &Form, claim: &'static str) -> Advice {
    match open(form, "text") {
        Ok((_, claims)) => {
            let is_text = claims.get(claim).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
            advice(is_text, "text", told(claims, claim))
        }
        Err(advice) => advice,
    }
}

/// Auth0's own profile has it in `azp`.
fn client_id(form: &Form, context: &AccessTokenContext<'_>) -> Advice {
    let wanted = context.client_id;
    match open(form, wanted) {
        Ok((_, claims)) => {
            let claim = if claims.contains_key("client_id") { "client_id" } else { "azp" };
            advice(claims.get(claim).is_some_and(|id| id == wanted), wanted, told(claims, claim))
        }
        Err(advice) => advice,
    }
}
