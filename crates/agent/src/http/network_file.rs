//! `network.toml`: how providers are reached, as a person has set it. Read anew when it has changed, so that the next
//! request goes by it; one that is broken, or that others may write, lets no request to a provider through.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use doorkey_client::words::{NetworkSettings, Refusal};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use toml_edit::{Array, DocumentMut, Value};

use super::proxy::{self, BadSetting};
use super::trust::CaFile;
use crate::mistake::Mistake;
use crate::ours::{self, Stamp};
use crate::profiles::{set_value, write_whole};

/// Text for people; a larger file is something else.
const LARGEST: u64 = 64 * 1024;
/// The newest layout; a file need not say it.
const LAYOUT: i64 = 1;
/// As many hosts as a person writes down.
const MOST_HOSTS: usize = 200;
/// What requests do meanwhile, in every hint.
const UNTIL_THEN: &str = "No provider is asked until then; what is signed in stays so.";

/// The file, and what it said when it was read last. Without a path nobody has set anything.
#[derive(Default)]
pub(crate) struct NetworkFile {
    path: Option<PathBuf>,
    read: Mutex<Option<Read>>,
}

struct Read {
    stamp: Option<Stamp>,
    settings: Result<NetworkSettings, Refusal>,
}

/// What stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    version: Option<i64>,
    proxy: Option<String>,
    #[serde(default)]
    no_proxy: Vec<String>,
    ca_file: Option<String>,
}

impl NetworkFile {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path: Some(path), read: Mutex::default() }
    }

    /// # Errors
    /// `config.bad_network`: nothing is sent to a provider then.
    pub(crate) fn settings(&self) -> Result<NetworkSettings, Refusal> {
        let Some(path) = &self.path else { return Ok(NetworkSettings::default()) };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = ours::stamp(path);
        match &*read {
            // What was wrong may have been mended without the file being touched: its folder's mode.
            Some(before) if before.stamp == stamp && before.settings.is_ok() => before.settings.clone(),
            _ => read.insert(Read { stamp, settings: load(path) }).settings.clone(),
        }
    }

    /// What is wrong with the file, for whoever looks after it.
    pub(crate) fn problem(&self) -> Option<Refusal> {
        self.settings().err()
    }

    /// Keeps other settings; comments in the file stay. What could not be used is refused before anything is written.
    ///
    /// # Errors
    /// `config.bad_proxy`, `config.proxy_password`, `config.bad_no_proxy`, `config.bad_ca_file`, `config.bad_network`,
    /// `config.unwritable`.
    pub(crate) fn put(&self, settings: &NetworkSettings) -> Result<(), Refusal> {
        let settings = checked(settings)?;
        if let Some(file) = &settings.ca_file {
            CaFile::of_settings(Path::new(file)).map_err(|error| error.refusal())?;
        }
        let Some(path) = &self.path else { return Ok(()) };
        // One at a time, and nobody reads what is half done.
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        ours::folder(path).map_err(|error| not_used(path, &error))?;
        let text = ours::text(path, LARGEST).map_err(|error| not_used(path, &error))?.unwrap_or_default();
        parse(&text).map_err(|mistake| bad(mistake.told(path.display())))?;
        let mut document: DocumentMut = text.parse().map_err(|_| bad(format!("{} is no TOML.", path.display())))?;
        let table = document.as_table_mut();
        set_value(table, "proxy", settings.proxy.as_deref().map(Value::from));
        let hosts = settings.no_proxy.iter().collect::<Array>();
        set_value(table, "no_proxy", (!hosts.is_empty()).then(|| hosts.into()));
        set_value(table, "ca_file", settings.ca_file.as_deref().map(Value::from));
        *read = None;
        write_whole(path, document.to_string().as_bytes()).map_err(|error| {
            Refusal::new(
                "config.unwritable",
                format!("{} cannot be written: {error}.", path.display()),
                "Check that the folder is yours and the disk is not full; nothing was changed.",
            )
        })
    }
}

/// The settings in that file, for whoever is not the agent.
///
/// # Errors
/// `config.bad_network`.
pub fn network_settings(path: &Path) -> Result<NetworkSettings, Refusal> {
    load(path)
}

