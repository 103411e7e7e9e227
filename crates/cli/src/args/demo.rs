use clap::Args;

/// Watch the whole story against a built-in provider, with nothing to set up
#[derive(Debug, Args)]
#[command(after_help = "\
Starts a provider and an agent of its own in a private folder, signs in, shows
every check, watches a token being renewed, asks for one from fifty places at
once, and signs out. Takes less than half a minute and leaves nothing behind.

With --misbehave the provider breaks one rule, and you see what Doorkey does
about it: exit code 0 when that is what it must do.

Examples:
  doorkey demo                      with your browser where there is one
  doorkey demo --robot              a built-in robot signs in
  doorkey demo --browser firefox
  doorkey demo --json | jq .steps
  doorkey demo --misbehave nonce-suffix
  doorkey demo --misbehave list --row HP-ID")]
pub(crate) struct Demo {
    /// Open the sign-in page with this command
    #[arg(long, value_name = "CMD", conflicts_with = "robot")]
    pub(crate) browser: Option<String>,
    /// Let the built-in robot sign in, even where there is a browser
    #[arg(long)]
    pub(crate) robot: bool,
    /// Let the provider misbehave in one way, by name; without a name, list them
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = LIST, conflicts_with = "browser")]
    pub(crate) misbehave: Option<String>,
    /// List those only whose row begins like that
    #[arg(long, value_name = "ROW", requires = "misbehave")]
    pub(crate) row: Option<String>,
}

/// No misbehaviour has this name.
pub(crate) const LIST: &str = "list";
