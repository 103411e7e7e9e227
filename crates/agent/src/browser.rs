//! Opening the person's own browser (RFC 8252 section 6): the command they chose, then the desktop's.
//!
//! The URL is one argument of one program, always; there is no shell. What becomes of the browser after
//! the first moments is not known, so every caller shows the link as well.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use std::{env, io, thread};

use doorkey_client::words::Refusal;
use url::Url;

use crate::http::names_loopback;
use crate::refusal::sentence;

/// Longest URL that every system's launcher takes as an argument (L-40).
const MAX_URL: usize = 8 * 1024;
/// A launcher that fails, fails within this time; one that still runs has taken the URL.
const FAILURE_WINDOW: Duration = Duration::from_millis(250);
/// Between the commands of `$BROWSER`.
const LIST_SEPARATOR: char = if cfg!(windows) { ';' } else { ':' };

/// Which browser to open, and what there is to open it with.
#[derive(Clone, Debug)]
pub struct BrowserChoice {
    command: Option<String>,
    /// In WSL: what opens the browser of Windows, each tried in turn (L-43).
    windows: Vec<Vec<String>>,
    desktop: Desktop,
    /// Where the AppImage we run from is mounted.
    appimage: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Desktop {
    Present,
    Absent,
}

/// What took the URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// This program, named by the person.
    Command(String),
    /// The desktop's own way.
    Desktop,
}

/// Why no browser was opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrowserError {
    /// Neither https nor http on loopback.
    #[error("the sign-in address is not a web address that may be opened")]
    BadUrl,
    /// Over 8 KiB.
    #[error("the sign-in address is longer than 8 KiB")]
    TooLong,
    /// Linux without a display, and no command chosen.
    #[error("there is no display to open a browser on")]
    NoDisplay,
    /// Everything failed.
    #[error("no browser could be opened: {}", .tried.join("; "))]
    CannotOpen {
        /// Each program with what became of it.
        tried: Vec<String>,
    },
}

impl BrowserError {
    /// The refusal to hand out.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let (code, hint) = match self {
            Self::BadUrl => {
                ("browser.bad_url", "Check the authorization endpoint of the provider: it must begin with https.")
            }
            Self::TooLong => ("config.request_too_long", "Use fewer scopes or parameters."),
            Self::NoDisplay | Self::CannotOpen { .. } => (
                "browser.cannot_open",
                "Copy the link and open it in a browser on this machine; the sign-in waits for it.",
            ),
        };
        Refusal::new(code, sentence(self), hint)
    }
}

impl BrowserChoice {
    /// `command` where there is one, else `$BROWSER`, else the desktop's browser.
    #[must_use]
    pub fn from_env(command: Option<String>) -> Self {
        let command = command.or_else(|| env::var("BROWSER").ok()).filter(|command| !command.trim().is_empty());
        let display =
            ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| env::var_os(name).is_some_and(|it| !it.is_empty()));
        let needs_display = cfg!(all(unix, not(target_os = "macos")));
        let desktop = if display || !needs_display { Desktop::Present } else { Desktop::Absent };
        let appimage = env::var_os("APPIMAGE").and_then(|_| env::var_os("APPDIR")).map(PathBuf::from);
        let windows = if in_wsl() { windows_launchers() } else { Vec::new() };
        Self { command, windows, desktop, appimage }
    }

    /// Whether there is anything to open an address with; whether it works only opening tells.
    #[must_use]
    pub fn opens_something(&self) -> bool {
        self.command.is_some() || !self.windows.is_empty() || self.desktop == Desktop::Present
    }
}

/// Opens `url`, detached from this process. Blocks for as long as launchers need to fail, which is about a
/// second at most: call it where blocking is allowed.
///
/// # Errors
/// [`BrowserError`]; the link is then for the person to open.
pub fn open(url: &Url, choice: &BrowserChoice) -> Result<Opened, BrowserError> {
    let web = url.scheme() == "https" || (url.scheme() == "http" && names_loopback(url));
    if !web || url.host().is_none() {
        return Err(BrowserError::BadUrl);
    }
    if url.as_str().len() > MAX_URL {
        return Err(BrowserError::TooLong);
    }

    let mut tried = Vec::new();
    for words in choice.command.iter().flat_map(|list| commands(list)) {
        let Some((program, arguments)) = words.split_first() else { continue };
        let mut command = Command::new(program);
        command.args(with_url(arguments, url));
        match launch(command, choice.appimage.as_deref()) {
            Ok(()) => return Ok(Opened::Command(program.clone())),
            Err(failure) => tried.push(format!("{program}: {failure}")),
        }
    }
    for words in &choice.windows {
        let Some((program, arguments)) = words.split_first() else { continue };
        let mut command = Command::new(program);
        command.args(arguments).arg(url.as_str());
        match launch(command, choice.appimage.as_deref()) {
            Ok(()) => return Ok(Opened::Desktop),
            Err(failure) => tried.push(format!("{program}: {failure}")),
        }
    }
    match (choice.desktop, tried.is_empty()) {
        (Desktop::Absent, true) => Err(BrowserError::NoDisplay),
        (Desktop::Absent, false) => Err(BrowserError::CannotOpen { tried }),
        (Desktop::Present, _) => match open_on_desktop(url, choice.appimage.as_deref()) {
            Ok(()) => Ok(Opened::Desktop),
            Err(failures) => {
                tried.extend(failures);
                Err(BrowserError::CannotOpen { tried })
            }
        },
    }
}

