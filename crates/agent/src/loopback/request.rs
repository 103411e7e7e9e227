//! What a request is, by its head alone: the rules, without I/O.

use http::{HeaderMap, HeaderName, Method, header, request};

use super::stray::Stray;
use super::{Page, RedirectHost, ResponseMode, form};

/// Longest request target served (C-19).
const MAX_TARGET: usize = 8 * 1024;
/// Headers by which browsers and extensions mark a request made ahead of the person (L-17).
const AHEAD_OF_TIME: [HeaderName; 4] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-moz"),
    HeaderName::from_static("x-purpose"),
];
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Where the answer to this attempt must arrive.
pub(super) struct Expected {
    hosts: Vec<String>,
    path: String,
    mode: ResponseMode,
}

/// What a request is.
pub(super) enum Triage<'r> {
    /// Right in method, path and Host: its raw query is for the judge.
    Candidate(&'r str),
    /// The same for a form: its body is for the judge.
    Form,
    /// Asks for one of our own pages, by its path.
    Page(&'static str),
    /// Has no effect.
    Stray(Stray),
}

impl Expected {
    pub(super) fn new(host: RedirectHost, port: u16, path: String, mode: ResponseMode) -> Self {
        let mut hosts = vec![format!("127.0.0.1:{port}"), format!("[::1]:{port}")];
        if host == RedirectHost::Localhost {
            hosts.push(format!("localhost:{port}"));
        }
        Self { hosts, path, mode }
    }
}

/// Sorts a request. The order matters: nothing is said about paths to a page that reached us under a
/// foreign name (DNS rebinding).
pub(super) fn triage<'r>(head: &'r request::Parts, expected: &Expected) -> Triage<'r> {
    sort(head, expected).unwrap_or_else(Triage::Stray)
}

fn sort<'r>(head: &'r request::Parts, expected: &Expected) -> Result<Triage<'r>, Stray> {
    let target = head.uri.path_and_query().map_or("", |target| target.as_str());
    let path = head.uri.path();
    let ours = Page::PATHS.into_iter().find(|ours| *ours == path);
    if target.len() > MAX_TARGET {
        return Err(Stray::TargetTooLong);
    } else if !is_ours(&head.headers, expected) {
        return Err(Stray::WrongHost);
    } else if head.uri.authority().is_some() || (path != expected.path && ours.is_none()) {
        return Err(Stray::WrongPath);
    } else if head.method == Method::OPTIONS {
        return Err(Stray::Preflight);
    }
    match (ours, &expected.mode) {
        (Some(page), _) => {
            plain_get(head)?;
            Ok(Triage::Page(page))
        }
        (None, ResponseMode::Query) => {
            plain_get(head)?;
            navigation(&head.headers)?;
            Ok(Triage::Candidate(head.uri.query().unwrap_or_default()))
        }
        (None, ResponseMode::FormPost { origins }) => {
            if head.method != Method::POST {
                return Err(Stray::NotPost);
            }
            navigation(&head.headers)?;
            form::look(head, origins)?;
            Ok(Triage::Form)
        }
    }
}

fn is_ours(headers: &HeaderMap, expected: &Expected) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => expected.hosts.iter().any(|ours| ours.as_bytes() == host.as_bytes()),
        _ => false,
    }
}

fn plain_get(head: &request::Parts) -> Result<(), Stray> {
    let headers = &head.headers;
    let has_body = headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get_all(header::CONTENT_LENGTH).iter().any(|length| length.as_bytes() != b"0");
    if head.method != Method::GET {
        Err(Stray::NotGet)
    } else if has_body || headers.contains_key(header::UPGRADE) {
        Err(Stray::Malformed)
    } else {
        Ok(())
    }
}

/// Whether the person goes there, as far as the browser tells.
fn navigation(headers: &HeaderMap) -> Result<(), Stray> {
    if is_ahead_of_time(headers) {
        Err(Stray::Prefetch)
    } else if !is_navigation(headers) {
        Err(Stray::NotNavigation)
    } else {
        Ok(())
    }
}

fn is_ahead_of_time(headers: &HeaderMap) -> bool {
    let marks = AHEAD_OF_TIME.into_iter().flat_map(|name| headers.get_all(name));
    marks
        .filter_map(|value| value.to_str().ok())
        .map(str::to_ascii_lowercase)
        .any(|purpose| ["prefetch", "prerender", "preview"].iter().any(|ahead| purpose.contains(ahead)))
}

