//! The owner lock: one agent for one vault. A lock of the system on `owner.lock` beside the records, so that
//! its reach is that of the credentials (S-21) and it ends with its process, however that ends (S-23).

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use doorkey_client::words::Refusal;
use rustix::fs::OFlags;

use super::error::StoreError;
use super::folder::{self, Folder};

const NAME: &str = "owner.lock";

/// Held by the agent. Released when it is dropped or its process ends; the file stays, because removing it
/// would let two processes hold two different locks of one name. Children do not inherit it (S-24).
#[derive(Debug)]
pub struct OwnerLock {
    held: File,
}

impl Drop for OwnerLock {
    fn drop(&mut self) {
        // By name: closing alone would leave it with a child that was forked and has not begun its program yet.
        let _ = self.held.unlock();
    }
}

/// Why somebody is not the agent.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LockError {
    /// Another process is.
    #[error("another process is the agent")]
    Held {
        /// Its process, once it has said so.
        pid: Option<u32>,
        /// Its socket, once it has said so.
        socket: Option<PathBuf>,
    },
    /// There is no telling (S-22): without the lock nobody may renew.
    #[error("the owner lock cannot be taken")]
    Unavailable(#[source] StoreError),
}

impl OwnerLock {
    /// Takes the lock of the vault in `dir` without waiting, and tells others where to ask: `socket`.
    ///
    /// # Errors
    /// [`LockError::Held`] when somebody else has it: connect to them, or try again.
    pub fn take(dir: &Path, socket: &Path) -> Result<Self, LockError> {
        let folder = Folder::open_or_make(dir).map_err(LockError::Unavailable)?;
        let path = folder.join(NAME);
        let unavailable = |error| LockError::Unavailable(StoreError::from_io("lock", &path, error));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
        let mut file = options.open(&path).map_err(|error| {
            if folder::is_link(&error) {
                LockError::Unavailable(StoreError::UnsafePermissions { path: path.clone(), why: "it is a link" })
            } else {
                unavailable(error)
            }
        })?;
        folder::own(&file, &path, 0o600).map_err(LockError::Unavailable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held_by(&mut file)),
            Err(TryLockError::Error(error)) => return Err(unavailable(error)),
        }
        let words = [std::process::id().to_string().as_bytes(), b"\n", socket.as_os_str().as_bytes(), b"\n"].concat();
        file.set_len(0).and_then(|()| file.write_all(&words)).and_then(|()| file.sync_data()).map_err(unavailable)?;
        Ok(Self { held: file })
    }
}

impl LockError {
    /// For the one who asked.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::Held { pid, .. } => {
                let who = pid.map_or(String::new(), |pid| format!(" (process {pid})"));
                let message = format!("Another Doorkey{who} owns the saved sign-ins and did not answer.");
                Refusal::new("store.lock_busy", message, "Wait for it or end it, then try again.").retryable()
            }
            Self::Unavailable(error) => error.refusal(),
        }
    }
}

