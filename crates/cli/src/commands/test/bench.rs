//! The agent of one run: in a private folder, its vault in memory, and gone with the run.

use std::fs;
use std::path::Path;

use doorkey_agent::browser::BrowserChoice;
use doorkey_agent::{Agency, Options, own_or_join};
use doorkey_client::words::{Refusal, VaultKind};
use doorkey_client::{Client, Paths};
use tempfile::TempDir;

use crate::failure::Failure;

/// Nobody but this process reaches the agent, and it asks for tokens to look into them only.
const POLICY: &str = "version = 1\ndefault = \"allow\"\n";

pub(super) struct Bench {
    agency: Agency,
    folder: TempDir,
}

impl Bench {
    /// `network` says how this user's providers are reached: proxies and certificates hold for the run too.
    pub(super) async fn open(network: Option<&Path>) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("doorkey-test-").tempdir().map_err(|error| no_folder(&error))?;
        let paths = Paths::below(folder.path());
        let settle = || {
            fs::create_dir_all(&paths.config)?;
            fs::write(paths.policy(), POLICY)?;
            match network {
                Some(file) => fs::copy(file, paths.network()).map(drop),
                None => Ok(()),
            }
        };
        settle().map_err(|error| no_folder(&error))?;
        let options = Options {
            vault: Some(VaultKind::Memory),
            browser: BrowserChoice::from_env(None),
            person_present: false,
            ..Options::from_env()
        };
        let agency = own_or_join(&paths, options).await.map_err(|error| error.refusal())?;
        Ok(Self { agency, folder })
    }

    pub(super) fn client(&self) -> &Client {
        self.agency.client()
    }

    /// What cannot be removed is told by nobody: it is a temporary folder, and the run has its result.
    pub(super) async fn close(self) {
        self.agency.stop().await;
        if let Err(error) = self.folder.close() {
            tracing::warn!(%error, "the folder of a run was not removed");
        }
    }
}

fn no_folder(error: &std::io::Error) -> Refusal {
    Refusal::new(
        "store.no_folder",
        format!("A private folder could not be made: {error}."),
        "Set TMPDIR to a folder that can be written to.",
    )
}
