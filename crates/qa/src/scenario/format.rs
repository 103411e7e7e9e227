//! The words of a scenario file, as they stand in it. What they mean together is decided in [`expand`](super::expand).

mod expect;
mod span;

use std::collections::BTreeMap;
use std::fmt;

use doorkey_client::words::{ProfileTable, ResponseMode, SignOut};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

pub use self::expect::{Bounds, Claim, ClaimTest, Count, CountBounds, Expect, ScopeTest, Scopes, Texts};
pub use self::span::Span;

/// How to sign in: the name of a profile of this computer, or a profile of the scenario's own.
#[derive(Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(untagged))]
pub enum ProfileSource {
    /// One that `doorkey profile list` shows.
    Named(String),
    /// With the members that `profiles.toml` has.
    Own(Box<ProfileTable>),
}

impl<'de> Deserialize<'de> for ProfileSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Source;

        impl<'de> Visitor<'de> for Source {
            type Value = ProfileSource;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a profile, or a table with `issuer` and `client_id`")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<ProfileSource, E> {
                Ok(ProfileSource::Named(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ProfileSource, A::Error> {
                let table = ProfileTable::deserialize(MapAccessDeserializer::new(map))?;
                Ok(ProfileSource::Own(Box::new(table)))
            }
        }

        deserializer.deserialize_any(Source)
    }
}

/// Where a secret is read from when the scenarios run. It never stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// The first line of a file, whose path begins at the scenario file's folder.
    File(String),
    /// An entry of the system's keyring.
    Keyring {
        /// The attribute `service`.
        service: String,
        /// The attribute `account`, or `username`.
        account: String,
    },
}

/// The same as it stands in the file.
#[derive(Debug, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Secret"))]
#[serde(deny_unknown_fields)]
pub(super) struct SecretTable {
    /// Read from this environment variable.
    env: Option<String>,
    /// Read from this file: its first line. The path begins at the scenario's own folder.
    file: Option<String>,
    /// Read from the system's keyring: the service of the entry. Needs `account`.
    keyring: Option<String>,
    /// The account of the entry in the keyring.
    account: Option<String>,
}

/// What is said where a secret itself stands.
pub(super) const NO_LITERAL: &str = "a secret does not stand in a scenario: write `{ env = \"NAME\" }`, \
                                     `{ file = \"PATH\" }` or `{ keyring = \"SERVICE\", account = \"NAME\" }` in [secrets]";

impl<'de> Deserialize<'de> for SecretSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Source;

        impl<'de> Visitor<'de> for Source {
            type Value = SecretSource;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("where the secret is")
            }

            // What stands there is not repeated.
            fn visit_str<E: de::Error>(self, _: &str) -> Result<SecretSource, E> {
                Err(E::custom(NO_LITERAL))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SecretSource, A::Error> {
                let table = SecretTable::deserialize(MapAccessDeserializer::new(map))?;
                match table {
                    SecretTable { env: Some(name), file: None, keyring: None, account: None } => {
                        Ok(SecretSource::Env(name))
                    }
                    SecretTable { env: None, file: Some(path), keyring: None, account: None } => {
                        Ok(SecretSource::File(path))
                    }
                    SecretTable { env: None, file: None, keyring: Some(service), account: Some(account) } => {
                        Ok(SecretSource::Keyring { service, account })
                    }
                    _ => Err(de::Error::custom("a secret has one of `env`, `file`, or `keyring` with `account`")),
                }
            }
        }

        deserializer.deserialize_any(Source)
    }
}

/// A variable that is read from the environment; any other value is the variable's own.
#[derive(Debug, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct VariableTable {
    /// The environment variable. What is read so is shown in reports: no secret.
    pub(super) env: String,
    /// Its value where the environment has none.
    pub(super) default: Option<Value>,
}

/// How the login page is filled in.
#[derive(Debug, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    /// Who does it.
    pub(super) by: By,
    /// What headless Chromium does on the pages, in order.
    #[serde(default)]
    pub(super) steps: Vec<StepTable>,
    /// A program and its arguments, without a shell; the address is added as the last.
    #[serde(default)]
    pub(super) command: Vec<String>,
}

/// Who fills in the login page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum By {
    /// A person, in this computer's browser.
    Person,
    /// Headless Chromium, by `steps`.
    Chromium,
    /// The program in `command`.
    Command,
}

/// Something that Chromium does on a page: one of `fill`, `click`, `wait` and `expect`, each with a CSS selector.
#[derive(Debug, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Step"))]
#[serde(deny_unknown_fields)]
pub(super) struct StepTable {
    /// Types `value` or `secret` into this field.
    pub(super) fill: Option<String>,
    /// Clicks on this.
    pub(super) click: Option<String>,
    /// Waits until this is there.
    pub(super) wait: Option<String>,
    /// Wants this to be there; with `text`, that it says so.
    pub(super) expect: Option<String>,
    /// What is typed.
    pub(super) value: Option<String>,
    /// What is typed: the name of a secret in [secrets].
    pub(super) secret: Option<String>,
    /// What must be read there, as a part of it.
    pub(super) text: Option<String>,
    /// How long is waited for it; 10s when absent.
    pub(super) within: Option<Span>,
    /// Whether it may be missing: a page that is shown sometimes only.
    #[serde(default)]
    pub(super) optional: bool,
}

/// Parameters of the sign-in.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// OpenID Connect's `prompt`.
    pub prompt: Option<String>,
    /// OpenID Connect's `login_hint`.
    pub login_hint: Option<String>,
    /// Further parameters of the authorization request, over the profile's own.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// How the browser brings the answer.
    pub response_mode: Option<ResponseMode>,
    /// How long the browser is waited for; as long as the run may take when absent.
    pub timeout: Option<Span>,
}

/// What is done after the sign-in.
#[derive(Debug, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Then {
    /// What.
    #[serde(rename = "do")]
    pub(super) action: Action,
    /// How far a sign-out goes; `revoke` when absent.
    pub(super) how: Option<SignOut>,
    /// What Chromium does on the provider's sign-out page, for `how = "everywhere"`.
    #[serde(default)]
    pub(super) steps: Vec<StepTable>,
    /// A program and its arguments that opens the provider's sign-out page, for `how = "everywhere"` where a command signs
    /// in; the address is added as the last.
    #[serde(default)]
    pub(super) command: Vec<String>,
    /// What must come of it.
    #[serde(default)]
    pub(super) expect: Expect,
}

/// What can be done after the sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum Action {
    /// Renews the tokens with the refresh token.
    Renew,
    /// Ends the session.
    SignOut,
}
