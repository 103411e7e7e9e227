//! What a service manager does for the agent: it listens, and passes its socket on to one process after the other.

use std::fs::{self, DirBuilder, Permissions};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::process::Stdio;

use tokio::process::Command;

use crate::household::AgentProcess;
use crate::{Household, program};

/// Takes the socket from standard input, as `sd_listen_fds(3)` has it: number 3, for the process that this one becomes.
const PASS: &str = r#"exec 3<&0 0</dev/null; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=agent exec "$0" "$@""#;

/// The manager, and the socket it listens on.
pub struct Service {
    listener: UnixListener,
    notices: UnixDatagram,
}

impl Service {
    /// Begins to listen where this household's programs look for their agent.
    ///
    /// # Panics
    /// When that is not possible.
    #[must_use]
    pub fn of(home: &Household) -> Self {
        let path = home.paths().socket();
        let folder = path.parent().expect("it is in a folder");
        DirBuilder::new().recursive(true).mode(0o700).create(folder).expect("a folder");
        let listener = UnixListener::bind(&path).expect("it is bound");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("it is ours");
        listener.set_nonblocking(true).expect("as systemd has it");
        let notices = UnixDatagram::bind(home.folder().join("notify")).expect("it is bound");
        notices.set_nonblocking(true).expect("it can be asked");
        Self { listener, notices }
    }

    /// `doorkey` with these arguments and the socket, not started yet.
    ///
    /// # Panics
    /// When the system gives no second descriptor.
    #[must_use]
    pub fn command(&self, home: &Household, arguments: &[&str]) -> Command {
        self.passing(home, arguments, self.listener.try_clone().expect("a second descriptor").into())
    }

    /// The same with any descriptor.
    ///
    /// # Panics
    /// When the program's path is no text.
    #[must_use]
    pub fn passing(&self, home: &Household, arguments: &[&str], descriptor: OwnedFd) -> Command {
        let mut command = home.command(&[]);
        let mut passing = Command::new("/bin/sh");
        let environment = command.as_std().get_envs();
        passing.env_clear().envs(environment.filter_map(|(name, value)| Some((name, value?))));
        passing.env("NOTIFY_SOCKET", home.folder().join("notify"));
        passing.args(["-c", PASS, program::doorkey().to_str().expect("text")]).args(arguments);
        command = passing;
        command.stdin(Stdio::from(descriptor)).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Starts the agent, and waits until it serves.
    pub async fn start(&self, home: &Household) -> AgentProcess {
        AgentProcess::start(self.command(home, &["agent", "--json"])).await
    }

    /// What the manager has been told since it was asked last.
    #[must_use]
    pub fn notices(&self) -> Vec<String> {
        let mut words = [0; 4096];
        std::iter::from_fn(|| self.notices.recv(&mut words).ok().map(|length| text(&words[..length]))).collect()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
