//! Who we are to the provider, and requests to its token endpoint made with the oauth2 crate.

use std::collections::HashSet;

use url::Url;

use crate::ClientSecret;
use crate::dpop::DpopKey;
use crate::private_key::PrivateKey;
use crate::text::clean;

pub(crate) use auth::ClientAuth;
pub use auth::ClientAuthMethod;
pub use error::ClientError;
pub(crate) use request::{Capture, TokenClient, oauth2_client};

mod auth;
mod error;
mod request;

/// What a profile says of the client.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// As the provider gave it.
    pub client_id: String,
    /// Proves nothing for a native app (RFC 8252 section 8.5); some providers want it all the same.
    pub client_secret: Option<ClientSecret>,
    /// To ask for.
    pub scopes: Vec<String>,
    /// Auth0's parameter for the API the access token is for.
    pub audience: Option<String>,
    /// The same by RFC 8707: absolute URIs without fragment.
    pub resources: Vec<String>,
    /// Further parameters of the authorization request: `max_age`, `acr_values` and `organization` are held
    /// against the answers, see [`Asked`](crate::Asked); `screen_hint`, `invitation`, `connection`,
    /// `connection_scope`, `access_type`, `ui_locales` and any other are passed on.
    pub params: Vec<(String, String)>,
    /// How the browser brings the answer.
    pub response_mode: ResponseMode,
    /// For `private_key_jwt`.
    pub client_key: Option<PrivateKey>,
    /// How to authenticate; chosen by what the provider offers when it is not told.
    pub client_auth: Option<ClientAuthMethod>,
    /// Whether the token endpoint may answer with a form instead of JSON, and part scopes by commas: for
    /// providers that know OAuth and no OpenID Connect.
    pub form_answers: bool,
    /// Whether the request goes to the provider first.
    pub push: Push,
    /// Binds the tokens to this key (RFC 9449); a provider that gives unbound ones is refused then.
    pub dpop: Option<DpopKey>,
}

/// Whether a sign-in's request is pushed to the provider before the browser opens (RFC 9126). Where the provider
/// requires it, it is, whatever is set here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Push {
    /// Where the provider offers it and the client authenticates: from public clients many providers take none.
    #[default]
    Auto,
    /// Always, or no sign-in.
    Always,
    /// Only where it is required.
    Never,
}

/// How the browser brings the answer of the authorization endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the address, as RFC 6749 has it.
    #[default]
    Query,
    /// As a form, which keeps the code out of the browser's history (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

/// Parameters that are made here; one given by hand would take a defence away (F-07).
const RESERVED: [&str; 19] = [
    "response_type",
    "response_mode",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "grant_type",
    "request",
    "request_uri",
    "resource",
    "dpop_jkt",
];

impl ClientSettings {
    /// A client with nothing but its id.
    #[must_use]
    pub fn new(client_id: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: None,
            scopes: Vec::new(),
            audience: None,
            resources: Vec::new(),
            params: Vec::new(),
            response_mode: ResponseMode::Query,
            client_key: None,
            client_auth: None,
            form_answers: false,
            push: Push::Auto,
            dpop: None,
        }
    }

    /// Whether a request can be made of it (rows F-04 to F-07).
    ///
    /// # Errors
    /// [`ClientError`] names the setting.
    pub fn check(&self) -> Result<(), ClientError> {
        let id = &self.client_id;
        // RFC 6749 appendix A.1 allows spaces inside.
        if id.is_empty() || id.trim() != id || !id.bytes().all(|b| (0x20..=0x7e).contains(&b)) {
            return Err(ClientError::BadClientId { got: clean(id, 100) });
        }
        for scope in &self.scopes {
            // RFC 6749 section 3.3
            if scope.is_empty() || !scope.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)) {
                return Err(ClientError::BadScope { got: clean(scope, 100) });
            }
        }
        if let Some(audience) = &self.audience
            && (audience.is_empty() || audience.chars().any(|c| c.is_control() || c.is_whitespace()))
        {
            return Err(ClientError::BadAudience { got: clean(audience, 100) });
        }
        for resource in &self.resources {
            let is_good = Url::parse(resource).is_ok() && !resource.contains(['#', ' ']);
            if !is_good {
                return Err(ClientError::BadResource { got: clean(resource, 100) });
            }
        }
        check_params(&self.params)
    }

    /// Whether an ID token is asked for.
    pub(crate) fn wants_id_token(&self) -> bool {
        self.scopes.iter().any(|scope| scope == "openid")
    }
}

/// Whether parameters given by hand leave ours alone, each there once.
pub(crate) fn check_params(params: &[(String, String)]) -> Result<(), ClientError> {
    let mut seen = HashSet::new();
    for (name, _) in params {
        let lower = name.trim().to_ascii_lowercase();
        if RESERVED.contains(&lower.as_str()) {
            return Err(ClientError::ReservedParameter { name: clean(name, 60) });
        }
        if lower.is_empty() {
            return Err(ClientError::EmptyParameter);
        }
        if !seen.insert(name) {
            return Err(ClientError::DuplicateParameter { name: clean(name, 60) });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
