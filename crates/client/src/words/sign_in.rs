use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Pause, Refusal, ResponseMode, Session};

/// Start a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SignInRequest {
    /// The profile.
    #[cfg_attr(feature = "schema", schemars(example = &"work"))]
    pub profile: String,
    /// How long to wait for the browser, in seconds: 1 to 1800, 300 when absent.
    #[serde(default, deserialize_with = "super::whole::option")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1800)))]
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
    /// Whether a code for another device is shown (RFC 8628); as the profile's grant says when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub device: Option<DeviceUse>,
    /// How the browser brings the answer, this time only; as the profile says when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub response_mode: Option<ResponseMode>,
    /// Step mode, for people who test: it waits before each request to the provider, until somebody goes on
    /// (`POST /v1/sign-ins/{id}/step`). For Doorkey's own programs only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>", optional))]
    pub step: bool,
}

impl SignInRequest {
    /// With this profile, in the browser that the agent opens.
    #[must_use]
    pub fn for_profile(name: impl Into<String>) -> Self {
        Self {
            profile: name.into(),
            timeout: None,
            browser: BrowserBy::default(),
            prompt: None,
            login_hint: None,
            params: BTreeMap::new(),
            device: None,
            response_mode: None,
            step: false,
        }
    }
}

/// Whether a code for another device is shown. Only where a person chose it: a code that was shown to somebody else
/// signs *them* in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum DeviceUse {
    /// Instead of the browser on this computer.
    Only,
    /// Beside it, where the provider offers it: whichever is finished first wins.
    Beside,
}

/// Who opens the browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// When the wait for the browser ends; in step mode the wait for the person too, which begins anew with each pause.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub deadline: Timestamp,
    /// Where the provider will send the browser, once the listener is bound.
    pub redirect_uri: Option<String>,
    /// The code for another device, while it is good. For the screen, never for logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub device: Option<DeviceCode>,
    /// Why there is no code for another device although one was wanted; the attempt goes on in the browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub device_problem: Option<Refusal>,
    /// Why the browser could not be opened; the attempt goes on and the address can be copied.
    pub browser_problem: Option<Refusal>,
    /// Requests that reached the listener and did not belong to this attempt.
    pub ignored: u32,
    /// Words of an answer without our `state`: not trusted, shown as a hint only.
    pub untrusted_hint: Option<String>,
    /// In step mode: what it waits before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub pause: Option<Pause>,
    /// Whether a request of it was edited. It is then never stored: where it ends well, `step` is `done` and there is no
    /// session.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>", optional))]
    pub edited: bool,
    /// The refusal it ended with.
    pub error: Option<Refusal>,
    /// The session it ended with; none where a request was edited.
    pub session: Option<Session>,
}

/// What a person types on another device (RFC 8628 section 3.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct DeviceCode {
    /// To be typed.
    pub user_code: String,
    /// Where.
    pub verification_uri: String,
    /// The same with the code in it, for a QR code.
    pub verification_uri_complete: Option<String>,
    /// When the code is no longer good.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub expires_at: Timestamp,
}

/// The address the browser was sent to at the end, brought by hand from where the browser is
/// (`POST /v1/sign-ins/{id}/redirect`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PastedRedirect {
    /// As it stands in the browser's address bar. It holds the code.
    #[serde(serialize_with = "crate::Secret::serialize_exposed")]
    pub url: crate::Secret,
}

/// How far a sign-in is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignInDetail {
    /// The sign-in.
    #[serde(flatten)]
    pub sign_in: SignIn,
    /// Where the browser must go; there once `step` is `waiting`.
    pub authorization_url: Option<String>,
}
