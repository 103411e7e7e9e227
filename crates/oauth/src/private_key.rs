//! The private key a client authenticates with (RFC 7523 section 2.2): read once, checked, then only signing.

use std::fmt;

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey as Agreement};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::crypto::aws_lc;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::json::{Limits, read};
use crate::text::clean;
use crate::{Fault, PrivateKeyText, SigningAlg};

mod der;

const LIMITS: Limits = Limits { bytes: 32 * 1024, depth: 4 };

/// A key that signs for the client, with ES256 or RS256. Shows nothing of itself.
#[derive(Clone)]
pub struct PrivateKey {
    alg: SigningAlg,
    encoding: EncodingKey,
    kid: Option<String>,
}

impl PrivateKey {
    /// Reads a PEM (`PRIVATE KEY`, `RSA PRIVATE KEY`) or a JSON Web Key: P-256 or RSA of at least 2048 bits.
    /// `kid` is the name the provider knows the key by; a JSON Web Key's own counts where none is given.
    ///
    /// # Errors
    /// [`PrivateKeyError`] says what is wrong with it, and nothing of what it is.
    #[expect(clippy::disallowed_methods, reason = "read here and nowhere else")]
    pub fn read(text: &PrivateKeyText, kid: Option<&str>) -> Result<Self, PrivateKeyError> {
        let text = text.expose().trim();
        let mut key = if text.starts_with('{') { Self::of_jwk(text)? } else { Self::of_pem(text)? };
        if let Some(kid) = kid {
            key.kid = Some(kid.to_owned());
        }
        // A key that cannot sign is told now, so that signing later cannot fail.
        match key.try_sign(b"a trial") {
            Some(_) => Ok(key),
            None => Err(PrivateKeyError::Unsound { alg: key.alg.name() }),
        }
    }

    fn of_pem(text: &str) -> Result<Self, PrivateKeyError> {
        if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(PrivateKeyError::Encrypted);
        }
        if text.contains("BEGIN EC PRIVATE KEY") {
            return Err(PrivateKeyError::Sec1);
        }
        let of = |alg, encoding| Self { alg, encoding, kid: None };
        let rsa = EncodingKey::from_rsa_pem(text.as_bytes()).map(|key| of(SigningAlg::Rs256, key));
        let ec = || EncodingKey::from_ec_pem(text.as_bytes()).map(|key| of(SigningAlg::Es256, key));
        rsa.or_else(|_| ec()).map_err(|_| PrivateKeyError::NotAKey)
    }

    fn of_jwk(text: &str) -> Result<Self, PrivateKeyError> {
        let Ok(Value::Object(jwk)) = read(text.as_bytes(), LIMITS) else { return Err(PrivateKeyError::NotAKey) };
        let text = |member: &str| jwk.get(member).and_then(Value::as_str);
        let (alg, encoding) = match (text("kty"), text("crv")) {
            (Some("RSA"), _) => (SigningAlg::Rs256, EncodingKey::from_rsa_der(&der::rsa(&jwk)?)),
            (Some("EC"), Some("P-256")) => (SigningAlg::Es256, p256(&member(&jwk, "d")?)?.0),
            (kty, crv) => {
                let got = [kty, crv].into_iter().flatten().collect::<Vec<_>>().join(" ");
                return Err(PrivateKeyError::Unsupported { got: clean(&got, 60) });
            }
        };
        if let Some(named) = text("alg").filter(|named| *named != alg.name()) {
            return Err(PrivateKeyError::Unsupported { got: clean(named, 60) });
        }
        Ok(Self { alg, encoding, kid: text("kid").map(str::to_owned) })
    }

    /// What it signs with.
    #[must_use]
    pub fn alg(&self) -> SigningAlg {
        self.alg
    }

    /// A signed token with these claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let mut header = serde_json::json!({ "typ": "JWT", "alg": self.alg.name() });
        if let Some(kid) = &self.kid {
            header["kid"] = kid.as_str().into();
        }
        compact(self.alg, &self.encoding, &header, claims)
    }

    fn try_sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        try_sign(self.alg, &self.encoding, message)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[redacted {} key]", self.alg.name())
    }
}

/// Header and claims in compact form (RFC 7515 section 3.1), signed with a key that has signed before.
pub(crate) fn compact(alg: SigningAlg, key: &EncodingKey, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = try_sign(alg, key, signed.as_bytes()).expect("a key that has signed before signs again");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Asks the provider named here and not the process-wide one. ECDSA draws its per-signature number inside the
/// library: a signature made from given bytes could give the key away when they repeat.
fn try_sign(alg: SigningAlg, key: &EncodingKey, message: &[u8]) -> Option<Vec<u8>> {
    let signer = (aws_lc::DEFAULT_PROVIDER.signer_factory)(&alg.for_jsonwebtoken(), key).ok()?;
    signer.try_sign(message).ok()
}

/// A P-256 key of its secret number, with the public point: `4`, then `x` and `y` of 32 bytes each.
pub(crate) fn p256(d: &[u8]) -> Result<(EncodingKey, Vec<u8>), PrivateKeyError> {
    let unsound = || PrivateKeyError::Unsound { alg: "ES256" };
    let point = Agreement::from_private_key(&ECDH_P256, d).map_err(|_| unsound())?;
    let point = point.compute_public_key().map_err(|_| unsound())?.as_ref().to_vec();
    let pair = EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, d, &point);
    let pkcs8 = pair.map_err(|_| unsound())?.to_pkcs8v1().map_err(|_| unsound())?;
    Ok((EncodingKey::from_ec_der(pkcs8.as_ref()), point))
}

/// A base64url member of a JSON Web Key.
fn member(jwk: &Map<String, Value>, name: &'static str) -> Result<Zeroizing<Vec<u8>>, PrivateKeyError> {
    let text = jwk.get(name).and_then(Value::as_str).ok_or(PrivateKeyError::Incomplete { member: name })?;
    let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('='));
    bytes.map(Zeroizing::new).map_err(|_| PrivateKeyError::Incomplete { member: name })
}

/// Why a text is no key to sign with. Tells nothing of what is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each sentence says it")]
pub enum PrivateKeyError {
    #[error("The private key is neither a PEM nor a JSON Web Key that can be read.")]
    NotAKey,
    #[error("The private key is protected with a passphrase.")]
    Encrypted,
    #[error("The private key is in the older form `EC PRIVATE KEY`; `PRIVATE KEY` (PKCS#8) is needed.")]
    Sec1,
    #[error("The private key must be P-256 (ES256) or RSA (RS256), got `{got}`.")]
    Unsupported { got: String },
    #[error("The private key has no `{member}` that can be read.")]
    Incomplete { member: &'static str },
    #[error("The private key is not a sound one for {alg}; RSA needs at least 2048 bits.")]
    Unsound { alg: &'static str },
}

impl Fault for PrivateKeyError {
    fn code(&self) -> &'static str {
        "config.bad_private_key"
    }

    fn hint(&self) -> String {
        match self {
            Self::Encrypted => {
                "Take the passphrase off first: openssl pkcs8 -in KEY.pem -out PLAIN.pem; it is kept sealed here."
            }
            Self::Sec1 => "Convert it: openssl pkcs8 -topk8 -nocrypt -in KEY.pem -out NEW.pem",
            Self::NotAKey | Self::Unsupported { .. } | Self::Incomplete { .. } | Self::Unsound { .. } => {
                "Make one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out KEY.pem"
            }
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests;
