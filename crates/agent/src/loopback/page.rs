//! The static pages people land on. No script, no text of any request, nothing to copy (L-29, L-32).

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use sha2::{Digest, Sha256};

use super::stray::Stray;

const STYLE: &str = include_str!("page.css");

/// The page a person sees once their answer is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// The provider answered; what comes of it, only the app tells (L-31).
    Received,
    /// The person, or their administrator, said no.
    Declined,
    /// The provider's answer is an error, or cannot be used.
    Refused,
    /// The browser is back from the provider's sign-out page.
    Left,
}

impl Page {
    pub(super) const ALL: [Self; 4] = [Self::Received, Self::Declined, Self::Refused, Self::Left];

    /// Where it is served.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Received => "/done",
            Self::Declined => "/declined",
            Self::Refused => "/refused",
            Self::Left => "/left",
        }
    }
}

/// What is said to the other side.
#[derive(Clone, Copy)]
pub(super) enum Answer {
    /// Where the page is: the address with the code leaves the address bar (L-30).
    SeeOther(Page),
    Page(Page),
    Stray(Stray),
    /// The attempt has had its share of strays (L-13).
    TooMany,
}

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

    fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }
}

/// The answer as the HTTP library takes it.
pub(super) fn response(answer: Answer, language: Language) -> Response<Full<Bytes>> {
    whole(answer, language).map(|body| Full::new(Bytes::from(body)))
}

/// The same answer as bytes, for a request that the HTTP library would answer without our headers.
pub(super) fn bytes(answer: Answer) -> Vec<u8> {
    let (head, body) = whole(answer, Language::English).into_parts();
    let mut bytes = format!("HTTP/1.1 {}\r\n", head.status).into_bytes();
    for (name, value) in &head.headers {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(format!("connection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes());
    bytes
}

fn whole(answer: Answer, language: Language) -> Response<String> {
    let (status, body) = match answer {
        Answer::SeeOther(_) => (StatusCode::SEE_OTHER, None),
        Answer::TooMany => (StatusCode::TOO_MANY_REQUESTS, None),
        Answer::Page(page) => (StatusCode::OK, Some(page_words(page, language))),
        Answer::Stray(stray) => match stray.status() {
            Some(StatusCode::NO_CONTENT) => (StatusCode::NO_CONTENT, None),
            Some(status) => (status, Some(stray_words(stray, language))),
            None => (StatusCode::BAD_REQUEST, None),
        },
    };
    let has_body = body.is_some();
    let mut response = Response::new(body.map_or_else(String::new, |words| html(&words, language)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.extend(SAFETY.iter().cloned());
    if has_body {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    }
    if let Answer::SeeOther(page) = answer {
        headers.insert(header::LOCATION, HeaderValue::from_static(page.path()));
    }
    if let Answer::Stray(stray) = answer
        && let Some(method) = stray.allowed()
    {
        headers.insert(header::ALLOW, HeaderValue::from_static(method));
    }
    response
}

/// Headers of every answer, whatever its status (L-30, C-25).
static SAFETY: LazyLock<[(HeaderName, HeaderValue); 8]> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    );
    [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::PRAGMA, HeaderValue::from_static("no-cache")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).expect("Base64 is ASCII")),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    ]
});

/// What a page says. All of it is ours, so nothing needs escaping; [`html`] takes nothing else.
struct Words {
    mood: &'static str,
    drawing: &'static str,
    title: &'static str,
    what: &'static str,
    next: &'static str,
}

// Drawn in a box of 104 by 104.
const CHECK: &str = "M30 54.5 46 70.5 76 36.5";
const STOP: &str = "M34 52h36";
const WARNING: &str = "M52 30v28M52 73v.1";

