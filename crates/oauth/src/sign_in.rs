//! One sign-in with the authorization code flow and PKCE (RFC 6749 section 4.1, RFC 7636): what is asked, and
//! what an answer must be checked against.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth2::{AuthUrl, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope};
use url::Url;
use zeroize::Zeroize;

use crate::access_token::check_auth0_domains;
use crate::answer::Request;
use crate::asked::Asked;
use crate::callback::{self, Callback, CallbackError, NotOurs, OurAnswer};
use crate::check::Check;
use crate::client::{ClientAuth, ClientError, ClientSettings, Push, ResponseMode, check_params, oauth2_client};
use crate::exchange::{Exchange, Sent};
use crate::issuer::is_loopback;
use crate::metadata::Metadata;
use crate::par::{Pushed, Pushing};
use crate::secret::for_request;
use crate::target::Target;
use crate::text::{Scrub, clean};
use crate::{Nonce, State, Verifier};

pub use error::BeginError;

mod error;

/// The longest authorization URL; servers and browsers cut longer ones (A-05).
const MAX_URL: usize = 8 * 1024;

/// Fresh random bytes for one sign-in, from a cryptographic generator (PKCE-01, CORE-05). Zeroed on drop.
#[expect(missing_docs, reason = "named as what they become")]
pub struct Entropy {
    pub state: [u8; 32],
    pub nonce: [u8; 32],
    pub verifier: [u8; 32],
}

impl Drop for Entropy {
    fn drop(&mut self) {
        self.state.zeroize();
        self.nonce.zeroize();
        self.verifier.zeroize();
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What is asked this time only.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// OpenID Connect's `prompt`.
    pub prompt: Option<String>,
    /// OpenID Connect's `login_hint`.
    pub login_hint: Option<String>,
    /// Further parameters, `max_age` and `organization` among them; each takes the place of the profile's own of
    /// that name.
    pub params: Vec<(String, String)>,
}

/// A sign-in that waits for its answer. It holds everything the answer is checked against as it was when the
/// browser was sent off, so that nothing can change under it (BCP-02).
///
/// [`SignIn::accept`] consumes it: a second code cannot be redeemed with the same sign-in.
///
/// ```compile_fail,E0382
/// # use doorkey_oauth::{OurAnswer, SignIn};
/// fn twice(sign_in: SignIn, first: OurAnswer, second: OurAnswer) {
///     let _ = sign_in.accept(first);
///     let _ = sign_in.accept(second); // moved above
/// }
/// ```
///
/// Nor can one answer be used twice.
///
/// ```compile_fail,E0382
/// # use doorkey_oauth::{OurAnswer, SignIn};
/// fn twice(one: SignIn, other: SignIn, answer: OurAnswer) {
///     let _ = one.accept(answer);
///     let _ = other.accept(answer); // moved above
/// }
/// ```
#[derive(Debug)]
pub struct SignIn {
    metadata: Metadata,
    client: ClientSettings,
    auth: ClientAuth,
    asked: Asked,
    redirect_uri: Url,
    state: State,
    nonce: Nonce,
    verifier: Verifier,
    target: Option<Target>,
    pushed: Option<Pushed>,
}

impl SignIn {
    /// Makes the authorization URL to open. It carries `state` and `nonce`: for the browser, not for logs. The
    /// whole request stands in it; [`prepare`](Self::prepare) also pushes it where that is better.
    ///
    /// # Errors
    /// [`BeginError`] names the setting that stands in the way; [`BeginError::PushNeeded`] where the request must
    /// not go in the open.
    pub fn begin(
        metadata: &Metadata,
        client: ClientSettings,
        redirect_uri: Url,
        entropy: Entropy,
        ask: &Ask,
    ) -> Result<(Self, Url), BeginError> {
        let (sign_in, url) = Self::draft(metadata, client, redirect_uri, entropy, ask)?;
        if metadata.require_pushed_authorization_requests || sign_in.client.push == Push::Always {
            return Err(BeginError::PushNeeded);
        }
        Ok((sign_in, fitting(url)?))
    }

    /// The same, pushed first (RFC 9126) where the provider requires it, where the profile wishes it, or where it
    /// is offered and the client authenticates.
    ///
    /// # Errors
    /// [`BeginError`] names the setting that stands in the way.
    pub fn prepare(
        metadata: &Metadata,
        client: ClientSettings,
        redirect_uri: Url,
        entropy: Entropy,
        ask: &Ask,
    ) -> Result<Prepared, BeginError> {
        let (sign_in, url) = Self::draft(metadata, client, redirect_uri, entropy, ask)?;
        let endpoint = metadata.pushed_authorization_request_endpoint.clone();
        let is_required = metadata.require_pushed_authorization_requests;
        let is_pushed = match sign_in.client.push {
            Push::Always => true,
            Push::Auto => is_required || (endpoint.is_some() && sign_in.auth != ClientAuth::Public),
            Push::Never => is_required,
        };
        if !is_pushed {
            return Ok(Prepared::Open(Box::new(sign_in), fitting(url)?));
        }
        let endpoint = endpoint.ok_or(BeginError::PushNotOffered)?;
        Ok(Prepared::Push(Box::new(Pushing::new(sign_in, endpoint, &url))))
    }

