//! Access tokens. No rule of a sign-in reads inside one: what it says is for the API (AT-01). What is read here
//! is shown to people who asked for it, and blocks nothing.

use std::convert::Infallible;

use serde_json::{Map, Value};

use crate::AccessToken;
use crate::asked::Asked;
use crate::check::{Check, Ledger};
use crate::issuer::Issuer;

pub use auth0::{MixedDomains, check_auth0_domains};
pub(crate) use form::Form;

mod auth0;
mod form;
mod rules;

/// What a token looks like from outside. Its provider may change that any day (RFC 9068 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessTokenKind {
    /// No structure that may be read.
    Opaque,
    /// A signed token whose header says `at+jwt` (RFC 9068).
    Rfc9068,
    /// A signed token as Auth0 makes it by default: `typ` JWT, with `azp` or `gty`.
    Auth0,
    /// Any other signed token.
    OtherJwt,
    /// Encrypted (RFC 7516): for the API alone.
    Encrypted,
}

/// What the token is held against.
#[derive(Clone, Copy, Debug)]
pub struct AccessTokenContext<'a> {
    /// Who was asked.
    pub issuer: &'a Issuer,
    /// Who asked.
    pub client_id: &'a str,
    /// For what.
    pub asked: &'a Asked,
    /// Unix seconds.
    pub now: i64,
}

/// Something to know of a token, in whole sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenNote {
    /// Stable, such as `auth0.opaque_without_audience`.
    pub code: &'static str,
    /// What it means, and what to change where something is to be changed.
    pub text: String,
}

/// For debugging; the format may change. Header and claims are personal data, and words of others.
pub struct AccessTokenReport {
    /// Its form.
    pub kind: AccessTokenKind,
    /// Decoded, nothing verified.
    pub header: Option<Map<String, Value>>,
    /// Decoded, nothing verified.
    pub claims: Option<Map<String, Value>>,
    /// Advice: none of them is ever `Failed` (AT-02).
    pub checks: Vec<Check>,
    /// Explanations.
    pub notes: Vec<TokenNote>,
}

impl std::fmt::Debug for AccessTokenReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("AccessTokenReport");
        shown
            .field("kind", &self.kind)
            .field("checks", &self.checks)
            .field("notes", &self.notes)
            .finish_non_exhaustive()
    }
}

/// Looks at a token because somebody asked to see it. Every rule is named, whatever the token is.
#[must_use]
pub fn report_access_token(token: &AccessToken, context: &AccessTokenContext<'_>) -> AccessTokenReport {
    let form = Form::of(token);
    let kind = kind(&form);
    let mut ledger: Ledger<Infallible> = Ledger::new();
    for (rule, judge) in rules::RULES {
        ledger.enter(rule, judge(&form, context));
    }
    let checks = ledger.close(|| Ok(())).checks;
    let notes = auth0::notes(kind, &form, context);
    let (header, claims) = match form {
        Form::Opaque => (None, None),
        Form::Jwt { header, claims } => (Some(header), Some(claims)),
        Form::Jwe { header } => (Some(header), None),
    };
    AccessTokenReport { kind, header, claims, checks, notes }
}

fn kind(form: &Form) -> AccessTokenKind {
    match form {
        Form::Opaque => AccessTokenKind::Opaque,
        Form::Jwe { .. } => AccessTokenKind::Encrypted,
        Form::Jwt { header, claims } => {
            let typ = header.get("typ").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
            if matches!(typ.as_str(), "at+jwt" | "application/at+jwt") {
                AccessTokenKind::Rfc9068
            } else if claims.contains_key("gty") || (claims.contains_key("azp") && !claims.contains_key("client_id")) {
                AccessTokenKind::Auth0
            } else {
                AccessTokenKind::OtherJwt
            }
        }
    }
}

/// `aud` as a list; empty when it is absent or of another type.
pub(crate) fn audience(claims: &Map<String, Value>) -> Vec<String> {
    match claims.get("aud") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(_) | None => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
