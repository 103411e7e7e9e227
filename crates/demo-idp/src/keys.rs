//! Signing keys: one RSA and one P-256, made when the provider starts and when they are rotated.

use std::collections::VecDeque;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation};
use serde_json::{Value, json};

use crate::{Alg, random};

/// Key sets that were rotated away still prove an `id_token_hint`, for so many rotations.
const MOST_RETIRED: usize = 8;

#[derive(Debug, thiserror::Error)]
#[error("a signing key could not be made")]
pub(crate) struct KeyError;

/// The keys in use and those rotated away.
#[derive(Clone)]
pub(crate) struct KeyRing {
    current: Arc<KeySet>,
    retired: VecDeque<Arc<KeySet>>,
}

pub(crate) struct KeySet {
    pub(crate) rsa: SigningKey,
    pub(crate) ec: SigningKey,
}

pub(crate) struct SigningKey {
    pub(crate) kid: String,
    pub(crate) alg: Algorithm,
    secret: EncodingKey,
    public: Jwk,
}

impl KeyRing {
    pub(crate) fn new(keys: KeySet) -> Self {
        Self { current: Arc::new(keys), retired: VecDeque::new() }
    }

    pub(crate) fn rotate(&mut self, keys: KeySet) {
        self.retired.push_front(std::mem::replace(&mut self.current, Arc::new(keys)));
        self.retired.truncate(MOST_RETIRED);
    }

    pub(crate) fn key(&self, alg: Alg) -> &SigningKey {
        match alg {
            Alg::Rs256 => &self.current.rsa,
            Alg::Es256 => &self.current.ec,
        }
    }

    /// RFC 7517 5.
    pub(crate) fn jwks(&self) -> Value {
        json!({ "keys": [self.current.rsa.jwk(), self.current.ec.jwk()] })
    }

    /// New keys in place of the old ones; `name` gives them other names than random ones.
    pub(crate) fn renew(&mut self, name: Option<&dyn Fn(Alg) -> String>) {
        // Keys of these kinds were made when the provider started.
        let mut keys = KeySet::generate().expect("a key of this kind was made before");
        if let Some(name) = name {
            keys.rsa.kid = name(Alg::Rs256);
            keys.ec.kid = name(Alg::Es256);
        }
        self.rotate(keys);
    }

    /// The claims of a token that this provider signed, however old.
    pub(crate) fn open_own(&self, token: &str) -> Option<Value> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let kid = header.kid.as_deref()?;
        let sets = std::iter::once(&self.current).chain(&self.retired);
        let key = sets.flat_map(|set| [&set.rsa, &set.ec]).find(|key| key.kid == kid && key.alg == header.alg)?;
        let mut validation = Validation::new(key.alg);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let public = DecodingKey::from_jwk(&key.public).ok()?;
        jsonwebtoken::decode::<Value>(token, &public, &validation).ok().map(|token| token.claims)
    }
}

impl KeySet {
    /// Takes up to a few hundred milliseconds of one core: not for an async thread.
    pub(crate) fn generate() -> Result<Self, KeyError> {
        Ok(Self { rsa: SigningKey::rsa()?, ec: SigningKey::ec()? })
    }
}

impl SigningKey {
    fn rsa() -> Result<Self, KeyError> {
        let der: Pkcs8V1Der<'_> =
            KeyPair::generate(KeySize::Rsa2048).and_then(|pair| pair.as_der()).map_err(|_| KeyError)?;
        let pem =
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()));
        Self::of(EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| KeyError)?, Algorithm::RS256)
    }

    fn ec() -> Result<Self, KeyError> {
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        Self::of(EncodingKey::from_ec_der(der.map_err(|_| KeyError)?.as_ref()), Algorithm::ES256)
    }

    /// Another key of the same kind.
    pub(crate) fn like(other: &Self) -> Self {
        let made = if other.alg == Algorithm::RS256 { Self::rsa() } else { Self::ec() };
        made.expect("a key of this kind was made before")
    }

    fn of(secret: EncodingKey, alg: Algorithm) -> Result<Self, KeyError> {
        let public = Jwk::from_encoding_key(&secret, alg).map_err(|_| KeyError)?;
        Ok(Self { kid: random::name(), alg, secret, public })
    }

    /// The public half as a JWK (RFC 7517 4).
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = serde_json::to_value(&self.public).expect("a public key is plain data");
        jwk["kid"] = self.kid.clone().into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// A JWS in compact form (RFC 7515 7.1) over any header and any payload.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_with(self.alg, header, claims)
    }

    /// The same with another algorithm of the same kind of key.
    pub(crate) fn sign_with(&self, alg: Algorithm, header: &Value, claims: &Value) -> String {
        self.signed(alg, &signing_input(header, claims))
    }

    /// The same over a payload that need not be an object, or JSON.
    pub(crate) fn sign_raw(&self, header: &Value, payload: &[u8]) -> String {
        let header = random::base64url(header.to_string().as_bytes());
        self.signed(self.alg, &format!("{header}.{}", random::base64url(payload)))
    }

    /// The bare signature over any bytes.
    pub(crate) fn sign_bytes(&self, message: &[u8]) -> Vec<u8> {
        let signature = jsonwebtoken::crypto::sign(message, &self.secret, self.alg).expect("an own key signs");
        URL_SAFE_NO_PAD.decode(signature).expect("a signature is base64url")
    }

    fn signed(&self, alg: Algorithm, message: &str) -> String {
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.secret, alg);
        format!("{message}.{}", signature.expect("an own key signs"))
    }
}

/// Header and payload, encoded and joined (RFC 7515 5.1).
pub(crate) fn signing_input(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| random::base64url(value.to_string().as_bytes());
    format!("{}.{}", encode(header), encode(claims))
}
