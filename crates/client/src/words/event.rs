use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    BrowserSignOut, ConsentQuestion, Edited, Exchange, Hello, Pair, ProfileView, Reach, Refusal, Session, SignIn,
    SignOutStep, VaultStatus,
};

/// One message of `GET /v1/events`: the present first, then every change in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[expect(clippy::large_enum_variant, reason = "the present comes once a stream; boxing it would only blur the words")]
pub enum Update {
    /// The present; always the first message.
    Present(Present),
    /// Something happened.
    Event(Event),
    /// A session is new or has changed.
    Session {
        /// As it is now.
        session: Session,
    },
    /// A session is gone.
    SessionRemoved {
        /// Its id.
        id: String,
    },
    /// A profile is new or has changed.
    Profile {
        /// As it is now.
        profile: ProfileView,
    },
    /// A profile is gone.
    ProfileRemoved {
        /// Its name.
        name: String,
    },
    /// A sign-in has moved.
    SignIn {
        /// As it is now.
        sign_in: SignIn,
    },
    /// The vault has changed.
    Vault {
        /// As it is now.
        vault: VaultStatus,
    },
    /// Somebody has to say whether a program may have a token.
    ConsentAsked {
        /// The question.
        question: ConsentQuestion,
    },
    /// A question is over: answered, or nobody waits for the answer any more.
    ConsentSettled {
        /// Its id.
        id: String,
    },
}

/// Everything a late watcher needs to be up to date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Present {
    /// The agent.
    pub hello: Hello,
    /// All profiles, in the order of the file.
    pub profiles: Vec<ProfileView>,
    /// All sessions.
    pub sessions: Vec<Session>,
    /// Sign-ins under way.
    pub sign_ins: Vec<SignIn>,
    /// Questions that wait for an answer: may this program have that token?
    #[serde(default)]
    pub questions: Vec<ConsentQuestion>,
    /// Number of the newest event, to go on from after a break.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub seq: u64,
}

