//! The calls, one method each.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::connection::{Sender, connect};
use crate::events::Updates;
use crate::words::{
    Consent, ConsentAnswer, ConsentRequest, Consents, DiscoveryRequest, ErrorBody, Hello, IntrospectionAnswer,
    IntrospectionRequest, PastedRedirect, ProfileEntry, ProfileView, ProofAnswer, ProofRequest, Provider, Refusal,
    RegistrationRequest, RenewalRequest, Session, Sessions, SignInDetail, SignInRequest, SignOutAnswer, SignOutRequest,
    TokenAnswer, TokenReport, TokenRequest, VaultChoice, VaultMove, VaultMoved, VaultStatus,
};
use crate::{Paths, PathsError, words};

/// A person may be asked first, for 60 s; then a renewal may take the provider's 30 s and the wait for one already under
/// way.
pub(crate) const LONGEST_CALL: Duration = Duration::from_secs(135);
/// An agent has nothing to wait for before it says that it is there (L-T13).
const LONGEST_HELLO: Duration = Duration::from_secs(10);
pub(crate) const LARGEST_ANSWER: usize = 32 * 1024 * 1024;
const KEPT_CONNECTIONS: usize = 4;
/// An agent that stops refuses a connection it has accepted already; the next one does not.
pub(crate) const MOST_CONNECTIONS: usize = 3;

/// The way to the agent. Cheap to make; connects at the first call and keeps its connections.
#[derive(Debug)]
pub struct Client {
    socket: PathBuf,
    idle: Mutex<Vec<Sender>>,
}

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens on the socket.
    #[error("the Doorkey agent is not running")]
    NotRunning,
    /// The socket or its folder could be somebody else's; nothing was sent.
    #[error("{path} cannot be trusted: {part}")]
    Untrusted {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        part: String,
    },
    /// The agent answered, and said no.
    #[error("{}", .0.message)]
    Refused(Box<Refusal>),
    /// The agent did not answer in time.
    #[error("the Doorkey agent did not answer in time")]
    TimedOut,
    /// The agent speaks another version of the API; nothing but a greeting was sent.
    #[error("the Doorkey agent speaks version {theirs} of the API, this program version {}", words::VERSION)]
    OtherVersion {
        /// What it says.
        theirs: u64,
    },
    /// The connection broke, or the answer is not one of ours.
    #[error("the connection to the Doorkey agent broke: {0}")]
    Broken(String),
    /// The folders cannot be told.
    #[error(transparent)]
    Paths(#[from] PathsError),
}

impl ClientError {
    /// As the refusal to show: the agent's own, or one about the way to it.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::Refused(refusal) => (**refusal).clone(),
            Self::NotRunning => Refusal::new(
                "broker.unavailable",
                format!("{self}."),
                "Start it with `doorkey agent`, or open the Doorkey window.",
            )
            .retryable(),
            Self::Untrusted { .. } => Refusal::new(
                "broker.untrusted_socket",
                format!("{self}. Nothing was sent."),
                "Remove it if it is yours, and start `doorkey agent` again; otherwise tell whoever looks after this machine.",
            ),
            Self::TimedOut | Self::Broken(_) => Refusal::new(
                "broker.unavailable",
                format!("{self}."),
                "Try again; `doorkey doctor` tells what state the agent is in.",
            )
            .retryable(),
            Self::OtherVersion { .. } => Refusal::new(
                "broker.version",
                format!("{self}."),
                "Stop the agent or close the Doorkey window, and start both from the same version.",
            ),
            Self::Paths(_) => Refusal::new("config.no_home", format!("{self}."), "Set HOME, or the variable named."),
        }
    }
}

impl Client {
    /// The agent of the user whose environment this is.
    ///
    /// # Errors
    /// When the environment does not tell where the socket is.
    pub fn from_env() -> Result<Self, ClientError> {
        Ok(Self::at(Paths::from_env()?.socket()))
    }

    /// The agent behind this socket.
    #[must_use]
    pub fn at(socket: PathBuf) -> Self {
        Self { socket, idle: Mutex::new(Vec::new()) }
    }

    /// The socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Who is there, and in what state.
    ///
    /// # Errors
    /// As every call: no agent, not ours, refused, broken or too slow. Ten seconds are too slow for a greeting.
    pub async fn hello(&self) -> Result<Hello, ClientError> {
        let hello: serde_json::Value = self.call_within(LONGEST_HELLO, Method::GET, "/v1/hello", NOTHING).await?;
        // Of another version's words this one alone is known to be there.
        match hello.get("api").and_then(serde_json::Value::as_u64) {
            Some(theirs) if theirs != u64::from(words::VERSION) => Err(ClientError::OtherVersion { theirs }),
            Some(_) | None => serde_json::from_value(hello).map_err(broken),
        }
    }

