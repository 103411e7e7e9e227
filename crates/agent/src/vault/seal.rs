//! The sealed form of one record: a header in the clear, then XChaCha20-Poly1305 over the content with the
//! header as associated data. Pure functions of bytes; the nonce is given.
//!
//! ```text
//!  0  4  magic "DKV1"
//!  4  2  format version, big endian
//!  6  8  which key sealed it
//! 14 16  record
//! 30  4  generation, big endian
//! 34 24  nonce
//! 58  …  content, and 16 bytes of tag
//! ```

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::id::{Generation, RecordId};
use super::key::{Key, KeyId};

const MAGIC: &[u8; 4] = b"DKV1";
const VERSION: u16 = 1;
const HEADER: usize = 58;
const TAG: usize = 16;

/// Bytes of content that one record may have.
pub(super) const MAX_CONTENT: usize = 1024 * 1024;

/// Bytes of the largest file worth reading.
pub(super) const MAX_SEALED: usize = HEADER + MAX_CONTENT + TAG;

/// Bytes that make two seals of the same content differ; never used twice with one key.
pub(super) type Nonce = [u8; 24];

/// Why sealed bytes were not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SealError {
    /// Cut, altered, or never ours.
    Damaged,
    /// Written by a newer Doorkey.
    NewerVersion(u16),
    /// Sealed with a key that is not this one.
    OtherKey,
    /// Intact by its looks, but the header names another record or generation than the file's name does.
    OtherRecord,
    /// More than [`MAX_CONTENT`].
    TooLarge,
}

/// More than [`MAX_CONTENT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

/// Seals `content`.
///
/// # Errors
/// [`TooLarge`] only.
pub(super) fn seal(
    key: &Key,
    id: RecordId,
    generation: Generation,
    nonce: &Nonce,
    content: &[u8],
) -> Result<Vec<u8>, TooLarge> {
    if content.len() > MAX_CONTENT {
        return Err(TooLarge);
    }
    let header = header(key.id(), id, generation, nonce);
    let body =
        cipher(key).encrypt(&XNonce::from(*nonce), Payload { msg: content, aad: &header }).map_err(|_| TooLarge)?;
    Ok([header.as_slice(), &body].concat())
}

/// Opens what [`seal`] made, if it is this record in this generation.
///
/// # Errors
/// Everything of [`SealError`]. Only the tag can be believed: the header is told apart before it so that a
/// person hears the likeliest reason.
pub(super) fn open(
    key: &Key,
    id: RecordId,
    generation: Generation,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (magic, rest) = sealed.split_first_chunk::<4>().ok_or(SealError::Damaged)?;
    let (version, rest) = rest.split_first_chunk::<2>().ok_or(SealError::Damaged)?;
    if magic != MAGIC || *version == [0, 0] {
        return Err(SealError::Damaged);
    }
    let version = u16::from_be_bytes(*version);
    if version > VERSION {
        return Err(SealError::NewerVersion(version));
    }
    if sealed.len() > MAX_SEALED {
        return Err(SealError::TooLarge);
    }
    let (key_id, rest) = rest.split_first_chunk::<8>().ok_or(SealError::Damaged)?;
    let (named_id, rest) = rest.split_first_chunk::<16>().ok_or(SealError::Damaged)?;
    let (named_generation, rest) = rest.split_first_chunk::<4>().ok_or(SealError::Damaged)?;
    let (nonce, body) = rest.split_first_chunk::<24>().ok_or(SealError::Damaged)?;
    if KeyId(*key_id) != key.id() {
        return Err(SealError::OtherKey);
    }
    if RecordId::from_bytes(*named_id) != id || u32::from_be_bytes(*named_generation) != generation.number() {
        return Err(SealError::OtherRecord);
    }
    let content = cipher(key)
        .decrypt(&XNonce::from(*nonce), Payload { msg: body, aad: &sealed[..HEADER] })
        .map_err(|_| SealError::Damaged)?;
    Ok(Zeroizing::new(content))
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes().into())
}

