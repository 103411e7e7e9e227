//! The answer: its status, headers and body.

use doorkey_client::words::ReceivedAnswer;
use http::Response;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::Purpose;
use super::body;
use super::request::{form, headers, shown_address};
use super::rules::{Class, header};
use super::secrets::{Secrets, fingerprint};

/// Of a body that is told.
const LONGEST: usize = 16 * 1024;
/// Of a body that is looked into; a larger one is told by its length.
const LOOKED_INTO: usize = 128 * 1024;

pub(super) fn told(response: &Response<Vec<u8>>, purpose: Purpose, secrets: &mut Secrets) -> ReceivedAnswer {
    for (name, value) in response.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        match header(name.as_str()) {
            Class::Secret => secrets.add(&value),
            // For what its parameters hide: the body may repeat it.
            Class::Address => drop(shown_address(&value, false, secrets)),
            Class::Named | Class::Words | Class::Unknown => {}
        }
    }
    let body = shown(response, purpose, secrets);
    let headers = headers(response.headers(), secrets);
    ReceivedAnswer { status: response.status().as_u16(), headers, body: cut(body), unchanged: None }
}

fn shown(response: &Response<Vec<u8>>, purpose: Purpose, secrets: &mut Secrets) -> String {
    let bytes = response.body();
    let by_its_length = |secrets: &mut Secrets| {
        secrets.not_looked_into();
        format!("[{} bytes, fingerprint {}]", bytes.len(), fingerprint(bytes))
    };
    if bytes.is_empty() {
        return String::new();
    }
    if bytes.len() > LOOKED_INTO {
        return by_its_length(secrets);
    }
    let Ok(text) = str::from_utf8(bytes) else { return by_its_length(secrets) };
    if let Ok(json @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str::<Value>(text) {
        let shape = purpose.shape();
        body::look(&json, shape, secrets);
        if secrets.are_too_many() {
            return by_its_length(secrets);
        }
        return body::redacted(&json, shape, secrets).to_string();
    }
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // Some providers answer with a form, whatever they call it.
    let is_form = kind.contains("form-urlencoded") || (text.contains('=') && !text.contains(char::is_whitespace));
    if is_form && !text.contains('<') {
        let pairs = form(bytes, secrets);
        if secrets.are_too_many() {
            return by_its_length(secrets);
        }
        let told = pairs.into_iter().map(|pair| {
            let value = if pair.secret { format!("[fingerprint {}]", pair.value) } else { pair.value };
            format!("{}={value}", pair.name)
        });
        return told.collect::<Vec<_>>().join("&");
    }
    // What is damaged JSON may hold anything, where a page for people does not.
    let is_for_people = kind.starts_with("text/") || kind.contains("html");
    if is_for_people && !looks_like_json(text) && !secrets.are_too_many() {
        secrets.replaced_in_words(text)
    } else {
        by_its_length(secrets)
    }
}

fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

fn cut(mut body: String) -> String {
    if body.len() > LONGEST {
        body.truncate(body.floor_char_boundary(LONGEST));
        body.push('…');
    }
    body
}
