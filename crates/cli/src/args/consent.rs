//! `doorkey consent` and its commands.

use clap::{Args, Subcommand};
use doorkey_client::words::ConsentLasts;

/// Which programs may have tokens: list, allow, deny, take back
#[derive(Debug, Args)]
#[command(
    subcommand_value_name = "COMMAND",
    disable_help_subcommand = true,
    after_help = "\
A program that asks for a token is asked about once, for what the token reaches: the
profile, the API and the scopes. You are asked in the window, or here where a terminal
is. Another executable at the same path is asked about anew. Signing out takes it all
back. Where nobody is: policy.toml beside profiles.toml (docs/consent.md).

Examples:
  doorkey consent                   what was decided, and what waits
  doorkey consent allow gh --profile work
  doorkey consent deny /opt/bin/chatty --profile work
  doorkey consent revoke gh
  doorkey consent --json | jq -r '.consents[].program'"
)]
pub(crate) struct Consent {
    #[command(subcommand)]
    pub(crate) command: Option<ConsentCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConsentCommand {
    List(ConsentList),
    Allow(ConsentDecide),
    Deny(ConsentDecide),
    Revoke(ConsentRevoke),
}

/// What was decided, and what waits for an answer
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorkey consent list --json")]
pub(crate) struct ConsentList {}

/// Decide about a program before it asks
#[derive(Debug, Args)]
#[command(after_help = "\
The decision is about the executable as it is now: its path and its contents. What is
not named is as the profile's own token has it. An interpreter runs any script, so
that allowing it allows them all; it is never for longer than 30 days.

Examples:
  doorkey consent allow gh --profile work
  doorkey consent allow /usr/bin/curl --profile work --days 7
  doorkey consent allow ./report --profile work --audience https://billing.example
  doorkey consent deny /opt/bin/chatty --profile work --until-sign-out")]
pub(crate) struct ConsentDecide {
    /// Path of the executable, or its name as the shell finds it
    pub(crate) program: String,
    /// The profile whose tokens it is about
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: String,
    /// The API it is about
    #[arg(long, value_name = "API")]
    pub(crate) audience: Option<String>,
    /// A resource it is about (RFC 8707); may be repeated
    #[arg(long = "resource", value_name = "URL")]
    pub(crate) resources: Vec<String>,
    /// The upstream identity provider whose own token it is about (Auth0)
    #[arg(long, value_name = "NAME", conflicts_with_all = ["audience", "resources"])]
    pub(crate) connection: Option<String>,
    /// A scope it is about, where the token is of its own; may be repeated
    #[arg(long = "scope", value_name = "S")]
    pub(crate) scopes: Vec<String>,
    #[command(flatten)]
    pub(crate) lasts: Lasts,
}

/// For how long a decision stands.
#[derive(Clone, Copy, Debug, Args)]
#[group(multiple = false)]
pub(crate) struct Lasts {
    /// For so many days, 1 to 365 [default: 30]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=365))]
    days: Option<u16>,
    /// Until somebody signs out of the profile
    #[arg(long)]
    until_sign_out: bool,
    /// For the next request within a minute
    #[arg(long)]
    once: bool,
}

impl Lasts {
    pub(crate) fn chosen(self) -> ConsentLasts {
        match self {
            Self { once: true, .. } => ConsentLasts::Once,
            Self { until_sign_out: true, .. } => ConsentLasts::UntilSignOut,
            Self { days: Some(days), .. } => ConsentLasts::Days { days },
            Self { days: None, .. } => ConsentLasts::USUAL,
        }
    }
}

/// Take decisions back: the program is asked about anew
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorkey consent revoke gh
  doorkey consent revoke /usr/bin/curl --profile work
  doorkey consent revoke 4f5a0c1d2e3b4a59
  doorkey consent revoke --all")]
pub(crate) struct ConsentRevoke {
    /// Which: a program, or an id as `--json` has it
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub(crate) which: Option<String>,
    /// Only about this profile
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Every decision there is
    #[arg(long)]
    pub(crate) all: bool,
}
