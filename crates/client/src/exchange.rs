//! What both clients hold to, whichever way they speak HTTP.

use std::time::Duration;

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
