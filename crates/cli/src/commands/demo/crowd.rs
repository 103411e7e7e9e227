//! Fifty programs that ask at the same moment.

use std::collections::HashSet;
use std::path::Path;

use doorkey_client::Client;
use doorkey_client::words::TokenRequest;
use serde::Serialize;
use tokio::task::JoinSet;

use crate::failure::Failure;

/// How many ask.
pub(super) const ASKERS: usize = 50;

/// What they got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Crowd {
    pub(super) askers: usize,
    pub(super) answered: usize,
    pub(super) different_tokens: usize,
    /// Read in the provider's log.
    pub(super) refresh_requests: usize,
}

/// Programs under way, each with a connection of its own.
pub(super) struct Asking(JoinSet<Result<u64, Failure>>);

impl Asking {
    pub(super) fn begin(socket: &Path, profile: &str) -> Self {
        let mut asking = JoinSet::new();
        for _ in 0..ASKERS {
            let client = Client::at(socket.to_owned());
            let request = TokenRequest::for_profile(profile);
            asking.spawn(async move {
                let answer = client.token(&request).await?;
                Ok(same_or_not(&answer.access_token))
            });
        }
        Self(asking)
    }

    /// Waits for all of them.
    pub(super) async fn answers(mut self) -> Result<Crowd, Failure> {
        let mut tokens = HashSet::new();
        let mut crowd = Crowd { askers: ASKERS, ..Crowd::default() };
        while let Some(answer) = self.0.join_next().await {
            match answer {
                Ok(token) => tokens.insert(token?),
                Err(panic) => std::panic::resume_unwind(panic.into_panic()),
            };
            crowd.answered += 1;
        }
        crowd.different_tokens = tokens.len();
        Ok(crowd)
    }
}

/// A number that is the same for the same token within this process, and tells nothing of it.
#[expect(clippy::disallowed_methods, reason = "compared by its hash, not shown")]
pub(super) fn same_or_not(token: &doorkey_client::Secret) -> u64 {
    use std::hash::{BuildHasher, RandomState};
    use std::sync::OnceLock;

    static SEED: OnceLock<RandomState> = OnceLock::new();
    SEED.get_or_init(RandomState::new).hash_one(token.expose())
}
