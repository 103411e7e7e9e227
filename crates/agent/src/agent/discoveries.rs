//! A look at a provider: before a profile is made, or for one that is there.

use doorkey_client::words::{DiscoveryRequest, Profile, Provider, Refusal};
use doorkey_oauth::{ClockSkew, Issuer, ManualEndpoints, Metadata, TypedIssuer, manual_metadata};

use super::Agent;
use crate::ability::{Held, Looked, fit};
use crate::http::Http;
use crate::preset::Preset;
use crate::profiles::given_metadata;
use crate::provider::Described;
use crate::refusal::refusal;

impl Agent {
    pub(crate) async fn discover(&self, request: &DiscoveryRequest) -> Result<Provider, Refusal> {
        match &request.profile {
            Some(name) => self.look_for(&self.profile(name)?).await.map_err(|refusal| refusal.about(name)),
            None => self.look_at(request).await,
        }
    }

    async fn look_at(&self, request: &DiscoveryRequest) -> Result<Provider, Refusal> {
        let preset = match &request.preset {
            Some(name) => Some(Preset::named(name)?),
            None => Preset::typed(&request.issuer),
        };
        let typed = match preset {
            Some(preset) => preset.issuer_of(&request.issuer)?,
            None => request.issuer.clone(),
        };
        let typed = TypedIssuer::parse(&typed).map_err(|error| refusal(&error))?;
        if let Some(preset) = preset.filter(|preset| preset.is_given()) {
            let metadata = given(preset, typed.issuer())?;
            return Ok(provider(
                &Looked { metadata: &metadata, at: None, skew: None, preset: Some(preset) },
                &self.host.http,
            ));
        }
        let trail = self.journal.trail_of_nobody(&self.host.identifier());
        let mut first = None;
        for issuer in typed.candidates() {
            match self.providers.look(&self.host, &trail, &issuer).await {
                Ok(Described { metadata, at }) => {
                    let skew = self.providers.clocks.skew(issuer.as_str());
                    let preset = preset.or_else(|| Preset::at(metadata.issuer.host(), metadata.issuer.url().path()));
                    return Ok(provider(&Looked { metadata: &metadata, at: Some(&at), skew, preset }, &self.host.http));
                }
                Err(refusal) => {
                    first.get_or_insert(refusal);
                }
            }
        }
        Err(first.unwrap_or_else(|| {
            Refusal::new("config.bad_issuer", "There is no issuer in that.", "Type the provider's address.")
        }))
    }

    /// The provider as the profile has it, and whether the two fit.
    async fn look_for(&self, profile: &Profile) -> Result<Provider, Refusal> {
        let issuer = Issuer::parse(&profile.issuer).map_err(|error| refusal(&error))?;
        let preset = Preset::of(profile);
        let (metadata, at) = match given_metadata(profile, &issuer) {
            Some(given) => (given?, None),
            None => {
                let trail = self.journal.trail(&profile.name, &self.host.identifier());
                let Described { metadata, at } = self.providers.look(&self.host, &trail, &issuer).await?;
                (metadata, Some(at))
            }
        };
        let skew = self.providers.clocks.skew(issuer.as_str()).filter(|_| at.is_some());
        let looked = Looked { metadata: &metadata, at: at.as_ref(), skew, preset };
        // What the vault holds is worth knowing, and no reason to fail.
        let _ = self.loaded().await;
        let (secret, key) = self.has_credentials(profile);
        Ok(Provider { fit: fit(&looked, profile, &Held { secret, key }), ..provider(&looked, &self.host.http) })
    }
}

/// What there is to say of a provider that was looked at.
fn provider(looked: &Looked<'_>, http: &Http) -> Provider {
    let Looked { metadata, preset, skew, .. } = looked;
    let host = metadata.issuer.host();
    let methods = metadata.code_challenge_methods_supported.as_ref();
    Provider {
        issuer: metadata.issuer.as_str().to_owned(),
        name: preset.map_or_else(|| host.to_owned(), |preset| format!("{} ({host})", preset.title)),
        preset: preset.map(|preset| preset.name.to_owned()),
        authorization_endpoint: metadata.authorization_endpoint.to_string(),
        token_endpoint: metadata.token_endpoint.to_string(),
        scopes_supported: metadata.scopes_supported.clone(),
        pkce_s256: methods.map(|methods| methods.iter().any(|method| method == "S256")),
        can_revoke: metadata.revocation_endpoint.is_some(),
        can_end_session: metadata.end_session_endpoint.is_some(),
        clock_ahead: skew.map(ClockSkew::seconds_ahead),
        proxy: http.proxy_towards(metadata.issuer.url()),
        suggested_ports: preset.map(Preset::ports).unwrap_or_default(),
        suggested: preset.map(|preset| preset.suggested(metadata.issuer.as_str())).unwrap_or_default(),
        setup: preset.map(Preset::setup).unwrap_or_default(),
        abilities: looked.abilities(),
        fit: Vec::new(),
    }
}

/// The description of a provider that has none.
fn given(preset: &Preset, issuer: &Issuer) -> Result<Metadata, Refusal> {
    let suggested = preset.suggested(issuer.as_str());
    let known = suggested.endpoints.expect("a preset without discovery has endpoints");
    let endpoints = ManualEndpoints {
        authorization_endpoint: known.authorization_endpoint,
        token_endpoint: known.token_endpoint,
        userinfo_endpoint: suggested.account.map(|account| account.endpoint),
        revocation_endpoint: known.revocation_endpoint,
        device_authorization_endpoint: known.device_authorization_endpoint,
    };
    manual_metadata(issuer, &endpoints).map_err(|error| refusal(&error))
}
