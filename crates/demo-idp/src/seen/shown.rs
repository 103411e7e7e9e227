//! One request as it is shown: nothing secret, nothing endless.

use std::fmt::Write as _;
use std::time::SystemTime;

use http::StatusCode;
use serde_json::{Value, json};

use super::rule::{self, Rule};
use super::{Judged, judge, next};
use crate::desk::Facts;
use crate::log::Entry;
use crate::{Endpoint, Misbehaviour, MustEnd, Params, random};

/// Parameters of one request.
const MOST_PARAMETERS: usize = 40;
/// Of one value, in characters.
const LONGEST: usize = 300;
/// The headers that a client is told by.
const HEADERS: [&str; 5] = ["authorization", "content-type", "dpop", "origin", "user-agent"];

/// Parameters that are no secret; every other is shown by its fingerprint.
const PUBLIC: &[&str] = &[
    "acr_values",
    "as",
    "audience",
    "authorization_details",
    "claims",
    "claims_locales",
    "client_assertion_type",
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "connection",
    "decision",
    "display",
    "dpop_jkt",
    "email",
    "grant_type",
    "login_hint",
    "max_age",
    "organization",
    "post_logout_redirect_uri",
    "prompt",
    "redirect_uri",
    "requested_token_type",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "screen_hint",
    "subject_token_type",
    "actor_token_type",
    "token_type_hint",
    "ui_locales",
    "id_token_signed_response_alg",
    "logout_hint",
];

/// All that is told.
pub(crate) struct Seen {
    pub(crate) issuer: String,
    pub(crate) how: Option<Misbehaviour>,
    pub(crate) judged: Judged,
    pub(crate) requests: Vec<Shown>,
}

/// One request.
pub(crate) struct Shown {
    pub(crate) seq: u64,
    /// RFC 3339, in UTC, to the second.
    pub(crate) at: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) from: Sender,
    pub(crate) parameters: Vec<Field>,
    pub(crate) headers: Vec<Field>,
    pub(crate) made: Made,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<String>,
    pub(crate) why: Option<String>,
    pub(crate) source: &'static str,
    pub(crate) gave: Vec<(String, String)>,
    pub(crate) next: String,
}

/// A name with its value, or with the fingerprint of one that is secret.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) secret: bool,
}

/// Who makes requests to such an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    Client,
    Browser,
}

/// What the provider made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    Accepted,
    Refused,
    /// The connection was broken on purpose.
    BrokenOff,
    Unanswered,
}

impl Made {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::BrokenOff => "broken off",
            Self::Unanswered => "unanswered",
        }
    }

    fn of(entry: &Entry) -> Self {
        match &entry.outcome {
            None => Self::Unanswered,
            Some(outcome) => match outcome.status.map(StatusCode::from_u16) {
                None => Self::BrokenOff,
                Some(_) if outcome.error.is_some() || entry.told.why.is_some() => Self::Refused,
                Some(Ok(status)) if status.is_client_error() || status.is_server_error() => Self::Refused,
                Some(_) => Self::Accepted,
            },
        }
    }
}

impl Seen {
    pub(crate) fn of(facts: &Facts, how: Option<Misbehaviour>, entries: &[Entry]) -> Self {
        let judged = judge(how, entries);
        let requests = entries.iter().map(|entry| Shown::of(entry, how, &judged)).collect();
        Self { issuer: facts.issuer.clone(), how, judged, requests }
    }

    pub(crate) fn as_json(&self) -> Value {
        json!({
            "version": 1,
            "issuer": self.issuer,
            "misbehaviour": self.how.map(|how| json!({
                "name": how.name(),
                "what": how.what(),
                "rows": how.rows(),
                "suite": how.suite(),
                "shows_with": how.asks().what(),
                "must_end": end(how.must_end()),
                "code": how.must_end().code(),
            })),
            "judged": self.judged.as_json(),
            "requests": self.requests.iter().map(Shown::as_json).collect::<Vec<_>>(),
        })
    }
}

impl Shown {
    fn of(entry: &Entry, how: Option<Misbehaviour>, judged: &Judged) -> Self {
        let made = Made::of(entry);
        let meets = how.filter(|_| judged.met_at == Some(entry.seq));
        let rule = match made {
            Made::Refused => rule::of_refusal(entry),
            Made::Accepted | Made::BrokenOff | Made::Unanswered => next::of(entry),
        };
        let Rule { source, next, .. } = rule;
        let next = match meets {
            Some(how) => format!("Here the provider misbehaves: {} {}", how.what(), judge::must(how)),
            None => next.into(),
        };
        Self {
            seq: entry.seq,
            at: timestamp(entry.at),
            method: cut(&entry.method),
            path: cut(&entry.path),
            from: match entry.endpoint {
                Endpoint::Discovery
                | Endpoint::OauthMetadata
                | Endpoint::Jwks
                | Endpoint::Token
                | Endpoint::Userinfo
                | Endpoint::Revoke
                | Endpoint::Pushed
                | Endpoint::Introspect
                | Endpoint::DeviceAuthorization
                | Endpoint::Register
                | Endpoint::User
                | Endpoint::Other => Sender::Client,
                Endpoint::Home
                | Endpoint::Authorize
                | Endpoint::Login
                | Endpoint::Consent
                | Endpoint::Logout
                | Endpoint::LogoutConfirmed
                | Endpoint::SignedOut
                | Endpoint::Device => Sender::Browser,
            },
            parameters: entry.params.iter().take(MOST_PARAMETERS).map(parameter).collect(),
            headers: entry.headers.iter().filter(|(name, _)| HEADERS.contains(name)).map(header).collect(),
            made,
            status: entry.outcome.as_ref().and_then(|outcome| outcome.status),
            error: entry.outcome.as_ref().and_then(|outcome| outcome.error.as_deref()).map(cut),
            why: entry.told.why.as_deref().map(|why| cut(&without_secrets(why, entry))),
            source,
            gave: entry.told.gave.clone(),
            next,
        }
    }

