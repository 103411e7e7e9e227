//! Dynamic client registration (RFC 7591): where the provider is open to it, adding it needs no console.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde_json::{Map, Value, json};
use url::Url;

use crate::answer::{Request, Response, is_busy, is_web_page, redirect};
use crate::client::{ClientAuthMethod, ClientSettings};
use crate::issuer::is_loopback;
use crate::json::{Limits, read_answer, type_name};
use crate::metadata::Metadata;
use crate::secret::for_request;
use crate::text::Scrub;
use crate::{AccessToken, ClientSecret, Endpoint};

pub use error::RegistrationError;
pub use unregister::{finish_unregister, unregister_request};

mod error;
mod unregister;

const LIMITS: Limits = Limits { bytes: 64 * 1024, depth: 16 };

/// What is registered: a native application that signs people in through the browser (RFC 8252 section 8.4).
#[derive(Clone, Debug)]
pub struct ClientMetadata {
    /// Shown to people when they consent.
    pub client_name: String,
    /// On loopback; each port by itself where the provider compares it.
    pub redirect_uris: Vec<Url>,
    /// What it will ask for at most.
    pub scopes: Vec<String>,
    /// Whether it will also sign in with a code on another device.
    pub device_grant: bool,
    /// Whether its tokens are to be bound to a key (RFC 9449 section 5.2).
    pub dpop: bool,
}

/// A registration on its way.
#[derive(Debug)]
pub struct Registration {
    endpoint: Endpoint,
    client: ClientMetadata,
    initial_access_token: Option<AccessToken>,
}

/// A client as the provider has registered it.
#[derive(Debug)]
pub struct Registered {
    /// Its id, its secret if it got one, how it authenticates, and its scopes.
    pub settings: ClientSettings,
    /// Where the registration can be changed or deleted, with its token (RFC 7592).
    pub management: Option<(Endpoint, AccessToken)>,
    /// When the secret ends, Unix seconds; nothing when it does not.
    pub client_secret_expires_at: Option<i64>,
}

impl Registration {
    /// Prepares it. `initial_access_token` is what some providers want to see.
    ///
    /// # Errors
    /// [`RegistrationError`] where the provider does not offer it, or where the application is none of a native kind.
    pub fn begin(
        metadata: &Metadata,
        client: ClientMetadata,
        initial_access_token: Option<AccessToken>,
    ) -> Result<Self, RegistrationError> {
        let endpoint = metadata.registration_endpoint.clone().ok_or(RegistrationError::NotOffered)?;
        let is_good = |uri: &Url| uri.scheme() == "http" && is_loopback(uri) && uri.fragment().is_none();
        if client.redirect_uris.is_empty() || !client.redirect_uris.iter().all(is_good) {
            return Err(RegistrationError::BadRedirect);
        }
        ClientSettings { scopes: client.scopes.clone(), ..ClientSettings::new("unknown") }.check()?;
        Ok(Self { endpoint, client, initial_access_token })
    }

