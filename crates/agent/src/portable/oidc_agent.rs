//! An account of oidc-agent, as `oidc-gen --file` reads it for a client that is registered already.

use doorkey_client::words::{ExportedFile, ImportedProfile, PortableFormat};
use serde_json::json;

use super::Told;
use super::draft::Draft;
use super::export::{ExportError, only_people};
use super::import::{ImportError, Source, json, texts};
use super::redirects;

const FORMAT: PortableFormat = PortableFormat::OidcAgent;
/// Its own housekeeping.
const OF_ITS_OWN: [&str; 5] = ["daeSetByUser", "client_name", "name", "oauth", "config_endpoint"];

pub(super) fn read(text: &str, source: &mut Source) -> Result<Vec<ImportedProfile>, ImportError> {
    let file = json(text, FORMAT)?;
    let name = ["name", "client_name"].into_iter().find_map(|key| file.get(key)?.as_str());
    let mut draft = Draft::named(name.unwrap_or_default());
    for (key, value) in file.iter().filter(|(key, _)| !OF_ITS_OWN.contains(&key.as_str())) {
        texts(value).iter().for_each(|value| draft.say(key, value));
    }
    Ok(vec![draft.settled(source)?])
}

pub(super) fn write(told: &Told) -> Result<ExportedFile, ExportError> {
    only_people(told, FORMAT)?;
    let profile = &told.profile;
    // It takes no address of the machine, only its name.
    let by_name = |address: String| address.replace("//127.0.0.1:", "//localhost:").replace("//[::1]:", "//localhost:");
    let redirect_uris: Vec<String> = redirects::with_ports(&told.redirect_uris).into_iter().map(by_name).collect();
    let mut account = json!({
        "name": profile.name,
        "issuer_url": profile.issuer,
        "client_id": profile.client_id,
        "scope": told.scopes.join(" "),
        "redirect_uris": redirect_uris,
    });
    if let Some(audience) = &profile.audience {
        account["audience"] = json!(audience);
    }
    Ok(ExportedFile { name: format!("{}.oidc-agent.json", profile.name), text: format!("{account:#}\n") })
}