    #[expect(clippy::needless_pass_by_value, reason = "the bytes are good for one sign-in and end here")]
    fn draft(
        metadata: &Metadata,
        client: ClientSettings,
        redirect_uri: Url,
        entropy: Entropy,
        ask: &Ask,
    ) -> Result<(Self, Url), BeginError> {
        client.check()?;
        check_params(&ask.params)?;
        let redirect_is_good = redirect_uri.scheme() == "http"
            && is_loopback(&redirect_uri)
            && redirect_uri.fragment().is_none()
            && redirect_uri.query().is_none()
            && redirect_uri.username().is_empty();
        if !redirect_is_good {
            return Err(BeginError::BadRedirect { got: clean(redirect_uri.as_str(), 200) });
        }
        let modes = &metadata.response_modes_supported;
        if client.response_mode == ResponseMode::FormPost && !modes.iter().any(|mode| mode == "form_post") {
            return Err(BeginError::FormPostUnsupported { offered: clean(&modes.join(", "), 200) });
        }
        let auth = ClientAuth::choose(metadata, &client)?;
        let algs = &metadata.dpop_signing_alg_values_supported;
        if client.dpop.is_some() && !algs.is_empty() && !algs.iter().any(|alg| alg == "ES256") {
            return Err(ClientError::DpopAlg { offered: clean(&algs.join(", "), 200) }.into());
        }
        let params = further_params(&client, ask);
        let asked = Asked::of(&client, &params)?;
        if let Some(audience) = &asked.audience {
            check_auth0_domains(&metadata.issuer, audience, None)?;
        }
        let sign_in = Self {
            metadata: metadata.clone(),
            asked,
            client,
            auth,
            redirect_uri,
            state: State::new(URL_SAFE_NO_PAD.encode(entropy.state)),
            nonce: Nonce::new(URL_SAFE_NO_PAD.encode(entropy.nonce)),
            verifier: Verifier::new(URL_SAFE_NO_PAD.encode(entropy.verifier)),
            target: None,
            pushed: None,
        };
        let url = sign_in.authorization_url(params)?;
        Ok((sign_in, url))
    }

    fn authorization_url(&self, params: Vec<(String, String)>) -> Result<Url, BeginError> {
        let client = oauth2_client(&self.client, &self.auth)
            .set_auth_uri(AuthUrl::from_url(self.metadata.authorization_endpoint.url().clone()));
        let verifier = PkceCodeVerifier::new(for_request(&self.verifier));
        let mut request = client
            .authorize_url(|| CsrfToken::new(for_request(&self.state)))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .set_redirect_uri(Cow::Owned(RedirectUrl::from_url(self.redirect_uri.clone())))
            .add_scopes(self.asked.scopes.iter().cloned().map(Scope::new))
            .add_extra_param("nonce", for_request(&self.nonce));
        if self.client.response_mode == ResponseMode::FormPost {
            request = request.add_extra_param("response_mode", "form_post");
        }
        if let Some(key) = &self.client.dpop {
            request = request.add_extra_param("dpop_jkt", key.thumbprint());
        }
        for (name, value) in params {
            request = request.add_extra_param(name, value);
        }
        let (url, _) = request.url();

        let mut seen = HashSet::new();
        for (name, _) in url.query_pairs() {
            // RFC 8707 section 2: the one parameter that may repeat.
            if name != "resource" && !seen.insert(name.clone()) {
                return Err(BeginError::ParameterTwice { name: clean(&name, 60) });
            }
        }
        Ok(url)
    }

    pub(crate) fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    pub(crate) fn with_pushed(self, pushed: Pushed) -> Self {
        Self { pushed: Some(pushed), ..self }
    }

    pub(crate) fn pushed(&self) -> Option<&Pushed> {
        self.pushed.as_ref()
    }

    pub(crate) fn redirect_uri(&self) -> &Url {
        &self.redirect_uri
    }

    pub(crate) fn client(&self) -> (&ClientSettings, &ClientAuth) {
        (&self.client, &self.auth)
    }

    /// What must not come back in a sentence.
    pub(crate) fn sent(&self) -> Scrub {
        let mut sent = Scrub::default();
        sent.add(&self.state);
        sent.add(&self.nonce);
        if let Some(secret) = &self.client.client_secret {
            sent.add(secret);
        }
        sent
    }

