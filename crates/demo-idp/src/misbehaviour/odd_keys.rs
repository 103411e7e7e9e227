//! Keys that are decoys, weak, broken or of kinds nobody uses.

use std::sync::OnceLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256K1_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::keys::{KeySet, SigningKey};
use crate::random;

/// The name the suite gives to the key of the other algorithm.
pub(super) const ALTERNATE_KID: &str = "rsa-none-alt-arg";
pub(super) const SMALL_ORDER_KID: &str = "small-order";

/// Good public keys whose private halves nobody has, three of each kind.
pub(super) struct Decoys {
    pub(super) rsa: [Value; 3],
    pub(super) p256: [Value; 3],
    pub(super) secp256k1: [Value; 3],
    pub(super) ed25519: [Value; 3],
}

/// Made once in a process: RSA keys take their time.
pub(super) fn decoys() -> &'static Decoys {
    static DECOYS: OnceLock<Decoys> = OnceLock::new();
    DECOYS.get_or_init(|| Decoys {
        rsa: std::array::from_fn(|_| bare(&key_set().rsa)),
        p256: std::array::from_fn(|_| bare(&SigningKey::like(&key_set().ec))),
        secp256k1: std::array::from_fn(|_| secp256k1()),
        ed25519: std::array::from_fn(|_| ed25519()),
    })
}

fn key_set() -> KeySet {
    KeySet::generate().expect("a key of this kind was made before")
}

/// As the suite publishes keys: without `alg`.
pub(super) fn bare(key: &SigningKey) -> Value {
    without(key.jwk(), "alg")
}

pub(super) fn without(mut jwk: Value, member: &str) -> Value {
    super::claims::drop(&mut jwk, member);
    jwk
}

pub(super) fn with(mut jwk: Value, member: &str, value: impl Into<Value>) -> Value {
    jwk[member] = value.into();
    jwk
}

fn secp256k1() -> Value {
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256K1_SHA256_FIXED_SIGNING, &SystemRandom::new());
    let made = made.expect("a key on this curve can be made");
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256K1_SHA256_FIXED_SIGNING, made.as_ref()).expect("it was just made");
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    json!({
        "kty": "EC", "crv": "secp256k1", "use": "sig", "kid": random::name(),
        "x": random::base64url(x), "y": random::base64url(y),
    })
}

fn ed25519() -> Value {
    let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key on this curve can be made");
    let pair = Ed25519KeyPair::from_pkcs8(made.as_ref()).expect("it was just made");
    let x = random::base64url(pair.public_key().as_ref());
    json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": random::name(), "x": x })
}

/// The neutral point: of order 1.
pub(super) fn small_order() -> Value {
    let mut point = [0; 32];
    point[0] = 1;
    json!({
        "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": SMALL_ORDER_KID,
        "x": random::base64url(&point),
    })
}

/// A signature that the neutral point as a key lets through for any text: R the neutral point, S zero.
pub(super) fn fits_small_order() -> [u8; 64] {
    let mut signature = [0; 64];
    signature[0] = 1;
    signature
}

/// Ten keys that no client can or should use (HP-JW-02).
pub(super) fn odd() -> Vec<Value> {
    let decoys = decoys();
    let n = decode(&decoys.rsa[0]["n"]);
    let mut even = n.clone();
    even[255] &= 0xFE;
    let rsa = |member: &str, value: &str| with(decoys.rsa[0].clone(), member, value);
    vec![
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "use": "sig", "kid": "akp", "pub": random::token() }),
        with(decoys.p256[0].clone(), "crv", "P-999"),
        rsa("alg", "XS256"),
        rsa("alg", "RSA-OAEP"),
        without(decoys.rsa[0].clone(), "n"),
        rsa("n", "%%% this is no base64 %%%"),
        rsa("n", &random::base64url(&n[..64])),
        rsa("e", "AQ"),
        rsa("e", "Aw"),
        rsa("n", &random::base64url(&even)),
    ]
}

pub(super) fn modulus(rsa: &SigningKey) -> Vec<u8> {
    decode(&rsa.jwk()["n"])
}

pub(super) fn decode(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().unwrap_or_default()).unwrap_or_default()
}

/// The public key as PEM (RFC 7468 13).
pub(super) fn pem(rsa: &SigningKey) -> String {
    let base64 = STANDARD.encode(public_key_info(rsa));
    let lines: Vec<&str> = base64.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

/// A certificate that the key has signed for itself (RFC 5280 4.1), in base64.
pub(super) fn certificate(rsa: &SigningKey) -> String {
    const SEQUENCE: u8 = 0x30;
    let sha256_with_rsa = der(SEQUENCE, &[b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"]);
    let common_name = der(SEQUENCE, &[b"\x06\x03\x55\x04\x03", &der(0x0c, &[b"provider"])]);
    let name = der(SEQUENCE, &[&der(0x31, &[&common_name])]);
    let validity = der(SEQUENCE, &[&der(0x17, &[b"200101000000Z"]), &der(0x17, &[b"491231235959Z"])]);
    let serial = b"\x02\x01\x01";
    let signed = der(SEQUENCE, &[serial, &sha256_with_rsa, &name, &validity, &name, &public_key_info(rsa)]);
    let signature = der(0x03, &[b"\0", &rsa.sign_bytes(&signed)]);
    STANDARD.encode(der(SEQUENCE, &[&signed, &sha256_with_rsa, &signature]))
}

fn public_key_info(rsa: &SigningKey) -> Vec<u8> {
    const SEQUENCE: u8 = 0x30;
    let rsa_encryption = der(SEQUENCE, &[b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"]);
    // A zero before the modulus, whose first bit is set, keeps it positive.
    let numbers = der(SEQUENCE, &[&der(0x02, &[b"\0", &modulus(rsa)]), &der(0x02, &[&decode(&rsa.jwk()["e"])])]);
    der(SEQUENCE, &[&rsa_encryption, &der(0x03, &[b"\0", &numbers])])
}

/// One value in DER (X.690 8.1).
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let [.., high, low] = content.len().to_be_bytes();
    let head = match content.len() {
        0..=127 => vec![tag, low],
        128..=255 => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [head, content].concat()
}
