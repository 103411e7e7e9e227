//! The words of a scenario file, as they stand in it. What they mean together is decided in [`expand`](super::expand).

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use doorkey_client::words::{BrowserSignOut, CheckOutcome, ProfileTable, ResponseMode, SignOut, StepName};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

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

/// What must come of a step. What is not named is not looked at, but for the end: a sign-in ends signed in, a renewal
/// renewed, a sign-out signed out, unless a code is named.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// `signed_in`, `renewed`, `signed_out`, or the code of the refusal it must end in, such as `idtoken.nonce_mismatch`.
    pub ends: Option<String>,
    /// Claims of the ID token, by name.
    #[serde(default)]
    pub claims: BTreeMap<String, Claim>,
    /// Claims that the provider tells apart from the ID token, by name (OpenID Connect Core 5.3).
    #[serde(default)]
    pub userinfo: BTreeMap<String, Claim>,
    /// The algorithm of the ID token's signature.
    pub alg: Option<String>,
    /// Scopes that were granted: exactly these, or those that must be among them.
    pub scope: Option<Scopes>,
    /// The API that the access token is for, by its `aud` where that can be read, else as it was asked for.
    pub audience: Option<Texts>,
    /// How long the access token lives.
    pub lifetime: Option<Bounds>,
    /// How long the ID token lives: from `iat` to `exp`.
    pub id_token_lifetime: Option<Bounds>,
    /// Whether the session can be renewed.
    pub renewable: Option<bool>,
    /// How named checks must have gone, such as `"idtoken.nonce" = "passed"`.
    #[serde(default)]
    pub checks: BTreeMap<String, CheckOutcome>,
    /// How many requests went to the provider, by what they were for, such as `token = 1`.
    #[serde(default)]
    pub requests: BTreeMap<String, Count>,
    /// The provider's longest answer, by what the request was for, such as `token = "500ms"`.
    #[serde(default)]
    pub answers_within: BTreeMap<String, Span>,
    /// How long all of it may take, the pages included.
    pub within: Option<Span>,
    /// What a sign-out truly did: exactly these.
    pub done: Option<Vec<StepName>>,
    /// What the browser brought back from the provider's sign-out page.
    pub browser: Option<BrowserSignOut>,
}

/// A claim: the value it must have, or a table that says something else of it.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(untagged))]
pub enum Claim {
    /// Says something of it.
    Test(ClaimTest),
    /// Is this.
    Is(Value),
}

/// What can be said of a claim beside its value.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClaimTest {
    /// Whether it is there at all.
    pub present: Option<bool>,
    /// A part of its text, or an element of its list.
    pub contains: Option<Value>,
    /// Its value, where that is a table.
    pub is: Option<Value>,
}

impl<'de> Deserialize<'de> for Claim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            table @ Value::Object(_) => serde_json::from_value(table).map(Self::Test).map_err(de::Error::custom),
            value => Ok(Self::Is(value)),
        }
    }
}

/// Scopes that must have been granted.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(untagged))]
pub enum Scopes {
    /// These and no others.
    Exactly(Vec<String>),
    /// These among others, and others not.
    Among(ScopeTest),
}

/// Scopes that must be among the granted ones, or must not.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ScopeTest {
    /// These.
    #[serde(default)]
    pub includes: Vec<String>,
    /// Not these.
    #[serde(default)]
    pub excludes: Vec<String>,
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self::Exactly(text.split(' ').map(str::to_owned).collect())),
            list @ Value::Array(_) => serde_json::from_value(list).map(Self::Exactly),
            other => serde_json::from_value(other).map(Self::Among),
        };
        read.map_err(de::Error::custom)
    }
}

/// One text, or several.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Texts {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Texts {
    /// As a list.
    #[must_use]
    pub fn list(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Several(texts) => texts,
        }
    }
}

/// Between what a length of time must be.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Not shorter.
    pub at_least: Option<Span>,
    /// Not longer.
    pub at_most: Option<Span>,
}

/// How many.
#[derive(Clone, Copy, Debug, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Count {
    /// So many.
    Exactly(u32),
    /// Between these.
    Between(CountBounds),
}

/// Between what a number must be.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CountBounds {
    /// Not less.
    pub at_least: Option<u32>,
    /// Not more.
    pub at_most: Option<u32>,
}

/// A length of time, such as `500ms`, `30s`, `5m` or `1h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Span(pub Duration);

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no time: write it as 500ms, 30s, 5m or 1h");
        let digits = text.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, unit) = text.split_at(digits);
        let number: u32 = number.parse().map_err(|_| wrong())?;
        let each = match unit {
            "ms" => Duration::from_millis(1),
            "s" => Duration::from_secs(1),
            "m" => Duration::from_secs(60),
            "h" => Duration::from_secs(3_600),
            _ => return Err(wrong()),
        };
        each.checked_mul(number).map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_millis() {
            ms if ms % 1_000 != 0 => write!(f, "{ms}ms"),
            ms if ms % 3_600_000 == 0 && ms > 0 => write!(f, "{}h", ms / 3_600_000),
            ms if ms % 60_000 == 0 && ms > 0 => write!(f, "{}m", ms / 60_000),
            ms => write!(f, "{}s", ms / 1_000),
        }
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Span {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[0-9]+(ms|s|m|h)$",
            "description": "A length of time, such as 500ms, 30s, 5m or 1h.",
        })
    }
}
