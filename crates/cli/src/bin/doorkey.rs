//! The command people and scripts call: a token in short, everything else by `doorkey-agent` and `doorkey-full`.

use std::process::ExitCode;

fn main() -> ExitCode {
    doorkey_cli::in_short().unwrap_or_else(doorkey_cli::the_rest)
}
