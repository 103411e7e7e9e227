//! The code exchange (RFC 6749 section 4.1.3) and its answer.

use std::borrow::Cow;

use oauth2::{AuthorizationCode, PkceCodeVerifier, RedirectUrl, TokenUrl};
use url::Url;

use crate::answer::{Request, Response};
use crate::asked::Asked;
use crate::client::{Capture, ClientAuth, ClientSettings, TokenClient, oauth2_client};
use crate::metadata::Metadata;
use crate::seal::Unsealed;
use crate::secret::for_request;
use crate::target::Target;
use crate::text::Scrub;
use crate::token::{Allowed, TokenError, Tokens, read_tokens};
use crate::{Code, Nonce, Verifier};

/// A code on its way to the token endpoint.
#[derive(Debug)]
pub struct Exchange {
    nonce: Nonce,
    asked: Asked,
    wants_id_token: bool,
    sent: Scrub,
    allowed: Allowed,
}

/// What one sign-in sent, and what it got for it.
pub(crate) struct Sent {
    pub(crate) redirect_uri: Url,
    pub(crate) code: Code,
    pub(crate) verifier: Verifier,
    pub(crate) nonce: Nonce,
    pub(crate) asked: Asked,
    pub(crate) target: Option<Target>,
}

impl Exchange {
    pub(crate) fn begin(
        metadata: &Metadata,
        client: &ClientSettings,
        auth: &ClientAuth,
        with: Sent,
    ) -> (Request, Self) {
        // Code and verifier end here: they are good for one request.
        let Sent { redirect_uri, code, verifier, nonce, asked, target } = with;
        let endpoint = &metadata.token_endpoint;
        let oauth2: TokenClient = oauth2_client(client, auth).set_token_uri(TokenUrl::from_url(endpoint.url().clone()));
        let mut exchange = oauth2
            .exchange_code(AuthorizationCode::new(for_request(&code)))
            .set_pkce_verifier(PkceCodeVerifier::new(for_request(&verifier)))
            // The same text as in the authorization request (CORE-02).
            .set_redirect_uri(Cow::Owned(RedirectUrl::from_url(redirect_uri)));
        for (name, value) in Target::params(target.as_ref(), client) {
            exchange = exchange.add_extra_param(name, value);
        }
        let needs = Unsealed::for_tokens(client, auth);
        let request = Capture::request(endpoint, needs, |capture| exchange.request(capture).map(drop).map_err(drop));

        let mut sent = Scrub::default();
        sent.add(&code);
        sent.add(&verifier);
        if let Some(secret) = &client.client_secret {
            sent.add(secret);
        }
        (request, Self { nonce, asked, wants_id_token: client.wants_id_token(), sent, allowed: Allowed::by(client) })
    }

    /// What the ID token must carry.
    #[must_use]
    pub fn nonce(&self) -> &Nonce {
        &self.nonce
    }

    /// What was asked: [`Expected::satisfying`](crate::Expected::satisfying) and
    /// [`check_granted`](crate::check_granted) take it.
    #[must_use]
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Reads the token endpoint's answer. Nothing in it may be used before the ID token has passed
    /// [`verify`](crate::verify) (BCP-04).
    ///
    /// # Errors
    /// [`TokenError`] when the code was refused or the answer is not one.
    pub fn finish(self, response: &Response) -> Result<Tokens, TokenError> {
        let tokens = read_tokens(response, &self.sent, self.allowed)?;
        if self.wants_id_token && tokens.id_token.is_none() {
            return Err(TokenError::IdTokenMissing);
        }
        Ok(tokens)
    }
}

#[cfg(test)]
mod tests;
