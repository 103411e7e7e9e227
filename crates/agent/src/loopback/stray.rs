//! What has no effect, and what is said about it: to the other side a status, to the journal a reason.

use http::StatusCode;

/// A request without effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stray {
    /// Not exactly one Host header with our address (L-10).
    WrongHost,
    /// Neither the redirect path nor one of our pages (L-16).
    WrongPath,
    /// Not GET, where the answer comes in the address (C-03, C-22).
    NotGet,
    /// Not POST, where the answer comes as a form (L-23).
    NotPost,
    /// OPTIONS (L-15).
    Preflight,
    /// A browser looking ahead (L-17).
    Prefetch,
    /// Asked for by a page, not by the person's navigation (L-11).
    NotNavigation,
    /// A form from a page of another site (L-22).
    ForeignOrigin,
    /// A form beside a query (L-22).
    FormAndQuery,
    /// A body that is not `application/x-www-form-urlencoded` (L-22).
    WrongType,
    /// A form that does not tell its length, such as a chunked one (C-21).
    NoLength,
    /// A form over 64 KiB (L-22).
    FormTooLarge,
    /// A target over 8 KiB.
    TargetTooLong,
    /// A head over 16 KiB or 64 headers.
    HeadTooLarge,
    /// Not the HTTP we speak: a body, an upgrade, bare line feeds, bytes that are no HTTP (L-25).
    Malformed,
    /// It did not come in time (L-24).
    Slow,
    /// Another user of this machine (L-12).
    ForeignUser,
    /// The judge does not know it.
    NotOurs,
    /// The redirect path without any parameters, as when the answer stands behind the `#` (HP-AZ-09).
    NoAnswer,
    /// A TLS handshake (L-25).
    Tls,
    /// An HTTP/2 preface.
    Http2,
    /// The other side went away half-way.
    CutOff,
}

impl Stray {
    /// The method that would have been right, for a 405 (RFC 9110 section 15.5.6).
    pub(super) fn allowed(self) -> Option<&'static str> {
        [(Self::NotGet, "GET"), (Self::NotPost, "POST")].into_iter().find(|(stray, _)| *stray == self).map(|it| it.1)
    }

    /// The status to answer with; `None` where an HTTP answer makes no sense.
    pub(super) fn status(self) -> Option<StatusCode> {
        match self {
            Self::WrongHost => Some(StatusCode::MISDIRECTED_REQUEST),
            Self::WrongPath => Some(StatusCode::NOT_FOUND),
            Self::NotGet | Self::NotPost => Some(StatusCode::METHOD_NOT_ALLOWED),
            Self::Preflight | Self::Prefetch => Some(StatusCode::NO_CONTENT),
            Self::NotNavigation | Self::Malformed | Self::NotOurs | Self::NoAnswer | Self::FormAndQuery => {
                Some(StatusCode::BAD_REQUEST)
            }
            Self::WrongType => Some(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Self::NoLength => Some(StatusCode::LENGTH_REQUIRED),
            Self::FormTooLarge => Some(StatusCode::PAYLOAD_TOO_LARGE),
            Self::TargetTooLong => Some(StatusCode::URI_TOO_LONG),
            Self::HeadTooLarge => Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
            Self::Slow => Some(StatusCode::REQUEST_TIMEOUT),
            Self::ForeignUser | Self::ForeignOrigin => Some(StatusCode::FORBIDDEN),
            Self::Tls | Self::Http2 | Self::CutOff => None,
        }
    }

    /// For the journal: why there was no effect.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::WrongHost => "the Host header is not this listener's address",
            Self::WrongPath => "the path is not the redirect path",
            Self::NotGet => "not a GET, though the answer was asked for in the address",
            Self::NotPost => "not a POST, though the answer was asked for as a form",
            Self::Preflight => "a preflight request",
            Self::Prefetch => "a browser looked ahead",
            Self::NotNavigation => "a web page asked, not the person",
            Self::ForeignOrigin => "a form from a page of another site",
            Self::FormAndQuery => "a form beside parameters in the address",
            Self::WrongType => "a body that is not a URL-encoded form",
            Self::NoLength => "a form that does not tell its length",
            Self::FormTooLarge => "a form of more than 64 KiB",
            Self::TargetTooLong => "the address is longer than 8 KiB",
            Self::HeadTooLarge => "the request has more than 16 KiB or 64 headers",
            Self::Malformed => "not a plain HTTP/1.1 request",
            Self::Slow => "the request did not arrive in time",
            Self::ForeignUser => "another user of this machine asked",
            Self::NotOurs => "it does not belong to this sign-in",
            Self::NoAnswer => "no answer in it",
            Self::Tls => "the browser used https for an http address (HSTS on localhost?)",
            Self::Http2 => "HTTP/2 without being asked for it",
            Self::CutOff => "the connection was cut half-way",
        }
    }
}
