use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{TokenRequest, VERSION};
use crate::Secret;

/// Ask for an access token that is bound to a key, with the proof for one request (RFC 9449). The key stays with the
/// agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProofRequest {
    /// Which token.
    #[serde(flatten)]
    pub token: TokenRequest,
    /// Of the request that the proof is for, such as `GET`.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,32}$")))]
    pub method: String,
    /// Of that request; query and fragment are left out of the proof. `https`, or `http` on loopback.
    #[cfg_attr(feature = "schema", schemars(url))]
    pub url: String,
    /// The nonce of the API's newest answer (its `DPoP-Nonce` header); the newest that the agent knows when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[!#-\[\]-~]{1,1024}$")))]
    pub nonce: Option<String>,
}

impl ProofRequest {
    /// The token of this profile's session, for one request.
    #[must_use]
    pub fn new(profile: &str, method: &str, url: &str) -> Self {
        let token = TokenRequest::for_profile(profile);
        Self { token, method: method.to_owned(), url: url.to_owned(), nonce: None }
    }
}

/// An access token and the proof for one request with it: `Authorization: DPoP …` and `DPoP: …`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProofAnswer {
    /// Always [`VERSION`].
    pub version: u32,
    /// The profile.
    pub profile: String,
    /// The token itself.
    #[serde(serialize_with = "Secret::serialize_exposed")]
    pub access_token: Secret,
    /// `DPoP`.
    pub token_type: String,
    /// Good for this method, this address and this token, once, and for a short time.
    #[serde(serialize_with = "Secret::serialize_exposed")]
    pub proof: Secret,
    /// The nonce in the proof, where there is one.
    pub nonce: Option<String>,
    /// When the token ends; absent when the provider does not tell.
    pub expires_at: Option<Timestamp>,
    /// What was granted.
    pub scope: Vec<String>,
    /// The API it is for, where one was asked for.
    pub audience: Option<String>,
}

impl ProofAnswer {
    /// An answer of the present version.
    #[must_use]
    pub fn new(profile: String, access_token: Secret, token_type: String, proof: Secret) -> Self {
        Self {
            version: VERSION,
            profile,
            access_token,
            token_type,
            proof,
            nonce: None,
            expires_at: None,
            scope: Vec::new(),
            audience: None,
        }
    }
}
