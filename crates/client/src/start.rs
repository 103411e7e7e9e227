//! An agent for a program that needs one and finds none: `doorkey agent`, which serves until it is told to stop.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::ClientError;
use crate::words::ErrorBody;

/// From its start to its socket (L-T13).
const LONGEST_START: Duration = Duration::from_secs(10);

/// The `doorkey` beside this program's own file, or the first in `PATH`. Folders that are named from where a program
/// happens to run are not looked into.
pub(crate) fn program() -> Option<PathBuf> {
    let here = env::current_exe().ok().and_then(|this| Some(this.parent()?.to_owned()));
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = here.into_iter().chain(env::split_paths(&path)).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join("doorkey")).find(|program| is_program(program))
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

/// Starts it once, and waits until it serves. It outlives this program, and a Ctrl-C at this program's terminal.
pub(crate) fn agent(program: &Path) -> Result<(), ClientError> {
    agent_within(program, LONGEST_START)
}

fn agent_within(program: &Path, limit: Duration) -> Result<(), ClientError> {
    let failed = |why: String| ClientError::NotStarted { program: program.to_owned(), why };
    let mut command = Command::new(program);
    command.args(["agent", "--json"]).current_dir("/").process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
    let (tell, told) = mpsc::channel();
    let stdout = child.stdout.take();
    thread::spawn(move || {
        let mut line = String::new();
        if let Some(stdout) = stdout {
            let _ = BufReader::new(stdout).read_line(&mut line);
        }
        let _ = tell.send(line);
        // Whoever started a process must ask how it ended.
        let _ = child.wait();
    });
    let line = told.recv_timeout(limit).map_err(|_| failed(format!("it was not there after {limit:?}")))?;
    match serde_json::from_str::<serde_json::Value>(&line) {
        Ok(serving) if serving.get("socket").is_some() => Ok(()),
        _ => Err(match serde_json::from_str::<ErrorBody>(&line) {
            Ok(body) => ClientError::Refused(Box::new(body.error)),
            Err(_) => failed("it ended without a word".to_owned()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn script(folder: &Path, text: &str) -> PathBuf {
        let program = folder.join("doorkey");
        // Written under another name: a file that is open for writing cannot be started.
        fs::write(folder.join("new"), format!("#!/bin/sh\n{text}\n")).expect("a file");
        fs::set_permissions(folder.join("new"), fs::Permissions::from_mode(0o700)).expect("ours");
        fs::rename(folder.join("new"), &program).expect("renamed");
        program
    }

    /// L-T13: what is started as the agent hangs, ends or refuses | told within a time, in its words where it has some
    #[test]
    fn what_does_not_become_an_agent_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let told = |text: &str| match agent_within(&script(folder.path(), text), Duration::from_millis(500)) {
            Ok(()) => "it serves".to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(told(r#"[ "$*" = "agent --json" ] && echo '{"here":true,"socket":"/x"}'"#), "it serves");
        assert!(told("exec sleep 5").ends_with("it was not there after 500ms"));
        assert!(told("exit 1").ends_with("it ended without a word"));
        assert!(told("echo Hello").ends_with("it ended without a word"));
        let refusal = r#"{"version":1,"error":{"code":"store.no_folder","message":"No folder.","retryable":false}}"#;
        assert_eq!(told(&format!("echo '{refusal}'")), "No folder.");
        let missing = agent_within(Path::new("/nonexistent/doorkey"), LONGEST_START).expect_err("there is none");
        assert!(matches!(missing, ClientError::NotStarted { .. }), "{missing}");
    }

    #[test]
    fn only_what_can_be_started_is_a_program() {
        let folder = tempfile::tempdir().expect("a folder");
        let program = script(folder.path(), "");
        assert!(is_program(&program));
        fs::set_permissions(&program, fs::Permissions::from_mode(0o600)).expect("ours");
        assert!(!is_program(&program) && !is_program(folder.path()) && !is_program(&folder.path().join("none")));
    }
}
