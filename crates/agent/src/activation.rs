//! What a service manager such as systemd does for the agent: it listens before there is one (`sd_listen_fds(3)`), and
//! it is told when the agent serves and when it stops (`sd_notify(3)`).

use std::env;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener};
use std::path::{Path, PathBuf};

use doorkey_client::Paths;
use doorkey_client::words::Refusal;
use listenfd::ListenFd;

use crate::server;

/// The agent's socket, as a service manager passed it to this process.
#[derive(Debug)]
pub struct PassedSocket(UnixListener);

/// Why a socket that was passed is not served on: somebody else could be behind it, or wait for something else.
#[derive(Debug, thiserror::Error)]
pub enum ActivationError {
    /// The agent has one socket.
    #[error("the service manager passed {0} sockets, and the agent has one")]
    NotOne(usize),
    /// The descriptor is something else.
    #[error("what the service manager passed is no Unix stream socket that listens")]
    NotListening(#[source] Option<io::Error>),
    /// Nobody would look for the agent there.
    #[error("the service manager listens on {}, and programs look for the agent on {}", .found.display(), .expected.display())]
    Elsewhere {
        /// Where it listens.
        found: PathBuf,
        /// Where it must.
        expected: PathBuf,
    },
    /// Somebody else may connect, or may put another socket there.
    #[error("{} {why}", .path.display())]
    Unsafe {
        /// The socket or its folder.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl ActivationError {
    /// As the refusal to show.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let mut message = self.to_string();
        if message.starts_with("the ") {
            message.replace_range(..1, "T");
        }
        let hint =
            "Use the units that `doorkey agent install` writes; what they are changed to must keep socket and modes.";
        Refusal::new("broker.passed_socket", format!("{message}."), hint)
    }
}

impl PassedSocket {
    /// The socket that was passed to this process; nothing where none was. The variables are removed from the
    /// environment and the descriptor is closed on exec, so that no child takes it for its own. To be called before
    /// any thread is started.
    ///
    /// # Errors
    /// When it is not the agent's socket, or not this user's alone.
    pub fn from_env(paths: &Paths) -> Result<Option<Self>, ActivationError> {
        // `listenfd` would also take descriptors that are meant for nobody in particular.
        if env::var("LISTEN_PID").ok().and_then(|pid| pid.parse().ok()) != Some(std::process::id()) {
            return Ok(None);
        }
        let mut passed = ListenFd::from_env();
        match passed.len() {
            0 => return Ok(None),
            1 => {}
            many => return Err(ActivationError::NotOne(many)),
        }
        let listener = passed.take_unix_listener(0).map_err(|error| ActivationError::NotListening(Some(error)))?;
        let listener = listener.ok_or(ActivationError::NotListening(None))?;
        Self::checked(listener, &paths.socket()).map(Some)
    }

    fn checked(listener: UnixListener, path: &Path) -> Result<Self, ActivationError> {
        let not_listening = |error: io::Error| ActivationError::NotListening(Some(error));
        match rustix::net::sockopt::socket_acceptconn(&listener) {
            Ok(true) => {}
            Ok(false) => return Err(ActivationError::NotListening(None)),
            Err(error) => return Err(not_listening(error.into())),
        }
        let address = listener.local_addr().map_err(not_listening)?;
        let found = address.as_pathname().unwrap_or(Path::new("no path"));
        if !same_place(found, path) {
            return Err(ActivationError::Elsewhere { found: found.to_owned(), expected: path.to_owned() });
        }
        ours_alone(path)?;
        listener.set_nonblocking(true).map_err(not_listening)?;
        Ok(Self(listener))
    }

    /// Tells everybody who waits why nobody comes.
    pub(crate) fn refuse(&self, refusal: &Refusal) {
        while let Ok((stream, _)) = self.0.accept() {
            server::turned_away(stream, refusal);
        }
    }

    pub(crate) fn into_listener(self) -> UnixListener {
        self.0
    }
}

/// The same socket's file in the same folder, however the folder is called.
fn same_place(one: &Path, other: &Path) -> bool {
    let resolved = |path: &Path| Some((path.parent()?.canonicalize().ok()?, path.file_name()?.to_owned()));
    one == other || resolved(one).is_some_and(|place| resolved(other) == Some(place))
}

/// What a client asks of it as well, before it sends anything (B-02).
fn ours_alone(path: &Path) -> Result<(), ActivationError> {
    let me = rustix::process::geteuid().as_raw();
    for (path, is_socket) in [(path.parent().unwrap_or(path), false), (path, true)] {
        let wrong = |why: String| Err(ActivationError::Unsafe { path: path.to_owned(), why });
        let about = match path.symlink_metadata() {
            Ok(about) => about,
            Err(error) => return wrong(format!("cannot be looked at: {error}")),
        };
        if (is_socket && !about.file_type().is_socket()) || (!is_socket && !about.is_dir()) {
            return wrong("is something else than it must be".to_owned());
        }
        if about.uid() != me {
            return wrong(format!("belongs to user {}", about.uid()));
        }
        if about.mode() & 0o077 != 0 {
            return wrong(format!("is open to others (mode {:03o})", about.mode() & 0o777));
        }
    }
    Ok(())
}

/// What a service manager is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The agent serves.
    Ready,
    /// It has begun to stop.
    Stopping,
}

