//! The one place that draws randomness, and the comparing and fingerprinting of what was drawn.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// SHA-256 of a secret: what the provider keeps instead of the secret.
pub(crate) type Fingerprint = [u8; 32];

/// 256 random bits as 43 characters of base64url.
#[expect(clippy::disallowed_methods, reason = "the provider is a program of its own: this is its one source")]
pub(crate) fn token() -> String {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).expect("the system gives randomness");
    base64url(&bytes)
}

/// A short random name for things that are not secret, such as key ids.
pub(crate) fn name() -> String {
    token()[..10].to_owned()
}

pub(crate) fn fingerprint(secret: &str) -> Fingerprint {
    Sha256::digest(secret.as_bytes()).into()
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Compares in constant time; the lengths may show.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}
