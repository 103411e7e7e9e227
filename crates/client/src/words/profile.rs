use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Secret;

/// How to sign in with one provider. Holds no secret, so it can be read, shared and committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Profile {
    /// What people and commands call it: letters, digits, `-`, `_` and `.`, at most 64. May be left out where the
    /// address of the call says it.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^([A-Za-z0-9_][A-Za-z0-9._-]{0,63})?$")))]
    pub name: String,
    /// The provider's issuer identifier, byte for byte as the provider calls itself.
    #[cfg_attr(feature = "schema", schemars(url))]
    pub issuer: String,
    /// The client identifier the provider gave this application.
    pub client_id: String,
    /// Scopes to ask for; `openid profile email offline_access` when empty.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(inner(regex(pattern = r"^[!#-\[\]-~]+$"))))]
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
    #[serde(default, deserialize_with = "super::whole::list")]
    #[cfg_attr(feature = "schema", schemars(inner(range(min = 1024, max = 65534))))]
    pub ports: Vec<u16>,
    /// Path of the redirect URI, such as `/cb/k3j9x2ma`; derived from name, issuer and client when absent (RFC 8252 section 8.10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?$")))]
    pub redirect_path: Option<String>,
    /// Path of the address that the browser comes back to after signing out at the provider, such as `/signed-out/work`,
    /// with the host and the ports of the redirect URI; must be registered there as a post-logout redirect URI. The browser
    /// stays at the provider when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?$")))]
    pub post_logout_redirect_path: Option<String>,
    /// Further parameters of the authorization request.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// How tokens are got.
    #[serde(default, skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Grant>", optional))]
    pub grant: Grant,
    /// How the browser brings the answer.
    #[serde(default, skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", ts(as = "Option<ResponseMode>", optional))]
    pub response_mode: ResponseMode,
    /// Whether the request goes to the provider before the browser opens (RFC 9126).
    #[serde(default, skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Push>", optional))]
    pub push: Push,
    /// Whether tokens are bound to a key that the agent makes and keeps (RFC 9449).
    #[serde(default, skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>", optional))]
    pub dpop: bool,
    /// How the client shows who it is; chosen by what the provider offers when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub client_auth: Option<ClientAuth>,
    /// How far this computer's clock and the provider's may differ, in seconds: at most 300, 60 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "super::whole::option")]
    #[cfg_attr(feature = "ts", ts(optional))]
    #[cfg_attr(feature = "schema", schemars(range(max = 300)))]
    pub clock_tolerance: Option<u32>,
    /// How long a refresh token stays good when it is not used, in seconds, where the provider has such a limit and its
    /// answers do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "super::whole::option")]
    #[cfg_attr(feature = "ts", ts(optional))]
    #[cfg_attr(feature = "schema", schemars(range(min = 60, max = 4_294_967_295_u64)))]
    pub refresh_idle: Option<u32>,
    /// How long a sign-in can be renewed at all, in seconds, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "super::whole::option")]
    #[cfg_attr(feature = "ts", ts(optional))]
    #[cfg_attr(feature = "schema", schemars(range(min = 60, max = 4_294_967_295_u64)))]
    pub refresh_absolute: Option<u32>,
    /// The product, where it is known: `auth0`, `entra`, `google`, `okta`, `keycloak`, `gitlab`, `github`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub preset: Option<String>,
    /// Endpoints of a provider that describes itself nowhere; nothing is discovered then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub endpoints: Option<Endpoints>,
    /// Who signed in, where the provider knows OAuth and no OpenID Connect; the identity is not verified then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub account: Option<AccountSource>,
}

