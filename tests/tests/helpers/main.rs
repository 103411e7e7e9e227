//! Tokens for other programs: in the environment of a command, and by the protocols of the tools themselves. The tools
//! are the real ones.

mod curl;
mod exec;
mod git;
mod server;

use std::process::Stdio;

use doorkey_tests::program::{self, Ended};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// Runs to the end, with this on standard input.
async fn told(mut command: Command, input: &[u8]) -> Ended {
    let mut child = command.stdin(Stdio::piped()).spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    // Whoever refuses may do so before all is read.
    let _ = stdin.write_all(input).await;
    drop(stdin);
    program::ended(child).await
}
