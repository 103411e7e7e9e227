//! Who we are to the provider, and requests to its token endpoint made with the oauth2 crate.

use std::cell::RefCell;
use std::collections::HashSet;

use http::header::AUTHORIZATION;
use oauth2::basic::BasicClient;
use oauth2::{EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, SyncHttpClient};
use url::Url;

use crate::answer::Request;
use crate::endpoint::Endpoint;
use crate::metadata::Metadata;
use crate::secret::for_request;
use crate::text::clean;
use crate::{ClientSecret, Fault};

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
    /// Further parameters of the authorization request.
    pub params: Vec<(String, String)>,
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

/// A setting no request can be made of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// F-04
    #[error("The client id must be printable text without spaces around it, got `{got}`.")]
    BadClientId {
        /// Cleaned.
        got: String,
    },
    /// F-05
    #[error("A scope must be printable text without spaces, quotes and backslashes, got `{got}`.")]
    BadScope {
        /// Cleaned.
        got: String,
    },
    /// F-06
    #[error("The audience must be text without spaces, got `{got}`.")]
    BadAudience {
        /// Cleaned.
        got: String,
    },
    /// F-06, RES-01
    #[error("A resource must be an absolute URI without a fragment, got `{got}`.")]
    BadResource {
        /// Cleaned.
        got: String,
    },
    /// F-07
    #[error("The parameter `{name}` is made by Doorkey for every sign-in and cannot be set.")]
    ReservedParameter {
        /// Cleaned.
        name: String,
    },
    /// CORE-01
    #[error("The parameter `{name}` is there twice.")]
    DuplicateParameter {
        /// Cleaned.
        name: String,
    },
    /// A parameter needs a name.
    #[error("There is a parameter without a name.")]
    EmptyParameter,
    /// None of the ways to show the client secret is known to both sides.
    #[error(
        "The provider takes a client secret only as {offered}; client_secret_basic and client_secret_post are known here."
    )]
    NoClientAuth {
        /// Cleaned.
        offered: String,
    },
}

impl Fault for ClientError {
    fn code(&self) -> &'static str {
        match self {
            Self::BadClientId { .. } => "config.bad_client_id",
            Self::BadScope { .. } => "config.bad_scope",
            Self::BadAudience { .. } | Self::BadResource { .. } => "config.bad_resource",
            Self::ReservedParameter { .. } => "config.reserved_parameter",
            Self::DuplicateParameter { .. } | Self::EmptyParameter => "config.bad_parameter",
            Self::NoClientAuth { .. } => "config.client_auth_unsupported",
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::BadClientId { .. } => "Copy the client id from the provider's page for this application.",
            Self::BadScope { .. } => "Give each scope by itself, such as `openid` and `profile`.",
            Self::BadAudience { .. } => "Copy the API's identifier from the provider.",
            Self::BadResource { .. } => "Give the API's full address, such as https://api.example.com/.",
            Self::ReservedParameter { name } if name == "scope" => "Use the profile's `scopes`.",
            Self::ReservedParameter { name } if name == "resource" => "Use the profile's `resources`.",
            Self::ReservedParameter { .. } | Self::EmptyParameter => "Remove it from the profile's `params`.",
            Self::DuplicateParameter { .. } => "Keep one of them.",
            Self::NoClientAuth { .. } => {
                "Register a native (public) application without a secret, or allow client_secret_basic for this one."
            }
        }
        .to_owned()
    }
}

/// How the client shows who it is at the token endpoint (RFC 6749 section 2.3; CORE-07: one way only).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientAuth {
    /// `client_id` in the body.
    Public,
    /// `client_secret_basic`
    Basic,
    /// `client_secret_post`
    Post,
}

impl ClientAuth {
    /// Basic by default, post where only that is offered.
    pub(crate) fn choose(metadata: &Metadata, settings: &ClientSettings) -> Result<Self, ClientError> {
        let offered = &metadata.token_endpoint_auth_methods_supported;
        let offers = |method: &str| offered.iter().any(|name| name == method);
        match &settings.client_secret {
            None => Ok(Self::Public),
            Some(_) if offers("client_secret_basic") => Ok(Self::Basic),
            Some(_) if offers("client_secret_post") => Ok(Self::Post),
            Some(_) => Err(ClientError::NoClientAuth { offered: clean(&offered.join(", "), 200) }),
        }
    }
}

