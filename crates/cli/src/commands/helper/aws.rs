//! A command with the token as its web identity, for `AssumeRoleWithWebIdentity`.
//!
//! `credential_process` wants the role's keys, which only AWS gives; this stays with what the tools of AWS do by
//! themselves: they exchange the token in the file that `AWS_WEB_IDENTITY_TOKEN_FILE` names.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use doorkey_client::Secret;
use doorkey_client::words::Refusal;

use super::super::{exec, handed};
use crate::args::AwsHelper;
use crate::failure::Failure;
use crate::output::Output;

/// Anything of these would be used before the role that was asked for.
const IN_THE_WAY: [&str; 5] =
    ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

pub(super) fn run(args: &AwsHelper, out: &Output) -> Result<(), Failure> {
    let token = handed::token(&args.wanted.of(&args.profile), out)?;
    let file = in_memory(&token.access_token).map_err(|error| {
        Refusal::new(
            "exec.not_started",
            format!("The token cannot be put where the tools of AWS look for it: {error}."),
            "This needs Linux and a /proc of its own.",
        )
    })?;
    Err(exec::become_of(&args.command, |command| {
        for variable in IN_THE_WAY {
            command.env_remove(variable);
        }
        command.env("AWS_WEB_IDENTITY_TOKEN_FILE", format!("/proc/self/fd/{}", file.as_raw_fd()));
        command.env("AWS_ROLE_ARN", &args.role_arn).env("AWS_ROLE_SESSION_NAME", &args.session_name);
    })
    .into())
}

/// A file without a name on any disk, which the command and what it starts have open and nobody can change.
#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "the access token leaves its type into the file that AWS reads it from")]
fn in_memory(token: &Secret) -> io::Result<File> {
    use std::io::Write;

    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

    // Not closed on exec: the command reads it.
    let mut file = File::from(memfd_create("web-identity-token", MemfdFlags::ALLOW_SEALING)?);
    file.write_all(token.expose().as_bytes())?;
    fcntl_add_seals(&file, SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
    Ok(file)
}

#[cfg(not(target_os = "linux"))]
fn in_memory(_: &Secret) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}