    /// All profiles.
    ///
    /// # Errors
    /// As every call.
    pub async fn profiles(&self) -> Result<Vec<ProfileView>, ClientError> {
        self.call(Method::GET, "/v1/profiles", NOTHING).await
    }

    /// Adds or replaces a profile.
    ///
    /// # Errors
    /// As every call; `config.*` names the field that is wrong.
    pub async fn put_profile(&self, entry: &ProfileEntry) -> Result<ProfileView, ClientError> {
        self.call(Method::PUT, &format!("/v1/profiles/{}", segment(&entry.profile.name)), Some(entry)).await
    }

    /// Registers this application at the profile's provider, and adds the profile with the client that came of it.
    ///
    /// # Errors
    /// As every call; `registration.*` when the provider does not want to, or not like this.
    pub async fn register(&self, request: &RegistrationRequest) -> Result<ProfileView, ClientError> {
        self.call(Method::POST, "/v1/registrations", Some(request)).await
    }

    /// Has the provider forget the application that was registered for this profile (RFC 7592).
    ///
    /// # Errors
    /// As every call; `registration.unknown` when none was.
    pub async fn unregister(&self, profile: &str) -> Result<(), ClientError> {
        self.call(Method::DELETE, &format!("/v1/registrations/{}", segment(profile)), NOTHING).await
    }

    /// Removes a profile, with its sessions and its client secret.
    ///
    /// # Errors
    /// As every call; `config.no_profile` when there is none of that name.
    pub async fn delete_profile(&self, name: &str) -> Result<(), ClientError> {
        self.call(Method::DELETE, &format!("/v1/profiles/{}", segment(name)), NOTHING).await
    }

    /// Looks at a provider.
    ///
    /// # Errors
    /// As every call; `discovery.*` and `net.*` say what is wrong with the address or the answer.
    pub async fn discover(&self, request: &DiscoveryRequest) -> Result<Provider, ClientError> {
        self.call(Method::POST, "/v1/discoveries", Some(request)).await
    }

    /// All sessions.
    ///
    /// # Errors
    /// As every call.
    pub async fn sessions(&self) -> Result<Sessions, ClientError> {
        self.call(Method::GET, "/v1/sessions", NOTHING).await
    }

    /// Starts a sign-in; it goes on in the agent when this client goes away.
    ///
    /// # Errors
    /// As every call; `login.already_running` when the profile has one under way.
    pub async fn start_sign_in(&self, request: &SignInRequest) -> Result<SignInDetail, ClientError> {
        self.call(Method::POST, "/v1/sign-ins", Some(request)).await
    }

    /// Looks at a sign-in.
    ///
    /// # Errors
    /// As every call; `login.unknown` for an id that is not known (any more).
    pub async fn sign_in(&self, id: &str) -> Result<SignInDetail, ClientError> {
        self.call(Method::GET, &format!("/v1/sign-ins/{}", segment(id)), NOTHING).await
    }

    /// Hands in the address a browser ended at which could not reach this computer.
    ///
    /// # Errors
    /// As every call; `callback.paste_*` tells what is wrong with the address, and the sign-in goes on waiting.
    pub async fn hand_in(&self, id: &str, pasted: &PastedRedirect) -> Result<SignInDetail, ClientError> {
        self.call(Method::POST, &format!("/v1/sign-ins/{}/redirect", segment(id)), Some(pasted)).await
    }

    /// An address to open once more, for a sign-in that waits for its browser: one that was pushed to the provider
    /// (RFC 9126) is good for once, any other is the same again.
    ///
    /// # Errors
    /// As every call; `login.not_waiting`, `par.failed`.
    pub async fn open_again(&self, id: &str) -> Result<SignInDetail, ClientError> {
        self.call(Method::POST, &format!("/v1/sign-ins/{}/address", segment(id)), NOTHING).await
    }

    /// Stops a sign-in.
    ///
    /// # Errors
    /// As every call.
    pub async fn cancel_sign_in(&self, id: &str) -> Result<SignInDetail, ClientError> {
        self.call(Method::DELETE, &format!("/v1/sign-ins/{}", segment(id)), NOTHING).await
    }

