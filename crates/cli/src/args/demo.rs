use clap::Args;

/// Watch the whole story against a built-in provider, with nothing to set up
#[derive(Debug, Args)]
#[command(after_help = "\
Starts a provider and an agent of its own in a private folder, signs in, shows
every check, watches a token being renewed, asks for one from fifty places at
once, and signs out. Takes less than half a minute and leaves nothing behind.

Examples:
  doorkey demo                      with your browser where there is one
  doorkey demo --robot              a built-in robot signs in
  doorkey demo --browser firefox
  doorkey demo --json | jq .steps")]
pub(crate) struct Demo {
    /// Open the sign-in page with this command
    #[arg(long, value_name = "CMD", conflicts_with = "robot")]
    pub(crate) browser: Option<String>,
    /// Let the built-in robot sign in, even where there is a browser
    #[arg(long)]
    pub(crate) robot: bool,
}