/// The oauth2 crate's client with nothing but id and secret.
pub(crate) fn oauth2_client(settings: &ClientSettings, auth: ClientAuth) -> BasicClient {
    let client = BasicClient::new(oauth2::ClientId::new(settings.client_id.clone())).set_auth_type(match auth {
        ClientAuth::Public | ClientAuth::Post => oauth2::AuthType::RequestBody,
        ClientAuth::Basic => oauth2::AuthType::BasicAuth,
    });
    match &settings.client_secret {
        Some(secret) => client.set_client_secret(oauth2::ClientSecret::new(for_request(secret))),
        None => client,
    }
}

/// The same, knowing the token endpoint.
pub(crate) type TokenClient = BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// An HTTP client for the oauth2 crate that keeps the request instead of sending it: what is sent is the
/// caller's business here.
pub(crate) struct Capture(RefCell<Option<HttpRequest>>);

impl Capture {
    /// The request that `send` would have sent to `endpoint`.
    pub(crate) fn request<T>(endpoint: &Endpoint, send: impl FnOnce(&Self) -> T) -> Request {
        let capture = Self(RefCell::new(None));
        drop(send(&capture));
        let request = capture.0.into_inner();
        let mut request = request.expect("the oauth2 crate makes a request of an endpoint that fits into one");
        *request.uri_mut() = endpoint.uri().clone();
        if let Some(authorization) = request.headers_mut().get_mut(AUTHORIZATION) {
            authorization.set_sensitive(true);
        }
        request
    }
}

impl SyncHttpClient for Capture {
    type Error = std::fmt::Error;

    fn call(&self, request: HttpRequest) -> Result<HttpResponse, Self::Error> {
        self.0.replace(Some(request));
        Err(std::fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut ClientSettings)) -> Result<(), &'static str> {
        let mut settings = ClientSettings::new("client");
        settings.scopes = vec!["openid".into()];
        change(&mut settings);
        settings.check().map_err(|error| error.code())
    }

    #[test]
    fn client_ids_are_printable_and_trimmed() {
        // F-04
        assert_eq!(check(|_| {}), Ok(()));
        assert_eq!(check(|s| s.client_id = "my client \"1\"".into()), Ok(()));
        for id in ["", " a", "a\r", "a\nb", "é"] {
            assert_eq!(check(|s| s.client_id = id.into()), Err("config.bad_client_id"), "{id}");
        }
    }

    #[test]
    fn scopes_audience_and_resources_have_their_alphabet() {
        // F-05, F-06, RES-01
        for scope in ["", "a b", "a\"b", "a\\b", "é"] {
            assert_eq!(check(|s| s.scopes.push(scope.into())), Err("config.bad_scope"), "{scope}");
        }
        assert_eq!(check(|s| s.audience = Some("a b".into())), Err("config.bad_resource"));
        for resource in ["api", "/api", "https://api.example/#x", ""] {
            assert_eq!(check(|s| s.resources = vec![resource.into()]), Err("config.bad_resource"), "{resource}");
        }
        assert_eq!(check(|s| s.resources = vec!["https://a.example/".into(), "urn:api".into()]), Ok(()));
    }

    #[test]
    fn parameters_that_shadow_ours_are_refused() {
        // F-07
        for name in RESERVED.iter().copied().chain(["STATE", " nonce "]) {
            let code = check(|s| s.params = vec![(name.into(), "x".into())]);
            assert_eq!(code, Err("config.reserved_parameter"), "{name}");
        }
        let twice = vec![("acr_values".into(), "1".into()), ("acr_values".into(), "2".into())];
        assert_eq!(check(|s| s.params = twice), Err("config.bad_parameter"));
        assert_eq!(check(|s| s.params = vec![("organization".into(), "org_1".into())]), Ok(()));
    }
}
