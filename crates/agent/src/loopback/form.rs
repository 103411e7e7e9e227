//! An answer that comes as a form (OAuth 2.0 Form Post Response Mode): what must be true before its body is read, and
//! how much of it is.

use http::{HeaderMap, header, request};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use zeroize::Zeroizing;

use super::stray::Stray;

/// The largest body that is read (L-22).
const MAX_FORM: usize = 64 * 1024;

/// Whether a POST to the redirect path is such a form, by its head alone. The parameters stand in the body and
/// nowhere else; a chunked body could be of any length and no browser sends a form like that.
pub(super) fn look(head: &request::Parts, origins: &[String]) -> Result<(), Stray> {
    let headers = &head.headers;
    if headers.contains_key(header::UPGRADE) {
        Err(Stray::Malformed)
    } else if !comes_from(headers, origins) {
        Err(Stray::ForeignOrigin)
    } else if head.uri.query().is_some() {
        Err(Stray::FormAndQuery)
    } else if !is_url_encoded(headers) {
        Err(Stray::WrongType)
    } else if headers.contains_key(header::TRANSFER_ENCODING) {
        Err(Stray::NoLength)
    } else {
        let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        match length {
            None => Err(Stray::NoLength),
            Some(length) if length > MAX_FORM as u64 => Err(Stray::FormTooLarge),
            Some(_) => Ok(()),
        }
    }
}

/// The whole body, or why there is none.
pub(super) async fn read(body: Incoming) -> Result<Zeroizing<Vec<u8>>, Stray> {
    match Limited::new(body, MAX_FORM).collect().await {
        Ok(read) => Ok(Zeroizing::new(read.to_bytes().to_vec())),
        Err(error) if error.is::<LengthLimitError>() => Err(Stray::FormTooLarge),
        Err(_) => Err(Stray::CutOff),
    }
}

/// Browsers name the page that a form came from, or say `null` where the page does not want to be named; other
/// programs need not.
fn comes_from(headers: &HeaderMap, origins: &[String]) -> bool {
    let mut named = headers.get_all(header::ORIGIN).iter();
    match (named.next(), named.next()) {
        (None, _) => true,
        (Some(origin), None) => origin == "null" || origins.iter().any(|ours| ours.as_bytes() == origin.as_bytes()),
        (Some(_), Some(_)) => false,
    }
}

fn is_url_encoded(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(Ok(kind)), None) = (types.next().map(|kind| kind.to_str()), types.next()) else { return false };
    let essence = kind.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL_ENCODED: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
    const SHORT: (&str, &str) = ("content-length", "20");

    #[test] // L-22, C-21
    fn only_a_url_encoded_form_of_a_told_length_and_of_the_providers_page_is_read() {
        for (headers, wanted) in [
            (&[URL_ENCODED, SHORT][..], Ok(())),
            (&[("content-type", "Application/X-WWW-Form-URLencoded; charset=UTF-8"), SHORT], Ok(())),
            (&[URL_ENCODED, ("content-length", "65536")], Ok(())),
            (&[URL_ENCODED, SHORT, ("origin", "https://op.example")], Ok(())),
            (&[URL_ENCODED, SHORT, ("origin", "null")], Ok(())),
            (&[URL_ENCODED, SHORT, ("origin", "https://op.example.evil.example")], Err(Stray::ForeignOrigin)),
            (&[URL_ENCODED, SHORT, ("origin", "http://op.example")], Err(Stray::ForeignOrigin)),
            (&[URL_ENCODED, SHORT, ("origin", "")], Err(Stray::ForeignOrigin)),
            (
                &[URL_ENCODED, SHORT, ("origin", "https://op.example"), ("origin", "https://evil.example")],
                Err(Stray::ForeignOrigin),
            ),
            (&[SHORT], Err(Stray::WrongType)),
            (&[URL_ENCODED, URL_ENCODED, SHORT], Err(Stray::WrongType)),
            (&[("content-type", "application/json"), SHORT], Err(Stray::WrongType)),
            (&[("content-type", "text/plain"), SHORT], Err(Stray::WrongType)),
            (&[("content-type", "multipart/form-data; boundary=x"), SHORT], Err(Stray::WrongType)),
            (&[URL_ENCODED], Err(Stray::NoLength)),
            (&[URL_ENCODED, ("content-length", "-1")], Err(Stray::NoLength)),
            (&[URL_ENCODED, ("transfer-encoding", "chunked")], Err(Stray::NoLength)),
            (&[URL_ENCODED, SHORT, ("transfer-encoding", "chunked")], Err(Stray::NoLength)),
            (&[URL_ENCODED, ("content-length", "65537")], Err(Stray::FormTooLarge)),
            (&[URL_ENCODED, ("content-length", "99999999999999999999")], Err(Stray::NoLength)),
        ] {
            assert_eq!(looked_at("/cb", headers), wanted, "{headers:?}");
        }
    }

    #[test] // L-22
    fn parameters_in_the_address_are_not_mixed_with_a_form() {
        for target in ["/cb?state=s", "/cb?"] {
            assert_eq!(looked_at(target, &[URL_ENCODED, SHORT]), Err(Stray::FormAndQuery), "{target}");
        }
    }

    fn looked_at(target: &str, headers: &[(&str, &str)]) -> Result<(), Stray> {
        let mut request = http::Request::post(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).expect("a request").into_parts();
        look(&head, &["https://op.example".to_owned(), "https://login.op.example".to_owned()])
    }
}
