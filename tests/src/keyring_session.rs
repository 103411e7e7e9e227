//! A session bus with an unlocked gnome-keyring on it, for programs that a story starts. The person's own bus and
//! keyring are never touched.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

use crate::PATIENCE;

/// A bus and a keyring that end with this value.
#[derive(Debug)]
pub struct KeyringSession {
    address: String,
    _bus: Child,
    _folder: TempDir,
}

impl KeyringSession {
    /// Starts both; nothing where this machine has no gnome-keyring.
    ///
    /// # Panics
    /// When they are there and do not start.
    pub async fn start() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let mut bus = Command::new("dbus-daemon");
        bus.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        surroundings(&mut bus, folder.path());
        let mut bus = bus.stdout(Stdio::piped()).spawn().ok()?;
        let mut lines = BufReader::new(bus.stdout.take().expect("it is piped")).lines();
        let address = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("the bus starts in time");
        let address = address.expect("the bus tells its address").expect("the bus starts");

        let mut keyring = Command::new("gnome-keyring-daemon");
        keyring.args(["--unlock", "--components=secrets"]);
        surroundings(&mut keyring, folder.path());
        let mut keyring = keyring.env("DBUS_SESSION_BUS_ADDRESS", &address).stdin(Stdio::piped()).spawn().ok()?;
        let mut password = keyring.stdin.take().expect("it is piped");
        password.write_all(b"test").await.expect("the keyring takes its password");
        drop(password);
        // It leaves a daemon behind once it serves; that one ends with its bus.
        let status = tokio::time::timeout(PATIENCE, keyring.wait()).await.expect("the keyring starts in time");
        assert!(status.expect("it can be waited for").success(), "the keyring does not start");
        Some(Self { address, _bus: bus, _folder: folder })
    }

    /// The value of `DBUS_SESSION_BUS_ADDRESS`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }
}

fn surroundings(command: &mut Command, folder: &Path) {
    let home = folder.join("home");
    let runtime = folder.join("run");
    fs::create_dir_all(&home).expect("a folder");
    DirBuilder::new().recursive(true).mode(0o700).create(&runtime).expect("a folder");
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", runtime)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
}
