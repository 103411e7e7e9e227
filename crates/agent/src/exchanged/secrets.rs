//! The secrets of one exchange: never shown, and replaced wherever they are repeated.

use sha2::{Digest, Sha256};
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

/// Of an exchange; one with more is not shown beyond its names.
const MOST: usize = 128;
/// A secret as short as this may be a word of a language, and is found only where it stands alone.
const FOUND_WITHIN: usize = 6;
/// What nobody has listed is looked for within other text from this length on.
const UNKNOWN_WITHIN: usize = 12;
/// As many letters and digits in a row, both among them, are no word of any language.
const OPAQUE: usize = 20;

#[derive(Default)]
pub(super) struct Secrets {
    /// The longest first: a secret may begin with another.
    known: Vec<Known>,
    /// What was sent in the clear by us: an answer that repeats it repeats no secret.
    public: Vec<String>,
    too_many: bool,
    unread: bool,
}

struct Known {
    plain: Zeroizing<String>,
    /// In all the ways it may be written; none where it is looked for alone.
    spellings: Vec<Zeroizing<String>>,
}

impl Secrets {
    /// What must not appear anywhere, whatever it looks like.
    pub(super) fn add(&mut self, secret: &str) {
        if secret.is_empty() || self.known.iter().any(|known| *known.plain == secret) {
            return;
        }
        if self.known.len() == MOST {
            self.too_many = true;
            return;
        }
        let spellings = if secret.len() < FOUND_WITHIN { Vec::new() } else { spellings(secret) };
        let place = self.known.partition_point(|known| known.plain.len() >= secret.len());
        self.known.insert(place, Known { plain: Zeroizing::new(secret.to_owned()), spellings });
    }

    /// What nobody has listed: a secret unless it is short, a word of a protocol, or what we said ourselves.
    pub(super) fn add_unknown(&mut self, value: &str) {
        let is_word = value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let is_public = || self.public.iter().any(|public| public.contains(value));
        if value.len() >= UNKNOWN_WITHIN && !is_word && !is_public() {
            self.add(value);
        }
    }

    pub(super) fn add_public(&mut self, value: &str) {
        self.public.push(value.to_owned());
    }

    /// There is something that was not looked into: what else is shown may repeat a secret of it.
    pub(super) fn not_looked_into(&mut self) {
        self.unread = true;
    }

    /// More secrets than are kept: nothing can be shown for certain.
    pub(super) fn are_too_many(&self) -> bool {
        self.too_many
    }

    /// The text with every secret in it replaced, in all the ways it may be written.
    pub(super) fn replaced(&self, text: &str) -> String {
        let mut shown = text.to_owned();
        for Known { plain, spellings } in &self.known {
            if shown == **plain {
                return told(plain);
            }
            for written in spellings {
                if shown.contains(&**written) {
                    shown = shown.replace(&**written, &told(plain));
                }
            }
        }
        if self.unread || self.too_many { without_opaque(&shown) } else { shown }
    }

    /// Words that somebody wrote. What nobody can have written is a secret, of whichever exchange.
    pub(super) fn replaced_in_words(&self, text: &str) -> String {
        without_opaque(&self.replaced(text))
    }
}

/// As it may stand in a text: itself, in a URL, in a form, in HTML and in JSON.
fn spellings(secret: &str) -> Vec<Zeroizing<String>> {
    let plain = Zeroizing::new(secret.to_owned());
    if secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte)) {
        return vec![plain];
    }
    let in_form: String = byte_serialize(secret.as_bytes()).collect();
    let in_url = in_form.replace('+', "%20");
    let in_html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let quoted = serde_json::Value::from(secret).to_string();
    let in_json = quoted[1..quoted.len() - 1].to_owned();
    let mut all = vec![plain];
    for other in [with_small_digits(&in_form), with_small_digits(&in_url), in_form, in_url, in_html, in_json] {
        if other != secret {
            all.push(Zeroizing::new(other));
        }
    }
    all
}

/// Hex digits are written either way (RFC 3986 section 2.1).
fn with_small_digits(encoded: &str) -> String {
    let mut digits = 0;
    let small = |c: char| {
        digits = if c == '%' { 3 } else { digits - i32::from(digits > 0) };
        if digits > 0 { c.to_ascii_lowercase() } else { c }
    };
    encoded.chars().map(small).collect()
}

fn without_opaque(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_~+=%".contains(c);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c| !is_part(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        shown.push_str(before);
        if is_opaque(word) {
            shown.push_str(&told(word));
        } else {
            shown.push_str(word);
        }
        rest = after;
    }
    shown.push_str(rest);
    shown
}

fn is_opaque(word: &str) -> bool {
    word.len() >= OPAQUE
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !is_uuid(word)
}

/// Of an error, for whoever runs the provider.
fn is_uuid(word: &str) -> bool {
    word.len() == 36
        && word.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The first eight hex digits of the SHA-256, as everywhere in the journal.
pub(super) fn fingerprint(value: &[u8]) -> String {
    Sha256::digest(value).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// How a secret stands within other text.
pub(super) fn told(secret: &str) -> String {
    format!("[fingerprint {}]", fingerprint(secret.as_bytes()))
}
