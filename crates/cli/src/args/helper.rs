//! `doorkey helper` and the tools it speaks with.

use clap::{Args, Subcommand};

use super::exec::Wanted;
use super::values::{authority, username};

/// Give tokens to git by its own protocol
#[derive(Debug, Args)]
#[command(
    subcommand_value_name = "TOOL",
    disable_help_subcommand = true,
    after_help = "\
The tools call this themselves, once they are set up: docs/helpers.md has a line for
each. Never opens a browser.

Examples:
  doorkey helper git --help"
)]
pub(crate) struct Helper {
    #[command(subcommand)]
    pub(crate) tool: Tool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Tool {
    Git(GitHelper),
}

/// Answer git, as one of its credential helpers
#[derive(Debug, Args)]
#[command(after_help = "\
Git asks with `get` and is answered for this host only, over https only (plain http
is for this computer's own addresses). `store` and `erase` do nothing: the agent
looks after its tokens itself.

Examples:
  git config --global credential.https://git.example.helper \\
    '!doorkey helper git work --host git.example'")]
pub(crate) struct GitHelper {
    /// Which
    pub(crate) profile: String,
    /// The one host the token is for, with its port where that is not the usual one
    #[arg(long, value_name = "HOST", value_parser = authority)]
    pub(crate) host: String,
    /// The user name the host wants beside a token [default: git's own, or oauth2]
    #[arg(long, value_name = "NAME", value_parser = username)]
    pub(crate) username: Option<String>,
    #[command(flatten)]
    pub(crate) wanted: Wanted,
    /// What git wants; git says it itself
    #[arg(value_name = "get|store|erase")]
    pub(crate) operation: String,
}
