//! Requests made with the oauth2 crate, kept instead of sent.

use std::cell::RefCell;

use http::header::AUTHORIZATION;
use oauth2::basic::BasicClient;
use oauth2::{EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, SyncHttpClient};

use super::{ClientAuth, ClientSettings};
use crate::answer::Request;
use crate::endpoint::Endpoint;
use crate::seal::Unsealed;
use crate::secret::for_request;

/// The oauth2 crate's client with nothing but id and secret.
pub(crate) fn oauth2_client(settings: &ClientSettings, auth: &ClientAuth) -> BasicClient {
    let client = BasicClient::new(oauth2::ClientId::new(settings.client_id.clone())).set_auth_type(match auth {
        ClientAuth::Public | ClientAuth::Post | ClientAuth::PrivateKeyJwt { .. } => oauth2::AuthType::RequestBody,
        ClientAuth::Basic => oauth2::AuthType::BasicAuth,
    });
    match (auth, &settings.client_secret) {
        (ClientAuth::Basic | ClientAuth::Post, Some(secret)) => {
            client.set_client_secret(oauth2::ClientSecret::new(for_request(secret)))
        }
        (ClientAuth::Public | ClientAuth::PrivateKeyJwt { .. } | ClientAuth::Basic | ClientAuth::Post, _) => client,
    }
}

/// The same, knowing the token endpoint.
pub(crate) type TokenClient = BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// An HTTP client for the oauth2 crate that keeps the request instead of sending it: what is sent is the
/// caller's business here.
pub(crate) struct Capture(RefCell<Option<HttpRequest>>);

impl Capture {
    /// The request that `send` would have sent to `endpoint`, with what it needs when it goes out.
    pub(crate) fn request<T>(endpoint: &Endpoint, needs: Unsealed, send: impl FnOnce(&Self) -> T) -> Request {
        let capture = Self(RefCell::new(None));
        drop(send(&capture));
        let request = capture.0.into_inner();
        let mut request = request.expect("the oauth2 crate makes a request of an endpoint that fits into one");
        *request.uri_mut() = endpoint.uri().clone();
        if let Some(authorization) = request.headers_mut().get_mut(AUTHORIZATION) {
            authorization.set_sensitive(true);
        }
        needs.put_on(request)
    }
}

impl SyncHttpClient for Capture {
    type Error = std::fmt::Error;

    fn call(&self, request: HttpRequest) -> Result<HttpResponse, Self::Error> {
        self.0.replace(Some(request));
        Err(std::fmt::Error)
    }
}
