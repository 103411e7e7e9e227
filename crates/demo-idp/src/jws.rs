//! Reading signed tokens that clients bring: proofs and assertions.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

/// A JWS in compact form (RFC 7515 7.1), decoded and not yet believed.
pub(crate) struct Jws {
    pub(crate) header: Value,
    pub(crate) claims: Value,
    message: String,
    signature: String,
}

impl Jws {
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (message, signature) = text.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let object = |part: &str| {
            let value: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()?;
            value.is_object().then_some(value)
        };
        Some(Self {
            header: object(header)?,
            claims: object(claims)?,
            message: message.into(),
            signature: signature.into(),
        })
    }

    pub(crate) fn alg(&self) -> Option<Algorithm> {
        serde_json::from_value(self.header["alg"].clone()).ok()
    }

    pub(crate) fn is_signed_by(&self, key: &DecodingKey, alg: Algorithm) -> bool {
        jsonwebtoken::crypto::verify(&self.signature, self.message.as_bytes(), key, alg).unwrap_or(false)
    }
}
