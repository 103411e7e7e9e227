use serde::{Deserialize, Serialize};

/// How the agent reaches providers (`GET /v1/network`). Loopback is always reached directly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct NetworkStatus {
    /// Always [`VERSION`](super::VERSION).
    pub version: u32,
    /// What is set by a person.
    pub settings: NetworkSettings,
    /// The proxy in force, without its password; absent where there is none.
    pub proxy: Option<String>,
    /// Where the proxy in force was said: the name of a variable, which goes before the settings, or nothing.
    pub proxy_variable: Option<String>,
    /// Files with authorities that are trusted beside the system's, in force, settings' and environment's.
    pub ca_files: Vec<String>,
}

/// What a person sets of the network (`PUT /v1/network`); kept in `network.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct NetworkSettings {
    /// Such as `http://proxy.example:8080`. A password does not belong here: the variable `HTTPS_PROXY` takes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub proxy: Option<String>,
    /// Hosts that are reached directly, such as `.internal.example`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Vec<String>>", optional))]
    pub no_proxy: Vec<String>,
    /// A PEM file with authorities that are trusted beside the system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub ca_file: Option<String>,
}
