//! A secret in a text of somebody else's, however it is written there: as it is, with characters escaped as addresses, forms,
//! JSON and HTML have it, in any mix of these, or within Base64, as in a header `Authorization: Basic` (RFC 7617).

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorkey_client::Secret;
use url::form_urlencoded;

/// Shorter texts are met by chance in what others say.
pub(super) const SHORTEST: usize = 4;
/// An escape of an escape of an escape: nobody writes more of them.
const DEEPEST: usize = 7;
/// Lines of a key file that are shorter are its frame, or met by chance.
const SHORTEST_LINE: usize = 16;
/// The members of a JSON Web Key that are secret (RFC 7517 section 9.3, RFC 7518 section 6).
const PRIVATE_MEMBERS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

/// What is looked for.
#[derive(Clone, Debug)]
pub(super) enum Spelled {
    /// The secret, or a part that is one by itself.
    Text(Secret),
    /// What of it is the same in Base64 wherever it begins there: the whole word around it goes.
    InBase64(Secret),
}

/// Everything that one secret is looked for by.
#[expect(clippy::disallowed_methods, reason = "made into what is looked for, so that it is not shown")]
pub(super) fn spellings(secret: &Secret) -> Vec<Spelled> {
    let whole = secret.expose();
    let mut made = Vec::new();
    for text in parts(whole).into_iter().filter(|text| text.len() >= SHORTEST) {
        // A client's name and secret are form-encoded before they are joined (RFC 6749 section 2.3.1).
        let form: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let percent = form.replace('+', "%20");
        let mut joined = vec![text.as_str(), &form, &percent];
        joined.dedup();
        for text in joined {
            made.extend(cores(text.as_bytes()).map(Spelled::InBase64));
        }
        made.push(Spelled::Text(Secret::new(text)));
    }
    made
}

/// The secret; of a key in several lines its lines, and of a JSON Web Key its private members too.
fn parts(whole: &str) -> Vec<String> {
    let mut parts = vec![whole.trim().to_owned()];
    if whole.trim().contains('\n') {
        let lines = whole.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_LINE && !line.starts_with("---"));
        parts.extend(lines.map(str::to_owned));
    }
    if let Ok(serde_json::Value::Object(key)) = serde_json::from_str(whole) {
        let members = PRIVATE_MEMBERS.iter().filter_map(|name| key.get(*name)?.as_str());
        parts.extend(members.map(str::to_owned));
    }
    parts.dedup();
    parts
}

/// The letters of Base64 that hold nothing but these bytes, for each of the three ways in which they can lie there.
fn cores(bytes: &[u8]) -> impl Iterator<Item = Secret> {
    let core = |before: usize| {
        let encoded = STANDARD.encode([vec![0; before].as_slice(), bytes].concat());
        let from = (before * 8).div_ceil(6);
        let to = (before + bytes.len()) * 8 / 6;
        encoded.get(from..to).filter(|core| core.len() >= SHORTEST).map(|core| Secret::new(core.to_owned()))
    };
    [core(0), core(1), core(2)].into_iter().flatten()
}

impl Spelled {
    /// Where it stands in the text.
    #[expect(clippy::disallowed_methods, reason = "looked for, so that it is not shown")]
    pub(super) fn places(&self, text: &str) -> Vec<Range<usize>> {
        match self {
            Self::Text(secret) => places(text, secret.expose(), char_ends),
            Self::InBase64(core) => {
                let mut words: Vec<Range<usize>> = Vec::new();
                for place in places(text, core.expose(), letter_ends) {
                    if words.last().is_none_or(|word| word.end <= place.start) {
                        words.push(word_around(text, place));
                    }
                }
                words
            }
        }
    }
}

/// Where the wanted text stands, when `ends` tells how far each of its characters can reach.
fn places(text: &str, wanted: &str, ends: fn(&str, char) -> Vec<usize>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (begin, first) in text.char_indices() {
        let can_begin = wanted.starts_with(first) || matches!(first, '%' | '\\' | '&' | '+' | '-' | '_');
        if !can_begin || found.last().is_some_and(|before| begin < before.end) {
            continue;
        }
        // Every way to write what was read so far, so that no escape hides what follows.
        let mut reached = vec![begin];
        for c in wanted.chars() {
            let further =
                reached.iter().flat_map(|at| ends(&text[*at..], c).into_iter().map(move |length| at + length));
            let mut further: Vec<usize> = further.collect();
            further.sort_unstable();
            further.dedup();
            reached = further;
            if reached.is_empty() {
                break;
            }
        }
        found.extend(reached.last().map(|end| begin..*end));
    }
    found
}

