//! What the demonstration runs on: a provider, a private folder and an agent in it. All of it goes away again.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use doorkey_agent::vault::{Patience, forget_key};
use doorkey_agent::{Agency, Options, own_or_join};
use doorkey_client::Paths;
use doorkey_client::words::{Refusal, VaultKind};
use doorkey_demo_idp::{Running, Settings};
use tempfile::TempDir;

use super::report::Report;
use crate::failure::Failure;

/// So short that a renewal can be watched.
pub(super) const TOKEN_LIFE: Duration = Duration::from_secs(12);

/// What stands so far.
#[derive(Default)]
pub(super) struct Stage {
    provider: Option<Running>,
    agency: Option<Agency>,
    folder: Option<TempDir>,
    /// The vault whose key the keyring holds.
    key_of: Option<PathBuf>,
}

impl Stage {
    /// Starts the provider.
    pub(super) async fn provider(&mut self) -> Result<&Running, Failure> {
        self.provider_with(Settings { token_life: TOKEN_LIFE, ..Settings::default() }).await
    }

    /// Starts a provider of another making.
    pub(super) async fn provider_with(&mut self, settings: Settings) -> Result<&Running, Failure> {
        let provider = doorkey_demo_idp::start(settings).await.map_err(|error| {
            Refusal::new(
                "listener.no_port",
                format!("The built-in provider did not start: {error}."),
                "Run `doorkey doctor`.",
            )
        })?;
        Ok(self.provider.insert(provider))
    }

    /// Starts an agent in a folder of its own, mode 0700, beside any other that runs.
    pub(super) async fn agent(&mut self) -> Result<(), Failure> {
        self.agent_with(Options::from_env()).await
    }

    /// The same, with its vault in memory whatever the environment says.
    pub(super) async fn agent_in_memory(&mut self) -> Result<(), Failure> {
        self.agent_with(Options { vault: Some(VaultKind::Memory), ..Options::from_env() }).await?;
        self.has_no_key();
        Ok(())
    }

    async fn agent_with(&mut self, options: Options) -> Result<(), Failure> {
        let folder = tempfile::Builder::new().prefix("doorkey-demo-").tempdir().map_err(|error| {
            Refusal::new(
                "store.no_folder",
                format!("A private folder could not be made: {error}."),
                "Set TMPDIR to a folder that can be written to.",
            )
        })?;
        let paths = Paths::below(self.folder.insert(folder).path());
        let options = Options { person_present: false, ..options };
        let agency = own_or_join(&paths, options).await.map_err(|error| error.refusal())?;
        // From here on the keyring may have made a key.
        self.key_of = Some(paths.vault());
        self.agency = Some(agency);
        Ok(())
    }

    /// There is no key to forget: the keyring has none.
    pub(super) fn has_no_key(&mut self) {
        self.key_of = None;
    }

    pub(super) fn provider_and_agency(&self) -> Option<(&Running, &Agency)> {
        Some((self.provider.as_ref()?, self.agency.as_ref()?))
    }

    /// Takes everything down, in the order that loses nothing, and says so.
    pub(super) async fn strike(self, report: &mut Report<'_>) -> Result<(), Failure> {
        let began = Instant::now();
        if let Some(agency) = self.agency {
            agency.stop().await;
        }
        if let Some(provider) = self.provider {
            provider.stop().await;
        }
        let Some(folder) = self.folder else { return Ok(()) };
        let had_key = match &self.key_of {
            Some(vault) => {
                forget_key(vault, Patience::Background).await.map_err(|error| error.refusal()).map(|()| true)
            }
            None => Ok(false),
        };
        let path = folder.path().to_owned();
        folder.close().map_err(|error| {
            Refusal::new(
                "store.left_behind",
                format!("{} could not be removed: {error}.", path.display()),
                "Remove it by hand; it holds nothing but the demonstration.",
            )
        })?;
        report.cleaned(had_key?, began.elapsed())
    }
}