/// Tells the service manager, where one wants to be told. It is no reason to stop when it cannot be.
pub fn notify(notice: Notice) {
    let Some(socket) = env::var_os("NOTIFY_SOCKET").filter(|socket| !socket.is_empty()) else { return };
    let state: &[u8] = match notice {
        Notice::Ready => b"READY=1",
        Notice::Stopping => b"STOPPING=1",
    };
    if let Err(error) = told(socket.as_bytes(), state) {
        tracing::warn!(%error, "the service manager could not be told");
    }
}

fn told(socket: &[u8], state: &[u8]) -> io::Result<()> {
    let address = match socket.strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(Path::new(std::ffi::OsStr::from_bytes(socket)))?,
    };
    UnixDatagram::unbound()?.send_to_addr(state, &address).map(drop)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, DirBuilder, Permissions};
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};

    use super::*;

    /// A folder and a socket in it, as the units have them.
    fn listening() -> (tempfile::TempDir, PathBuf, UnixListener) {
        let folder = tempfile::tempdir().expect("a folder");
        DirBuilder::new().mode(0o700).create(folder.path().join("doorkey")).expect("a folder");
        let path = folder.path().join("doorkey/agent.sock");
        let listener = UnixListener::bind(&path).expect("it is bound");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("it is ours");
        (folder, path, listener)
    }

    #[test]
    fn the_agents_socket_is_taken_by_whatever_name_its_folder_has() {
        let (folder, path, listener) = listening();
        let again = listener.try_clone().expect("a second descriptor");
        PassedSocket::checked(listener, &path).expect("it is the agent's");
        std::os::unix::fs::symlink(folder.path(), folder.path().join("link")).expect("a link");
        PassedSocket::checked(again, &folder.path().join("link/doorkey/agent.sock")).expect("the same folder");
    }

    #[test]
    fn a_socket_at_another_place_is_refused() {
        let (folder, path, listener) = listening();
        let expected = folder.path().join("doorkey/other.sock");
        let refused = PassedSocket::checked(listener, &expected).expect_err("nobody looks there");
        assert!(matches!(&refused, ActivationError::Elsewhere { found, .. } if *found == path), "{refused}");
        let refusal = refused.refusal();
        assert_eq!((refusal.code.as_str(), refusal.exit_code()), ("broker.passed_socket", 69));
        assert!(refusal.message.starts_with("The service manager listens on "), "{refusal:?}");
    }

    #[test]
    fn what_others_may_reach_is_refused_with_the_part_that_is_wrong() {
        let (_folder, path, listener) = listening();
        let refused = |listener: &UnixListener| {
            let listener = listener.try_clone().expect("a second descriptor");
            PassedSocket::checked(listener, &path).expect_err("others may").to_string()
        };
        fs::set_permissions(&path, Permissions::from_mode(0o666)).expect("it is ours");
        assert!(refused(&listener).contains("agent.sock is open to others (mode 666)"));
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("it is ours");
        let folder = path.parent().expect("a folder");
        fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("it is ours");
        assert!(refused(&listener).contains("doorkey is open to others (mode 755)"));
        fs::remove_file(&path).expect("removed");
        fs::set_permissions(folder, Permissions::from_mode(0o700)).expect("it is ours");
        assert!(refused(&listener).contains("cannot be looked at"));
    }

    #[test]
    fn the_service_manager_is_told_by_path_and_by_abstract_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notify");
        let name = format!("doorkey-test-{}", std::process::id());
        let by_path = UnixDatagram::bind(&path).expect("it is bound");
        let address = SocketAddr::from_abstract_name(&name).expect("a name");
        let by_name = UnixDatagram::bind_addr(&address).expect("it is bound");
        for (socket, manager) in [(path.as_os_str().as_bytes(), by_path), (format!("@{name}").as_bytes(), by_name)] {
            told(socket, b"READY=1").expect("told");
            let mut words = [0; 64];
            let length = manager.recv(&mut words).expect("it is there");
            assert_eq!(&words[..length], b"READY=1");
        }
    }
}
