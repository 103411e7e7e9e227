//! The calls, one method each.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;

use crate::connection::{check_user, inspect, not_connected};
use crate::error::{ClientError, broken, hello, refused};
use crate::events::Updates;
use crate::exchange::{LARGEST_ANSWER, LONGEST_CALL, LONGEST_HELLO, MOST_CONNECTIONS, segment};
use crate::words::{
    Consent, ConsentAnswer, ConsentRequest, Consents, DiscoveryRequest, Hello, IntrospectionAnswer,
    IntrospectionRequest, PastedRedirect, ProfileEntry, ProfileView, ProofAnswer, ProofRequest, Provider,
    RegistrationRequest, RenewalRequest, Session, Sessions, SignInDetail, SignInRequest, SignOutAnswer, SignOutRequest,
    TokenAnswer, TokenReport, TokenRequest, VaultChoice, VaultMove, VaultMoved, VaultStatus,
};
use crate::{Paths, start};

type Sender = SendRequest<Full<Bytes>>;

const KEPT_CONNECTIONS: usize = 4;

/// The way to the agent. Cheap to make; connects at the first call and keeps its connections.
#[derive(Debug)]
pub struct Client {
    socket: PathBuf,
    idle: Mutex<Vec<Sender>>,
}

impl Client {
    /// The agent of the user whose environment this is.
    ///
    /// # Errors
    /// When the environment does not tell where the socket is.
    pub fn from_env() -> Result<Self, ClientError> {
        Ok(Self::at(Paths::from_env()?.socket()))
    }

    /// The same; where none runs, `doorkey agent` is started, which then stays: the `doorkey` beside this program's own
    /// file, or the first in `PATH`.
    ///
    /// # Errors
    /// Nothing is started beside a socket that cannot be trusted. [`ClientError::NotRunning`] when there is no `doorkey`
    /// to start, [`ClientError::NotStarted`] when it does not serve within ten seconds.
    pub async fn find_or_start() -> Result<Self, ClientError> {
        let client = Self::from_env()?;
        match client.hello().await {
            Err(ClientError::NotRunning) => {}
            answer => return answer.map(|_| client),
        }
        let start = tokio::task::spawn_blocking(|| start::agent(&start::program().ok_or(ClientError::NotRunning)?));
        start.await.map_err(broken)??;
        client.hello().await.map(|_| client)
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
        hello(self.call_within(LONGEST_HELLO, Method::GET, "/v1/hello", NOTHING).await?)
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
        Err(refused(response.status().as_u16(), &read(response).await?))
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
                Err(refused(status.as_u16(), &answer))
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

/// Connects after checking folder and socket (B-02), and checks who answers before a byte is sent (B-T03).
async fn connect(socket: &Path) -> Result<Sender, ClientError> {
    inspect(socket)?;
    let stream = UnixStream::connect(socket).await.map_err(|error| not_connected(&error))?;
    check_user(stream.peer_cred().map_err(broken)?.uid(), socket)?;
    let (sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| ClientError::Broken(error.to_string()))?;
    // The driver ends with the connection; what went wrong reaches the caller through its own request.
    tokio::spawn(connection);
    Ok(sender)
}

const NOTHING: Option<&()> = None;

/// Whether the kernel refused to take the request: then the agent does not have it, or not the whole of it.
fn was_refused(error: &hyper::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

async fn read(response: Response<Incoming>) -> Result<Bytes, ClientError> {
    let body = Limited::new(response.into_body(), LARGEST_ANSWER);
    Ok(body.collect().await.map_err(broken)?.to_bytes())
}
