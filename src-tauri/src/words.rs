//! Everything that the program says outside its pages, in the tray and in notifications; the words of the pages are in
//! `ui/src/lib/words`, and these are the same.

use std::env;

/// A language that is spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    German,
}

impl Language {
    /// By a language tag, or by the environment for `system`. English where the language is not spoken here.
    pub(crate) fn of(tag: &str) -> Self {
        if tag == "system" { Self::of_locale(|name| env::var(name).ok()) } else { Self::tagged(tag) }
    }

    /// As POSIX has it: the first of these that says something.
    fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Self {
        let said = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable).find(|said| !said.is_empty());
        Self::tagged(&said.unwrap_or_default())
    }

    /// `de`, `de-AT` or `de_AT.UTF-8`.
    fn tagged(tag: &str) -> Self {
        match tag.split(['-', '_', '.', '@']).next() {
            Some(first) if first.eq_ignore_ascii_case("de") => Self::German,
            _ => Self::English,
        }
    }

    /// Its words.
    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
        }
    }
}

/// The texts; a function where a number or a name is in one.
pub(crate) struct Words {
    pub(crate) show: &'static str,
    pub(crate) quit: &'static str,
    pub(crate) no_agent: &'static str,
    pub(crate) nobody: &'static str,
    pub(crate) signed_in: fn(usize) -> String,
    pub(crate) need_you: fn(usize) -> String,
    /// Of a name and a profile.
    pub(crate) copy_token: fn(&str, &str) -> String,
    pub(crate) more: fn(usize) -> String,
    /// One account that only the person can bring back, by its name.
    pub(crate) sign_in_again: fn(&str) -> String,
    /// Several of them.
    pub(crate) sign_in_again_many: fn(usize) -> String,
    pub(crate) ends_soon: fn(&str) -> String,
    pub(crate) ends_soon_many: fn(usize) -> String,
    /// A program's name and the profile whose token it wants.
    pub(crate) program_asks: fn(&str, &str) -> String,
    pub(crate) programs_ask: fn(usize) -> String,
    /// Under the above.
    pub(crate) programs_wait: &'static str,
    pub(crate) nothing_lost: &'static str,
    /// Over the desktop's dialogs, and on their buttons.
    pub(crate) scenario_files: &'static str,
    pub(crate) scenario_folder: &'static str,
    pub(crate) choose: &'static str,
    pub(crate) cancel: &'static str,
}

static ENGLISH: Words = Words {
    show: "Show Doorkey",
    quit: "Quit",
    no_agent: "No agent",
    nobody: "Nobody signed in",
    signed_in: |count| format!("{count} signed in"),
    need_you: |count| if count == 1 { "1 needs you".to_owned() } else { format!("{count} need you") },
    copy_token: |name, profile| format!("Copy token – {name} ({profile})"),
    more: |count| format!("{count} more in the window"),
    sign_in_again: |name| format!("Sign in again: {name}"),
    sign_in_again_many: |count| format!("{count} accounts need you to sign in again"),
    ends_soon: |name| format!("Sign in again soon: {name}"),
    ends_soon_many: |count| format!("{count} accounts end soon"),
    program_asks: |program, profile| format!("{program} asks for a token of {profile}"),
    programs_ask: |count| format!("{count} programs ask for tokens"),
    programs_wait: "It waits for your yes or no.",
    nothing_lost: "Programs get no token of it until then.",
    scenario_files: "Scenarios to watch",
    scenario_folder: "A folder of scenarios to watch",
    choose: "Choose",
    cancel: "Cancel",
};

static GERMAN: Words = Words {
    show: "Doorkey zeigen",
    quit: "Beenden",
    no_agent: "Kein Agent",
    nobody: "Niemand angemeldet",
    signed_in: |count| format!("{count} angemeldet"),
    need_you: |count| if count == 1 { "1 braucht dich".to_owned() } else { format!("{count} brauchen dich") },
    copy_token: |name, profile| format!("Token kopieren – {name} ({profile})"),
    more: |count| format!("{count} weitere im Fenster"),
    sign_in_again: |name| format!("Neu anmelden: {name}"),
    sign_in_again_many: |count| format!("{count} Konten brauchen eine neue Anmeldung"),
    ends_soon: |name| format!("Bald neu anmelden: {name}"),
    ends_soon_many: |count| format!("{count} Konten enden bald"),
    program_asks: |program, profile| format!("{program} fragt nach einem Token von {profile}"),
    programs_ask: |count| format!("{count} Programme fragen nach Token"),
    programs_wait: "Es wartet auf dein Ja oder Nein.",
    nothing_lost: "Programme bekommen bis dahin kein Token davon.",
    scenario_files: "Szenarien, die beobachtet werden",
    scenario_folder: "Ein Ordner mit Szenarien, der beobachtet wird",
    choose: "Auswählen",
    cancel: "Abbrechen",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_decides_and_else_the_environment() {
        assert_eq!(Language::of("de"), Language::German);
        assert_eq!(Language::of("de-AT"), Language::German);
        assert_eq!(Language::of("den"), Language::English);
        assert_eq!(Language::of("fr"), Language::English);
        let said = |all: &'static str, lang: &'static str| {
            Language::of_locale(move |name| match name {
                "LC_ALL" => Some(all.to_owned()),
                "LANG" => Some(lang.to_owned()),
                _ => None,
            })
        };
        assert_eq!(said("", "de_DE.UTF-8"), Language::German);
        assert_eq!(said("C.UTF-8", "de_DE.UTF-8"), Language::English);
        assert_eq!(said("de_CH@euro", ""), Language::German);
        assert_eq!(Language::of_locale(|_| None), Language::English);
    }

    #[test]
    fn one_is_not_told_like_many() {
        for words in [Language::English, Language::German].map(Language::words) {
            assert_ne!((words.need_you)(1), (words.need_you)(2).replace('2', "1"));
        }
    }
}
