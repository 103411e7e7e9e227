//! The static pages people land on. No script, no text of any request, nothing to copy (L-29, L-32).

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{self, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use sha2::{Digest, Sha256};

use super::stray::Stray;
pub(super) use super::words::Language;
use super::words::{Words, of_page, of_stray};

const STYLE: &str = include_str!("page.css");

/// The page a person sees once their answer is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// The provider answered; what comes of it, only the app tells (L-31).
    Received,
    /// The person, or their administrator, said no.
    Declined,
    /// The provider's answer is an error.
    Refused {
        /// Of the refusal, such as `callback.invalid_scope`: ours, never the provider's word.
        code: &'static str,
    },
    /// The browser is back from the provider's sign-out page.
    Left,
}

impl Page {
    /// Where pages are served: nothing of the answer stands there (L-30), and nothing that would have to be kept secret.
    pub(super) const PATHS: [&str; 4] = ["/done", "/declined", "/refused", "/left"];

    /// Where it is served.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Received => "/done",
            Self::Declined => "/declined",
            Self::Refused { .. } => "/refused",
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
        Answer::Page(page) => (StatusCode::OK, Some(of_page(page, language))),
        Answer::Stray(stray) => match stray.status() {
            Some(StatusCode::NO_CONTENT) => (StatusCode::NO_CONTENT, None),
            Some(status) => (status, Some(of_stray(stray, language))),
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

fn html(words: &Words, language: Language) -> String {
    let (lang, Words { mood, title, what, next, code, close }) = (language.tag(), words);
    let sign = mood.drawing();
    let class = mood.class();
    let next = next.map(|next| format!("<p class=\"next\">{next}</p>\n")).unwrap_or_default();
    let code = code.map(|code| format!("<p><code>{code}</code></p>\n")).unwrap_or_default();
    format!(
        r#"<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>{title} · Doorkey</title>
<style>{STYLE}</style>
</head>
<body>
<main class="{class}">
<svg class="mark" viewBox="0 0 104 104" aria-hidden="true"><rect class="tile" x="8" y="4" width="88" height="88" rx="21"/><path class="door" d="M30.700 75.500V39.400a21.300 21.300 0 0 1 42.600 0V75.500a3.400 3.400 0 0 1-3.400 3.400H34.100a3.400 3.400 0 0 1-3.400-3.400Z"/><path class="hole" d="M52 37.700a9.300 9.300 0 0 1 5 17.100l2.900 12a1.700 1.700 0 0 1-1.700 2.100H45.800a1.700 1.700 0 0 1-1.700-2.100l2.900-12A9.300 9.300 0 0 1 52 37.700Z"/><circle class="badge" cx="84" cy="82" r="18"/><path class="sign" pathLength="90" d="{sign}"/></svg>
<h1>{title}</h1>
<p>{what}</p>
{next}{code}<p class="close">{close}</p>
</main>
<footer>Doorkey</footer>
</body>
</html>
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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
            for answer in every_page().map(Answer::Page).into_iter().chain(strays) {
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

    #[test] // L-29: a page with a title that tells the result, the language it is in, and what to do
    fn every_page_says_in_its_title_what_came_of_it_and_that_the_tab_may_be_closed() {
        for (language, close) in
            [(Language::English, "You can close this tab"), (Language::German, "diesen Tab schließen")]
        {
            let mut titles = std::collections::BTreeSet::new();
            for page in every_page() {
                let text = whole(Answer::Page(page), language).into_body();
                let title =
                    text.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).expect("a title");
                assert!(text.contains(&format!("<h1>{}</h1>", title.trim_end_matches(" · Doorkey"))), "{title}");
                assert!(text.contains(close) && text.len() < 8 * 1024, "{title}: {}", text.len());
                let told = text.split("<p>").nth(1).map(str::to_owned);
                titles.insert((title.to_owned(), told));
                if let Page::Refused { code } = page {
                    assert!(
                        text.contains(&format!("<code>{code}</code>")) && text.contains("class=\"next\""),
                        "{code}"
                    );
                }
            }
            assert_eq!(titles.len(), 8, "each tells its own: {titles:?}");
        }
    }

    fn every_page() -> [Page; 8] {
        let refused = |code| Page::Refused { code };
        [
            Page::Received,
            Page::Declined,
            refused("callback.invalid_scope"),
            refused("callback.unauthorized_client"),
            refused("callback.server_error"),
            refused("callback.login_required"),
            refused("callback.provider_error"),
            Page::Left,
        ]
    }
}
