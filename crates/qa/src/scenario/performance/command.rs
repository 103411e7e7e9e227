//! A command of the scenario's own that opens a page of the provider's.

use std::io::{self, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{ChildStderr, Command};
use tokio::task::JoinHandle;

use super::{Secrets, Stage};

/// What it says beyond is left out.
const MOST_SAID: u64 = 256 * 1024;
/// So long is waited for its last words, should something that it started and that left its group keep its output open.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// It leads a process group: what it has started, such as a browser, ends with it.
pub(super) struct Running {
    child: tokio::process::Child,
    group: Option<Pid>,
    program: String,
    said: Option<JoinHandle<()>>,
}

impl Stage<'_> {
    /// Starts it with the address as its last argument.
    ///
    /// # Errors
    /// It does not start: why.
    pub(super) fn command(&self, words: &[String], address: &str) -> Result<Running, String> {
        let (program, arguments) = words.split_first().ok_or("the command is empty")?;
        let mut child = Command::new(program)
            .args(arguments)
            .arg(address)
            .current_dir(&self.settings.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("`{program}` does not start: {error}"))?;
        let group = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let said = child.stderr.take().map(|output| tokio::spawn(told(output, self.secrets.clone())));
        Ok(Running { child, group, program: program.clone(), said })
    }
}

impl Running {
    /// How it ended. What it has started may go on until this value is gone: a shell may have a browser in the background.
    pub(super) async fn ended(&mut self) -> Result<ExitStatus, String> {
        let status = match self.group {
            Some(group) => tokio::task::spawn_blocking(move || ending(group)).await.map_err(io::Error::other).flatten(),
            None => self.child.wait().await,
        };
        let status = status.map_err(|error| format!("`{}` is lost: {error}", self.program))?;
        if let Some(mut said) = self.said.take() {
            // What goes on in the background goes on being read: writing to a pipe that nobody reads would end it.
            let _ = tokio::time::timeout(LAST_WORDS, &mut said).await;
        }
        Ok(status)
    }

    /// What it is called in a sentence.
    pub(super) fn program(&self) -> &str {
        &self.program
    }
}

/// Waits for it and leaves it to be waited for: its number, which is its group's, is nobody else's for so long.
fn ending(leader: Pid) -> io::Result<ExitStatus> {
    loop {
        match waitid(WaitId::Pid(leader), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
            Ok(Some(status)) => {
                let code = status.exit_status().map(|code| code << 8);
                return Ok(ExitStatus::from_raw(code.or_else(|| status.terminating_signal()).unwrap_or_default()));
            }
            Ok(None) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Says on our standard error what it says on its own, line by line and without the secrets, which are in its environment.
async fn told(output: ChildStderr, secrets: Secrets) {
    let mut lines = BufReader::new(output.take(MOST_SAID));
    let mut line = Vec::new();
    while let Ok(1..) = lines.read_until(b'\n', &mut line).await {
        let text = secrets.scrubbed(&String::from_utf8_lossy(&line));
        if std::io::stderr().write_all(text.as_bytes()).is_err() {
            return;
        }
        line.clear();
    }
    // Whoever writes to a pipe that nobody reads stops some day.
    let mut rest = lines.into_inner().into_inner();
    let _ = tokio::io::copy(&mut rest, &mut tokio::io::sink()).await;
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(group) = self.group.take() {
            // Nothing of it may be left.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
