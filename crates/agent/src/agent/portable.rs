//! Profiles on their way from and to other programs.

use doorkey_client::words::{ExportRequest, Exported, ImportPreview, ImportRequest, PortableFormat, Profile, Refusal};
use doorkey_oauth::{Issuer, Metadata};

use super::Agent;
use crate::portable::{self, Addresses, ExportError, Told};
use crate::profiles::{asked_scopes, given_metadata, redirect_uris};
use crate::refusal::refusal;

impl Agent {
    /// What a file holds. Nothing is saved, and nobody is asked.
    pub(crate) fn preview_import(&self, request: &ImportRequest) -> Result<ImportPreview, Refusal> {
        let taken: Vec<String> = self.profiles.all().0.into_iter().map(|profile| profile.name).collect();
        portable::read(&request.text, request.format, &taken).map_err(|error| error.refusal())
    }

    /// Profiles for another program. A provider is asked for its addresses where that program cannot find them.
    pub(crate) async fn export_profiles(&self, request: &ExportRequest) -> Result<Exported, Refusal> {
        let mut told: Vec<Told> = Vec::new();
        for name in &request.profiles {
            if told.iter().all(|told| told.profile.name != *name) {
                told.push(self.told(self.profile(name)?, request.format).await);
            }
        }
        portable::write(&told, request.format).map_err(|error: ExportError| error.refusal())
    }

    async fn told(&self, profile: Profile, format: PortableFormat) -> Told {
        let addresses = match format {
            PortableFormat::Postman | PortableFormat::Bruno => self.addresses(&profile).await.ok(),
            PortableFormat::Doorkey
            | PortableFormat::OidcAgent
            | PortableFormat::Kubeconfig
            | PortableFormat::OpenidClient => None,
        };
        // Whether there is a secret is worth knowing, and no reason to fail.
        let _ = self.loaded().await;
        let (has_secret, _) = self.has_credentials(&profile);
        Told { scopes: asked_scopes(&profile), redirect_uris: redirect_uris(&profile), addresses, has_secret, profile }
    }

    async fn addresses(&self, profile: &Profile) -> Result<Addresses, Refusal> {
        let issuer = Issuer::parse(&profile.issuer).map_err(|error| refusal(&error))?;
        let metadata: Metadata = match given_metadata(profile, &issuer) {
            Some(given) => given?,
            None => {
                let trail = self.journal.trail(&profile.name, &self.host.identifier());
                self.providers.metadata(&self.host, &trail, &issuer).await?
            }
        };
        Ok(Addresses {
            authorization: metadata.authorization_endpoint.url().to_string(),
            token: metadata.token_endpoint.url().to_string(),
            userinfo: metadata.userinfo_endpoint.map(|endpoint| endpoint.url().to_string()),
        })
    }
}
