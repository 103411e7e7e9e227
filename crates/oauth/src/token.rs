//! Answers of the token endpoint (RFC 6749 sections 5.1 and 5.2). The oauth2 crate makes the requests; its own
//! reader of answers is not used, because it accepts a member twice, tells faults apart in prose only, and
//! keeps the raw body, tokens included, in the error's `Debug`.

use serde_json::{Map, Value};

use crate::answer::{Media, Response, is_busy, is_web_page, redirect, retry_after};
use crate::client::ClientSettings;
use crate::json::{JsonFault, Limits, read_answer, read_document, type_name};
use crate::text::Scrub;
use crate::{AccessToken, IdTokenText, RefreshToken};

pub use checks::check_token_answer;
pub use error::TokenError;

mod checks;
pub(crate) mod error;

const LIMITS: Limits = Limits { bytes: 1024 * 1024, depth: 32 };
const FORM: &str = "application/x-www-form-urlencoded";
/// The longest token (CORE-11).
const MAX_TOKEN: usize = 64 * 1024;
/// Ten years; no token lives longer (T-11).
const MAX_LIFE: u64 = 10 * 365 * 24 * 60 * 60;

/// What the token endpoint gave.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// For resource servers.
    pub access_token: AccessToken,
    /// How to present it.
    pub token_type: TokenType,
    /// Its life in seconds from the answer, at most ten years; nothing when not told, which does not mean
    /// for ever (CORE-09).
    pub expires_in: Option<u64>,
    /// What was granted; nothing when it is what was asked (CORE-10).
    pub scope: Option<Vec<String>>,
    /// For the next renewal; in the answer of a renewal nothing means: keep the old one (RT-02).
    pub refresh_token: Option<RefreshToken>,
    /// The refresh token's life in seconds from the answer, at most ten years, where a provider tells:
    /// `refresh_token_expires_in` or `refresh_expires_in`, which no standard knows. Nothing for one without an end.
    pub refresh_expires_in: Option<u64>,
    /// Who signed in, not yet verified.
    pub id_token: Option<IdTokenText>,
    /// What was granted in detail (RFC 9396 section 7); a list, or nothing. Words of others, and personal data.
    pub authorization_details: Option<AuthorizationDetails>,
}

/// What was granted in detail (RFC 9396 section 7).
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationDetails(Value);

impl AuthorizationDetails {
    /// The list as it came.
    #[must_use]
    pub fn list(&self) -> &Value {
        &self.0
    }
}

impl std::fmt::Debug for AuthorizationDetails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[redacted n={}]", self.0.as_array().map_or(0, Vec::len))
    }
}

/// How an access token is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenType {
    /// RFC 6750
    Bearer,
    /// RFC 9449: with a proof each time.
    Dpop,
    /// `N_A`: what was given for another token and is no access token (RFC 8693 section 2.2.1).
    NotApplicable,
}

impl TokenType {
    /// As it stands in answers and in `Authorization` headers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
            Self::NotApplicable => "N_A",
        }
    }
}

/// How an answer may look, given what was sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowed {
    binding: Binding,
    form: Form,
}

/// Whether the token must be bound to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Binding {
    /// No proof was sent.
    Free,
    /// A DPoP proof was.
    Bound,
    /// The same, for a token that may be somebody else's.
    Either,
    /// No proof was sent, for a token that may be somebody else's.
    Foreign,
}

/// Whether a form is read like JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Refused,
    Read,
}

impl Allowed {
    pub(crate) fn by(client: &ClientSettings) -> Self {
        let binding = if client.dpop.is_some() { Binding::Bound } else { Binding::Free };
        Self { binding, form: if client.form_answers { Form::Read } else { Form::Refused } }
    }

    /// For a token that another gave, through the provider (RFC 8693).
    pub(crate) fn exchanged(client: &ClientSettings) -> Self {
        let binding = if client.dpop.is_some() { Binding::Either } else { Binding::Foreign };
        Self { binding, ..Self::by(client) }
    }
}

