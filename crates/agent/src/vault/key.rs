//! The vault's key: 32 random bytes that never leave this process except into the keyring.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// The key all records are sealed with. It has no `Debug` and is zeroed when it is dropped.
pub(super) struct Key(Zeroizing<[u8; 32]>);

/// Which key sealed a file. Not secret: it lets a missing key be told from a damaged file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyId(pub(super) [u8; 8]);

impl Key {
    pub(super) fn generate() -> Self {
        Self(Zeroizing::new(random()))
    }

    /// Nothing when the text is not base64 of exactly 32 bytes.
    pub(super) fn from_base64(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).ok()?);
        Self::from_slice(&bytes)
    }

    /// Nothing when there are not exactly 32 bytes.
    pub(super) fn from_slice(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// KWallet keeps texts only, so the bytes go as base64.
    pub(super) fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(*self.0))
    }

    #[cfg(test)]
    pub(super) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(super) fn id(&self) -> KeyId {
        let digest = Sha256::new_with_prefix(b"doorkey vault key id").chain_update(*self.0).finalize();
        let mut id = [0; 8];
        id.copy_from_slice(&digest[..8]);
        KeyId(id)
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&*other.0).into()
    }
}

/// Bytes from the operating system's generator, for names, nonces and keys.
#[expect(clippy::disallowed_methods, reason = "nobody but the system may choose a key or a nonce, no test either")]
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system always has random bytes once it has started");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_as_it_was_written() {
        let key = Key::generate();
        let again = Key::from_base64(&key.to_base64()).expect("it was just written");
        assert!(key.is(&again));
        assert_eq!(key.id(), again.id());
        assert!(!key.is(&Key::generate()));
        assert_ne!(key.id(), Key::generate().id());
    }

    #[test]
    fn what_is_not_32_bytes_of_base64_is_no_key() {
        for text in ["", "hello", "AAAA", "not base64 at all!", &STANDARD.encode([0; 31]), &STANDARD.encode([0; 33])] {
            assert!(Key::from_base64(text).is_none(), "{text}");
        }
    }
}
