//! Clients that register themselves (RFC 7591), and how they are forgotten (RFC 7592).

use std::sync::{MutexGuard, PoisonError};

use doorkey_client::words::{
    ClientAuth, EventKind, Grant, Profile, ProfileEntry, ProfileView, Refusal, RegistrationRequest, Update,
};
use doorkey_oauth::{
    AccessToken, ClientAuthMethod, ClientMetadata, ClientSecret, Endpoint, Issuer, Registered, Registration,
    finish_unregister, unregister_request,
};
use url::Url;

use super::Agent;
use crate::exchanged::Purpose;
use crate::journal::Trail;
use crate::profiles::{asked_scopes, check, redirect_path, redirect_uris};
use crate::record::{Record, RegistrationRecord};
use crate::refusal::refusal;
use crate::sending::sent;
use crate::vault::RecordId;

const LARGEST_ANSWER: usize = 64 * 1024;
/// Stands for the client while there is none, so that everything else can be judged first.
const NOBODY_YET: &str = "not-registered-yet";

impl Agent {
    pub(super) fn registrations(&self) -> MutexGuard<'_, Vec<(RecordId, RegistrationRecord)>> {
        self.registrations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_registered(&self, profile: &str) -> bool {
        self.registrations().iter().any(|(_, record)| record.profile == profile)
    }

    pub(super) fn holds_registration(&self, id: RecordId) -> bool {
        self.registrations().iter().any(|(kept, _)| *kept == id)
    }

    /// Everything that can be refused here is refused before the provider makes a client.
    pub(crate) async fn register(&self, request: RegistrationRequest) -> Result<ProfileView, Refusal> {
        let mut profile = Profile { client_id: NOBODY_YET.to_owned(), ..request.profile };
        // Fixed from here on: it is registered, and must not follow from an id that is not known yet.
        profile.redirect_path = Some(redirect_path(&profile));
        let profile = check(profile)?;
        let name = profile.name.clone();
        self.loaded().await?;
        self.may_register(&profile)?;
        let trail = self.journal.trail(&name, &self.host.identifier());
        let metadata = self.providers.described(&self.host, &trail, &profile).await;
        let metadata = metadata.map_err(|refusal| refusal.about(&name))?;
        #[expect(clippy::disallowed_methods, reason = "from the caller's type into the request's")]
        let token = request.initial_access_token.map(|token| AccessToken::new(token.expose().to_owned()));
        let registration = Registration::begin(&metadata, client_metadata(&profile), token);
        let registration = registration.map_err(|error| refusal(&error).about(&name))?;
        let asking = trail.asking(Purpose::Registration);
        let answer = sent(&self.host, &self.nonces, asking, registration.request(), LARGEST_ANSWER).await;
        let answer = answer.map_err(|error| error.refusal().about(&name))?;
        let registered = registration.finish(&metadata, &answer.response);
        let registered = registered.map_err(|error| refusal(&error).about(&name))?;
        let management = registered.management.clone();
        match self.keep_registered(profile, registered).await {
            Ok(view) => Ok(view),
            Err(refusal) => {
                // Nobody here would know of it. What comes of this changes nothing for the person.
                if let Some((at, token)) = management {
                    let _ = self.forgotten(&at, &token, &trail).await;
                }
                Err(refusal)
            }
        }
    }

    fn may_register(&self, profile: &Profile) -> Result<(), Refusal> {
        let name = &profile.name;
        if profile.grant == Grant::ClientCredentials {
            return Err(Refusal::new(
                "registration.no_person",
                "An application that asks for itself does not register itself: anybody could.",
                "Register it in the provider's console, and give its client id and secret.",
            )
            .about(name));
        }
        if self.is_registered(name) {
            return Err(Refusal::new(
                "registration.exists",
                format!("The application is registered for the profile `{name}` already."),
                format!("`doorkey profile remove {name} --unregister` first, or use another name."),
            )
            .about(name));
        }
        if self.holds_any_credential(name) {
            return Err(Refusal::new(
                "registration.has_credentials",
                format!("The profile `{name}` has a client secret or private key, which would be lost."),
                format!("Use another name, or `doorkey profile remove {name}` first."),
            )
            .about(name));
        }
        self.profiles.may_change()
    }

