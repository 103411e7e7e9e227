use serde::{Deserialize, Serialize};

use super::Event;

/// A piece of the journal (`GET /v1/journal`): the agent keeps far more than a reader shows at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct JournalPage {
    /// Always [`VERSION`](super::VERSION).
    pub version: u32,
    /// The entries, the oldest first.
    pub events: Vec<Event>,
    /// Whether there are entries before the first of these.
    pub older: bool,
}

/// One request to a provider and its answer, without secrets: whatever is one appears as its fingerprint, as in
/// [`EventKind`](super::EventKind).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Exchange {
    /// What for: `metadata`, `keys`, `push`, `device`, `token`, `renewal`, `userinfo`, `account`, `revocation`,
    /// `introspection` or `registration`.
    pub purpose: String,
    /// The request.
    pub request: SentRequest,
    /// The answer; absent where none came.
    pub answer: Option<ReceivedAnswer>,
    /// Why there is no answer, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub problem: Option<String>,
    /// From the first byte sent to the last received, or to the end of the wait.
    pub took_ms: u32,
}

/// A request as it was sent, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SentRequest {
    /// Such as `POST`.
    pub method: String,
    /// The address.
    pub url: String,
    /// The headers, in order.
    pub headers: Vec<Pair>,
    /// The form that was sent, in order; empty where there was none.
    pub form: Vec<Pair>,
}

/// An answer as it came, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ReceivedAnswer {
    /// Such as 200.
    pub status: u16,
    /// The headers, in order.
    pub headers: Vec<Pair>,
    /// The body: JSON with its secrets replaced, or the beginning of any other text; cut at 16 KiB.
    pub body: String,
}

/// A header, or a field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Pair {
    /// Its name.
    pub name: String,
    /// Its value; the fingerprint where it is a secret.
    pub value: String,
    /// Whether the value is a fingerprint.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>", optional))]
    pub secret: bool,
}
