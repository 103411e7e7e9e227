use serde::{Deserialize, Serialize};

/// Look at a provider before a profile is made (`POST /v1/discoveries`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct DiscoveryRequest {
    /// An issuer, a domain, or the address of the metadata document itself.
    pub issuer: String,
}

/// What a provider says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Provider {
    /// Byte for byte as the provider calls itself: what belongs into the profile.
    pub issuer: String,
    /// For display: the issuer's host, or the product's name where it is known.
    pub name: String,
    /// Which product, where its address tells: `auth0`, `entra`, `google`, `okta`, `keycloak`, `gitlab`.
    pub preset: Option<String>,
    /// Where the browser goes.
    pub authorization_endpoint: String,
    /// Where codes are exchanged.
    pub token_endpoint: String,
    /// Scopes it names.
    pub scopes_supported: Vec<String>,
    /// Whether it says it knows `S256`; nothing when it does not say.
    pub pkce_s256: Option<bool>,
    /// Whether tokens can be revoked.
    pub can_revoke: bool,
    /// Whether the browser session can be ended.
    pub can_end_session: bool,
    /// Seconds that this computer's clock is ahead of the provider's, behind when negative; nothing when it does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional, type = "number"))]
    pub clock_ahead: Option<i64>,
    /// The proxy on the way to it, without user and password; nothing for a direct way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub proxy: Option<String>,
    /// Ports to put into a profile for it; empty where any port will do.
    pub suggested_ports: Vec<u16>,
}
