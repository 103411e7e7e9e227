use clap::Args;
use jiff::Timestamp;

use crate::moment::parse_moment;

/// What happened: who took which token when, sign-ins, renewals, refusals
#[derive(Debug, Args)]
#[command(after_help = "\
Works with and without an agent. Times are local; in JSON they are UTC. Without
--since, --until and --last the newest 100 entries are shown, and with --json all.
A token is told by the first eight hex digits of its SHA-256, never by itself.

A time is one of: 90s, 5m, 1h, 2d (ago), 23:00 (when it last was), today,
yesterday, 2026-03-01, \"2026-03-01 14:32\", 2026-03-01T14:32:00Z.

Examples:
  doorkey journal --since 1h
  doorkey journal --kind token_given --kind token_refused --since yesterday
  doorkey journal --program curl --profile work
  doorkey journal --follow
  doorkey journal --json --since 2d | jq -r 'select(.kind == \"token_given\") | .program'")]
pub(crate) struct Journal {
    /// Nothing before this
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    pub(crate) since: Option<Timestamp>,
    /// Nothing after this
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    pub(crate) until: Option<Timestamp>,
    /// Only what is about this profile
    #[arg(long, value_name = "P")]
    pub(crate) profile: Option<String>,
    /// Only what this program asked for: its path, or the last part of it
    #[arg(long, value_name = "PATH")]
    pub(crate) program: Option<String>,
    /// Only this kind, such as token_given; may be repeated
    #[arg(long = "kind", value_name = "K")]
    pub(crate) kinds: Vec<String>,
    /// At most so many, the newest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) last: Option<u32>,
    /// Go on with what happens from now on, until Ctrl-C
    #[arg(long, short, conflicts_with = "until")]
    pub(crate) follow: bool,
}