    /// Asks for an access token; renewed first when it must be. Never opens a browser.
    ///
    /// # Errors
    /// As every call; `session.sign_in_required` when only the person can go on.
    pub async fn token(&self, request: &TokenRequest) -> Result<TokenAnswer, ClientError> {
        self.call(Method::POST, "/v1/tokens", Some(request)).await
    }

    /// Asks for an access token that is bound to a key, with the proof for one request (RFC 9449).
    ///
    /// # Errors
    /// As [`Client::token`]; `config.not_bound` where the session's tokens are not bound.
    pub async fn proof(&self, request: &ProofRequest) -> Result<ProofAnswer, ClientError> {
        self.call(Method::POST, "/v1/proofs", Some(request)).await
    }

    /// Looks into an access token, for debugging.
    ///
    /// # Errors
    /// As [`Client::token`].
    pub async fn token_report(&self, request: &TokenRequest) -> Result<TokenReport, ClientError> {
        self.call(Method::POST, "/v1/token-reports", Some(request)).await
    }

    /// Asks the provider what the session's access token is (RFC 7662).
    ///
    /// # Errors
    /// As every call; `token.introspection_*` where the provider does not say.
    pub async fn introspect(&self, request: &IntrospectionRequest) -> Result<IntrospectionAnswer, ClientError> {
        self.call(Method::POST, "/v1/introspections", Some(request)).await
    }

    /// Renews now.
    ///
    /// # Errors
    /// As every call; `refresh.*`.
    pub async fn renew(&self, request: &RenewalRequest) -> Result<Session, ClientError> {
        self.call(Method::POST, "/v1/renewals", Some(request)).await
    }

    /// Signs out and tells what truly happened.
    ///
    /// # Errors
    /// As every call.
    pub async fn sign_out(&self, request: &SignOutRequest) -> Result<SignOutAnswer, ClientError> {
        self.call(Method::POST, "/v1/sign-outs", Some(request)).await
    }

    /// Chooses where the vault's key is, or tries the keyring again.
    ///
    /// # Errors
    /// As every call; `store.*`.
    pub async fn choose_vault(&self, choice: &VaultChoice) -> Result<VaultStatus, ClientError> {
        self.call(Method::PUT, "/v1/vault", Some(choice)).await
    }

    /// Seals everything anew with a key that is kept elsewhere.
    ///
    /// # Errors
    /// As every call; on any `store.*` the vault is as it was.
    pub async fn move_vault(&self, moving: &VaultMove) -> Result<VaultMoved, ClientError> {
        self.call(Method::POST, "/v1/vault/moves", Some(moving)).await
    }

    /// Forgets the vault's key and all sessions in memory, until the vault is opened again.
    ///
    /// # Errors
    /// As every call; `store.unsaved` when that would lose something.
    pub async fn lock_vault(&self) -> Result<VaultStatus, ClientError> {
        self.call(Method::POST, "/v1/vault/lock", NOTHING).await
    }

    /// Which program may have what, and which questions wait.
    ///
    /// # Errors
    /// As every call.
    pub async fn consents(&self) -> Result<Consents, ClientError> {
        self.call(Method::GET, "/v1/consents", NOTHING).await
    }

    /// Decides whether a program may have tokens, before it asks. Doorkey's own programs only.
    ///
    /// # Errors
    /// As every call; `broker.consent_foreign`.
    pub async fn decide(&self, request: &ConsentRequest) -> Result<Consent, ClientError> {
        self.call(Method::POST, "/v1/consents", Some(request)).await
    }

    /// Answers a question. Doorkey's own programs only.
    ///
    /// # Errors
    /// As every call; `broker.consent_unknown` when it does not wait any more, `broker.consent_foreign`.
    pub async fn answer_consent(&self, id: &str, answer: ConsentAnswer) -> Result<(), ClientError> {
        self.call(Method::POST, &format!("/v1/consents/{}", segment(id)), Some(&answer)).await
    }

    /// Takes a decision back: the program is asked about again. Doorkey's own programs only.
    ///
    /// # Errors
    /// As every call; `broker.consent_unknown`, `broker.consent_foreign`.
    pub async fn revoke_consent(&self, id: &str) -> Result<(), ClientError> {
        self.call(Method::DELETE, &format!("/v1/consents/{}", segment(id)), NOTHING).await
    }

