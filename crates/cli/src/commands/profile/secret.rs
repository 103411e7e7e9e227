//! Secrets from standard input, typed without echo or piped, or from a file. Never from an argument.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use doorkey_client::Secret;
use doorkey_client::words::Refusal;

use crate::failure::Failure;
use crate::output::Output;
use crate::prompt;
use crate::signals::interruptible;

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    ClientSecret,
    /// PEM or JSON Web Key: of several lines.
    ClientKey,
    InitialAccessToken,
}

impl Input {
    fn name(self) -> &'static str {
        match self {
            Self::ClientSecret => "client secret",
            Self::ClientKey => "private key",
            Self::InitialAccessToken => "initial access token",
        }
    }

    /// In bytes; longer than any real one.
    fn longest(self) -> usize {
        match self {
            Self::ClientSecret => 4096,
            Self::ClientKey | Self::InitialAccessToken => 32 * 1024,
        }
    }

    fn refused(self, message: &str) -> Refusal {
        let (code, hint) = match self {
            Self::ClientSecret => (
                "config.bad_client_secret",
                "Pipe it in: `pass show op/client | doorkey profile add … --client-secret-stdin`.",
            ),
            Self::ClientKey => (
                "config.bad_client_key",
                "Give it as PEM (PKCS #8) or as JSON Web Key: `--client-key-file KEY.pem`, or `--client-key-stdin`.",
            ),
            Self::InitialAccessToken => (
                "config.bad_initial_access_token",
                "Pipe it in: `pass show op/registration | doorkey profile add … --initial-access-token-stdin`.",
            ),
        };
        Refusal::new(code, message, hint)
    }
}

/// # Errors
/// `config.bad_…` when there is none, or it is not of the kind.
pub(super) fn read(input: Input, out: &Output) -> Result<Secret, Failure> {
    let stdin = io::stdin();
    let read = if stdin.is_terminal() {
        let name = input.name();
        let asked = async {
            Ok(match input {
                Input::ClientSecret | Input::InitialAccessToken => {
                    let question = format!("{}{} (not shown): ", name[..1].to_uppercase(), &name[1..]);
                    prompt::hidden(question, prompt::first_line, out).await
                }
                Input::ClientKey => {
                    let question = "Paste the private key, and end with Ctrl-D (not shown): ";
                    prompt::hidden(question, move |stdin| whole(stdin, input), out).await
                }
            })
        };
        interruptible(&format!("The question for the {name}"), asked)?
    } else {
        whole(stdin.lock(), input).map(Secret::new)
    };
    let whole =
        read.map_err(|error| input.refused(&format!("Standard input could not be read as text: {}.", error.kind())))?;
    Ok(checked(input, "Standard input", &whole)?)
}

/// # Errors
/// As [`read`], and when the file cannot be read.
pub(super) fn read_file(input: Input, path: &Path) -> Result<Secret, Failure> {
    let read = File::open(path).and_then(|file| whole(file, input)).map(Secret::new);
    let whole =
        read.map_err(|error| input.refused(&format!("{} could not be read: {}.", path.display(), error.kind())))?;
    Ok(checked(input, &path.display().to_string(), &whole)?)
}

fn whole(source: impl Read, input: Input) -> io::Result<String> {
    let mut text = String::new();
    source.take(input.longest() as u64 + 1).read_to_string(&mut text)?;
    Ok(text)
}

fn checked(input: Input, place: &str, whole: &Secret) -> Result<Secret, Refusal> {
    let name = input.name();
    #[expect(clippy::disallowed_methods, reason = "without the line's end, and into the same type")]
    let secret = whole.expose().trim();
    let one_line = input != Input::ClientKey;
    match secret {
        "" => Err(input.refused(&format!("{place} holds no {name}."))),
        long if long.len() > input.longest() => {
            Err(input.refused(&format!("The {name} is longer than {} bytes.", input.longest())))
        }
        odd if one_line && odd.contains(char::is_control) => {
            Err(input.refused(&format!("The {name} is more than one line, or has control characters.")))
        }
        secret => Ok(Secret::new(secret.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test compares")]
    fn the_lines_end_does_not_belong_to_it() {
        let secret = checked(Input::ClientSecret, "it", &Secret::new("s3cret-~/+=\r\n".to_owned())).expect("a secret");
        assert_eq!(secret.expose(), "s3cret-~/+=");
    }

    #[test]
    fn what_is_no_secret_is_refused_and_not_repeated() {
        for text in ["", "\n", "CANARY\nsecond line\n", "CANARY\u{0}", &"C".repeat(5000)] {
            let refusal = checked(Input::ClientSecret, "it", &Secret::new(text.to_owned())).expect_err("no secret");
            assert!(!refusal.message.contains("CANARY") && refusal.exit_code() == 78, "{refusal:?}");
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test compares")]
    fn a_key_has_many_lines() {
        let key =
            checked(Input::ClientKey, "it", &Secret::new("-----BEGIN\nCANARY\n-----END\n".to_owned())).expect("text");
        assert_eq!(key.expose(), "-----BEGIN\nCANARY\n-----END");
        assert_eq!(
            checked(Input::ClientKey, "it", &Secret::new(" \n".to_owned())).expect_err("none").code,
            "config.bad_client_key"
        );
    }
}
