//! Edits of a request that waits: what may be changed, and where it could lead a secret to somebody else.
//!
//! Scheme, host and port stay, whatever is changed; so does what HTTP itself needs. What a provider says of itself
//! decides where secrets go afterwards, so nobody can have it read from another place. An answer is still held against
//! what the sign-in itself would have asked: an edit never makes a check pass.

use doorkey_client::Secret;
use doorkey_client::words::{Edit, EditPlace, Refusal};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderName, HeaderValue};
use url::{Host, Position, Url, form_urlencoded};

use crate::exchanged::is_json;
use crate::http::names_loopback;
use crate::refusal::sentence;

type Request = http::Request<Vec<u8>>;

/// So many at a time.
const MOST: usize = 32;
const LONGEST_NAME: usize = 128;
const LONGEST_VALUE: usize = 16 * 1024;
const LONGEST_ADDRESS: usize = 8 * 1024;
/// What HTTP is made of, and what makes a server believe that it was called by another name.
const FIXED_HEADERS: [&str; 18] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "forwarded",
    "x-host",
    "x-original-host",
    "x-original-url",
    "x-rewrite-url",
    "x-http-host-override",
    "proxy-authorization",
    "proxy-authenticate",
    "proxy-connection",
];

/// What kind of request it is, as far as edits go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What the provider says of itself, and its keys.
    Document,
    /// It says where the browser is to be sent back to: the authorization request itself, which the browser makes.
    Authorization,
    /// The same, made here before (RFC 9126).
    Push,
    /// Any other.
    Other,
}

/// What becomes of what has the name already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    Stays,
    Goes,
}

/// Why an edit is not made. The request waits on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadEdit {
    #[error("there are more than {MOST} changes at a time")]
    TooMany,
    #[error("this request has no {what} that can be changed")]
    NotHere { what: &'static str },
    #[error("`{name}` is no name that can be set here")]
    BadName { name: String },
    #[error("the value for `{name}` cannot be sent")]
    BadValue { name: String },
    #[error("the header `{name}` belongs to the connection, or names another server")]
    FixedHeader { name: String },
    #[error("the address is of another server, or has a user name or a fragment")]
    OtherServer,
    #[error("the address is longer than {} KiB", LONGEST_ADDRESS / 1024)]
    TooLong,
    #[error("the changed `{name}` could have the code sent to somebody else")]
    LeadsElsewhere { name: &'static str },
}

impl BadEdit {
    pub(crate) fn refusal(&self) -> Refusal {
        let hint = match self {
            Self::TooMany => "Make fewer.",
            Self::NotHere { .. } => "`editable` names what can be changed of it; anything can be sent as it is.",
            Self::BadName { .. } | Self::BadValue { .. } => "Give it as HTTP takes it, and not too long.",
            Self::FixedHeader { .. } => "Change another header.",
            Self::OtherServer => "Give a path, or an address with the same scheme, host and port.",
            Self::TooLong => "Take parameters out.",
            Self::LeadsElsewhere { .. } => {
                "Use an address of this computer, such as http://127.0.0.1:9/wrong, or a name below `.invalid`, which nobody can have."
            }
        };
        Refusal::new("usage.bad_edit", sentence(self), hint)
    }
}

/// What can be changed of a request.
pub(crate) fn editable(kind: Kind, request: &Request) -> Vec<EditPlace> {
    match kind {
        Kind::Document => vec![EditPlace::Header],
        Kind::Authorization => vec![EditPlace::Query, EditPlace::Address],
        Kind::Push | Kind::Other if has_form(request) => {
            vec![EditPlace::Form, EditPlace::Header, EditPlace::Query, EditPlace::Address]
        }
        Kind::Push | Kind::Other => vec![EditPlace::Header, EditPlace::Query, EditPlace::Address],
    }
}

/// The request with the edits, made one after the other.
///
/// # Errors
/// [`BadEdit`]; none of them is made then.
pub(crate) fn edited(kind: Kind, request: &Request, edits: &[Edit]) -> Result<Request, BadEdit> {
    if edits.len() > MOST {
        return Err(BadEdit::TooMany);
    }
    let mut new = request.clone();
    for edit in edits {
        one(kind, request, &mut new, edit)?;
    }
    if matches!(kind, Kind::Authorization | Kind::Push) {
        for place in [EditPlace::Query, EditPlace::Form] {
            leads_here(&pairs(place, request), &pairs(place, &new))?;
        }
    }
    Ok(new)
}

fn one(kind: Kind, request: &Request, new: &mut Request, edit: &Edit) -> Result<(), BadEdit> {
    let (place, name, given, rest) = match edit {
        Edit::Set { place, name, value } => (*place, name, Some(value), Rest::Goes),
        Edit::Add { place, name, value } => (*place, name, Some(value), Rest::Stays),
        Edit::Remove { place, name } => (*place, name, None, Rest::Goes),
        Edit::Address { url } => {
            allowed(kind, request, EditPlace::Address)?;
            return address(new, url);
        }
    };
    allowed(kind, request, place)?;
    if name.is_empty() || name.len() > LONGEST_NAME {
        return Err(BadEdit::BadName { name: shown(name) });
    }
    let value = given.map(text);
    if value.is_some_and(|value| value.len() > LONGEST_VALUE) {
        return Err(BadEdit::BadValue { name: shown(name) });
    }
    match place {
        EditPlace::Header => header(new, name, value, rest),
        EditPlace::Form | EditPlace::Query => {
            let mut pairs = pairs(place, new);
            let at = pairs.iter().position(|(other, _)| other == name);
            if rest == Rest::Goes {
                pairs.retain(|(other, _)| other != name);
            }
            if let Some(value) = value {
                // Where it stood, so that the order says nothing new.
                let at = at.filter(|_| rest == Rest::Goes).unwrap_or(pairs.len());
                pairs.insert(at, (name.clone(), value.to_owned()));
            }
            put(place, new, &pairs)
        }
        EditPlace::Address => Err(BadEdit::NotHere { what: "address of that name" }),
    }
}

fn allowed(kind: Kind, request: &Request, place: EditPlace) -> Result<(), BadEdit> {
    let what = match place {
        EditPlace::Form => "form",
        EditPlace::Query => "parameter in its address",
        EditPlace::Header => "header",
        EditPlace::Address => "address",
    };
    if editable(kind, request).contains(&place) { Ok(()) } else { Err(BadEdit::NotHere { what }) }
}

fn header(request: &mut Request, name: &str, value: Option<&str>, rest: Rest) -> Result<(), BadEdit> {
    let bad_name = || BadEdit::BadName { name: shown(name) };
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad_name())?;
    if FIXED_HEADERS.contains(&name.as_str()) || name.as_str().starts_with("x-forwarded") {
        return Err(BadEdit::FixedHeader { name: shown(name.as_str()) });
    }
    let value = value.map(HeaderValue::from_str).transpose();
    let value = value.map_err(|_| BadEdit::BadValue { name: shown(name.as_str()) })?;
    match value {
        Some(mut value) => {
            value.set_sensitive(name == AUTHORIZATION);
            match rest {
                Rest::Stays => drop(request.headers_mut().append(name, value)),
                Rest::Goes => drop(request.headers_mut().insert(name, value)),
            }
        }
        None => drop(request.headers_mut().remove(name)),
    }
    Ok(())
}