    /// [`Client::updates`] for a program that shows questions to a person: as long as the stream is read, programs may
    /// wait for the person's answer. Doorkey's own programs only; for any other it is a stream like every other.
    ///
    /// # Errors
    /// As every call.
    pub async fn updates_to_answer(&self) -> Result<Updates, ClientError> {
        self.stream("/v1/events?answers=consents").await
    }

    /// Everything that changes, beginning with the present; with the journal's entries after `since` where one is given.
    ///
    /// # Errors
    /// As every call.
    pub async fn updates(&self, since: Option<u64>) -> Result<Updates, ClientError> {
        match since {
            Some(seq) => self.stream(&format!("/v1/events?since={seq}")).await,
            None => self.stream("/v1/events").await,
        }
    }

    async fn stream(&self, path: &str) -> Result<Updates, ClientError> {
        let response = self.send(Method::GET, path, Bytes::new()).await?.0;
        if response.status() == StatusCode::OK {
            return Ok(Updates::new(response.into_body()));
        }
        Err(refused(response.status(), &read(response).await?))
    }

    async fn call<B: Serialize, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<T, ClientError> {
        self.call_within(LONGEST_CALL, method, path, body).await
    }

    async fn call_within<B: Serialize, T: DeserializeOwned>(
        &self,
        limit: Duration,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<T, ClientError> {
        let body = match body {
            Some(body) => Bytes::from(serde_json::to_vec(body).map_err(broken)?),
            None => Bytes::new(),
        };
        let exchange = async {
            let (response, sender) = self.send(method, path, body).await?;
            let status = response.status();
            let answer = read(response).await?;
            self.keep(sender);
            if status.is_success() {
                let answer: &[u8] = if answer.is_empty() { b"null" } else { &answer };
                serde_json::from_slice(answer).map_err(broken)
            } else {
                Err(refused(status, &answer))
            }
        };
        tokio::time::timeout(limit, exchange).await.unwrap_or(Err(ClientError::TimedOut))
    }

    /// A kept connection may have been closed since: hyper then gives the request back unsent, and it is sent anew. So it
    /// is when the kernel refuses to take it, as it does when the agent stops at this very moment.
    async fn send(&self, method: Method, path: &str, body: Bytes) -> Result<(Response<Incoming>, Sender), ClientError> {
        let request = |body: Bytes| {
            Request::builder()
                .method(method.clone())
                .uri(path)
                .header("host", "doorkey")
                .header("content-type", "application/json")
                .body(Full::new(body))
                .map_err(broken)
        };
        while let Some(mut sender) = self.take() {
            if sender.ready().await.is_err() {
                continue;
            }
            match sender.try_send_request(request(body.clone())?).await {
                Ok(response) => return Ok((response, sender)),
                Err(mut error) => {
                    if error.take_message().is_none() && !was_refused(error.error()) {
                        return Err(broken(error.into_error()));
                    }
                }
            }
        }
        let mut tries = 0;
        loop {
            tries += 1;
            let mut sender = connect(&self.socket).await?;
            match sender.send_request(request(body.clone())?).await {
                Ok(response) => return Ok((response, sender)),
                Err(error) if was_refused(&error) && tries < MOST_CONNECTIONS => {}
                Err(error) => return Err(broken(error)),
            }
        }
    }

    fn take(&self) -> Option<Sender> {
        self.idle.lock().ok()?.pop()
    }

    fn keep(&self, sender: Sender) {
        if let Ok(mut idle) = self.idle.lock()
            && idle.len() < KEPT_CONNECTIONS
        {
            idle.push(sender);
        }
    }
}

pub(crate) const NOTHING: Option<&()> = None;

/// Whether the kernel refused to take the request: then the agent does not have it, or not the whole of it.
fn was_refused(error: &hyper::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

async fn read(response: Response<Incoming>) -> Result<Bytes, ClientError> {
    let body = Limited::new(response.into_body(), LARGEST_ANSWER);
    Ok(body.collect().await.map_err(broken)?.to_bytes())
}

pub(crate) fn refused(status: StatusCode, answer: &[u8]) -> ClientError {
    match serde_json::from_slice::<ErrorBody>(answer) {
        Ok(body) => ClientError::Refused(Box::new(body.error)),
        Err(_) => ClientError::Broken(format!("it answered {status} with something else than JSON")),
    }
}

pub(crate) fn broken(error: impl std::fmt::Display) -> ClientError {
    ClientError::Broken(error.to_string())
}

/// A path segment, percent-encoded: names come from people.
fn segment(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
