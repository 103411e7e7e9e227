//! `doorkey profile export`: profiles as a file for others.

use doorkey_agent::write_profiles;
use doorkey_client::words::{Profile, VERSION};
use serde::Serialize;

use super::named;
use crate::agency::{self, Again};
use crate::args::ProfileExport;
use crate::failure::Failure;
use crate::output::Output;

#[derive(Debug, Serialize)]
struct Answer<'a> {
    version: u32,
    /// As it stands in a file.
    toml: &'a str,
}

pub(super) fn run(args: &ProfileExport, out: &Output) -> Result<(), Failure> {
    let profiles = agency::with("The export", Again::Harmless, async |client| {
        let mut profiles: Vec<Profile> = Vec::new();
        for name in &args.names {
            if profiles.iter().all(|profile| profile.name != *name) {
                profiles.push(named(client, name).await?.profile);
            }
        }
        Ok(profiles)
    })?;
    // Secrets are in the vault: there is nothing to leave out.
    let toml = format!(
        "# Profiles of Doorkey, without secrets. `doorkey profile import FILE` takes them over.\n\n{}",
        write_profiles(&profiles)
    );
    if out.is_json() {
        return out.answer_json(&Answer { version: VERSION, toml: &toml });
    }
    out.answer_block(&toml)
}
