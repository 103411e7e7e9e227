use serde::{Deserialize, Serialize};

use super::{Edited, Event};

/// Which piece of the journal (`GET /v1/journal`). Where nothing is said, the newest entries of all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JournalRequest {
    /// Entries before the one of this number: [`Event::seq`] of the first of the piece that is known already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// How many at most, 1 to [`MOST_ENTRIES`](Self::MOST_ENTRIES); [`USUAL_ENTRIES`](Self::USUAL_ENTRIES) when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))]
    pub limit: Option<u32>,
    /// Entries about this profile only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Entries of this sign-in, renewal or sign-out only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
    /// Entries of this kind only, such as `exchanged`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

impl JournalRequest {
    /// No piece has more entries.
    pub const MOST_ENTRIES: u32 = 1000;
    /// So many where nobody says how many.
    pub const USUAL_ENTRIES: u32 = 200;
}

/// A piece of the journal (`GET /v1/journal`): the agent keeps far more than a reader shows at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct JournalPage {
    /// Always [`VERSION`](super::VERSION).
    pub version: u32,
    /// The entries, the oldest first. Those of a kind that this version does not know are left out.
    pub events: Vec<Event>,
    /// Whether there are entries before the first of these that were asked for.
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
    /// What a person changed of the request before it was sent, in step mode; `request` is what was sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Vec<Edited>>", optional))]
    pub edited: Vec<Edited>,
}

/// A request as it was sent, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SentRequest {
    /// Such as `POST`.
    pub method: String,
    /// The address, with the fingerprints of what is secret among its parameters.
    pub url: String,
    /// The headers, in order.
    pub headers: Vec<Pair>,
    /// The form that was sent, or the members of the JSON, in order; empty where there was none.
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
    /// The body: JSON with each secret replaced by `[fingerprint 0a1b2c3d]`, or the beginning of a text for people; cut
    /// at 16 KiB. Of anything else, length and fingerprint.
    pub body: String,
    /// The SHA-256 of a public document, in hex, where the answer before from the same address was the same: the body
    /// is not repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub unchanged: Option<String>,
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
    /// Whether it is told otherwise than it is sent: a part of the value is replaced by its fingerprint, or cut off; of a
    /// secret, a part of the name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>", optional))]
    pub altered: bool,
}
