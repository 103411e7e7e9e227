use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AccountSource, ClientAuth, Endpoints, RedirectHost};

/// Look at a provider before a profile is made, or at the provider of one (`POST /v1/discoveries`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct DiscoveryRequest {
    /// An issuer, a domain, or the address of the metadata document itself. Not looked at where a profile is named.
    #[serde(default)]
    pub issuer: String,
    /// The product, where a domain of one's own does not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub preset: Option<String>,
    /// The profile that is to sign in there: the answer then says whether the two fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    #[cfg_attr(feature = "schema", schemars(example = &"work"))]
    pub profile: Option<String>,
}

impl DiscoveryRequest {
    /// For what a person typed.
    #[must_use]
    pub fn of(issuer: impl Into<String>) -> Self {
        Self { issuer: issuer.into(), ..Self::default() }
    }
}

/// What a provider says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Provider {
    /// Byte for byte as the provider calls itself: what belongs into the profile.
    pub issuer: String,
    /// For display: the issuer's host, or the product's name where it is known.
    pub name: String,
    /// Which product, where its address tells: `auth0`, `entra`, `google`, `okta`, `keycloak`, `gitlab`, `github`.
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
    /// What else to put into a profile for it, where the person leaves it open.
    #[serde(default, skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Suggested>", optional))]
    pub suggested: Suggested,
    /// What to do in its console, in order; empty where the product is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Vec<SetupStep>>", optional))]
    pub setup: Vec<SetupStep>,
    /// What it can, and what is made of it, standard by standard.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Vec<Ability>>", optional))]
    pub abilities: Vec<Ability>,
    /// Whether the profile that was named fits; empty without one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Vec<Ability>>", optional))]
    pub fit: Vec<Ability>,
}

/// What a product is known to need in a profile; whatever a person says goes before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Suggested {
    /// Scopes to ask for; empty where the usual ones will do.
    pub scopes: Vec<String>,
    /// Host of the redirect URI.
    pub redirect_host: RedirectHost,
    /// Parameters of the authorization request.
    pub params: BTreeMap<String, String>,
    /// How the client authenticates; nothing where the provider's own word will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub client_auth: Option<ClientAuth>,
    /// Whether its clients have a secret, even native ones, and are refused without it.
    pub client_secret: bool,
    /// Endpoints, where it describes itself nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub endpoints: Option<Endpoints>,
    /// Who signed in, where it knows no OpenID Connect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub account: Option<AccountSource>,
}

/// One thing to do in a provider's console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SetupStep {
    /// Where in the console, such as `Applications → your application → Settings`.
    pub place: String,
    /// The field, or what to do there.
    pub what: String,
    /// What to paste, one for each line; empty where there is nothing to paste.
    pub values: Vec<String>,
    /// Whether the redirect URIs of the profile are pasted here: in place of `values` while there is no profile.
    pub redirect_uris: bool,
}

/// One thing that a provider can or cannot, and what is made of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Ability {
    /// Stable, such as `pkce`, `dpop`, `device_grant`.
    pub name: String,
    /// Where it is defined, such as `RFC 7636`.
    pub standard: String,
    /// What the provider says, or what the profile asks for.
    pub found: String,
    /// What Doorkey makes of it; what to do about it where it does not fit.
    pub used: String,
    /// How it is.
    pub verdict: Verdict,
}

/// How an ability of a provider is; the later, the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum Verdict {
    /// There, and used.
    Used,
    /// There for who wants it, or absent and not missed.
    Open,
    /// Worth a look: something will be less than it could be.
    Look,
    /// It will not work like this.
    Unfit,
}

/// Register this application at a provider that lets it (`POST /v1/registrations`, RFC 7591).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegistrationRequest {
    /// The profile to be; its `client_id` is what the provider will give, and is not looked at.
    pub profile: super::Profile,
    /// What some providers want to see first; used once and not kept.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::Secret::serialize_exposed_option"
    )]
    pub initial_access_token: Option<crate::Secret>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
