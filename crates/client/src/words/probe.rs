use serde::{Deserialize, Serialize};

use super::Refusal;

/// Try a provider with wrong requests (`POST /v1/probes`): one that the person runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProbeRequest {
    /// The profile.
    #[cfg_attr(feature = "schema", schemars(example = &"work"))]
    pub profile: String,
    /// Its issuer, typed again: whoever starts it says that this provider is theirs to test.
    pub issuer: String,
    /// The pause before each request, in milliseconds: up to 10,000, 500 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "super::whole::option")]
    #[cfg_attr(feature = "schema", schemars(range(max = 10_000)))]
    pub pace_ms: Option<u32>,
    /// How long to wait for the person in the browser each time, in seconds: 1 to 1800, 300 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "super::whole::option")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1800)))]
    pub timeout: Option<u32>,
    /// How long to wait for an answer that should not come, in seconds: 1 to 120, 20 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "super::whole::option")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 120)))]
    pub wait: Option<u32>,
    /// For how long a refresh token that was used is tried again, in seconds: up to 60, 10 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "super::whole::option")]
    #[cfg_attr(feature = "schema", schemars(range(max = 60)))]
    pub leeway: Option<u32>,
    /// Another public client of the same provider, which must not redeem this one's codes; one that nobody has when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_client: Option<String>,
    /// Whether to try signing out too: it ends the browser's own session with the provider.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub logout: bool,
    /// Whether what the run got is revoked, and revoking tried, although the vault holds a session of the same person and
    /// application: some providers end that too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub end_other_sessions: bool,
}

impl ProbeRequest {
    /// The browser is sent to the provider at most so often.
    pub const MOST_VISITS: u32 = 16;
    /// So many of them are for signing out.
    pub const VISITS_FOR_LOGOUT: u32 = 4;
    /// So many requests are sent at most, those that clean up included.
    pub const MOST_REQUESTS: u32 = 90;

    /// With everything as it is when nothing is said.
    #[must_use]
    pub fn new(profile: impl Into<String>, issuer: impl Into<String>) -> Self {
        Self {
            profile: profile.into(),
            issuer: issuer.into(),
            pace_ms: None,
            timeout: None,
            wait: None,
            leeway: None,
            other_client: None,
            logout: false,
            end_other_sessions: false,
        }
    }
}

/// Which state of a run is wanted (`GET /v1/probes/{id}`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProbeLook {
    /// Answered once [`ProbeRun::revision`] is beyond this, or after 20 seconds; at once when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
}

/// A run of probes, under way or ended. Holds no secret but the address to open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProbeRun {
    /// Always [`VERSION`](super::VERSION).
    pub version: u32,
    /// The run; journal events carry it as `flow`.
    pub id: String,
    /// The profile.
    pub profile: String,
    /// The provider.
    pub issuer: String,
    /// How far it is.
    pub state: ProbeState,
    /// Counts up with each change.
    pub revision: u64,
    /// How often the browser was sent to the provider.
    pub visits: u32,
    /// How many requests were sent, those that cleaned up included.
    pub requests: u32,
    /// What the browser must open now.
    pub visit: Option<ProbeVisit>,
    /// What was found, in order.
    pub results: Vec<ProbeResult>,
    /// What became of the tokens it got; there once it has ended.
    pub cleaned: Option<ProbeCleaned>,
    /// Why it ended before its end.
    pub error: Option<Refusal>,
}

/// How far a run of probes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ProbeState {
    /// Under way.
    Running,
    /// The tokens it got are being revoked.
    Cleaning,
    /// Over; everything that can be asked was.
    Done,
    /// Over before its end; `error` says why.
    Stopped,
}

impl ProbeState {
    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Stopped)
    }
}

/// An address for the person's browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProbeVisit {
    /// Counts up from 1.
    pub number: u32,
    /// What is tried with it, in a few words.
    pub what: String,
    /// Where the browser must go. For the program that opens it, never for a webview.
    pub url: String,
}

/// What one probe found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProbeResult {
    /// Such as `code.replay`.
    pub name: String,
    /// What was tried, in a few words.
    pub title: String,
    /// How it went.
    pub outcome: ProbeOutcome,
    /// What the rule wants.
    pub expected: String,
    /// What the provider did; never a secret.
    pub got: String,
    /// Where the rule is written.
    pub source: String,
    /// What it would mean for the people who sign in there.
    pub consequence: String,
    /// What a developer of the provider should do.
    pub advice: String,
}

/// How a probe went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ProbeOutcome {
    /// The provider did what the rule wants.
    Passed,
    /// It did not.
    Failed,
    /// The rule has nothing to do with this provider or client.
    NotApplicable,
    /// It could not be asked; `got` says why.
    NotAsked,
}

/// What became of the tokens that a run got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProbeCleaned {
    /// So many were revoked.
    pub revoked: u32,
    /// So many could not be.
    pub left: u32,
    /// So many of those are refresh tokens.
    pub refresh_tokens_left: u32,
    /// So many requests for tokens brought no answer; nobody knows whether tokens were made.
    pub unanswered: u32,
    /// Why some are left; empty where none is.
    pub reason: String,
    /// What may remain at the provider and what to do about it; empty where nothing may.
    pub hint: String,
}