/// As many bytes as each way takes in which the text can begin with this character.
fn char_ends(text: &str, c: char) -> Vec<usize> {
    let mut ends = Vec::new();
    if text.starts_with(c) {
        ends.push(c.len_utf8());
    }
    match text.as_bytes().first() {
        Some(b'+') if c == ' ' => ends.push(1),
        Some(b'%') => {
            ends.extend(percent(text, c));
            if c == ' ' {
                // A form in a form.
                ends.extend(percent(text, '+'));
            }
        }
        Some(b'\\') => ends.extend(backslash(text, c)),
        Some(b'&') => ends.extend(entity(text, c)),
        Some(_) | None => {}
    }
    ends
}

/// The letters of Base64, also those for addresses (RFC 4648 section 5).
fn letter_ends(text: &str, c: char) -> Vec<usize> {
    let mut ends = char_ends(text, c);
    let for_addresses = match c {
        '+' => '-',
        '/' => '_',
        _ => return ends,
    };
    if text.starts_with(for_addresses) {
        ends.push(1);
    }
    ends
}

/// `%C3%BC`, and `%25C3…` where it was encoded again.
fn percent(text: &str, c: char) -> Option<usize> {
    let mut at = 0;
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        let mut rest = text.get(at..)?.strip_prefix('%')?;
        for _ in 0..DEEPEST {
            rest = rest.strip_prefix("25").filter(|rest| hex(rest, 2).is_some()).unwrap_or(rest);
        }
        if hex(rest, 2)? != u32::from(byte) {
            return (byte == b'%').then(|| text.len() - rest.len());
        }
        at = text.len() - rest.len() + 2;
    }
    Some(at)
}

/// `\"`, `\n`, `\u00fc`, with more backslashes where it was escaped again.
fn backslash(text: &str, c: char) -> Vec<usize> {
    let mut ends = Vec::new();
    let slashes = text.bytes().take(DEEPEST).take_while(|byte| *byte == b'\\').count();
    if c == '\\' {
        ends.extend(2..=slashes);
    }
    let rest = &text[slashes..];
    let short = match c {
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        '"' | '/' | '\'' => Some(c),
        _ => None,
    };
    if short.is_some_and(|short| rest.starts_with(short)) {
        ends.push(slashes + 1);
    }
    let mut at = slashes;
    let mut units = [0; 2];
    for unit in c.encode_utf16(&mut units) {
        // The slashes before the first unit are behind us, and those before the second are as many.
        let between = text[at..].bytes().take(DEEPEST).take_while(|byte| *byte == b'\\').count();
        let escaped = text[at + between..].strip_prefix('u');
        let Some(escaped) = escaped.filter(|escaped| hex(escaped, 4) == Some(u32::from(*unit))) else { return ends };
        at = text.len() - escaped.len() + 4;
    }
    ends.push(at);
    ends
}

/// `&quot;`, `&#39;`, `&#x27;`.
fn entity(text: &str, c: char) -> Option<usize> {
    // The longest is `&#x10ffff;`.
    let end = text.bytes().take(12).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let is_it = match name.strip_prefix('#') {
        Some(number) => {
            let number = match number.strip_prefix(['x', 'X']) {
                Some(number) => u32::from_str_radix(number, 16),
                None => number.parse(),
            };
            number == Ok(u32::from(c))
        }
        None => matches!((name, c), ("amp", '&') | ("lt", '<') | ("gt", '>') | ("quot", '"') | ("apos", '\'')),
    };
    is_it.then_some(end + 1)
}

fn hex(text: &str, digits: usize) -> Option<u32> {
    let digits = text.get(..digits)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}

fn word_around(text: &str, place: Range<usize>) -> Range<usize> {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte);
    let before = text.as_bytes()[..place.start].iter().rev().take_while(|byte| is_letter(byte)).count();
    let after = text.as_bytes()[place.end..].iter().take_while(|byte| is_letter(byte)).count();
    place.start - before..place.end + after
}
