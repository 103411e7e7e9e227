//! A client secret from standard input: typed without echo, or piped. Never from an argument.

use std::io::{self, IsTerminal, Read};

use doorkey_client::Secret;
use doorkey_client::words::Refusal;

use crate::failure::Failure;
use crate::output::Output;
use crate::terminal::Silent;

/// Longer than any provider's.
const LONGEST: u64 = 4096;

/// # Errors
/// `config.bad_client_secret` when there is none, or it is not one line of text.
pub(super) fn read(out: &Output) -> Result<Secret, Failure> {
    let stdin = io::stdin();
    let text = if stdin.is_terminal() {
        out.ask("Client secret (not shown): ");
        let typed = {
            let _silent = Silent::new();
            let mut line = String::new();
            stdin.read_line(&mut line).map(|_| line)
        };
        out.note("");
        typed
    } else {
        let mut piped = String::new();
        stdin.lock().take(LONGEST + 1).read_to_string(&mut piped).map(|_| piped)
    };
    let text =
        text.map_err(|error| refused(&format!("Standard input could not be read as text: {}.", error.kind())))?;
    Ok(checked(text)?)
}

fn checked(text: String) -> Result<Secret, Refusal> {
    let whole = Secret::new(text);
    #[expect(clippy::disallowed_methods, reason = "without the line's end, and into the same type")]
    let secret = whole.expose().trim();
    match secret {
        "" => Err(refused("Standard input holds no client secret.")),
        long if long.len() as u64 > LONGEST => Err(refused("The client secret is longer than 4096 bytes.")),
        odd if odd.contains(char::is_control) => {
            Err(refused("The client secret is more than one line, or has control characters."))
        }
        secret => Ok(Secret::new(secret.to_owned())),
    }
}

fn refused(message: &str) -> Refusal {
    Refusal::new(
        "config.bad_client_secret",
        message,
        "Pipe it in: `pass show op/client | doorkey profile add … --client-secret-stdin`.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test compares")]
    fn the_lines_end_does_not_belong_to_it() {
        let secret = checked("s3cret-~/+=\r\n".to_owned()).expect("a secret");
        assert_eq!(secret.expose(), "s3cret-~/+=");
    }

    #[test]
    fn what_is_no_secret_is_refused_and_not_repeated() {
        for text in ["", "\n", "CANARY\nsecond line\n", "CANARY\u{0}", &"C".repeat(5000)] {
            let refusal = checked(text.to_owned()).expect_err("no secret");
            assert!(!refusal.message.contains("CANARY") && refusal.exit_code() == 78, "{refusal:?}");
        }
    }
}
