//! What an HTTP answer says before its body is read.

use http::header::{CONTENT_TYPE, DATE, HeaderName, LOCATION, RETRY_AFTER};

use crate::date;
use crate::text::{Scrub, clean};

/// A request to be sent as it is.
pub type Request = http::Request<Vec<u8>>;

/// An answer as it came, redirects not followed.
pub type Response = http::Response<Vec<u8>>;

/// What the answer says its body is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/json` or `application/*+json`.
    Json,
    /// `application/jwt`.
    Jwt,
    /// A web page.
    Html,
    /// Nothing said.
    Untold,
    /// Anything else, cleaned.
    Other(String),
}

impl Media {
    pub(crate) fn of(response: &Response) -> Self {
        let Some(text) = header(response, CONTENT_TYPE) else { return Self::Untold };
        let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "" => Self::Untold,
            "application/json" => Self::Json,
            "application/jwt" => Self::Jwt,
            "text/html" | "application/xhtml+xml" => Self::Html,
            other if other.starts_with("application/") && other.ends_with("+json") => Self::Json,
            other => Self::Other(clean(other, 80)),
        }
    }
}

/// Whether the answer is a web page, said or seen.
pub(crate) fn is_web_page(response: &Response) -> bool {
    Media::of(response) == Media::Html || response.body().trim_ascii_start().starts_with(b"<")
}

/// The title of a web page, cleaned and cut at 80 characters.
pub(crate) fn page_title(response: &Response) -> Option<String> {
    let start = response.body().get(..response.body().len().min(16 * 1024))?;
    let text = String::from_utf8_lossy(start);
    // ASCII lower case keeps every byte where it was.
    let lower = text.to_ascii_lowercase();
    let open = lower.find("<title")?;
    let from = open + lower.get(open..)?.find('>')? + 1;
    let to = from + lower.get(from..)?.find('<')?;
    let title = text.get(from..to)?.split_whitespace().collect::<Vec<_>>().join(" ");
    (!title.is_empty()).then(|| clean(&title, 80))
}

/// Where a redirect points, without query and fragment, which may hold what must not be shown, and without what was
/// sent (HP-TK-06).
pub(crate) fn redirect(response: &Response, sent: &Scrub) -> Option<String> {
    response.status().is_redirection().then(|| {
        let to = header(response, LOCATION).unwrap_or_default();
        let end = to.find(['?', '#']).unwrap_or(to.len());
        sent.clean(to.get(..end).unwrap_or_default(), 200)
    })
}

/// For how many seconds an answer that refuses for now (429 or 503, RFC 9110 section 10.2.3) wants no other request, a day
/// at most.
#[must_use]
pub fn patience_asked(response: &Response) -> Option<u64> {
    matches!(response.status().as_u16(), 429 | 503).then(|| retry_after(response))?
}

/// `Retry-After` in seconds, at most a day; a date is measured against the answer's own `Date`.
pub(crate) fn retry_after(response: &Response) -> Option<u64> {
    const DAY: u64 = 24 * 60 * 60;
    let text = header(response, RETRY_AFTER)?.trim();
    let seconds = text.parse::<u64>().ok().or_else(|| {
        let wait = date::parse_http(text)?.checked_sub(answered_at(response)?)?;
        u64::try_from(wait).ok()
    })?;
    Some(seconds.min(DAY))
}

/// The provider's clock when it answered: the `Date` header as Unix seconds (RFC 9110 section 6.6.1).
#[must_use]
pub fn answered_at(response: &Response) -> Option<i64> {
    date::parse_http(header(response, DATE)?.trim())
}

/// Whether the provider says "not now": worth another try, nothing wrong with the request.
pub(crate) fn is_busy(response: &Response) -> bool {
    response.status().is_server_error() || matches!(response.status().as_u16(), 408 | 425 | 429)
}

/// A header's text, where it is text.
pub(crate) fn header(response: &Response, name: HeaderName) -> Option<&str> {
    response.headers().get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, value: &str) -> Response {
        http::Response::builder().header(name, value).body(Vec::new()).expect("a response")
    }

    #[test]
    fn json_types_are_recognised_with_suffix_and_parameters() {
        // HP-TK-01
        for (value, media) in [
            ("application/json", Media::Json),
            ("Application/JSON; charset=utf-8", Media::Json),
            ("application/problem+json", Media::Json),
            ("application/jwt", Media::Jwt),
            ("text/html; charset=utf-8", Media::Html),
            ("text/plain", Media::Other("text/plain".into())),
        ] {
            assert_eq!(Media::of(&with(CONTENT_TYPE, value)), media, "{value}");
        }
        assert_eq!(Media::of(&http::Response::new(Vec::new())), Media::Untold);
    }

    #[test]
    fn a_page_is_named_by_its_title() {
        let page = |body: &str| page_title(&http::Response::new(body.as_bytes().to_vec()));
        assert_eq!(page("<html><TITLE lang=en> Log\n in </title>"), Some("Log in".into()));
        for body in ["", "<title", "<title>", "<title></title>", "<title>x", "é<title>é"] {
            assert_eq!(page(body), None, "{body}");
        }
    }

    #[test]
    fn a_redirect_is_told_without_its_query() {
        let mut response = with(LOCATION, "https://other.example/a?code=CANARY#x");
        let sent = Scrub::default();
        assert_eq!(redirect(&response, &sent), None, "200 is no redirect");
        *response.status_mut() = http::StatusCode::FOUND;
        assert_eq!(redirect(&response, &sent).as_deref(), Some("https://other.example/a"));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after(&with(RETRY_AFTER, "120")), Some(120));
        assert_eq!(retry_after(&with(RETRY_AFTER, "99999999")), Some(86_400));
        assert_eq!(retry_after(&with(RETRY_AFTER, "-1")), None);
        let dated = http::Response::builder()
            .header(DATE, "Sun, 06 Nov 1994 08:49:37 GMT")
            .header(RETRY_AFTER, "Sun, 06 Nov 1994 08:50:07 GMT")
            .body(Vec::new())
            .expect("a response");
        assert_eq!(retry_after(&dated), Some(30));
        assert_eq!(answered_at(&dated), Some(784_111_777));
    }
}
