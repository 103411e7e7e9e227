//! The provider's keys, read one by one: a key that is strange, weak or meant for something else is left out
//! with the reason, and the others serve (IDT-18, rows HP-JW-01 to HP-JW-04, J-08).

use jsonwebtoken::DecodingKey;
use serde_json::Value;

use crate::Fault;
use crate::answer::{Response, is_busy, is_web_page, page_title, redirect};
use crate::json::{JsonFault, Limits, read_document, type_name};
use crate::signing_alg::{KeyShape, SigningAlg};
use crate::text::Scrub;

mod key;

const LIMITS: Limits = Limits { bytes: 512 * 1024, depth: 32 };
const MAX_KEYS: usize = 200;

/// The public keys a provider signs with (RFC 7517 section 5).
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: Vec<Key>,
    skipped: Vec<SkippedKey>,
}

/// One key that can verify.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) kid: Option<String>,
    pub(crate) alg: Option<SigningAlg>,
    pub(crate) shape: KeyShape,
    pub(crate) decoding: DecodingKey,
}

/// A key of the document that is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedKey {
    /// Its place in the document, from 0.
    pub index: usize,
    /// Its name, cleaned.
    pub kid: Option<String>,
    /// Why, as the end of a sentence that begins with the key.
    pub reason: String,
}

impl KeySet {
    /// No keys: what there is before they are fetched.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// How many keys can verify.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key can verify.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The names of the keys that can verify, cleaned.
    #[must_use]
    pub fn kids(&self) -> Vec<String> {
        self.keys.iter().filter_map(|key| key.kid.as_deref()).map(|kid| crate::text::clean(kid, 80)).collect()
    }

    /// The keys that are not used, and why.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    /// Keys that fit a header: by name where it names one, always by type and algorithm, since a name may be
    /// used twice (HP-78).
    pub(crate) fn fitting<'a>(&'a self, kid: Option<&'a str>, alg: SigningAlg) -> impl Iterator<Item = &'a Key> {
        self.keys.iter().filter(move |key| {
            key.shape == alg.shape()
                && key.alg.is_none_or(|own| own == alg || is_ed25519_pair(own, alg))
                && kid.is_none_or(|kid| key.kid.as_deref() == Some(kid))
        })
    }
}

/// `EdDSA` and `Ed25519` are two names of one thing (RFC 9864).
fn is_ed25519_pair(a: SigningAlg, b: SigningAlg) -> bool {
    a.shape() == KeyShape::Ed25519 && b.shape() == KeyShape::Ed25519
}

/// Reads the answer of `jwks_uri`.
///
/// # Errors
/// [`JwksError`] when there is no key set in it. A set without one usable key is no error here: the signature
/// check names what was missing.
pub fn parse_key_set(response: &Response) -> Result<KeySet, JwksError> {
    if let Some(to) = redirect(response, &Scrub::default()) {
        return Err(JwksError::Redirected { to });
    }
    let status = response.status().as_u16();
    if status != 200 {
        return Err(JwksError::Unavailable { status, for_now: is_busy(response) });
    }
    if is_web_page(response) {
        return Err(JwksError::Html { title: page_title(response) });
    }
    let document = read_document(response.body(), LIMITS)?;
    let keys = match document.get("keys") {
        Some(Value::Array(keys)) => keys,
        Some(other) => return Err(JwksError::NoKeys { got: type_name(other) }),
        None => return Err(JwksError::NoKeys { got: "nothing" }),
    };
    if keys.len() > MAX_KEYS {
        return Err(JwksError::TooManyKeys { limit: MAX_KEYS, got: keys.len() });
    }
    let mut set = KeySet::default();
    for (index, jwk) in keys.iter().enumerate() {
        match key::read(jwk) {
            Ok(key) => set.keys.push(key),
            Err(reason) => {
                let kid = jwk.get("kid").and_then(Value::as_str).map(|kid| crate::text::clean(kid, 80));
                set.skipped.push(SkippedKey { index, kid, reason });
            }
        }
    }
    Ok(set)
}

/// Why there are no keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwksError {
    /// No success (J-01).
    #[error("The provider's keys could not be read (HTTP {status}).")]
    Unavailable {
        /// What came.
        status: u16,
        /// Whether it may pass by itself.
        for_now: bool,
    },
    /// It points elsewhere; not followed (CORE-16).
    #[error("The address of the provider's keys redirects to `{to}`; redirects are not followed there.")]
    Redirected {
        /// Without its query.
        to: String,
    },
    /// A web page.
    #[error("Expected the provider's keys, got a web page{}.", title.as_deref().map(|t| format!(" with the title “{t}”")).unwrap_or_default())]
    Html {
        /// Of the page, cleaned.
        title: Option<String>,
    },
    /// Not a document that is read.
    #[error("The provider's keys cannot be read: {0}.")]
    BadDocument(#[from] JsonFault),
    /// No list of keys in it.
    #[error("The provider's key document must have a list `keys`, got {got}.")]
    NoKeys {
        /// What is there.
        got: &'static str,
    },
    /// More than is read.
    #[error("The provider publishes {got} keys; at most {limit} are read.")]
    TooManyKeys {
        /// The most that is read.
        limit: usize,
        /// How many there are.
        got: usize,
    },
}

impl Fault for JwksError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "jwks.unavailable",
            Self::Redirected { .. } => "net.unexpected_redirect",
            Self::Html { .. } | Self::BadDocument(_) | Self::NoKeys { .. } | Self::TooManyKeys { .. } => {
                "jwks.bad_document"
            }
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::Unavailable { .. } => "Try again in a while; without its keys the provider's word cannot be checked.",
            Self::Html { .. } => "If this network asks for a sign-in of its own, do that first.",
            Self::Redirected { .. } | Self::BadDocument(_) | Self::NoKeys { .. } | Self::TooManyKeys { .. } => {
                "The provider must correct the document at its `jwks_uri`."
            }
        }
        .to_owned()
    }

    fn retryable(&self) -> bool {
        matches!(self, Self::Unavailable { for_now: true, .. })
    }
}

#[cfg(test)]
mod tests;
