use std::fmt;

use serde_json::{Map, Value};

use super::IdTokenError;
use crate::Nonce;
use crate::json::type_name;

/// The last second of the year 9999: later ones are no dates (HP-ID-01).
const MAX_DATE: i64 = 253_402_300_799;

/// What a verified ID token says. Who somebody is, is `iss` and `sub` together and nothing else (IDT-21).
#[derive(Clone)]
#[non_exhaustive]
pub struct Claims {
    /// The provider.
    pub iss: String,
    /// The person, unique at this provider and never reused.
    pub sub: String,
    /// Whom it is for.
    pub aud: Vec<String>,
    /// The party it was issued to.
    pub azp: Option<String>,
    /// Unix seconds, floored.
    pub exp: i64,
    /// Unix seconds, floored.
    pub iat: i64,
    /// When the person logged in, Unix seconds, floored.
    pub auth_time: Option<i64>,
    /// What was sent.
    pub nonce: Option<Nonce>,
    /// For display.
    pub standard: StandardClaims,
    /// All of them.
    pub raw: Value,
}

/// Claims for display (OpenID Connect Core section 5.1): words of others, to be cleaned before they are shown
/// and never to be identified by. One of the wrong type is left out.
#[derive(Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the standard")]
pub struct StandardClaims {
    pub name: Option<String>,
    pub email: Option<String>,
    pub email_verified: Option<bool>,
    pub preferred_username: Option<String>,
    pub picture: Option<String>,
}

impl StandardClaims {
    pub(crate) fn read(claims: &Map<String, Value>) -> Self {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
        Self {
            name: text("name"),
            email: text("email"),
            email_verified: claims.get("email_verified").and_then(Value::as_bool),
            preferred_username: text("preferred_username"),
            picture: text("picture"),
        }
    }
}

impl Claims {
    /// Reads claims that the rules have passed; asks again all the same, so that neither relies on the other.
    pub(super) fn read(claims: Map<String, Value>) -> Result<Self, IdTokenError> {
        Ok(Self {
            iss: required_text(&claims, "iss")?,
            sub: required_text(&claims, "sub")?,
            aud: audience(&claims)?,
            azp: text(&claims, "azp")?.map(str::to_owned),
            exp: required_date(&claims, "exp")?,
            iat: required_date(&claims, "iat")?,
            // Optional and of no use when it is odd: the rule has warned.
            auth_time: date(&claims, "auth_time").ok().flatten(),
            nonce: claims.get("nonce").and_then(Value::as_str).map(|nonce| Nonce::new(nonce.to_owned())),
            standard: StandardClaims::read(&claims),
            raw: Value::Object(claims),
        })
    }
}

// Claims are personal data: enough to tell two of them apart in a log, no more.
impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims").field("iss", &self.iss).field("exp", &self.exp).finish_non_exhaustive()
    }
}

impl fmt::Debug for StandardClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StandardClaims").finish_non_exhaustive()
    }
}

/// A text that may be absent; `null` counts as absent.
pub(super) fn text<'a>(claims: &'a Map<String, Value>, claim: &'static str) -> Result<Option<&'a str>, IdTokenError> {
    match claims.get(claim) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(wrong_type(claim, "text", type_name(other))),
    }
}

fn required_text(claims: &Map<String, Value>, claim: &'static str) -> Result<String, IdTokenError> {
    text(claims, claim)?.map(str::to_owned).ok_or_else(|| wrong_type(claim, "text", "nothing"))
}

/// One text or a list of texts (RFC 7519 section 4.1.3); empty when absent.
pub(super) fn audience(claims: &Map<String, Value>) -> Result<Vec<String>, IdTokenError> {
    const EXPECTED: &str = "text or a list of texts";
    match claims.get("aud") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(one)) => Ok(vec![one.clone()]),
        Some(Value::Array(all)) => {
            let texts = all.iter().map(|one| match one {
                Value::String(text) => Ok(text.clone()),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                    Err(wrong_type("aud", EXPECTED, "a list with something else in it"))
                }
            });
            texts.collect()
        }
        Some(other) => Err(wrong_type("aud", EXPECTED, type_name(other))),
    }
}

/// A `NumericDate` (RFC 7519 section 2) that may be absent: seconds, a fraction is floored. `null` is not absent
/// here: where a time is there it must be a number, and taking `null` for nothing would drop a limit.
pub(super) fn date(claims: &Map<String, Value>, claim: &'static str) -> Result<Option<i64>, IdTokenError> {
    const EXPECTED: &str = "a number of seconds since 1970";
    let seconds = match claims.get(claim) {
        None => return Ok(None),
        Some(Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
            (Some(seconds), _) => Some(seconds),
            #[expect(clippy::cast_possible_truncation, reason = "saturates, and the range is checked below")]
            (None, Some(seconds)) => Some(seconds.floor() as i64),
            (None, None) => None,
        },
        Some(other) => return Err(wrong_type(claim, EXPECTED, type_name(other))),
    };
    match seconds {
        Some(seconds) if (0..=MAX_DATE).contains(&seconds) => Ok(Some(seconds)),
        _ => Err(wrong_type(claim, EXPECTED, "a number out of range")),
    }
}

pub(super) fn required_date(claims: &Map<String, Value>, claim: &'static str) -> Result<i64, IdTokenError> {
    date(claims, claim)?.ok_or_else(|| wrong_type(claim, "a number of seconds since 1970", "nothing"))
}

pub(super) fn wrong_type(claim: &'static str, expected: &'static str, got: &'static str) -> IdTokenError {
    IdTokenError::ClaimType { claim, expected, got }
}
