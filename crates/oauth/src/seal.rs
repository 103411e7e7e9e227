//! The last step before a request goes out: what must be fresh each time it is sent is put on it, which is the
//! client's assertion (RFC 7523) and its DPoP proof (RFC 9449). A request made here carries with it, unseen,
//! what it needs; one that needs nothing goes out as it is.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::HeaderValue;
use serde_json::json;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::AccessToken;
use crate::answer::{Request, Response};
use crate::client::{ClientAuth, ClientSettings};
use crate::dpop::{DpopError, DpopKey, DpopNonces, Proof, Role, demands_nonce};
use crate::private_key::PrivateKey;

/// How long an assertion is good; it is made right before it is sent.
const ASSERTION_LIFE: i64 = 60;

/// What one sending needs: the time, and random bytes from a cryptographic generator, never used twice.
#[derive(Clone, Copy)]
pub struct Fresh {
    /// Unix seconds.
    pub now: i64,
    /// Names the assertion and the proof.
    pub random: [u8; 32],
}

impl fmt::Debug for Fresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fresh").field("now", &self.now).finish_non_exhaustive()
    }
}

/// What a request still needs; an extension of it.
#[derive(Clone, Default)]
pub(crate) struct Unsealed {
    assertion: Option<Assertion>,
    proof: Option<Bound>,
}

#[derive(Clone)]
struct Assertion {
    client_id: String,
    audience: String,
    key: PrivateKey,
}

/// A DPoP key, and at a resource server the token it goes with.
#[derive(Clone)]
struct Bound {
    key: DpopKey,
    access_token: Option<AccessToken>,
}

impl Unsealed {
    /// For a request on which the client authenticates.
    pub(crate) fn client(settings: &ClientSettings, auth: &ClientAuth) -> Self {
        let assertion = match (auth, &settings.client_key) {
            (ClientAuth::PrivateKeyJwt { audience }, Some(key)) => {
                Some(Assertion { client_id: settings.client_id.clone(), audience: audience.clone(), key: key.clone() })
            }
            _ => None,
        };
        Self { assertion, proof: None }
    }

    /// The same on a request whose answer holds tokens: they are bound to the client's DPoP key, if it has one.
    pub(crate) fn for_tokens(settings: &ClientSettings, auth: &ClientAuth) -> Self {
        let proof = settings.dpop.clone().map(|key| Bound { key, access_token: None });
        Self { proof, ..Self::client(settings, auth) }
    }

    /// For a request to a resource server.
    pub(crate) fn at_resource(key: DpopKey, access_token: AccessToken) -> Self {
        Self { assertion: None, proof: Some(Bound { key, access_token: Some(access_token) }) }
    }

    pub(crate) fn put_on(self, mut request: Request) -> Request {
        if self.assertion.is_some() || self.proof.is_some() {
            request.extensions_mut().insert(self);
        }
        request
    }
}

/// A request on its way, once or twice: a second time only where the server has refused the first for want of
/// a DPoP nonce and so has done nothing with it (DPOP-02, DPOP-08).
///
/// ```text
/// let mut sending = Sending::of(request);
/// loop {
///     let response = send(sending.seal(fresh(), &nonces));
///     match sending.judge(&response, &mut nonces)? {
///         Sent::Answered => break response,
///         Sent::Again(next) => sending = *next,
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Sending {
    request: Request,
    nonce_was_asked: bool,
}

/// What comes after an answer.
#[derive(Debug)]
pub enum Sent {
    /// It is the answer, good or bad.
    Answered,
    /// The same once more, sealed anew.
    Again(Box<Sending>),
}

impl Sending {
    /// Takes any request of this crate.
    #[must_use]
    pub fn of(request: Request) -> Self {
        Self { request, nonce_was_asked: false }
    }

    /// The request as it goes out this time.
    #[must_use]
    pub fn seal(&self, fresh: Fresh, nonces: &DpopNonces) -> Request {
        let mut request = self.request.clone();
        let Some(Unsealed { assertion, proof }) = request.extensions_mut().remove::<Unsealed>() else {
            return request;
        };
        let [for_assertion, for_proof] = halves(fresh.random);
        if let Some(assertion) = assertion {
            let form = Serializer::new(String::new())
                .append_pair("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
                .append_pair("client_assertion", &assertion.sign(fresh.now, for_assertion))
                .finish();
            let body = request.body_mut();
            if !body.is_empty() {
                body.push(b'&');
            }
            body.extend_from_slice(form.as_bytes());
        }
        if let Some(bound) = proof {
            let (url, origin, role) = place(&request, &bound);
            let proof = bound.key.proof(&Proof {
                method: request.method().as_str(),
                url: &url,
                iat: fresh.now,
                jti: for_proof,
                access_token: bound.access_token.as_ref(),
                nonce: nonces.newest(&origin, role),
            });
            let value = HeaderValue::try_from(proof).expect("base64url and dots fit into a header");
            request.headers_mut().insert("dpop", value);
        }
        request
    }

    /// Looks at the answer: keeps its nonce for the next proof, and says whether to send once more.
    ///
    /// # Errors
    /// [`DpopError`] where a nonce is demanded twice in a row, or cannot be used.
    pub fn judge(self, response: &Response, nonces: &mut DpopNonces) -> Result<Sent, DpopError> {
        let Some(bound) = self.request.extensions().get::<Unsealed>().and_then(|unsealed| unsealed.proof.as_ref())
        else {
            return Ok(Sent::Answered);
        };
        let (_, server, role) = place(&self.request, bound);
        let is_demanded = demands_nonce(role, response);
        match nonces.note(&server, role, response) {
            Ok(_) if !is_demanded => Ok(Sent::Answered),
            // A good answer is not lost for a nonce that cannot be used next time.
            Err(_) if response.status().is_success() => Ok(Sent::Answered),
            Err(error) => Err(error),
            Ok(_) if self.nonce_was_asked => Err(DpopError::NonceLoop { server }),
            Ok(true) => Ok(Sent::Again(Box::new(Self { nonce_was_asked: true, ..self }))),
            Ok(false) => Err(DpopError::BadNonce { server, problem: "it asks for one and gives none" }),
        }
    }
}

impl Assertion {
    /// RFC 7523 section 3; one audience, the issuer as text (BCP-12).
    fn sign(&self, now: i64, jti: [u8; 16]) -> String {
        self.key.sign(&json!({
            "iss": self.client_id, "sub": self.client_id, "aud": self.audience,
            "iat": now, "exp": now.saturating_add(ASSERTION_LIFE), "jti": URL_SAFE_NO_PAD.encode(jti),
        }))
    }
}

fn place(request: &Request, bound: &Bound) -> (Url, String, Role) {
    let url = Url::parse(&request.uri().to_string()).expect("a request of this crate has a web address");
    let origin = url.origin().ascii_serialization();
    let role = if bound.access_token.is_some() { Role::Resource } else { Role::Authorization };
    (url, origin, role)
}

fn halves(random: [u8; 32]) -> [[u8; 16]; 2] {
    let (mut first, mut second) = ([0; 16], [0; 16]);
    for (to, from) in first.iter_mut().chain(&mut second).zip(random) {
        *to = from;
    }
    [first, second]
}

#[cfg(test)]
mod tests;
