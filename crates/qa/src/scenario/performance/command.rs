//! A command of the scenario's own that opens a page of the provider's.

use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Command;

use super::Stage;

/// It leads a process group: what it has started, such as a browser, ends with it.
pub(super) struct Running {
    child: tokio::process::Child,
    group: Option<Pid>,
    program: String,
}

impl Stage<'_> {
    /// Starts it with the address as its last argument.
    ///
    /// # Errors
    /// It does not start: why.
    pub(super) fn command(&self, words: &[String], address: &str) -> Result<Running, String> {
        let (program, arguments) = words.split_first().ok_or("the command is empty")?;
        let child = Command::new(program)
            .args(arguments)
            .arg(address)
            .current_dir(&self.settings.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("`{program}` does not start: {error}"))?;
        let group = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        Ok(Running { child, group, program: program.clone() })
    }
}

impl Running {
    /// How it ended.
    pub(super) async fn ended(&mut self) -> Result<ExitStatus, String> {
        let status = self.child.wait().await.map_err(|error| format!("`{}` is lost: {error}", self.program))?;
        self.group = None;
        Ok(status)
    }

    /// What it is called in a sentence.
    pub(super) fn program(&self) -> &str {
        &self.program
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(group) = self.group.take() {
            // It may have ended in this moment.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
