//! Starting and stopping.

use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::desk::Facts;
use crate::keys::{KeyRing, KeySet};
use crate::serve::{Idp, router};
use crate::server::{self, Command};
use crate::state::State;
use crate::{Endpoint, Judged, Knobs, Log, Person, Settings, log, seen};

/// Why a provider did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port could not be had.
    #[error("no port on 127.0.0.1 could be listened on")]
    Listen(#[source] io::Error),
    /// The settings make no provider.
    #[error("the issuer's path must be empty or begin with a slash, of letters, digits, `-`, `_` and `.`: {0:?}")]
    Path(String),
    /// No signing key.
    #[error("the signing keys could not be made")]
    Keys,
}

/// A provider that listens. Dropping it stops it.
pub struct Running {
    idp: Arc<Idp>,
    commands: mpsc::Sender<Command>,
    server: JoinHandle<()>,
}

/// Starts a provider on 127.0.0.1; it listens when this returns.
///
/// # Errors
/// [`StartError`] when the port is taken, the path is no path, or no key could be made.
pub async fn start(settings: Settings) -> Result<Running, StartError> {
    let base = settings.path.strip_suffix('/').unwrap_or(&settings.path).to_owned();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    if !(settings.path.is_empty() || settings.path.starts_with('/')) || !base.bytes().all(fits) || base.contains("//") {
        return Err(StartError::Path(settings.path));
    }
    let keys = tokio::task::spawn_blocking(KeySet::generate);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port)).await.map_err(StartError::Listen)?;
    let at = listener.local_addr().map_err(StartError::Listen)?;
    let keys = keys.await.ok().and_then(Result::ok).ok_or(StartError::Keys)?;

    let authority = at.to_string();
    let issuer = format!("http://{authority}{}", settings.path);
    let state = Mutex::new(State::new(&settings, KeyRing::new(keys)));
    let log = Log::with_room_for(if settings.seen { log::FOR_PEOPLE } else { log::FOR_TESTS });
    let idp = Arc::new(Idp { facts: Facts { settings, authority, issuer, base }, state, log });
    let (commands, inbox) = mpsc::channel(1);
    let server = tokio::spawn(server::run(listener, at, router(&idp), inbox));
    Ok(Running { idp, commands, server })
}

impl Running {
    /// The issuer, byte for byte as in metadata and tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.idp.facts.issuer
    }

    /// The address of an endpoint.
    #[must_use]
    pub fn url(&self, endpoint: Endpoint) -> String {
        self.idp.facts.url(endpoint)
    }

    /// Who can sign in.
    #[must_use]
    pub fn people(&self) -> &[Person] {
        &self.idp.facts.settings.people
    }

    /// What it was asked.
    #[must_use]
    pub fn log(&self) -> Log {
        self.idp.log.clone()
    }

    /// The page that tells what clients sent; nothing without [`Settings::seen`].
    #[must_use]
    pub fn seen_url(&self) -> Option<String> {
        let facts = &self.idp.facts;
        facts.settings.seen.then(|| format!("http://{}{}", facts.authority, seen::Form::Page.path(&facts.base)))
    }

    /// Whether the client ended as it must, as far as a provider can see.
    #[must_use]
    pub fn judged(&self) -> Judged {
        seen::judge(self.idp.lock().behaviour.misbehaviour, &self.idp.log.entries(), 0)
    }

    /// What can be changed while it runs.
    #[must_use]
    pub fn knobs(&self) -> Knobs {
        Knobs(Arc::clone(&self.idp))
    }

    /// Closes the listener and every connection, so that new ones are refused. Nothing is forgotten.
    pub async fn go_offline(&self) {
        let (done, ack) = oneshot::channel();
        // A server that is gone is offline.
        if self.commands.send(Command::GoOffline(done)).await.is_ok() {
            let _ = ack.await;
        }
    }

    /// Listens again on the same port, after [`Running::go_offline`].
    ///
    /// # Errors
    /// When another program has taken the port.
    pub async fn come_back(&self) -> io::Result<()> {
        let (done, ack) = oneshot::channel();
        let gone = || io::Error::other("the server has ended");
        self.commands.send(Command::ComeBack(done)).await.map_err(|_| gone())?;
        ack.await.map_err(|_| gone())?
    }

    /// Stops; the port is free when this returns.
    pub async fn stop(mut self) {
        self.server.abort();
        // The outcome is the abort itself.
        let _ = (&mut self.server).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("issuer", &self.idp.facts.issuer).finish_non_exhaustive()
    }
}
