//! The provider's metadata document: where to ask, and whether to believe it (META-01 to META-06, rows D-04
//! to D-16).

use serde_json::Value;
use url::Url;

use crate::answer::{Response, is_busy, is_web_page, page_title, redirect, retry_after};
use crate::issuer::Issuer;
use crate::json::{JsonFault, Limits, read_document, type_name};
use crate::metadata::Metadata;
use crate::text::{Scrub, clean};

pub use checks::check_discovery;
pub use error::DiscoveryError;

mod checks;
mod error;

const LIMITS: Limits = Limits { bytes: 512 * 1024, depth: 32 };

/// Where the document may be, to be asked in this order: OpenID Connect Discovery section 4.1, then RFC 8414
/// section 3.1.
#[must_use]
pub fn metadata_urls(issuer: &Issuer) -> [Url; 2] {
    let path = issuer.url().path();
    let path = path.strip_suffix('/').unwrap_or(path);
    let with_path = |path: &str| {
        let mut url = issuer.url().clone();
        url.set_path(path);
        url
    };
    [
        with_path(&format!("{path}/.well-known/openid-configuration")),
        with_path(&format!("/.well-known/oauth-authorization-server{path}")),
    ]
}

/// Reads the answer of `url`, one of [`metadata_urls`].
///
/// # Errors
/// [`DiscoveryError`] says what is wrong; [`DiscoveryError::try_next`] whether the other address may still
/// answer.
pub fn finish_discovery(issuer: &Issuer, url: &Url, response: &Response) -> Result<Metadata, DiscoveryError> {
    let status = response.status().as_u16();
    if let Some(to) = redirect(response, &Scrub::default()) {
        return Err(DiscoveryError::Redirected { from: url.to_string(), to });
    }
    if is_busy(response) {
        return Err(DiscoveryError::Unavailable { url: url.to_string(), status, retry_after: retry_after(response) });
    }
    if response.status().is_client_error() {
        return Err(DiscoveryError::NotFound { url: url.to_string(), status, nor_at: None });
    }
    if status != 200 {
        return Err(DiscoveryError::UnexpectedStatus { url: url.to_string(), status });
    }
    if is_web_page(response) {
        return Err(DiscoveryError::Html { url: url.to_string(), title: page_title(response) });
    }
    parse_metadata(issuer, response.body())
}

/// Reads a document that was fetched before; a kept copy is believed no more than a fresh one.
///
/// # Errors
/// [`DiscoveryError`] says what is wrong.
pub fn parse_metadata(issuer: &Issuer, document: &[u8]) -> Result<Metadata, DiscoveryError> {
    let document = match read_document(document, LIMITS)? {
        Value::Object(members) => members,
        other => return Err(DiscoveryError::NotObject { got: type_name(&other) }),
    };
    let got = match document.get("issuer") {
        Some(Value::String(got)) => got,
        other => {
            let got = other.map_or("nothing", type_name);
            return Err(DiscoveryError::BadField { field: "issuer", expected: "text", got });
        }
    };
    if got.contains(['{', '}']) {
        return Err(DiscoveryError::IssuerTemplate { got: clean(got, 200) });
    }
    if got != issuer.as_str() {
        let only_slash = issuer.with_slash_turned().is_some_and(|turned| turned.as_str() == got);
        let (expected, got) = (issuer.as_str().to_owned(), clean(got, 200));
        return Err(DiscoveryError::IssuerMismatch { expected, got, only_slash });
    }
    Metadata::read(issuer, document)
}

/// A provider's endpoints as a person gives them, where it describes itself nowhere (D-05).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of RFC 8414")]
pub struct ManualEndpoints {
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub userinfo_endpoint: Option<String>,
    pub revocation_endpoint: Option<String>,
    pub device_authorization_endpoint: Option<String>,
}

/// Metadata of endpoints given by hand, judged like a document. Without a document nothing is signed: no keys
/// are known.
///
/// # Errors
/// [`DiscoveryError`] names the endpoint that cannot be used.
pub fn manual_metadata(issuer: &Issuer, endpoints: &ManualEndpoints) -> Result<Metadata, DiscoveryError> {
    let mut document = serde_json::Map::new();
    let required =
        [("authorization_endpoint", &endpoints.authorization_endpoint), ("token_endpoint", &endpoints.token_endpoint)];
    let optional = [
        ("userinfo_endpoint", &endpoints.userinfo_endpoint),
        ("revocation_endpoint", &endpoints.revocation_endpoint),
        ("device_authorization_endpoint", &endpoints.device_authorization_endpoint),
    ];
    document.insert("issuer".to_owned(), issuer.as_str().into());
    // Nobody has told: what a profile says is then what is done.
    document.insert(
        "token_endpoint_auth_methods_supported".to_owned(),
        serde_json::json!(["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]),
    );
    for (name, endpoint) in required {
        document.insert(name.to_owned(), endpoint.as_str().into());
    }
    for (name, endpoint) in optional {
        document.extend(endpoint.as_ref().map(|endpoint| (name.to_owned(), endpoint.as_str().into())));
    }
    Metadata::read(issuer, document)
}

impl From<JsonFault> for DiscoveryError {
    fn from(fault: JsonFault) -> Self {
        match fault {
            JsonFault::TooLarge { limit } => Self::TooLarge { limit },
            JsonFault::TooDeep { limit } => Self::TooDeep { limit },
            JsonFault::DuplicateMember { name } => Self::DuplicateMember { name },
            JsonFault::BadUtf8 => Self::BadUtf8,
            JsonFault::NumberOutOfRange { member } => Self::BadNumber { name: member },
            JsonFault::Syntax { line, column } => Self::NotJson { line, column },
        }
    }
}

#[cfg(test)]
mod tests;
