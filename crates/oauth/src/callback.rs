//! The answer of the authorization endpoint, as a browser brings it (RFC 6749 section 4.1.2, RFC 9207). What
//! does not carry our `state` is not ours and has no effect; what does is judged strictly.

use std::collections::HashMap;

use crate::text::clean;
use crate::{Code, State};

pub use error::{AuthorizationError, CallbackError};

mod checks;
mod error;
mod query;

/// What a request to the redirect URI is.
#[derive(Debug)]
pub enum Callback {
    /// Not an answer to this sign-in: it gets a small static page, and the wait goes on.
    NotOurs {
        /// Why.
        why: NotOurs,
        /// What it says went wrong: words anybody could have sent, to be shown as a hint only (L-21).
        hint: Option<String>,
    },
    /// The answer to this sign-in, good or bad: [`SignIn::accept`](crate::SignIn::accept) takes it.
    Ours(OurAnswer),
}

/// Why a request is not an answer to this sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotOurs {
    /// Nothing after the `?`, as when the answer stands in the fragment (HP-AZ-09).
    Empty,
    /// Longer than 8 KiB, or than 64 KiB as a form.
    TooLong,
    /// More than 32 parameters.
    TooManyParameters,
    /// A bad percent-escape, or text that is not UTF-8 (C-13).
    BadEncoding,
    /// A control character in `code` (C-13).
    BadCode,
    /// No `state`, or an empty one.
    NoState,
    /// `state` is there twice.
    StateTwice,
    /// `state` of another sign-in, or made up.
    WrongState,
    /// A form where an address was asked for, or the other way round (HP-AZ-15, C-22).
    WrongMode,
}

impl NotOurs {
    /// In a few words, for the journal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "no answer in it",
            Self::TooLong => "address too long",
            Self::TooManyParameters => "too many parameters",
            Self::BadEncoding => "bad encoding",
            Self::BadCode => "control character in the code",
            Self::NoState => "no state",
            Self::StateTwice => "state is there twice",
            Self::WrongState => "wrong state",
            Self::WrongMode => "not in the response mode that was asked for",
        }
    }
}

/// Parameters that count; each may be there once.
const KNOWN: [&str; 10] = [
    "code",
    "error",
    "error_description",
    "error_uri",
    "iss",
    "access_token",
    "id_token",
    "token_type",
    "response",
    "refresh_token",
];
/// Parameters that must never come in a query (NAT-10, HP-AZ-08; `response` is JARM, which was not asked for).
const FORBIDDEN: [&str; 4] = ["access_token", "id_token", "refresh_token", "response"];

/// An answer with the right `state`. What else is in it is told by [`SignIn::accept`](crate::SignIn::accept).
pub struct OurAnswer {
    state: State,
    code: Option<Code>,
    error: Option<String>,
    error_description: Option<String>,
    iss: Option<String>,
    forbidden: Option<&'static str>,
    twice: Option<&'static str>,
}

impl OurAnswer {
    /// The `error` it carries: for the page the browser lands on. What it means is told by
    /// [`SignIn::accept`](crate::SignIn::accept).
    #[must_use]
    pub fn error_code(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// The code of the refusal that this error alone would be; for the page the browser lands on, too.
    #[must_use]
    pub fn refusal_code(&self) -> Option<&'static str> {
        self.error.as_deref().map(|error| AuthorizationError::parse(error).code())
    }

    /// Whether that error only wants the person; see [`CallbackError::needs_interaction`].
    #[must_use]
    pub fn needs_interaction(&self) -> bool {
        self.error.as_deref().is_some_and(|error| AuthorizationError::parse(error).needs_interaction())
    }
}

impl std::fmt::Debug for OurAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OurAnswer").field("code", &self.code).field("is_error", &self.error.is_some()).finish()
    }
}

/// Judges a raw query against the state of the sign-in.
pub(crate) fn judge(query: &str, state: &State) -> Callback {
    judge_pairs(query::parse(query, query::MAX_QUERY), state)
}

/// Judges the body of a form.
pub(crate) fn judge_form(body: &[u8], state: &State) -> Callback {
    let form = std::str::from_utf8(body).map_err(|_| NotOurs::BadEncoding);
    judge_pairs(form.and_then(|form| query::parse(form, query::MAX_FORM)), state)
}

fn judge_pairs(pairs: Result<Vec<(String, String)>, NotOurs>, state: &State) -> Callback {
    let pairs = match pairs {
        Ok(pairs) => pairs,
        Err(why) => return Callback::NotOurs { why, hint: None },
    };
    let mut values: HashMap<&str, Vec<&str>> = HashMap::new();
    for (name, value) in &pairs {
        values.entry(name).or_default().push(value);
    }
    // An empty value counts as absent (RFC 6749 section 3.1).
    let first = |name: &str| values.get(name).and_then(|all| all.first()).copied().filter(|value| !value.is_empty());

    let claimed = values.get("state").map(Vec::as_slice).unwrap_or_default();
    let why = match claimed {
        [] | [""] => Some(NotOurs::NoState),
        [one] if state.matches(one.as_bytes()) => None,
        [_] => Some(NotOurs::WrongState),
        _ => Some(NotOurs::StateTwice),
    };
    let why = why
        .or_else(|| first("code").is_some_and(|code| code.chars().any(char::is_control)).then_some(NotOurs::BadCode));
    if let Some(why) = why {
        return Callback::NotOurs {
            why,
            hint: first("error").map(|error| untrusted(error, first("error_description"))),
        };
    }
    Callback::Ours(OurAnswer {
        state: State::new(claimed.first().copied().unwrap_or_default().to_owned()),
        code: first("code").map(|code| Code::new(code.to_owned())),
        error: first("error").map(str::to_owned),
        error_description: first("error_description").map(|text| clean(text, 300)),
        iss: first("iss").map(str::to_owned),
        forbidden: FORBIDDEN.into_iter().find(|name| first(name).is_some()),
        twice: KNOWN.into_iter().find(|name| values.get(name).is_some_and(|all| all.len() > 1)),
    })
}

/// Words without a state, for a hint.
fn untrusted(error: &str, description: Option<&str>) -> String {
    match description {
        Some(description) => clean(&format!("{error}: {description}"), 300),
        None => clean(error, 300),
    }
}

impl OurAnswer {
    /// The code, after everything that can be wrong with the answer. `iss` is looked at before the error: what
    /// another provider says is not shown as this one's word (ISS-04); and the error before the code (HP-AZ-02).
    pub(crate) fn code(self, state: &State, issuer: &str, iss_is_promised: bool) -> Result<Code, CallbackError> {
        if !self.state.same_as(state) {
            return Err(CallbackError::OtherSignIn);
        }
        if let Some(name) = self.twice {
            return Err(CallbackError::DuplicateParameter { name });
        }
        match &self.iss {
            // Byte for byte (RFC 9207 section 2.4).
            Some(iss) if iss != issuer => {
                return Err(CallbackError::IssMismatch { expected: issuer.to_owned(), got: clean(iss, 200) });
            }
            None if iss_is_promised => return Err(CallbackError::IssMissing { expected: issuer.to_owned() }),
            Some(_) | None => {}
        }
        if let Some(name) = self.forbidden {
            return Err(CallbackError::TokenInUrl { name });
        }
        if let Some(error) = self.error {
            return Err(CallbackError::refused(&error, self.error_description));
        }
        self.code.ok_or(CallbackError::NoCode)
    }
}

#[cfg(test)]
mod tests;
