//! Tokens for other programs: in the environment of a command, and by the protocols of the tools themselves. The tools
//! are the real ones.

mod aws;
mod curl;
mod docker;
mod exec;
mod git;
mod kubectl;
mod server;

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use doorkey_tests::program::{self, Ended};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// Whether this tool can be run here. Unlike git and curl it need not be: its protocol is tested without it too.
async fn there_is(folder: &Path, tool: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(tool);
    program::alone(&mut command, folder);
    let there = command.args(arguments).output().await.is_ok_and(|output| output.status.success());
    if !there {
        let _ = writeln!(std::io::stderr(), "not here: the real {tool}");
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
