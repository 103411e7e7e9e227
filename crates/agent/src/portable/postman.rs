//! An environment of Postman: variables by name, which the requests of a collection use.

use doorkey_client::words::{ExportedFile, ImportedProfile, PortableFormat};
use serde_json::{Value, json};

use super::Told;
use super::draft::{Draft, is_secret};
use super::export::ExportError;
use super::import::{ImportError, Source, json, texts};
use super::redirects;

const FORMAT: PortableFormat = PortableFormat::Postman;

pub(super) fn read(text: &str, source: &mut Source) -> Result<Vec<ImportedProfile>, ImportError> {
    let file = json(text, FORMAT)?;
    let Some(values) = file.get("values").and_then(Value::as_array) else {
        let why = "it is not an environment; export the environment, not the collection".to_owned();
        return Err(ImportError::Unreadable { format: FORMAT, why });
    };
    let mut draft = Draft::named(file.get("name").and_then(Value::as_str).unwrap_or_default());
    for variable in values.iter().filter(|variable| variable["enabled"] != false) {
        let Some(key) = variable["key"].as_str() else { continue };
        let is_public = ["token_url", "access_token_url", "token_endpoint"].contains(&key);
        let is_hidden = variable["type"] == "secret" || (is_secret(key) && !is_public);
        for value in texts(&variable["value"]).iter().filter(|value| !value.trim().is_empty()) {
            if is_hidden {
                draft.secret(key);
            } else {
                draft.say(key, value);
            }
        }
    }
    Ok(vec![draft.settled(source)?])
}

pub(super) fn write(told: &Told) -> Result<ExportedFile, ExportError> {
    let profile = &told.profile;
    let addresses = told.addresses.clone().unwrap_or_default();
    let redirect_uri = redirects::with_ports(&told.redirect_uris).into_iter().next().unwrap_or_default();
    let plain = [
        ("issuer", profile.issuer.clone()),
        ("client_id", profile.client_id.clone()),
        ("scope", told.scopes.join(" ")),
        ("grant_type", profile.grant.as_str().to_owned()),
        ("audience", profile.audience.clone().unwrap_or_default()),
        ("resource", profile.resources.join(" ")),
        ("authorization_url", addresses.authorization),
        ("token_url", addresses.token),
        ("redirect_uri", redirect_uri),
    ];
    let variable =
        |key: &str, value: &str, kind: &str| json!({"key": key, "value": value, "type": kind, "enabled": true});
    let mut values: Vec<Value> = plain.iter().map(|(key, value)| variable(key, value, "default")).collect();
    values.push(variable("client_secret", "", "secret"));
    let environment = json!({"name": profile.name, "values": values, "_postman_variable_scope": "environment"});
    Ok(ExportedFile { name: format!("{}.postman_environment.json", profile.name), text: format!("{environment:#}\n") })
}
