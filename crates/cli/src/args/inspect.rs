use std::path::PathBuf;

use clap::Args;

/// A sign-in as a report: every request, every check, and what a failed one means
#[derive(Debug, Args)]
#[command(after_help = "\
Made of the journal: no secret is in it, and no provider is asked. Files that are
written are for your eyes only (0600), and no file is ever written over.

Examples:
  doorkey inspect                              the newest sign-in
  doorkey inspect work                         the newest of a profile
  doorkey inspect --list                       what there is, with ids
  doorkey inspect work --markdown | wl-copy    for a ticket
  doorkey inspect work --har work.har          for a browser's network panel
  doorkey inspect work --evidence work.zip     everything in one file
  doorkey inspect work.zip                     what somebody sent you
  doorkey inspect 1f0c --compare 77ab          two flows, by the beginning of their ids
  doorkey inspect mon.zip --compare tue.zip
  doorkey inspect a.jwt --compare b.jwt        two tokens, claim by claim
  doorkey inspect dev.json --compare prod.json two providers' descriptions")]
pub(crate) struct Inspect {
    /// A flow's id or its beginning, a profile, or a file; the newest sign-in without it
    #[arg(value_name = "FLOW|PROFILE|FILE")]
    pub(crate) what: Option<String>,
    /// The flows of the journal, and nothing else
    #[arg(long, conflicts_with_all = ["what", "har", "evidence", "compare", "markdown"])]
    pub(crate) list: bool,
    /// Write it as an HTTP archive (HAR 1.2), redacted
    #[arg(long, value_name = "FILE")]
    pub(crate) har: Option<PathBuf>,
    /// Write everything into one archive: report, timeline, HAR, decoded claims, versions; redacted
    #[arg(long, value_name = "FILE.zip")]
    pub(crate) evidence: Option<PathBuf>,
    /// Put today's access token of the flow's session into the evidence, and nothing else; says which one, and asks
    #[arg(long, requires = "evidence")]
    pub(crate) with_secrets: bool,
    /// Do not ask about the secrets
    #[arg(long, requires = "with_secrets")]
    pub(crate) yes: bool,
    /// Print it as Markdown
    #[arg(long)]
    pub(crate) markdown: bool,
    /// Show what differs from another flow, profile or file
    #[arg(long, value_name = "OTHER", conflicts_with_all = ["har", "evidence"])]
    pub(crate) compare: Option<String>,
}
