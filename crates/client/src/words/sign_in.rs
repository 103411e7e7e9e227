use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Refusal, Session};

/// Start a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SignInRequest {
    /// The profile.
    pub profile: String,
    /// How long to wait for the browser, in seconds: 1 to 1800, 300 when absent.
    #[serde(default)]
    pub timeout: Option<u32>,
    /// Who opens the browser.
    #[serde(default)]
    pub browser: BrowserBy,
    /// OpenID Connect's `prompt`.
    #[serde(default)]
    pub prompt: Option<String>,
    /// OpenID Connect's `login_hint`.
    #[serde(default)]
    pub login_hint: Option<String>,
    /// Further parameters, this time only; over the profile's own.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
}

/// Who opens the browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum BrowserBy {
    /// The agent, in its own desktop session.
    #[default]
    Agent,
    /// The caller, with the address from [`SignInDetail`].
    Caller,
}

/// A sign-in under way, or just ended. Holds no address and no secret, so it may be shown anywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SignIn {
    /// The attempt; journal events carry it as `flow`.
    pub id: String,
    /// The profile.
    pub profile: String,
    /// How far it is.
    pub step: SignInStep,
    /// When it began.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub started_at: Timestamp,
    /// When the wait for the browser ends.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub deadline: Timestamp,
    /// Where the provider will send the browser, once the listener is bound.
    pub redirect_uri: Option<String>,
    /// Why the browser could not be opened; the attempt goes on and the address can be copied.
    pub browser_problem: Option<Refusal>,
    /// Requests that reached the listener and did not belong to this attempt.
    pub ignored: u32,
    /// Words of an answer without our `state`: not trusted, shown as a hint only.
    pub untrusted_hint: Option<String>,
    /// The refusal it ended with.
    pub error: Option<Refusal>,
    /// The session it ended with.
    pub session: Option<Session>,
}

/// How far a sign-in is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum SignInStep {
    /// Reading the provider's metadata.
    Discovering,
    /// Listening; the person is in the browser.
    Waiting,
    /// The answer is here; the code is being exchanged.
    Exchanging,
    /// The tokens are being checked.
    Verifying,
    /// The session is being stored.
    Saving,
    /// Signed in.
    Done,
    /// Refused; `error` says why.
    Failed,
    /// Stopped by the person.
    Cancelled,
}

impl SignInStep {
    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// A sign-in with the address to open: for the program that opens the browser, never for a webview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInDetail {
    /// The sign-in.
    #[serde(flatten)]
    pub sign_in: SignIn,
    /// Where the browser must go; there once `step` is `waiting`.
    pub authorization_url: Option<String>,
}
