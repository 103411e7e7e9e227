//! `doorkey exec`, and what else hands a token to a program.

use std::ffi::OsString;

use clap::Args;
use doorkey_client::words::TokenRequest;

use super::values::variable;
use crate::time::parse_seconds;

/// Run a command with an access token in its environment, and nowhere else
#[derive(Debug, Args)]
#[command(after_help = "\
The token is in the command's environment and in no argument. It is as it was when
the command began: a program that runs for longer asks again with `doorkey token`.
Doorkey becomes the command: its input, output, signals and exit code are the
command's own. 127 is a command that is not there, 126 one that cannot be run.
Never opens a browser: without a session it ends with exit code 77.

Examples:
  doorkey exec work -- sh -c 'curl -H \"Authorization: Bearer $ACCESS_TOKEN\" URL'
  doorkey exec work --env GITHUB_TOKEN -- gh api user
  doorkey exec work --audience https://billing.example --min-ttl 5m -- ./report")]
pub(crate) struct Exec {
    /// Which
    pub(crate) profile: String,
    #[command(flatten)]
    pub(crate) wanted: Wanted,
    /// The name of the variable
    #[arg(long, value_name = "NAME", default_value = "ACCESS_TOKEN", value_parser = variable)]
    pub(crate) env: String,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

/// What a token must be.
#[derive(Clone, Debug, Args)]
pub(crate) struct Wanted {
    /// Whose, where a profile holds several: `sub`, e-mail address or session id
    #[arg(long, value_name = "WHO")]
    account: Option<String>,
    /// The API it must be for
    #[arg(long, value_name = "API")]
    audience: Option<String>,
    /// A resource it must be for (RFC 8707); may be repeated
    #[arg(long = "resource", value_name = "URL")]
    resources: Vec<String>,
    /// A scope it must have; may be repeated
    #[arg(long = "scope", value_name = "S")]
    scopes: Vec<String>,
    /// How long it must still be valid, such as 60s or 5m [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = parse_seconds)]
    min_ttl: Option<u32>,
}

impl Wanted {
    /// Such a token of this profile's.
    pub(crate) fn of(&self, profile: &str) -> TokenRequest {
        TokenRequest {
            account: self.account.clone(),
            audience: self.audience.clone(),
            resource: self.resources.clone(),
            scope: self.scopes.iter().flat_map(|scopes| scopes.split_whitespace()).map(str::to_owned).collect(),
            min_ttl: self.min_ttl,
            ..TokenRequest::for_profile(profile)
        }
    }
}
