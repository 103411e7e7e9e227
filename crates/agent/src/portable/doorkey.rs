//! Doorkey's own: a piece of `profiles.toml`.

use doorkey_client::words::{ExportedFile, ImportedProfile, Profile, Refusal};

use super::Told;
use super::import::{ImportError, Source};
use crate::profiles::{read_profiles, secrets_in, write_profiles};

pub(super) fn read(text: &str, source: &mut Source) -> Result<Vec<ImportedProfile>, ImportError> {
    let secrets = secrets_in(text);
    if !secrets.is_empty() {
        return Err(ImportError::from(Refusal::new(
            "config.secret_in_file",
            format!("The file holds what looks like a secret: {}. Nothing was taken over.", secrets.join(", ")),
            "Take it out of the file, have it replaced at the provider if it was a real one, and give it when the \
             profile is there.",
        )));
    }
    let (profiles, wrong) = read_profiles(text, "the file");
    if let Some(mut first) = wrong.into_iter().next() {
        first.hint = "Mend the file; nothing of it was taken over.".to_owned();
        return Err(first.into());
    }
    let free = |mut profile: Profile| {
        let said = profile.name.clone();
        profile.name = source.name(&said);
        let notes = match profile.name == said {
            true => Vec::new(),
            false => vec![format!("There is a profile `{said}` already, so this one is `{}`.", profile.name)],
        };
        ImportedProfile { profile, notes, has_secret: false }
    };
    Ok(profiles.into_iter().map(free).collect())
}

pub(super) fn write(told: &[Told]) -> ExportedFile {
    let profiles: Vec<Profile> = told.iter().map(|told| told.profile.clone()).collect();
    let head = "# Profiles of Doorkey, without secrets. `doorkey profile import FILE` takes them over.\n\n";
    let name = match told {
        [one] => format!("{}.profile.toml", one.profile.name),
        _ => "profiles.toml".to_owned(),
    };
    ExportedFile { name, text: format!("{head}{}", write_profiles(&profiles)) }
}
