//! What clients sent, for the people who write and test them: each request in order, what was made of it and
//! by which rule, what a right client does next, and whether this one ended as it must.
//!
//! Only with [`Settings::seen`](crate::Settings::seen); these pages are not in the log themselves. Secrets are
//! fingerprints here: the first eight hex digits of their SHA-256.

mod field;
mod judge;
mod next;
mod rule;
mod shown;

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::header::{LOCATION, REFRESH};
use http::{Method, StatusCode};
use serde_json::Value;
use url::{Url, form_urlencoded};

pub(crate) use field::Field;
pub(crate) use judge::judge;
pub use judge::{Judged, Verdict};
pub(crate) use shown::{Made, Seen, Sender, Shown};

use crate::answer::Answer;
use crate::request::Request;
use crate::serve::Idp;
use crate::{Endpoint, pages};

/// How often the page shows itself anew, in seconds.
const REFRESHED_EVERY: &str = "3";

/// In which form it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Page,
    Json,
}

impl Form {
    pub(crate) const ALL: [Self; 2] = [Self::Page, Self::Json];

    pub(crate) fn path(self, base: &str) -> String {
        match self {
            Self::Page => format!("{base}/seen"),
            Self::Json => format!("{base}/seen.json"),
        }
    }
}

/// What of it is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    /// Requests after this one only: they are shown and judged.
    pub(crate) since: u64,
    pub(crate) refresh: Refresh,
}

/// Whether the page shows itself anew; people who read or use a screen reader can stop it (WCAG 2.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refresh {
    On,
    Off,
}

pub(crate) async fn answer(idp: Arc<Idp>, form: Form, request: http::Request<Body>) -> Response {
    let request = Request::read(Endpoint::Other, request).await;
    if !request.is_for(&idp.facts.authority) {
        return idp.wrong_host().into_response();
    }
    if ![Method::GET, Method::HEAD].contains(&request.method) {
        return Answer::wrong_method(Endpoint::Other).into_response();
    }
    let view = View {
        since: request.query.get("since").and_then(|since| since.parse().ok()).unwrap_or_default(),
        refresh: if request.query.get("refresh") == Some("off") { Refresh::Off } else { Refresh::On },
    };
    let how = idp.lock().behaviour.misbehaviour;
    let seen = Seen::of(&idp.facts, how, &idp.log.entries(), view.since);
    match (form, view.refresh) {
        (Form::Json, _) => Answer::json(&seen.as_json()),
        (Form::Page, Refresh::Off) => Answer::page(StatusCode::OK, &pages::seen(&idp.facts, &seen, view)),
        (Form::Page, Refresh::On) => {
            Answer::page(StatusCode::OK, &pages::seen(&idp.facts, &seen, view)).with_header(REFRESH, REFRESHED_EVERY)
        }
    }
    .into_response()
}

/// The secrets in an answer, each by its fingerprint: so that they are known again when they come back.
pub(crate) fn given(endpoint: Endpoint, answer: &Answer) -> Vec<(String, String)> {
    const SECRETS: [&str; 7] =
        ["code", "access_token", "refresh_token", "id_token", "device_code", "user_code", "request_uri"];
    let told = |(name, value): (String, String)| {
        (SECRETS.contains(&name.as_str()) && !value.is_empty()).then(|| (name, field::fingerprint(&value)))
    };
    if answer.ends_here {
        let location = answer.headers.iter().find(|(name, _)| *name == LOCATION);
        let Some(url) = location.and_then(|(_, location)| Url::parse(location).ok()) else { return Vec::new() };
        let fragment = form_urlencoded::parse(url.fragment().unwrap_or_default().as_bytes());
        return url
            .query_pairs()
            .chain(fragment)
            .map(|(a, b)| (a.into_owned(), b.into_owned()))
            .filter_map(told)
            .collect();
    }
    match endpoint {
        Endpoint::Token | Endpoint::DeviceAuthorization | Endpoint::Pushed => {
            let members: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let texts = members.as_object().into_iter().flatten();
            texts.filter_map(|(name, value)| told((name.clone(), value.as_str()?.to_owned()))).collect()
        }
        _ => Vec::new(),
    }
}
