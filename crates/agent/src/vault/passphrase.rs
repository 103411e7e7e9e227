//! A key that a passphrase opens: argon2id of the passphrase wraps the random key all records are sealed with.
//!
//! The parameters stand beside the wrapped key, so that they can grow: a vault that was made with less is wrapped
//! anew the next time it is opened. They come from a file that anybody could have altered, so they are bounded
//! before they are believed: nobody makes the agent take all the memory of the machine.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use doorkey_client::Secret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::key::{Key, random};

/// Characters a new passphrase must have (NIST SP 800-63B-4 section 3.1.1.2 has 8 for a second factor, 15 alone; here
/// the file is needed too).
pub(super) const SHORTEST: usize = 8;
/// Bytes; more would only slow the first hash down.
pub(super) const LONGEST: usize = 1024;

const NAME: &str = "argon2id";
/// RFC 9106 section 4, the second recommended choice, with one lane: there are no threads here.
const TODAY: Cost = Cost { memory_kib: 64 * 1024, passes: 3, lanes: 1 };
const MEMORY_KIB: std::ops::RangeInclusive<u32> = 8 * 1024..=1024 * 1024;
const PASSES: std::ops::RangeInclusive<u32> = 1..=16;
const LANES: std::ops::RangeInclusive<u32> = 1..=4;
/// Memory times passes: about ten seconds on a slow machine.
const MOST_WORK: u64 = 4 * 1024 * 1024;

/// A key, wrapped with a passphrase, as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wrapped {
    kdf: String,
    cost: Cost,
    salt: String,
    nonce: String,
    key: String,
}

/// What one try costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// Why a wrapped key was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unopened {
    /// Not this passphrase; or the file was altered, which cannot be told apart.
    WrongPassphrase,
    /// Not made by us: parameters nobody would choose, texts that are no base64.
    Absurd,
}

impl Wrapped {
    /// Wraps a key with today's parameters.
    pub(super) fn new(key: &Key, passphrase: &Secret) -> Self {
        Self::with(TODAY, key, passphrase)
    }

    fn with(cost: Cost, key: &Key, passphrase: &Secret) -> Self {
        let (salt, nonce): ([u8; 16], [u8; 24]) = (random(), random());
        let wrapping = derived(cost, &salt, passphrase).expect("our own parameters are in bounds");
        let sealed = XChaCha20Poly1305::new((&*wrapping).into())
            .encrypt(&XNonce::from(nonce), Payload { msg: key.bytes(), aad: &context(cost, &salt) })
            .expect("32 bytes are never too many");
        Self {
            kdf: NAME.to_owned(),
            cost,
            salt: STANDARD.encode(salt),
            nonce: STANDARD.encode(nonce),
            key: STANDARD.encode(sealed),
        }
    }

    /// As an older version made it, with less work.
    #[cfg(test)]
    pub(super) fn weak(key: &Key, passphrase: &Secret) -> Self {
        Self::with(Cost { memory_kib: 8 * 1024, passes: 1, lanes: 1 }, key, passphrase)
    }

    /// The key.
    ///
    /// # Errors
    /// [`Unopened`]; the bounds are looked at before any work is done.
    pub(super) fn open(&self, passphrase: &Secret) -> Result<Key, Unopened> {
        let decoded = |text: &str| STANDARD.decode(text).map_err(|_| Unopened::Absurd);
        let salt: [u8; 16] = decoded(&self.salt)?.try_into().map_err(|_| Unopened::Absurd)?;
        let nonce: [u8; 24] = decoded(&self.nonce)?.try_into().map_err(|_| Unopened::Absurd)?;
        let sealed = decoded(&self.key)?;
        if self.kdf != NAME || !self.cost.is_sane() {
            return Err(Unopened::Absurd);
        }
        let wrapping = derived(self.cost, &salt, passphrase).ok_or(Unopened::Absurd)?;
        let opened = XChaCha20Poly1305::new((&*wrapping).into())
            .decrypt(&XNonce::from(nonce), Payload { msg: &sealed, aad: &context(self.cost, &salt) })
            .map(Zeroizing::new)
            .map_err(|_| Unopened::WrongPassphrase)?;
        Key::from_slice(&opened).ok_or(Unopened::Absurd)
    }

    /// Whether today's parameters cost an attacker more.
    pub(super) fn is_weaker_than_today(&self) -> bool {
        self.cost.work() < TODAY.work()
    }
}

