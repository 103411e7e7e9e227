//! The real `doorkey` program, in a world of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;
use std::{env, fs, io};

use doorkey_client::Paths;
use tokio::process::{Child, Command};

use crate::PATIENCE;
use crate::stage::below;

/// How a program ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    /// Nothing when a signal ended it.
    pub code: Option<i32>,
    /// All of its standard output.
    pub stdout: String,
    /// All of its standard error.
    pub stderr: String,
}

/// The built program: `DOORKEY_BIN`, or the one beside this test, built when it is not there or old.
///
/// # Panics
/// When there is none and it cannot be built.
pub fn doorkey() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| match named() {
        Some(named) => named,
        None => built(&["--package", "doorkey-cli"]).join("doorkey"),
    })
}

/// An example of `doorkey-client`: beside `DOORKEY_BIN`, or beside this test, built when it is not there or old.
///
/// # Panics
/// As [`doorkey`].
#[must_use]
pub fn example(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| match named() {
        Some(named) => named.parent().expect("a program is in a folder").to_owned(),
        // With the command, so that what both are made of is built once.
        None => built(&["--package", "doorkey-cli", "--package", "doorkey-client", "--bins", "--examples"]),
    });
    let program = folder.join("examples").join(name);
    assert!(program.is_file(), "there is no {}", program.display());
    program
}

fn named() -> Option<PathBuf> {
    let named = PathBuf::from(env::var_os("DOORKEY_BIN")?);
    assert!(named.is_file(), "DOORKEY_BIN names no file: {}", named.display());
    Some(named)
}

/// Builds it, and tells the folder.
fn built(what: &[&str]) -> PathBuf {
    let test = env::current_exe().expect("this test has a path");
    let folder = test.parent().and_then(Path::parent).expect("it is in target/PROFILE/deps");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = std::process::Command::new(cargo);
    build.args(["build", "--quiet"]).args(what);
    if folder.file_name().is_some_and(|profile| profile == "release") {
        build.arg("--release");
    }
    let status = build.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo runs");
    assert!(status.success(), "it could not be built: {what:?}");
    folder.to_owned()
}

/// The stand-in for a browser: signs in whoever `ROBOT_AS` names, and says what `ROBOT_SAYS`.
#[must_use]
pub fn robot() -> PathBuf {
    beside("robot")
}

/// A program of this package.
///
/// # Panics
/// When this test has no path.
#[must_use]
pub fn beside(name: &str) -> PathBuf {
    let test = env::current_exe().expect("this test has a path");
    let folder = test.parent().and_then(Path::parent).expect("it is in target/PROFILE/deps");
    folder.join(name)
}

/// `doorkey` with files below `folder` only, no display, no keyring but a named one, and nothing of the person's.
#[must_use]
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(doorkey());
    alone(&mut command, folder);
    command.args(arguments);
    command
}

/// The same by the program that is the whole of it, also where the short way would do.
#[must_use]
pub fn command_in_full(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(doorkey().with_file_name("doorkey-full"));
    alone(&mut command, folder);
    command.args(arguments);
    command
}

/// Stories are about something else than whether a program may have a token, unless they are [asking].
///
/// # Panics
/// When the policy cannot be written.
///
/// [asking]: crate::Household::asking
pub fn allow_all(folder: &Path) {
    let policy = below(folder).policy();
    fs::create_dir_all(policy.parent().expect("a folder")).expect("a folder");
    fs::write(policy, "version = 1\ndefault = \"allow\"\n").expect("there is room");
}

/// The environment of a program that must not touch the person's own files.
pub fn alone(command: &mut Command, folder: &Path) {
    command
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("LANG", "C.UTF-8")
        .env("HOME", folder.join("home"))
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .env("XDG_DATA_HOME", folder.join("data"))
        .env("XDG_STATE_HOME", folder.join("state"))
        .env("XDG_RUNTIME_DIR", folder.join("run"))
        .env("DOORKEY_VAULT", "memory")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
}

/// A program run by root: directly, or by `sudo` where that asks no question; nothing where neither works.
#[must_use]
pub fn as_root(program: &str) -> Option<Command> {
    if rustix::process::geteuid().is_root() {
        return Some(Command::new(program));
    }
    let asked = std::process::Command::new("sudo").args(["-n", "true"]).stderr(Stdio::null()).status();
    asked.ok().filter(std::process::ExitStatus::success)?;
    let mut command = Command::new("sudo");
    command.args(["-n", program]);
    Some(command)
}

/// Where `doorkey` has its files then.
#[must_use]
pub fn paths(folder: &Path) -> Paths {
    below(folder)
}

/// Runs to the end.
///
/// # Panics
/// When it does not start, or does not end.
pub async fn run(mut command: Command) -> Ended {
    ended(started(&mut command).await).await
}

/// Starts it. A program that was copied a moment ago is busy for as long as another, being started beside it, holds what
/// this process had open for writing.
async fn started(command: &mut Command) -> Child {
    let is_free = async {
        loop {
            match command.spawn() {
                Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                other => break other,
            }
        }
    };
    tokio::time::timeout(PATIENCE, is_free).await.expect("it is free in time").expect("the program starts")
}

/// Waits for the end of a program.
///
/// # Panics
/// When it does not come.
pub async fn ended(child: Child) -> Ended {
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("the program ends");
    let output = output.expect("the program can be waited for");
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Sends a signal to a program that was started here.
///
/// # Panics
/// When it has ended already.
pub fn signal(child: &Child, signal: rustix::process::Signal) {
    let pid = child.id().and_then(|pid| rustix::process::Pid::from_raw(i32::try_from(pid).ok()?));
    rustix::process::kill_process(pid.expect("it runs"), signal).expect("it can be told");
}
