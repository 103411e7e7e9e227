use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Refusal;

/// Who is signed in with a profile. Never holds a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Session {
    /// Opaque and stable over renewals.
    pub id: String,
    /// The profile it was made with.
    pub profile: String,
    /// The provider.
    pub issuer: String,
    /// The person, as the provider's ID token names them.
    pub sub: String,
    /// What is known of who that is.
    #[serde(default, skip_serializing_if = "is_person")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Identified>", optional))]
    pub identified: Identified,
    /// For display only: identity is `issuer` and `sub`.
    pub name: Option<String>,
    /// For display only.
    pub email: Option<String>,
    /// What the person calls it; for display only, over `name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub label: Option<String>,
    /// Whether it is the one that is meant where its profile holds several and nobody says which.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>", optional))]
    pub preferred: bool,
    /// Where the person wants to see it among all sessions, from 0; absent where they never said.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "super::whole::option")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub position: Option<u32>,
    /// Where it stands.
    pub state: SessionState,
    /// Scopes that were granted.
    pub scope: Vec<String>,
    /// Scopes that were asked for and not granted.
    pub scope_refused: Vec<String>,
    /// The API the access token is for, where one was asked for.
    pub audience: Option<String>,
    /// The resources the access token is for (RFC 8707), where some were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Vec<String>>", optional))]
    pub resources: Vec<String>,
    /// How the access token is presented: `Bearer` or `DPoP`.
    #[serde(default = "bearer")]
    pub token_type: String,
    /// When the person signed in.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub signed_in_at: Timestamp,
    /// When the present access token was received.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub issued_at: Timestamp,
    /// When the present access token ends; absent when the provider does not tell.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub expires_at: Option<Timestamp>,
    /// When the agent will renew it by itself; absent when it will not.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub renews_at: Option<Timestamp>,
    /// Whether there is a refresh token.
    pub renewable: bool,
    /// When it can be renewed no more, as far as anybody says; absent when nobody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub ends: Option<SessionEnd>,
    /// Whether the newest tokens could not be stored yet and live in memory only.
    pub unsaved: bool,
    /// How often it was renewed since the person signed in.
    pub renewals: u32,
    /// Why the state is what it is, when something is wrong.
    pub problem: Option<Refusal>,
}

/// When a session can be renewed no more: the refresh token's own end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SessionEnd {
    /// The moment.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub at: Timestamp,
    /// Whether renewals move it.
    pub kind: EndKind,
    /// Who says so.
    pub by: EndBy,
    /// From then on the person is told to sign in again before the end; absent where renewals move it.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub notice_at: Option<Timestamp>,
}

/// Whether renewals move the end of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum EndKind {
    /// Each renewal moves it: it comes when the computer is off for so long.
    Idle,
    /// It stays where it is.
    Absolute,
}

/// Who says when a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum EndBy {
    /// The provider, with its last answer.
    Provider,
    /// The profile, by `refresh_idle` or `refresh_absolute`.
    Profile,
}

/// What is known of who a session belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum Identified {
    /// A person, by an ID token that was checked.
    #[default]
    Person,
    /// An account the provider showed; without OpenID Connect nothing proves that it is the right one.
    NotVerified,
    /// The application itself: nobody signed in (`client_credentials`).
    Application,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape serde calls")]
fn is_person(identified: &Identified) -> bool {
    *identified == Identified::Person
}

fn bearer() -> String {
    "Bearer".to_owned()
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum SessionState {
    /// The access token is valid.
    SignedIn,
    /// A renewal is under way.
    Renewing,
    /// The provider could not be reached at the last try; the refresh token is kept.
    Offline,
    /// The access token has ended and there is no refresh token to renew it with.
    Expired,
    /// Only the person can go on.
    SignInRequired,
}

/// The answer of `GET /v1/sessions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sessions {
    /// Always [`VERSION`](super::VERSION).
    pub version: u32,
    /// All of them, by profile.
    pub sessions: Vec<Session>,
}

/// How a person sees a session (`PATCH /v1/sessions/{id}`); what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SessionChange {
    /// What it is called, at most 64 characters; empty for the provider's own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub label: Option<String>,
    /// Whether it is meant where its profile holds several and nobody says which; the others are not, then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub preferred: Option<bool>,
    /// Where it is shown among all sessions, from 0; those after it move on.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "super::whole::option")]
    #[cfg_attr(feature = "ts", ts(optional))]
    #[cfg_attr(feature = "schema", schemars(range(max = 4_294_967_295_u64)))]
    pub position: Option<u32>,
}

/// Renew now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct RenewalRequest {
    /// May be left out when there is only one.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(example = &"work"))]
    pub profile: Option<String>,
    /// `sub`, e-mail address or session id, where a profile holds several sessions.
    #[serde(default)]
    pub account: Option<String>,
}
