//! Plain OpenID client metadata (OpenID Connect Dynamic Client Registration 1.0 section 2, RFC 7591 section 2) with the
//! issuer beside it.

use doorkey_client::words::{ClientAuth, ExportedFile, Grant, ImportedProfile, PortableFormat};
use serde_json::{Value, json};

use super::Told;
use super::draft::Draft;
use super::export::ExportError;
use super::import::{ImportError, Source, json, texts};
use super::redirects;

const FORMAT: PortableFormat = PortableFormat::OpenidClient;
/// What a provider answers to a registration, and what is of no use to a profile.
const OF_REGISTRATION: [&str; 10] = [
    "client_name",
    "application_type",
    "response_types",
    "grant_types",
    "client_id_issued_at",
    "client_secret_expires_at",
    "subject_type",
    "id_token_signed_response_alg",
    "require_auth_time",
    "client_uri",
];

pub(super) fn read(text: &str, source: &mut Source) -> Result<Vec<ImportedProfile>, ImportError> {
    let file = json(text, FORMAT)?;
    let mut draft = Draft::named(file.get("client_name").and_then(Value::as_str).unwrap_or_default());
    let grants = file.get("grant_types").map(texts).unwrap_or_default();
    let has = |grant: &str| grants.iter().any(|it| it == grant);
    if !grants.is_empty() && !has("authorization_code") {
        for grant in ["urn:ietf:params:oauth:grant-type:device_code", "client_credentials"] {
            if has(grant) {
                draft.say("grant_type", grant);
                break;
            }
        }
    }
    for (key, value) in file.iter().filter(|(key, _)| !OF_REGISTRATION.contains(&key.as_str())) {
        texts(value).iter().for_each(|value| draft.say(key, value));
    }
    Ok(vec![draft.settled(source)?])
}

pub(super) fn write(told: &Told) -> Result<ExportedFile, ExportError> {
    let profile = &told.profile;
    let grants: &[&str] = match profile.grant {
        Grant::AuthorizationCode => &["authorization_code", "refresh_token"],
        Grant::DeviceCode => &["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
        Grant::ClientCredentials => &["client_credentials"],
    };
    let method = profile.client_auth.unwrap_or(match told.has_secret {
        true => ClientAuth::ClientSecretBasic,
        false => ClientAuth::None,
    });
    let mut metadata = json!({
        "issuer": profile.issuer,
        "client_id": profile.client_id,
        "client_name": profile.name,
        "application_type": "native",
        "grant_types": grants,
        "token_endpoint_auth_method": method.as_str(),
        "scope": told.scopes.join(" "),
    });
    if profile.grant == Grant::AuthorizationCode {
        metadata["redirect_uris"] = json!(redirects::with_ports(&told.redirect_uris));
        metadata["response_types"] = json!(["code"]);
    }
    if profile.dpop {
        metadata["dpop_bound_access_tokens"] = json!(true);
    }
    Ok(ExportedFile { name: format!("{}.client.json", profile.name), text: format!("{metadata:#}\n") })
}
