//! The same for programs without an async runtime.

use tokio::runtime::{Builder, Runtime};

use crate::ClientError;
use crate::words::{ProofAnswer, ProofRequest, Sessions, TokenAnswer, TokenRequest};

/// The way to the agent, blocking.
#[derive(Debug)]
pub struct Client {
    runtime: Runtime,
    client: crate::Client,
}

impl Client {
    /// The agent of the user whose environment this is.
    ///
    /// # Errors
    /// When the environment does not tell where the socket is.
    pub fn from_env() -> Result<Self, ClientError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| ClientError::Broken(error.to_string()))?;
        Ok(Self { runtime, client: crate::Client::from_env()? })
    }

    /// Asks for an access token; renewed first when it must be. Never opens a browser.
    ///
    /// # Errors
    /// As [`crate::Client::token`].
    pub fn token(&self, request: &TokenRequest) -> Result<TokenAnswer, ClientError> {
        self.runtime.block_on(self.client.token(request))
    }

    /// Asks for an access token that is bound to a key, with the proof for one request (RFC 9449).
    ///
    /// # Errors
    /// As [`crate::Client::proof`].
    pub fn proof(&self, request: &ProofRequest) -> Result<ProofAnswer, ClientError> {
        self.runtime.block_on(self.client.proof(request))
    }

    /// All sessions.
    ///
    /// # Errors
    /// As [`crate::Client::sessions`].
    pub fn sessions(&self) -> Result<Sessions, ClientError> {
        self.runtime.block_on(self.client.sessions())
    }
}
