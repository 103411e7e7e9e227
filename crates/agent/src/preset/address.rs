//! Addresses as people type them, and what each product makes of its own.

use doorkey_client::words::{AccountSource, Endpoints, Refusal};
use doorkey_oauth::TypedIssuer;
use url::Url;

use super::{Preset, Protocol};

impl Preset {
    /// The typed address in the form this product's issuers have.
    ///
    /// # Errors
    /// `config.bad_issuer` where no issuer of this product can be made of it, with what is missing.
    pub fn issuer_of(&self, typed: &str) -> Result<String, Refusal> {
        let Ok(issuer) = TypedIssuer::parse(typed) else { return Ok(typed.to_owned()) };
        let issuer = issuer.issuer();
        let (host, path) = (issuer.host(), issuer.url().path().trim_matches('/'));
        match self.name {
            // Byte for byte with the slash: https://auth0.com/docs/get-started/applications/configure-applications-with-oidc-discovery
            "auth0" if path.is_empty() => Ok(format!("{}/", issuer.as_str().trim_end_matches('/'))),
            "entra" => entra(issuer.as_str(), host, path),
            // The Admin Console has a host of its own: https://developer.okta.com/docs/guides/find-your-domain/
            "okta" if host.contains("-admin.okta") => Ok(issuer.as_str().replacen("-admin.okta", ".okta", 1)),
            "keycloak" if !path.contains("realms/") => Err(Refusal::new(
                "config.bad_issuer",
                format!("The address `{}` names no realm.", doorkey_oauth::clean(typed, 200)),
                format!("Name the realm, as in {}.", self.issuer),
            )),
            "github" if path.is_empty() => Ok(format!("{}/login/oauth", issuer.as_str().trim_end_matches('/'))),
            _ => Ok(issuer.as_str().to_owned()),
        }
    }

    /// The product a typed address is of, where it tells.
    pub(crate) fn typed(typed: &str) -> Option<&'static Self> {
        let issuer = TypedIssuer::parse(typed).ok()?;
        Self::at(issuer.issuer().host(), issuer.issuer().url().path())
    }
}

/// Addresses that stand for any tenant; their document names a pattern (D-10).
/// <https://learn.microsoft.com/entra/identity-platform/v2-protocols#endpoints>
const ANY_TENANT: [&str; 3] = ["common", "organizations", "consumers"];

fn entra(issuer: &str, host: &str, path: &str) -> Result<String, Refusal> {
    let tenant = path.split('/').next().unwrap_or_default();
    if tenant.is_empty() || ANY_TENANT.contains(&tenant) {
        let what =
            if tenant.is_empty() { "no tenant" } else { "all tenants at once, and who signed in could not be told" };
        return Err(Refusal::new(
            "discovery.issuer_template",
            format!("The address https://{host}/{tenant} is for {what}."),
            format!(
                "Use your own tenant's: https://{host}/YOUR-TENANT-ID/v2.0. The id is on the Overview page of your app registration, as Directory (tenant) ID."
            ),
        ));
    }
    // The older endpoints beside it call themselves otherwise, and give other tokens.
    if path == tenant { Ok(format!("{}/v2.0", issuer.trim_end_matches('/'))) } else { Ok(issuer.to_owned()) }
}

/// Where GitHub is reached: github.com, a tenant of ghe.com, or a server of one's own.
/// <https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps>
pub(super) fn github(issuer: &str) -> (Endpoints, AccountSource) {
    let url = Url::parse(issuer).ok();
    let origin = url.as_ref().map_or_else(|| issuer.to_owned(), |url| url.origin().ascii_serialization());
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let api = match host {
        "github.com" => "https://api.github.com".to_owned(),
        tenant if tenant.ends_with(".ghe.com") => format!("https://api.{tenant}"),
        _ => format!("{origin}/api/v3"),
    };
    let endpoints = Endpoints {
        authorization_endpoint: format!("{origin}/login/oauth/authorize"),
        token_endpoint: format!("{origin}/login/oauth/access_token"),
        revocation_endpoint: None,
        device_authorization_endpoint: Some(format!("{origin}/login/device/code")),
    };
    let account =
        AccountSource { endpoint: format!("{api}/user"), id: "/id".to_owned(), name: Some("/login".to_owned()) };
    (endpoints, account)
}

impl Protocol {
    /// As people call it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::OpenIdConnect => "OpenID Connect",
            Self::GitHub => {
                "OAuth 2.0 without OpenID Connect: who signed in is told by GitHub's API and not proven by an ID token"
            }
        }
    }
}
