//! One JSON Web Key (RFC 7517, RFC 7518 section 6, RFC 8037).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, EcdsaVerificationAlgorithm, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

use super::Key;
use crate::json::type_name;
use crate::signing_alg::{KeyShape, SigningAlg};
use crate::text::clean;

/// The `y` of every point of small order on Ed25519, with `p` and `p + 1` as second names of 0 and 1; the sign
/// bit is left out. For such a key there are signatures that fit any text.
const SMALL_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

/// Members of a private key (RFC 7518 section 6.3.2; `d` also in 6.2.2 and RFC 8037 section 2).
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];

/// Takes one member of `keys`; the error ends a sentence that begins with the key.
pub(super) fn read(jwk: &Value) -> Result<Key, String> {
    let Value::Object(jwk) = jwk else { return Err(format!("is {} and not an object", type_name(jwk))) };
    let kid = optional_text(jwk, "kid")?;
    if let Some(used_for) = optional_text(jwk, "use")?.filter(|used_for| used_for != "sig") {
        return Err(format!("is for `{}` and not for signatures", clean(&used_for, 40)));
    }
    match jwk.get("key_ops") {
        None | Some(Value::Null) => {}
        Some(Value::Array(ops)) if ops.iter().any(|op| op == "verify") => {}
        Some(_) => return Err("is not for verifying (`key_ops`)".to_owned()),
    }
    let alg = match optional_text(jwk, "alg")? {
        None => None,
        Some(name) => Some(
            SigningAlg::parse(&name).ok_or_else(|| format!("is for `{}`, which is not used here", clean(&name, 40)))?,
        ),
    };
    let kty = text(jwk, "kty")?;
    // OpenID Connect Discovery section 3 forbids it, and whoever reads the document could sign with it.
    if PRIVATE.iter().any(|member| jwk.get(*member).is_some_and(|value| !value.is_null())) {
        return Err("is published with its private half, so that anybody can sign with it".to_owned());
    }
    let (shape, decoding) = match kty.as_str() {
        "RSA" => (KeyShape::Rsa, rsa(jwk)?),
        "EC" => match text(jwk, "crv")?.as_str() {
            "P-256" => (KeyShape::P256, ec(jwk, &ECDSA_P256_SHA256_FIXED, 32)?),
            "P-384" => (KeyShape::P384, ec(jwk, &ECDSA_P384_SHA384_FIXED, 48)?),
            other => return Err(format!("is on the curve `{}`, which is not used here", clean(other, 40))),
        },
        "OKP" => match text(jwk, "crv")?.as_str() {
            "Ed25519" => (KeyShape::Ed25519, ed25519(jwk)?),
            other => return Err(format!("is on the curve `{}`, which is not used here", clean(other, 40))),
        },
        "oct" => return Err("is a shared secret and must not be published".to_owned()),
        other => return Err(format!("is of the type `{}`, which is not known here", clean(other, 40))),
    };
    if alg.is_some_and(|alg| alg.shape() != shape) {
        return Err("names an algorithm of another key type".to_owned());
    }
    Ok(Key { kid, alg, shape, decoding })
}

fn rsa(jwk: &Map<String, Value>) -> Result<DecodingKey, String> {
    let (n, e) = (bytes(jwk, "n")?, bytes(jwk, "e")?);
    let (n, e) = (without_zeros(&n), without_zeros(&e));
    let bits = n.first().map_or(0, |first| n.len() * 8 - first.leading_zeros() as usize);
    if bits < 2048 {
        return Err(format!("is weak: {bits} bits where at least 2048 are needed"));
    }
    if bits > 8192 {
        return Err(format!("has {bits} bits; at most 8192 are used"));
    }
    if n.last().is_some_and(|last| last % 2 == 0) {
        return Err("is weak: its modulus is even".to_owned());
    }
    if e.last().is_none_or(|last| last % 2 == 0) {
        return Err("is weak: its exponent is even".to_owned());
    }
    if e == [1] {
        return Err("is weak: its exponent is 1".to_owned());
    }
    // A huge exponent costs the reader time and gives nobody anything.
    if e.len() > 4 {
        return Err("has an exponent of more than 32 bits".to_owned());
    }
    RsaPublicKeyComponents { n, e }
        .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
        .map_err(|_| "is not a sound RSA key".to_owned())?;
    Ok(DecodingKey::from_rsa_raw_components(n, e))
}

fn ec(
    jwk: &Map<String, Value>,
    algorithm: &'static EcdsaVerificationAlgorithm,
    size: usize,
) -> Result<DecodingKey, String> {
    let (x, y) = (bytes(jwk, "x")?, bytes(jwk, "y")?);
    if x.len() != size || y.len() != size {
        return Err(format!("has coordinates of {} and {} bytes; {size} are needed", x.len(), y.len()));
    }
    // An uncompressed point (SEC 1 section 2.3.3), the form jsonwebtoken hands to its verifier.
    let point = [&[4], x.as_slice(), y.as_slice()].concat();
    ParsedPublicKey::new(algorithm, &point).map_err(|_| "is not a point on its curve".to_owned())?;
    Ok(DecodingKey::from_ec_der(&point))
}

fn ed25519(jwk: &Map<String, Value>) -> Result<DecodingKey, String> {
    let x = bytes(jwk, "x")?;
    let [y @ .., last] = x.as_slice() else { return Err("is empty".to_owned()) };
    if x.len() != 32 {
        return Err(format!("has {} bytes; 32 are needed", x.len()));
    }
    let without_sign: String = y.iter().chain([&(last & 0x7f)]).map(|byte| format!("{byte:02x}")).collect();
    if SMALL_ORDER.contains(&without_sign.as_str()) {
        return Err("is weak: a point of small order".to_owned());
    }
    Ok(DecodingKey::from_ed_der(&x))
}

fn optional_text(jwk: &Map<String, Value>, member: &str) -> Result<Option<String>, String> {
    match jwk.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(format!("has a `{member}` that is {} and not text", type_name(other))),
    }
}

fn text(jwk: &Map<String, Value>, member: &str) -> Result<String, String> {
    optional_text(jwk, member)?.ok_or_else(|| format!("has no `{member}`"))
}

/// A base64url member (RFC 7515 section 2); padding is wrong and harmless, so it is let through.
fn bytes(jwk: &Map<String, Value>, member: &str) -> Result<Vec<u8>, String> {
    let text = text(jwk, member)?;
    let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('='));
    bytes.map_err(|_| format!("has a `{member}` that is not base64url"))
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}
