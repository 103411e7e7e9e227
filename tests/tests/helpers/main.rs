//! Tokens for other programs: in the environment of a command, and by the protocols of the tools themselves, spoken by
//! hand and by the real tools.

mod aws;
mod curl;
mod docker;
mod exec;
mod git;
mod kubectl;
mod server;

use std::path::Path;
use std::process::Stdio;

use doorkey_tests::program::{self, Ended};
use doorkey_tests::skipped;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// Whether this tool can be run here. Set-up installs it; where a system has no package of it, its protocol is tested all the same.
async fn there_is(test: &str, folder: &Path, tool: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(tool);
    program::alone(&mut command, folder);
    let there = command.args(arguments).output().await.is_ok_and(|output| output.status.success());
    if !there {
        skipped(test, &format!("there is no {tool}"));
    }
    there
}

/// Runs to the end, with this on standard input.
async fn told(mut command: Command, input: &[u8]) -> Ended {
    let mut child = command.stdin(Stdio::piped()).spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    // Whoever refuses may do so before all is read.
    let _ = stdin.write_all(input).await;
    drop(stdin);
    program::ended(child).await
}
