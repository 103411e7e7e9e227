use clap::Args;

/// Say what an error code means, who must act and the next step
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorkey explain session.sign_in_required
  doorkey explain store             every code of a family
  doorkey explain                   the families, with their exit codes
  doorkey explain net.dns --json | jq -r .code.next")]
pub(crate) struct Explain {
    /// A code such as `net.dns`, or a family such as `net`
    pub(crate) code: Option<String>,
}
