//! One request as it is shown: nothing secret, nothing endless.

use std::time::SystemTime;

use http::StatusCode;
use serde_json::{Value, json};

use super::field::{self, Field, cut, without_secrets};
use super::rule::{self, Rule};
use super::{Judged, judge, next};
use crate::desk::Facts;
use crate::log::Entry;
use crate::{Endpoint, Misbehaviour, MustEnd};

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
    pub(crate) fn of(facts: &Facts, how: Option<Misbehaviour>, entries: &[Entry], since: u64) -> Self {
        let judged = judge(how, entries, since);
        let shown = entries.iter().filter(|entry| entry.seq > since);
        let requests = shown.map(|entry| Shown::of(entry, how, &judged)).collect();
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
        let (source, next) = match meets {
            Some(how) => (source, format!("Here the provider misbehaves: {} {}", how.what(), judge::must(how))),
            None if judged.wrong.contains(&entry.seq) => ("", "Does not ask this.".into()),
            None => (source, next.into()),
        };
        let from = sender(entry.endpoint);
        Self {
            seq: entry.seq,
            at: timestamp(entry.at),
            method: cut(&entry.method),
            path: cut(&entry.path),
            from,
            parameters: field::parameters(entry),
            // What browsers send tells nothing of the client.
            headers: if from == Sender::Client { field::headers(entry) } else { Vec::new() },
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

fn sender(endpoint: Endpoint) -> Sender {
    match endpoint {
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
    fn the_time_is_written_as_rfc_3339() {
        assert_eq!(timestamp(UNIX_EPOCH + Duration::from_secs(784_111_777)), "1994-11-06T08:49:37Z");
    }
}
