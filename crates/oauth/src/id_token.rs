//! ID tokens: every rule by name, all of them reported (OpenID Connect Core section 3.1.3.7, rows HP-ID-01 to
//! HP-ID-18). jsonwebtoken checks the signature only: which claims count, and when, is decided here.

use crate::asked::Asked;
use crate::check::{Ledger, Report, Rule, Verdict};
use crate::jwks::KeySet;
use crate::metadata::Metadata;
use crate::signing_alg::SigningAlg;
use crate::{AccessToken, IdTokenText, Nonce};

use jws::Jws;
use serde_json::{Map, Value};

pub use claims::{Claims, StandardClaims};
pub use error::IdTokenError;

pub(crate) mod claims;
mod error;
pub(crate) mod jws;
mod organization;
pub(crate) mod rules;
pub(crate) mod signature;

/// What an ID token must be.
#[derive(Clone, Debug)]
pub struct Expected<'a> {
    /// Byte for byte.
    pub issuer: &'a str,
    /// Who it must be for.
    pub client_id: &'a str,
    /// Further audiences that may stand beside the client; none by default.
    pub trusted_audiences: &'a [String],
    /// What was sent; nothing for a renewal (OpenID Connect Core section 12.2).
    pub nonce: Option<&'a Nonce>,
    /// The access token that came with it, for `at_hash`.
    pub access_token: Option<&'a AccessToken>,
    /// Nothing else is believed, whatever the header says.
    pub allowed_algs: Vec<SigningAlg>,
    /// `max_age` in seconds, when it was asked for.
    pub max_age: Option<u64>,
    /// When the person was sent to log in, Unix seconds: `max_age` counts from there, so that somebody who takes
    /// time over a consent page is not refused for it. From `now` when it is not told.
    pub asked_at: Option<i64>,
    /// `acr_values`, when they were asked for.
    pub acr_values: &'a [String],
    /// Auth0's organization, when one was asked for.
    pub organization: Option<&'a str>,
    /// How far clocks may differ, in seconds: 60 by default, at most 300.
    pub leeway_secs: u32,
    /// Unix seconds.
    pub now: i64,
    /// The provider's clock at `now`, from [`ClockSkew::provider_clock`](crate::ClockSkew::provider_clock): tells a wrong
    /// clock from a bad token.
    pub provider_clock: Option<i64>,
}

impl<'a> Expected<'a> {
    /// What every ID token of this provider for this client must be, without nonce and access token.
    #[must_use]
    pub fn new(metadata: &'a Metadata, client_id: &'a str, now: i64) -> Self {
        Self {
            issuer: metadata.issuer.as_str(),
            client_id,
            trusted_audiences: &[],
            nonce: None,
            access_token: None,
            allowed_algs: metadata.id_token_algs(),
            max_age: None,
            asked_at: None,
            acr_values: &[],
            organization: None,
            leeway_secs: 60,
            now,
            provider_clock: None,
        }
    }

    /// The same, showing what this sign-in asked for (IDT-12).
    #[must_use]
    pub fn satisfying(mut self, asked: &'a Asked) -> Self {
        self.max_age = asked.max_age;
        self.acr_values = &asked.acr_values;
        self.organization = asked.organization.as_deref();
        self
    }

    fn leeway(&self) -> i64 {
        i64::from(self.leeway_secs.min(300))
    }
}

/// Header and claims of an ID token that was judged before, for people to look at; nothing is judged here.
#[must_use]
pub fn decoded_id_token(text: &IdTokenText) -> Option<(Map<String, Value>, Map<String, Value>)> {
    let token = Jws::read(text).ok()?;
    Some((token.header, token.claims))
}

/// A rule with its function. The order is that of the report.
struct NamedRule {
    rule: Rule,
    judge: fn(&Jws, &KeySet, &Expected<'_>) -> Verdict<IdTokenError>,
}

const FORMAT: Rule = Rule { name: "idtoken.format", source: "RFC 7515 3.1, RFC 7519 7.2" };

const RULES: [NamedRule; 16] = [
    named("idtoken.alg", "OpenID Connect Core 3.1.3.7 (7), RFC 8725 3.1", rules::alg),
    named("idtoken.crit", "RFC 7515 4.1.11", rules::crit),
    named("idtoken.typ", "RFC 8725 3.11", rules::typ),
    named("idtoken.signature", "OpenID Connect Core 3.1.3.7 (6)", signature::judge),
    named("idtoken.iss", "OpenID Connect Core 3.1.3.7 (2)", rules::iss),
    named("idtoken.aud", "OpenID Connect Core 3.1.3.7 (3)", rules::aud),
    named("idtoken.azp", "OpenID Connect Core 3.1.3.7 (4), (5)", rules::azp),
    named("idtoken.exp", "OpenID Connect Core 3.1.3.7 (9)", rules::exp),
    named("idtoken.nbf", "RFC 7519 4.1.5", rules::nbf),
    named("idtoken.iat", "OpenID Connect Core 3.1.3.7 (10)", rules::iat),
    named("idtoken.nonce", "OpenID Connect Core 3.1.3.7 (11)", rules::nonce),
    named("idtoken.sub", "OpenID Connect Core 2", rules::sub),
    named("idtoken.at_hash", "OpenID Connect Core 3.1.3.8", rules::at_hash),
    named("idtoken.acr", "OpenID Connect Core 3.1.3.7 (12)", rules::acr),
    named("idtoken.auth_time", "OpenID Connect Core 3.1.3.7 (13)", rules::auth_time),
    named("idtoken.organization", "Auth0: Work with Tokens and Organizations", organization::judge),
];

const fn named(
    name: &'static str,
    source: &'static str,
    judge: fn(&Jws, &KeySet, &Expected<'_>) -> Verdict<IdTokenError>,
) -> NamedRule {
    NamedRule { rule: Rule { name, source }, judge }
}

/// Tries every rule on an ID token. The report always names all of them, in the same order; the first that
/// failed decides the error.
///
/// [`IdTokenError::UnknownKey`] asks the caller to fetch the keys once more and to verify again (IDT-17).
#[must_use]
pub fn verify(text: &IdTokenText, keys: &KeySet, expected: &Expected<'_>) -> Report<Claims, IdTokenError> {
    let mut ledger = Ledger::new();
    let shape = "three base64url parts: header, claims, signature";
    let token = match Jws::read(text) {
        Ok(token) => {
            ledger.enter(FORMAT, Verdict::passed(shape, format!("{} bytes", text.len())));
            token
        }
        Err(error) => {
            ledger.enter(FORMAT, Verdict::failed(shape, error.to_string(), error));
            for NamedRule { rule, .. } in &RULES {
                ledger.enter(*rule, Verdict::not_applicable("", "the token could not be read"));
            }
            return ledger.close(|| unreachable!("the format has failed"));
        }
    };
    for NamedRule { rule, judge } in &RULES {
        ledger.enter(*rule, judge(&token, keys, expected));
    }
    ledger.close(|| Claims::read(token.claims))
}

#[cfg(test)]
mod tests;