fn header(key: KeyId, id: RecordId, generation: Generation, nonce: &Nonce) -> Vec<u8> {
    let mut header = Vec::with_capacity(HEADER);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&VERSION.to_be_bytes());
    header.extend_from_slice(&key.0);
    header.extend_from_slice(id.as_bytes());
    header.extend_from_slice(&generation.number().to_be_bytes());
    header.extend_from_slice(nonce);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: Nonce = [7; 24];

    #[test]
    fn content_of_any_allowed_length_comes_back() {
        let (key, id) = (Key::generate(), RecordId::random());
        for len in [0, 1, 64 * 1024, 100_000, MAX_CONTENT] {
            let content = vec![0x5a; len];
            let sealed = seal(&key, id, Generation::FIRST, &NONCE, &content).expect("within the cap");
            let opened = open(&key, id, Generation::FIRST, &sealed).expect("just sealed");
            assert!(*opened == content, "{len}");
        }
    }

    #[test]
    fn the_content_is_not_in_the_sealed_bytes() {
        let (key, id) = (Key::generate(), RecordId::random());
        let sealed = seal(&key, id, Generation::FIRST, &NONCE, b"CANARY").expect("small");
        assert!(!sealed.windows(6).any(|w| w == b"CANARY"));
        assert!(!sealed.windows(32).any(|w| w == key.bytes()));
    }

    /// S-14: any bit of a sealed file is turned | refused, and told from another key, another record and a newer version
    #[test]
    fn no_single_bit_can_be_turned() {
        let (key, id) = (Key::generate(), RecordId::random());
        let sealed = seal(&key, id, Generation::FIRST, &NONCE, b"refresh token").expect("small");
        for bit in 0..sealed.len() * 8 {
            let mut bent = sealed.clone();
            bent[bit / 8] ^= 1 << (bit % 8);
            let refusal = open(&key, id, Generation::FIRST, &bent).expect_err("one bit differs");
            let expected: &[SealError] = match bit / 8 {
                4..=5 => &[SealError::NewerVersion(u16::from_be_bytes([bent[4], bent[5]])), SealError::Damaged],
                6..14 => &[SealError::OtherKey],
                14..34 => &[SealError::OtherRecord],
                _ => &[SealError::Damaged],
            };
            assert!(expected.contains(&refusal), "bit {bit}: {refusal:?}");
        }
    }

    #[test]
    fn every_shorter_and_every_longer_form_is_refused() {
        let (key, id) = (Key::generate(), RecordId::random());
        let sealed = seal(&key, id, Generation::FIRST, &NONCE, b"refresh token").expect("small");
        for len in 0..sealed.len() {
            assert_eq!(open(&key, id, Generation::FIRST, &sealed[..len]).err(), Some(SealError::Damaged), "{len}");
        }
        let longer = [sealed.as_slice(), b"x"].concat();
        assert_eq!(open(&key, id, Generation::FIRST, &longer).err(), Some(SealError::Damaged));
    }

    #[test]
    fn foreign_content_is_damage() {
        let (key, id) = (Key::generate(), RecordId::random());
        for bytes in [&b""[..], b"{\"refresh_token\":\"x\"}", b"DKV1", b"DKV1\0\0", &[0; 200]] {
            assert_eq!(open(&key, id, Generation::FIRST, bytes).err(), Some(SealError::Damaged));
        }
    }

    /// S-13: two records are swapped, or an older one is renamed, with the header made to fit | refused: name and generation are sealed in
    #[test]
    fn two_records_cannot_be_swapped_nor_an_old_one_renamed() {
        let (key, a, b) = (Key::generate(), RecordId::random(), RecordId::random());
        let second = Generation::FIRST.next().expect("far from the end");
        let sealed = seal(&key, a, Generation::FIRST, &NONCE, b"of a").expect("small");
        assert_eq!(open(&key, b, Generation::FIRST, &sealed).err(), Some(SealError::OtherRecord));
        assert_eq!(open(&key, a, second, &sealed).err(), Some(SealError::OtherRecord));

        // The same with the header rewritten to fit the name: now the tag speaks.
        let mut forged = sealed.clone();
        forged[14..30].copy_from_slice(b.as_bytes());
        assert_eq!(open(&key, b, Generation::FIRST, &forged).err(), Some(SealError::Damaged));
        let mut forged = sealed;
        forged[30..34].copy_from_slice(&second.number().to_be_bytes());
        assert_eq!(open(&key, a, second, &forged).err(), Some(SealError::Damaged));
    }

    #[test]
    fn a_newer_version_is_told_from_damage() {
        let (key, id) = (Key::generate(), RecordId::random());
        let mut sealed = seal(&key, id, Generation::FIRST, &NONCE, b"x").expect("small");
        sealed[4..6].copy_from_slice(&2u16.to_be_bytes());
        assert_eq!(open(&key, id, Generation::FIRST, &sealed).err(), Some(SealError::NewerVersion(2)));
    }

    #[test]
    fn another_key_is_told_from_damage() {
        let id = RecordId::random();
        let sealed = seal(&Key::generate(), id, Generation::FIRST, &NONCE, b"x").expect("small");
        assert_eq!(open(&Key::generate(), id, Generation::FIRST, &sealed).err(), Some(SealError::OtherKey));
    }

    #[test]
    fn content_over_the_cap_is_refused() {
        let (key, id) = (Key::generate(), RecordId::random());
        let content = vec![0; MAX_CONTENT + 1];
        assert_eq!(seal(&key, id, Generation::FIRST, &NONCE, &content).err(), Some(TooLarge));
    }
}
