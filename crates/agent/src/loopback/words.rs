//! Every word of the pages people land on, in every language they are written in. All of it is ours, so nothing needs
//! escaping (L-29), and none of it promises that anybody is signed in (L-31) or asks to take anything over (L-32).

use http::header::{self, HeaderMap};

use super::page::Page;
use super::stray::Stray;

/// A language the pages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    German,
}

impl Language {
    /// The one that `Accept-Language` weighs most; English where it names neither (RFC 9110 section 12.5.4).
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let (mut english, mut german) = (0.0, 0.0);
        let values = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
        for range in values.flat_map(|value| value.split(',')) {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = match parts.find_map(|part| part.strip_prefix("q=")) {
                Some(weight) => weight.parse().ok().filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(0.0),
                None => 1.0,
            };
            match tag.split('-').next() {
                Some("en") => english = f32::max(english, weight),
                Some("de") => german = f32::max(german, weight),
                _ => {}
            }
        }
        if german > english { Self::German } else { Self::English }
    }

    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }
}

/// What a page says.
pub(super) struct Words {
    pub(super) mood: Mood,
    /// The result, in the title and at the head.
    pub(super) title: &'static str,
    pub(super) what: &'static str,
    /// What to do, where there is more to do than to go back.
    pub(super) next: Option<&'static str>,
    /// Of the refusal.
    pub(super) code: Option<&'static str>,
    pub(super) close: &'static str,
}

/// How a page looks; its sign says the same without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    Good,
    Calm,
    Warn,
}

impl Mood {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Calm => "calm",
            Self::Warn => "warn",
        }
    }

    /// Drawn around 84, 82.
    pub(super) fn drawing(self) -> &'static str {
        match self {
            Self::Good => "M76.500 82.500 82 88 92 77",
            Self::Calm => "M77 82h14",
            Self::Warn => "M84 74v9M84 89.500v.1",
        }
    }
}

pub(super) fn of_page(page: Page, language: Language) -> Words {
    let close = match language {
        Language::English => "You can close this tab and go back to Doorkey.",
        Language::German => "Sie können diesen Tab schließen und zu Doorkey zurückkehren.",
    };
    let plain = |mood, title, what| Words { mood, title, what, next: None, code: None, close };
    match (page, language) {
        (Page::Received, Language::English) => {
            plain(Mood::Good, "Sign-in received", "Your provider has answered, and Doorkey is checking the answer now.")
        }
        (Page::Received, Language::German) => plain(
            Mood::Good,
            "Anmeldung angekommen",
            "Ihr Anbieter hat geantwortet, und Doorkey prüft die Antwort jetzt.",
        ),
        (Page::Declined, Language::English) => Words {
            next: Some("To sign in after all, start again in Doorkey."),
            code: Some("callback.access_denied"),
            ..plain(Mood::Calm, "Sign-in declined", "Nothing was shared, and nothing has changed.")
        },
        (Page::Declined, Language::German) => Words {
            next: Some("Wenn Sie sich doch anmelden möchten, beginnen Sie in Doorkey von vorn."),
            code: Some("callback.access_denied"),
            ..plain(Mood::Calm, "Anmeldung abgelehnt", "Es wurde nichts freigegeben und nichts verändert.")
        },
        (Page::Refused { code }, language) => {
            let title = match language {
                Language::English => "Sign-in did not work",
                Language::German => "Anmeldung nicht gelungen",
            };
            let (what, next) = refused(code, language);
            Words { next: Some(next), code: Some(code), ..plain(Mood::Warn, title, what) }
        }
        (Page::Left, Language::English) => plain(
            Mood::Calm,
            "Sign-out received",
            "Your provider has sent you back, and Doorkey shows what came of it.",
        ),
        (Page::Left, Language::German) => plain(
            Mood::Calm,
            "Abmeldung angekommen",
            "Ihr Anbieter hat Sie zurückgeschickt, und Doorkey zeigt, was daraus wurde.",
        ),
    }
}

