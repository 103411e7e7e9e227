//! Access tokens. No rule of a sign-in reads inside one: what it says is for the API (AT-01). What is read here
//! is shown to people, and blocks nothing.

use serde_json::{Map, Value};

pub(crate) use form::Form;

mod form;

/// `aud` as a list; empty when it is absent or of another type.
pub(crate) fn audience(claims: &Map<String, Value>) -> Vec<String> {
    match claims.get("aud") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(_) | None => Vec::new(),
    }
}
