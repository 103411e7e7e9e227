//! What an endpoint answers, before it becomes bytes: the place where a fault can still change it.

use axum::body::Body;
use axum::response::Response;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, LOCATION, PRAGMA, REFERRER_POLICY,
    SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::Endpoint;
use crate::pages::Page;

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, String)>,
    pub(crate) body: Vec<u8>,
    /// The OAuth error code in it, for the log.
    pub(crate) error: Option<String>,
    /// Why it was refused, for the log.
    pub(crate) why: Option<String>,
    /// It sends the browser back to the client.
    pub(crate) ends_here: bool,
}

impl Answer {
    pub(crate) fn json(value: &Value) -> Self {
        Self {
            headers: vec![(CONTENT_TYPE, "application/json".into())],
            body: value.to_string().into_bytes(),
            ..Self::empty(StatusCode::OK)
        }
    }

    /// An error as RFC 6749 5.2 shapes it.
    pub(crate) fn oauth_error(status: StatusCode, error: &str, description: &str) -> Self {
        Self {
            status,
            error: Some(error.into()),
            why: Some(description.into()),
            ..Self::json(&json!({ "error": error, "error_description": description }))
        }
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), error: None, why: None, ends_here: false }
    }

    pub(crate) fn page(status: StatusCode, page: &Page) -> Self {
        Self {
            headers: vec![
                (CONTENT_TYPE, "text/html; charset=utf-8".into()),
                (CONTENT_SECURITY_POLICY, page.content_security_policy()),
                (X_FRAME_OPTIONS, "DENY".into()),
            ],
            body: page.html().into_bytes(),
            ..Self::empty(status)
        }
    }

    /// 303, so that no browser ever posts a password on (RFC 9700 2.6, 4.12).
    pub(crate) fn see_other(location: String) -> Self {
        Self { headers: vec![(LOCATION, location)], ..Self::empty(StatusCode::SEE_OTHER) }
    }

    pub(crate) fn wrong_method(endpoint: Endpoint) -> Self {
        let allowed: Vec<&str> = endpoint.methods().iter().map(http::Method::as_str).collect();
        let why = format!("the method must be {}", allowed.join(" or "));
        Self { headers: vec![(ALLOW, allowed.join(", "))], ..Self::empty(StatusCode::METHOD_NOT_ALLOWED) }.because(&why)
    }

    pub(crate) fn with_error(self, error: &str) -> Self {
        Self { error: Some(error.into()), ..self }
    }

    /// With a reason for the log that the answer itself does not tell.
    pub(crate) fn because(self, why: &str) -> Self {
        Self { why: Some(why.into()), ..self }
    }

    /// With one more member in its JSON.
    pub(crate) fn with_member(self, name: &str, value: &str) -> Self {
        let mut members: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        members[name] = value.into();
        Self { body: members.to_string().into_bytes(), ..self }
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn with_cookie(self, cookie: Option<String>) -> Self {
        match cookie {
            Some(cookie) => self.with_header(SET_COOKIE, cookie),
            None => self,
        }
    }

    pub(crate) fn into_response(self) -> Response {
        let (status, headers, body) = (self.status, self.headers, self.body);
        respond(status, headers, Body::from(body))
    }
}

/// Puts the headers on that every answer carries.
pub(crate) fn respond(status: StatusCode, headers: Vec<(HeaderName, String)>, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let always = [
        (CACHE_CONTROL, "no-store".to_owned()),
        (PRAGMA, "no-cache".to_owned()),
        (REFERRER_POLICY, "no-referrer".to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    let kept = always.into_iter().filter(|(name, _)| !headers.iter().any(|(given, _)| given == name));
    for (name, value) in kept.collect::<Vec<_>>().into_iter().chain(headers) {
        // A value that is no header value can only come from a hostile parameter; it is left out.
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
