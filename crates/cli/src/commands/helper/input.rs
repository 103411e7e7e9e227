//! What a tool sends on standard input, and the characters that may be in it.
//!
//! A line protocol is broken by a value with a line's end in it: CVE-2020-5260, CVE-2024-52006 and others had git ask for
//! the credentials of another host in this way. Nothing with such a value is ever answered.

use std::io::{self, Read};

use doorkey_client::words::Refusal;

use crate::failure::Failure;

/// In bytes. What a tool sends is an address, a name, and a few headers.
const LARGEST: usize = 64 * 1024;

/// All of standard input.
pub(super) fn read() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(LARGEST).unwrap_or(u64::MAX).saturating_add(1);
    io::stdin().lock().take(limit).read_to_end(&mut bytes)?;
    if bytes.len() > LARGEST {
        return Err(not_understood("more than 64 KiB").into());
    }
    String::from_utf8(bytes).map_err(|_| not_understood("something that is not UTF-8").into())
}

/// Refuses control characters, those of a percent-encoded value too.
pub(super) fn clean(what: &str, value: &str) -> Result<(), Refusal> {
    if value.chars().any(char::is_control) || percent_decoded(value).any(|byte| byte.is_ascii_control()) {
        return Err(Refusal::new(
            "helper.bad_value",
            format!("The tool sent a {what} with a character that none may have, such as a line's end."),
            "Look at the address it was given: somebody may be after the token of another host.",
        ));
    }
    Ok(())
}

pub(super) fn not_understood(what: &str) -> Refusal {
    Refusal::new(
        "helper.not_understood",
        format!("The tool sent {what}, which its protocol does not have."),
        "The tool calls this itself: see the line to set it up in `doorkey helper --help`.",
    )
}

/// The bytes that are written as `%0a`.
fn percent_decoded(value: &str) -> impl Iterator<Item = u8> {
    value.as_bytes().windows(3).filter(|three| three[0] == b'%').filter_map(|three| {
        let hex = std::str::from_utf8(&three[1..]).ok()?;
        u8::from_str_radix(hex, 16).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_end_a_line_or_command_a_terminal_is_refused_however_it_is_written() {
        for bad in
            ["a\nb", "a\rb", "a\0b", "a\u{1b}[2J", "a\u{7f}", "a\u{85}b", "a%0ab", "a%0Db", "a%00", "a%1b", "%7F"]
        {
            let refusal = clean("host", bad).expect_err(bad);
            assert_eq!((refusal.code.as_str(), refusal.exit_code()), ("helper.bad_value", 64));
            assert!(!refusal.message.contains(bad), "it is not repeated");
        }
        for good in ["git.example", "a%20b", "100%", "%", "%zz", "ada@example.test", "Zoë"] {
            assert!(clean("host", good).is_ok(), "{good}");
        }
    }
}
