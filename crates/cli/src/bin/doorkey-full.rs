//! The whole of `doorkey`.

use std::process::ExitCode;

fn main() -> ExitCode {
    doorkey_cli::in_full()
}
