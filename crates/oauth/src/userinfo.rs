//! The userinfo endpoint (OpenID Connect Core section 5.3): details for display, used only when they are about
//! the person of the ID token (IDT-19).

use http::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use serde_json::{Map, Value};

use crate::answer::{Media, Request, Response, is_busy, is_web_page, redirect};
use crate::check::{Ledger, Report, Rule, Verdict};
use crate::dpop::DpopKey;
use crate::endpoint::Endpoint;
use crate::id_token::{Expected, IdTokenError, StandardClaims};
use crate::json::{Limits, read_document, type_name};
use crate::jwks::KeySet;
use crate::metadata::Metadata;
use crate::seal::Unsealed;
use crate::secret::for_request;
use crate::text::{Scrub, clean};
use crate::token::TokenType;
use crate::{AccessToken, Fault, IdTokenText};

mod signed;

const LIMITS: Limits = Limits { bytes: 512 * 1024, depth: 32 };

const FORMAT: Rule = Rule { name: "userinfo.format", source: "OpenID Connect Core 5.3.2" };
const SUB: Rule = Rule { name: "userinfo.sub", source: "OpenID Connect Core 5.3.2" };

/// Details of the person.
#[derive(Clone)]
#[non_exhaustive]
pub struct UserInfo {
    /// The same as in the ID token.
    pub sub: String,
    /// For display.
    pub standard: StandardClaims,
    /// All of them.
    pub raw: Value,
}

impl std::fmt::Debug for UserInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserInfo").finish_non_exhaustive()
    }
}

/// The request, with the token in its header and never in the address (CORE-14).
#[must_use]
pub fn userinfo_request(endpoint: &Endpoint, access_token: &AccessToken) -> Request {
    request(endpoint, access_token, TokenType::Bearer)
}

/// The same with a token that is bound to a key (RFC 9449 section 7.1): send it by [`Sending`](crate::Sending).
#[must_use]
pub fn userinfo_request_bound(endpoint: &Endpoint, access_token: &AccessToken, key: &DpopKey) -> Request {
    let request = request(endpoint, access_token, TokenType::Dpop);
    Unsealed::at_resource(key.clone(), access_token.clone()).put_on(request)
}

fn request(endpoint: &Endpoint, access_token: &AccessToken, token_type: TokenType) -> Request {
    let mut request = http::Request::new(Vec::new());
    *request.uri_mut() = endpoint.uri().clone();
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    // A token with other characters was refused when it came; without a header the provider answers 401.
    if let Ok(mut value) = HeaderValue::from_str(&format!("{} {}", token_type.as_str(), for_request(access_token))) {
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
    }
    request
}

/// Reads the answer; `sub` is the person of the verified ID token. Any error leaves the sign-in good and drops
/// the details (U-01 to U-03).
#[must_use]
pub fn finish_userinfo(response: &Response, sub: &str) -> Report<UserInfo, UserInfoError> {
    let mut ledger = Ledger::new();
    let claims = match read(response) {
        Ok(claims) => {
            ledger.enter(FORMAT, Verdict::passed("a JSON object", "a JSON object"));
            claims
        }
        Err(error) => {
            ledger.enter(FORMAT, Verdict::failed("a JSON object", error.to_string(), error));
            ledger.enter(SUB, Verdict::not_applicable(sub, "the answer could not be read"));
            return ledger.close(|| unreachable!("the format has failed"));
        }
    };
    ledger.enter(SUB, judge_sub(&claims, sub));
    ledger.close(|| {
        Ok(UserInfo { sub: sub.to_owned(), standard: StandardClaims::read(&claims), raw: Value::Object(claims) })
    })
}

/// The same, where the details may also come signed (OpenID Connect Core section 5.3.2): a signed answer is
/// believed only with the provider's signature, its name and ours (IDT-20). [`UserInfoError::unknown_key`] asks
/// the caller to fetch the keys once more.
#[must_use]
pub fn finish_userinfo_signed(
    response: &Response,
    sub: &str,
    keys: &KeySet,
    metadata: &Metadata,
    client_id: &str,
) -> Report<UserInfo, UserInfoError> {
    let is_signed = response.status().as_u16() == 200 && Media::of(response) == Media::Jwt;
    match std::str::from_utf8(response.body()) {
        Ok(text) if is_signed => {
            // Times are optional in it and not looked at: the answer came over TLS just now.
            let mut expected = Expected::new(metadata, client_id, 0);
            expected.allowed_algs = metadata.userinfo_algs();
            signed::finish(&IdTokenText::new(text.trim().to_owned()), sub, keys, &expected)
        }
        Ok(_) | Err(_) => finish_userinfo(response, sub),
    }
}