impl Profile {
    /// A profile with nothing but what every one has; the rest is as it is when a file does not say.
    #[must_use]
    pub fn new(name: impl Into<String>, issuer: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            issuer: issuer.into(),
            client_id: client_id.into(),
            scopes: Vec::new(),
            audience: None,
            resources: Vec::new(),
            redirect_host: RedirectHost::default(),
            ports: Vec::new(),
            redirect_path: None,
            post_logout_redirect_path: None,
            params: BTreeMap::new(),
            grant: Grant::default(),
            response_mode: ResponseMode::default(),
            push: Push::default(),
            dpop: false,
            client_auth: None,
            clock_tolerance: None,
            refresh_idle: None,
            refresh_absolute: None,
            preset: None,
            endpoints: None,
            account: None,
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// How tokens are got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum Grant {
    /// A person signs in through the browser on this computer (RFC 6749 section 4.1, with PKCE).
    #[default]
    AuthorizationCode,
    /// A person signs in on another device, with a code (RFC 8628).
    DeviceCode,
    /// The application asks for itself; nobody signs in (RFC 6749 section 4.4).
    ClientCredentials,
}

impl Grant {
    /// As it stands in a file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::DeviceCode => "device_code",
            Self::ClientCredentials => "client_credentials",
        }
    }
}

/// How the browser brings the answer of the authorization endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum ResponseMode {
    /// In the address (RFC 6749 section 4.1.2).
    #[default]
    Query,
    /// As a form, which keeps the code out of the browser's history (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

impl ResponseMode {
    /// As it stands in a request.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
        }
    }
}

/// Whether the request for a sign-in is pushed to the provider first (RFC 9126). Where the provider requires it,
/// it is, whatever is set here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum Push {
    /// Where the provider offers it and the client authenticates.
    #[default]
    Auto,
    /// Always, or no sign-in.
    Always,
    /// Only where it is required.
    Never,
}

impl Push {
    /// As it stands in a file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

/// How a client shows who it is (RFC 6749 section 2.3, RFC 7523).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum ClientAuth {
    /// `client_id` alone.
    None,
    /// The secret as HTTP Basic.
    ClientSecretBasic,
    /// The secret in the body.
    ClientSecretPost,
    /// A signed assertion; the private key is in the vault.
    PrivateKeyJwt,
}

impl ClientAuth {
    /// As it stands in a provider's metadata.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }
}

/// Endpoints given by hand, named as RFC 8414 names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[expect(missing_docs, reason = "the names are those of RFC 8414 and RFC 8628")]
pub struct Endpoints {
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub revocation_endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub device_authorization_endpoint: Option<String>,
}

/// Where a provider without OpenID Connect tells whose account it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct AccountSource {
    /// Asked with the access token; a JSON document comes back.
    pub endpoint: String,
    /// JSON pointer (RFC 6901) to what never changes and is never given to somebody else, such as `/id`.
    pub id: String,
    /// JSON pointer to what people call it, such as `/login`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub name: Option<String>,
}

/// Host part of a loopback redirect URI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProfileEntry {
    /// The profile.
    #[serde(flatten)]
    pub profile: Profile,
    /// Kept in the vault, never shown again. A profile that is replaced without one keeps its secret.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "Secret::serialize_exposed_option")]
    pub client_secret: Option<Secret>,
    /// A private key for `private_key_jwt`, as PEM or JSON Web Key. Kept in the vault, never shown again; a profile that
    /// is replaced without one keeps its key.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "Secret::serialize_exposed_option")]
    pub client_key: Option<Secret>,
}

impl From<Profile> for ProfileEntry {
    fn from(profile: Profile) -> Self {
        Self { profile, client_secret: None, client_key: None }
    }
}

/// A profile as the agent shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ProfileView {
    /// The profile.
    #[serde(flatten)]
    pub profile: Profile,
    /// Whether the vault holds a client secret for it.
    pub has_client_secret: bool,
    /// Whether the vault holds a private key for it.
    #[serde(default, skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>", optional))]
    pub has_client_key: bool,
    /// The redirect URIs to register at the provider, one for each port; with `PORT` in place of the port when any will do.
    pub redirect_uris: Vec<String>,
    /// Whether the provider has registered this application at our asking, and can be asked to forget it (RFC 7592).
    #[serde(default, skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>", optional))]
    pub registered: bool,
    /// What to do in the provider's console, in order, with this profile's redirect URIs; empty where the product is
    /// not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Vec<super::SetupStep>>", optional))]
    pub setup: Vec<super::SetupStep>,
}
