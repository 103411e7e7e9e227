//! Pushed authorization requests (RFC 9126): the request goes to the provider first, authenticated, and the
//! browser carries only its name.

use serde_json::Value;
use url::Url;

use crate::answer::{Request, Response, is_busy, is_web_page, redirect};
use crate::form_post::form_post;
use crate::json::{Limits, read_answer, type_name};
use crate::seal::Unsealed;
use crate::sign_in::SignIn;
use crate::text::Scrub;
use crate::token::error::told;
use crate::{ClockSkew, Endpoint, Fault};

const LIMITS: Limits = Limits { bytes: 64 * 1024, depth: 16 };
const MAX_REQUEST_URI: usize = 2048;

/// A sign-in whose request has to be pushed before a browser can open. There is no way from here to a plain
/// request (PAR-04).
#[derive(Debug)]
pub struct Pushing {
    sign_in: SignIn,
    pushed: Pushed,
}

/// What goes to the endpoint, as often as an address is wanted.
pub(crate) struct Pushed {
    endpoint: Endpoint,
    pairs: Vec<(String, String)>,
}

// `state` and `nonce` are among the pairs.
impl std::fmt::Debug for Pushed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pushed").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Pushed {
    fn request(&self, sign_in: &SignIn) -> Request {
        let (client, auth) = sign_in.client();
        form_post(&self.endpoint, client, auth, &self.pairs, Unsealed::for_tokens(client, auth))
    }
}

impl Pushing {
    pub(crate) fn new(sign_in: SignIn, endpoint: Endpoint, url: &Url) -> Self {
        // The endpoint's own query stays where it is.
        let own = sign_in.metadata().authorization_endpoint.query_pairs().count();
        let pairs = url.query_pairs().into_owned().skip(own).collect();
        Self { sign_in, pushed: Pushed { endpoint, pairs } }
    }

    /// The request, to be sent by [`Sending`](crate::Sending). It may be sent again after a failed answer.
    #[must_use]
    pub fn request(&self) -> Request {
        self.pushed.request(&self.sign_in)
    }

    /// Reads the answer and makes the address to open: good for once, since the provider forgets the request when
    /// it was used (PAR-03); [`SignIn::push_again`] is for another.
    ///
    /// # Errors
    /// [`ParError`]; nothing may be opened then.
    pub fn finish(self, response: &Response) -> Result<(SignIn, Url), ParError> {
        let url = address(&self.sign_in, response)?;
        Ok((self.sign_in.with_pushed(self.pushed), url))
    }
}

impl SignIn {
    /// The same request once more, for an address that can be opened again (PAR-03); nothing where none was pushed,
    /// whose address stays good. It is the same sign-in: one `state`, one code to redeem.
    #[must_use]
    pub fn push_again(&self) -> Option<Request> {
        self.pushed().map(|pushed| pushed.request(self))
    }

    /// Reads the answer to [`push_again`](SignIn::push_again).
    ///
    /// # Errors
    /// [`ParError`]; the sign-in goes on waiting.
    pub fn pushed_again(&self, response: &Response) -> Result<Url, ParError> {
        address(self, response)
    }
}

fn address(sign_in: &SignIn, response: &Response) -> Result<Url, ParError> {
    let request_uri = read(response, &sign_in.sent())?;
    let mut url = sign_in.metadata().authorization_endpoint.url().clone();
    let client_id = &sign_in.client().0.client_id;
    url.query_pairs_mut().append_pair("client_id", client_id).append_pair("request_uri", &request_uri);
    Ok(url)
}

