//! Stages as a story finds them, and what must be true when something went wrong there.

use std::time::Duration;

use doorkey_client::words::{Refusal, Session, SignInStep};

use crate::stage::{LONG, PROFILE, SHORT, assert_told_well, request};
use crate::{Attempt, Stage, watch};

/// What must be the same after something went wrong (N2, N3).
#[derive(Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// All sessions, as anybody may see them.
    pub sessions: Vec<Session>,
    /// The access token.
    pub access_token: String,
}

impl Stage {
    /// Ada is signed in for the whole story.
    pub async fn signed_in() -> Self {
        Self::signed_in_with(LONG).await
    }

    /// Ada is signed in with a token too short for any caller; the next one is long.
    pub async fn about_to_end() -> Self {
        Self::signed_in_with(SHORT).await
    }

    /// Ada is signed in with a token that has ended; the next one is long.
    pub async fn with_ended_token() -> Self {
        Self::signed_in_with(Duration::ZERO).await
    }

    async fn signed_in_with(first_token: Duration) -> Self {
        let stage = Self::new().await;
        stage.sign_in_with(first_token).await;
        stage
    }

    /// Ada signs in and is given a first token of this life; all later ones are long.
    pub async fn sign_in_with(&self, first_token: Duration) -> Session {
        self.provider.knobs().set_token_life(first_token);
        let session = self.sign_in().await;
        self.provider.knobs().set_token_life(LONG);
        session
    }

    /// A sign-in that must fail: by itself, or after Ada said yes. The attempt is there when it got as far as
    /// listening.
    ///
    /// # Panics
    /// When it does not fail, or does not say well why.
    pub async fn sign_in_refused(&self) -> (Option<Attempt>, Refusal) {
        let id = self.client.start_sign_in(&request(PROFILE)).await.expect("it starts").sign_in.id;
        let moved = watch::until_sign_in(&self.client, &id, "it waits or ends", |sign_in| {
            sign_in.step == SignInStep::Waiting || sign_in.step.is_final()
        })
        .await;
        let attempt = match moved.step {
            SignInStep::Waiting => {
                let attempt = Attempt::waiting(&self.client, &id).await;
                attempt.allow(&self.person("Ada")).await;
                Some(attempt)
            }
            _ => None,
        };
        let ended =
            watch::until_sign_in(&self.client, &id, "the sign-in ends", |sign_in| sign_in.step.is_final()).await;
        assert_eq!((ended.step, &ended.session), (SignInStep::Failed, &None));
        let refused = ended.error.expect("why");
        assert_eq!(refused.profile.as_deref(), Some(PROFILE), "{refused:?}");
        assert_told_well(&refused);
        (attempt, refused)
    }

    /// Refresh tokens as the provider received them, oldest first.
    ///
    /// # Panics
    /// When a refresh request has none.
    #[must_use]
    pub fn sent_refresh_tokens(&self) -> Vec<String> {
        let token = |entry: &doorkey_demo_idp::Entry| entry.params.get("refresh_token").expect("it has one").to_owned();
        self.refreshes().iter().map(token).collect()
    }

    /// What must not change by a failure.
    pub async fn snapshot(&self) -> Snapshot {
        Snapshot {
            sessions: self.client.sessions().await.expect("the sessions").sessions,
            access_token: self.access_token().await,
        }
    }

    /// Nothing was lost by a failed sign-in, and the next one works from the same state (N2, N3, N4, N7).
    ///
    /// # Panics
    /// When something was.
    pub async fn assert_unharmed(&self, before: &Snapshot, attempt: &Attempt) {
        assert_eq!(&self.snapshot().await, before, "the old session has changed");
        attempt.until_deserted().await;
        self.assert_next_sign_in_works().await;
    }
}
