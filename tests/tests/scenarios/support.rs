//! What the stories share.

use std::fs;
use std::path::{Path, PathBuf};

use doorkey_demo_idp::{Misbehaviour, Running, Settings, start};
use doorkey_qa::scenario::Installed;
use doorkey_tests::program::Ended;
use doorkey_tests::sources::root;
use doorkey_tests::{Household, program, skipped};
use serde_json::Value;

/// Whether Chromium and ChromeDriver are here.
pub(crate) fn has_chromium(test: &str) -> bool {
    let here = Installed::find().is_ok();
    if !here {
        skipped(test, "there is no Chromium with its ChromeDriver: make test installs them");
    }
    here
}

/// One of the examples.
pub(crate) fn example(name: &str) -> PathBuf {
    root().join("examples/scenarios").join(name)
}

/// A provider that breaks one rule.
pub(crate) async fn misbehaving(name: &str) -> Running {
    let misbehaviour = Misbehaviour::from_name(name);
    assert!(misbehaviour.is_some(), "there is no {name}");
    start(Settings { misbehaviour, ..Settings::default() }).await.expect("the provider starts")
}

/// A scenario of the demo provider, filled in by the robot; `rest` follows the login.
pub(crate) fn scenario(home: &Household, rest: &str) -> PathBuf {
    let text = format!(
        "version = 1\n[profile]\nissuer = \"{}\"\nclient_id = \"doorkey-demo\"\n\
         [login]\nby = \"command\"\ncommand = [\"{}\"]\n{rest}",
        home.provider.issuer(),
        program::robot().display()
    );
    write(home, "scenario.toml", &text)
}

pub(crate) fn write(home: &Household, name: &str, text: &str) -> PathBuf {
    let path = home.folder().join(name);
    fs::write(&path, text).expect("there is room");
    path
}

/// `doorkey test run FILE` with further arguments and variables.
pub(crate) async fn run(home: &Household, file: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    let mut words = vec!["test", "run", file.to_str().expect("a plain path")];
    words.extend(arguments);
    let mut command = home.command(&words);
    command.envs(variables.iter().copied());
    let output = command.spawn().expect("the program starts").wait_with_output();
    // A few browsers, one after the other on a busy machine.
    let output = tokio::time::timeout(doorkey_tests::PATIENCE * 5, output).await.expect("the program ends");
    let output = output.expect("the program can be waited for");
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The one line of JSON on standard output.
pub(crate) fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|fault| panic!("{fault}: {ended:?}"))
}

/// Held against the schema that Jenkins has.
pub(crate) fn assert_junit(path: &Path) {
    let schema = root().join("tests/junit/junit-10.xsd");
    let judged = std::process::Command::new("xmllint").args(["--noout", "--schema"]).arg(schema).arg(path).output();
    let Ok(judged) = judged else { return skipped("junit", "there is no xmllint: make test installs it") };
    assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stderr));
}

/// Every archive of a folder is one, and none of them has any of these texts.
pub(crate) fn assert_archives(folder: &Path, secrets: &[&str]) -> usize {
    let mut seen = 0;
    for entry in fs::read_dir(folder).expect("there are archives").flatten() {
        let text = fs::read_to_string(entry.path()).expect("text");
        let archive: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(archive["log"]["version"], "1.2");
        assert!(archive["log"]["entries"].as_array().is_some_and(|entries| !entries.is_empty()), "{text}");
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} is in {}", entry.path().display());
        }
        seen += 1;
    }
    seen
}
