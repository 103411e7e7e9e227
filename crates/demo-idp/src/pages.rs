//! The pages that people see. No script but the one that posts an answer on, one style sheet inside the page, nothing fetched from anywhere.

mod consent;
mod device;
mod error;
mod form_post;
mod home;
mod login;
mod logout;
mod parts;
mod seen;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use url::{Host, Url};

pub(crate) use consent::consent;
pub(crate) use device::{device, device_done};
pub(crate) use error::error;
pub(crate) use form_post::form_post;
pub(crate) use home::home;
pub(crate) use login::login;
pub(crate) use logout::{confirm_logout, signed_out};
pub(crate) use seen::seen;

const STYLE: &str = include_str!("pages/style.css");

/// What every page says of itself.
const WATERMARK: &str = "Demo provider - not a real account";

pub(crate) struct Page {
    title: String,
    /// The width of the card: a class of the style sheet.
    width: &'static str,
    card: String,
    /// Where its forms may lead beyond this provider.
    leads_to: Option<String>,
    /// Its form is posted without a click.
    posts_itself: bool,
}

/// The one script there is, and only where a form posts itself.
const SCRIPT: &str = "document.forms[0].submit()";

impl Page {
    fn new(title: &str, width: &'static str, card: String, leads_to: Option<String>) -> Self {
        Self { title: title.into(), width, card, leads_to, posts_itself: false }
    }

    pub(crate) fn html(&self) -> String {
        let Self { title, width, card, .. } = self;
        let script = if self.posts_itself { format!("<script>{SCRIPT}</script>\n") } else { String::new() };
        let (title, favicon) = (text(title), parts::FAVICON);
        format!(
            r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{title} - Demo provider</title>
<link rel="icon" href="{favicon}">
<style>{STYLE}</style>
</head>
<body>
<p class="watermark" role="note">{WATERMARK}</p>
<main class="card {width}">
{card}
</main>
<footer>Runs on this computer only. Nothing you type here leaves it.</footer>
{script}</body>
</html>
"##
        )
    }

    /// No script but the one that posts a form, no frames, no fetching; forms lead here and to the client's redirect URI.
    pub(crate) fn content_security_policy(&self) -> String {
        let style = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
        // Browsers apply form-action to the redirect after a form too.
        let beyond = self.leads_to.as_deref().and_then(form_target).unwrap_or_default();
        let script = match self.posts_itself {
            true => format!("script-src 'sha256-{}'; ", STANDARD.encode(Sha256::digest(SCRIPT.as_bytes()))),
            false => String::new(),
        };
        format!(
            "default-src 'none'; {script}style-src 'sha256-{style}'; img-src data:; form-action 'self' {beyond}; \
             base-uri 'none'; frame-ancestors 'none'"
        )
    }
}

fn form_target(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    match url.host() {
        // CSP has no way to write an IPv6 address.
        Some(Host::Ipv6(_)) | None => Some(format!("{}:", url.scheme())),
        Some(Host::Domain(_) | Host::Ipv4(_)) => Some(url.origin().ascii_serialization()),
    }
}

/// Text made safe for HTML, between tags and in quoted attributes.
fn text(raw: &str) -> String {
    let mut safe = String::with_capacity(raw.len());
    for character in raw.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Control characters and those that turn the reading direction.
            '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                safe.push('\u{fffd}');
            }
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(text(r#"<b a="1">'&"#), "&lt;b a=&quot;1&quot;&gt;&#39;&amp;");
        assert_eq!(text("a\u{202e}b\u{1b}"), "a\u{fffd}b\u{fffd}");
    }

    #[test]
    fn forms_may_lead_to_the_origin_of_the_redirect_only() {
        assert_eq!(form_target("http://127.0.0.1:5000/cb/a"), Some("http://127.0.0.1:5000".into()));
        assert_eq!(form_target("http://[::1]:5000/cb/a"), Some("http:".into()));
        assert_eq!(form_target("com.example.app:/cb"), Some("com.example.app:".into()));
    }
}
