//! The steps in a product's console, with the addresses of a profile where there is one.

use doorkey_client::words::{Grant, Profile, SetupStep};

use super::{Paste, Preset, When};

impl Preset {
    /// For somebody who is about to make a profile.
    pub(crate) fn setup(&self) -> Vec<SetupStep> {
        self.steps_for(Grant::AuthorizationCode, &[])
    }

    /// For a profile, with its redirect URIs as they are registered.
    pub(crate) fn setup_of(&self, profile: &Profile, redirect_uris: &[String]) -> Vec<SetupStep> {
        // RFC 8252 section 7.3: a port that is the client's to choose is left out when it is registered.
        let registered: Vec<String> = redirect_uris.iter().map(|uri| uri.replace(":PORT", "")).collect();
        self.steps_for(profile.grant, &registered)
    }

    fn steps_for(&self, grant: Grant, redirect_uris: &[String]) -> Vec<SetupStep> {
        let is_for = |when: When| match (when, grant) {
            (When::Always, _) | (When::Browser, Grant::AuthorizationCode) | (When::Device, Grant::DeviceCode) => true,
            (When::Browser, Grant::DeviceCode | Grant::ClientCredentials)
            | (When::Device, Grant::AuthorizationCode | Grant::ClientCredentials) => false,
        };
        let steps = self.steps.iter().filter(|step| is_for(step.when));
        steps
            .map(|step| SetupStep {
                place: step.place.to_owned(),
                what: step.what.to_owned(),
                values: match step.paste {
                    Paste::Nothing => Vec::new(),
                    Paste::RedirectUris => redirect_uris.to_vec(),
                    Paste::Texts(texts) => texts.iter().map(|text| (*text).to_owned()).collect(),
                },
                redirect_uris: matches!(step.paste, Paste::RedirectUris),
            })
            .collect()
    }
}
