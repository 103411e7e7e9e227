//! Renewal with a refresh token (RFC 6749 section 6): the request, what its answer means for the session, and
//! when to do it.

use oauth2::{Scope, TokenUrl};

use crate::answer::{Request, Response};
use crate::asked::Asked;
use crate::check::Check;
use crate::client::{Capture, ClientAuth, ClientError, ClientSettings, TokenClient, oauth2_client};
use crate::metadata::Metadata;
use crate::seal::Unsealed;
use crate::secret::for_request;
use crate::target::Target;
use crate::text::Scrub;
use crate::token::{Allowed, TokenError, Tokens, check_token_answer, read_tokens};
use crate::{Endpoint, RefreshToken};

pub use error::{LaterCause, RenewalError};
pub use identity::{OldIdentity, RenewedIdentityError, check_renewed_identity};

mod error;
mod identity;

/// A refresh token on its way to the token endpoint.
#[derive(Debug)]
pub struct Renewal {
    endpoint: Endpoint,
    client: ClientSettings,
    auth: ClientAuth,
    refresh_token: RefreshToken,
    scope: Vec<String>,
    target: Option<Target>,
}

impl Renewal {
    /// Prepares a renewal. `scope` narrows what was granted and never widens it (RT-03); nothing asks for the
    /// same again.
    ///
    /// # Errors
    /// [`ClientError`] names the setting that stands in the way.
    pub fn begin(
        metadata: &Metadata,
        client: &ClientSettings,
        refresh_token: RefreshToken,
        scope: Option<&[String]>,
    ) -> Result<Self, ClientError> {
        let scope = scope.unwrap_or_default().to_vec();
        ClientSettings { scopes: scope.clone(), ..client.clone() }.check()?;
        let auth = ClientAuth::choose(metadata, client)?;
        Ok(Self {
            endpoint: metadata.token_endpoint.clone(),
            client: client.clone(),
            auth,
            refresh_token,
            scope,
            target: None,
        })
    }

    /// Asks for a token for another of the APIs (RFC 8707 section 2.2). What is not allowed may be ignored in
    /// silence, so hold what comes against [`asked`](Self::asked) with
    /// [`check_granted`](crate::check_granted).
    ///
    /// # Errors
    /// [`ClientError`] where the sign-in did not ask for the resource.
    pub fn aimed_at(mut self, target: Target) -> Result<Self, ClientError> {
        target.check(&self.client)?;
        self.target = Some(target);
        Ok(self)
    }

    /// What this renewal asks for.
    #[must_use]
    pub fn asked(&self) -> Asked {
        let target = self.target.clone();
        let of_client =
            |client: &ClientSettings| Target { resources: client.resources.clone(), audience: client.audience.clone() };
        let Target { resources, audience } = target.unwrap_or_else(|| of_client(&self.client));
        Asked { scopes: self.scope.clone(), resources, audience, ..Asked::default() }
    }

    /// The request. Asked for again only when the first answer was lost: a provider with an overlap time
    /// takes the same token twice (S-28).
    #[must_use]
    pub fn request(&self) -> Request {
        let oauth2: TokenClient =
            oauth2_client(&self.client, &self.auth).set_token_uri(TokenUrl::from_url(self.endpoint.url().clone()));
        let token = oauth2::RefreshToken::new(for_request(&self.refresh_token));
        let mut request = oauth2.exchange_refresh_token(&token).add_scopes(self.scope.iter().cloned().map(Scope::new));
        for (name, value) in Target::params(self.target.as_ref(), &self.client) {
            request = request.add_extra_param(name, value);
        }
        let needs = Unsealed::for_tokens(&self.client, &self.auth);
        Capture::request(&self.endpoint, needs, |capture| request.request(capture).map(drop).map_err(drop))
    }

    /// Reads the answer. Without a refresh token in it the old one stays good (RT-02); an ID token in it must
    /// pass [`verify`](crate::verify) and [`check_renewed_identity`] before anything is used (S-31).
    ///
    /// # Errors
    /// [`RenewalError`] says by its variant what becomes of the refresh token.
    pub fn finish(self, response: &Response) -> Result<Tokens, RenewalError> {
        self.read(response).map_err(RenewalError::from)
    }

    /// Every rule on the answer, for people who test it; what comes of it is told by [`finish`](Self::finish).
    #[must_use]
    pub fn check(&self, response: &Response) -> Vec<Check> {
        check_token_answer(response, self.read(response).as_ref())
    }

    fn read(&self, response: &Response) -> Result<Tokens, TokenError> {
        let mut sent = Scrub::default();
        sent.add(&self.refresh_token);
        if let Some(secret) = &self.client.client_secret {
            sent.add(secret);
        }
        read_tokens(response, &sent, Allowed::by(&self.client))
    }
}

/// When to renew, in Unix seconds: at 80 % of the life or 60 s before its end, whichever is first, but not
/// before half of it; up to 2 % earlier so that many clients do not come at once (`jitter` from 0 to 1); never
/// less than 10 s after the token was issued (RT-07, R-14, S-33).
#[must_use]
pub fn renew_at(issued_at: i64, expires_in: u64, jitter: f64) -> i64 {
    const MAX_LIFE: u64 = 10 * 365 * 24 * 60 * 60;
    let life = i64::try_from(expires_in.min(MAX_LIFE)).unwrap_or(i64::MAX);
    let due = (life * 4 / 5).min((life - 60).max(life / 2));
    let jitter = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.0 };
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "ten years fit exactly")]
    let early = (life as f64 * 0.02 * jitter) as i64;
    issued_at.saturating_add((due - early).max(10))
}

#[cfg(test)]
mod tests;
