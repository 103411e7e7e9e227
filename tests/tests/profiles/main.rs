//! Adding a provider, as a person and as a script do it: rows F-01 to F-15, and the commands for it.

mod asked;
mod commands;
mod looking;
mod other_programs;
mod registration;
mod rows;
mod secrets;

use std::fs;
use std::process::Stdio;

use doorkey_demo_idp::Settings;
use doorkey_tests::Household;
use doorkey_tests::program::{self, Ended};
use serde_json::Value;
use tokio::io::AsyncWriteExt;

/// A home with an agent of no length: each command is its own.
async fn home() -> Household {
    Household::in_memory(Settings::default()).await
}

/// Runs `doorkey` with this on its standard input.
async fn piped(home: &Household, arguments: &[&str], input: &str) -> Ended {
    let mut child = home.command(arguments).stdin(Stdio::piped()).spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    // Who refuses before reading closes its end.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    program::ended(child).await
}

/// Writes `profiles.toml` as a person does in an editor.
fn written(home: &Household, text: &str) {
    let path = home.paths().profiles();
    fs::create_dir_all(path.parent().expect("its folder")).expect("a folder");
    fs::write(path, text).expect("written");
}

fn read(home: &Household) -> String {
    fs::read_to_string(home.paths().profiles()).unwrap_or_default()
}

/// The answer of a command that ended well.
fn json(ended: &Ended) -> Value {
    assert_eq!(ended.code, Some(0), "{ended:?}");
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
}

/// The code, the message and the hint of a refusal with `--json`.
fn refused(ended: &Ended) -> (String, String, String) {
    assert_ne!(ended.code, Some(0), "{ended:?}");
    let answer: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"));
    let text = |member: &str| answer["error"][member].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    (text("code"), text("message"), text("hint"))
}

/// A profile that works everywhere.
fn good(name: &str) -> String {
    format!("[profiles.{name}]\nissuer = \"https://op.example.test\"\nclient_id = \"app\"\n")
}
