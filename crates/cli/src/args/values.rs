//! What is typed behind an option, understood. A refusal never repeats what could be a secret.

use std::fs;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use doorkey_client::words::{RedirectHost, ResponseMode};
use serde::de::DeserializeOwned;

use crate::time::parse_seconds;

/// As POSIX has it for names in the environment that a shell can use.
pub(super) fn variable(typed: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if typed.is_empty() || !typed.chars().all(fits) || typed.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("a variable's name has letters, digits and `_`, and begins with no digit".to_owned());
    }
    Ok(typed.to_owned())
}

/// A host and perhaps a port, as it stands in an address.
pub(super) fn authority(typed: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    if typed.is_empty() || !typed.chars().all(fits) {
        return Err("write the host alone, such as git.example or git.example:8443".to_owned());
    }
    Ok(typed.to_owned())
}

/// What goes out as a line or as half of a header.
pub(super) fn username(typed: &str) -> Result<String, String> {
    if typed.is_empty() || typed.contains(':') || typed.chars().any(char::is_control) {
        return Err("a user name has at least one character, no `:` and no line's end".to_owned());
    }
    Ok(typed.to_owned())
}

/// The name of a role in AWS. Whether there is one, AWS says.
pub(super) fn role(typed: &str) -> Result<String, String> {
    let parts: Vec<&str> = typed.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", _, name] if name.starts_with("role/") && typed.bytes().all(|b| b.is_ascii_graphic()) => {
            Ok(typed.to_owned())
        }
        _ => Err("write it as arn:aws:iam::ACCOUNT:role/NAME".to_owned()),
    }
}

/// As `AssumeRoleWithWebIdentity` has it for `RoleSessionName`.
pub(super) fn session_name(typed: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_=,.@-".contains(c);
    match typed.len() {
        2..=64 if typed.chars().all(fits) => Ok(typed.to_owned()),
        _ => Err("a session's name has 2 to 64 letters, digits and _=,.@-".to_owned()),
    }
}

pub(super) fn patience(typed: &str) -> Result<u32, String> {
    match parse_seconds(typed)? {
        seconds @ 1..=1800 => Ok(seconds),
        _ => Err(format!("`{typed}` is not between 1 second and 30 minutes")),
    }
}

/// Parameters that carry secrets: everyone on this machine can read the arguments of a program.
const SECRET_PARAMETERS: [&str; 5] =
    ["client_secret", "password", "client_assertion", "refresh_token", "code_verifier"];

pub(super) fn parameter(typed: &str) -> Result<(String, String), String> {
    match typed.split_once('=') {
        Some((key, _)) if SECRET_PARAMETERS.contains(&key) => {
            Err(format!("`{key}` is a secret and does not belong into arguments, which other programs can read"))
        }
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        // What was typed is not repeated: it may be the value alone.
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

/// A JSON list as it is, or out of a file. Whether it is a good one the agent says.
pub(super) fn authorization_details(typed: &str) -> Result<String, String> {
    let text = if typed.trim_start().starts_with('[') {
        typed.to_owned()
    } else {
        fs::read_to_string(typed).map_err(|error| {
            format!("it begins with no `[`, so it is taken for a file, which cannot be read: {}", error.kind())
        })?
    };
    Ok(text.trim().to_owned())
}

pub(super) fn response_mode(typed: &str) -> Result<ResponseMode, String> {
    match typed {
        "query" => Ok(ResponseMode::Query),
        "form_post" => Ok(ResponseMode::FormPost),
        _ => Err("it takes query or form_post".to_owned()),
    }
}

pub(super) fn redirect_host(typed: &str) -> Result<RedirectHost, String> {
    match typed {
        "127.0.0.1" => Ok(RedirectHost::V4),
        "[::1]" | "::1" => Ok(RedirectHost::V6),
        "localhost" => Ok(RedirectHost::Localhost),
        _ => Err(format!("`{typed}` is not a host of this machine; it takes 127.0.0.1, [::1] or localhost")),
    }
}

pub(super) fn tolerance(typed: &str) -> Result<u32, String> {
    match parse_seconds(typed)? {
        seconds @ 0..=300 => Ok(seconds),
        _ => Err(format!("`{typed}` is more than 5 minutes: set the clock instead")),
    }
}

/// One of the agent's own words, named as it stands in a file.
pub(super) fn word<T>(names: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(names.iter().copied())
        .map(|name| serde_json::from_value(name.into()).expect("the names are those of the words"))
}

pub(super) fn preset() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(doorkey_agent::preset_names())
}
