//! Auth0's audience table, as sentences: what comes for which audience, and on which domain it is good. A token
//! of another provider gets none of them.

use serde_json::Value;
use url::Url;

use super::{AccessTokenContext, AccessTokenKind, Form, TokenNote, audience};
use crate::Fault;
use crate::issuer::Issuer;
use crate::text::clean;

const MANAGEMENT_PATH: &str = "/api/v2/";

pub(super) fn notes(kind: AccessTokenKind, form: &Form, context: &AccessTokenContext<'_>) -> Vec<TokenNote> {
    let on_its_domain = is_tenant(context.issuer.host());
    if !on_its_domain && kind != AccessTokenKind::Auth0 {
        return Vec::new();
    }
    let mut notes = Vec::new();
    let mut note = |code, text: String| notes.push(TokenNote { code, text });
    let asked = context.asked.audience.as_deref().or(context.asked.resources.first().map(String::as_str));
    match form {
        Form::Opaque | Form::Jwe { .. } => match asked {
            None => note(
                "auth0.opaque_without_audience",
                "No audience was asked for, so this token cannot be read and is good for /userinfo only. For an API's token, set the profile's `audience` to the API's identifier.".to_owned(),
            ),
            Some(asked) => note(
                "auth0.opaque_with_audience",
                format!(
                    "A token for `{}` was asked for, and one that cannot be read came: the API has token encryption (JWE) switched on, or the audience was not taken.",
                    clean(asked, 200)
                ),
            ),
        },
        Form::Jwt { header, claims } => {
            let got = audience(claims);
            let userinfo = |aud: &String| aud.ends_with("/userinfo");
            if let Some(api) = got.iter().find(|aud| management_domain(aud).is_some()) {
                note(
                    "auth0.management_api",
                    format!(
                        "This token is for the Management API (`{}`): treat it as opaque, and use it on `{}`, the domain it was asked on; on any other it is refused.",
                        clean(api, 200),
                        context.issuer.host()
                    ),
                );
            }
            if got.len() > 1 && got.iter().any(userinfo) {
                note(
                    "auth0.two_audiences",
                    "This token has two audiences, the API and /userinfo, because `openid` was asked for together with an API that signs with RS256.".to_owned(),
                );
            }
            let is_hs256 = header.get("alg").and_then(Value::as_str) == Some("HS256");
            if is_hs256 && context.asked.scopes.iter().any(|scope| scope == "openid") {
                note(
                    "auth0.api_signs_hs256",
                    "The API signs with HS256, so this token is not good for /userinfo. In the API's settings, choose RS256 to have both.".to_owned(),
                );
            }
            if asked.is_none() && !got.is_empty() && !got.iter().all(userinfo) {
                note(
                    "auth0.default_audience",
                    "No audience was asked for, and a token for an API came: the tenant has a default audience.".to_owned(),
                );
            }
            let iss = claims.get("iss").and_then(Value::as_str).unwrap_or_default();
            if iss != context.issuer.as_str() {
                note(
                    "auth0.other_domain",
                    format!(
                        "`iss` is `{}`, and `{}` was asked. It follows the domain of the request: a custom domain and the tenant's own must not be mixed.",
                        clean(iss, 200),
                        context.issuer.as_str()
                    ),
                );
            } else if !on_its_domain {
                note(
                    "auth0.custom_domain",
                    "`iss` is the custom domain the token was asked on: APIs must expect that one. The Management API keeps the tenant's own domain in its audience.".to_owned(),
                );
            }
        }
    }
    if let Some(asked) = asked
        && asked.ends_with(MANAGEMENT_PATH.trim_end_matches('/'))
    {
        note(
            "auth0.management_slash",
            format!("The Management API's identifier ends with a slash: `{}/`.", clean(asked, 200)),
        );
    }
    notes
}

/// Whether the name is one of Auth0's own, and no custom domain.
fn is_tenant(host: &str) -> bool {
    host.ends_with(".auth0.com")
}

/// The tenant whose Management API this is.
fn management_domain(audience: &str) -> Option<String> {
    let url = Url::parse(audience).ok().filter(|url| url.path() == MANAGEMENT_PATH)?;
    url.host_str().filter(|host| is_tenant(host)).map(str::to_owned)
}

/// Whether one domain serves it all: the Management API of another tenant is never this sign-in's, and its token
/// is good only where it was asked for. `used_at` is where the token is about to be used, if it is.
///
/// # Errors
/// [`MixedDomains`] names both.
pub fn check_auth0_domains(issuer: &Issuer, audience: &str, used_at: Option<&Url>) -> Result<(), MixedDomains> {
    let Some(tenant) = management_domain(audience) else { return Ok(()) };
    let mixed = |other: &str| Err(MixedDomains { asked: issuer.host().to_owned(), other: clean(other, 200) });
    if is_tenant(issuer.host()) && tenant != issuer.host() {
        return mixed(&tenant);
    }
    match used_at.map(|url| url.host_str().unwrap_or_default()) {
        Some(host) if host != issuer.host() => mixed(host),
        Some(_) | None => Ok(()),
    }
}

/// Two domains of Auth0 where one is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The Management API is asked for on `{asked}` and belongs to, or is used on, `{other}`.")]
pub struct MixedDomains {
    /// Of the issuer.
    pub asked: String,
    /// Of the audience, or of the API's address; cleaned.
    pub other: String,
}

impl Fault for MixedDomains {
    fn code(&self) -> &'static str {
        "config.mixed_domains"
    }

    fn hint(&self) -> String {
        format!(
            "Ask for the token and use it on one domain. The audience names the tenant's own domain, such as https://{}{MANAGEMENT_PATH}.",
            if is_tenant(&self.asked) { self.asked.as_str() } else { "TENANT.auth0.com" }
        )
    }
}
