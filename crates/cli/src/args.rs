//! The command line: commands, options, their help. What a value means is decided here, once; nothing else
//! reads `argv`.

mod account;
mod agent;
mod consent;
mod demo;
mod demo_idp;
mod exec;
mod explain;
mod helper;
mod inspect;
mod journal;
mod login;
mod network;
mod probe;
mod profile;
mod snippet;
mod test;
#[cfg(test)]
mod tests;
mod values;
mod vault;

use std::env;
use std::ffi::OsString;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use doorkey_client::words::SignOut;

pub(crate) use self::account::{
    Account, AccountCommand, AccountMove, AccountPrefer, AccountRename, AccountShow, Whose,
};
pub(crate) use self::agent::{Agent, AgentCommand};
pub(crate) use self::consent::{Consent, ConsentCommand, ConsentDecide, ConsentRevoke};
pub(crate) use self::demo::{Demo, LIST};
pub(crate) use self::demo_idp::DemoIdp;
pub(crate) use self::exec::Exec;
pub(crate) use self::explain::Explain;
pub(crate) use self::helper::{AwsHelper, DockerHelper, GitHelper, Helper, KubectlHelper, Tool};
pub(crate) use self::inspect::Inspect;
pub(crate) use self::journal::Journal;
pub(crate) use self::login::Login;
pub(crate) use self::network::{Network, NetworkCommand, NetworkSet, NetworkSetting};
pub(crate) use self::probe::Probe;
pub(crate) use self::profile::{
    KeySource, Profile, ProfileAdd, ProfileCommand, ProfileEdit, ProfileExport, ProfileImport, ProfileRemove,
    ProfileSettings, ProfileShow,
};
pub(crate) use self::snippet::{Snippet, SnippetOf};
pub(crate) use self::test::{Test, TestCommand, TestRecord, TestRun, TestWatch};
use self::values::preset;
pub(crate) use self::vault::{Kind, Vault, VaultCommand, VaultStartOver, VaultUse};
use crate::time::parse_seconds;

/// Sign in once through your own browser; then every program asks Doorkey for the token it may have.
#[derive(Debug, Parser)]
#[command(
    name = "doorkey",
    // Whatever the file is called: people call it by this.
    bin_name = "doorkey",
    version,
    max_term_width = 96,
    subcommand_value_name = "COMMAND",
    disable_help_subcommand = true,
    after_help = "\
Start here:
  doorkey demo                      see it all work, with nothing to set up
  doorkey profile add work --issuer https://op.example --client-id ID
  doorkey login work                sign in through your browser
  curl -H \"$(doorkey token work --header)\" https://api.example/me

Exit codes: 0 done, 64 usage, 65 the provider's answer was refused, 69 unavailable,
70 a bug, 71 no port, 74 vault or output, 75 try again later, 77 sign-in required,
denied or locked, 78 configuration, 130 stopped. `doorkey explain` says more."
)]
pub(crate) struct Arguments {
    /// Answer in JSON, one line on standard output; refusals too
    #[arg(long, global = true, display_order = 900)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    /// The arguments of this process.
    ///
    /// Programs call `token` all the time, so that it is understood without the definitions of all the others; what
    /// is not understood there, or asks for help, is given to the whole.
    ///
    /// # Errors
    /// As clap has them, help and version included.
    pub(crate) fn of_this_process() -> Result<Self, clap::Error> {
        Self::of(env::args_os().collect())
    }

    pub(crate) fn of(words: Vec<OsString>) -> Result<Self, clap::Error> {
        if words.get(1).is_some_and(|command| command == "token")
            && let Ok(token) = TokenAlone::try_parse_from(&words[1..])
        {
            return Ok(Self { json: token.json, command: Command::Token(token.token) });
        }
        Self::try_parse_from(words)
    }
}

/// `doorkey token`, as the whole defines it.
#[derive(Debug, Parser)]
#[command(name = "token", disable_help_flag = true)]
struct TokenAlone {
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    token: Token,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(Demo),
    DemoIdp(DemoIdp),
    Login(Box<Login>),
    Token(Token),
    Exec(Box<Exec>),
    Helper(Box<Helper>),
    Introspect(Introspect),
    Status(Status),
    Account(Account),
    Renew(Renew),
    Logout(Logout),
    Profile(Profile),
    Vault(Vault),
    Consent(Consent),
    Network(Network),
    Agent(Agent),
    Journal(Journal),
    Inspect(Inspect),
    Snippet(Snippet),
    Test(Test),
    Probe(Box<Probe>),
    Doctor(Doctor),
    Explain(Explain),
    Completions(Completions),
}

/// How the browser is opened.
#[derive(Debug, Args)]
pub(crate) struct Browser {
    /// Open the address with this command; $BROWSER is used without it
    #[arg(long, value_name = "CMD")]
    pub(crate) browser: Option<String>,
    /// Print the address and open nothing
    #[arg(long, conflicts_with = "browser")]
    pub(crate) no_browser: bool,
}

/// Print a valid access token, renewed first if it must be
#[derive(Debug, Args)]
#[command(after_help = "\
Never opens a browser: without a session it ends with exit code 77.

Examples:
  doorkey token work
  curl -H \"$(doorkey token work --header)\" https://api.example/me
  doorkey token work --min-ttl 5m --scope read:notes
  doorkey token work --audience https://billing.example   for another API
  doorkey token work --connection google-oauth2   the upstream provider's own
  doorkey token work --json | jq -r .expires_at
  doorkey token work --explain      what it says, and what to know about it
  doorkey token work --dpop GET https://api.example/me   a bound token, and its proof")]
