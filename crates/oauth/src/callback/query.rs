//! The strict reader of a query: one decode, `&` only, the first `=` splits (L-18, L-19).

use super::NotOurs;

/// The longest query.
pub(super) const MAX_QUERY: usize = 8 * 1024;
/// The longest form; no address limits it.
pub(super) const MAX_FORM: usize = 64 * 1024;
const MAX_PAIRS: usize = 32;

/// Decoded names and values, in order.
pub(super) fn parse(query: &str, max: usize) -> Result<Vec<(String, String)>, NotOurs> {
    if query.len() > max {
        return Err(NotOurs::TooLong);
    }
    let mut pairs = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        if pairs.len() == MAX_PAIRS {
            return Err(NotOurs::TooManyParameters);
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push((decode(name)?, decode(value)?));
    }
    if pairs.is_empty() { Err(NotOurs::Empty) } else { Ok(pairs) }
}

/// `application/x-www-form-urlencoded`, without mercy for a bad escape.
fn decode(text: &str) -> Result<String, NotOurs> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit =
                    |byte: Option<u8>| byte.and_then(|b| char::from(b).to_digit(16)).ok_or(NotOurs::BadEncoding);
                let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
                u8::try_from(high * 16 + low).map_err(|_| NotOurs::BadEncoding)?
            }
            other => other,
        });
    }
    String::from_utf8(decoded).map_err(|_| NotOurs::BadEncoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(query: &str) -> Vec<(String, String)> {
        parse(query, MAX_QUERY).expect(query)
    }

    #[test]
    fn values_arrive_byte_for_byte() {
        // L-19, C-14
        for (query, value) in [
            ("code=a==", "a=="),
            ("code=a%2Bb", "a+b"),
            ("code=a+b", "a b"),
            ("code=a%20b", "a b"),
            ("code=4%2F0Ab_c-d.e~f", "4/0Ab_c-d.e~f"),
            ("code=%25zz", "%zz"),
            ("code=%C3%A9", "é"),
            ("code=a;b", "a;b"),
            ("code", ""),
        ] {
            assert_eq!(pairs(query), [("code".to_owned(), value.to_owned())], "{query}");
        }
        assert_eq!(pairs("&a=1&&b=2&").len(), 2);
    }

    #[test]
    fn bad_escapes_and_foreign_bytes_are_refused() {
        // L-18, C-13
        for query in ["a=%", "a=%4", "a=%zz", "a=%G0", "a=%+1", "%=1", "a=%ff", "a=%C3%28", "a=%é"] {
            assert_eq!(parse(query, MAX_QUERY), Err(NotOurs::BadEncoding), "{query}");
        }
    }

    #[test]
    fn count_and_length_are_limited() {
        assert_eq!(pairs(&"a=1&".repeat(32)).len(), 32);
        assert_eq!(parse(&"a=1&".repeat(33), MAX_QUERY), Err(NotOurs::TooManyParameters));
        assert_eq!(parse(&"a".repeat(8 * 1024 + 1), MAX_QUERY), Err(NotOurs::TooLong));
        assert_eq!(parse("", MAX_QUERY), Err(NotOurs::Empty));
    }
}
