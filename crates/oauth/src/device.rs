//! The device grant (RFC 8628): a sign-in on another screen, as steps of a clock that is given. Used only where a
//! person chose it (DEV-07): whoever shows the code says “only go on if you started this yourself”.

use crate::DeviceCode;
use crate::answer::{Request, Response, is_busy, retry_after};
use crate::asked::Asked;
use crate::client::{ClientAuth, ClientSettings, check_params};
use crate::endpoint::Endpoint;
use crate::form_post::form_post;
use crate::issuer::Issuer;
use crate::metadata::Metadata;
use crate::seal::Unsealed;
use crate::secret::for_request;
use crate::sign_in::{Ask, further_params};
use crate::text::Scrub;
use crate::token::{Allowed, TokenError, Tokens, error_code, read_tokens};

pub use error::DeviceError;
pub use prompt::DevicePrompt;

mod error;
mod prompt;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// The longest wait between two questions, in seconds.
const MAX_WAIT: i64 = 300;

/// A device sign-in before the provider has given its codes.
#[derive(Debug)]
pub struct DeviceStart {
    issuer: Issuer,
    endpoint: Endpoint,
    token_endpoint: Endpoint,
    client: ClientSettings,
    auth: ClientAuth,
    asked: Asked,
    params: Vec<(String, String)>,
}

impl DeviceStart {
    /// Prepares it. The parameters of an authorization request count here too: whether a provider minds them is
    /// its own business.
    ///
    /// # Errors
    /// [`DeviceError::NotOffered`] where the provider has no such endpoint, or the client's settings.
    pub fn begin(metadata: &Metadata, client: &ClientSettings, ask: &Ask) -> Result<Self, DeviceError> {
        client.check()?;
        check_params(&ask.params)?;
        let params = further_params(client, ask);
        Ok(Self {
            issuer: metadata.issuer.clone(),
            endpoint: metadata.device_authorization_endpoint.clone().ok_or(DeviceError::NotOffered)?,
            token_endpoint: metadata.token_endpoint.clone(),
            auth: ClientAuth::choose(metadata, client)?,
            asked: Asked::of(client, &params)?,
            client: client.clone(),
            params,
        })
    }

    /// The request for the codes (RFC 8628 section 3.1).
    #[must_use]
    pub fn request(&self) -> Request {
        let mut pairs = vec![("scope".to_owned(), self.asked.scopes.join(" "))];
        pairs.extend(self.params.iter().cloned());
        pairs.retain(|(_, value)| !value.is_empty());
        form_post(&self.endpoint, &self.client, &self.auth, &pairs, Unsealed::client(&self.client, &self.auth))
    }

    /// Reads the codes. `now` is when the answer came, Unix seconds.
    ///
    /// # Errors
    /// [`DeviceError`] where there are none, or where they point to an address that must not be opened.
    pub fn finish(self, response: &Response, now: i64) -> Result<(DevicePrompt, DeviceSignIn), DeviceError> {
        let sent = sent(&self.client, None);
        let codes = prompt::read(response, &self.issuer, &sent)?;
        let prompt = codes.prompt(now);
        let sign_in = DeviceSignIn {
            token_endpoint: self.token_endpoint,
            client: self.client,
            auth: self.auth,
            asked: self.asked,
            interval: codes.interval,
            unanswered: 0,
            // The first question waits as well: nobody types that fast.
            next_at: now.saturating_add(codes.interval),
            expires_at: prompt.expires_at,
            device_code: codes.device_code,
        };
        Ok((prompt, sign_in))
    }
}

/// A device sign-in that waits for the person. Every answer gives the next one.
#[derive(Debug)]
pub struct DeviceSignIn {
    token_endpoint: Endpoint,
    client: ClientSettings,
    auth: ClientAuth,
    asked: Asked,
    device_code: DeviceCode,
    interval: i64,
    /// Questions in a row to which nothing came.
    unanswered: u32,
    next_at: i64,
    expires_at: i64,
}