fn page_words(page: Page, language: Language) -> Words {
    let next = match language {
        Language::English => "You can close this tab and go back to Doorkey.",
        Language::German => "Sie können diesen Tab schließen und zu Doorkey zurückkehren.",
    };
    let (mood, drawing, title, what) = match (page, language) {
        (Page::Received, Language::English) => {
            ("good", CHECK, "Sign-in received", "Your provider has answered, and Doorkey is checking the answer now.")
        }
        (Page::Received, Language::German) => (
            "good",
            CHECK,
            "Anmeldung angekommen",
            "Ihr Anbieter hat geantwortet, und Doorkey prüft die Antwort jetzt.",
        ),
        (Page::Declined, Language::English) => {
            ("calm", STOP, "Sign-in declined", "Nothing was shared, and nothing has changed.")
        }
        (Page::Declined, Language::German) => {
            ("calm", STOP, "Anmeldung abgelehnt", "Es wurde nichts freigegeben und nichts verändert.")
        }
        (Page::Refused, Language::English) => {
            ("warn", WARNING, "Sign-in did not work", "Doorkey shows what the provider answered and what to do next.")
        }
        (Page::Refused, Language::German) => (
            "warn",
            WARNING,
            "Anmeldung nicht gelungen",
            "Doorkey zeigt, was der Anbieter geantwortet hat und was nun hilft.",
        ),
        (Page::Left, Language::English) => {
            ("calm", CHECK, "Sign-out received", "Your provider has sent you back, and Doorkey shows what came of it.")
        }
        (Page::Left, Language::German) => (
            "calm",
            CHECK,
            "Abmeldung angekommen",
            "Ihr Anbieter hat Sie zurückgeschickt, und Doorkey zeigt, was daraus wurde.",
        ),
    };
    Words { mood, drawing, title, what, next }
}

fn stray_words(stray: Stray, language: Language) -> Words {
    let (title, what, next) = match (stray, language) {
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
    Words { mood: "calm", drawing: STOP, title, what, next }
}

fn html(words: &Words, language: Language) -> String {
    let (lang, Words { mood, drawing, title, what, next }) = (language.tag(), words);
    format!(
        r#"<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title} · Doorkey</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<svg class="mark {mood}" viewBox="0 0 104 104" aria-hidden="true"><circle class="disc" cx="52" cy="52" r="52"/><path class="line" pathLength="90" d="{drawing}"/></svg>
<h1>{title}</h1>
<p>{what}</p>
<p class="next">{next}</p>
<footer><svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="7.5" cy="15.5" r="4.5"/><path d="m10.7 12.3 9.3-9.3M16 7l3 3M19 4l2 2"/></svg>Doorkey</footer>
</main>
</body>
</html>
"#
    )
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

    #[test] // L-30: a policy with a wrong hash would leave the page without its style
    fn the_policy_names_the_hash_of_the_very_style_in_the_page() {
        let page = whole(Answer::Page(Page::Received), Language::English);
        let style = page.body().split("<style>").nth(1).and_then(|rest| rest.split("</style>").next());
        let hash = STANDARD.encode(Sha256::digest(style.expect("a style element")));
        let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("ASCII");
        assert!(policy.contains(&format!("style-src 'sha256-{hash}'")), "{policy}");
    }

    #[test] // L-31, L-32
    fn no_page_has_a_script_an_inline_style_a_word_of_success_or_asks_to_copy_anything() {
        for language in [Language::English, Language::German] {
            let strays = [Stray::NotOurs, Stray::NoAnswer, Stray::WrongPath].map(Answer::Stray);
            for answer in Page::ALL.map(Answer::Page).into_iter().chain(strays) {
                let page = whole(answer, language).into_body().to_lowercase();
                for word in [
                    "<script",
                    "style=",
                    "href",
                    "onload",
                    "copy",
                    "kopier",
                    "address",
                    "adresse",
                    "success",
                    "erfolg",
                    "signed in",
                ] {
                    assert!(!page.contains(word), "{word}");
                }
                assert!(page.contains(&format!("<html lang=\"{}\">", language.tag())));
            }
        }
    }
}
