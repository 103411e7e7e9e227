//! `doorkey network` and its commands.

use clap::{Args, Subcommand, ValueEnum};

/// How providers are reached: proxy and certificates
#[derive(Debug, Args)]
#[command(
    subcommand_value_name = "COMMAND",
    disable_help_subcommand = true,
    after_help = "\
Variables such as HTTPS_PROXY go before what is set here. Loopback is always reached
directly. docs/network.md says it all.

Examples:
  doorkey network                   what is set, and what is in force
  doorkey network set --proxy http://proxy.example:3128 --direct .internal.example
  doorkey network set --ca-file /etc/ssl/company.pem
  doorkey network set --clear proxy"
)]
pub(crate) struct Network {
    #[command(subcommand)]
    pub(crate) command: Option<NetworkCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum NetworkCommand {
    Show(NetworkShow),
    Set(NetworkSet),
}

/// What is set, and what is in force
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorkey network show --json | jq -r .proxy")]
pub(crate) struct NetworkShow {}

/// Set what is named; everything else stays
#[derive(Debug, Args)]
#[command(after_help = "\
It counts from the next request on. A password does not belong here: put the whole
address into HTTPS_PROXY.

Examples:
  doorkey network set --proxy socks5h://127.0.0.1:1080
  doorkey network set --direct op.example --direct 10.0.0.0/8
  doorkey network set --clear proxy --clear direct")]
#[group(required = true, multiple = true)]
pub(crate) struct NetworkSet {
    /// The proxy's address
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
    /// A host that is reached directly, in place of those that were set; once for each
    #[arg(long, value_name = "HOST")]
    pub(crate) direct: Vec<String>,
    /// A PEM file with authorities that are trusted beside the system's
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<String>,
    /// Take a setting away
    #[arg(long, value_name = "SETTING", value_enum)]
    pub(crate) clear: Vec<NetworkSetting>,
}

/// One of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NetworkSetting {
    /// The proxy
    Proxy,
    /// The hosts that are reached directly
    Direct,
    /// The file of certificates
    CaFile,
}
