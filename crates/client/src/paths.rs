//! Where Doorkey's files are: decided by the XDG variables, nowhere else.

use std::env;
use std::path::{Path, PathBuf};

/// A socket address on Unix holds at most 107 bytes and the closing NUL (`sun_path`).
const LONGEST_SOCKET_PATH: usize = 107;

/// The folders and files of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// `profiles.toml`, `network.toml`, `policy.toml` and `window.toml`: files for people to read and edit.
    pub config: PathBuf,
    /// The vault.
    pub data: PathBuf,
    /// The journal and other things that may be lost.
    pub state: PathBuf,
    /// The agent's socket. Mode 0700, owned by the user.
    pub runtime: PathBuf,
}

/// Why the folders cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum PathsError {
    /// Neither `HOME` nor the XDG variable is set.
    #[error("`HOME` is not set, and neither is `{0}`")]
    NoHome(&'static str),
    /// The socket's path is longer than the system takes.
    #[error("the path of the agent's socket has {0} bytes, the system takes {LONGEST_SOCKET_PATH}: {1}")]
    TooLong(usize, PathBuf),
}

impl Paths {
    /// From `XDG_CONFIG_HOME`, `XDG_DATA_HOME`, `XDG_STATE_HOME` and `XDG_RUNTIME_DIR`, or their defaults under `HOME`.
    /// Relative values are ignored, as the XDG Base Directory Specification says. Without `XDG_RUNTIME_DIR` the
    /// socket is in the state folder.
    ///
    /// # Errors
    /// When there is no home folder, or the socket's path would be too long for the system.
    pub fn from_env() -> Result<Self, PathsError> {
        let home = |variable: &'static str, below: &str| match absolute(variable) {
            Some(path) => Ok(path.join("doorkey")),
            None => match absolute("HOME") {
                Some(home) => Ok(home.join(below).join("doorkey")),
                None => Err(PathsError::NoHome(variable)),
            },
        };
        let config = home("XDG_CONFIG_HOME", ".config")?;
        let data = home("XDG_DATA_HOME", ".local/share")?;
        let state = home("XDG_STATE_HOME", ".local/state")?;
        let runtime = match absolute("XDG_RUNTIME_DIR") {
            Some(path) => path.join("doorkey"),
            None => state.join("run"),
        };
        let paths = Self { config, data, state, runtime };
        let length = paths.socket().as_os_str().len();
        if length > LONGEST_SOCKET_PATH {
            return Err(PathsError::TooLong(length, paths.socket()));
        }
        Ok(paths)
    }

    /// Everything below one folder: for trials and tests that must not touch the user's own files.
    #[must_use]
    pub fn below(folder: &Path) -> Self {
        Self {
            config: folder.join("config"),
            data: folder.join("data"),
            state: folder.join("state"),
            runtime: folder.join("run"),
        }
    }

    /// The agent's socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.runtime.join("agent.sock")
    }

    /// The profiles.
    #[must_use]
    pub fn profiles(&self) -> PathBuf {
        self.config.join("profiles.toml")
    }

    /// How providers are reached.
    #[must_use]
    pub fn network(&self) -> PathBuf {
        self.config.join("network.toml")
    }

    /// Which program may have what, where nobody is there to be asked.
    #[must_use]
    pub fn policy(&self) -> PathBuf {
        self.config.join("policy.toml")
    }

    /// How the window behaves.
    #[must_use]
    pub fn window(&self) -> PathBuf {
        self.config.join("window.toml")
    }

    /// Which program may have what, as it was decided.
    #[must_use]
    pub fn consents(&self) -> PathBuf {
        self.data.join("consents.json")
    }

    /// The sealed files.
    #[must_use]
    pub fn vault(&self) -> PathBuf {
        self.data.join("vault")
    }

    /// How often each sealed file was written. It stands apart from the files, so that old ones put back are noticed.
    #[must_use]
    pub fn vault_mark(&self) -> PathBuf {
        self.state.join("vault.mark")
    }

    /// The journal.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.state.join("journal")
    }
}

fn absolute(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}
