use serde::{Deserialize, Serialize};

use super::Profile;

/// How profiles are written for other programs, and by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum PortableFormat {
    /// Doorkey's own: a piece of `profiles.toml`.
    Doorkey,
    /// An environment of Postman.
    Postman,
    /// A request of Bruno with its `auth:oauth2`.
    Bruno,
    /// An account of oidc-agent, as `oidc-gen` reads it with `--file`.
    OidcAgent,
    /// A kubeconfig whose user runs `kubectl oidc-login` (kubelogin).
    Kubeconfig,
    /// Plain OpenID client metadata (OpenID Connect Dynamic Client Registration 1.0 section 2) with the issuer.
    OpenidClient,
}

/// Look what a file of another program holds (`POST /v1/imports`). Nothing is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ImportRequest {
    /// The file's text, at most 1 MiB.
    pub text: String,
    /// Its format; found out from the text when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub format: Option<PortableFormat>,
}

/// What a file holds. Secrets in it are counted, never shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ImportPreview {
    /// Always [`VERSION`](super::VERSION).
    pub version: u32,
    /// What it was read as.
    pub format: PortableFormat,
    /// The profiles that would be saved.
    pub profiles: Vec<ImportedProfile>,
}

/// A profile out of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ImportedProfile {
    /// As it would be saved; its name is free.
    pub profile: Profile,
    /// What the file says and a profile cannot, or what must still be done, one sentence each.
    pub notes: Vec<String>,
    /// Whether the file holds a client secret, which is not taken over: it is given anew.
    pub has_secret: bool,
}

/// Write profiles for another program (`POST /v1/exports`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ExportRequest {
    /// Names of profiles.
    pub profiles: Vec<String>,
    /// For whom.
    pub format: PortableFormat,
}

/// Profiles, written for another program. Never holds a client secret or a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Exported {
    /// Always [`VERSION`](super::VERSION).
    pub version: u32,
    /// The files.
    pub files: Vec<ExportedFile>,
    /// What the format cannot say, or what must still be done, one sentence each.
    pub notes: Vec<String>,
}

/// A file for another program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ExportedFile {
    /// A name for it, such as `work.postman_environment.json`.
    pub name: String,
    /// What is in it.
    pub text: String,
}
