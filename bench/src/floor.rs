//! What the kernel allows: a server that writes the same answer for whatever it reads, with the fewest system calls
//! there can be. It parses, checks and records nothing.

use std::env;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use tempfile::TempDir;

/// The word for this program to be that server: `doorkey-bench bare-socket SOCKET`, the answer on standard input.
pub(crate) const WORD: &str = "bare-socket";

/// Such a server in a process of its own; ends with this value.
pub(crate) struct Floor {
    pub(crate) socket: PathBuf,
    child: Child,
    _folder: TempDir,
}

impl Floor {
    /// # Panics
    /// When it does not start.
    pub(crate) fn start(answer: &[u8]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("socket");
        let mut child = Command::new(env::current_exe().expect("this program has a path"))
            .arg(WORD)
            .arg(&socket)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        child.stdin.take().expect("piped").write_all(answer).expect("it reads");
        // It says a byte when it listens.
        child.stdout.take().expect("piped").read_exact(&mut [0]).expect("it listens");
        Self { socket, child, _folder: folder }
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn serve(socket: &Path) {
    let mut answer = Vec::new();
    std::io::stdin().read_to_end(&mut answer).expect("the answer");
    let answer: &'static [u8] = answer.leak();
    let listener = UnixListener::bind(socket).expect("a socket");
    // With the line's end, or it would stay in the buffer.
    std::io::stdout().write_all(b"!\n").expect("somebody waits");
    for stream in listener.incoming() {
        let mut stream = stream.expect("a connection");
        let mut bytes = [0; 4096];
        let read = stream.read(&mut bytes).unwrap_or(0);
        let keeps = !bytes[..read].windows(5).any(|word| word == b"close");
        if stream.write_all(answer).is_ok() && keeps {
            thread::spawn(move || go_on(stream, answer));
        }
    }
}

fn go_on(mut stream: UnixStream, answer: &[u8]) {
    let mut bytes = [0; 4096];
    while stream.read(&mut bytes).is_ok_and(|read| read > 0) && stream.write_all(answer).is_ok() {}
}
