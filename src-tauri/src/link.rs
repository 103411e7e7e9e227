//! The way to the agent: joined where one runs, else this process becomes it; found again when it went away.

use std::sync::Arc;

use doorkey_agent::{Agency, Options, own_or_join};
use doorkey_client::words::Refusal;
use doorkey_client::{Client, ClientError, Paths};
use serde::Serialize;
use tokio::sync::Mutex;

/// Whose process the agent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Whose {
    /// This one.
    Here,
    /// Another one, which goes on when this window is closed.
    Elsewhere,
}

/// The way to the agent of these folders.
pub(crate) struct Link {
    paths: Result<Paths, Refusal>,
    /// How this process is the agent, if it becomes it.
    options: Options,
    agency: Mutex<Option<Agency>>,
}

impl Link {
    /// To the agent of the user whose environment this is.
    pub(crate) fn from_env() -> Self {
        let paths = Paths::from_env().map_err(|error| ClientError::from(error).refusal());
        // The person is at the screen: a locked keyring may ask them.
        Self { paths, options: Options { person_present: true, ..Options::from_env() }, agency: Mutex::new(None) }
    }

    #[cfg(test)]
    pub(crate) fn at(paths: Paths, options: Options) -> Self {
        Self { paths: Ok(paths), options, agency: Mutex::new(None) }
    }

    /// Where this user's files are, or why that cannot be told.
    pub(crate) fn paths(&self) -> Result<&Paths, &Refusal> {
        self.paths.as_ref()
    }

    /// The agent; joined, or become, where that has not happened yet.
    pub(crate) async fn client(&self) -> Result<Arc<Client>, Refusal> {
        Ok(self.join().await?.0)
    }

    /// The same, and whose it is.
    pub(crate) async fn join(&self) -> Result<(Arc<Client>, Whose), Refusal> {
        let paths = self.paths.as_ref().map_err(Clone::clone)?;
        let mut agency = self.agency.lock().await;
        let found = match agency.take() {
            Some(found) => found,
            None => own_or_join(paths, self.options.clone()).await.map_err(|error| error.refusal())?,
        };
        let whose = if found.is_owner() { Whose::Here } else { Whose::Elsewhere };
        let client = Arc::clone(agency.insert(found).client());
        Ok((client, whose))
    }

    /// After the stream of updates has ended: the next call looks for an agent anew, unless this one still answers.
    pub(crate) async fn check(&self) {
        let Some(client) = self.agency.lock().await.as_ref().map(|found| Arc::clone(found.client())) else { return };
        // Not while others wait for their way: a silent agent takes its time.
        if client.hello().await.is_ok() {
            return;
        }
        let mut agency = self.agency.lock().await;
        if let Some(gone) = agency.take_if(|found| Arc::ptr_eq(found.client(), &client)) {
            gone.stop().await;
        }
    }

    /// Stops being the agent, if this process is it: what is under way is finished first.
    pub(crate) async fn leave(&self) {
        if let Some(agency) = self.agency.lock().await.take() {
            agency.stop().await;
        }
    }
}
