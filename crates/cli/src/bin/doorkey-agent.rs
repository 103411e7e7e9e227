//! The agent alone.

use std::process::ExitCode;

fn main() -> ExitCode {
    doorkey_cli::as_agent()
}