impl TokenType {
    /// As it stands in an `Authorization` header.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
            Self::NotApplicable => "N_A",
        }
    }
}

/// Reads an answer of the token endpoint. `sent` is kept out of every sentence.
pub(crate) fn read_tokens(response: &Response, sent: &Scrub, allowed: Allowed) -> Result<Tokens, TokenError> {
    read_members(response, sent, allowed)?.tokens(sent, allowed)
}

/// The same, with `issued_token_type` (RFC 8693 section 2.2.1).
pub(crate) fn read_exchanged(
    response: &Response,
    sent: &Scrub,
    allowed: Allowed,
) -> Result<(Tokens, Option<String>), TokenError> {
    let members = read_members(response, sent, allowed)?;
    let issued = members.present("issued_token_type").and_then(Value::as_str).map(str::to_owned);
    Ok((members.tokens(sent, allowed)?, issued))
}

/// A good answer's members.
fn read_members(response: &Response, sent: &Scrub, allowed: Allowed) -> Result<Members, TokenError> {
    if let Some(to) = redirect(response, sent) {
        return Err(TokenError::UnexpectedRedirect { to });
    }
    let status = response.status().as_u16();
    let is_success = response.status().is_success();
    let media = Media::of(response);
    let document = match read_body(response, &media, sent, allowed.form) {
        Ok(members) => members,
        Err(_) if is_busy(response) => return Err(server_error(response, None)),
        Err(_) if status == 401 => {
            return Err(TokenError::ClientRejected { error: "HTTP 401".into(), description: None });
        }
        Err(error @ TokenError::NotJson { .. }) => return Err(error),
        Err(_) if !is_success => return Err(TokenError::UnexpectedStatus { status }),
        Err(error) => return Err(error),
    };
    let members = Members(document);
    match members.error() {
        Ok(Some(error)) => return Err(refused(response, error, &members, sent)),
        Ok(None) | Err(_) if is_busy(response) => return Err(server_error(response, None)),
        Ok(None) => {}
        Err(error) => return Err(error),
    }
    if !is_success {
        return Err(TokenError::UnexpectedStatus { status });
    }
    Ok(members)
}

/// The `error` in an answer, whatever its status (DEV-06).
pub(crate) fn error_code(response: &Response) -> Option<String> {
    if is_web_page(response) {
        return None;
    }
    let document = read_document(response.body(), LIMITS).ok()?;
    document.get("error").and_then(Value::as_str).filter(|error| !error.is_empty()).map(str::to_owned)
}

fn read_body(response: &Response, media: &Media, sent: &Scrub, form: Form) -> Result<Map<String, Value>, TokenError> {
    if response.body().len() > LIMITS.bytes {
        return Err(TokenError::TooLarge { what: "The answer".into(), limit: LIMITS.bytes });
    }
    if form == Form::Read && matches!(media, Media::Other(other) if other == FORM) {
        return read_form(response.body(), sent);
    }
    let is_json = matches!(media, Media::Json | Media::Untold);
    if is_web_page(response) || (!is_json && response.status().is_success()) {
        let declared = match media {
            Media::Html => "text/html".to_owned(),
            Media::Jwt => "application/jwt".to_owned(),
            Media::Json => "application/json".to_owned(),
            Media::Untold => "nothing".to_owned(),
            Media::Other(other) => sent.clean(other, 80),
        };
        return Err(TokenError::NotJson { declared, start: start_of(response.body(), sent) });
    }
    match read_answer(response.body(), LIMITS, sent) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(other) => Err(TokenError::NotObject { got: type_name(&other) }),
        Err(JsonFault::NumberOutOfRange { member }) => {
            Err(TokenError::BadField { field: member, expected: "a number in range", got: "a number out of range" })
        }
        Err(fault) => Err(TokenError::BadDocument(fault)),
    }
}

