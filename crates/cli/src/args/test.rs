use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Test a sign-in from a file, again and again: by hand or in continuous integration
#[derive(Debug, Args)]
#[command(after_help = "\
A scenario is a TOML file: how to sign in, how the login page is filled in, and what
must come of it. docs/qa.md is the guide.

Examples:
  doorkey test record > login.toml  make one of the sign-in you just did
  doorkey test run login.toml
  doorkey test watch login.toml     again whenever you save it
  doorkey test run scenarios/*.toml --junit junit.xml --har har")]
pub(crate) struct Test {
    #[command(subcommand)]
    pub(crate) command: TestCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TestCommand {
    Run(TestRun),
    Watch(TestWatch),
    Record(TestRecord),
    Schema(TestSchema),
}

/// Run the scenarios of files, each with an agent of its own
#[derive(Debug, Args)]
#[command(after_help = "\
Each run has its own agent, its vault in memory and a browser with a fresh profile:
nothing is shared, and nothing of yours is touched. Progress is on standard error, the
summary on standard output.

Exit codes: 0 all as expected, 65 something was not, 69 a run could not be carried out,
78 a file is not as it must be, 130 stopped.

Examples:
  doorkey test run login.toml
  doorkey test run *.toml --junit junit.xml --har har --jobs 4
  doorkey test run login.toml --only 'Ada signs in' --show-browser
  doorkey test run login.toml --json | jq '.runs[] | select(.outcome != \"passed\")'")]
pub(crate) struct TestRun {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Write JUnit XML here, for GitHub, GitLab and Jenkins
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write the requests of each run into this folder, as HTTP archives without secrets
    #[arg(long, value_name = "DIR")]
    pub(crate) har: Option<PathBuf>,
    /// How many runs at once [default: one for each processor, at most 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=32))]
    pub(crate) jobs: Option<u16>,
    /// Only runs whose name is this, or begins so; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Vec<String>,
    /// Show Chromium's window instead of hiding it
    #[arg(long)]
    pub(crate) show_browser: bool,
}

/// Run scenarios again whenever a file of theirs is saved, and show what each does
#[derive(Debug, Args)]
#[command(after_help = "\
Everything is run once; then what a changed file holds, with the secrets' files and the
commands that it names. A run of it that goes on is stopped first. A mistake is shown
with its line and column, and the file is watched on.

Enter runs all of it again, q or Ctrl-C ends. With --json each thing that happens is a
line on standard output, and standard input takes `run`, `again`, `stop` or `quit`;
its end is the end of watching, too. docs/qa.md has the lines.

Examples:
  doorkey test watch login.toml
  doorkey test watch scenarios/ --only 'Ada signs in' --show-browser
  doorkey test watch scenarios/ --window      in the window
  doorkey test watch scenarios/ --json | jq -c 'select(.type == \"ended\")'")]
pub(crate) struct TestWatch {
    /// Files, and folders with `.toml` files
    #[arg(required = true, value_name = "FILE|FOLDER")]
    pub(crate) places: Vec<PathBuf>,
    /// Watch them in the window, where nothing is run before you say so
    #[arg(long, conflicts_with_all = ["jobs", "only", "show_browser", "hold"])]
    pub(crate) window: bool,
    /// How many runs at once [default: one for each processor, at most 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=32))]
    pub(crate) jobs: Option<u16>,
    /// Only runs whose name is this, or begins so; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Vec<String>,
    /// Show Chromium's window instead of hiding it
    #[arg(long)]
    pub(crate) show_browser: bool,
    /// Say what would be run, and run nothing until told to: by Enter, or `run` with --json
    #[arg(long)]
    pub(crate) hold: bool,
}

/// Make a scenario of a sign-in that was done, from the journal
#[derive(Debug, Args)]
#[command(after_help = "\
What was seen becomes what is expected: scopes, issuer and audience, the algorithm and
every check. No secret and nothing of the person is in it.

Examples:
  doorkey login work && doorkey test record > login.toml
  doorkey test record work > login.toml")]
pub(crate) struct TestRecord {
    /// The sign-in, by its id or the profile; the newest without (`doorkey inspect --list`)
    pub(crate) flow: Option<String>,
}

/// Print the JSON Schema of scenario files, for editors
#[derive(Debug, Args)]
#[command(after_help = "\
Editors complete and check a file whose first line is `#:schema scenario.schema.json`.

Examples:
  doorkey test schema > scenario.schema.json")]
pub(crate) struct TestSchema {}