fn load(path: &Path) -> Result<NetworkSettings, Refusal> {
    let text = ours::text(path, LARGEST).map_err(|error| not_used(path, &error))?;
    let settings = parse(&text.unwrap_or_default()).map_err(|mistake| bad(mistake.told(path.display())))?;
    // A setting that is wrong is as bad as a line that is: both would send requests another way.
    checked(&settings).map_err(|refusal| bad(format!("{}: {}", path.display(), refusal.message)))
}

fn parse(text: &str) -> Result<NetworkSettings, Mistake> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document = toml_edit::Document::parse(text.to_owned())
        .map_err(|error| Mistake::new(text, error.message(), error.span()))?;
    for (key, item) in document.iter() {
        if !["version", "proxy", "no_proxy", "ca_file"].contains(&key) {
            let span = document.as_table().key(key).and_then(toml_edit::Key::span).or(item.span());
            let what = format!(
                "unknown setting `{}`; there are `proxy`, `no_proxy` and `ca_file`",
                doorkey_oauth::clean(key, 40)
            );
            return Err(Mistake::new(text, &what, span));
        }
    }
    let entry = Entry::deserialize(document.clone().into_deserializer())
        .map_err(|error| Mistake::new(text, error.message(), error.span()))?;
    if entry.version.is_some_and(|version| !(1..=LAYOUT).contains(&version)) {
        let span = document.get("version").and_then(toml_edit::Item::span);
        return Err(Mistake::new(text, "it was written by a newer version of Doorkey", span));
    }
    Ok(NetworkSettings { proxy: entry.proxy, no_proxy: entry.no_proxy, ca_file: entry.ca_file })
}

/// The settings as they are kept: trimmed, and with what is empty left out.
fn checked(settings: &NetworkSettings) -> Result<NetworkSettings, Refusal> {
    let given =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let proxy = match given(&settings.proxy) {
        None => None,
        Some(proxy) => Some(proxy::setting(&proxy).map_err(|wrong| match wrong {
            BadSetting::Password => Refusal::new(
                "config.proxy_password",
                "The proxy's address holds a user name or a password, and this file is no place for one.",
                "Leave it out here, and put the whole address into the variable HTTPS_PROXY of the agent's environment.",
            ),
            BadSetting::Address => Refusal::new(
                "config.bad_proxy",
                "The proxy is not the address of a proxy.",
                "Give it such as http://proxy.example:3128 or socks5h://proxy.example:1080.",
            ),
        })?),
    };
    let mut no_proxy: Vec<String> = Vec::new();
    for host in settings.no_proxy.iter().map(|host| host.trim()).filter(|host| !host.is_empty()) {
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '/' | '[' | ']' | '*');
        if host.contains("://") || host.len() > 255 || !host.chars().all(fits) || no_proxy.len() == MOST_HOSTS {
            return Err(Refusal::new(
                "config.bad_no_proxy",
                format!("`{}` is no host that could be reached directly.", doorkey_oauth::clean(host, 80)),
                "Give hosts such as op.example, .internal.example for all below it, or 10.0.0.0/8; 200 at most.",
            ));
        }
        if !no_proxy.iter().any(|known| known == host) {
            no_proxy.push(host.to_owned());
        }
    }
    let ca_file = given(&settings.ca_file);
    if ca_file.as_deref().is_some_and(|path| !Path::new(path).is_absolute()) {
        return Err(Refusal::new(
            "config.bad_ca_file",
            "The file of certificates is not named by its whole path.",
            "Give the path from the root on, such as /etc/ssl/company.pem.",
        ));
    }
    Ok(NetworkSettings { proxy, no_proxy, ca_file })
}

fn not_used(path: &Path, error: &std::io::Error) -> Refusal {
    let hint =
        "It must be yours, a plain file below 64 KiB, and nobody else may write it or its folder (`chmod go-w`).";
    Refusal::new(
        "config.bad_network",
        format!("{} is not used: {error}.", path.display()),
        format!("{hint} {UNTIL_THEN}"),
    )
}

fn bad(message: String) -> Refusal {
    Refusal::new("config.bad_network", message, format!("Mend it in an editor. {UNTIL_THEN}"))
}

#[cfg(test)]
mod tests;