/// A form as an object of texts (IDT-23): what GitHub answers to whoever does not insist on JSON.
fn read_form(body: &[u8], sent: &Scrub) -> Result<Map<String, Value>, TokenError> {
    let mut members = Map::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        let shown = sent.clean(&name, 64);
        if members.insert(name.into_owned(), Value::String(value.into_owned())).is_some() {
            return Err(TokenError::BadDocument(JsonFault::DuplicateMember { name: shown }));
        }
    }
    Ok(members)
}

/// The first 80 characters of a body that is not what was expected, and only of one that cannot hold secrets.
fn start_of(body: &[u8], sent: &Scrub) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start();
    let lower = text.to_ascii_lowercase();
    let is_markup = text.starts_with('<');
    let may_hold_secrets = ["token", "secret", "eyj", "code"].iter().any(|word| lower.contains(word));
    (is_markup && !may_hold_secrets).then(|| sent.clean(text, 80))
}

fn server_error(response: &Response, description: Option<String>) -> TokenError {
    TokenError::ServerError { status: response.status().as_u16(), retry_after: retry_after(response), description }
}

/// An answer with an `error` member is a refusal whatever its status (HP-TK-02).
fn refused(response: &Response, error: &str, members: &Members, sent: &Scrub) -> TokenError {
    let description = members.0.get("error_description").and_then(Value::as_str).map(|text| sent.clean(text, 300));
    match error {
        "invalid_grant" => TokenError::CodeRejected { description },
        "invalid_client" | "unauthorized_client" => TokenError::ClientRejected { error: error.to_owned(), description },
        "invalid_scope" => TokenError::InvalidScope { description },
        "invalid_target" => TokenError::InvalidTarget { description },
        "invalid_dpop_proof" | "use_dpop_nonce" => TokenError::ProofRejected { description, skew: None },
        "unsupported_grant_type" => TokenError::UnsupportedGrant { description },
        "server_error" | "temporarily_unavailable" => server_error(response, description),
        _ if is_busy(response) => server_error(response, description),
        other => TokenError::Refused { error: sent.clean(other, 80), description },
    }
}

struct Members(Map<String, Value>);

impl Members {
    /// A member that says something; `null` counts as absent.
    fn present(&self, field: &str) -> Option<&Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    fn error(&self) -> Result<Option<&str>, TokenError> {
        match self.present("error") {
            None => Ok(None),
            Some(Value::String(error)) => Ok(Some(error).filter(|error| !error.is_empty()).map(String::as_str)),
            Some(other) => Err(bad("error", "text", type_name(other))),
        }
    }

    fn tokens(mut self, sent: &Scrub, allowed: Allowed) -> Result<Tokens, TokenError> {
        let token_type = self.token_type(sent, allowed)?;
        let expires_in = self.expires_in()?;
        let scope = match self.present("scope") {
            None => None,
            // GitHub parts them by commas, JSON or not (T-13).
            Some(Value::String(scope)) => {
                let parts = |c: char| c.is_ascii_whitespace() || (allowed.form == Form::Read && c == ',');
                Some(scope.split(parts).filter(|scope| !scope.is_empty()).map(str::to_owned).collect())
            }
            Some(other) => return Err(bad("scope", "text", type_name(other))),
        };
        let details = match self.present("authorization_details") {
            None => None,
            Some(list @ Value::Array(_)) => Some(AuthorizationDetails(list.clone())),
            Some(other) => return Err(bad("authorization_details", "a list", type_name(other))),
        };
        let access_token = self.take_token("access_token")?.ok_or_else(|| self.why_no_access_token())?;
        Ok(Tokens {
            access_token: AccessToken::new(access_token),
            token_type,
            expires_in,
            refresh_expires_in: self.refresh_expires_in(),
            scope,
            refresh_token: self.take_token("refresh_token")?.map(RefreshToken::new),
            id_token: self.take_token("id_token")?.map(IdTokenText::new),
            authorization_details: details,
        })
    }

