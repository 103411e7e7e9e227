//! See [`crate::fuzzing`].

use axum::extract::{Path, Query};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use doorkey_client::words::{
    DiscoveryRequest, ErrorBody, ProfileEntry, RenewalRequest, SignInRequest, SignOutRequest, TokenRequest, VERSION,
    VaultChoice,
};
use http_body_util::BodyExt;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use tower_service::Service;

use super::asked::{Body, InAddress};
use super::events;
use super::guards::{LARGEST_REQUEST, guarded};
use crate::fuzzing::{Outcome, run};

/// In the seeds where a secret stands.
const CANARY: &str = "CANARY";

/// A request to the agent: method and path, header lines, an empty line, the body. Every call answers with what it
/// understood, behind the same guards as the real one.
pub fn api_request(bytes: &[u8]) -> Outcome {
    let Some(request) = request(bytes) else { return Outcome::Refused };
    let Said { method, path, headers, body } = request;
    let (status, answer) = run(call(&method, &path, &headers, body));
    if status != StatusCode::OK {
        refused(status, &answer, body);
        return Outcome::Refused;
    }
    assert!(!headers.contains_key(header::ORIGIN) && !headers.contains_key("sec-fetch-site"), "B-34");
    if matches!(method, Method::GET | Method::HEAD) {
        return Outcome::Taken;
    }
    understood(&answer, body);
    let again = run(call(&method, &path, &headers, &answer));
    assert_eq!(again, (status, answer), "what was understood is understood the same way again");
    Outcome::Taken
}

struct Said<'b> {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: &'b [u8],
}

fn request(bytes: &[u8]) -> Option<Said<'_>> {
    let end = bytes.windows(2).position(|two| two == b"\n\n")?;
    let mut lines = std::str::from_utf8(bytes.get(..end)?).ok()?.lines();
    let (method, path) = lines.next()?.split_once(' ')?;
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.parse::<http::HeaderName>().ok()?, value.trim().parse::<http::HeaderValue>().ok()?))
    });
    Some(Said {
        method: method.parse().ok()?,
        path: path.to_owned(),
        headers: headers.collect::<Option<_>>()?,
        body: bytes.get(end + 2..)?,
    })
}

async fn call(method: &Method, path: &str, headers: &HeaderMap, body: &[u8]) -> (StatusCode, Vec<u8>) {
    let request = Request::builder().method(method).uri(path).body(axum::body::Body::from(body.to_vec()));
    // An address that is none does not get past the HTTP library.
    let Ok(mut request) = request else { return (StatusCode::BAD_REQUEST, Vec::new()) };
    request.headers_mut().extend(headers.clone());
    let answer = echo().call(request).await.unwrap_or_else(|never| match never {});
    let status = answer.status();
    (status, answer.into_body().collect().await.expect("in memory").to_bytes().to_vec())
}

/// The calls that take words, with the words for an answer.
fn echo() -> Router {
    async fn word<T: DeserializeOwned + Serialize>(Body(word): Body<T>) -> Json<T> {
        Json(word)
    }
    async fn entry(_: InAddress<Path<String>>, Body(entry): Body<ProfileEntry>) -> Json<ProfileEntry> {
        Json(entry)
    }
    async fn since(_: InAddress<Query<events::Since>>) {}
    async fn id(_: InAddress<Path<String>>) {}
    guarded(
        Router::new()
            .route("/v1/profiles/{name}", put(entry))
            .route("/v1/discoveries", post(word::<DiscoveryRequest>))
            .route("/v1/sign-ins", post(word::<SignInRequest>))
            .route("/v1/sign-ins/{id}", get(id))
            .route("/v1/tokens", post(word::<TokenRequest>))
            .route("/v1/renewals", post(word::<RenewalRequest>))
            .route("/v1/sign-outs", post(word::<SignOutRequest>))
            .route("/v1/vault", put(word::<VaultChoice>))
            .route("/v1/events", get(since)),
    )
}

/// Nothing was made up: what is told in the request is told in what was understood.
fn understood(answer: &[u8], body: &[u8]) {
    assert!(body.len() <= LARGEST_REQUEST);
    let answer: Value = serde_json::from_slice(answer).expect("answers are JSON");
    assert!(serde_json::from_slice::<IgnoredAny>(body).is_ok(), "what was understood is JSON");
    // Members that are not known are passed over, whatever a reader of all of them would say to their values.
    let Ok(asked) = serde_json::from_slice::<Value>(body) else { return };
    let (asked, answer) = (asked.as_object().expect("an object"), answer.as_object().expect("an object"));
    for (name, value) in answer {
        match asked.get(name) {
            // `60.0` is 60.
            Some(told) if told.is_f64() => assert_eq!(told.as_f64(), value.as_f64(), "{name}"),
            Some(told) => assert_eq!(told, value, "{name}"),
            None => assert!(is_default(value), "{name} was made up: {value}"),
        }
    }
}

fn is_default(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(word) => ["agent", "revoke", "127.0.0.1"].contains(&word.as_str()),
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

/// Every refusal has the one shape, and says nothing of the body.
fn refused(status: StatusCode, answer: &[u8], body: &[u8]) {
    if answer.is_empty() {
        return;
    }
    let ErrorBody { version, error } = serde_json::from_slice(answer)
        .unwrap_or_else(|fault| panic!("{status} is not a refusal ({fault}): {}", String::from_utf8_lossy(answer)));
    assert_eq!(version, VERSION);
    assert!(matches!(status.as_u16(), 400 | 403 | 404 | 405 | 413 | 414 | 415 | 431), "{status}");
    assert!(error.code.starts_with("broker.") && error.message.chars().count() <= 300);
    let holds_canary = body.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
    assert!(
        !(holds_canary && matches!(status.as_u16(), 400 | 413) && error.message.contains(CANARY)),
        "{}",
        error.message
    );
}
