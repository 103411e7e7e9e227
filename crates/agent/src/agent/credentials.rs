//! What clients show to providers, secrets and keys: one record of the vault for each.

use std::sync::{MutexGuard, PoisonError};

use doorkey_client::words::{Profile, Refusal};
use doorkey_oauth::{ClientSecret, ClientSettings, PrivateKey, PrivateKeyText};

use super::Agent;
use crate::profiles::{Credentials, client_settings};
use crate::record::{ClientAt, ClientKeyRecord, ClientSecretRecord, Record, SessionRecord};
use crate::refusal::refusal;
use crate::vault::RecordId;

/// A credential as the vault holds it, opened.
#[derive(Clone)]
pub(crate) struct Credential {
    id: RecordId,
    profile: String,
    at: Option<ClientAt>,
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
        Self { id, profile: record.profile, at: record.at, what: What::Secret(record.secret) }
    }

    pub(super) fn key(id: RecordId, record: &ClientKeyRecord) -> Result<Self, Refusal> {
        let key = PrivateKey::read(&record.key, None).map_err(|error| refusal(&error).about(&record.profile))?;
        Ok(Self { id, profile: record.profile.clone(), at: record.at.clone(), what: What::Key(key) })
    }

    fn is_secret(&self) -> bool {
        matches!(self.what, What::Secret(_))
    }

    /// Whether it is for the provider and the client that the profile has now.
    fn is_of(&self, profile: &Profile) -> bool {
        self.profile == profile.name && self.at.as_ref().is_none_or(|at| *at == ClientAt::of(profile))
    }
}

impl ClientAt {
    fn of(profile: &Profile) -> Self {
        Self {
            issuer: profile.issuer.clone(),
            client_id: profile.client_id.clone(),
            endpoints: profile.endpoints.clone(),
        }
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
    pub(super) fn has_credentials(&self, profile: &Profile) -> (bool, bool) {
        let held = self.credentials_of(profile);
        (held.secret.is_some(), held.key.is_some())
    }

    /// Whether it holds any for a profile of that name.
    pub(super) fn holds_any_credential(&self, profile: &str) -> bool {
        self.credentials().iter().any(|credential| credential.profile == profile)
    }

    /// Keeps a secret for the client that the profile is about to have. Beside the one that is in use: which of them is
    /// shown, and to whom, the profile decides.
    pub(super) async fn keep_secret(
        &self,
        profile: &Profile,
        secret: &doorkey_client::Secret,
    ) -> Result<RecordId, Refusal> {
        #[expect(clippy::disallowed_methods, reason = "from the caller's type into the vault's")]
        let secret = ClientSecret::new(secret.expose().to_owned());
        let record = ClientSecretRecord { profile: profile.name.clone(), at: Some(ClientAt::of(profile)), secret };
        let bytes = Record::ClientSecret(record.clone());
        self.keep_credential(Credential::secret(RecordId::random(), record), &bytes).await
    }

    /// A key that cannot sign is refused before it is kept.
    pub(super) async fn keep_key(&self, profile: &Profile, key: &doorkey_client::Secret) -> Result<RecordId, Refusal> {
        #[expect(clippy::disallowed_methods, reason = "from the caller's type into the vault's")]
        let key = PrivateKeyText::new(key.expose().to_owned());
        let record = ClientKeyRecord { profile: profile.name.clone(), at: Some(ClientAt::of(profile)), key };
        let credential = Credential::key(RecordId::random(), &record)?;
        self.keep_credential(credential, &Record::ClientKey(record)).await
    }

    async fn keep_credential(&self, credential: Credential, record: &Record) -> Result<RecordId, Refusal> {
        let id = credential.id;
        self.vault.save(id, record.to_bytes()).await.map_err(|error| error.refusal())?;
        let mut credentials = self.credentials();
        credentials.retain(|kept| kept.id != id);
        credentials.push(credential);
        Ok(id)
    }

    /// What was given with a profile takes the place of its like. What was given for another client stays, in case it was
    /// changed by mistake.
    pub(super) async fn settle_credentials(&self, profile: &str, given: &[RecordId]) -> Result<(), Refusal> {
        let own: Vec<(RecordId, bool)> = {
            let credentials = self.credentials();
            let own = credentials.iter().filter(|kept| kept.profile == profile);
            own.map(|kept| (kept.id, kept.is_secret())).collect()
        };
        let (new, old): (Vec<_>, Vec<_>) = own.into_iter().partition(|(id, _)| given.contains(id));
        for (id, kind) in old {
            if new.iter().any(|(_, given)| *given == kind) {
                self.forget_credential(id).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn forget_credential(&self, id: RecordId) -> Result<(), Refusal> {
        self.vault.remove(id).await.map_err(|error| error.refusal())?;
        self.credentials().retain(|kept| kept.id != id);
        Ok(())
    }

    pub(super) async fn forget_credentials(&self, profile: &str) -> Result<(), Refusal> {
        let own: Vec<RecordId> =
            self.credentials().iter().filter(|kept| kept.profile == profile).map(|kept| kept.id).collect();
        for id in own {
            self.forget_credential(id).await?;
        }
        Ok(())
    }

    fn credentials_of(&self, profile: &Profile) -> Credentials {
        let mut found = Credentials::default();
        for credential in self.credentials().iter().filter(|credential| credential.is_of(profile)) {
            match &credential.what {
                What::Secret(secret) => found.secret = Some(secret.clone()),
                What::Key(key) => found.key = Some(key.clone()),
            }
        }
        found
    }

    /// The client as its profile has it now.
    pub(crate) fn client(&self, profile: &Profile) -> ClientSettings {
        client_settings(profile, self.credentials_of(profile))
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