    fn why_no_access_token(&self) -> TokenError {
        let got = match self.0.get("access_token") {
            None => "nothing",
            Some(Value::String(_)) => "empty text",
            Some(other) => type_name(other),
        };
        bad("access_token", "text", got)
    }

    /// Moves a token out of the document; an empty one counts as absent.
    fn take_token(&mut self, field: &'static str) -> Result<Option<String>, TokenError> {
        match self.0.get_mut(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(token)) if token.is_empty() => Ok(None),
            Some(Value::String(token)) if token.len() > MAX_TOKEN => {
                Err(TokenError::TooLarge { what: format!("`{field}`"), limit: MAX_TOKEN })
            }
            // It goes into a header or a form: a line break in it would be an attack or a fault.
            Some(Value::String(token)) if !token.bytes().all(|b| (0x20..=0x7e).contains(&b)) => {
                Err(bad(field, "printable ASCII text", "other characters"))
            }
            Some(Value::String(token)) => Ok(Some(std::mem::take(token))),
            Some(other) => Err(bad(field, "text", type_name(other))),
        }
    }

    /// Letter case does not count (CORE-08). A token that anybody can use in answer to a proof is a downgrade,
    /// and one that needs a proof nobody can make is of no use (DPOP-05).
    fn token_type(&self, sent: &Scrub, allowed: Allowed) -> Result<TokenType, TokenError> {
        let is = |name: &str, wanted: &str| name.eq_ignore_ascii_case(wanted);
        match (self.present("token_type"), allowed.binding) {
            (Some(Value::String(name)), Binding::Bound | Binding::Either) if is(name, "dpop") => Ok(TokenType::Dpop),
            (Some(Value::String(name)), Binding::Bound) if is(name, "bearer") => Err(TokenError::DpopDowngrade),
            (Some(Value::String(name)), _) if is(name, "bearer") => Ok(TokenType::Bearer),
            (Some(Value::String(name)), Binding::Either | Binding::Foreign) if is(name, "n_a") => {
                Ok(TokenType::NotApplicable)
            }
            (Some(Value::String(name)), _) => {
                Err(TokenError::UnsupportedType { got: format!("`{}`", sent.clean(name, 40)) })
            }
            (Some(other), _) => Err(bad("token_type", "text", type_name(other))),
            (None, _) => Err(TokenError::UnsupportedType { got: "nothing".into() }),
        }
    }

    /// No standard has it, so what cannot be understood is as good as absent. Zero is how Keycloak says that there is no
    /// end.
    fn refresh_expires_in(&self) -> Option<u64> {
        let told = ["refresh_token_expires_in", "refresh_expires_in"];
        let seconds = told.into_iter().find_map(|name| match self.present(name)? {
            Value::Number(number) => number.as_u64(),
            Value::String(digits) => digits.parse().ok(),
            _ => None,
        });
        seconds.filter(|seconds| *seconds > 0).map(|seconds| seconds.min(MAX_LIFE))
    }

    fn expires_in(&self) -> Result<Option<u64>, TokenError> {
        const EXPECTED: &str = "a number of seconds from 0 on";
        let seconds = match self.present("expires_in") {
            None => return Ok(None),
            Some(Value::Number(number)) => match (number.as_u64(), number.as_f64()) {
                (Some(seconds), _) => seconds,
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; not negative")]
                (None, Some(seconds)) if seconds >= 0.0 => seconds as u64,
                _ => return Err(bad("expires_in", EXPECTED, "a negative number")),
            },
            // Seen in the wild.
            Some(Value::String(digits)) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().unwrap_or(u64::MAX)
            }
            Some(other) => return Err(bad("expires_in", EXPECTED, type_name(other))),
        };
        Ok(Some(seconds.min(MAX_LIFE)))
    }
}

fn bad(field: &str, expected: &'static str, got: &'static str) -> TokenError {
    TokenError::BadField { field: field.to_owned(), expected, got }
}

#[cfg(test)]
mod tests;
