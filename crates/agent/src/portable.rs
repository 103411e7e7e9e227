//! Profiles as other programs write them down, in both directions. Text comes in and goes out: nothing is fetched, saved
//! or run here.
//!
//! Files come from strangers: one that is large, deep or says its things twice is refused, and what a profile has no
//! place for is told of. No secret passes: one in a file is named and left where it is, and none is ever written.

mod bruno;
mod doorkey;
mod draft;
mod export;
mod import;
mod kubeconfig;
mod oidc_agent;
mod openid_client;
mod postman;
mod redirects;
mod sniff;
#[cfg(test)]
mod tests;
mod yaml;

use doorkey_client::words::{Exported, ExportedFile, ImportPreview, PortableFormat, Profile, VERSION};

pub(crate) use self::export::ExportError;
pub(crate) use self::import::ImportError;
use self::import::Source;
pub use self::sniff::format_of;

/// The largest file that is looked into, in bytes.
pub(crate) const LARGEST: usize = 1024 * 1024;
/// The most profiles that one file may hold.
const MOST_PROFILES: usize = 64;

/// A profile with what the world knows of it beside: what other programs want told.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) profile: Profile,
    /// The scopes that are asked for.
    pub(crate) scopes: Vec<String>,
    /// The redirect URIs, with `PORT` where any port will do.
    pub(crate) redirect_uris: Vec<String>,
    /// Where the provider is asked; nothing when nobody knows.
    pub(crate) addresses: Option<Addresses>,
    /// Whether the client has a secret. Not the secret.
    pub(crate) has_secret: bool,
}

/// The provider's addresses, for programs that do not find them by themselves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    pub(crate) authorization: String,
    pub(crate) token: String,
    pub(crate) userinfo: Option<String>,
}

/// What a file holds; found out which format it is when nobody says. `taken` are the names that profiles have already.
///
/// # Errors
/// [`ImportError`]: all of it is taken, or nothing.
pub(crate) fn read(text: &str, format: Option<PortableFormat>, taken: &[String]) -> Result<ImportPreview, ImportError> {
    if text.len() > LARGEST {
        return Err(ImportError::TooLarge);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let format = match format {
        Some(format) => format,
        None => format_of(text).ok_or(ImportError::Unknown)?,
    };
    let mut source = Source::new(taken);
    let profiles = match format {
        PortableFormat::Doorkey => doorkey::read(text, &mut source)?,
        PortableFormat::Postman => postman::read(text, &mut source)?,
        PortableFormat::Bruno => bruno::read(text, &mut source)?,
        PortableFormat::OidcAgent => oidc_agent::read(text, &mut source)?,
        PortableFormat::Kubeconfig => kubeconfig::read(text, &mut source)?,
        PortableFormat::OpenidClient => openid_client::read(text, &mut source)?,
    };
    match profiles.len() {
        0 => Err(ImportError::Empty { format }),
        1..=MOST_PROFILES => Ok(ImportPreview { version: VERSION, format, profiles }),
        _ => Err(ImportError::TooMany),
    }
}

/// The same profiles for another program: a file for each, or one for all where the format has it so.
///
/// # Errors
/// [`ExportError`] names the profile that the format cannot say.
pub(crate) fn write(told: &[Told], format: PortableFormat) -> Result<Exported, ExportError> {
    if told.is_empty() {
        return Err(ExportError::Nothing);
    }
    let each =
        |write: fn(&Told) -> Result<ExportedFile, ExportError>| told.iter().map(write).collect::<Result<Vec<_>, _>>();
    let files: Vec<ExportedFile> = match format {
        PortableFormat::Doorkey => vec![doorkey::write(told)],
        PortableFormat::Postman => each(postman::write)?,
        PortableFormat::Bruno => each(bruno::write)?,
        PortableFormat::OidcAgent => each(oidc_agent::write)?,
        PortableFormat::Kubeconfig => vec![kubeconfig::write(told)?],
        PortableFormat::OpenidClient => each(openid_client::write)?,
    };
    let notes = told.iter().flat_map(|told| export::notes(told, format)).collect();
    Ok(Exported { version: VERSION, files, notes })
}
