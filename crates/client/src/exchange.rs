//! What both clients hold to, whichever way they speak HTTP.

use std::time::Duration;

use crate::words::JournalRequest;

/// A person may be asked first, for 60 s; then a renewal may take the provider's 30 s and the wait for one already under
/// way.
pub(crate) const LONGEST_CALL: Duration = Duration::from_secs(135);
/// An agent has nothing to wait for before it says that it is there (L-T13).
pub(crate) const LONGEST_HELLO: Duration = Duration::from_secs(10);
/// An agent that stops refuses a connection it has accepted already; the next one does not.
pub(crate) const MOST_CONNECTIONS: usize = 3;
pub(crate) const LARGEST_ANSWER: usize = 32 * 1024 * 1024;

/// A path segment, percent-encoded: names come from people.
pub(crate) fn segment(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// Where a piece of the journal is.
pub(crate) fn journal_path(request: &JournalRequest) -> String {
    let JournalRequest { before, limit, profile, flow, kind } = request;
    let numbers = [("before", *before), ("limit", limit.map(u64::from))];
    let texts = [("profile", profile), ("flow", flow), ("kind", kind)];
    let numbers = numbers.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
    let texts = texts.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", segment(value.as_ref()?))));
    let all: Vec<String> = numbers.chain(texts).collect();
    if all.is_empty() { "/v1/journal".to_owned() } else { format!("/v1/journal?{}", all.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_of_the_journal_stands_in_the_address() {
        assert_eq!(journal_path(&JournalRequest::default()), "/v1/journal");
        let request = JournalRequest {
            before: Some(u64::MAX),
            limit: Some(7),
            profile: Some("a&b=c d".to_owned()),
            flow: None,
            kind: Some("exchanged".to_owned()),
        };
        let path = "/v1/journal?before=18446744073709551615&limit=7&profile=a%26b%3Dc%20d&kind=exchanged";
        assert_eq!(journal_path(&request), path);
    }
}
