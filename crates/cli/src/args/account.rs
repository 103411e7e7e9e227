//! `doorkey account` and its commands.

use clap::{Args, Subcommand};

/// Accounts as you see them: call them, prefer one, put them in order, look at one
#[derive(Debug, Args)]
#[command(
    subcommand_value_name = "COMMAND",
    disable_help_subcommand = true,
    after_help = "\
`doorkey status` lists them in your order. What you say of an account stays through
renewals and when the same person signs in again; a sign-out forgets it.

Examples:
  doorkey account rename work \"At the office\"
  doorkey account prefer work --account grace@example.com
  doorkey account move work first
  doorkey account show work"
)]
pub(crate) struct Account {
    #[command(subcommand)]
    pub(crate) command: AccountCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    Rename(AccountRename),
    Prefer(AccountPrefer),
    Move(AccountMove),
    Show(AccountShow),
}

/// Which account is meant.
#[derive(Debug, Args)]
pub(crate) struct Whose {
    /// The profile it is signed in with
    pub(crate) profile: String,
    /// Whose, where a profile holds several: `sub`, e-mail address or session id
    #[arg(long, value_name = "WHO")]
    pub(crate) account: Option<String>,
}

/// Call an account what you like
#[derive(Debug, Args)]
#[command(after_help = "\
Without a name it is called as the provider calls it again.

Examples:
  doorkey account rename work \"At the office\"
  doorkey account rename work --account grace@example.com \"Test user\"
  doorkey account rename work")]
pub(crate) struct AccountRename {
    #[command(flatten)]
    pub(crate) whose: Whose,
    /// At most 64 characters
    pub(crate) name: Option<String>,
}

/// Choose the account that is meant where a profile holds several and nobody says whose
#[derive(Debug, Args)]
#[command(after_help = "\
Programs that name no account get its tokens from then on. Signing out still wants a
name.

Examples:
  doorkey account prefer work --account grace@example.com
  doorkey account prefer work --none")]
pub(crate) struct AccountPrefer {
    #[command(flatten)]
    pub(crate) whose: Whose,
    /// Prefer none of the profile's any more
    #[arg(long, conflicts_with = "account")]
    pub(crate) none: bool,
}

/// Put an account elsewhere in the list
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorkey account move work first
  doorkey account move work --account grace@example.com 3")]
pub(crate) struct AccountMove {
    #[command(flatten)]
    pub(crate) whose: Whose,
    /// `first`, `last`, or the place in the list, counted from 1
    #[arg(value_name = "PLACE", value_parser = place)]
    pub(crate) position: u32,
}

/// Who the provider says it is, and how that was checked
#[derive(Debug, Args)]
#[command(after_help = "\
The ID token itself is not shown. Secrets in it appear as their fingerprints.

Examples:
  doorkey account show work
  doorkey account show work --account grace@example.com
  doorkey account show work --json | jq .id_token.claims")]
pub(crate) struct AccountShow {
    /// May be left out when only one session is signed in
    pub(crate) profile: Option<String>,
    /// Whose, where a profile holds several: `sub`, e-mail address or session id
    #[arg(long, value_name = "WHO")]
    pub(crate) account: Option<String>,
}

/// A place in the list as the agent counts it, from 0.
fn place(text: &str) -> Result<u32, String> {
    match text {
        "first" => Ok(0),
        "last" => Ok(u32::MAX),
        number => match number.parse::<u32>() {
            Ok(place) if place > 0 => Ok(place - 1),
            _ => Err("it is `first`, `last`, or a number from 1".to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_count_from_one() {
        assert_eq!((place("first"), place("1"), place("3"), place("last")), (Ok(0), Ok(0), Ok(2), Ok(u32::MAX)));
        for bad in ["0", "-1", "second", "", "4294967296"] {
            assert!(place(bad).is_err(), "{bad}");
        }
    }
}