    async fn keep_registered(&self, mut profile: Profile, registered: Registered) -> Result<ProfileView, Refusal> {
        let Registered { settings, management, client_secret_expires_at: _ } = registered;
        profile.client_id = settings.client_id;
        if settings.scopes != asked_scopes(&profile) {
            profile.scopes = settings.scopes;
        }
        profile.client_auth = settings.client_secret.as_ref().and(settings.client_auth).map(|method| match method {
            ClientAuthMethod::None => ClientAuth::None,
            ClientAuthMethod::Basic => ClientAuth::ClientSecretBasic,
            ClientAuthMethod::Post => ClientAuth::ClientSecretPost,
            ClientAuthMethod::PrivateKeyJwt => ClientAuth::PrivateKeyJwt,
        });
        let profile = check(profile)?;
        if let Some((at, token)) = management {
            let record = RegistrationRecord {
                profile: profile.name.clone(),
                issuer: profile.issuer.clone(),
                client_id: profile.client_id.clone(),
                uri: at.url().to_string(),
                token,
            };
            let id = RecordId::random();
            let bytes = Record::Registration(record.clone()).to_bytes();
            self.vault.save(id, bytes).await.map_err(|error| error.refusal())?;
            self.registrations().push((id, record));
        }
        let name = profile.name.clone();
        let client_secret = settings.client_secret.as_ref().map(passed_on);
        match self.put_profile(ProfileEntry { client_secret, ..profile.into() }).await {
            Ok(view) => Ok(view),
            Err(refusal) => {
                self.forget_registration(&name).await?;
                Err(refusal)
            }
        }
    }

    pub(crate) async fn unregister(&self, name: &str) -> Result<(), Refusal> {
        self.loaded().await?;
        let record = self.registrations().iter().find(|(_, record)| record.profile == name).map(|(_, one)| one.clone());
        let Some(record) = record else {
            return Err(Refusal::new(
                "registration.unknown",
                format!(
                    "No application was registered for the profile `{name}`, or the provider gave no way to forget it."
                ),
                "Remove the application in the provider's console.",
            )
            .about(name));
        };
        let issuer = Issuer::parse(&record.issuer).map_err(|error| refusal(&error).about(name))?;
        let at = Endpoint::parse(&record.uri, &issuer).map_err(|problem| {
            Refusal::new(
                "registration.bad_answer",
                format!("The address that the provider gave for its registration {problem}."),
                "Remove the application in the provider's console.",
            )
            .about(name)
        })?;
        let trail = self.journal.trail(name, &self.host.identifier());
        self.forgotten(&at, &record.token, &trail).await.map_err(|refusal| refusal.about(name))?;
        self.forget_registration(name).await?;
        if let Ok(profile) = self.profile(name) {
            let view = self.view(profile);
            self.journal.tell(Update::Profile { profile: view });
            self.journal.record(self.host.now(), Some(name), None, EventKind::ProfileSaved);
        }
        Ok(())
    }

    async fn forgotten(&self, at: &Endpoint, token: &AccessToken, trail: &Trail) -> Result<(), Refusal> {
        let request = unregister_request(at, token).map_err(|error| refusal(&error))?;
        let asking = trail.asking(Purpose::Registration);
        let answer = sent(&self.host, &self.nonces, asking, request, LARGEST_ANSWER).await;
        let answer = answer.map_err(|error| error.refusal())?;
        finish_unregister(token, &answer.response).map_err(|error| refusal(&error))
    }

    /// Here; the provider is not told.
    pub(super) async fn forget_registration(&self, profile: &str) -> Result<(), Refusal> {
        let own: Vec<RecordId> =
            self.registrations().iter().filter(|(_, record)| record.profile == profile).map(|(id, _)| *id).collect();
        for id in own {
            self.vault.remove(id).await.map_err(|error| error.refusal())?;
            self.registrations().retain(|(kept, _)| *kept != id);
        }
        Ok(())
    }
}

fn client_metadata(profile: &Profile) -> ClientMetadata {
    // RFC 8252 section 7.3: a port that is the client's to choose is left out.
    let uris = redirect_uris(profile).into_iter().map(|uri| uri.replace(":PORT", ""));
    ClientMetadata {
        client_name: "Doorkey".to_owned(),
        redirect_uris: uris.filter_map(|uri| Url::parse(&uri).ok()).collect(),
        scopes: asked_scopes(profile),
        device_grant: profile.grant == Grant::DeviceCode,
        dpop: profile.dpop,
    }
}

#[expect(clippy::disallowed_methods, reason = "from the provider's answer into the type the vault's door takes")]
fn passed_on(secret: &ClientSecret) -> doorkey_client::Secret {
    doorkey_client::Secret::new(secret.expose().to_owned())
}
