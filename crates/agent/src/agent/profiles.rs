//! Profiles and the secrets of their clients: the file has the one, the vault the other.

use std::sync::Arc;

use doorkey_client::words::{EventKind, Profile, ProfileEntry, ProfileView, Refusal, Update};

use super::Agent;
use crate::clock;
use crate::preset::Preset;
use crate::profiles::{check, redirect_uris};
use crate::sign_out;

impl Agent {
    pub(crate) fn profiles(&self) -> Vec<ProfileView> {
        self.profiles.all().0.into_iter().map(|profile| self.view(profile)).collect()
    }

    pub(crate) fn profile(&self, name: &str) -> Result<Profile, Refusal> {
        self.profiles.find(name)
    }

    pub(crate) async fn put_profile(&self, entry: ProfileEntry) -> Result<ProfileView, Refusal> {
        let profile = check(entry.profile)?;
        let _alone = self.changing.lock().await;
        self.profiles.may_change()?;
        if entry.client_secret.is_some() || entry.client_key.is_some() {
            self.loaded().await?;
        }
        let mut given = Vec::new();
        if let Some(key) = &entry.client_key {
            given.push(self.keep_key(&profile, key).await?);
        }
        let written = async {
            if let Some(secret) = &entry.client_secret {
                given.push(self.keep_secret(&profile, secret).await?);
            }
            self.profiles.put(&profile)
        };
        if let Err(refusal) = written.await {
            // The profile is as it was, and so is what belongs to it.
            for id in given {
                self.forget_credential(id).await?;
            }
            return Err(refusal);
        }
        self.settle_credentials(&profile.name, &given).await?;
        self.stop_overtaken(&profile.name, "was changed");
        let view = self.view(profile);
        self.journal.tell(Update::Profile { profile: view.clone() });
        self.journal.record(self.host.now(), Some(&view.profile.name), None, EventKind::ProfileSaved);
        Ok(view)
    }

    /// With its sessions and its secret: nothing of it stays behind.
    pub(crate) async fn delete_profile(self: &Arc<Self>, name: &str) -> Result<(), Refusal> {
        let _alone = self.changing.lock().await;
        self.profiles.find(name)?;
        self.profiles.may_change()?;
        // A secret that stayed sealed would be the next profile's of that name.
        self.loaded().await.map_err(|refusal| refusal.about(name))?;
        self.stop_overtaken(name, "was removed");
        sign_out::forget_profile(self, name).await?;
        self.forget_credentials(name).await?;
        self.forget_registration(name).await?;
        self.profiles.remove(name)?;
        self.forget_consents(name);
        self.journal.tell(Update::ProfileRemoved { name: name.to_owned() });
        self.journal.record(self.host.now(), Some(name), None, EventKind::ProfileRemoved);
        Ok(())
    }

    pub(super) fn view(&self, profile: Profile) -> ProfileView {
        let (has_client_secret, has_client_key) = self.has_credentials(&profile);
        let redirect_uris = redirect_uris(&profile);
        let registered = self.is_registered(&profile.name);
        let setup = Preset::of(&profile).map(|preset| preset.setup_of(&profile, &redirect_uris)).unwrap_or_default();
        ProfileView { has_client_secret, has_client_key, redirect_uris, registered, setup, profile }
    }

    fn stop_overtaken(&self, name: &str, what: &str) {
        let why = Refusal::new(
            "config.profile_changed",
            format!("The sign-in was stopped, because the profile `{name}` {what}."),
            "Sign in again.",
        );
        self.sign_ins.stop_profile(name, &why.about(name));
    }

    /// How far clocks may differ before a time in an ID token counts as wrong, in seconds.
    pub(crate) fn clock_tolerance(&self, profile: &str) -> u32 {
        clock::tolerance(self.profiles.find(profile).ok().and_then(|profile| profile.clock_tolerance))
    }
}
