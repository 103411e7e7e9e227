//! DPoP (RFC 9449): tokens that only the holder of a key can use. The key, its proofs, and the nonces of servers.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;
use zeroize::{Zeroize, Zeroizing};

use crate::private_key::{compact, p256};
use crate::{AccessToken, DpopKeyText, SigningAlg};

pub use error::DpopError;
pub use nonces::DpopNonces;
pub(crate) use nonces::{Role, demands_nonce};

mod error;
mod nonces;

/// A P-256 key that tokens are bound to. Made of random bytes from outside; shows nothing of itself.
#[derive(Clone)]
pub struct DpopKey {
    d: Zeroizing<[u8; 32]>,
    encoding: EncodingKey,
    x: String,
    y: String,
}

/// What a proof is for (RFC 9449 section 4.2).
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// As it stands in the request, such as `POST`.
    pub method: &'a str,
    /// Of the request; query and fragment are left out.
    pub url: &'a Url,
    /// Unix seconds.
    pub iat: i64,
    /// Fresh random bytes for every proof.
    pub jti: [u8; 16],
    /// The token it goes with, at a resource server.
    pub access_token: Option<&'a AccessToken>,
    /// The newest of the server.
    pub nonce: Option<&'a str>,
}

impl DpopKey {
    /// A key of 32 bytes from a cryptographic generator. Nothing for the one in 2³² that is no number of the
    /// curve: take other bytes then.
    #[must_use]
    pub fn of_random(mut bytes: [u8; 32]) -> Option<Self> {
        let d = Zeroizing::new(bytes);
        bytes.zeroize();
        let (encoding, point) = p256(d.as_slice()).ok()?;
        let (x, y) = point.get(1..)?.split_at_checked(32)?;
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        Some(Self { d, encoding, x, y })
    }

    /// For the vault, and for nowhere else (DPOP-07).
    #[must_use]
    pub fn to_text(&self) -> DpopKeyText {
        DpopKeyText::new(URL_SAFE_NO_PAD.encode(self.d.as_slice()))
    }

    /// The key out of the vault; nothing when the text is none.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "read here and nowhere else")]
    pub fn of_text(text: &DpopKeyText) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.expose()).ok()?);
        Self::of_random(bytes.as_slice().try_into().ok()?)
    }

    /// Its public half (RFC 7517).
    #[must_use]
    pub fn public_jwk(&self) -> Value {
        json!({"kty": "EC", "crv": "P-256", "x": self.x, "y": self.y})
    }

    /// `dpop_jkt` and `jkt` (RFC 9449 section 10, RFC 7638).
    #[must_use]
    pub fn thumbprint(&self) -> String {
        thumbprint(&self.x, &self.y)
    }

    /// The value of a `DPoP` header (DPOP-01). The same parts give the same claims; only the signature differs.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "only its hash goes on")]
    pub fn proof(&self, of: &Proof<'_>) -> String {
        let mut htu = of.url.clone();
        htu.set_query(None);
        htu.set_fragment(None);
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.public_jwk()});
        let mut claims = json!({
            "jti": URL_SAFE_NO_PAD.encode(of.jti), "htm": of.method, "htu": htu.as_str(), "iat": of.iat,
        });
        if let Some(token) = of.access_token {
            claims["ath"] = URL_SAFE_NO_PAD.encode(Sha256::digest(token.expose())).into();
        }
        if let Some(nonce) = of.nonce {
            claims["nonce"] = nonce.into();
        }
        compact(SigningAlg::Es256, &self.encoding, &header, &claims)
    }
}

impl fmt::Debug for DpopKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopKey").field("thumbprint", &self.thumbprint()).finish_non_exhaustive()
    }
}

/// RFC 7638 section 3.2: the members that are needed, sorted, without spaces.
fn thumbprint(x: &str, y: &str) -> String {
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
}

#[cfg(test)]
mod tests;