/// One entry of the journal: what happened, in order, without secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Event {
    /// Counts up; an agent goes on from the last one that stands in the journal.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub seq: u64,
    /// When.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub at: Timestamp,
    /// The profile it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub profile: Option<String>,
    /// The sign-in, renewal or sign-out it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub flow: Option<String>,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What can happen. Secrets appear as fingerprints: the first eight hex digits of their SHA-256.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum EventKind {
    /// The agent began to serve.
    AgentStarted {
        /// Its version.
        version: String,
    },
    /// The agent stopped, in order; a crash leaves none.
    AgentStopped,
    /// A person asked to sign in.
    SignInStarted,
    /// The provider's metadata and keys were read.
    Discovered {
        /// The issuer, as the provider calls itself.
        issuer: String,
        /// How long it took.
        took_ms: u32,
    },
    /// The provider took the request before the browser opened (RFC 9126).
    RequestPushed {
        /// How long it took.
        took_ms: u32,
    },
    /// The listener is bound, on both address families where there are two.
    Listening {
        /// The redirect URI of this attempt.
        redirect_uri: String,
    },
    /// What the browser is to ask the provider for (RFC 6749 section 4.1.1).
    AuthorizationRequested {
        /// The authorization endpoint.
        url: String,
        /// The parameters, in order.
        parameters: Vec<Pair>,
        /// What a person changed of them, in step mode; `parameters` is what the browser is sent with.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "ts", ts(as = "Option<Vec<Edited>>", optional))]
        edited: Vec<Edited>,
    },
    /// The browser was asked to open the authorization URL.
    BrowserOpened,
    /// No browser could be opened; the address can be copied.
    BrowserNotOpened {
        /// Why.
        refusal: Refusal,
    },
    /// The provider gave a code for another device (RFC 8628); it may be a new one in place of one that ended.
    DeviceCodeReceived {
        /// How long it took.
        took_ms: u32,
        /// When the code ends.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        expires_at: Timestamp,
    },
    /// The provider has to ask the person something, which `prompt=none` did not allow: they are sent there once more.
    AskedAgain {
        /// What it answered, such as `callback.login_required`.
        code: String,
    },
    /// A request reached the listener and had no effect.
    CallbackIgnored {
        /// Why, in a few words.
        reason: String,
    },
    /// The provider's answer with our `state` is here.
    CallbackReceived {
        /// What it brought, in order; empty in entries of versions that did not say.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "ts", ts(as = "Option<Vec<Pair>>", optional))]
        parameters: Vec<Pair>,
    },
    /// The token endpoint answered.
    TokensReceived {
        /// How long it took.
        took_ms: u32,
        /// Life of the access token in seconds, when told.
        expires_in: Option<u32>,
        /// What was granted.
        scope: Vec<String>,
        /// Fingerprint of the access token.
        access_token: String,
        /// Fingerprint of the refresh token, when there is one.
        refresh_token: Option<String>,
    },
    /// A provider was asked something, and answered or not.
    Exchanged {
        /// What was sent, and what came.
        exchange: Box<Exchange>,
    },
    /// An answer was checked: every rule, passed ones too.
    Checked {
        /// Which answer: `discovery`, `metadata` (against the last one), `callback`, `token`, `granted`, `id_token`,
        /// `access_token`, `userinfo` or `account`.
        subject: String,
        /// The rules.
        checks: Vec<Check>,
    },
    /// The provider's details about the person are not used; the sign-in goes on without them.
    DetailsNotUsed {
        /// Why.
        refusal: Refusal,
    },
    /// The session is durable in the vault.
    Saved {
        /// Generation of the record.
        generation: u32,
        /// How long it took.
        took_ms: u32,
    },
    /// The newest tokens could not be stored; they are in memory and will be tried again.
    NotSaved {
        /// Why.
        refusal: Refusal,
    },
    /// A person is signed in.
    SignedIn {
        /// Whom the provider named.
        sub: String,
    },
    /// A person is signed in by a request that was edited in step mode. No session comes of it.
    NotKept {
        /// Whom the provider named.
        sub: String,
        /// Whether the provider has revoked the tokens.
        revoked: bool,
        /// Why it has not; empty where it has.
        reason: String,
    },
    /// A person has a provider of theirs tried with wrong requests; those that follow are meant to be refused.
    ProbeStarted {
        /// The provider.
        issuer: String,
    },
    /// A run of probes is over.
    ProbeEnded {
        /// So many rules held.
        passed: u32,
        /// So many did not.
        failed: u32,
    },
    /// A sign-in was refused.
    SignInFailed {
        /// Why.
        refusal: Refusal,
    },
    /// A person stopped a sign-in.
    SignInCancelled,
    /// A renewal began.
    RenewalStarted {
        /// `planned`, `token_asked` or `person`.
        reason: String,
    },
    /// A renewal is done and durable.
    Renewed {
        /// When the new access token ends.
        #[cfg_attr(feature = "ts", ts(type = "string | null"))]
        expires_at: Option<Timestamp>,
        /// When the next renewal is planned.
        #[cfg_attr(feature = "ts", ts(type = "string | null"))]
        renews_at: Option<Timestamp>,
    },
    /// A renewal did not work out; nothing was lost.
    RenewalFailed {
        /// Why.
        refusal: Refusal,
        /// When it will be tried again.
        #[cfg_attr(feature = "ts", ts(type = "string | null"))]
        next_try: Option<Timestamp>,
    },
    /// A token for another API than the session's own is asked for at the provider; what came of it follows.
    FurtherTokenAsked {
        /// The API (Auth0's `audience`).
        audience: Option<String>,
        /// The resources (RFC 8707).
        resources: Vec<String>,
        /// The scopes.
        scope: Vec<String>,
        /// The upstream provider whose own token it is.
        connection: Option<String>,
    },
    /// Only the person can go on with this session.
    SignInRequired {
        /// Why.
        refusal: Refusal,
    },
    /// The session cannot be renewed beyond a moment that is near: the person should sign in again before.
    SessionEndsSoon {
        /// The moment.
        #[cfg_attr(feature = "ts", ts(type = "string"))]
        ends_at: Timestamp,
    },
    /// Somebody is asked whether a program may have a token.
    ConsentAsked {
        /// The program's path, as the system tells it.
        program: String,
        /// Its process.
        pid: u32,
        /// What it wants.
        #[serde(flatten)]
        reach: Reach,
    },
    /// A program may have tokens from now on.
    ConsentGiven {
        /// The program's path.
        program: String,
        /// What it may have.
        #[serde(flatten)]
        reach: Reach,
        /// Until when; nothing for until the sign-out.
        #[cfg_attr(feature = "ts", ts(type = "string | null"))]
        expires_at: Option<Timestamp>,
    },
    /// A program may not have what it wanted.
    ConsentDenied {
        /// The program's path.
        program: String,
        /// What it may not have.
        #[serde(flatten)]
        reach: Reach,
        /// Until when the no stands; nothing for until the sign-out.
        #[cfg_attr(feature = "ts", ts(type = "string | null"))]
        expires_at: Option<Timestamp>,
    },
    /// A decision about a program stands no longer.
    ConsentRevoked {
        /// The program's path.
        program: String,
        /// Why: `person` or `sign_out`.
        reason: String,
    },
    /// A program was given an access token.
    TokenGiven {
        /// The program's path, as the system tells it.
        program: String,
        /// Its process.
        pid: u32,
        /// Fingerprint of the access token.
        access_token: String,
    },
    /// A program was given an access token and the proof for one request with it (RFC 9449).
    ProofGiven {
        /// The program's path, as the system tells it.
        program: String,
        /// Its process.
        pid: u32,
        /// Fingerprint of the access token.
        access_token: String,
        /// The method of the request.
        method: String,
        /// The server it is for: scheme, host and port.
        server: String,
    },
    /// A program was told what an access token says, or what the provider says of it; it was not given the token.
    TokenLookedInto {
        /// The program's path, as the system tells it.
        program: String,
        /// Its process.
        pid: u32,
        /// Fingerprint of the access token.
        access_token: String,
    },
    /// A program asked for a token and was refused.
    TokenRefused {
        /// The program's path, as the system tells it.
        program: String,
        /// Its process.
        pid: u32,
        /// Why.
        refusal: Refusal,
    },
    /// A session was ended.
    SignedOut {
        /// What truly happened.
        steps: Vec<SignOutStep>,
    },
    /// The browser came back from the provider's sign-out page, or did not within the time.
    BrowserSignedOut {
        /// What that says.
        outcome: BrowserSignOut,
    },
    /// The provider, which could not be told at sign-out, was told.
    RevokedLater,
    /// The provider could not be told of a sign-out, and is not tried any more.
    RevocationGivenUp {
        /// Why not.
        reason: String,
    },
    /// A profile was added or changed.
    ProfileSaved,
    /// A profile was removed.
    ProfileRemoved,
    /// The vault changed its state.
    VaultChanged {
        /// As it is now.
        vault: VaultStatus,
    },
}

/// One named rule tried on an answer of the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Check {
    /// Such as `idtoken.nonce`.
    pub name: String,
    /// How it went.
    pub outcome: CheckOutcome,
    /// What the rule wants.
    pub expected: String,
    /// What was there; cut at 200 characters, never a secret.
    pub got: String,
    /// Where the rule is written, such as `OpenID Connect Core 3.1.3.7 (11)`.
    pub source: String,
}

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum CheckOutcome {
    /// As it must be.
    Passed,
    /// Refused.
    Failed,
    /// Odd, not refused.
    Warned,
    /// The rule does not apply to this answer.
    NotApplicable,
}
