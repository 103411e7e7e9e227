use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::VERSION;
use crate::Secret;

/// Ask for an access token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenRequest {
    /// May be left out when there is only one session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(example = &"work"))]
    pub profile: Option<String>,
    /// `sub`, e-mail address or session id, where a profile holds several sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The API it must be for; a token of its own is asked for where the session's is for another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// The resources it must be for (RFC 8707); a token of its own is asked for where the session's is for others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource: Vec<String>,
    /// The upstream identity provider's own access token, by the name of the connection (Auth0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// Scopes it must have; refused when one was not granted. With an API that is not the session's own, what is asked
    /// for there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scope: Vec<String>,
    /// How many seconds it must still be valid; renewed first if it is not. 10 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "super::whole::option")]
    #[cfg_attr(feature = "schema", schemars(range(max = 4_294_967_295_u64)))]
    pub min_ttl: Option<u32>,
    /// Nobody is asked whether this program may have the token: where somebody would have to be, it is refused at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_prompt: bool,
}

impl TokenRequest {
    /// The token of this profile's session.
    #[must_use]
    pub fn for_profile(name: &str) -> Self {
        Self { profile: Some(name.to_owned()), ..Self::default() }
    }
}

/// An access token, handed out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenAnswer {
    /// Always [`VERSION`].
    pub version: u32,
    /// The profile.
    pub profile: String,
    /// The token itself.
    #[serde(serialize_with = "Secret::serialize_exposed")]
    pub access_token: Secret,
    /// How to present it: `Bearer`, or `DPoP` with a proof from `POST /v1/proofs`.
    pub token_type: String,
    /// When it ends; absent when the provider does not tell.
    pub expires_at: Option<Timestamp>,
    /// What was granted.
    pub scope: Vec<String>,
    /// The API it is for, where one was asked for.
    pub audience: Option<String>,
    /// What was asked for and cannot be seen in the answer: `audience` where the token cannot be looked into, and the
    /// provider may have ignored the wish.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_shown: Vec<String>,
}

impl TokenAnswer {
    /// An answer of the present version.
    #[must_use]
    pub fn new(profile: String, access_token: Secret, token_type: String) -> Self {
        Self {
            version: VERSION,
            profile,
            access_token,
            token_type,
            expires_at: None,
            scope: Vec::new(),
            audience: None,
            not_shown: Vec::new(),
        }
    }
}
