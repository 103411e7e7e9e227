//! Where the agent listens: on a socket that it makes, or on one that a service manager keeps for it.
//!
//! However it ends, nobody is lost between two agents. Of a socket made here, everybody who is in its queue is taken
//! in, and whoever comes later is refused by the kernel, so that they know that nothing was sent. One that was passed
//! stays open at the manager's, and its queue waits for the next agent.

use std::fs::{self, DirBuilder, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::net::Shutdown;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A socket that is listened on.
pub(crate) struct Endpoint {
    listener: AsyncFd<UnixListener>,
    file: Arc<SocketFile>,
}

/// The file by which the socket is found.
pub(crate) struct SocketFile {
    path: PathBuf,
    whose: Mutex<Whose>,
}

/// Device and inode: the same path may lead to another socket meanwhile.
type Identity = (u64, u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// Made here, and to be removed here.
    Ours(Identity),
    /// It stays, with everybody who waits in its queue.
    Managers(Identity),
    Removed,
}

impl Endpoint {
    /// A socket of our own. The owner lock must be held: what is at its path is a dead owner's.
    ///
    /// # Errors
    /// When the folder is not this user's, or the system does not let the socket be made.
    pub(crate) fn made(path: &Path) -> io::Result<Self> {
        let listener = bound(path)?;
        let file = SocketFile { path: path.to_owned(), whose: Mutex::new(Whose::Ours(identity(path)?)) };
        Ok(Self { listener: watched(listener)?, file: Arc::new(file) })
    }

    /// A socket that a service manager listens on, at this path.
    ///
    /// # Errors
    /// When it is not there any more.
    pub(crate) fn passed(listener: UnixListener, path: &Path) -> io::Result<Self> {
        let file = SocketFile { path: path.to_owned(), whose: Mutex::new(Whose::Managers(identity(path)?)) };
        Ok(Self { listener: watched(listener)?, file: Arc::new(file) })
    }

    /// The file, for whoever removes it under the owner lock.
    pub(crate) fn file(&self) -> Arc<SocketFile> {
        Arc::clone(&self.file)
    }

    /// The next connection.
    pub(crate) async fn accept(&self) -> io::Result<UnixStream> {
        let accepted = self.listener.async_io(Interest::READABLE, UnixListener::accept).await;
        accepted.map(|(stream, _)| stream)
    }

    /// Makes the socket again where its path does not lead to it any more (B-T16).
    pub(crate) fn mend(&mut self) {
        if self.file.is_in_place() {
            return;
        }
        tracing::warn!(path = %self.file.path.display(), "the agent's socket is gone; it is made again");
        let made = bound(&self.file.path).and_then(|listener| {
            let whose = Whose::Ours(identity(&self.file.path)?);
            Ok((watched(listener)?, whose))
        });
        match made {
            Ok((listener, whose)) => {
                self.listener = listener;
                *self.file.whose() = whose;
            }
            Err(error) => tracing::warn!(%error, "the agent's socket could not be made again"),
        }
    }

    /// Stops listening. What comes back are those who connected before; nobody who comes later is among them.
    pub(crate) fn close(self) -> Vec<UnixStream> {
        if let Whose::Managers(_) = *self.file.whose() {
            return Vec::new();
        }
        self.file.remove();
        let listener = self.listener.get_ref();
        // From here on the kernel refuses to connect; the queue is still there.
        if let Err(error) = rustix::net::shutdown(listener, Shutdown::Read) {
            tracing::warn!(%error, "the agent's socket could not be closed in order");
        }
        std::iter::from_fn(|| listener.accept().ok()).map(|(stream, _)| stream).collect()
    }
}

impl SocketFile {
    /// Whether this is the service manager's.
    pub(crate) fn is_managed(&self) -> bool {
        matches!(*self.whose(), Whose::Managers(_))
    }

    /// Removes the file, if it was made here and is still there.
    pub(crate) fn remove(&self) {
        let mut whose = self.whose();
        if let Whose::Ours(ours) = *whose {
            *whose = Whose::Removed;
            if identity(&self.path).is_ok_and(|found| found == ours) {
                let _ = fs::remove_file(&self.path);
            }
        }
    }

    fn is_in_place(&self) -> bool {
        match *self.whose() {
            Whose::Ours(known) | Whose::Managers(known) => identity(&self.path).is_ok_and(|found| found == known),
            Whose::Removed => true,
        }
    }

    fn whose(&self) -> std::sync::MutexGuard<'_, Whose> {
        self.whose.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the folder where it is missing and the socket anew, for this user alone.
fn bound(path: &Path) -> io::Result<UnixListener> {
    let folder = path.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let about = folder.symlink_metadata()?;
    if !about.is_dir() || about.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::other(format!("{} is not a folder of this user", folder.display())));
    }
    if about.mode() & 0o077 != 0 {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

#[expect(deprecated, reason = "what replaces it is unsafe for types that change their descriptor; this one keeps it")]
fn watched(listener: UnixListener) -> io::Result<AsyncFd<UnixListener>> {
    AsyncFd::with_interest(listener, Interest::READABLE)
}

fn identity(path: &Path) -> io::Result<Identity> {
    path.symlink_metadata().map(|about: Metadata| (about.dev(), about.ino()))
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Read, Write};

    use super::*;

    #[tokio::test]
    async fn whoever_is_in_the_queue_is_taken_in_and_whoever_comes_later_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run/agent.sock");
        let endpoint = Endpoint::made(&path).expect("it is made");
        // By another name, as for somebody who has looked the path up and is about to connect.
        let second_name = folder.path().join("agent.sock");
        fs::hard_link(&path, &second_name).expect("a second name");
        let mut early: Vec<UnixStream> = (0..3).map(|_| UnixStream::connect(&path).expect("it listens")).collect();
        for stream in &mut early {
            stream.write_all(b"?").expect("sent");
        }
        let taken_in = endpoint.close();
        assert_eq!(taken_in.len(), 3);
        for mut stream in taken_in {
            stream.read_exact(&mut [0]).expect("what was sent is there");
        }
        assert!(!path.exists());
        assert_eq!(UnixStream::connect(&second_name).expect_err("closed").kind(), ErrorKind::ConnectionRefused);
    }

    #[tokio::test]
    async fn a_socket_that_was_passed_keeps_its_file_and_its_queue() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("agent.sock");
        let managers = UnixListener::bind(&path).expect("it is bound");
        let endpoint = Endpoint::passed(managers.try_clone().expect("a second descriptor"), &path).expect("passed");
        let file = endpoint.file();
        let mut early = UnixStream::connect(&path).expect("it listens");
        early.write_all(b"?").expect("sent");
        assert_eq!(endpoint.close().len(), 0);
        file.remove();
        UnixStream::connect(&path).expect("it listens still");
        let (mut next, _) = managers.accept().expect("the queue is there");
        next.read_exact(&mut [0]).expect("what was sent is there");
    }

    #[tokio::test]
    async fn another_sockets_file_is_not_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("agent.sock");
        let endpoint = Endpoint::made(&path).expect("it is made");
        fs::rename(&path, folder.path().join("aside")).expect("moved aside, so that no inode is used twice");
        let _others = UnixListener::bind(&path).expect("somebody else's");
        endpoint.close();
        assert!(path.exists());
    }
}
