//! A token taken apart, nothing believed yet.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::IdTokenError;
use crate::IdTokenText;
use crate::json::{Limits, read, type_name};

const MAX_TOKEN: usize = 64 * 1024;
const HEADER: Limits = Limits { bytes: 8 * 1024, depth: 8 };
const CLAIMS: Limits = Limits { bytes: MAX_TOKEN, depth: 32 };

/// A JWS in compact form (RFC 7515 section 3.1), decoded.
pub(crate) struct Jws {
    /// What is signed: header and claims as they came.
    pub(crate) signed: Zeroizing<Vec<u8>>,
    pub(crate) signature: Vec<u8>,
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
}

impl Jws {
    #[expect(clippy::disallowed_methods, reason = "read here and nowhere else")]
    pub(crate) fn read(text: &IdTokenText) -> Result<Self, IdTokenError> {
        let text = text.expose();
        if text.len() > MAX_TOKEN {
            return Err(malformed(format!("it is larger than {MAX_TOKEN} bytes")));
        }
        let parts: Vec<&str> = text.split('.').collect();
        let [header, claims, signature] = parts.as_slice() else {
            return Err(match parts.len() {
                5 => IdTokenError::Encrypted,
                parts => malformed(format!("it has {parts} parts")),
            });
        };
        let signed = Zeroizing::new(format!("{header}.{claims}").into_bytes());
        Ok(Self {
            header: object("header", header, HEADER)?,
            claims: object("claims", claims, CLAIMS)?,
            signature: bytes("signature", signature)?,
            signed,
        })
    }

    /// A text of the header.
    pub(crate) fn header_text(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }
}

fn object(part: &str, text: &str, limits: Limits) -> Result<Map<String, Value>, IdTokenError> {
    let bytes = Zeroizing::new(bytes(part, text)?);
    match read(&bytes, limits) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(other) => Err(malformed(format!("its {part} must be an object, got {}", type_name(&other)))),
        Err(fault) => Err(malformed(format!("its {part} cannot be read: {fault}"))),
    }
}

/// Without padding, without foreign characters, without stray bits at the end (HP-ID-11).
fn bytes(part: &str, text: &str) -> Result<Vec<u8>, IdTokenError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| malformed(format!("its {part} is not base64url")))
}

fn malformed(problem: String) -> IdTokenError {
    IdTokenError::Malformed { problem }
}
