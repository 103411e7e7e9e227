//! The built window on a screen of its own, as a person at that screen sees and uses it.
//!
//! A [`Desk`] is what stands before the window opens: a screen (Xvfb), a session bus with an unlocked keyring, a home,
//! and a browser for `$BROWSER`. A [`Window`] is the running program, driven over WebDriver. WebKitWebDriver starts it
//! itself: tauri-driver would rename one capability and set one variable, and be one more program to install.
//!
//! The program must be built with `--features tauri/custom-protocol,automation`: without the second no WebDriver can
//! drive it, and that is what is released.

mod driver;
mod panel;
mod screen;

use std::env;
use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use doorkey_client::words::{SignIn, Update};
use doorkey_client::{Client, Paths};
use doorkey_demo_idp::{Running, Settings, start};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tempfile::TempDir;
use tokio::process::{Child, Command};

pub use driver::{Driver, Refused};
pub use panel::{Item, Line, Notification, Notifications, Panel};
pub use screen::{Screen, Seen};

use crate::{Attempt, KeyringSession, PATIENCE, program, skipped, watch};

const TITLE: &str = "Doorkey";
/// How often a path is typed into a dialog, and how it is looked whether that has gone.
const TYPED_AT_MOST: u32 = 5;
const LOOKS: u32 = 20;
const LOOKS_AGAIN: Duration = Duration::from_millis(100);

/// How the desktop is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Dark text on light ground.
    Light,
    /// The other way round.
    Dark,
}

/// Who sits at the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// It opens and nothing happens in it: the story plays the person.
    Idle,
    /// Chromium, in which Ada signs in by the forms she is shown.
    Chromium,
}

/// A screen, a keyring, a home and a browser.
pub struct Desk {
    /// A provider to sign in with.
    pub provider: Running,
    /// The screen.
    pub screen: Screen,
    folder: TempDir,
    keyring: KeyringSession,
    story: String,
    program: PathBuf,
    browser: PathBuf,
}

/// The window, open.
pub struct Window {
    /// What it shows.
    pub page: Driver,
    /// The agent in it.
    pub agent: Arc<Client>,
    /// Its process.
    pub pid: Pid,
    log: PathBuf,
    pictures: PathBuf,
}

impl Desk {
    /// A desk with nothing open on it. `None`, and a word why, where this machine lacks a part.
    ///
    /// # Panics
    /// When a part is there and does not start, and with `CI=true` also when one is missing.
    pub async fn new(story: &str, browser: Browser) -> Option<Self> {
        let lacks = |what: &str| {
            skipped(story, what);
            None
        };
        let Some(program) = built() else {
            return lacks("DOORKEY_DESKTOP_BIN names no window that can be driven: make test builds one");
        };
        if !has_program("WebKitWebDriver") {
            return lacks("there is no WebKitWebDriver (Debian: webkit2gtk-driver)");
        }
        let Some(screen) = Screen::start().await else { return lacks("there is no Xvfb (Debian: xvfb)") };
        let Some(keyring) = KeyringSession::start().await else { return lacks("there is no gnome-keyring") };
        let script = match browser {
            Browser::Idle => "#!/bin/sh\n".to_owned(),
            Browser::Chromium => match chromium() {
                Some(script) => script,
                None => {
                    return lacks("there is no Chromium, or the packages of tests/provider: make test installs both");
                }
            },
        };
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("home")).expect("a folder");
        DirBuilder::new().mode(0o700).create(folder.path().join("run")).expect("a folder");
        program::allow_all(folder.path());
        let browser = folder.path().join("browser");
        fs::write(&browser, script).expect("the browser is written");
        fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).expect("it can be run");
        let provider = start(Settings::default()).await.expect("the provider starts");
        Some(Self { provider, screen, folder, keyring, story: story.to_owned(), program, browser })
    }

    /// Where all files of this desk are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Doorkey's among them.
    #[must_use]
    pub fn paths(&self) -> Paths {
        program::paths(self.folder())
    }

    /// Opens the window and waits until it shows something.
    ///
    /// # Panics
    /// When it does not.
    pub async fn open(&self, look: Look) -> Window {
        let pictures = artifacts();
        fs::create_dir_all(&pictures).expect("a folder for the pictures");
        let log = pictures.join(format!("{}.log", self.story));
        let said = File::options().create(true).append(true).open(&log).expect("a log");

        let mut command = Command::new("WebKitWebDriver");
        self.surround(&mut command, look);
        command
            .env("RUST_LOG", "trace")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdout(said.try_clone().expect("a log"))
            .stderr(said);
        let page = Driver::start(command, &self.program).await;
        page.until("the first page is there", "document.querySelector('main')?.getAttribute('aria-busy') === 'false'")
            .await;
        let agent = Arc::new(Client::at(self.paths().socket()));
        let hello = agent.hello().await.expect("the window is the agent");
        let pid = i32::try_from(hello.pid).ok().and_then(Pid::from_raw).expect("its process");
        Window { page, agent, pid, log, pictures }
    }
}

