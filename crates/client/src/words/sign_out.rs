use serde::{Deserialize, Serialize};

use super::BrowserBy;

/// End a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SignOutRequest {
    /// The profile.
    #[cfg_attr(feature = "schema", schemars(example = &"work"))]
    pub profile: String,
    /// `sub`, e-mail address or session id, where a profile holds several sessions.
    #[serde(default)]
    pub account: Option<String>,
    /// How far.
    #[serde(default)]
    pub how: SignOut,
    /// Who opens the browser, for `everywhere`.
    #[serde(default)]
    pub browser: BrowserBy,
}

/// How far a sign-out goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum SignOut {
    /// Forget the tokens on this computer; the provider is not told.
    Forget,
    /// Revoke the refresh token at the provider (RFC 7009), then forget.
    #[default]
    Revoke,
    /// The same, and end the browser's session with the provider too (RP-Initiated Logout).
    Everywhere,
}

/// One step of a sign-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum StepName {
    /// Told the provider to revoke the refresh token.
    Revoke,
    /// Deleted the session here.
    Forget,
    /// Sent the browser to the provider's sign-out page.
    EndSession,
}

/// What became of one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SignOutStep {
    /// Which.
    pub step: StepName,
    /// Whether it happened.
    pub done: bool,
    /// Why not, or what to know about it; empty when there is nothing to say.
    pub reason: String,
}

/// What truly happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SignOutAnswer {
    /// Always [`VERSION`](super::VERSION).
    pub version: u32,
    /// The profile.
    pub profile: String,
    /// In the order they were tried.
    pub steps: Vec<SignOutStep>,
    /// The address the caller must open, when it said it would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(skip))]
    pub end_session_url: Option<String>,
    /// What names this sign-out in the journal. Present while the agent waits for the browser to come back: the event
    /// `browser_signed_out` of this flow tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub waits_for: Option<String>,
}

/// What a browser brings back from the provider's sign-out page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum BrowserSignOut {
    /// It came back with our `state`: the provider sent it.
    Confirmed,
    /// It came back with another `state` or none; the sign-out here is done, the provider's is not verified.
    NotVerified,
    /// It did not come back in time.
    NotReturned,
}
