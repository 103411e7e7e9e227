use std::collections::BTreeMap;

use serde::Deserialize;

use super::{AccountSource, ClientAuth, Endpoints, Grant, Profile, Push, RedirectHost, ResponseMode};

/// One profile as it stands in the file; its name is the table's.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Entry"))]
#[serde(deny_unknown_fields)]
pub struct ProfileTable {
    /// The provider's issuer identifier, byte for byte as the provider calls itself.
    issuer: String,
    /// The client identifier the provider gave this application.
    client_id: String,
    /// Scopes to ask for; `openid profile email offline_access` when empty.
    #[serde(default)]
    scopes: Vec<String>,
    /// The API the access token is for (Auth0).
    audience: Option<String>,
    /// The resources the access token is for (RFC 8707).
    #[serde(default)]
    resources: Vec<String>,
    /// Host of the redirect URI.
    #[serde(default)]
    redirect_host: RedirectHost,
    /// Ports to try, in order; any free port when empty.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<u16>"))]
    ports: Vec<i64>,
    /// Path of the redirect URI; one of its own when absent.
    redirect_path: Option<String>,
    /// Path of the address the browser comes back to when it was signed out; it waits nowhere when absent.
    post_logout_redirect_path: Option<String>,
    /// Further parameters of the authorization request.
    #[serde(default)]
    params: BTreeMap<String, String>,
    /// How tokens are got.
    #[serde(default)]
    grant: Grant,
    /// How the browser brings the answer.
    #[serde(default)]
    response_mode: ResponseMode,
    /// Whether the request goes to the provider before the browser opens (RFC 9126).
    #[serde(default)]
    push: Push,
    /// Whether tokens are bound to a key that the agent makes and keeps (RFC 9449).
    #[serde(default)]
    dpop: bool,
    /// How the client shows who it is; chosen by what the provider offers when absent.
    client_auth: Option<ClientAuth>,
    /// How far this computer's clock and the provider's may differ, in seconds; 60 when absent.
    #[cfg_attr(feature = "schema", schemars(range(max = 300)))]
    clock_tolerance: Option<u32>,
    /// How long a refresh token stays good when it is not used, in seconds, where the provider's answers do not tell.
    #[cfg_attr(feature = "schema", schemars(range(min = 60)))]
    refresh_idle: Option<u32>,
    /// How long a sign-in can be renewed at all, in seconds, where the provider's answers do not tell.
    #[cfg_attr(feature = "schema", schemars(range(min = 60)))]
    refresh_absolute: Option<u32>,
    /// The product, where its address does not tell.
    preset: Option<String>,
    /// Endpoints of a provider that describes itself nowhere; nothing is discovered then.
    endpoints: Option<Endpoints>,
    /// Who signed in, where the provider knows OAuth and no OpenID Connect.
    account: Option<AccountSource>,
}

impl ProfileTable {
    /// The profile.
    ///
    /// # Errors
    /// A number among its ports that is none.
    pub fn named(self, name: &str) -> Result<Profile, i64> {
        let ports = self.ports.into_iter().map(|port| u16::try_from(port).map_err(|_| port));
        let ports = ports.collect::<Result<_, _>>()?;
        Ok(Profile {
            name: name.to_owned(),
            issuer: self.issuer,
            client_id: self.client_id,
            scopes: self.scopes,
            audience: self.audience,
            resources: self.resources,
            redirect_host: self.redirect_host,
            ports,
            redirect_path: self.redirect_path,
            post_logout_redirect_path: self.post_logout_redirect_path,
            params: self.params,
            grant: self.grant,
            response_mode: self.response_mode,
            push: self.push,
            dpop: self.dpop,
            client_auth: self.client_auth,
            clock_tolerance: self.clock_tolerance,
            refresh_idle: self.refresh_idle,
            refresh_absolute: self.refresh_absolute,
            preset: self.preset,
            endpoints: self.endpoints,
            account: self.account,
        })
    }
}
