use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Check;

/// Ask the provider what a session's access token is (RFC 7662).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IntrospectionRequest {
    /// May be left out when there is only one session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(example = &"work"))]
    pub profile: Option<String>,
    /// `sub`, e-mail address or session id, where a profile holds several sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// What the provider says of it. Never holds the token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IntrospectionAnswer {
    /// Always [`VERSION`](super::VERSION).
    pub version: u32,
    /// The profile.
    pub profile: String,
    /// Whether it is good; nothing else is told of one that is not.
    pub active: bool,
    /// The members of the answer, `active` among them, as the provider wrote them.
    pub members: Map<String, Value>,
}

/// An access token looked into, for debugging. Never holds the token. What it says is for the API, nothing of it is
/// verified, and its form may change any day (RFC 9068 section 6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct TokenReport {
    /// Always [`VERSION`](super::VERSION).
    pub version: u32,
    /// The profile.
    pub profile: String,
    /// What it looks like.
    pub kind: AccessTokenKind,
    /// How to present it.
    pub token_type: String,
    /// When it ends, as the provider's answer said.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub expires_at: Option<Timestamp>,
    /// What was granted, as the provider's answer said.
    pub scope: Vec<String>,
    /// The API it was asked for.
    pub audience: Option<String>,
    /// The resources it was asked for (RFC 8707).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Vec<String>>", optional))]
    pub resources: Vec<String>,
    /// Its header, decoded, where it shows one.
    #[cfg_attr(feature = "ts", ts(type = "{ [key in string]?: unknown } | null"))]
    pub header: Option<Map<String, Value>>,
    /// Its claims, decoded, where it shows them.
    #[cfg_attr(feature = "ts", ts(type = "{ [key in string]?: unknown } | null"))]
    pub claims: Option<Map<String, Value>>,
    /// Advice: what RFC 9068 asks of an access token. None is ever `failed`.
    pub checks: Vec<Check>,
    /// Explanations.
    pub notes: Vec<TokenNote>,
}

/// What a token looks like from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum AccessTokenKind {
    /// No structure that may be read.
    Opaque,
    /// A signed token whose header says `at+jwt` (RFC 9068).
    Rfc9068,
    /// A signed token as Auth0 makes it by default.
    Auth0,
    /// Any other signed token.
    OtherJwt,
    /// Encrypted (RFC 7516): for the API alone.
    Encrypted,
}

/// Something to know of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct TokenNote {
    /// Stable, such as `auth0.opaque_without_audience`.
    pub code: String,
    /// Whole sentences.
    pub text: String,
}

/// Who the provider says the person is, and how that was checked (`GET /v1/sessions/{id}/identity`). Never holds the ID
/// token itself; secrets in the claims, the nonce among them, appear as their fingerprints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct IdentityReport {
    /// Always [`VERSION`](super::VERSION).
    pub version: u32,
    /// The profile.
    pub profile: String,
    /// The ID token, decoded; absent where the provider gave none (OAuth without OpenID Connect).
    pub id_token: Option<DecodedToken>,
    /// What the provider said about the person apart from the ID token: the claims of its `userinfo`, as far as they are kept.
    #[cfg_attr(feature = "ts", ts(type = "{ [key in string]?: unknown } | null"))]
    pub userinfo: Option<Map<String, Value>>,
    /// Every answer that was checked for the tokens of today, the oldest first.
    pub checked: Vec<Checked>,
}

/// A signed token, decoded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct DecodedToken {
    /// Its header.
    #[cfg_attr(feature = "ts", ts(type = "{ [key in string]?: unknown }"))]
    pub header: Map<String, Value>,
    /// Its claims.
    #[cfg_attr(feature = "ts", ts(type = "{ [key in string]?: unknown }"))]
    pub claims: Map<String, Value>,
}

/// An answer that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Checked {
    /// When.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub at: Timestamp,
    /// Which answer: as in [`EventKind::Checked`](super::EventKind::Checked).
    pub subject: String,
    /// The rules.
    pub checks: Vec<Check>,
}
