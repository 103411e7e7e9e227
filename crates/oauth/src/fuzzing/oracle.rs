//! A token read a second time, and its signature asked of aws-lc directly: how `verify` does it is not used.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, Ed25519KeyPair, KeyPair as _,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// A token in its parts.
pub(super) struct Token<'t> {
    signed: &'t str,
    signature: Vec<u8>,
    pub(super) header: Value,
    pub(super) claims: Value,
}

impl<'t> Token<'t> {
    pub(super) fn read(text: &'t str) -> Self {
        let (signed, signature) = text.rsplit_once('.').expect("three parts");
        let (header, claims) = signed.split_once('.').expect("three parts");
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).expect("base64url");
        let json = |part: &str| serde_json::from_slice(&bytes(part)).expect("JSON");
        Self { signed, signature: bytes(signature), header: json(header), claims: json(claims) }
    }

    /// Whether a key of this document has signed it, with the algorithm of its header.
    pub(super) fn is_signed_by_one_of(&self, keys: &Value) -> bool {
        keys["keys"].as_array().is_some_and(|keys| keys.iter().any(|key| self.is_signed_by(key).unwrap_or(false)))
    }

    fn is_signed_by(&self, key: &Value) -> Option<bool> {
        let bytes = |name: &str| {
            let text = key[name].as_str()?.trim_end_matches('=');
            URL_SAFE_NO_PAD.decode(text).ok()
        };
        let kid = &self.header["kid"];
        if !kid.is_null() && *kid != key["kid"] {
            return None;
        }
        let point = || Some([vec![4], bytes("x")?, bytes("y")?].concat());
        let alg = self.header["alg"].as_str()?;
        let message = self.signed.as_bytes();
        let verified = match (alg, key["kty"].as_str()?) {
            ("ES256", "EC") => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point()?).verify(message, &self.signature)
            }
            ("ES384", "EC") => {
                UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point()?).verify(message, &self.signature)
            }
            ("EdDSA" | "Ed25519", "OKP") => {
                UnparsedPublicKey::new(&ED25519, bytes("x")?).verify(message, &self.signature)
            }
            (alg, "RSA") => {
                let significant =
                    |name| Some(bytes(name)?.into_iter().skip_while(|byte| *byte == 0).collect::<Vec<_>>());
                let key = RsaPublicKeyComponents { n: significant("n")?, e: significant("e")? };
                key.verify(rsa(alg)?, message, &self.signature)
            }
            _ => return None,
        };
        Some(verified.is_ok())
    }
}

fn rsa(alg: &str) -> Option<&'static RsaParameters> {
    Some(match alg {
        "RS256" => &RSA_PKCS1_2048_8192_SHA256,
        "RS384" => &RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &RSA_PKCS1_2048_8192_SHA512,
        "PS256" => &RSA_PSS_2048_8192_SHA256,
        "PS384" => &RSA_PSS_2048_8192_SHA384,
        "PS512" => &RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

fn key_pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("32 bytes")
}

/// A key set with the one key that signs for [`signed`].
pub(super) fn our_keys() -> Value {
    let x = URL_SAFE_NO_PAD.encode(key_pair().public_key());
    json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x}]})
}

/// A token of this header and these claims, signed well: no mutation finds a signature.
pub(super) fn signed(header: &[u8], claims: &[u8]) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(key_pair().sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}
