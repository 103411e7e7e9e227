use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Secret;

/// How to sign in with one provider. Holds no secret, so it can be read, shared and committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Profile {
    /// What people and commands call it: letters, digits, `-`, `_` and `.`, at most 64.
    pub name: String,
    /// The provider's issuer identifier, byte for byte as the provider calls itself.
    pub issuer: String,
    /// The client identifier the provider gave this application.
    pub client_id: String,
    /// Scopes to ask for; `openid profile email offline_access` when empty.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The API the access token is for (Auth0's `audience`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub audience: Option<String>,
    /// The resources the access token is for (RFC 8707).
    #[serde(default)]
    pub resources: Vec<String>,
    /// Host of the redirect URI. IP literals by RFC 8252 section 7.3; `localhost` only where a provider takes nothing else.
    #[serde(default)]
    pub redirect_host: RedirectHost,
    /// Ports to try, in order; any free port when empty. Auth0 matches the port exactly and needs a list.
    #[serde(default)]
    pub ports: Vec<u16>,
    /// Path of the redirect URI, such as `/cb/k3j9x2ma`; derived from name, issuer and client when absent (RFC 8252 section 8.10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub redirect_path: Option<String>,
    /// Further parameters of the authorization request.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
}

/// Host part of a loopback redirect URI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum RedirectHost {
    /// `http://127.0.0.1:PORT`
    #[default]
    #[serde(rename = "127.0.0.1")]
    V4,
    /// `http://[::1]:PORT`
    #[serde(rename = "[::1]")]
    V6,
    /// `http://localhost:PORT`
    #[serde(rename = "localhost")]
    Localhost,
}

impl RedirectHost {
    /// As it stands in a URL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V4 => "127.0.0.1",
            Self::V6 => "[::1]",
            Self::Localhost => "localhost",
        }
    }
}

/// A profile on its way to the agent, with the client secret if the provider gave one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProfileEntry {
    /// The profile.
    #[serde(flatten)]
    pub profile: Profile,
    /// Kept in the vault, never shown again. A profile that is replaced without one keeps its secret.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "Secret::serialize_exposed_option")]
    pub client_secret: Option<Secret>,
}

/// A profile as the agent shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ProfileView {
    /// The profile.
    #[serde(flatten)]
    pub profile: Profile,
    /// Whether the vault holds a client secret for it.
    pub has_client_secret: bool,
    /// The redirect URIs to register at the provider, one for each port; with `PORT` in place of the port when any will do.
    pub redirect_uris: Vec<String>,
}
