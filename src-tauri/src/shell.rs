//! What the program holds for as long as it runs.

use std::collections::HashSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use doorkey_client::words::Refusal;
use tauri::{AppHandle, Manager, Runtime};
use tokio::sync::watch;

use crate::able::{self, Able};
use crate::clipboard::Clipboard;
use crate::commands::Reveals;
use crate::demo::Demo;
use crate::geometry::Remembered;
use crate::link::Link;
use crate::overview::{self, Overview};
use crate::scenarios::Scenarios;
use crate::settings::Kept;
use crate::watch::Place;
use crate::{autostart, notices, tray};

/// A renewal under way may take the provider's 30 s; the person who closes the window does not wait that long.
const LEAVE_WITHIN: Duration = Duration::from_secs(5);

/// What the commands work with.
pub(crate) struct Shell {
    pub(crate) link: Link,
    pub(crate) demo: Demo,
    pub(crate) clipboard: Clipboard,
    pub(crate) reveals: Reveals,
    pub(crate) scenarios: Scenarios,
    pub(crate) settings: Kept,
    pub(crate) geometry: Remembered,
    pub(crate) able: watch::Sender<Able>,
    pub(crate) overview: watch::Sender<Overview>,
    /// Where the pages are to go, until they do.
    pub(crate) places: watch::Sender<Option<Place>>,
    /// Whether the person is at the window.
    pub(crate) focused: watch::Sender<bool>,
    /// Whether there is an icon in the tray.
    pub(crate) in_tray: AtomicBool,
    /// Counts look-ups of providers: a newer one ends the older.
    pub(crate) discoveries: watch::Sender<u64>,
    /// Counts watchers: a reloaded page watches anew, and the page before it is told nothing more.
    pub(crate) watchers: watch::Sender<u64>,
    own_sign_ins: Mutex<HashSet<String>>,
}

impl Shell {
    pub(crate) fn over(link: Link) -> Self {
        let (settings, geometry) = match link.paths() {
            Ok(paths) => (Ok(paths.window()), Some(paths.state.join("window.json"))),
            Err(refusal) => (Err(refusal.clone()), None),
        };
        Self {
            link,
            demo: Demo::default(),
            clipboard: Clipboard::default(),
            reveals: Reveals::default(),
            scenarios: Scenarios::default(),
            settings: Kept::read(settings),
            geometry: Remembered::read(geometry),
            able: watch::Sender::default(),
            overview: watch::Sender::default(),
            places: watch::Sender::default(),
            focused: watch::Sender::default(),
            in_tray: AtomicBool::new(false),
            discoveries: watch::Sender::new(0),
            watchers: watch::Sender::new(0),
            own_sign_ins: Mutex::default(),
        }
    }

    /// Remembers a sign-in that was started in this window, so that the window comes forward at its end.
    pub(crate) fn remember_sign_in(&self, id: &str) {
        self.own_sign_ins.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned());
    }

    /// Whether a sign-in that is still under way was started here.
    pub(crate) fn started_here(&self, id: &str) -> bool {
        self.own_sign_ins.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }

    /// Whether a sign-in was started here; it is forgotten with the answer.
    pub(crate) fn forget_sign_in(&self, id: &str) -> bool {
        self.own_sign_ins.lock().unwrap_or_else(PoisonError::into_inner).remove(id)
    }

    /// Leaves in order: nothing of scenarios goes on, no token on the clipboard, no demo profile without its provider, the agent's work finished.
    pub(crate) async fn leave(&self) {
        let leaving = async {
            self.clipboard.clear_secret().await;
            self.demo.stop(&self.link).await;
            self.link.leave().await;
        };
        // Scenarios have agents of their own: how long those take is not taken from this one's time. What is not finished
        // then is found by the next agent: the vault is consistent at every moment.
        let leaving = tokio::time::timeout(LEAVE_WITHIN, leaving);
        let _ = tokio::join!(leaving, tokio::time::timeout(LEAVE_WITHIN, self.scenarios.leave()));
    }
}

/// Starts or finds the agent, and tidies what an earlier run left.
pub(crate) fn begin<R: Runtime>(app: &AppHandle<R>) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let shell = app.state::<Shell>();
        // Why there is no agent is told to whoever watches.
        if let Ok(client) = shell.link.client().await {
            crate::demo::remove_leftovers(&client).await;
        }
    });
}

/// Does what goes on beside the window for as long as the program runs.
pub(crate) fn stand_by<R: Runtime>(app: &AppHandle<R>) {
    let shell = app.state::<Shell>();
    if shell.settings.now().autostart {
        tauri::async_runtime::spawn_blocking(autostart::refresh);
    }
    tauri::async_runtime::spawn(able::keep(shell.able.clone()));
    tauri::async_runtime::spawn(overview::keep(app.clone()));
    tauri::async_runtime::spawn(tray::keep(app.clone()));
    tauri::async_runtime::spawn(notices::keep(app.clone()));
}

/// Does what waits for a disk on a thread that nobody else waits for.
pub(crate) async fn apart<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    match tauri::async_runtime::spawn_blocking(act).await {
        Ok(answer) => answer,
        Err(error) => Err(Refusal::new("bug.host", format!("The window failed at this: {error}."), "Try again.")),
    }
}
