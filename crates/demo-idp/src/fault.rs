//! Faults of the wire and of the HTTP around an answer.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use futures_util::stream;
use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use serde_json::{Map, Value};

use crate::answer::{Answer, respond};

/// What happens to an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// That HTTP status with a line of plain text.
    Status(u16),
    /// An OAuth error (RFC 6749 5.2) with that status and code.
    OauthError {
        /// HTTP status.
        status: u16,
        /// Such as `invalid_grant`.
        error: String,
    },
    /// 200 with an HTML page where JSON belongs.
    Html,
    /// 200, `application/json`, and half a JSON object.
    InvalidJson,
    /// 200 and 64 MiB of JSON.
    Huge,
    /// The answer, one byte a second.
    SlowBody,
    /// Half of the answer, then the connection is closed.
    Cut,
    /// Half of the answer in chunks (RFC 9112 7.1), then the connection is closed without the last one.
    CutChunk,
    /// The connection is closed without an answer.
    Drop,
    /// The connection is reset (TCP RST) without an answer.
    Reset,
    /// No answer, and the connection stays open.
    Hang,
    /// Any answer at all.
    Said {
        /// HTTP status.
        status: u16,
        /// Names and values.
        headers: Vec<(String, String)>,
        /// Its bytes.
        body: Vec<u8>,
    },
    /// The answer with these members of its JSON changed, and those that are `null` here taken away (JSON Merge
    /// Patch, RFC 7396). For [`Knobs::spoil`](crate::Knobs::spoil): before the work there is no answer to change.
    Merged(Value),
}

/// How long a fault stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// For so many requests.
    Next(usize),
    /// Until it is healed.
    Always,
}

/// Tells the connection to break instead of answering.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Broken {
    Dropped,
    Reset,
}

impl Fault {
    /// The answer with this fault in it.
    pub(crate) async fn spoil(self, answer: Answer) -> Response {
        match self {
            Self::Status(status) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                respond(status, plain("text/plain"), Body::from(format!("{status}\n")))
            }
            Self::OauthError { status, error } => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
                Answer::oauth_error(status, &error, "made so by the test").into_response()
            }
            Self::Html => {
                let page = "<!doctype html><title>Proxy</title><h1>Sign in to this network</h1>\n";
                respond(StatusCode::OK, plain("text/html; charset=utf-8"), Body::from(page))
            }
            Self::InvalidJson => {
                respond(StatusCode::OK, plain("application/json"), Body::from(r#"{"access_token": "half"#))
            }
            Self::Huge => respond(StatusCode::OK, plain("application/json"), huge()),
            Self::SlowBody => {
                let (status, headers, body) = (answer.status, answer.headers, answer.body);
                respond(status, with_length(headers, body.len()), trickle(body))
            }
            Self::Cut => {
                let (status, headers, mut body) = (answer.status, answer.headers, answer.body);
                let headers = with_length(headers, body.len().max(2));
                body.truncate(body.len() / 2);
                respond(status, headers, cut(body))
            }
            Self::CutChunk => {
                let (status, headers, mut body) = (answer.status, answer.headers, answer.body);
                body.truncate(body.len() / 2);
                respond(status, headers, cut(body))
            }
            Self::Drop => broken(Broken::Dropped),
            Self::Reset => broken(Broken::Reset),
            Self::Hang => std::future::pending().await,
            Self::Said { status, headers, body } => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let named =
                    |(name, value): (String, String)| Some((HeaderName::from_bytes(name.as_bytes()).ok()?, value));
                respond(status, headers.into_iter().filter_map(named).collect(), Body::from(body))
            }
            Self::Merged(changes) => {
                let mut members = serde_json::from_slice(&answer.body).unwrap_or_default();
                merge(&mut members, changes);
                Answer { body: members.to_string().into_bytes(), ..answer }.into_response()
            }
        }
    }
}

fn merge(target: &mut Value, changes: Value) {
    let Value::Object(changes) = changes else {
        *target = changes;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    for (name, change) in changes {
        match (change, target.as_object_mut()) {
            (Value::Null, Some(members)) => drop(members.remove(&name)),
            (change, _) => merge(&mut target[name], change),
        }
    }
}

fn plain(content_type: &str) -> Vec<(HeaderName, String)> {
    vec![(CONTENT_TYPE, content_type.into())]
}

fn with_length(mut headers: Vec<(HeaderName, String)>, length: usize) -> Vec<(HeaderName, String)> {
    headers.push((CONTENT_LENGTH, length.to_string()));
    headers
}

fn broken(how: Broken) -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(how);
    response
}

fn huge() -> Body {
    const CHUNKS: usize = 1024;
    let chunks = (0..CHUNKS).map(|at| {
        let mut chunk = vec![b'a'; 64 * 1024];
        if at == 0 {
            chunk[..6].copy_from_slice(br#"{"a":""#);
        }
        if at == CHUNKS - 1 {
            let end = chunk.len() - 2;
            chunk[end..].copy_from_slice(br#""}"#);
        }
        Ok::<_, std::io::Error>(chunk)
    });
    Body::from_stream(stream::iter(chunks))
}

fn trickle(body: Vec<u8>) -> Body {
    Body::from_stream(stream::unfold(body.into_iter(), async |mut rest| {
        let byte = rest.next()?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        Some((Ok::<_, std::io::Error>(vec![byte]), rest))
    }))
}

fn cut(half: Vec<u8>) -> Body {
    Body::from_stream(stream::unfold(Some(half), async |half| match half {
        Some(half) => Some((Ok(half), None)),
        None => {
            // hyper flushes what it has only when the body has nothing more at the moment.
            tokio::task::yield_now().await;
            Some((Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted)), None))
        }
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_merge_does_what_the_standards_example_does() {
        // RFC 7396 section 3
        let mut target =
            json!({"title": "Goodbye!", "author": {"givenName": "John", "familyName": "Doe"}, "tags": [1]});
        merge(&mut target, json!({"title": "Hello!", "phone": "+01", "author": {"familyName": null}, "tags": [2]}));
        assert_eq!(target, json!({"title": "Hello!", "phone": "+01", "author": {"givenName": "John"}, "tags": [2]}));
        merge(&mut target, json!({"title": {"a": {"b": null}}}));
        assert_eq!(target["title"], json!({"a": {}}));
    }
}
