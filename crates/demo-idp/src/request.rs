//! One request, read once and capped, so that everything after works on plain values.

use std::time::Duration;

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST};
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

use crate::{Endpoint, Params};

const MOST_BODY_BYTES: usize = 64 * 1024;
const LONGEST_BODY_READ: Duration = Duration::from_secs(10);

pub(crate) struct Request {
    pub(crate) endpoint: Endpoint,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Params,
    /// The form of a POST; nothing when the body is of another type.
    pub(crate) form: Option<Params>,
    /// The body, when it is JSON.
    pub(crate) json: Option<Value>,
    pub(crate) headers: HeaderMap,
    /// Why the body could not be taken.
    pub(crate) unreadable: Option<StatusCode>,
}

impl Request {
    pub(crate) async fn read(endpoint: Endpoint, request: http::Request<Body>) -> Self {
        let (parts, body) = request.into_parts();
        let read = tokio::time::timeout(LONGEST_BODY_READ, axum::body::to_bytes(body, MOST_BODY_BYTES)).await;
        let (bytes, unreadable) = match read {
            Ok(Ok(bytes)) => (bytes, None),
            Ok(Err(_)) => (Default::default(), Some(StatusCode::PAYLOAD_TOO_LARGE)),
            Err(_) => (Default::default(), Some(StatusCode::REQUEST_TIMEOUT)),
        };
        let is = |wanted: &[u8]| {
            parts.headers.get(CONTENT_TYPE).is_some_and(|value| {
                let essence = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
                essence.trim_ascii().eq_ignore_ascii_case(wanted)
            })
        };
        let (is_form, is_json) = (is(b"application/x-www-form-urlencoded"), is(b"application/json"));
        let authority = parts.uri.authority().map(|authority| authority.as_str().to_owned());
        let mut headers = parts.headers;
        // An absolute request target overrides Host (RFC 9112 3.2.2).
        if let Some(Ok(authority)) = authority.map(|authority| authority.parse()) {
            headers.insert(HOST, authority);
        }
        Self {
            endpoint,
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: Params::parse(parts.uri.query().unwrap_or_default().as_bytes()),
            form: is_form.then(|| Params::parse(&bytes)),
            json: is_json.then(|| serde_json::from_slice(&bytes).ok()).flatten(),
            headers,
            unreadable,
        }
    }

    /// The form of a POST, the query of anything else.
    pub(crate) fn params(&self) -> &Params {
        self.form.as_ref().filter(|_| self.method == Method::POST).unwrap_or(&self.query)
    }

    /// Whether the one `Host` names this authority.
    pub(crate) fn is_for(&self, authority: &str) -> bool {
        let mut hosts = self.headers.get_all(HOST).iter();
        hosts.next().is_some_and(|host| host.as_bytes() == authority.as_bytes()) && hosts.next().is_none()
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split("; "))
            .filter_map(|pair| pair.split_once('='))
            .find(|(given, _)| *given == name)
            .map(|(_, value)| value)
    }

    /// The credentials of the one `Authorization` header, when it has that scheme.
    pub(crate) fn authorization(&self, scheme: &str) -> Option<&str> {
        let mut values = self.headers.get_all(AUTHORIZATION).iter();
        let (given, credentials) = values.next()?.to_str().ok()?.split_once(' ')?;
        (given.eq_ignore_ascii_case(scheme) && values.next().is_none()).then(|| credentials.trim())
    }
}