    /// The request (RFC 7591 section 3.1). Sent once: a second one makes a second client.
    #[must_use]
    pub fn request(&self) -> Request {
        let mut grants = vec!["authorization_code", "refresh_token"];
        if self.client.device_grant {
            grants.push("urn:ietf:params:oauth:grant-type:device_code");
        }
        let mut document = json!({
            "client_name": self.client.client_name,
            "application_type": "native",
            "redirect_uris": self.client.redirect_uris.iter().map(Url::as_str).collect::<Vec<_>>(),
            "response_types": ["code"],
            "grant_types": grants,
            "token_endpoint_auth_method": ClientAuthMethod::None.name(),
        });
        if !self.client.scopes.is_empty() {
            document["scope"] = self.client.scopes.join(" ").into();
        }
        if self.client.dpop {
            document["dpop_bound_access_tokens"] = true.into();
        }
        let mut request = http::Request::new(document.to_string().into_bytes());
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.endpoint.uri().clone();
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let token = self.initial_access_token.as_ref();
        if let Some(Ok(mut value)) = token.map(|token| HeaderValue::try_from(format!("Bearer {}", for_request(token))))
        {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        request
    }

    /// Reads the answer. The provider may register something else than was asked: what it says counts, and a
    /// client that could not sign in that way is refused (RFC 7591 section 3.2.1).
    ///
    /// # Errors
    /// [`RegistrationError`].
    pub fn finish(self, metadata: &Metadata, response: &Response) -> Result<Registered, RegistrationError> {
        let mut sent = Scrub::default();
        if let Some(token) = &self.initial_access_token {
            sent.add(token);
        }
        if let Some(to) = redirect(response, &sent) {
            return Err(RegistrationError::Redirected { to });
        }
        let status = response.status().as_u16();
        let document = if is_web_page(response) {
            Err(bad("it is a web page"))
        } else {
            read_answer(response.body(), LIMITS, &sent).map_err(|fault| bad(&fault.to_string()))
        };
        // 201 by the standard; some answer 200.
        if !matches!(status, 200 | 201) {
            let document = document.unwrap_or_default();
            let words = |name: &str, max| document.get(name).and_then(Value::as_str).map(|text| sent.clean(text, max));
            return Err(RegistrationError::Refused {
                error: words("error", 80).unwrap_or_else(|| format!("HTTP {status}")),
                description: words("error_description", 300),
                for_now: is_busy(response),
            });
        }
        match document? {
            Value::Object(members) => self.registered(metadata, &members, &sent),
            other => Err(bad(&format!("it is {} and not an object", type_name(&other)))),
        }
    }

    fn registered(
        self,
        metadata: &Metadata,
        members: &Map<String, Value>,
        sent: &Scrub,
    ) -> Result<Registered, RegistrationError> {
        let text = |name: &str| members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let id = text("client_id").ok_or_else(|| bad("it has no `client_id`"))?;
        if let Some(Value::Array(uris)) = members.get("redirect_uris")
            && let Some(lost) = self.client.redirect_uris.iter().find(|uri| !uris.iter().any(|u| *u == uri.as_str()))
        {
            return Err(RegistrationError::RedirectLost { uri: lost.to_string() });
        }
        let secret = text("client_secret").map(|secret| ClientSecret::new(secret.to_owned()));
        let client_auth = match text("token_endpoint_auth_method") {
            Some("none") => Some(ClientAuthMethod::None),
            Some("client_secret_basic") if secret.is_some() => Some(ClientAuthMethod::Basic),
            Some("client_secret_post") if secret.is_some() => Some(ClientAuthMethod::Post),
            Some(other) => return Err(RegistrationError::AuthMethod { got: sent.clean(other, 60) }),
            None => None,
        };
        let scopes = text("scope").map(|scope| scope.split_ascii_whitespace().map(str::to_owned).collect());
        let settings = ClientSettings {
            client_secret: secret,
            client_auth,
            scopes: scopes.unwrap_or(self.client.scopes),
            ..ClientSettings::new(id)
        };
        settings.check()?;
        let management = match (text("registration_client_uri"), text("registration_access_token")) {
            (Some(uri), Some(token)) => {
                let endpoint = Endpoint::parse(uri, &metadata.issuer);
                let endpoint = endpoint.map_err(|problem| bad(&format!("its `registration_client_uri` {problem}")))?;
                Some((endpoint, AccessToken::new(token.to_owned())))
            }
            (Some(_) | None, _) => None,
        };
        // 0 means never (RFC 7591 section 3.2.1).
        let ends = members.get("client_secret_expires_at").and_then(Value::as_i64).filter(|at| *at > 0);
        Ok(Registered { settings, management, client_secret_expires_at: ends })
    }
}

fn bad(problem: &str) -> RegistrationError {
    RegistrationError::BadAnswer { problem: problem.to_owned() }
}

#[cfg(test)]
mod tests;
