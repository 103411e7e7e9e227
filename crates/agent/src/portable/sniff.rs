//! Which program a file is of, by what only that program writes. Nothing is believed here: the reader of the format
//! judges.

use doorkey_client::words::PortableFormat;
use serde_json::Value;

/// The format of a text; nothing when it is none of them.
#[must_use]
pub fn format_of(text: &str) -> Option<PortableFormat> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.len() > super::LARGEST {
        return None;
    }
    if text.starts_with('{') {
        return of_json(&serde_json::from_str(text).ok()?);
    }
    let mut lines = text.lines().map(str::trim_end);
    if lines.clone().any(|line| line.starts_with("auth:oauth2") && line.ends_with('{')) {
        return Some(PortableFormat::Bruno);
    }
    if lines.clone().any(|line| {
        let line = line.trim_start();
        line.starts_with("[profiles.") || line == "[profiles]"
    }) {
        return Some(PortableFormat::Doorkey);
    }
    lines
        .any(|line| line.strip_prefix("kind:").is_some_and(|kind| kind.trim().trim_matches(['"', '\'']) == "Config"))
        .then_some(PortableFormat::Kubeconfig)
}

fn of_json(file: &Value) -> Option<PortableFormat> {
    if file["values"].is_array() {
        return Some(PortableFormat::Postman);
    }
    if file["kind"] == "Config" {
        return Some(PortableFormat::Kubeconfig);
    }
    match (file.get("issuer_url").is_some(), file.get("client_id").is_some()) {
        (true, _) => Some(PortableFormat::OidcAgent),
        (false, true) => Some(PortableFormat::OpenidClient),
        (false, false) => None,
    }
}
