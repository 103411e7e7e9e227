//! Pieces that several pages share.

use super::text;
use crate::Person;
use crate::desk::Facts;
use crate::seen::Form;

macro_rules! icon {
    ($shape:literal) => {
        concat!(r#"<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">"#, $shape, "</svg>")
    };
}

pub(super) const FAVICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E\
%3Crect width='32' height='32' rx='8' fill='%230f766e'/%3E\
%3Cpath d='M16 8a4.5 4.5 0 0 0-2.2 8.4L12.5 24h7l-1.3-7.6A4.5 4.5 0 0 0 16 8z' fill='%23fff'/%3E%3C/svg%3E";

/// The mark and the provider's name, above every title.
pub(super) const BRAND: &str = r#"<div class="brand"><svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/><path d="M16 8a4.5 4.5 0 0 0-2.2 8.4L12.5 24h7l-1.3-7.6A4.5 4.5 0 0 0 16 8z"/></svg><span>Demo provider</span></div>"#;

pub(super) const CHECK: &str = icon!(r#"<path d="M5 12.5l4.5 4.5L19 7.5"/>"#);
pub(super) const WARNING: &str = icon!(r#"<path d="M12 4l9 16H3z"/><path d="M12 10v4.5M12 17.2v.1"/>"#);
pub(super) const LEAVE: &str = icon!(r#"<path d="M10 5H5v14h5M14 8l4 4-4 4M9 12h9"/>"#);
pub(super) const PERSON: &str =
    icon!(r#"<circle cx="12" cy="8.5" r="3.5"/><path d="M5 20c.6-4 3.4-6 7-6s6.4 2 7 6"/>"#);
pub(super) const CARD: &str = icon!(
    r#"<rect x="3.5" y="5.5" width="17" height="13" rx="2"/><circle cx="9" cy="11" r="1.8"/><path d="M6.3 15.8c.5-1.4 1.5-2 2.7-2s2.2.6 2.7 2M14.5 10H18M14.5 13.5H18"/>"#
);
pub(super) const MAIL: &str = icon!(r#"<rect x="3.5" y="5.5" width="17" height="13" rx="2"/><path d="M4 7l8 6 8-6"/>"#);
pub(super) const CYCLE: &str = icon!(
    r#"<path d="M19.5 11a7.6 7.6 0 0 0-13.6-3.6L4.5 9M4.5 5v4h4M4.5 13a7.6 7.6 0 0 0 13.6 3.6l1.4-1.6M19.5 19v-4h-4"/>"#
);
pub(super) const NOTE: &str = icon!(r#"<path d="M6 3.5h8.5L18.5 8v12.5H6zM14 3.5V8.5h4.5M9 12.5h6.5M9 16h4.5"/>"#);
pub(super) const PEN: &str = icon!(r#"<path d="M4.5 19.5l1-4.5L16 4.5l3.5 3.5L9 18.5zM13.5 7l3.5 3.5"/>"#);

/// A round sign with an icon, for pages that tell an outcome.
pub(super) fn sign(kind: &str, icon: &str) -> String {
    format!(r#"<div class="sign {kind}">{icon}</div>"#)
}

/// Who somebody is, at a glance.
pub(super) fn avatar(person: &Person) -> String {
    let initials: String = person.name.split(' ').filter_map(|word| word.chars().next()).take(2).collect();
    format!(r#"<span class="avatar" aria-hidden="true">{}</span>"#, text(&initials))
}

/// To what clients sent, in a tab of its own; nothing where that is not told.
pub(super) fn seen_link(facts: &Facts) -> String {
    if !facts.settings.seen {
        return String::new();
    }
    let path = Form::Page.path(&facts.base);
    format!(r#"<p class="fine"><a href="{path}" target="_blank" rel="noopener">What clients sent</a></p>"#)
}

pub(super) fn hidden(name: &str, value: &str) -> String {
    format!(r#"<input type="hidden" name="{name}" value="{}">"#, text(value))
}
