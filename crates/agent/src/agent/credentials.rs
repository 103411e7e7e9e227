//! What clients show to providers, secrets and keys: one record of the vault for each.

use std::sync::{MutexGuard, PoisonError};

use doorkey_client::words::{Profile, Refusal};
use doorkey_oauth::{ClientSecret, ClientSettings, PrivateKey, PrivateKeyText};

use super::Agent;
use crate::profiles::{Credentials, client_settings};
use crate::record::{ClientKeyRecord, ClientSecretRecord, Record, SessionRecord};
use crate::refusal::refusal;
use crate::vault::RecordId;

/// A credential as the vault holds it, opened.
#[derive(Clone)]
pub(crate) struct Credential {
    id: RecordId,
    profile: String,
    what: What,
}

#[derive(Clone)]
enum What {
    Secret(ClientSecret),
    /// Read once, so that signing cannot fail later.
    Key(PrivateKey),
}

impl Credential {
    pub(super) fn secret(id: RecordId, record: ClientSecretRecord) -> Self {
        Self { id, profile: record.profile, what: What::Secret(record.secret) }
    }

    pub(super) fn key(id: RecordId, record: &ClientKeyRecord) -> Result<Self, Refusal> {
        let key = PrivateKey::read(&record.key, None).map_err(|error| refusal(&error).about(&record.profile))?;
        Ok(Self { id, profile: record.profile.clone(), what: What::Key(key) })
    }

    fn is_secret(&self) -> bool {
        matches!(self.what, What::Secret(_))
    }
}

impl Agent {
    pub(super) fn credentials(&self) -> MutexGuard<'_, Vec<Credential>> {
        self.credentials.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn holds_credential(&self, id: RecordId) -> bool {
        self.credentials().iter().any(|credential| credential.id == id)
    }

    /// Whether the vault holds a secret, and whether it holds a key, for this profile.
    pub(super) fn has_credentials(&self, profile: &str) -> (bool, bool) {
        let credentials = self.credentials();
        let mut own = credentials.iter().filter(|credential| credential.profile == profile);
        let (secret, key): (Vec<_>, Vec<_>) = own.by_ref().partition(|credential| credential.is_secret());
        (!secret.is_empty(), !key.is_empty())
    }

    pub(super) async fn keep_secret(&self, profile: &str, secret: &doorkey_client::Secret) -> Result<(), Refusal> {
        let profile = profile.to_owned();
        #[expect(clippy::disallowed_methods, reason = "from the caller's type into the vault's")]
        let record = ClientSecretRecord { profile, secret: ClientSecret::new(secret.expose().to_owned()) };
        let bytes = Record::ClientSecret(record.clone());
        self.keep_credential(Credential::secret(RecordId::random(), record), &bytes).await
    }

    /// A key that cannot sign is refused before it is kept.
    pub(super) async fn keep_key(&self, profile: &str, key: &doorkey_client::Secret) -> Result<(), Refusal> {
        let profile = profile.to_owned();
        #[expect(clippy::disallowed_methods, reason = "from the caller's type into the vault's")]
        let record = ClientKeyRecord { profile, key: PrivateKeyText::new(key.expose().to_owned()) };
        let credential = Credential::key(RecordId::random(), &record)?;
        self.keep_credential(credential, &Record::ClientKey(record)).await
    }

    /// In the record that held its like before.
    async fn keep_credential(&self, mut credential: Credential, record: &Record) -> Result<(), Refusal> {
        let like = |kept: &Credential| kept.profile == credential.profile && kept.is_secret() == credential.is_secret();
        if let Some(id) = self.credentials().iter().find(|kept| like(kept)).map(|kept| kept.id) {
            credential.id = id;
        }
        self.vault.save(credential.id, record.to_bytes()).await.map_err(|error| error.refusal())?;
        let mut credentials = self.credentials();
        credentials.retain(|kept| kept.id != credential.id);
        credentials.push(credential);
        Ok(())
    }

    pub(super) async fn forget_credentials(&self, profile: &str) -> Result<(), Refusal> {
        let own: Vec<RecordId> =
            self.credentials().iter().filter(|kept| kept.profile == profile).map(|kept| kept.id).collect();
        for id in own {
            self.vault.remove(id).await.map_err(|error| error.refusal())?;
            self.credentials().retain(|kept| kept.id != id);
        }
        Ok(())
    }

    fn credentials_of(&self, profile: &str) -> Credentials {
        let mut found = Credentials::default();
        for credential in self.credentials().iter().filter(|credential| credential.profile == profile) {
            match &credential.what {
                What::Secret(secret) => found.secret = Some(secret.clone()),
                What::Key(key) => found.key = Some(key.clone()),
            }
        }
        found
    }

    /// The client as its profile has it now.
    pub(crate) fn client(&self, profile: &Profile) -> ClientSettings {
        client_settings(profile, self.credentials_of(&profile.name))
    }

    /// The client a session was made with: the profile may have changed since, or be gone. What the vault holds for it
    /// now is then another provider's or another client's, and never shown to the one of the session.
    pub(crate) fn client_of(&self, record: &SessionRecord) -> ClientSettings {
        let is_its = |profile: &Profile| profile.issuer == record.issuer && profile.client_id == record.client_id;
        let mut client = match self.profile(&record.profile) {
            Ok(profile) if is_its(&profile) => self.client(&profile),
            Ok(_) | Err(_) => ClientSettings::new(record.client_id.clone()),
        };
        client.scopes.clone_from(&record.asked);
        client.audience.clone_from(&record.audience);
        client.resources.clone_from(&record.resources);
        client.dpop = record.dpop_key.as_ref().and_then(doorkey_oauth::DpopKey::of_text);
        client
    }
}
