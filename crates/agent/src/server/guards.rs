//! What holds for every call, and for what is none.

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, Request, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use doorkey_client::words::{Refusal, VERSION};

use super::answer::Refused;

pub(super) const LARGEST_REQUEST: usize = 64 * 1024;
/// Of the head: what stands in the first line, names and values. Nothing that calls the agent needs a tenth of it.
const LARGEST_HEAD: usize = 16 * 1024;
const LONGEST_ADDRESS: usize = 8 * 1024;
const MOST_HEADERS: usize = 64;

pub(super) fn guarded<S: Clone + Send + Sync + 'static>(calls: Router<S>) -> Router<S> {
    calls
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .layer(middleware::from_fn(no_web_pages))
        .layer(middleware::from_fn(no_large_heads))
}

/// A browser cannot reach a Unix socket by itself; a bridge from TCP could bring a web page here (B-34).
async fn no_web_pages(request: Request<Body>, next: Next) -> Response {
    let headers = request.headers();
    if headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site") {
        let refusal =
            Refusal::new("broker.web_page", "Web pages may not talk to the agent.", "Call it from a program.");
        return Refused(refusal).into_response();
    }
    next.run(request).await
}

/// HTTP's own parser takes a little more, so that what is too large is told in our words.
async fn no_large_heads(request: Request<Body>, next: Next) -> Response {
    let address = request.uri().to_string().len();
    let headers = request.headers();
    let head: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    let (status, what) = if address > LONGEST_ADDRESS {
        (StatusCode::URI_TOO_LONG, "The address of the request is longer than 8 KiB.")
    } else if head + address > LARGEST_HEAD || headers.len() > MOST_HEADERS {
        (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "The head of the request is larger than 16 KiB or 64 lines.")
    } else {
        return next.run(request).await;
    };
    (status, Refused(Refusal::new("broker.too_large", what, "Send less."))).into_response()
}

async fn unknown(uri: Uri) -> Refused {
    let path: String = uri.path().chars().take(80).collect();
    let asked_version = path.strip_prefix("/v").and_then(|rest| rest.split('/').next()?.parse::<u32>().ok());
    Refused(match asked_version {
        Some(version) if version != VERSION => Refusal::new(
            "broker.version",
            format!("The agent speaks version {VERSION} of the API, and `{path}` is of version {version}."),
            format!("Call `/v{VERSION}/…`, or stop the agent and start the version that fits the program."),
        ),
        Some(_) | None => Refusal::new(
            "broker.unknown_method",
            format!("The agent knows no call `{path}`."),
            "It may be older than the program that calls: stop it, and start it from the newer version.",
        ),
    })
}

/// The router adds `Allow`.
async fn wrong_method(method: Method, uri: Uri) -> (StatusCode, Refused) {
    let path: String = uri.path().chars().take(80).collect();
    // HTTP knows no longest name of a method.
    let method: String = method.as_str().chars().take(20).collect();
    let hint = "The header `Allow` of this answer names the methods it takes.";
    let refusal = Refusal::new("broker.unknown_method", format!("`{path}` does not take {method}."), hint);
    (StatusCode::METHOD_NOT_ALLOWED, Refused(refusal))
}
