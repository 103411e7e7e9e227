use std::fmt;
use std::marker::PhantomData;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A secret text of one kind; the kinds do not mix.
///
/// It has no `Display`, no `Serialize` and no `Deref`; `Debug` tells its length only; it is compared in
/// constant time; its memory is zeroed when it is dropped.
///
/// ```compile_fail,E0277
/// let token = doorkey_oauth::AccessToken::new("secret".to_owned());
/// println!("{token}"); // a secret has no Display
/// ```
pub struct Secret<Kind> {
    text: Zeroizing<String>,
    kind: PhantomData<fn() -> Kind>,
}

/// The kinds of secrets, as types that hold nothing.
pub mod kind {
    /// A secret that is kept for a while and may therefore be cloned.
    pub trait Kept {}

    macro_rules! kinds {
        ($($(#[$doc:meta])* $name:ident)*) => { $($(#[$doc])* #[derive(Debug)] pub enum $name {})* };
    }
    kinds! {
        /// See [`super::AccessToken`].
        AccessToken
        /// See [`super::RefreshToken`].
        RefreshToken
        /// See [`super::IdTokenText`].
        IdTokenText
        /// See [`super::ClientSecret`].
        ClientSecret
        /// See [`super::PrivateKeyText`].
        PrivateKeyText
        /// See [`super::DpopKeyText`].
        DpopKeyText
        /// See [`super::Nonce`].
        Nonce
        /// See [`super::State`].
        State
        /// See [`super::DeviceCode`].
        DeviceCode
        /// See [`super::Code`].
        Code
        /// See [`super::Verifier`].
        Verifier
    }
    impl Kept for AccessToken {}
    impl Kept for RefreshToken {}
    impl Kept for IdTokenText {}
    impl Kept for ClientSecret {}
    impl Kept for PrivateKeyText {}
    impl Kept for DpopKeyText {}
    impl Kept for Nonce {}
}

/// What a resource server takes (RFC 6749 section 1.4).
pub type AccessToken = Secret<kind::AccessToken>;
/// What renews an access token (RFC 6749 section 1.5).
pub type RefreshToken = Secret<kind::RefreshToken>;
/// An ID token as it came: three base64url parts (OpenID Connect Core section 2).
pub type IdTokenText = Secret<kind::IdTokenText>;
/// The client's password at the provider (RFC 6749 section 2.3.1).
pub type ClientSecret = Secret<kind::ClientSecret>;
/// A client's private key as PEM or JSON Web Key, before it is read (RFC 7523).
pub type PrivateKeyText = Secret<kind::PrivateKeyText>;
/// A DPoP key as it is kept (RFC 9449).
pub type DpopKeyText = Secret<kind::DpopKeyText>;
/// Binds an ID token to one sign-in (OpenID Connect Core section 3.1.2.1).
pub type Nonce = Secret<kind::Nonce>;
/// Binds a callback to one sign-in (RFC 6749 section 10.12). Not `Clone`.
pub type State = Secret<kind::State>;
/// An authorization code (RFC 6749 section 1.3.1). Not `Clone`: it is good for one exchange.
pub type Code = Secret<kind::Code>;
/// What a waiting device is known by (RFC 8628 section 3.2). Not `Clone`.
pub type DeviceCode = Secret<kind::DeviceCode>;
/// PKCE's code verifier (RFC 7636 section 4.1). Not `Clone`.
pub type Verifier = Secret<kind::Verifier>;

impl<Kind> Secret<Kind> {
    /// Takes a text that is secret from here on.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self { text: Zeroizing::new(text), kind: PhantomData }
    }

    /// The text itself. Calling this marks the place where the secret leaves its type.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Whether these are the secret's bytes, in a time that tells nothing but the length.
    #[must_use]
    pub fn matches(&self, bytes: &[u8]) -> bool {
        self.text.as_bytes().ct_eq(bytes).into()
    }

    /// Whether both are the same secret, in a time that tells nothing but the length.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        self.matches(other.text.as_bytes())
    }

    /// The first eight hex digits of its SHA-256: enough to recognise it, useless to anyone else.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(self.text.as_bytes())
    }

    /// Its length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// The text of a secret on its way into a request to the provider it belongs to.
#[expect(clippy::disallowed_methods, reason = "the provider gave it, or is about to: it leaves over TLS, in a request")]
pub(crate) fn for_request<Kind>(secret: &Secret<Kind>) -> String {
    secret.expose().to_owned()
}

/// The first eight hex digits of the SHA-256 of something that must not be shown.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

impl<Kind: kind::Kept> Clone for Secret<Kind> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), kind: PhantomData }
    }
}

impl<Kind> fmt::Debug for Secret<Kind> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[redacted len={}]", self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S-40: a secret is printed with `{:?}` | its length
    #[test]
    fn debug_tells_the_length_only() {
        assert_eq!(format!("{:?}", RefreshToken::new("CANARY_RT_1".into())), "[redacted len=11]");
    }

    /// S-43: a secret is dropped | its memory is zeroed first
    #[test]
    fn a_secret_is_of_what_is_zeroed_when_it_is_dropped() {
        fn zeroed<T: zeroize::ZeroizeOnDrop>(text: &T) -> &T {
            text
        }
        let secret = RefreshToken::new("CANARY_RT_1".into());
        assert_eq!(zeroed(&secret.text).len(), 11);
    }

    #[test]
    fn secrets_are_compared_byte_for_byte() {
        let state = State::new("abc".into());
        assert!(state.matches(b"abc"));
        for other in ["abC", "ab", "abcd", ""] {
            assert!(!state.matches(other.as_bytes()), "{other}");
        }
        assert!(state.same_as(&State::new("abc".into())));
    }

    #[test]
    fn a_fingerprint_is_the_start_of_the_sha_256() {
        assert_eq!(AccessToken::new("abc".into()).fingerprint(), "ba7816bf");
    }
}