fn in_wsl() -> bool {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    release.to_ascii_lowercase().contains("microsoft")
}

/// Programs that take the URL as one argument, without a shell: neither `cmd.exe` nor PowerShell, which would read
/// more into it (L-40).
fn windows_launchers() -> Vec<Vec<String>> {
    [&["wslview"][..], &["/mnt/c/Windows/System32/rundll32.exe", "url.dll,FileProtocolHandler"]]
        .map(|words| words.iter().map(|word| (*word).to_owned()).collect())
        .into()
}

/// The commands of a `$BROWSER` list, each as program and arguments. Quotes keep words together, and a
/// backslash keeps the next character as it is (not on Windows); nothing else is special.
fn commands(list: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut rest = list.chars();
    while let Some(c) = rest.next() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            ('\\', None | Some('"')) if !cfg!(windows) => word.get_or_insert_default().extend(rest.next()),
            (c, None) if c == LIST_SEPARATOR => {
                commands.last_mut().expect("never empty").extend(word.take());
                commands.push(Vec::new());
            }
            (c, None) if c.is_whitespace() => commands.last_mut().expect("never empty").extend(word.take()),
            (c, None | Some(_)) => word.get_or_insert_default().push(c),
        }
    }
    commands.last_mut().expect("never empty").extend(word);
    commands.retain(|words| !words.is_empty());
    commands
}

/// The arguments with `%s` replaced by the URL, `%c` by a colon and `%%` by `%`; without any `%s` the URL
/// comes last. Whatever the URL holds, it stays within its one argument (RUSTSEC-2026-0257).
fn with_url(arguments: &[String], url: &Url) -> Vec<String> {
    let mut placed = false;
    let mut filled: Vec<String> = Vec::with_capacity(arguments.len() + 1);
    for argument in arguments {
        let mut out = String::new();
        let mut rest = argument.chars().peekable();
        while let Some(c) = rest.next() {
            match (c, rest.peek()) {
                ('%', Some('s')) => {
                    out.push_str(url.as_str());
                    placed = true;
                }
                ('%', Some('c')) => out.push(':'),
                ('%', Some('%')) => out.push('%'),
                _ => {
                    out.push(c);
                    continue;
                }
            }
            rest.next();
        }
        filled.push(out);
    }
    if !placed {
        filled.push(url.as_str().to_owned());
    }
    filled
}

fn open_on_desktop(url: &Url, appimage: Option<&Path>) -> Result<(), Vec<String>> {
    if appimage.is_none() {
        #[cfg(windows)]
        let opened = open::that_detached(url.as_str());
        #[cfg(not(windows))]
        let opened = open::that_detached_with_timeout(url.as_str(), FAILURE_WINDOW);
        // The text of this error shows the command with the whole URL.
        return opened.map_err(|error| vec![format!("the desktop's browser: {}", error.kind())]);
    }
    let mut tried = Vec::new();
    for command in open::commands(url.as_str()) {
        let program = command.get_program().to_string_lossy().into_owned();
        match launch(command, appimage) {
            Ok(()) => return Ok(()),
            Err(failure) => tried.push(format!("{program}: {failure}")),
        }
    }
    Err(tried)
}

#[derive(Debug, thiserror::Error)]
enum LaunchFailure {
    #[error("{}", .0.kind())]
    NotStarted(#[from] io::Error),
    #[error("ended with {0}")]
    Ended(ExitStatus),
}

/// Starts the command in a process group of its own, with none of our streams. Fails if it cannot be
/// started or ends badly within the window; a thread waits for its end, so that it leaves no zombie.
fn launch(mut command: Command, appimage: Option<&Path>) -> Result<(), LaunchFailure> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    // What a service manager tells the agent is not meant for what the agent starts.
    for variable in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET"] {
        command.env_remove(variable);
    }
    if let Some(mount) = appimage {
        leave_appimage(&mut command, mount, env::vars_os());
    }
    let (tell, told) = mpsc::sync_channel(2);
    thread::Builder::new().name("browser".into()).stack_size(64 * 1024).spawn(move || {
        // Nobody listens after the window; that is no failure.
        match command.spawn() {
            Err(error) => drop(tell.send(Err(error))),
            Ok(mut child) => {
                drop(tell.send(Ok(None)));
                drop(tell.send(child.wait().map(Some)));
            }
        }
    })?;
    let never_silent = "the thread says at least one thing";
    told.recv().expect(never_silent)?;
    match told.recv_timeout(FAILURE_WINDOW) {
        Ok(Ok(Some(status))) if !status.success() => Err(LaunchFailure::Ended(status)),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Takes an AppImage's own folders out of every search path of the environment: with its libraries, the
/// host's programs do not start or open nothing.
fn leave_appimage(command: &mut Command, mount: &Path, environment: impl Iterator<Item = (OsString, OsString)>) {
    for (name, value) in environment {
        let (inside, outside): (Vec<_>, Vec<_>) = env::split_paths(&value).partition(|path| path.starts_with(mount));
        if inside.is_empty() {
            continue;
        }
        match env::join_paths(outside.iter().filter(|path| !path.as_os_str().is_empty())) {
            Ok(value) if !value.is_empty() => command.env(name, value),
            Ok(_) | Err(_) => command.env_remove(name),
        };
    }
}

#[cfg(all(test, unix))]
mod tests;