/// What the holder wrote; it may be half written, as it is written after locking.
fn held_by(file: &mut File) -> LockError {
    let mut words = Vec::new();
    let read = file.rewind().and_then(|()| file.take(8192).read_to_end(&mut words));
    let mut lines = words.split(|&byte| byte == b'\n');
    let mut whole_line = || lines.next().filter(|_| read.is_ok());
    let pid = whole_line().and_then(|line| std::str::from_utf8(line).ok()?.parse().ok());
    let socket = whole_line().filter(|line| words.ends_with(b"\n") && !line.is_empty());
    LockError::Held { pid, socket: socket.map(|line| PathBuf::from(std::ffi::OsStr::from_bytes(line))) }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    const CHILD: &str = "DOORKEY_TEST_LOCK_DIR";

    /// the lock is held | `store.lock_busy` names who has it; who has no lock sends nothing
    #[test]
    fn the_second_to_ask_learns_who_is_the_first() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let socket = Path::new("/run/user/1000/doorkey/agent.sock");
        let first = OwnerLock::take(home.path(), socket).expect("nobody has it");
        let refused = OwnerLock::take(home.path(), Path::new("/other")).expect_err("the first has it");
        let LockError::Held { pid, socket: told } = &refused else { panic!("it is held: {refused}") };
        assert_eq!((*pid, told.as_deref()), (Some(std::process::id()), Some(socket)));
        assert_eq!((refused.refusal().code.as_str(), refused.refusal().exit_code()), ("store.lock_busy", 75));

        drop(first);
        assert!(home.path().join(NAME).exists(), "the file is never deleted");
        OwnerLock::take(home.path(), Path::new("/other")).expect("the first let go");
    }

    #[test]
    fn two_vaults_have_two_locks() {
        let (one, two) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let _first = OwnerLock::take(one.path(), Path::new("/s")).expect("nobody has it");
        let _second = OwnerLock::take(two.path(), Path::new("/s")).expect("nobody has it");
    }

    #[test]
    fn a_link_is_no_lock() {
        let home = tempfile::tempdir().expect("a temporary folder");
        std::os::unix::fs::symlink("/dev/null", home.path().join(NAME)).expect("links work here");
        let refused = OwnerLock::take(home.path(), Path::new("/s")).expect_err("it is a link");
        assert_eq!(refused.refusal().code, "store.unsafe_permissions");
    }

    /// Not a test of its own: what the processes of the next two tests do.
    #[test]
    fn child_takes_the_lock_and_holds_it() {
        let Some(dir) = std::env::var_os(CHILD) else { return };
        let taken = OwnerLock::take(Path::new(&dir), Path::new("/child"));
        // By a file, not by the output: the test harness writes there too.
        let word = if taken.is_ok() { "taken" } else { "held" };
        let mut answer = Path::new(&dir).join(word).into_os_string();
        answer.push(format!("-{}", std::process::id()));
        std::fs::write(&answer, b"").expect("there is room");
        let mut end = String::new();
        std::io::stdin().read_line(&mut end).expect("until the parent lets go");
    }

    fn child(dir: &Path) -> std::process::Child {
        let this = std::env::current_exe().expect("tests know their program");
        Command::new(this)
            .args(["--exact", "vault::lock::tests::child_takes_the_lock_and_holds_it"])
            .env(CHILD, dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("it is this very program")
    }

    fn answers(dir: &Path, word: &str) -> usize {
        let names = std::fs::read_dir(dir).expect("it can be listed");
        names.filter(|n| n.as_ref().is_ok_and(|n| n.file_name().to_string_lossy().starts_with(word))).count()
    }

    fn wait_for_answers(dir: &Path, count: usize) {
        while answers(dir, "taken-") + answers(dir, "held-") < count {
            std::thread::yield_now();
        }
    }

    #[test]
    fn of_many_processes_that_race_one_wins() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let mut children: Vec<_> = (0..6).map(|_| child(home.path())).collect();
        wait_for_answers(home.path(), children.len());
        assert_eq!((answers(home.path(), "taken-"), answers(home.path(), "held-")), (1, 5));
        for child in &mut children {
            drop(child.stdin.take());
            assert!(child.wait().expect("it ends").success());
        }
        OwnerLock::take(home.path(), Path::new("/s")).expect("all have ended");
    }

    /// S-23: the holder is killed | the lock ends with it, and the next has it at once
    /// S-24: the holder has started another program | it does not keep the lock
    #[test]
    fn a_killed_holder_leaves_no_lock_behind_and_its_children_do_not_keep_it() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let mut holder = child(home.path());
        wait_for_answers(home.path(), 1);
        OwnerLock::take(home.path(), Path::new("/s")).expect_err("the child has it");
        holder.kill().expect("it is ours");
        holder.wait().expect("it was killed");

        let lock = OwnerLock::take(home.path(), Path::new("/s")).expect("its holder is dead");
        let mut heir = Command::new("cat").stdin(Stdio::piped()).spawn().expect("cat is everywhere");
        drop(lock);
        OwnerLock::take(home.path(), Path::new("/s")).expect("a child of ours did not inherit it");
        drop(heir.stdin.take());
        heir.wait().expect("it ends with its input");
    }
}
