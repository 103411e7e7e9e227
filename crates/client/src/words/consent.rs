use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a token is good for, as a consent has it. What it reaches decides whether a consent covers it, not how it was
/// asked for: the session's own token has every scope of the sign-in, whichever of them a program names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Reach {
    /// The API, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub audience: Option<String>,
    /// The resources (RFC 8707).
    #[serde(default)]
    pub resource: Vec<String>,
    /// The upstream identity provider whose own token it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub connection: Option<String>,
    /// The scopes; absent for whatever the provider gives there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub scope: Option<Vec<String>>,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum ConsentDecision {
    /// The program gets the token.
    Allow,
    /// It does not.
    Deny,
}

/// For how long a decision stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum ConsentLasts {
    /// For this question, or for the next hand-out within a minute.
    Once,
    /// For so many days, 365 at most.
    Days {
        /// How many.
        #[serde(deserialize_with = "super::whole::one")]
        days: u16,
    },
    /// Until somebody signs out of the profile. Not for interpreters, which run any script: 30 days then.
    UntilSignOut,
}

impl ConsentLasts {
    /// What is meant where nothing is said.
    pub const USUAL: Self = Self::Days { days: 30 };
}

/// A decision that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Consent {
    /// To revoke it by.
    pub id: String,
    /// The program's path, as the system tells it.
    pub program: String,
    /// SHA-256 of its executable, in hexadecimal: another executable at that path is asked about anew.
    pub sha256: String,
    /// The profile.
    pub profile: String,
    /// What of it.
    #[serde(flatten)]
    pub reach: Reach,
    /// Yes or no.
    pub decision: ConsentDecision,
    /// Since when.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub given_at: Timestamp,
    /// Until when; absent for until the sign-out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "string", optional))]
    pub expires_at: Option<Timestamp>,
}

/// What a program wants, with what the system knows of the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ConsentWanted {
    /// The program's path, as the system tells it.
    pub program: String,
    /// SHA-256 of its executable, in hexadecimal.
    pub sha256: String,
    /// Its process.
    pub pid: u32,
    /// The programs that started it, the nearest first.
    #[serde(default)]
    pub started_by: Vec<String>,
    /// Whether it runs scripts: what is allowed to it is allowed to every one of them.
    #[serde(default)]
    pub interpreter: bool,
    /// What its own command line says it runs. The program can write there whatever it likes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub says: Option<String>,
    /// Whether another executable at that path was decided about before.
    #[serde(default)]
    pub changed: bool,
    /// The profile.
    pub profile: String,
    /// What of it.
    #[serde(flatten)]
    pub reach: Reach,
}

/// A question that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ConsentQuestion {
    /// To answer it by.
    pub id: String,
    /// When it ends by itself, with a no.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub ends_at: Timestamp,
    /// What it is about.
    #[serde(flatten)]
    pub wanted: ConsentWanted,
}

/// Every decision that stands, and every question that waits (`GET /v1/consents`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Consents {
    /// Always [`VERSION`](super::VERSION).
    pub version: u32,
    /// The decisions, the newest last.
    pub consents: Vec<Consent>,
    /// The questions, the oldest first.
    pub questions: Vec<ConsentQuestion>,
}

/// The answer to a question (`POST /v1/consents/{id}`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ConsentAnswer {
    /// Yes or no.
    pub decision: ConsentDecision,
    /// For how long.
    pub lasts: ConsentLasts,
}

/// A decision without a question (`POST /v1/consents`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ConsentRequest {
    /// Path of the executable.
    pub program: String,
    /// SHA-256 of the executable; that of the file as it is now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The profile.
    pub profile: String,
    /// What of it; what is left out is as the profile's own token has it.
    #[serde(flatten)]
    pub reach: Reach,
    /// Yes or no.
    pub decision: ConsentDecision,
    /// For how long.
    pub lasts: ConsentLasts,
}
