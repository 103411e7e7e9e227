//! Parameters and headers as they are shown: a secret by its fingerprint, nothing endless.

use std::fmt::Write as _;

use crate::log::Entry;
use crate::{Params, random};

/// Parameters of one request.
const MOST_PARAMETERS: usize = 40;
/// Of one value, in characters.
const LONGEST: usize = 300;
/// The headers that a client is told by.
const HEADERS: [&str; 5] = ["authorization", "content-type", "dpop", "origin", "user-agent"];

/// Parameters that are no secret; every other is shown by its fingerprint.
const PUBLIC: &[&str] = &[
    "acr_values",
    "as",
    "audience",
    "authorization_details",
    "claims",
    "claims_locales",
    "client_assertion_type",
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "connection",
    "decision",
    "display",
    "dpop_jkt",
    "email",
    "grant_type",
    "login_hint",
    "max_age",
    "organization",
    "post_logout_redirect_uri",
    "prompt",
    "redirect_uri",
    "requested_token_type",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "screen_hint",
    "subject_token_type",
    "actor_token_type",
    "token_type_hint",
    "ui_locales",
    "id_token_signed_response_alg",
    "logout_hint",
];

/// A name with its value, or with the fingerprint of one that is secret.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) secret: bool,
}

/// The parameters of a request.
pub(super) fn parameters(entry: &Entry) -> Vec<Field> {
    entry.params.iter().take(MOST_PARAMETERS).map(parameter).collect()
}

/// The headers of a request that a client is told by.
pub(super) fn headers(entry: &Entry) -> Vec<Field> {
    entry.headers.iter().filter(|(name, _)| HEADERS.contains(name)).map(header).collect()
}

/// The first eight hex digits of the SHA-256.
pub(super) fn fingerprint(secret: &str) -> String {
    random::fingerprint(secret).iter().take(4).fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// The fingerprint of the one parameter of that name.
pub(super) fn mark(params: &Params, name: &str) -> Option<String> {
    params.get(name).map(fingerprint)
}

/// The token of the `Authorization` header, as its fingerprint.
pub(super) fn bearer(entry: &Entry) -> Option<String> {
    entry.headers.get("authorization").map(|value| fingerprint(credentials(value).1))
}

fn parameter((name, value): (&str, &str)) -> Field {
    let secret = !PUBLIC.contains(&name);
    Field { name: cut(name), value: if secret { fingerprint(value) } else { cut(value) }, secret }
}

fn header((name, value): (&str, &str)) -> Field {
    match name {
        "authorization" => {
            let (scheme, secret) = credentials(value);
            Field { name: format!("{name}: {}", cut(scheme)), value: fingerprint(secret), secret: true }
        }
        "dpop" => Field { name: name.into(), value: fingerprint(value), secret: true },
        _ => Field { name: name.into(), value: cut(value), secret: false },
    }
}

fn credentials(value: &str) -> (&str, &str) {
    let (scheme, rest) = value.split_once(' ').unwrap_or(("", value));
    (scheme, rest.trim())
}

/// A provider that misbehaves may repeat what is secret.
pub(super) fn without_secrets(why: &str, entry: &Entry) -> String {
    let secrets = entry.params.iter().filter(|(name, value)| !PUBLIC.contains(name) && value.len() >= 6);
    secrets.fold(why.to_owned(), |why, (_, value)| why.replace(value, &format!("[{}]", fingerprint(value))))
}

pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_by_its_fingerprint_and_an_unknown_parameter_is_one() {
        let shown = parameter(("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert_eq!((shown.value.as_str(), shown.secret), ("13d31e96", true));
        assert!(parameter(("made_up", "1")).secret);
        assert_eq!(parameter(("scope", "openid")).value, "openid");
        let shown = header(("authorization", "Bearer abc"));
        assert_eq!((shown.name.as_str(), shown.value.as_str()), ("authorization: Bearer", "ba7816bf"));
        assert!(header(("authorization", "abc")).secret);
    }

    #[test]
    fn a_long_value_is_cut_and_says_so() {
        let shown = parameter(("scope", &"é".repeat(400)));
        assert!(shown.value.ends_with("é… (800 bytes)"), "{}", shown.value);
    }
}
