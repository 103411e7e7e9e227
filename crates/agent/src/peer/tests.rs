use std::fs;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::*;

/// A copy of a real program, so that two files run the same.
fn copy_of_sleep(folder: &Path, name: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    fs::copy("/bin/sleep", &path).expect("every Linux has it");
    path
}

/// Ended when dropped.
struct Running(Child);

impl Running {
    fn start(program: &Path) -> Self {
        Self(Command::new(program).arg("600").stdin(Stdio::null()).spawn().expect("it starts"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn requests_of_this_process_count_as_it_was_told() {
    let (one, _other) = UnixStream::pair().expect("a pair");
    let person = Peers::new(OwnRequests::Person).peer(&one, rustix::process::geteuid().as_raw()).expect("it is told");
    assert!(matches!(person.who(), Who::Ourselves) && person.is_doorkey());
    let caller = Peers::new(OwnRequests::Caller).peer(&one, rustix::process::geteuid().as_raw()).expect("it is told");
    assert!(caller.is_doorkey());
    let Who::Program { program, command: Some(command) } = caller.who() else { panic!("{caller:?}") };
    assert_eq!(command.pid, std::process::id());
    assert_ne!(program.pid, command.pid);
    assert_eq!(caller.pid(), program.pid);
}

#[test]
fn another_users_program_is_nobody() {
    let (one, _other) = UnixStream::pair().expect("a pair");
    let other_user = rustix::process::geteuid().as_raw() + 1;
    assert!(Peers::new(OwnRequests::Person).peer(&one, other_user).is_none());
}

/// B-07: a caller in another process namespace, which has no number here | an unknown program
#[test]
fn a_process_without_a_number_is_an_unknown_program() {
    let (is_doorkey, who) = Peers::new(OwnRequests::Person).who(0);
    assert!(!is_doorkey && matches!(who, Who::Unknown));
}

#[test]
fn a_program_that_has_ended_is_not_there_any_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = Running::start(&copy_of_sleep(folder.path(), "one"));
    let (_, who) = Peers::new(OwnRequests::Person).who(running.0.id());
    let caller = Peer { pid: running.0.id(), is_doorkey: false, who };
    assert_eq!(caller.still(), Ok(()));
    drop(running);
    assert_eq!(caller.still().expect_err("gone").code, "broker.consent_changed");
}

#[test]
fn a_program_whose_file_was_removed_keeps_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = copy_of_sleep(folder.path(), "one");
    let running = Running::start(&path);
    let before = Process::of(running.0.id()).expect("it runs");
    fs::remove_file(&path).expect("removed");
    let after = Process::of(running.0.id()).expect("it runs");
    assert_eq!((after.path, after.file.inode), (before.path, before.file.inode));
}