/// RFC 9126 section 2.2: 201, a name and how long it lives.
fn read(response: &Response, sent: &Scrub) -> Result<String, ParError> {
    let bad = |problem: String| ParError::BadAnswer { problem };
    if let Some(to) = redirect(response, sent) {
        return Err(ParError::Redirected { to });
    }
    let status = response.status().as_u16();
    let page = is_web_page(response);
    let document = if page { Ok(Value::Null) } else { read_answer(response.body(), LIMITS, sent) };
    if status != 201 {
        let document = document.unwrap_or_default();
        let words = |name: &str, max| document.get(name).and_then(Value::as_str).map(|text| sent.clean(text, max));
        return Err(ParError::Refused {
            error: words("error", 80).unwrap_or_else(|| format!("HTTP {status}")),
            description: words("error_description", 300),
            for_now: is_busy(response),
        });
    }
    if page {
        return Err(bad("it is a web page".to_owned()));
    }
    let document = document.map_err(|fault| bad(fault.to_string()))?;
    let lives = document.get("expires_in").and_then(Value::as_f64).is_some_and(|seconds| seconds >= 1.0);
    if !lives {
        return Err(bad("its `expires_in` is not a number of seconds from 1 on".to_owned()));
    }
    match document.get("request_uri") {
        Some(Value::String(uri)) if uri.is_empty() || uri.len() > MAX_REQUEST_URI => {
            Err(bad(format!("its `request_uri` has {} characters", uri.len())))
        }
        Some(Value::String(uri)) if uri.bytes().all(|b| b.is_ascii_graphic()) => Ok(uri.clone()),
        Some(Value::String(_)) => Err(bad("its `request_uri` is no URI".to_owned())),
        other => Err(bad(format!("its `request_uri` must be text, got {}", other.map_or("nothing", type_name)))),
    }
}

/// Why a request could not be pushed. It is not sent in the open instead (PAR-04).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParError {
    ///
    #[error("The provider refused the request for a sign-in (`{error}`){}", told(description.as_deref()))]
    Refused {
        /// The error code, or the status where there is none.
        error: String,
        /// The provider's own words, cleaned and scrubbed.
        description: Option<String>,
        /// Whether it may pass by itself.
        for_now: bool,
    },
    /// `invalid_dpop_proof` while the clocks are apart ([`ParError::knowing`]).
    #[error("The provider refused the proof that the key is held (DPoP){}", told(description.as_deref()))]
    Clock {
        /// The provider's own words, cleaned and scrubbed.
        description: Option<String>,
        /// How far they are apart.
        skew: ClockSkew,
    },
    /// 201, and nothing to go on with.
    #[error("The provider took the request for a sign-in and answered wrongly: {problem}.")]
    BadAnswer {
        /// What is wrong with it.
        problem: String,
    },
    /// CORE-16; not followed.
    #[error("The endpoint for pushed requests redirects to `{to}`; redirects are not followed there.")]
    Redirected {
        /// Without its query.
        to: String,
    },
}

impl ParError {
    /// The same, told with the clocks where they may be why.
    #[must_use]
    pub fn knowing(self, clocks: Option<ClockSkew>) -> Self {
        match (self, clocks) {
            (Self::Refused { error, description, .. }, Some(skew))
                if error == "invalid_dpop_proof" && skew.matters_to_proofs() =>
            {
                Self::Clock { description, skew }
            }
            (same, _) => same,
        }
    }
}

impl Fault for ParError {
    fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } | Self::BadAnswer { .. } => "par.failed",
            Self::Clock { .. } => "dpop.clock",
            Self::Redirected { .. } => "net.unexpected_redirect",
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::Refused { error, .. } if error == "invalid_client" || error == "unauthorized_client" => {
                "Check the client id and its credentials. Some providers take pushed requests from confidential clients only: set `push` to `never` then."
            }
            Self::Refused { for_now: true, .. } => "Start again in a while.",
            Self::Clock { skew, .. } => return skew.hint(),
            Self::Refused { .. } => "Check the profile's redirect address, scopes and parameters against the provider's settings.",
            Self::BadAnswer { .. } | Self::Redirected { .. } => {
                "The provider must correct its endpoint for pushed requests. Nothing was opened."
            }
        }
        .to_owned()
    }

    fn retryable(&self) -> bool {
        matches!(self, Self::Refused { for_now: true, .. })
    }
}

#[cfg(test)]
mod tests;
