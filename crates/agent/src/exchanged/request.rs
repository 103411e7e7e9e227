//! The request: its address, headers and form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorkey_client::words::{Pair, SentRequest};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::Value;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::Purpose;
use super::body;
use super::rules::{Class, Shape, field, header};
use super::secrets::{Secrets, fingerprint};

/// Headers, and fields of a form.
const MOST_PAIRS: usize = 64;
/// Of one value, in characters.
const LONGEST_VALUE: usize = 4 * 1024;
const LONGEST_NAME: usize = 128;

/// A request as it is told, and what of it must not be.
pub(super) struct Sent {
    pub(super) request: SentRequest,
    pub(super) secrets: Secrets,
}

impl Sent {
    pub(super) fn of(request: &http::Request<Vec<u8>>, purpose: Purpose) -> Self {
        let mut secrets = Secrets::default();
        let address = request.uri().to_string();
        if let Ok(url) = Url::parse(&address) {
            secrets.add_public(&url[..url::Position::AfterPath]);
        }
        // Each of them looks first for what is secret, so that none shows what another hides.
        let body = request.body();
        for_credentials(request.headers(), &mut secrets);
        let form = if is_json(request) { members(body, &mut secrets) } else { form(body, &mut secrets) };
        let url = shown_address(&address, purpose == Purpose::Registration, &mut secrets);
        let headers = headers(request.headers(), &mut secrets);
        Self { request: SentRequest { method: request.method().to_string(), url, headers, form }, secrets }
    }
}

/// Whether its body is no form.
pub(crate) fn is_json(request: &http::Request<Vec<u8>>) -> bool {
    request.headers().get(CONTENT_TYPE).is_some_and(|value| value.to_str().is_ok_and(|value| value.contains("json")))
}

/// A secret may be sent in `Authorization`, and repeated without it.
fn for_credentials(headers: &HeaderMap, secrets: &mut Secrets) {
    for (name, value) in headers {
        if header(name.as_str()) != Class::Secret {
            continue;
        }
        let Ok(value) = value.to_str() else { continue };
        let (scheme, credentials) = value.split_once(' ').unwrap_or(("", value));
        secrets.add(credentials);
        // RFC 6749 section 2.3.1: both parts are form-encoded.
        if scheme.eq_ignore_ascii_case("basic")
            && let Ok(decoded) = STANDARD.decode(credentials).map(Zeroizing::new)
            && let Ok(decoded) = str::from_utf8(&decoded)
            && let Some((_, secret)) = decoded.split_once(':')
        {
            secrets.add(secret);
            let plain =
                form_urlencoded::parse(format!("s={secret}").as_bytes()).next().map(|(_, plain)| plain.into_owned());
            if let Some(plain) = plain.map(Zeroizing::new) {
                secrets.add(&plain);
            }
        }
    }
}

/// The headers, in order.
pub(super) fn headers(headers: &HeaderMap, secrets: &mut Secrets) -> Vec<Pair> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    for (name, value) in headers {
        if header(name.as_str()) == Class::Unknown {
            secrets.add_unknown(&text(value));
        }
    }
    let told = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let (class, name, value) = (header(name.as_str()), name.as_str(), text(value));
        match class {
            Class::Named => shown(name, &value, &secrets.replaced(&value), secrets),
            Class::Words => shown(name, &value, &secrets.replaced_in_words(&value), secrets),
            Class::Address => {
                let told = shown_address(&value, false, secrets);
                shown(name, &value, &told, secrets)
            }
            Class::Secret | Class::Unknown => match value.split_once(' ') {
                Some((scheme @ ("Basic" | "Bearer" | "DPoP"), credentials)) => {
                    let pair = hidden(name, credentials, secrets);
                    Pair { value: format!("{scheme} {}", pair.value), ..pair }
                }
                _ => hidden(name, &value, secrets),
            },
        }
    };
    headers.iter().take(MOST_PAIRS).map(told).collect()
}