/// Another place on the same server: the connection, and whom a secret goes to, stay.
fn address(request: &mut Request, text: &str) -> Result<(), BadEdit> {
    let old = url_of(request)?;
    let mut new = old.join(text).map_err(|_| BadEdit::OtherServer)?;
    if new.query().is_none() {
        // Some of them are secrets, which whoever edits has never seen.
        new.set_query(old.query());
    }
    let is_same = new.scheme() == old.scheme() && new.host() == old.host() && new.port() == old.port();
    if !is_same || !new.username().is_empty() || new.password().is_some() || new.fragment().is_some() {
        return Err(BadEdit::OtherServer);
    }
    set_url(request, &new)
}

fn url_of(request: &Request) -> Result<Url, BadEdit> {
    Url::parse(&request.uri().to_string()).map_err(|_| BadEdit::OtherServer)
}

fn set_url(request: &mut Request, url: &Url) -> Result<(), BadEdit> {
    if url.as_str().len() > LONGEST_ADDRESS {
        return Err(BadEdit::TooLong);
    }
    *request.uri_mut() = url.as_str().parse().map_err(|_| BadEdit::OtherServer)?;
    Ok(())
}

fn has_form(request: &Request) -> bool {
    request.method() == http::Method::POST && !is_json(request)
}

fn pairs(place: EditPlace, request: &Request) -> Vec<(String, String)> {
    let encoded = match place {
        EditPlace::Form => request.body().as_slice(),
        _ => request.uri().query().unwrap_or_default().as_bytes(),
    };
    form_urlencoded::parse(encoded).into_owned().collect()
}

fn put(place: EditPlace, request: &mut Request, pairs: &[(String, String)]) -> Result<(), BadEdit> {
    let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    if place == EditPlace::Form {
        *request.body_mut() = encoded.into_bytes();
        request.headers_mut().remove(CONTENT_LENGTH);
        return Ok(());
    }
    let mut url = url_of(request)?;
    url.set_query(Some(encoded.as_str()).filter(|query| !query.is_empty()));
    set_url(request, &url)
}

/// Where the code goes is said by `redirect_uri`, and by a request object, which can hold one (RFC 9101). An address that
/// is not the sign-in's own must be one where nobody else can be. However the name is written: there are servers to whom
/// `Redirect.URI[]` is the same.
fn leads_here(old: &[(String, String)], new: &[(String, String)]) -> Result<(), BadEdit> {
    for pair in new.iter().filter(|pair| !old.contains(pair)) {
        let letters: String = pair.0.chars().filter(char::is_ascii_alphabetic).collect();
        match (letters.to_ascii_lowercase().as_str(), pair.1.as_str()) {
            ("redirecturi", uri) if !is_nobody_elses(uri) => {
                return Err(BadEdit::LeadsElsewhere { name: "redirect_uri" });
            }
            ("request", _) => return Err(BadEdit::LeadsElsewhere { name: "request" }),
            // What was pushed is named by a URN (RFC 9126 section 2.2); anything else the provider would fetch.
            ("requesturi", uri) if !uri.starts_with("urn:") => {
                return Err(BadEdit::LeadsElsewhere { name: "request_uri" });
            }
            _ => {}
        }
    }
    Ok(())
}

/// This computer, or below `.invalid`, which never resolves (RFC 6761 section 6.4).
fn is_nobody_elses(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return uri.is_empty() };
    let is_invalid = matches!(url.host(), Some(Host::Domain(name)) if name.ends_with(".invalid"));
    let is_web = matches!(url.scheme(), "http" | "https");
    // A provider may read it otherwise than we do, were it written oddly.
    let is_plain = uri.starts_with(&url[..Position::BeforePath]) && url.username().is_empty() && !uri.contains('\\');
    is_web && is_plain && (names_loopback(&url) || is_invalid)
}

#[expect(clippy::disallowed_methods, reason = "it goes into the request that the person changes")]
fn text(value: &Secret) -> &str {
    value.expose()
}

fn shown(name: &str) -> String {
    doorkey_oauth::clean(name, 60)
}

#[cfg(test)]
mod tests;
