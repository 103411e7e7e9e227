//! Secrets that stand where everybody reads them: a scenario is committed, and so none is in it.

use serde_json::Value;

use super::mistake::{Step, Way};

/// Names that only a secret has.
const SECRET_NAMES: [&str; 13] = [
    "password",
    "passwd",
    "passwort",
    "pwd",
    "passphrase",
    "client_secret",
    "client_assertion",
    "secret",
    "api_key",
    "access_token",
    "refresh_token",
    "id_token",
    "private_key",
];

/// The first text that is a secret, as far as its name or its form tells.
pub(super) fn find(value: &Value, way: &Way) -> Option<Way> {
    match value {
        Value::String(text) => {
            let named = matches!(way.0.last(), Some(Step::Key(name)) if is_secret_name(name)) && !is_a_name(way);
            (named && !text.is_empty() || has_the_form(text)).then(|| way.clone())
        }
        Value::Array(values) => {
            values.iter().enumerate().find_map(|(index, value)| find(value, &way.clone().index(index)))
        }
        Value::Object(members) => password_step(members, way)
            .or_else(|| members.iter().find_map(|(key, value)| find(value, &way.clone().key(key)))),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// What stands there is the name of a secret: `secret` of a step, and what the file says of its client. That there is one of
/// this name is looked at elsewhere.
fn is_a_name(way: &Way) -> bool {
    match way.0.as_slice() {
        [Step::Key(only)] => matches!(only.as_str(), "client_secret" | "client_key"),
        [.., Step::Key(steps), Step::Index(_), Step::Key(name)] => steps == "steps" && name == "secret",
        _ => false,
    }
}

/// `{ fill = "#password", value = "…" }`
fn password_step(members: &serde_json::Map<String, Value>, way: &Way) -> Option<Way> {
    let selector = members.get("fill")?.as_str()?.to_ascii_lowercase();
    let is_password =
        ["password", "passwd", "passwort", "pwd", "passphrase", "secret"].iter().any(|name| selector.contains(name));
    (is_password && members.get("value").is_some_and(Value::is_string)).then(|| way.clone().key("value"))
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    SECRET_NAMES.iter().any(|secret| name == *secret || name.ends_with(&format!("_{secret}")))
}

/// A private key, or a signed token.
fn has_the_form(text: &str) -> bool {
    let is_key = text.contains("-----BEGIN") && text.contains("PRIVATE KEY");
    let is_token = text.starts_with("eyJ") && text.matches('.').count() >= 2 && text.len() > 40;
    // A private JSON Web Key (RFC 7517 section 4.1, RFC 7518 section 6).
    let is_json_key = text.contains("\"kty\"") && (text.contains("\"d\"") || text.contains("\"k\""));
    is_key || is_token || is_json_key
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(value: &Value) -> Option<Vec<Step>> {
        find(value, &Way::default()).map(|way| way.0)
    }

    #[test]
    fn a_secret_is_known_by_its_name_or_its_form() {
        let token = format!("eyJ{}.eyJ{}.c2ln", "a".repeat(30), "b".repeat(30));
        for value in [
            json!({ "params": { "client_secret": "CANARY" } }),
            json!({ "variables": { "ada_password": "CANARY" } }),
            json!({ "steps": [{ "fill": "input[type=password]", "value": "CANARY" }] }),
            json!({ "params": { "hint": token } }),
            json!(["-----BEGIN EC PRIVATE KEY-----"]),
            json!({ "client": "{ \"kty\": \"EC\", \"d\": \"CANARY\" }" }),
        ] {
            assert!(found(&value).is_some(), "{value}");
        }
    }

    #[test]
    fn names_of_secrets_and_ordinary_texts_are_none() {
        for value in [
            json!({ "client_secret": "the_client" }),
            json!({ "steps": [{ "fill": "#password", "secret": "ada" }, { "fill": "#email", "value": "ada@example.test" }] }),
            json!({ "expect": { "ends": "token.invalid_client" }, "requests": { "token": 1 } }),
            json!({ "variables": { "password": { "env": "ADA_PASSWORD" } } }),
        ] {
            assert_eq!(found(&value), None, "{value}");
        }
    }
}