impl Cost {
    fn is_sane(self) -> bool {
        MEMORY_KIB.contains(&self.memory_kib)
            && PASSES.contains(&self.passes)
            && LANES.contains(&self.lanes)
            && self.work() <= MOST_WORK
    }

    fn work(self) -> u64 {
        u64::from(self.memory_kib) * u64::from(self.passes)
    }
}

/// Slow on purpose, and takes the memory it says.
#[expect(clippy::disallowed_methods, reason = "into the derivation, whose result is zeroed on drop")]
fn derived(cost: Cost, salt: &[u8; 16], passphrase: &Secret) -> Option<Zeroizing<[u8; 32]>> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).ok()?;
    let mut wrapping = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.expose().as_bytes(), salt, &mut *wrapping)
        .ok()?;
    Some(wrapping)
}

/// Bound to the wrapped key, so that no other parameters can be claimed for it.
fn context(cost: Cost, salt: &[u8; 16]) -> Vec<u8> {
    let words = format!("doorkey vault {NAME} 19 {} {} {} ", cost.memory_kib, cost.passes, cost.lanes);
    [words.as_bytes(), salt].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The least that is let through: tests are many.
    const SMALL: Cost = Cost { memory_kib: 8 * 1024, passes: 1, lanes: 1 };

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn the_right_passphrase_opens_and_no_other_does() {
        let key = Key::generate();
        let wrapped = Wrapped::new(&key, &secret("correct horse"));
        assert!(wrapped.open(&secret("correct horse")).is_ok_and(|opened| opened.is(&key)));
        for wrong in ["Correct horse", "correct horse ", "", "CANARY"] {
            assert_eq!(wrapped.open(&secret(wrong)).err(), Some(Unopened::WrongPassphrase), "{wrong}");
        }
        assert!(!wrapped.is_weaker_than_today());
        assert_eq!((wrapped.cost.memory_kib, wrapped.cost.passes), (65536, 3));
    }

    #[test]
    fn it_is_read_as_it_was_written_and_holds_neither_key_nor_passphrase() {
        let key = Key::generate();
        let wrapped = Wrapped::with(SMALL, &key, &secret("CANARY-passphrase"));
        let text = serde_json::to_string(&wrapped).expect("it is JSON");
        assert!(!text.contains("CANARY") && !text.contains(key.to_base64().as_str()), "{text}");
        let again: Wrapped = serde_json::from_str(&text).expect("it was just written");
        assert_eq!(again, wrapped);
        assert!(again.is_weaker_than_today());
    }

    #[test]
    fn parameters_nobody_would_choose_are_refused_before_any_work() {
        let wrapped = Wrapped::with(SMALL, &Key::generate(), &secret("correct horse"));
        for cost in [
            Cost { memory_kib: u32::MAX, ..SMALL },
            Cost { memory_kib: 1024 * 1024 + 1, ..SMALL },
            Cost { memory_kib: 1024 * 1024, passes: 16, ..SMALL },
            Cost { memory_kib: 8, ..SMALL },
            Cost { passes: 0, ..SMALL },
            Cost { passes: u32::MAX, ..SMALL },
            Cost { lanes: 0, ..SMALL },
            Cost { lanes: 1 << 24, ..SMALL },
        ] {
            let altered = Wrapped { cost, ..wrapped.clone() };
            assert_eq!(altered.open(&secret("correct horse")).err(), Some(Unopened::Absurd), "{cost:?}");
        }
        for altered in [
            Wrapped { kdf: "argon2i".to_owned(), ..wrapped.clone() },
            Wrapped { salt: STANDARD.encode([0; 8]), ..wrapped.clone() },
            Wrapped { nonce: "?".to_owned(), ..wrapped.clone() },
        ] {
            assert_eq!(altered.open(&secret("correct horse")).err(), Some(Unopened::Absurd), "{altered:?}");
        }
    }

    #[test]
    fn other_parameters_that_are_sane_do_not_open_it_either() {
        let wrapped = Wrapped::with(SMALL, &Key::generate(), &secret("correct horse"));
        let altered = Wrapped { cost: Cost { passes: 2, ..SMALL }, ..wrapped };
        assert_eq!(altered.open(&secret("correct horse")).err(), Some(Unopened::WrongPassphrase));
    }
}