/// Browsers tell the mode and the destination of each request; other programs need not.
fn is_navigation(headers: &HeaderMap) -> bool {
    let all = |name, wanted: &str| headers.get_all(name).iter().all(|value| value.as_bytes() == wanted.as_bytes());
    all(SEC_FETCH_MODE, "navigate") && all(SEC_FETCH_DEST, "document")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORT: u16 = 50000;

    #[test] // L-10, C-05
    fn only_our_own_address_is_accepted_as_host() {
        for (hosts, wanted) in [
            (&["127.0.0.1:50000"][..], true),
            (&["[::1]:50000"], true),
            (&["localhost:50000"], false),
            (&["LOCALHOST:50000"], false),
            (&["127.0.0.1"], false),
            (&["127.0.0.1:50001"], false),
            (&["127.0.0.1:50000.evil.com"], false),
            (&["127.0.0.1:50000 "], true), // the parser trims; the value itself is ours
            (&["user@127.0.0.1:50000"], false),
            (&["evil.com"], false),
            (&["evil.com:50000"], false),
            (&[""], false),
            (&[], false),
            (&["127.0.0.1:50000", "127.0.0.1:50000"], false),
            (&["127.0.0.1:50000", "evil.com"], false),
            (&["127.0.0.1:50000, evil.com"], false),
        ] {
            let mut request = http::Request::get("/cb?state=s");
            for host in hosts {
                request = request.header("host", host.trim_end());
            }
            assert_eq!(outcome(request, RedirectHost::V4) == "candidate", wanted, "{hosts:?}");
        }
    }

    #[test] // L-10
    fn localhost_counts_only_where_it_is_the_redirect_host() {
        for (host, wanted) in [("localhost:50000", true), ("LOCALHOST:50000", false), ("127.0.0.1:50000", true)] {
            let request = http::Request::get("/cb").header("host", host);
            assert_eq!(outcome(request, RedirectHost::Localhost) == "candidate", wanted, "{host}");
        }
    }

    #[test] // L-16, L-22, L-23, C-03, C-06
    fn only_get_on_the_exact_raw_path_is_a_candidate() {
        for (method, target, wanted) in [
            ("GET", "/cb?state=s", "candidate"),
            ("GET", "/cb", "candidate"),
            ("GET", "/cb?", "candidate"),
            ("GET", "/done", "page"),
            ("GET", "/cb/?state=s", "WrongPath"),
            ("GET", "/CB?state=s", "WrongPath"),
            ("GET", "//cb?state=s", "WrongPath"),
            ("GET", "/%63b?state=s", "WrongPath"),
            ("GET", "/%2fcb?state=s", "WrongPath"),
            ("GET", "/cb;x?state=s", "WrongPath"),
            ("GET", "/./cb?state=s", "WrongPath"),
            ("GET", "/x/../cb?state=s", "WrongPath"),
            ("GET", "/", "WrongPath"),
            ("GET", "/favicon.ico", "WrongPath"),
            ("GET", "/robots.txt", "WrongPath"),
            ("GET", "http://127.0.0.1:50000/cb?state=s", "WrongPath"),
            ("HEAD", "/cb?state=s", "NotGet"),
            ("POST", "/cb?state=s", "NotGet"),
            ("PUT", "/cb?state=s", "NotGet"),
            ("DELETE", "/cb?state=s", "NotGet"),
            ("PATCH", "/cb?state=s", "NotGet"),
            ("TRACE", "/cb?state=s", "NotGet"),
            ("BREW", "/cb?state=s", "NotGet"),
            ("CONNECT", "127.0.0.1:50000", "WrongPath"),
            ("OPTIONS", "/cb?state=s", "Preflight"),
            ("OPTIONS", "*", "WrongPath"),
        ] {
            let request = http::Request::builder().method(method).uri(target).header("host", "127.0.0.1:50000");
            assert_eq!(outcome(request, RedirectHost::V4), wanted, "{method} {target}");
        }
    }

    #[test] // L-11, L-17, L-25, C-04, C-19, C-27
    fn headers_tell_a_navigation_from_everything_else() {
        for (headers, wanted) in [
            (
                &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"), ("sec-fetch-site", "cross-site")][..],
                "candidate",
            ),
            (&[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")], "NotNavigation"),
            (&[("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")], "NotNavigation"),
            (&[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")], "NotNavigation"),
            (&[("sec-fetch-dest", "image")], "NotNavigation"),
            (&[("sec-fetch-mode", "navigate"), ("sec-fetch-mode", "cors")], "NotNavigation"),
            (&[("sec-purpose", "prefetch;prerender")], "Prefetch"),
            (&[("purpose", "prefetch")], "Prefetch"),
            (&[("x-moz", "Prefetch")], "Prefetch"),
            (&[("content-length", "0")], "candidate"),
            (&[("content-length", "5")], "Malformed"),
            (&[("transfer-encoding", "chunked")], "Malformed"),
            (&[("content-length", "5"), ("transfer-encoding", "chunked")], "Malformed"),
            (&[("connection", "upgrade"), ("upgrade", "websocket")], "Malformed"),
            (&[("upgrade-insecure-requests", "1")], "candidate"),
        ] {
            let mut request = http::Request::get("/cb?state=s").header("host", "[::1]:50000");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            assert_eq!(outcome(request, RedirectHost::V4), wanted, "{headers:?}");
        }
    }

    #[test] // C-19
    fn a_target_may_have_eight_kibibytes_and_no_more() {
        for (length, wanted) in [(MAX_TARGET, "candidate"), (MAX_TARGET + 1, "TargetTooLong")] {
            let target = format!("{:a<length$}", "/cb?state=");
            assert_eq!(outcome(http::Request::get(target).header("host", "[::1]:50000"), RedirectHost::V4), wanted);
        }
    }

    fn outcome(request: request::Builder, host: RedirectHost) -> String {
        let (head, ()) = request.body(()).expect("a request").into_parts();
        match triage(&head, &Expected::new(host, PORT, "/cb".into(), ResponseMode::Query)) {
            Triage::Candidate(_) => "candidate".into(),
            Triage::Form => "form".into(),
            Triage::Page(_) => "page".into(),
            Triage::Stray(stray) => format!("{stray:?}"),
        }
    }
}
