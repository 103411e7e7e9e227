//! A request to a provider and its answer, as the journal tells them: everything that may be shown, and the fingerprint
//! of all else.
//!
//! What may be shown is listed ([`rules`]); whatever nobody has listed is a secret. What was a secret in one place of an
//! exchange is replaced in all others too, such as a code that an `error_description` repeats.

mod answer;
mod body;
mod edited;
mod request;
mod rules;
mod secrets;
#[cfg(test)]
mod tests;

use std::time::Duration;

use doorkey_client::words::{Edited, EventKind, Exchange, Pair, SentRequest};
use tokio::time::Instant;
use url::Url;

use crate::host::Host;
use crate::http::{Answer, HttpError};
use crate::journal::Trail;
pub(crate) use edited::differences;
use request::Sent;
pub(crate) use request::is_json;
use rules::Shape;
use secrets::Secrets;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The provider's description (RFC 8414, OpenID Connect Discovery).
    Metadata,
    /// Its keys (RFC 7517).
    Keys,
    /// An authorization request, before the browser opens (RFC 9126).
    Push,
    /// A code for another device (RFC 8628 section 3.1).
    Device,
    /// Tokens for a code, a device code, another token or the application itself.
    Token,
    /// Tokens for a refresh token.
    Renewal,
    /// Details of the person (OpenID Connect Core section 5.3).
    Userinfo,
    /// The same where the provider knows no OpenID Connect.
    Account,
    /// RFC 7009.
    Revocation,
    /// RFC 7662.
    Introspection,
    /// RFC 7591 and RFC 7592.
    Registration,
}

impl Purpose {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Keys => "keys",
            Self::Push => "push",
            Self::Device => "device",
            Self::Token => "token",
            Self::Renewal => "renewal",
            Self::Userinfo => "userinfo",
            Self::Account => "account",
            Self::Revocation => "revocation",
            Self::Introspection => "introspection",
            Self::Registration => "registration",
        }
    }

    fn shape(self) -> Shape {
        match self {
            Self::Metadata => Shape::Description,
            Self::Keys => Shape::Keys,
            Self::Userinfo | Self::Account | Self::Introspection => Shape::Person,
            Self::Push | Self::Device | Self::Token | Self::Renewal | Self::Revocation | Self::Registration => {
                Shape::Protocol
            }
        }
    }
}

/// Where a request belongs.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) trail: &'a Trail,
    pub(crate) purpose: Purpose,
}

impl Trail {
    /// A request that belongs to it.
    pub(crate) fn asking(&self, purpose: Purpose) -> Asking<'_> {
        Asking { trail: self, purpose }
    }
}

/// Sends a request, and tells the journal of it and of what came. The answer's body may have `cap` bytes. In step mode it
/// waits for the person first, who may edit it.
///
/// # Errors
/// As [`Http::send`](crate::http::Http::send); [`HttpError::Stopped`] when the person does not want it sent.
pub(crate) async fn exchanged(
    host: &Host,
    asking: Asking<'_>,
    request: http::Request<Vec<u8>>,
    cap: usize,
) -> Result<Answer, HttpError> {
    let (request, edited) = match asking.trail.steps() {
        Some(steps) => {
            let new = steps.before(asking.purpose, &request).await.map_err(|why| HttpError::Stopped(Box::new(why)))?;
            let edited = differences(&request, &new);
            // What is told of it is bounded; whether it was edited is not.
            let is_same =
                new.body() == request.body() && new.uri() == request.uri() && new.headers() == request.headers();
            if !edited.is_empty() || !is_same {
                steps.note_edited();
            }
            (new, edited)
        }
        None => (request, Vec::new()),
    };
    let sent = Sent::of(&request, asking.purpose);
    let noting = Noting { host, asking, sent: Some(sent), edited, began: Instant::now() };
    let outcome = host.http.send(request, cap).await;
    noting.ended(&outcome);
    outcome
}

/// A request that is under way. Whoever stops waiting drops it; it was sent all the same.
struct Noting<'a> {
    host: &'a Host,
    asking: Asking<'a>,
    sent: Option<Sent>,
    edited: Vec<Edited>,
    began: Instant,
}

impl Noting<'_> {
    fn ended(mut self, outcome: &Result<Answer, HttpError>) {
        let Some(Sent { request, mut secrets }) = self.sent.take() else { return };
        let purpose = self.asking.purpose;
        let (answer, problem) = match outcome {
            Ok(answer) => {
                let mut told = answer::told(&answer.response, purpose, &mut secrets);
                // An edited flow's document is told whole, and later ones are not told by it.
                let is_public = matches!(purpose, Purpose::Metadata | Purpose::Keys);
                if is_public && !self.asking.trail.is_edited() {
                    self.asking.trail.once(&request.url, answer.response.body(), &mut told);
                }
                (Some(told), None)
            }
            Err(error) => (None, Some(secrets.replaced(&error.refusal().message))),
        };
        let took_ms = milliseconds(self.began.elapsed());
        let edited = std::mem::take(&mut self.edited);
        let exchange = Exchange { purpose: purpose.word().to_owned(), request, answer, problem, took_ms, edited };
        self.asking.trail.record(self.host.now(), EventKind::Exchanged { exchange: Box::new(exchange) });
    }
}

impl Drop for Noting<'_> {
    fn drop(&mut self) {
        let Some(Sent { request, secrets: _ }) = self.sent.take() else { return };
        let exchange = Exchange {
            purpose: self.asking.purpose.word().to_owned(),
            request,
            answer: None,
            problem: Some("Nobody waited for the answer any more.".to_owned()),
            took_ms: milliseconds(self.began.elapsed()),
            edited: std::mem::take(&mut self.edited),
        };
        self.asking.trail.record(self.host.now(), EventKind::Exchanged { exchange: Box::new(exchange) });
    }
}

/// A request that waits, as a person is shown it: the address without its parameters, and these.
pub(crate) fn shown(request: &http::Request<Vec<u8>>, purpose: Purpose) -> (SentRequest, Vec<Pair>) {
    let Sent { request: mut told, mut secrets } = Sent::of(request, purpose);
    let query = parameters(request.uri().query().unwrap_or_default().as_bytes(), &mut secrets);
    if let Some((bare, _)) = told.url.split_once('?') {
        told.url = bare.to_owned();
    }
    (told, query)
}

/// What the browser is sent to: the address without its parameters, and these.
pub(crate) fn asked_of_browser(address: &Url) -> (String, Vec<Pair>) {
    let mut secrets = Secrets::default();
    let parameters = parameters(address.query().unwrap_or_default().as_bytes(), &mut secrets);
    let mut bare = address.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    (secrets.replaced(bare.as_str()), parameters)
}

/// What the browser brought: the query or the form.
pub(crate) fn brought_by_browser(encoded: &[u8]) -> Vec<Pair> {
    parameters(encoded, &mut Secrets::default())
}

fn parameters(encoded: &[u8], secrets: &mut Secrets) -> Vec<Pair> {
    request::form(encoded, secrets)
}

fn milliseconds(took: Duration) -> u32 {
    u32::try_from(took.as_millis()).unwrap_or(u32::MAX)
}
