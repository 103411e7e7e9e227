//! What an access token looks like from outside.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::AccessToken;
use crate::json::{Limits, read};

const LIMITS: Limits = Limits { bytes: 64 * 1024, depth: 32 };

/// A token's form, nothing believed.
pub(crate) enum Form {
    /// No structure that may be read.
    Opaque,
    /// Three parts that decode (RFC 7519).
    Jwt {
        /// Decoded.
        header: Map<String, Value>,
        /// Decoded.
        claims: Map<String, Value>,
    },
    /// Five parts (RFC 7516): for the API alone.
    Jwe {
        /// Decoded.
        header: Map<String, Value>,
    },
}

impl Form {
    #[expect(clippy::disallowed_methods, reason = "looked at here; what goes on are its claims, never the token")]
    pub(crate) fn of(token: &AccessToken) -> Self {
        let parts: Vec<&str> = token.expose().split('.').collect();
        match parts.as_slice() {
            [header, claims, _] => match (object(header), object(claims)) {
                (Some(header), Some(claims)) => Self::Jwt { header, claims },
                _ => Self::Opaque,
            },
            [header, _, _, _, _] => object(header).map_or(Self::Opaque, |header| Self::Jwe { header }),
            _ => Self::Opaque,
        }
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(part).ok()?);
    match read(&bytes, LIMITS) {
        Ok(Value::Object(members)) => Some(members),
        Ok(_) | Err(_) => None,
    }
}