/// What to do now.
#[derive(Debug)]
pub enum DeviceStep {
    /// Nothing before this time, Unix seconds (DEV-01).
    WaitUntil(i64),
    /// Ask: this request, once, by [`Sending`](crate::Sending).
    Ask(Box<Request>),
    /// The code is no longer good: start again for a new one (DEV-03).
    Expired,
}

/// What came of a question.
#[derive(Debug)]
pub enum DeviceAnswer {
    /// The person has not decided yet.
    Waiting(Box<DeviceSignIn>),
    /// The person has signed in. The ID token has no nonce and is to be verified without.
    SignedIn(Box<Tokens>),
}

impl DeviceSignIn {
    /// What to do at this time, Unix seconds.
    #[must_use]
    pub fn step(&self, now: i64) -> DeviceStep {
        if now >= self.expires_at {
            return DeviceStep::Expired;
        }
        if now < self.next_at {
            return DeviceStep::WaitUntil(self.next_at.min(self.expires_at));
        }
        let pairs =
            [("grant_type".to_owned(), GRANT.to_owned()), ("device_code".to_owned(), for_request(&self.device_code))];
        let needs = Unsealed::for_tokens(&self.client, &self.auth);
        DeviceStep::Ask(Box::new(form_post(&self.token_endpoint, &self.client, &self.auth, &pairs, needs)))
    }

    /// What was asked: see [`Expected::satisfying`](crate::Expected::satisfying).
    #[must_use]
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Reads the answer to a question. The `error` in its body counts, not the status: Auth0 answers
    /// `authorization_pending` with 403 and `slow_down` with 429 (DEV-06). The wait begins when it came, at `now`.
    ///
    /// # Errors
    /// [`DeviceError`] ends the sign-in: nothing may be asked again (DEV-03, HP-86).
    pub fn finish(self, response: &Response, now: i64) -> Result<DeviceAnswer, DeviceError> {
        let sent = sent(&self.client, Some(&self.device_code));
        match error_code(response).as_deref() {
            Some("authorization_pending") => Ok(DeviceAnswer::Waiting(Box::new(self.answered(0, now)))),
            // For this and every later question (DEV-02).
            Some("slow_down") => Ok(DeviceAnswer::Waiting(Box::new(self.answered(5, now)))),
            Some("access_denied") => Err(DeviceError::Denied),
            Some("expired_token") => Err(DeviceError::Expired),
            None if is_busy(response) => {
                let wait = retry_after(response).and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or(0);
                let mut next = self.no_answer(now);
                next.next_at = next.next_at.max(now.saturating_add(wait));
                Ok(DeviceAnswer::Waiting(Box::new(next)))
            }
            Some(_) | None => {
                let tokens = read_tokens(response, &sent, Allowed::by(&self.client))?;
                if self.client.wants_id_token() && tokens.id_token.is_none() {
                    return Err(TokenError::IdTokenMissing.into());
                }
                Ok(DeviceAnswer::SignedIn(Box::new(tokens)))
            }
        }
    }

    /// Nothing came to a question, from the network or from a provider that is busy: each time in a row the wait
    /// doubles (DEV-04).
    #[must_use]
    pub fn no_answer(mut self, now: i64) -> Self {
        self.unanswered = self.unanswered.saturating_add(1);
        let wait = self.interval.saturating_mul(1 << self.unanswered.min(8)).min(MAX_WAIT.max(self.interval));
        self.next_at = now.saturating_add(wait);
        self
    }

    fn answered(mut self, slower: i64, now: i64) -> Self {
        self.unanswered = 0;
        self.interval = self.interval.saturating_add(slower);
        self.next_at = now.saturating_add(self.interval);
        self
    }
}

fn sent(client: &ClientSettings, device_code: Option<&DeviceCode>) -> Scrub {
    let mut sent = Scrub::default();
    if let Some(code) = device_code {
        sent.add(code);
    }
    if let Some(secret) = &client.client_secret {
        sent.add(secret);
    }
    sent
}

#[cfg(test)]
mod tests;
