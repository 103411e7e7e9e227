//! `doorkey exec`: becomes a command that has a token in its environment.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use doorkey_client::words::Refusal;

use super::handed;
use crate::args::Exec;
use crate::failure::Failure;
use crate::output::Output;

#[expect(clippy::disallowed_methods, reason = "the access token leaves its type into the one environment it is for")]
pub(crate) fn run(args: &Exec, out: &Output) -> Result<(), Failure> {
    let token = handed::token(&args.wanted.of(&args.profile), out)?;
    Err(become_of(&args.command, |command| {
        command.env(&args.env, token.access_token.expose());
    })
    .into())
}

/// Replaces this process, so that nothing stands between the command and whoever called: the terminal, signals and the
/// exit code are its own, and no copy of the token stays in a process that waits. Comes back only when it fails.
pub(super) fn become_of(words: &[OsString], prepare: impl FnOnce(&mut Command)) -> Refusal {
    let [program, arguments @ ..] = words else {
        return Refusal::new("usage.missing_argument", "Missing: the command to run.", "It stands behind `--`.");
    };
    let mut command = Command::new(program);
    command.args(arguments);
    prepare(&mut command);
    let error = command.exec();
    let name = program.to_string_lossy();
    match error.kind() {
        io::ErrorKind::NotFound => Refusal::new(
            "exec.not_found",
            format!("There is no command `{name}`."),
            "Check how it is written, and whether `PATH` has its folder.",
        ),
        _ => Refusal::new(
            "exec.not_started",
            format!("`{name}` does not start: {error}."),
            "It must be a program that you may run.",
        ),
    }
}
