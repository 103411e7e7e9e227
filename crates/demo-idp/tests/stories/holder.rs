//! A client that holds a key: proofs of possession (RFC 9449) and assertions (RFC 7523).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) struct Holder {
    secret: EncodingKey,
    public: Jwk,
}

impl Holder {
    pub(crate) fn new() -> Self {
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).expect("a key");
        let secret = EncodingKey::from_ec_der(der.as_ref());
        let public = Jwk::from_encoding_key(&secret, Algorithm::ES256).expect("a public key");
        Self { secret, public }
    }

    pub(crate) fn thumbprint(&self) -> String {
        self.public.thumbprint(ThumbprintHash::SHA256).expect("a thumbprint")
    }

    pub(crate) fn jwk(&self) -> Value {
        serde_json::to_value(&self.public).expect("plain data")
    }

    /// A good proof; `change` may make it a bad one.
    pub(crate) fn proof(&self, method: &str, url: &str, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let mut header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() });
        let mut claims = json!({ "jti": unique(), "htm": method, "htu": url, "iat": now() });
        change(&mut header, &mut claims);
        self.sign(&header, &claims)
    }

    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.secret, Algorithm::ES256);
        format!("{message}.{}", signature.expect("an own key signs"))
    }
}

/// `ath` of a proof (RFC 9449 4.2).
pub(crate) fn ath(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(access_token))
}

pub(crate) fn unique() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("id-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

#[expect(clippy::disallowed_methods, reason = "the provider's clock is the computer's")]
pub(crate) fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs()
}