/// Byte for byte the person of the ID token (IDT-19).
fn judge_sub(claims: &Map<String, Value>, sub: &str) -> Verdict<UserInfoError> {
    let got = match claims.get("sub") {
        Some(Value::String(got)) => clean(got, 200),
        Some(other) => type_name(other).to_owned(),
        None => "nothing".to_owned(),
    };
    if claims.get("sub").and_then(Value::as_str) == Some(sub) {
        return Verdict::passed(sub, got);
    }
    let error = UserInfoError::SubMismatch { expected: clean(sub, 200), got: got.clone() };
    Verdict::failed(sub, got, error)
}

fn read(response: &Response) -> Result<Map<String, Value>, UserInfoError> {
    if let Some(to) = redirect(response, &Scrub::default()) {
        return Err(UserInfoError::Redirected { to });
    }
    let status = response.status().as_u16();
    if status != 200 {
        return Err(UserInfoError::Unavailable { status, for_now: is_busy(response) });
    }
    if Media::of(response) == Media::Jwt {
        return Err(UserInfoError::SignedUnsupported);
    }
    if is_web_page(response) {
        return Err(UserInfoError::BadDocument { problem: "it is a web page".to_owned() });
    }
    match read_document(response.body(), LIMITS) {
        Ok(Value::Object(claims)) => Ok(claims),
        Ok(other) => {
            Err(UserInfoError::BadDocument { problem: format!("it is {} and not an object", type_name(&other)) })
        }
        Err(fault) => Err(UserInfoError::BadDocument { problem: fault.to_string() }),
    }
}

/// Why the details are not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserInfoError {
    /// U-02
    #[error("The provider did not give the profile details (HTTP {status}).")]
    Unavailable {
        /// What came.
        status: u16,
        /// Whether it may pass by itself.
        for_now: bool,
    },
    /// CORE-16
    #[error("The userinfo endpoint redirects to `{to}`; redirects are not followed there.")]
    Redirected {
        /// Without its query.
        to: String,
    },
    /// Not a document that is read.
    #[error("The profile details cannot be read: {problem}.")]
    BadDocument {
        /// What is wrong with it.
        problem: String,
    },
    /// `application/jwt`, which nobody asked for.
    #[error("The profile details are a signed token; plain JSON is expected.")]
    SignedUnsupported,
    /// IDT-20, HP-UI-03
    #[error("{}", of_details(&.0.to_string()))]
    Signed(IdTokenError),
    /// IDT-19, HP-23
    #[error("The profile details are about `{got}`, expected `{expected}`.")]
    SubMismatch {
        /// Of the ID token, cleaned.
        expected: String,
        /// Cleaned.
        got: String,
    },
}

impl UserInfoError {
    /// Whether fetching the provider's keys once more may help (IDT-17).
    #[must_use]
    pub fn unknown_key(&self) -> bool {
        matches!(self, Self::Signed(error) if error.unknown_key())
    }
}

/// The rules are those of ID tokens; the sentence is about the details.
fn of_details(sentence: &str) -> String {
    sentence.replace("an ID token", "signed profile details").replace("The ID token", "The signed profile answer")
}

impl Fault for UserInfoError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "userinfo.unavailable",
            Self::Redirected { .. } => "net.unexpected_redirect",
            Self::BadDocument { .. } => "userinfo.bad_document",
            Self::SignedUnsupported => "userinfo.signed_unsupported",
            Self::Signed(_) => "userinfo.signature_refused",
            Self::SubMismatch { .. } => "userinfo.sub_mismatch",
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::Unavailable { .. }
            | Self::Redirected { .. }
            | Self::BadDocument { .. }
            | Self::Signed(_)
            | Self::SubMismatch { .. } => {
                "You are signed in all the same; name and picture come from the ID token only."
            }
            Self::SignedUnsupported => "At the provider, switch off signed userinfo for this application.",
        }
        .to_owned()
    }

    fn retryable(&self) -> bool {
        matches!(self, Self::Unavailable { for_now: true, .. })
    }
}

#[cfg(test)]
mod tests;
