//! What a call is asked with: bodies and parts of the address, read within bounds and refused in one shape.

use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use doorkey_client::words::Refusal;
use serde::de::DeserializeOwned;

use super::answer::Refused;
use super::guards::LARGEST_REQUEST;
use crate::portable;

/// From the end of the head to the end of the body: 64 KiB over a socket of the same machine.
const LONGEST_BODY: Duration = Duration::from_secs(10);
/// Arrays and objects within each other; the words have three (B-31).
const DEEPEST: usize = 16;

/// A file in a body, whose lines and quotes JSON writes with two letters each.
pub(super) const WITH_A_FILE: usize = 2 * portable::LARGEST + LARGEST_REQUEST;

/// A body of ours, of `MOST` bytes; anything else is refused with the place where it went wrong.
pub(super) struct Body<T, const MOST: usize = LARGEST_REQUEST>(pub(super) T);

/// A part of the address; one that is not understood is refused in the same shape as everything else.
pub(super) struct InAddress<E>(pub(super) E);

impl<S: Send + Sync, T: DeserializeOwned, const MOST: usize> FromRequest<S> for Body<T, MOST> {
    type Rejection = Refused;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Refused> {
        if !says_json(request.headers()) {
            return Err(Refused(Refusal::new(
                "broker.wrong_content_type",
                "The agent takes JSON, and the request says that its body is something else.",
                "Send it with `Content-Type: application/json`; curl does with `--json`.",
            )));
        }
        // What is said to be too large is not read.
        if request.body().size_hint().lower() > MOST as u64 {
            return Err(too_large(MOST));
        }
        DefaultBodyLimit::max(MOST).apply(&mut request);
        let reading = tokio::time::timeout(LONGEST_BODY, Bytes::from_request(request, state));
        let bytes = match reading.await {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(error)) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => return Err(too_large(MOST)),
            Ok(Err(_)) => return Err(bad_request("The body of the request was cut.")),
            Err(_) => return Err(too_slow()),
        };
        parsed(&bytes).map(Self)
    }
}

impl<S: Send + Sync, E: FromRequestParts<S>> FromRequestParts<S> for InAddress<E> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let part = E::from_request_parts(parts, state).await;
        part.map(Self).map_err(|_| bad_request("The address of the request was not understood."))
    }
}

/// A word out of the bytes of a body.
///
/// # Errors
/// Says where it is wrong, and repeats nothing of it.
fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refused> {
    // serde would take an array for an object.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(bad_request("The request is not a JSON object."));
    }
    if is_deep(bytes) {
        return Err(bad_request(&format!("The request has more than {DEEPEST} arrays and objects within each other.")));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        // serde's text may quote the value; its kind and place are enough, and hold no secret.
        let what = match error.classify() {
            serde_json::error::Category::Syntax => "it is not JSON",
            serde_json::error::Category::Eof => "it ends too soon",
            serde_json::error::Category::Data | serde_json::error::Category::Io => {
                "a member is missing, twice there or of the wrong type"
            }
        };
        let place = format!("line {}, column {}", error.line(), error.column());
        bad_request(&format!("The request was not understood at {place}: {what}."))
    })
}

/// Whether JSON goes deeper than any of ours; whether it is JSON is not looked at.
pub(super) fn is_deep(json: &[u8]) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => depth += 1,
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

/// A web page can send a form anywhere without being asked, JSON only after a question (B-34). Who says nothing is no
/// web page.
fn says_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    match (values.next(), values.next()) {
        (None, _) => true,
        (Some(value), None) => is_json(value.as_bytes()),
        (Some(_), Some(_)) => false,
    }
}

/// `application/json`, whatever parameters it has: RFC 8259 section 11 knows none.
pub(super) fn is_json(media_type: &[u8]) -> bool {
    let name = media_type.split(|byte| *byte == b';').next().unwrap_or_default();
    name.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

fn too_large(most: usize) -> Refused {
    let message = format!("The body of the request is larger than {} KiB.", most / 1024);
    Refused(Refusal::new("broker.too_large", message, "Send less."))
}

fn too_slow() -> Refused {
    Refused(Refusal::new("broker.too_slow", "The request did not come in time.", "Send it in one go.").retryable())
}

pub(super) fn bad_request(message: &str) -> Refused {
    Refused(Refusal::new("broker.bad_request", message, "The calls and their members are in docs/agent-api.md."))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B-31: JSON deeper than 16 | counted before it is parsed
    #[test]
    fn depth_is_counted_outside_of_texts() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(!is_deep(nested(DEEPEST).as_bytes()));
        assert!(is_deep(nested(DEEPEST + 1).as_bytes()));
        assert!(!is_deep(format!(r#"{{"a":"{}"}}"#, r#"[{\"["#.repeat(50)).as_bytes()));
        assert!(!is_deep("[]".repeat(50).as_bytes()));
    }

    #[test]
    fn json_has_one_name() {
        for json in ["application/json", "Application/JSON", "application/json; charset=utf-8", " application/json "] {
            assert!(is_json(json.as_bytes()), "{json}");
        }
        for other in ["", "text/plain", "application/jsonp", "application/json-patch+json", "text/json", "json"] {
            assert!(!is_json(other.as_bytes()), "{other}");
        }
    }
}
