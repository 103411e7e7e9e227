//! What must come of a step, as it stands in a file.

use std::collections::BTreeMap;

use doorkey_client::words::{BrowserSignOut, CheckOutcome, StepName};
use serde::de::{self, Deserialize, Deserializer};
use serde_json::Value;

use super::Span;

/// What must come of a step. What is not named is not looked at, but for the end: a sign-in ends signed in, a renewal
/// renewed, a sign-out signed out, unless a code is named.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// `signed_in`, `renewed`, `signed_out`, or the code of the refusal it must end in, such as `idtoken.nonce_mismatch`.
    pub ends: Option<String>,
    /// Claims of the ID token, by name.
    #[serde(default, deserialize_with = "filled")]
    #[cfg_attr(test, schemars(extend("minProperties" = 1)))]
    pub claims: BTreeMap<String, Claim>,
    /// Claims that the provider tells apart from the ID token, by name (OpenID Connect Core 5.3).
    #[serde(default, deserialize_with = "filled")]
    #[cfg_attr(test, schemars(extend("minProperties" = 1)))]
    pub userinfo: BTreeMap<String, Claim>,
    /// The algorithm of the ID token's signature.
    pub alg: Option<String>,
    /// Scopes that were granted: exactly these, or those that must be among them.
    pub scope: Option<Scopes>,
    /// The API that the access token is for, by its `aud` where that can be read, else as it was asked for.
    pub audience: Option<Texts>,
    /// How long the access token lives.
    pub lifetime: Option<Bounds>,
    /// How long the ID token lives: from `iat` to `exp`.
    pub id_token_lifetime: Option<Bounds>,
    /// Whether the session can be renewed.
    pub renewable: Option<bool>,
    /// How named checks must have gone, such as `"idtoken.nonce" = "passed"`.
    #[serde(default, deserialize_with = "filled")]
    #[cfg_attr(test, schemars(extend("minProperties" = 1)))]
    pub checks: BTreeMap<String, CheckOutcome>,
    /// How many requests went to the provider, by what they were for, such as `token = 1`.
    #[serde(default, deserialize_with = "filled")]
    #[cfg_attr(test, schemars(extend("minProperties" = 1)))]
    pub requests: BTreeMap<String, Count>,
    /// The provider's longest answer, by what the request was for, such as `token = "500ms"`.
    #[serde(default, deserialize_with = "filled")]
    #[cfg_attr(test, schemars(extend("minProperties" = 1)))]
    pub answers_within: BTreeMap<String, Span>,
    /// How long all of it may take, the pages included.
    pub within: Option<Span>,
    /// What a sign-out truly did: exactly these; everything that its `how` stands for when absent.
    pub done: Option<Vec<StepName>>,
    /// What the browser brought back from the provider's sign-out page.
    pub browser: Option<BrowserSignOut>,
}

/// A table that names nothing expects nothing: whoever wrote it meant something.
fn filled<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error> {
    let table = BTreeMap::deserialize(deserializer)?;
    if table.is_empty() { Err(de::Error::custom("nothing is expected in this table: leave it out")) } else { Ok(table) }
}

/// A claim: the value it must have, or a table that says something else of it.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(untagged))]
pub enum Claim {
    /// Says something of it.
    Test(ClaimTest),
    /// Is this.
    Is(Value),
}

/// What can be said of a claim beside its value.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(extend("minProperties" = 1)))]
#[serde(deny_unknown_fields)]
pub struct ClaimTest {
    /// Whether it is there at all.
    pub present: Option<bool>,
    /// A part of its text, or an element of its list.
    pub contains: Option<Value>,
    /// Its value, where that is a table.
    pub is: Option<Value>,
}

impl<'de> Deserialize<'de> for Claim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            table @ Value::Object(_) => serde_json::from_value(table).map(Self::Test).map_err(de::Error::custom),
            value => Ok(Self::Is(value)),
        }
    }
}

/// Scopes that must have been granted.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(untagged))]
pub enum Scopes {
    /// These and no others.
    Exactly(Vec<String>),
    /// These among others, and others not.
    Among(ScopeTest),
}

/// Scopes that must be among the granted ones, or must not.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(extend("minProperties" = 1)))]
#[serde(deny_unknown_fields)]
pub struct ScopeTest {
    /// These.
    #[serde(default)]
    pub includes: Vec<String>,
    /// Not these.
    #[serde(default)]
    pub excludes: Vec<String>,
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self::Exactly(text.split_whitespace().map(str::to_owned).collect())),
            list @ Value::Array(_) => serde_json::from_value(list).map(Self::Exactly),
            other => serde_json::from_value(other).map(Self::Among),
        };
        read.map_err(de::Error::custom)
    }
}

/// One text, or several.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Texts {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Texts {
    /// As a list.
    #[must_use]
    pub fn list(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Several(texts) => texts,
        }
    }
}

/// Between what a length of time must be.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(extend("minProperties" = 1)))]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Not shorter.
    pub at_least: Option<Span>,
    /// Not longer.
    pub at_most: Option<Span>,
}

/// How many.
#[derive(Clone, Copy, Debug, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Count {
    /// So many.
    Exactly(u32),
    /// Between these.
    Between(CountBounds),
}

/// Between what a number must be.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(extend("minProperties" = 1)))]
#[serde(deny_unknown_fields)]
pub struct CountBounds {
    /// Not less.
    pub at_least: Option<u32>,
    /// Not more.
    pub at_most: Option<u32>,
}