#[derive(Default, PartialEq, Eq)]
pub(crate) struct Token {
    /// May be left out when only one session is signed in
    pub(crate) profile: Option<String>,
    /// Whose, where a profile holds several: `sub`, e-mail address or session id
    #[arg(long, value_name = "WHO")]
    pub(crate) account: Option<String>,
    /// The API it must be for
    #[arg(long, value_name = "API")]
    pub(crate) audience: Option<String>,
    /// A resource it must be for (RFC 8707); may be repeated
    #[arg(long = "resource", value_name = "URL")]
    pub(crate) resources: Vec<String>,
    /// A scope it must have; may be repeated
    #[arg(long = "scope", value_name = "S")]
    pub(crate) scopes: Vec<String>,
    /// The upstream identity provider's own token, by the connection's name (Auth0)
    #[arg(long, value_name = "NAME", conflicts_with_all = ["audience", "resources"])]
    pub(crate) connection: Option<String>,
    /// How long it must still be valid, such as 60s or 5m [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = parse_seconds)]
    pub(crate) min_ttl: Option<u32>,
    /// Print it as a header: `Authorization: Bearer …`
    #[arg(long)]
    pub(crate) header: bool,
    /// Prove the key the token is bound to for one request (RFC 9449); prints both headers
    #[arg(long, num_args = 2, value_names = ["METHOD", "URL"])]
    pub(crate) dpop: Option<Vec<String>>,
    /// The API's newest `DPoP-Nonce`, for the proof
    #[arg(long, value_name = "NONCE", requires = "dpop")]
    pub(crate) nonce: Option<String>,
    /// Ask nobody whether this program may have it: end with exit code 77 instead
    #[arg(long)]
    pub(crate) no_prompt: bool,
    /// Do not print it: tell what it says and what to know about it
    #[arg(long, conflicts_with_all = ["header", "dpop", "connection"])]
    pub(crate) explain: bool,
}

/// Ask the provider what the session's access token is (RFC 7662)
#[derive(Debug, Args)]
#[command(after_help = "\
Most providers answer confidential clients and APIs only; that a public client is
refused is normal.

Examples:
  doorkey introspect work
  doorkey introspect work --json | jq .members.scope")]
pub(crate) struct Introspect {
    /// May be left out when only one session is signed in
    pub(crate) profile: Option<String>,
    /// Whose, where a profile holds several: `sub`, e-mail address or session id
    #[arg(long, value_name = "WHO")]
    pub(crate) account: Option<String>,
}

/// Who is signed in, until when, and what renews itself
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorkey status work --json")]
pub(crate) struct Status {
    /// Only this profile's
    pub(crate) profile: Option<String>,
}

/// Renew the access token now
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorkey renew work
  doorkey renew work --account ada@example.com --json")]
pub(crate) struct Renew {
    /// May be left out when only one session is signed in
    pub(crate) profile: Option<String>,
    /// Whose, where a profile holds several: `sub`, e-mail address or session id
    #[arg(long, value_name = "WHO")]
    pub(crate) account: Option<String>,
}

/// Sign out, and tell what truly happened
#[derive(Debug, Args)]
#[command(after_help = "\
Revokes the refresh token at the provider and forgets it here, unless told
otherwise. With --revoke or --everywhere the exit code is 69 when a step did not
happen.

Examples:
  doorkey logout work               revoke at the provider, then forget here
  doorkey logout work --forget      only here; the provider is not told
  doorkey logout work --everywhere  end the browser's session with the provider too")]
pub(crate) struct Logout {
    /// May be left out when only one session is signed in
    pub(crate) profile: Option<String>,
    /// Whose, where a profile holds several: `sub`, e-mail address or session id
    #[arg(long, value_name = "WHO")]
    pub(crate) account: Option<String>,
    #[command(flatten)]
    pub(crate) how: How,
    #[command(flatten)]
    pub(crate) browser: Browser,
}

/// How far a sign-out goes.
#[derive(Clone, Copy, Debug, Args)]
#[group(multiple = false)]
pub(crate) struct How {
    /// Forget the tokens here; the provider is not told
    #[arg(long)]
    forget: bool,
    /// Revoke the refresh token at the provider, then forget (the default)
    #[arg(long)]
    revoke: bool,
    /// The same, and sign the browser out of the provider
    #[arg(long)]
    everywhere: bool,
}

impl How {
    /// What was asked for; nothing when the person left it to us.
    pub(crate) fn chosen(self) -> Option<SignOut> {
        match self {
            Self { forget: true, .. } => Some(SignOut::Forget),
            Self { revoke: true, .. } => Some(SignOut::Revoke),
            Self { everywhere: true, .. } => Some(SignOut::Everywhere),
            Self { forget: false, revoke: false, everywhere: false } => None,
        }
    }
}

/// Look at everything Doorkey needs, and say what to mend
#[derive(Debug, Args)]
#[command(after_help = "\
With --provider it looks at one provider instead: what it supports, standard by
standard, and what is used of it; for a profile also whether the two fit.

Examples:
  doorkey doctor
  doorkey doctor --provider work
  doorkey doctor --provider https://op.example --json
  doorkey doctor --json | jq '.checks[] | select(.outcome != \"fine\")'")]
pub(crate) struct Doctor {
    /// Look at this provider instead: an issuer, a domain, or a profile
    #[arg(long, value_name = "ISSUER|PROFILE")]
    pub(crate) provider: Option<String>,
    /// The product behind it, where its address does not tell
    #[arg(long, value_name = "PRODUCT", requires = "provider", value_parser = preset())]
    pub(crate) preset: Option<String>,
}

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorkey completions bash > ~/.local/share/bash-completion/completions/doorkey
  doorkey completions zsh > ~/.zfunc/_doorkey
  doorkey completions fish > ~/.config/fish/completions/doorkey.fish")]
pub(crate) struct Completions {
    /// Which
    pub(crate) shell: Shell,
}
