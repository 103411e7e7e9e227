use std::collections::HashMap;

use http::header::WWW_AUTHENTICATE;
use serde_json::Value;

use super::DpopError;
use crate::answer::Response;
use crate::json::{Limits, read_document};

const LIMITS: Limits = Limits { bytes: 64 * 1024, depth: 16 };
const HEADER: &str = "dpop-nonce";
const MAX_NONCE: usize = 1024;

/// What a server is to us. One host may be both and then has two nonces (DPOP-03).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    Authorization,
    Resource,
}

/// The newest nonce of each server. Kept for as long as requests go out, never on disk.
#[derive(Clone, Debug, Default)]
pub struct DpopNonces(HashMap<(String, Role), String>);

impl DpopNonces {
    /// The newest of the server at this address, as a resource server: for proofs made for other programs.
    #[must_use]
    pub fn of_resource(&self, url: &url::Url) -> Option<&str> {
        self.newest(&url.origin().ascii_serialization(), Role::Resource)
    }

    pub(crate) fn newest(&self, origin: &str, role: Role) -> Option<&str> {
        self.0.get(&(origin.to_owned(), role)).map(String::as_str)
    }

    /// Remembers what an answer brings, good answers too; whether it brought one.
    pub(crate) fn note(&mut self, origin: &str, role: Role, response: &Response) -> Result<bool, DpopError> {
        let bad = |problem| DpopError::BadNonce { server: origin.to_owned(), problem };
        let mut values = response.headers().get_all(HEADER).iter();
        let Some(value) = values.next() else { return Ok(false) };
        if values.next().is_some() {
            return Err(bad("there are two"));
        }
        // RFC 9449 section 8.1: NQCHAR, at least one.
        let nonce = value.to_str().map_err(|_| bad("it is not text"))?;
        if nonce.is_empty() || !nonce.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)) {
            return Err(bad("it has characters that no nonce has"));
        }
        if nonce.len() > MAX_NONCE {
            return Err(bad("it is longer than 1024 characters"));
        }
        self.0.insert((origin.to_owned(), role), nonce.to_owned());
        Ok(true)
    }
}

/// Whether the answer refuses a proof for want of a nonce (RFC 9449 sections 8 and 9).
pub(crate) fn demands_nonce(role: Role, response: &Response) -> bool {
    match role {
        Role::Authorization => {
            matches!(response.status().as_u16(), 400 | 401)
                && read_document(response.body(), LIMITS)
                    .is_ok_and(|body| body.get("error").and_then(Value::as_str) == Some("use_dpop_nonce"))
        }
        Role::Resource => {
            let challenges = response.headers().get_all(WWW_AUTHENTICATE);
            response.status().as_u16() == 401
                && challenges.iter().filter_map(|value| value.to_str().ok()).any(is_nonce_challenge)
        }
    }
}

/// A `DPoP` challenge with `error="use_dpop_nonce"`, beside others in one header or alone; the scheme's letter
/// case does not count (DPOP-04, HP-76).
fn is_nonce_challenge(header: &str) -> bool {
    let mut is_dpop = false;
    for part in header.split(',').map(str::trim) {
        let (first, rest) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
        let is_scheme = !first.contains('=') && !rest.trim_start().starts_with('=');
        let parameter = if is_scheme { rest } else { part };
        if is_scheme {
            is_dpop = first.eq_ignore_ascii_case("dpop");
        }
        let Some((name, value)) = parameter.split_once('=') else { continue };
        if is_dpop && name.trim().eq_ignore_ascii_case("error") && value.trim().trim_matches('"') == "use_dpop_nonce" {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_challenge_is_found_among_others() {
        // DPOP-04, HP-76
        for header in [
            r#"DPoP error="use_dpop_nonce""#,
            r#"dPoP error="use_dpop_nonce", error_description="x""#,
            r#"Bearer realm="a", DPoP realm="b", algs="ES256", error="use_dpop_nonce""#,
            "dpop error=use_dpop_nonce",
            r#"DPoP algs="ES256", error = "use_dpop_nonce""#,
        ] {
            assert!(is_nonce_challenge(header), "{header}");
        }
        for header in [
            "",
            "DPoP",
            r#"Bearer error="use_dpop_nonce""#,
            r#"DPoP algs="ES256", Bearer error="use_dpop_nonce""#,
            r#"DPoP error="invalid_token", error_description="use_dpop_nonce""#,
        ] {
            assert!(!is_nonce_challenge(header), "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_challenge_makes_it_panic(header in ".{0,80}") {
            let _ = is_nonce_challenge(&header);
        }
    }
}
