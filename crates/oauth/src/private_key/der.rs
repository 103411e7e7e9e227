use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{PrivateKeyError, member};

/// `RSAPrivateKey` of RFC 8017 appendix A.1.2, made of a JSON Web Key (RFC 7518 section 6.3). All of its members
/// are needed: the library computes none of them.
pub(super) fn rsa(jwk: &Map<String, Value>) -> Result<Zeroizing<Vec<u8>>, PrivateKeyError> {
    let mut content = Zeroizing::new(Vec::new());
    integer(&mut content, &[0]);
    for name in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
        integer(&mut content, &member(jwk, name)?);
    }
    let mut sequence = Zeroizing::new(Vec::new());
    value(&mut sequence, 0x30, &content);
    Ok(sequence)
}

/// Unsigned, in as few bytes as it takes.
fn integer(out: &mut Vec<u8>, bytes: &[u8]) {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let digits = bytes.get(zeros..).unwrap_or_default();
    let mut content = Zeroizing::new(Vec::with_capacity(digits.len() + 1));
    // A leading zero keeps it from being read as negative, and stands for the number zero.
    if digits.first().is_none_or(|first| *first >= 0x80) {
        content.push(0);
    }
    content.extend_from_slice(digits);
    value(out, 0x02, &content);
}

fn value(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
    out.push(tag);
    let length = content.len().to_be_bytes();
    let significant = length.get(length.iter().take_while(|byte| **byte == 0).count()..).unwrap_or_default();
    match significant {
        [] => out.push(0),
        [short] if *short < 0x80 => out.push(*short),
        long => {
            out.push(0x80 | u8::try_from(long.len()).expect("at most eight"));
            out.extend_from_slice(long);
        }
    }
    out.extend_from_slice(content);
}
