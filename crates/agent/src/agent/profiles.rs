//! Profiles and the secrets of their clients: the file has the one, the vault the other.

use std::sync::{Arc, MutexGuard, PoisonError};

use doorkey_client::words::{EventKind, Profile, ProfileEntry, ProfileView, Refusal, Update};
use doorkey_oauth::{ClientSecret, ClientSettings};

use super::Agent;
use crate::clock;
use crate::profiles::{check, redirect_uris};
use crate::record::{ClientSecretRecord, Record, SessionRecord};
use crate::sign_out;
use crate::vault::RecordId;

impl Agent {
    pub(crate) fn profiles(&self) -> Vec<ProfileView> {
        self.profiles.all().0.into_iter().map(|profile| self.view(profile)).collect()
    }

    pub(crate) async fn put_profile(&self, entry: ProfileEntry) -> Result<ProfileView, Refusal> {
        let profile = check(entry.profile)?;
        if let Some(secret) = entry.client_secret {
            self.loaded().await?;
            self.keep_secret(&profile.name, &secret).await?;
        }
        self.profiles.put(&profile)?;
        self.stop_overtaken(&profile.name, "was changed");
        let view = self.view(profile);
        self.journal.tell(Update::Profile { profile: view.clone() });
        self.journal.record(self.host.now(), Some(&view.profile.name), None, EventKind::ProfileSaved);
        Ok(view)
    }

    /// With its sessions and its secret: nothing of it stays behind.
    pub(crate) async fn delete_profile(self: &Arc<Self>, name: &str) -> Result<(), Refusal> {
        self.profiles.find(name)?;
        self.stop_overtaken(name, "was removed");
        if self.loaded().await.is_ok() {
            sign_out::forget_profile(self, name).await?;
            self.forget_secret(name).await?;
        }
        self.profiles.remove(name)?;
        self.journal.tell(Update::ProfileRemoved { name: name.to_owned() });
        self.journal.record(self.host.now(), Some(name), None, EventKind::ProfileRemoved);
        Ok(())
    }

    fn view(&self, profile: Profile) -> ProfileView {
        let has_client_secret = self.secrets().iter().any(|(_, secret)| secret.profile == profile.name);
        ProfileView { has_client_secret, redirect_uris: redirect_uris(&profile), profile }
    }

    fn stop_overtaken(&self, name: &str, what: &str) {
        let why = Refusal::new(
            "config.profile_changed",
            format!("The sign-in was stopped, because the profile `{name}` {what}."),
            "Sign in again.",
        );
        self.sign_ins.stop_profile(name, &why.about(name));
    }

    async fn keep_secret(&self, profile: &str, secret: &doorkey_client::Secret) -> Result<(), Refusal> {
        let known = self.secrets().iter().find(|(_, kept)| kept.profile == profile).map(|(id, _)| *id);
        let id = known.unwrap_or_else(RecordId::random);
        #[expect(clippy::disallowed_methods, reason = "from the caller's type into the vault's")]
        let secret = ClientSecret::new(secret.expose().to_owned());
        let record = ClientSecretRecord { profile: profile.to_owned(), secret };
        self.vault.save(id, Record::ClientSecret(record.clone()).to_bytes()).await.map_err(|error| error.refusal())?;
        let mut secrets = self.secrets();
        secrets.retain(|(kept, _)| *kept != id);
        secrets.push((id, record));
        Ok(())
    }

    async fn forget_secret(&self, profile: &str) -> Result<(), Refusal> {
        let known = self.secrets().iter().find(|(_, kept)| kept.profile == profile).map(|(id, _)| *id);
        if let Some(id) = known {
            self.vault.remove(id).await.map_err(|error| error.refusal())?;
            self.secrets().retain(|(kept, _)| *kept != id);
        }
        Ok(())
    }

    pub(super) fn secret_of(&self, profile: &str) -> Option<ClientSecret> {
        self.secrets().iter().find(|(_, kept)| kept.profile == profile).map(|(_, kept)| kept.secret.clone())
    }

    pub(super) fn secrets(&self) -> MutexGuard<'_, Vec<(RecordId, ClientSecretRecord)>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far clocks may differ before a renewal's ID token counts as wrong, in seconds.
    #[expect(clippy::unused_self, reason = "a profile has no word for it yet")]
    pub(crate) fn clock_tolerance(&self, _profile: &str) -> u32 {
        clock::tolerance(None)
    }

    /// The client a session was made with; the profile may have changed since.
    pub(crate) fn client_of(&self, record: &SessionRecord) -> ClientSettings {
        let mut client = ClientSettings::new(record.client_id.clone());
        client.client_secret = self.secret_of(&record.profile);
        client.scopes.clone_from(&record.asked);
        client
    }
}