/// What went wrong, and what to do about it.
fn refused(code: &str, language: Language) -> (&'static str, &'static str) {
    match (code, language) {
        ("callback.invalid_scope" | "callback.invalid_target", Language::English) => (
            "Your provider does not grant what this profile asks for.",
            "Leave that scope out of the profile, or have the provider allow it for this application.",
        ),
        ("callback.invalid_scope" | "callback.invalid_target", Language::German) => (
            "Ihr Anbieter gewährt nicht, worum dieses Profil bittet.",
            "Nehmen Sie diesen Scope aus dem Profil, oder lassen Sie ihn beim Anbieter für diese Anwendung erlauben.",
        ),
        (
            "callback.invalid_request" | "callback.unauthorized_client" | "callback.unsupported_response_type",
            Language::English,
        ) => (
            "Your provider knows this application otherwise than the profile describes it.",
            "Compare the profile with what is registered at the provider; Doorkey shows how.",
        ),
        (
            "callback.invalid_request" | "callback.unauthorized_client" | "callback.unsupported_response_type",
            Language::German,
        ) => (
            "Ihr Anbieter kennt diese Anwendung anders, als das Profil sie beschreibt.",
            "Vergleichen Sie das Profil mit dem, was beim Anbieter eingetragen ist; Doorkey zeigt, wie.",
        ),
        ("callback.server_error" | "callback.temporarily_unavailable", Language::English) => {
            ("Your provider has trouble of its own at the moment.", "Wait a minute, then sign in again from Doorkey.")
        }
        ("callback.server_error" | "callback.temporarily_unavailable", Language::German) => (
            "Ihr Anbieter hat im Augenblick selbst Schwierigkeiten.",
            "Warten Sie eine Minute, und melden Sie sich dann in Doorkey noch einmal an.",
        ),
        (
            "callback.login_required"
            | "callback.consent_required"
            | "callback.interaction_required"
            | "callback.account_selection_required",
            Language::English,
        ) => ("Your provider wanted to ask you something first.", "Sign in again from Doorkey, and answer it."),
        (
            "callback.login_required"
            | "callback.consent_required"
            | "callback.interaction_required"
            | "callback.account_selection_required",
            Language::German,
        ) => (
            "Ihr Anbieter wollte Sie vorher noch etwas fragen.",
            "Melden Sie sich in Doorkey noch einmal an, und beantworten Sie es.",
        ),
        (_, Language::English) => {
            ("Your provider answered with an error.", "Doorkey shows what it said and what to do next.")
        }
        (_, Language::German) => {
            ("Ihr Anbieter hat mit einem Fehler geantwortet.", "Doorkey zeigt, was er sagt und was nun hilft.")
        }
    }
}

pub(super) fn of_stray(stray: Stray, language: Language) -> Words {
    let (title, what, close) = match (stray, language) {
        (Stray::NotOurs, Language::English) => (
            "This page does not belong to the sign\u{2011}in that is running",
            "It had no effect.",
            "Go back to Doorkey to see where your sign-in stands.",
        ),
        (Stray::NotOurs, Language::German) => (
            "Diese Seite gehört nicht zur laufenden Anmeldung",
            "Sie hatte keine Wirkung.",
            "In Doorkey sehen Sie, wie es um Ihre Anmeldung steht.",
        ),
        (Stray::NoAnswer, Language::English) => (
            "No answer came with this page",
            "Your provider sent you back without one, or put it where only the browser can read it.",
            "Go back to Doorkey: your sign-in is still waiting.",
        ),
        (Stray::NoAnswer, Language::German) => (
            "Mit dieser Seite kam keine Antwort",
            "Ihr Anbieter hat Sie ohne Antwort zurückgeschickt, oder sie steht, wo nur der Browser sie lesen kann.",
            "Kehren Sie zu Doorkey zurück: Ihre Anmeldung wartet noch.",
        ),
        (_, Language::English) => ("Nothing to see here", "This request had no effect.", "Go back to Doorkey."),
        (_, Language::German) => {
            ("Hier gibt es nichts zu sehen", "Diese Anfrage hatte keine Wirkung.", "Kehren Sie zu Doorkey zurück.")
        }
    };
    Words { mood: Mood::Calm, title, what, next: None, code: None, close }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_the_browser_weighs_most() {
        for (accepted, wanted) in [
            ("de-DE,de;q=0.9,en;q=0.8", Language::German),
            ("en-US,en;q=0.9,de;q=0.8", Language::English),
            ("fr, de;q=0.5, en;q=0.4", Language::German),
            ("DE", Language::German),
            ("fr", Language::English),
            ("de;q=0", Language::English),
            ("de;q=nonsense, en;q=0.1", Language::English),
            ("", Language::English),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, accepted.parse().expect("a header value"))]);
            assert_eq!(Language::of(&headers), wanted, "{accepted}");
        }
    }
}