impl Desk {
    /// Starts the program without driving it.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(&self, arguments: &[&str]) -> Child {
        let mut command = Command::new(&self.program);
        self.surround(&mut command, Look::Light);
        command.args(arguments).spawn().expect("it starts")
    }

    /// The address of the session bus.
    #[must_use]
    pub fn bus(&self) -> &str {
        self.keyring.address()
    }

    /// Waits until the window is on the screen, or no longer.
    pub async fn until(&self, seen: Seen) {
        self.screen.until_window(TITLE, seen).await;
    }

    /// Whether the window is on the screen now.
    pub async fn sees_window(&self) -> bool {
        self.screen.shows_window(TITLE).await
    }

    /// By what the desktop finds the entry of the window's program.
    pub async fn class(&self) -> String {
        self.screen.class_of(TITLE).await
    }

    /// Asks the window to close; what comes of it is the program's.
    pub async fn close_window(&self) {
        self.screen.close_window(TITLE).await;
    }

    /// Types a path into the desktop's dialog of this title, as soon as that is there, and chooses it.
    ///
    /// # Panics
    /// When it does not come, or stays.
    pub async fn choose_in(&self, title: &str, path: &Path) {
        self.screen.until_window(title, Seen::Shown).await;
        let path = path.to_str().expect("a plain path");
        // What is suggested while one types may swallow a key: then all of it is typed once more.
        for _ in 0..TYPED_AT_MOST {
            self.type_into(title, path).await;
            for _ in 0..LOOKS {
                if !self.screen.shows_window(title).await {
                    return;
                }
                tokio::time::sleep(LOOKS_AGAIN).await;
            }
        }
        panic!("{title} does not go");
    }

    async fn type_into(&self, dialog: &str, path: &str) {
        // No window manager is there that would give it the focus. A slash opens the field for paths.
        for words in [
            &["search", "--onlyvisible", "--name", dialog, "windowfocus", "--sync"][..],
            &["key", "ctrl+a"],
            &["type", "--delay", "25", path],
            &["key", "Return"],
        ] {
            let mut typing = Command::new("xdotool");
            typing.args(words).env("DISPLAY", self.screen.display()).stdout(Stdio::null()).kill_on_drop(true);
            // It may have gone between two of them.
            tokio::time::timeout(PATIENCE, typing.status()).await.expect("in time").expect("xdotool runs");
        }
    }

    /// Leaves the desktop's dialog of this title, as soon as that is there, without having chosen.
    pub async fn leave_dialog(&self, title: &str) {
        self.screen.until_window(title, Seen::Shown).await;
        self.screen.close_window(title).await;
        self.screen.until_window(title, Seen::Hidden).await;
    }

    fn surround(&self, command: &mut Command, look: Look) {
        program::alone(command, self.folder());
        command
            .env("DOORKEY_VAULT", "keyring")
            .env("DBUS_SESSION_BUS_ADDRESS", self.keyring.address())
            .env("DISPLAY", self.screen.display())
            .env("GDK_BACKEND", "x11")
            // Before WebKit asks the desktop's portal; there is none here.
            .env("GTK_THEME", if look == Look::Dark { "Adwaita:dark" } else { "Adwaita" })
            .env("NO_AT_BRIDGE", "1")
            .env("GTK_A11Y", "none")
            .env("BROWSER", &self.browser);
    }
}

impl Window {
    /// What the program and the driver have said so far.
    ///
    /// # Panics
    /// When the log cannot be read.
    #[must_use]
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).expect("the log")).into_owned()
    }

    /// Keeps a picture of what is on the screen now, once it has come to rest.
    ///
    /// # Panics
    /// When nothing is drawn.
    pub async fn picture(&self, screen: &Screen, name: &str) {
        self.page.hold_still().await;
        let mut last = screen.look(TITLE).await;
        let picture = loop {
            self.page.rests().await;
            let next = screen.look(TITLE).await;
            if next == last {
                break next;
            }
            last = next;
        };
        self.page.move_on().await;
        assert!(picture.shows_something(), "the window is empty");
        fs::write(self.pictures.join(format!("{name}.png")), picture.png()).expect("the picture is kept");
    }

    /// The sign-in under way, from the moment it waits for the browser: for the story to play the person.
    pub async fn attempt(&self) -> Attempt {
        let id = watch::until(&self.agent, "a sign-in is under way", |update| match update {
            Update::SignIn { sign_in: SignIn { id, step, .. } } if !step.is_final() => Some(id.clone()),
            _ => None,
        })
        .await;
        Attempt::waiting(&self.agent, &id).await
    }

    /// Closes it as a person does, and waits until the program has ended.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn close(self, screen: &Screen) {
        self.ends_after(screen.close_window(TITLE)).await;
    }

    /// Does something after which the program ends, and waits until it has.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn ends_after(self, what: impl Future<Output = ()>) {
        let program = pidfd_open(self.pid, PidfdFlags::empty()).expect("the program runs");
        what.await;
        let patience = Timespec::try_from(PATIENCE).expect("it is short");
        let waiting = move || poll(&mut [PollFd::new(&program, PollFlags::IN)], Some(&patience));
        let ended = tokio::task::spawn_blocking(waiting).await.expect("it can be waited for");
        assert_eq!(ended, Ok(1), "the program ends");
        self.page.stop().await;
    }
}

fn artifacts() -> PathBuf {
    let named = env::var_os("DOORKEY_ARTIFACTS").map(PathBuf::from);
    named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../artifacts")).join("window")
}

/// Only what is named: beside this test there may be one that cannot be driven, as `make run` builds it.
fn built() -> Option<PathBuf> {
    let named = PathBuf::from(env::var_os("DOORKEY_DESKTOP_BIN")?);
    assert!(named.is_file(), "DOORKEY_DESKTOP_BIN names no file: {}", named.display());
    Some(named)
}

fn has_program(name: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

/// A command for `$BROWSER`. The browser itself has no screen.
fn chromium() -> Option<String> {
    let provider = Path::new(env!("CARGO_MANIFEST_DIR")).join("provider");
    let chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/snap/bin/chromium"];
    let chromium = chromium.into_iter().find(|path| Path::new(path).exists())?;
    provider.join("node_modules/playwright-core").is_dir().then(|| {
        let play = provider.join("demo-browser.mjs");
        format!("#!/bin/sh\nCHROMIUM={chromium} exec node '{}' \"$1\" >&2\n", play.display())
    })
}
