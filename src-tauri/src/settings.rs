//! What a person sets of the window itself: `window.toml` beside `profiles.toml`, for people to read and edit.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use doorkey_client::words::Refusal;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use toml_edit::{DocumentMut, Item, value};

use crate::disk;
use crate::words::Language;

const HEAD: &str = "# How Doorkey's window behaves; Settings in the window writes here too.\n\n";
/// The longest language tag that is registered has 16 characters (RFC 5646 recommends room for 35).
const LONGEST_TAG: usize = 35;

/// The same words as `Settings` in `ui/src/lib/host-words.ts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// A tag such as `de` (RFC 5646), or `system`.
    pub(crate) language: String,
    pub(crate) appearance: Appearance,
    /// Sits in the tray, and stays there when the window is closed.
    pub(crate) tray: bool,
    /// Starts with the desktop session, without showing the window.
    pub(crate) autostart: bool,
    pub(crate) notifications: bool,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Appearance {
    System,
    Light,
    Dark,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: "system".to_owned(),
            appearance: Appearance::System,
            tray: false,
            autostart: false,
            notifications: true,
        }
    }
}

/// What is in force, and why it may not be what the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InForce {
    pub(crate) settings: Settings,
    pub(crate) problem: Option<Refusal>,
}

/// The settings for as long as the program runs.
pub(crate) struct Kept {
    path: Result<PathBuf, Refusal>,
    in_force: watch::Sender<InForce>,
    /// One change at a time.
    changing: Mutex<()>,
}

impl Kept {
    /// As the file says, or as usual where it cannot be understood; it is left as it is then.
    pub(crate) fn read(path: Result<PathBuf, Refusal>) -> Self {
        let in_force = match path.as_ref().map(|path| read(path)) {
            Ok(Ok(settings)) => InForce { settings: settings.unwrap_or_default(), problem: None },
            Ok(Err(problem)) => InForce { settings: Settings::default(), problem: Some(problem) },
            // Whoever asks for the agent is told why there are no folders.
            Err(_) => InForce { settings: Settings::default(), problem: None },
        };
        Self { path, in_force: watch::Sender::new(in_force), changing: Mutex::default() }
    }

    pub(crate) fn now(&self) -> Settings {
        self.in_force.borrow().settings.clone()
    }

    pub(crate) fn language(&self) -> Language {
        Language::of(&self.in_force.borrow().settings.language)
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<InForce> {
        self.in_force.subscribe()
    }

    /// Writes what is different from what is in force; everything else in the file stays, comments too. `before` does
    /// what must be done for the new ones to be true, with the old and the new.
    ///
    /// # Errors
    /// `desktop.settings` when they make no sense or cannot be written: the old ones are in force then. What `before`
    /// is refused with.
    pub(crate) fn change(
        &self,
        wanted: &Settings,
        before: impl Fn(&Settings, &Settings) -> Result<(), Refusal>,
    ) -> Result<Settings, Refusal> {
        let path = self.path.as_ref().map_err(Clone::clone)?;
        if !is_tag(&wanted.language) {
            return Err(refusal(path, "`language` is no language tag"));
        }
        let _one = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let old = self.now();
        before(&old, wanted)?;
        let written = write(path, &old, wanted).inspect_err(|_| {
            // As it was; the first reason is the one that counts.
            let _ = before(wanted, &old);
        })?;
        self.in_force.send_replace(InForce { settings: written.clone(), problem: None });
        Ok(written)
    }
}

/// Nothing where there is no file.
fn read(path: &Path) -> Result<Option<Settings>, Refusal> {
    match disk::read(path) {
        Ok(Some(text)) => understood(&text).map(Some).map_err(|why| refusal(path, &why)),
        Ok(None) => Ok(None),
        Err(error) => Err(refusal(path, &error.to_string())),
    }
}

fn understood(text: &str) -> Result<Settings, String> {
    let settings: Settings = toml_edit::de::from_str(text).map_err(|error| {
        let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        let at = line.map(|line| format!("line {line}: ")).unwrap_or_default();
        format!("{at}{}", error.message())
    })?;
    if is_tag(&settings.language) { Ok(settings) } else { Err("`language` is no language tag".to_owned()) }
}

fn write(path: &Path, old: &Settings, new: &Settings) -> Result<Settings, Refusal> {
    let cannot = |error: std::io::Error| refusal(path, &error.to_string());
    let (head, text) = match disk::read(path) {
        Ok(Some(text)) if understood(&text).is_ok() => ("", text),
        Ok(None) => (HEAD, String::new()),
        // What nobody understands may be worth something to the person.
        Ok(Some(_)) | Err(_) => {
            disk::set_aside(path).map_err(cannot)?;
            (HEAD, String::new())
        }
    };
    let mut document: DocumentMut = text.parse().map_err(|_| refusal(path, "it is no TOML"))?;
    for ((key, new), (_, old)) in members(new).into_iter().zip(members(old)) {
        if new.to_string() != old.to_string() {
            set(&mut document, key, new);
        }
    }
    let text = format!("{head}{document}");
    let settings = understood(&text).map_err(|why| refusal(path, &why))?;
    disk::write(path, &text).map_err(cannot)?;
    Ok(settings)
}

fn members(settings: &Settings) -> [(&'static str, Item); 5] {
    let Settings { language, appearance, tray, autostart, notifications } = settings;
    let appearance = match appearance {
        Appearance::System => "system",
        Appearance::Light => "light",
        Appearance::Dark => "dark",
    };
    [
        ("language", value(language)),
        ("appearance", value(appearance)),
        ("tray", value(*tray)),
        ("autostart", value(*autostart)),
        ("notifications", value(*notifications)),
    ]
}

/// Keeps what is written around the value.
fn set(document: &mut DocumentMut, key: &str, new: Item) {
    match (document.get_mut(key).and_then(Item::as_value_mut), new.into_value()) {
        (Some(present), Ok(mut new)) => {
            *new.decor_mut() = present.decor().clone();
            *present = new;
        }
        (None, Ok(new)) => {
            document.insert(key, Item::Value(new));
        }
        (_, Err(_)) => {}
    }
}

fn is_tag(text: &str) -> bool {
    let letters = |one: char| one.is_ascii_alphanumeric() || one == '-';
    !text.is_empty() && text.len() <= LONGEST_TAG && text.chars().all(letters)
}

fn refusal(path: &Path, why: &str) -> Refusal {
    Refusal::new(
        "desktop.settings",
        format!("The window's settings in {} cannot be used: {why}.", path.display()),
        "Correct the file and open the window again. A change in Settings keeps it beside the new one.",
    )
}

#[cfg(test)]
mod tests;