    /// Has the first token made for some of the resources only (RFC 8707 section 2.2); further ones come by
    /// [`Renewal::aimed_at`](crate::Renewal::aimed_at).
    ///
    /// # Errors
    /// [`ClientError`] where it was not asked for.
    pub fn aimed_at(mut self, target: Target) -> Result<Self, ClientError> {
        target.check(&self.client)?;
        self.asked.resources.clone_from(&target.resources);
        if target.audience.is_some() {
            self.asked.audience.clone_from(&target.audience);
        }
        self.target = Some(target);
        Ok(self)
    }

    /// What was asked: [`Expected::satisfying`](crate::Expected::satisfying) takes it.
    #[must_use]
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// How the answer comes: which of [`judge`](Self::judge) and [`judge_form`](Self::judge_form) is asked.
    #[must_use]
    pub fn response_mode(&self) -> ResponseMode {
        self.client.response_mode
    }

    /// Looks at the raw query of a request that reached the redirect URI. Nothing changes: an answer that is
    /// not ours leaves the sign-in waiting (CORE-05, L-18 to L-21).
    #[must_use]
    pub fn judge(&self, query: &str) -> Callback {
        match self.client.response_mode {
            ResponseMode::Query => callback::judge(query, &self.state),
            ResponseMode::FormPost => Callback::NotOurs { why: NotOurs::WrongMode, hint: None },
        }
    }

    /// Looks at the body of a form that was posted to the redirect URI as `application/x-www-form-urlencoded`.
    /// Like [`judge`](Self::judge); where no form was asked for, its body is not looked at (HP-AZ-15, C-22).
    #[must_use]
    pub fn judge_form(&self, body: &[u8]) -> Callback {
        match self.client.response_mode {
            ResponseMode::FormPost => callback::judge_form(body, &self.state),
            ResponseMode::Query => Callback::NotOurs { why: NotOurs::WrongMode, hint: None },
        }
    }

    /// Every rule on the answer, for people who test it; what comes of it is told by [`accept`](Self::accept).
    #[must_use]
    pub fn check(&self, answer: &OurAnswer) -> Vec<Check> {
        let promised = self.metadata.authorization_response_iss_parameter_supported;
        answer.checks(&self.state, self.metadata.issuer.as_str(), promised)
    }

    /// Takes our answer, which ends this sign-in. The request must be sent once and never again (CORE-03); its
    /// answer goes to [`Exchange::finish`].
    ///
    /// # Errors
    /// [`CallbackError`] when the provider refused, or answered in a way that must not be trusted. No code is
    /// sent then.
    pub fn accept(self, answer: OurAnswer) -> Result<(Request, Exchange), CallbackError> {
        let code = answer.code(
            &self.state,
            self.metadata.issuer.as_str(),
            self.metadata.authorization_response_iss_parameter_supported,
        )?;
        Ok(Exchange::begin(
            &self.metadata,
            &self.client,
            &self.auth,
            Sent {
                redirect_uri: self.redirect_uri,
                code,
                verifier: self.verifier,
                nonce: self.nonce,
                asked: self.asked,
                target: self.target,
            },
        ))
    }
}

/// A sign-in, and the way its request goes.
#[derive(Debug)]
pub enum Prepared {
    /// This address is to be opened.
    Open(Box<SignIn>, Url),
    /// The request is to be sent first; its answer gives the address.
    Push(Box<Pushing>),
}

fn fitting(url: Url) -> Result<Url, BeginError> {
    let length = url.as_str().len();
    if length > MAX_URL { Err(BeginError::RequestTooLong { length }) } else { Ok(url) }
}

/// What a person or a profile adds; this time's words go over the profile's.
pub(crate) fn further_params(client: &ClientSettings, ask: &Ask) -> Vec<(String, String)> {
    let named = |name: &str, value: &Option<String>| value.clone().map(|value| (name.to_owned(), value));
    let mut this_time: Vec<(String, String)> = ask.params.clone();
    for param in [named("prompt", &ask.prompt), named("login_hint", &ask.login_hint)].into_iter().flatten() {
        this_time.retain(|(name, _)| *name != param.0);
        this_time.push(param);
    }
    let own = named("audience", &client.audience).into_iter().chain(client.params.iter().cloned());
    let mut params: Vec<(String, String)> =
        own.filter(|(name, _)| this_time.iter().all(|(other, _)| other != name)).collect();
    params.extend(this_time);
    params.extend(client.resources.iter().map(|resource| ("resource".to_owned(), resource.clone())));
    // An empty value counts as absent (RFC 6749 section 3.1): this is how a profile's own is left out.
    params.retain(|(_, value)| !value.is_empty());
    params
}

#[cfg(test)]
mod tests;
