//! A command line that was not understood, in the words and the shape of every other refusal.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use doorkey_client::words::Refusal;

/// `EX_USAGE`.
pub(crate) const EXIT_CODE: u8 = 64;

/// What was wrong with it, and what was probably meant. Repeats no value that could be a secret.
pub(crate) fn refusal(error: &clap::Error) -> Refusal {
    let (code, message) = match error.kind() {
        ErrorKind::InvalidSubcommand => (
            "usage.unknown_command",
            format!("There is no command `{}`.", found(error, ContextKind::InvalidSubcommand)),
        ),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            ("usage.no_command", "A command is missing.".to_owned())
        }
        ErrorKind::UnknownArgument => ("usage.unknown_argument", unknown(&found(error, ContextKind::InvalidArg))),
        ErrorKind::ValueValidation => ("usage.bad_value", invalid(error)),
        ErrorKind::InvalidValue => ("usage.bad_value", not_taken(error)),
        ErrorKind::MissingRequiredArgument => {
            ("usage.missing_argument", format!("Missing: {}.", found(error, ContextKind::InvalidArg)))
        }
        ErrorKind::ArgumentConflict => (
            "usage.conflict",
            format!(
                "{} and {} cannot be used together.",
                found(error, ContextKind::InvalidArg),
                found(error, ContextKind::PriorArg)
            ),
        ),
        ErrorKind::InvalidUtf8 => ("usage.bad_value", "An argument is not valid UTF-8.".to_owned()),
        _ => ("usage.bad_value", format!("{} was not understood.", found(error, ContextKind::InvalidArg))),
    };
    Refusal::new(code, message, hint(error))
}

fn unknown(argument: &str) -> String {
    // What stands behind the `=` may be a secret.
    let name = argument.split('=').next().unwrap_or(argument);
    if name.starts_with('-') {
        format!("There is no option `{name}` here.")
    } else {
        format!("`{name}` is one argument too many.")
    }
}

fn invalid(error: &clap::Error) -> String {
    let why = std::error::Error::source(error).map_or_else(|| "it was not understood".to_owned(), ToString::to_string);
    format!("{}: {why}.", found(error, ContextKind::InvalidArg))
}

fn not_taken(error: &clap::Error) -> String {
    let argument = found(error, ContextKind::InvalidArg);
    match (found(error, ContextKind::InvalidValue).as_str(), found(error, ContextKind::ValidValue).as_str()) {
        ("", _) => format!("{argument} needs a value."),
        (value, "") => format!("{argument} does not take `{value}`."),
        (value, takes) => format!("{argument} does not take `{value}`; it takes {takes}."),
    }
}

fn hint(error: &clap::Error) -> String {
    let meant = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue]
        .into_iter()
        .map(|kind| all(error, kind))
        .find(|meant| !meant.is_empty());
    let usage = found(error, ContextKind::Usage);
    let usage = usage.strip_prefix("Usage:").map(str::trim).unwrap_or_default();
    let command: Vec<&str> = usage.split_whitespace().take_while(|word| !word.starts_with(['[', '<', '-'])).collect();
    let help = match command.as_slice() {
        // clap does not say where in the line it was.
        [] => "The command with `--help` shows what there is.".to_owned(),
        command => format!("`{} --help` shows what there is.", command.join(" ")),
    };
    match meant {
        Some(meant) => format!("Did you mean `{}`? {help}", meant.join("` or `")),
        None => help,
    }
}

/// A piece of what clap knows, as plain text; empty when it knows nothing.
fn found(error: &clap::Error, kind: ContextKind) -> String {
    all(error, kind).join(", ")
}

fn all(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        Some(ContextValue::StyledStr(text)) => vec![text.to_string()],
        Some(ContextValue::StyledStrs(texts)) => texts.iter().map(ToString::to_string).collect(),
        Some(ContextValue::Number(number)) => vec![number.to_string()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::Arguments;

    fn refused(line: &str) -> Refusal {
        refusal(&Arguments::try_parse_from(line.split(' ')).expect_err(line))
    }

    #[test]
    fn a_mistyped_command_is_told_what_was_meant() {
        let refusal = refused("doorkey statsu");
        assert_eq!(refusal.code, "usage.unknown_command");
        assert_eq!(refusal.message, "There is no command `statsu`.");
        assert_eq!(refusal.hint, "Did you mean `status`? `doorkey --help` shows what there is.");
        assert_eq!(refusal.exit_code(), EXIT_CODE);
    }

    #[test]
    fn a_mistyped_option_is_told_what_was_meant() {
        let refusal = refused("doorkey login work --brwser firefox");
        assert_eq!(refusal.code, "usage.unknown_argument");
        assert_eq!(refusal.message, "There is no option `--brwser` here.");
        assert_eq!(refusal.hint, "Did you mean `--browser`? `doorkey login --help` shows what there is.");
    }

    #[test]
    fn an_unknown_option_keeps_its_value_to_itself() {
        for line in ["doorkey login --client-secret=CANARY", "doorkey token --password=CANARY"] {
            let refusal = refused(line);
            assert!(!format!("{refusal:?}").contains("CANARY"), "{refusal:?}");
            assert_eq!(refusal.exit_code(), 64);
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let refusal = refused("doorkey profile add work");
        assert_eq!(refusal.code, "usage.missing_argument");
        assert!(refusal.message.contains("--issuer") && refusal.message.contains("--client-id"), "{refusal:?}");
    }

    #[test]
    fn a_wrong_value_says_what_would_be_right() {
        let refusal = refused("doorkey token --min-ttl soon");
        assert!(refusal.message.contains("--min-ttl") && refusal.message.contains("60s"), "{refusal:?}");
        let refusal = refused("doorkey completions cmd");
        assert!(refusal.message.contains("cmd") && refusal.message.contains("bash"), "{refusal:?}");
        let refusal = refused("doorkey profile add w --issuer i --client-id c --port 70000");
        assert!(refusal.message.contains("--port") && refusal.message.contains("70000"), "{refusal:?}");
        assert!(refused("doorkey login --browser").message.contains("needs a value"));
    }

    #[test]
    fn options_that_exclude_each_other_are_both_named() {
        let refusal = refused("doorkey login --browser firefox --no-browser");
        assert_eq!(refusal.code, "usage.conflict");
        assert!(refusal.message.contains("--browser") && refusal.message.contains("--no-browser"), "{refusal:?}");
    }
}
