//! Words of others, made safe to show: in a window, on a terminal, in a journal.

use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use crate::Secret;

/// `text` with control characters, line separators and direction marks replaced by `�`, cut at `max`
/// characters (CVE-2024-52005: terminal escapes; row HP-AZ-11).
#[must_use]
pub fn clean(text: &str, max: usize) -> String {
    let mut shown: String = text.chars().take(max).map(|c| if is_harmless(c) { c } else { '\u{fffd}' }).collect();
    if text.chars().nth(max).is_some() {
        shown.push('…');
    }
    shown
}

fn is_harmless(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Secrets that were sent, so that an answer which echoes one cannot bring it into a sentence (HP-TK-06).
#[derive(Default)]
pub(crate) struct Scrub(Vec<Zeroizing<String>>);

impl Scrub {
    /// Remembers `secret`. Texts under four bytes would make every sentence unreadable and are left alone.
    #[expect(clippy::disallowed_methods, reason = "kept to be cut out of sentences, zeroed on drop, never shown")]
    pub(crate) fn add<Kind>(&mut self, secret: &Secret<Kind>) {
        if secret.len() >= 4 {
            let text = secret.expose();
            self.0.push(Zeroizing::new(text.to_owned()));
            let encoded: String = byte_serialize(text.as_bytes()).collect();
            if encoded != text {
                self.0.push(Zeroizing::new(encoded));
            }
        }
    }

    /// `text` without the secrets, then [`clean`]ed.
    pub(crate) fn clean(&self, text: &str, max: usize) -> String {
        let mut text = Zeroizing::new(text.to_owned());
        for secret in &self.0 {
            if text.contains(secret.as_str()) {
                text = Zeroizing::new(text.replace(secret.as_str(), "[removed]"));
            }
        }
        clean(&text, max)
    }
}

impl std::fmt::Debug for Scrub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[redacted n={}]", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    #[test]
    fn hostile_words_are_defused_and_cut() {
        // HP-AZ-11: escapes, NUL, direction overrides, length.
        assert_eq!(clean("a\u{1b}[31m\0b\u{202e}c\nd", 300), "a\u{fffd}[31m\u{fffd}b\u{fffd}c\u{fffd}d");
        assert_eq!(clean(&"x".repeat(10_000), 300).chars().count(), 301);
        assert_eq!(clean("<script>", 300), "<script>", "escaping is the page's work");
        assert_eq!(clean("héé", 2), "hé…");
    }

    #[test]
    fn what_was_sent_does_not_come_back_in_a_sentence() {
        // HP-TK-06, also when the secret straddles the cut.
        let mut scrub = Scrub::default();
        scrub.add(&Code::new("CANARY/CODE".into()));
        assert_eq!(scrub.clean("bad CANARY/CODE here", 300), "bad [removed] here");
        assert_eq!(scrub.clean("bad CANARY%2FCODE", 300), "bad [removed]");
        assert!(!scrub.clean(&format!("{}CANARY/CODE", "x".repeat(296)), 300).contains("CANA"));
        assert_eq!(format!("{scrub:?}"), "[redacted n=2]");
    }
}