/// A form or a query, in order.
pub(super) fn form(encoded: &[u8], secrets: &mut Secrets) -> Vec<Pair> {
    let fields: Vec<(String, Zeroizing<String>)> = form_urlencoded::parse(encoded)
        .take(MOST_PAIRS)
        .map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned())))
        .collect();
    for (name, value) in &fields {
        match field(name) {
            Class::Secret => secrets.add(value),
            Class::Unknown => secrets.add_unknown(value),
            Class::Named | Class::Words | Class::Address => {}
        }
    }
    let pairs: Vec<Pair> = fields
        .iter()
        .map(|(name, value)| match field(name) {
            Class::Named => shown(name, value, &secrets.replaced(value), secrets),
            Class::Words => shown(name, value, &secrets.replaced_in_words(value), secrets),
            Class::Address => {
                let told = shown_address(value, false, secrets);
                shown(name, value, &told, secrets)
            }
            Class::Secret | Class::Unknown => hidden(name, value, secrets),
        })
        .collect();
    for pair in pairs.iter().filter(|pair| !pair.secret) {
        secrets.add_public(&pair.value);
    }
    pairs
}

/// A JSON body of ours, as fields.
fn members(json: &[u8], secrets: &mut Secrets) -> Vec<Pair> {
    let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(json) else {
        // Called so, and a form all the same: what is secret in it must be known, to be found in the answer.
        return form(json, secrets);
    };
    let sent = Value::Object(members);
    body::look(&sent, Shape::Protocol, secrets);
    let Value::Object(members) = body::redacted(&sent, Shape::Protocol, secrets) else { return Vec::new() };
    let pair = |(name, told): (String, Value)| {
        let as_sent = sent.get(&name) == Some(&told);
        let text = match told {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let value = cut(&text);
        Pair { altered: !as_sent || value != text, name, value, secret: false }
    };
    members.into_iter().take(MOST_PAIRS).map(pair).collect()
}

/// An address, whole or relative, with its parameters by their names and without its fragment; where it may be a secret
/// as a whole, its path without what is opaque.
pub(super) fn shown_address(address: &str, is_capability: bool, secrets: &mut Secrets) -> String {
    let (address, fragment) = address.split_once('#').unwrap_or((address, ""));
    let (place, query) = match address.split_once('?') {
        Some((place, query)) => (place, Some(query)),
        None => (address, None),
    };
    // Of what stands there nothing is shown, and it may be repeated elsewhere.
    form(fragment.as_bytes(), secrets);
    let parameters = query.map(|query| form(query.as_bytes(), secrets));
    let mut text = match Url::parse(place) {
        Ok(mut url) => {
            // Neither can be set where there is none; then there is none.
            let _ = url.set_password(None);
            let _ = url.set_username("");
            if is_capability { secrets.replaced_in_words(url.as_str()) } else { secrets.replaced(url.as_str()) }
        }
        Err(_) => secrets.replaced_in_words(place),
    };
    if let Some(parameters) = parameters {
        let told = parameters.iter().map(|pair| {
            let value = if pair.secret { format!("[fingerprint {}]", pair.value) } else { pair.value.clone() };
            format!("{}={value}", pair.name)
        });
        text = format!("{text}?{}", told.collect::<Vec<_>>().join("&"));
    }
    cut(&text)
}

/// A name that a provider made may be anything.
pub(super) fn named(name: &str, secrets: &Secrets) -> String {
    let is_listed = !matches!(field(name), Class::Unknown);
    if is_listed { name.to_owned() } else { secrets.replaced_in_words(name).chars().take(LONGEST_NAME).collect() }
}

/// What is told of a value, which must not be taken for the value where it is another.
fn shown(name: &str, value: &str, told: &str, secrets: &Secrets) -> Pair {
    let (name, told) = (named(name, secrets), cut(told));
    Pair { name, altered: told != value, value: told, secret: false }
}

fn hidden(name: &str, value: &str, secrets: &Secrets) -> Pair {
    let told = named(name, secrets);
    Pair { altered: told != name, name: told, value: fingerprint(value.as_bytes()), secret: true }
}

fn cut(value: &str) -> String {
    match value.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}