    fn as_json(&self) -> Value {
        let fields = |fields: &[Field]| {
            let one = |field: &Field| match field.secret {
                true => json!({ "name": field.name, "fingerprint": field.value }),
                false => json!({ "name": field.name, "value": field.value }),
            };
            fields.iter().map(one).collect::<Vec<_>>()
        };
        json!({
            "seq": self.seq,
            "at": self.at,
            "from": match self.from { Sender::Client => "client", Sender::Browser => "browser" },
            "method": self.method,
            "path": self.path,
            "parameters": fields(&self.parameters),
            "headers": fields(&self.headers),
            "made_of_it": self.made.word().replace(' ', "_"),
            "status": self.status,
            "error": self.error,
            "why": self.why,
            "source": self.source,
            "gave": self.gave.iter().map(|(name, of)| json!({ "name": name, "fingerprint": of })).collect::<Vec<_>>(),
            "next": self.next,
        })
    }
}

/// The first eight hex digits of the SHA-256.
pub(super) fn fingerprint(secret: &str) -> String {
    random::fingerprint(secret).iter().take(4).fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// The fingerprint of the one parameter of that name.
pub(super) fn mark(params: &Params, name: &str) -> Option<String> {
    params.get(name).map(fingerprint)
}

/// The token of the `Authorization` header, as its fingerprint.
pub(super) fn bearer(entry: &Entry) -> Option<String> {
    entry.headers.get("authorization").map(|value| fingerprint(credentials(value).1))
}

fn parameter((name, value): (&str, &str)) -> Field {
    let secret = !PUBLIC.contains(&name);
    Field { name: cut(name), value: if secret { fingerprint(value) } else { cut(value) }, secret }
}

fn header((name, value): (&str, &str)) -> Field {
    match name {
        "authorization" => {
            let (scheme, secret) = credentials(value);
            Field { name: format!("{name}: {}", cut(scheme)), value: fingerprint(secret), secret: true }
        }
        "dpop" => Field { name: name.into(), value: fingerprint(value), secret: true },
        _ => Field { name: name.into(), value: cut(value), secret: false },
    }
}

fn credentials(value: &str) -> (&str, &str) {
    let (scheme, rest) = value.split_once(' ').unwrap_or(("", value));
    (scheme, rest.trim())
}

/// A provider that misbehaves may repeat what is secret.
fn without_secrets(why: &str, entry: &Entry) -> String {
    let secrets = entry.params.iter().filter(|(name, value)| !PUBLIC.contains(name) && value.len() >= 6);
    secrets.fold(why.to_owned(), |why, (_, value)| why.replace(value, &format!("[{}]", fingerprint(value))))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

/// Made of an HTTP date (RFC 9110 5.6.7), which has the same parts in another order.
fn timestamp(at: SystemTime) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let date = httpdate::fmt_http_date(at);
    let part = |range: std::ops::Range<usize>| date.get(range).unwrap_or_default().to_owned();
    let month = MONTHS.iter().position(|name| *name == part(8..11)).unwrap_or_default() + 1;
    format!("{}-{month:02}-{}T{}Z", part(12..16), part(5..7), part(17..25))
}

/// For machines.
pub(crate) fn end(must: MustEnd) -> &'static str {
    match must {
        MustEnd::Accepted => "accepted",
        MustEnd::WithoutDetails(_) => "without_details",
        MustEnd::Refused(_) => "refused",
        MustEnd::Waiting => "waiting",
        MustEnd::NotRenewed(_) => "not_renewed",
        MustEnd::Unconfirmed => "unconfirmed",
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn a_secret_is_shown_by_its_fingerprint_and_an_unknown_parameter_is_one() {
        let shown = parameter(("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert_eq!((shown.value.as_str(), shown.secret), ("13d31e96", true));
        assert!(parameter(("made_up", "1")).secret);
        assert_eq!(parameter(("scope", "openid")).value, "openid");
        let shown = header(("authorization", "Bearer abc"));
        assert_eq!((shown.name.as_str(), shown.value.as_str()), ("authorization: Bearer", "ba7816bf"));
        assert!(header(("authorization", "abc")).secret);
    }

    #[test]
    fn a_long_value_is_cut_and_says_so() {
        let shown = parameter(("scope", &"é".repeat(400)));
        assert!(shown.value.ends_with("é… (800 bytes)"), "{}", shown.value);
    }

    #[test]
    fn the_time_is_written_as_rfc_3339() {
        assert_eq!(timestamp(UNIX_EPOCH + Duration::from_secs(784_111_777)), "1994-11-06T08:49:37Z");
    }
}
