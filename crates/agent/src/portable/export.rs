//! What the writers of all formats share: what cannot be said, and what must still be done.

use doorkey_client::words::{ClientAuth, Grant, PortableFormat, Profile, Push, RedirectHost, Refusal, ResponseMode};

use super::Told;
use super::draft::is_secret;
use super::import::name;

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    /// Nobody said which.
    #[error("no profile was named")]
    Nothing,
    /// The other program has no such sign-in.
    #[error("{} cannot sign in as `{profile}` does: {why}", name(*format))]
    Impossible {
        /// The profile.
        profile: String,
        /// For whom.
        format: PortableFormat,
        /// What it lacks.
        why: &'static str,
    },
}

impl ExportError {
    /// The refusal to hand out.
    pub(crate) fn refusal(&self) -> Refusal {
        let hint = match self {
            Self::Nothing => "Name those that are to be written.",
            Self::Impossible { .. } => "Leave that profile out, or write it for another program.",
        };
        let refusal = Refusal::new("config.export_impossible", crate::refusal::sentence(self), hint);
        match self {
            Self::Nothing => refusal,
            Self::Impossible { profile, .. } => refusal.about(profile),
        }
    }
}

/// Refused where the format has no such grant, or goes by discovery alone.
pub(super) fn only_people(told: &Told, format: PortableFormat) -> Result<(), ExportError> {
    let impossible = |why| Err(ExportError::Impossible { profile: told.profile.name.clone(), format, why });
    if told.profile.grant == Grant::ClientCredentials {
        return impossible("it asks for itself, and nobody signs in");
    }
    if told.profile.endpoints.is_some() {
        return impossible("its provider describes itself nowhere");
    }
    Ok(())
}

/// The parameters that a file may hold; a value that sounds like a secret stays here.
pub(super) fn params(profile: &Profile) -> impl Iterator<Item = (&str, &str)> {
    profile.params.iter().map(|(name, value)| (name.as_str(), value.as_str())).filter(|(name, _)| !is_secret(name))
}

/// What the person must know beside the file.
pub(super) fn notes(told: &Told, format: PortableFormat) -> Vec<String> {
    let profile = &told.profile;
    let program = name(format);
    let mut notes = Vec::new();
    let mut note = |sentence: String| notes.push(format!("`{}`: {sentence}", profile.name));
    let has_key = profile.client_auth == Some(ClientAuth::PrivateKeyJwt);
    if told.has_secret || has_key {
        let what = if has_key { "private key" } else { "secret" };
        note(format!("the client's {what} is not in the file: give it there by hand."));
    }
    if format == PortableFormat::Doorkey {
        return notes;
    }
    let knows_dpop = format == PortableFormat::OpenidClient;
    let mut lost = Vec::new();
    if profile.dpop && !knows_dpop {
        lost.push("tokens bound to a key (DPoP)");
    }
    if profile.push == Push::Always {
        lost.push("the pushed request (PAR)");
    }
    if profile.response_mode == ResponseMode::FormPost {
        lost.push("the answer as a form");
    }
    let says_params = matches!(format, PortableFormat::Bruno | PortableFormat::Kubeconfig);
    if !profile.params.is_empty() && !says_params {
        lost.push("its further parameters");
    }
    if profile.audience.is_some() && format == PortableFormat::OpenidClient {
        lost.push("its audience");
    }
    if !profile.resources.is_empty() && matches!(format, PortableFormat::OpenidClient | PortableFormat::OidcAgent) {
        lost.push("its resources");
    }
    if profile.grant == Grant::DeviceCode && matches!(format, PortableFormat::Bruno) {
        lost.push("the sign-in on another device");
    }
    if !lost.is_empty() {
        note(format!("{program} has no way to say {}.", lost.join(", ")));
    }
    match format {
        PortableFormat::Postman | PortableFormat::Bruno if told.addresses.is_none() => {
            note("the provider could not be asked for its addresses, so they are left empty.".to_owned());
        }
        PortableFormat::OidcAgent if profile.redirect_host != RedirectHost::Localhost => note(
            "oidc-agent waits at `localhost` only: register the redirect URIs of the file at the provider as well."
                .to_owned(),
        ),
        PortableFormat::Kubeconfig => note(
            "kubelogin waits at http://localhost:8000 or http://localhost:18000: register both at the provider as well. \
             Then name the cluster: kubectl config set-context NAME --cluster CLUSTER --user USER"
                .to_owned(),
        ),
        _ => {}
    }
    notes
}
