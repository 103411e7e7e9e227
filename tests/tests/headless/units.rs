//! The units, as systemd reads them.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use doorkey_demo_idp::Settings;
use doorkey_tests::program::Ended;
use doorkey_tests::{Household, program, skipped, sources};
use serde_json::Value;
use tokio::process::Command;

const ANALYZE: &str = "/usr/bin/systemd-analyze";

#[tokio::test]
async fn install_writes_units_that_systemd_takes_and_uninstall_removes_them() {
    let home = Household::in_memory(Settings::default()).await;
    let folder = home.folder().join("config/systemd/user");
    let installed = home.doorkey(&["agent", "install", "--json"]).await;
    let told: Value = serde_json::from_str(&installed.stdout).expect("JSON");
    assert_eq!((installed.code, told["files"].as_array().map(Vec::len)), (Some(0), Some(2)), "{installed:?}");
    let service = fs::read_to_string(folder.join("doorkey-agent.service")).expect("it is there");
    assert!(service.contains(&format!("\nExecStart={} agent\n", program::doorkey().display())), "{service}");
    let next = told["next"].as_str().expect("the next step");
    assert!(next.contains("systemctl --user enable --now doorkey-agent.socket"), "{next}");
    assert!(!home.paths().socket().exists(), "no agent is needed for it");
    verified(&folder, &["doorkey-agent.socket", "doorkey-agent.service"]).await;

    let again = home.doorkey(&["agent", "install"]).await;
    assert!(again.code == Some(0) && again.stdout.trim() == next, "the next step is the answer: {again:?}");
    // As `systemctl enable` does.
    fs::create_dir(folder.join("sockets.target.wants")).expect("a folder");
    let link = folder.join("sockets.target.wants/doorkey-agent.socket");
    std::os::unix::fs::symlink(folder.join("doorkey-agent.socket"), &link).expect("a link");
    let removed = home.doorkey(&["agent", "uninstall", "--json"]).await;
    let told: Value = serde_json::from_str(&removed.stdout).expect("JSON");
    assert_eq!((removed.code, told["files"].as_array().map(Vec::len)), (Some(0), Some(3)), "{removed:?}");
    assert!(!folder.join("doorkey-agent.socket").exists() && !link.is_symlink());
    let nothing = home.doorkey(&["agent", "uninstall", "--json"]).await;
    let told: Value = serde_json::from_str(&nothing.stdout).expect("JSON");
    assert!(nothing.code == Some(0) && told["next"].is_null(), "{nothing:?}");
}

#[tokio::test]
async fn a_unit_of_somebody_else_is_left_alone() {
    let home = Household::in_memory(Settings::default()).await;
    let folder = home.folder().join("config/systemd/user");
    fs::create_dir_all(&folder).expect("a folder");
    let own = folder.join("doorkey-agent.service");
    fs::write(&own, "[Service]\nExecStart=/my/own\n").expect("written");
    for command in ["install", "uninstall"] {
        let refused: Ended = home.doorkey(&["agent", command, "--json"]).await;
        assert_eq!(refused.code, Some(78), "{refused:?}");
        assert!(refused.stdout.contains("config.foreign_unit"), "{refused:?}");
    }
    assert_eq!(fs::read_to_string(&own).expect("it is there"), "[Service]\nExecStart=/my/own\n");
    assert!(!folder.join("doorkey-agent.socket").exists(), "nothing was written before it was seen");
}

#[tokio::test]
async fn the_packages_units_and_the_stricter_settings_are_taken_by_systemd() {
    let packaged = sources::root().join("packaging/systemd");
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["doorkey-agent.socket", "doorkey-agent.service"] {
        let text = fs::read_to_string(packaged.join(name)).expect("it is there");
        // The program that is there, so that systemd finds it.
        let text = text.replace("/usr/bin/doorkey", &program::doorkey().display().to_string());
        fs::write(folder.path().join(name), text).expect("written");
    }
    let more = folder.path().join("doorkey-agent.service.d");
    fs::create_dir(&more).expect("a folder");
    fs::copy(packaged.join("doorkey-agent-no-browser.conf"), more.join("no-browser.conf")).expect("copied");
    verified(folder.path(), &["doorkey-agent.socket", "doorkey-agent.service"]).await;
}

/// What systemd says of the units: nothing, when it knows every setting and finds every program.
async fn verified(folder: &Path, units: &[&str]) {
    if !Path::new(ANALYZE).exists() {
        return skipped("systemd-analyze verify", "systemd-analyze is not installed");
    }
    let runtime = tempfile::tempdir().expect("a folder");
    let mut analyze = Command::new(ANALYZE);
    analyze.args(["--user", "verify"]).args(units.iter().map(|unit| folder.join(unit)));
    analyze.env("XDG_RUNTIME_DIR", runtime.path()).stdin(Stdio::null());
    analyze.stdout(Stdio::piped()).stderr(Stdio::piped());
    let said = program::run(analyze).await;
    assert_eq!((said.code, said.stderr.trim()), (Some(0), ""), "{said:?}");
}
