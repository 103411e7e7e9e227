//! Revocation (RFC 7009): telling the provider that a token is no longer needed.

use oauth2::{RevocationUrl, StandardRevocableToken};
use serde_json::Value;

use crate::answer::{Request, Response, is_busy, redirect, retry_after};
use crate::client::{Capture, ClientAuth, ClientError, ClientSettings, oauth2_client};
use crate::json::{Limits, read_document};
use crate::metadata::Metadata;
use crate::seal::Unsealed;
use crate::secret::for_request;
use crate::text::Scrub;
use crate::token::error::told;
use crate::{AccessToken, Endpoint, Fault, RefreshToken};

/// What to revoke.
#[derive(Clone, Debug)]
pub enum RevocableToken {
    /// Ends the whole sign-in at most providers.
    Refresh(RefreshToken),
    /// Ends this token only.
    Access(AccessToken),
}

/// A token on its way to the revocation endpoint.
#[derive(Debug)]
pub struct Revocation {
    endpoint: Endpoint,
    client: ClientSettings,
    auth: ClientAuth,
    token: RevocableToken,
}

impl Revocation {
    /// Prepares a revocation.
    ///
    /// # Errors
    /// [`RevocationError::NotOffered`] where the provider has no revocation endpoint, or the client's settings.
    pub fn begin(metadata: &Metadata, client: &ClientSettings, token: RevocableToken) -> Result<Self, RevocationError> {
        let endpoint = metadata.revocation_endpoint.clone().ok_or(RevocationError::NotOffered)?;
        let auth = ClientAuth::choose(metadata, client)?;
        Ok(Self { endpoint, client: client.clone(), auth, token })
    }

    /// The request, as often as it takes: revoking twice does no harm.
    #[must_use]
    pub fn request(&self) -> Request {
        // The oauth2 crate refuses http even on loopback; `Endpoint` has judged the address, and the request
        // gets it back.
        let mut address = self.endpoint.url().clone();
        address.set_scheme("https").expect("an endpoint is http or https");
        let client = oauth2_client(&self.client, &self.auth).set_revocation_url(RevocationUrl::from_url(address));
        let token: StandardRevocableToken = match &self.token {
            RevocableToken::Refresh(token) => oauth2::RefreshToken::new(for_request(token)).into(),
            RevocableToken::Access(token) => oauth2::AccessToken::new(for_request(token)).into(),
        };
        let request = client.revoke_token(token).expect("the address is https here");
        let needs = Unsealed::client(&self.client, &self.auth);
        Capture::request(&self.endpoint, needs, |capture| request.request(capture).map_err(drop))
    }

    /// Reads the answer. Success also means that the provider did not know the token any more (REV-02).
    ///
    /// # Errors
    /// [`RevocationError`]; the token must be assumed alive.
    pub fn finish(self, response: &Response) -> Result<(), RevocationError> {
        let status = response.status().as_u16();
        if response.status().is_success() {
            return Ok(());
        }
        if is_busy(response) {
            return Err(RevocationError::Later { status, retry_after: retry_after(response) });
        }
        let mut sent = Scrub::default();
        match &self.token {
            RevocableToken::Refresh(token) => sent.add(token),
            RevocableToken::Access(token) => sent.add(token),
        }
        if let Some(secret) = &self.client.client_secret {
            sent.add(secret);
        }
        if let Some(to) = redirect(response, &sent) {
            return Err(RevocationError::Redirected { to });
        }
        let document = read_document(response.body(), Limits { bytes: 64 * 1024, depth: 32 }).unwrap_or_default();
        let words = |name: &str, max| document.get(name).and_then(Value::as_str).map(|text| sent.clean(text, max));
        match words("error", 80) {
            Some(error) if error == "unsupported_token_type" => Err(RevocationError::UnsupportedTokenType),
            error => Err(RevocationError::Refused {
                error: error.unwrap_or_else(|| format!("HTTP {status}")),
                description: words("error_description", 300),
            }),
        }
    }
}

/// Why a token was not revoked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevocationError {
    /// No endpoint for it.
    #[error("The provider offers no way to revoke tokens.")]
    NotOffered,
    /// A setting of the client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// RFC 7009 section 2.2.1
    #[error("The provider does not revoke tokens of this kind.")]
    UnsupportedTokenType,
    /// 503 and its kin: the token is alive (RFC 7009 section 2.2.1).
    #[error("The provider could not be told now (HTTP {status}); the session may live on there.")]
    Later {
        /// What came.
        status: u16,
        /// Seconds to wait, when it says so.
        retry_after: Option<u64>,
    },
    /// CORE-16; not followed.
    #[error("The revocation endpoint redirects to `{to}`; redirects are not followed there.")]
    Redirected {
        /// Without its query.
        to: String,
    },
    /// Any other refusal.
    #[error("The provider refused to revoke the token (`{error}`){}", told(description.as_deref()))]
    Refused {
        /// The error code, or the status where there is none.
        error: String,
        /// The provider's own words, cleaned and scrubbed.
        description: Option<String>,
    },
}

impl Fault for RevocationError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotOffered => "token.revocation_not_offered",
            Self::Client(error) => error.code(),
            Self::UnsupportedTokenType => "token.revocation_unsupported",
            Self::Later { .. } => "net.revocation_later",
            Self::Redirected { .. } => "net.unexpected_redirect",
            Self::Refused { .. } => "token.revocation_refused",
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::Client(error) => error.hint(),
            Self::Later { .. } => "It is tried again; you are signed out on this computer.".to_owned(),
            Self::NotOffered | Self::UnsupportedTokenType | Self::Redirected { .. } | Self::Refused { .. } => {
                "You are signed out on this computer. To end the session there too, use the provider's account page."
                    .to_owned()
            }
        }
    }

    fn retryable(&self) -> bool {
        matches!(self, Self::Later { .. })
    }
}

#[cfg(test)]
mod tests;
