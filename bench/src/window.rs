//! The window: from the start of the program to the first text on the screen, and memory at rest; beside the same
//! engine's own test browser with a page of a few words and nothing behind it, which is the floor.

use std::env;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use doorkey_tests::program;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::figures::{Spread, ms, ratio, say, seconds, table};
use crate::memory::{self, REST};
use crate::screen::Screen;

const ROUNDS: usize = 9;
const PATIENCE: Duration = Duration::from_secs(60);
/// What a look at the screen costs is about a millisecond; the figures are as fine as this.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);
const MINI_BROWSER: &str = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
const PAGE: &str =
    "data:text/html,<title>floor</title><h1>Hello</h1><p>The same engine, a few words, nothing behind them.";

pub(crate) async fn measure() {
    let desktop = env::var_os("DOORKEY_DESKTOP_BIN").unwrap_or_default();
    if !Path::new(&desktop).is_file() {
        return say("the window is not measured: build doorkey-desktop first, as `make bench` does");
    }
    let mut programs = vec![("Doorkey's window, empty", Command::new(&desktop))];
    if Path::new(MINI_BROWSER).is_file() {
        let mut floor = Command::new(MINI_BROWSER);
        floor.args(["--full-screen", PAGE]);
        programs.push(("MiniBrowser: the engine and a few words", floor));
    } else {
        say(format!("no floor: {MINI_BROWSER} is not there"));
    }
    let mut took = vec![Vec::with_capacity(ROUNDS); programs.len()];
    let mut memory = vec![Vec::new(); programs.len()];
    for round in 0..ROUNDS {
        for (i, (name, command)) in programs.iter_mut().enumerate() {
            match shown(command).await {
                Err(why) => return say(format!("{name} is not measured: {why}")),
                Ok(shown) => {
                    took[i].push(seconds(shown.took));
                    if round == 0 {
                        tokio::time::sleep(REST).await;
                        memory[i] = memory::row(name, shown.program.id().unwrap_or_default());
                    }
                    shown.end().await;
                }
            }
        }
    }

    let spreads: Vec<Spread> = took.into_iter().map(Spread::of).collect();
    let floor = spreads[spreads.len() - 1].median;
    let rows: Vec<Vec<String>> = programs
        .iter()
        .zip(&spreads)
        .map(|((name, _), spread)| {
            vec![(*name).into(), ms(spread.min), ms(spread.median), ms(spread.p95), ratio(spread.median, floor)]
        })
        .collect();
    let title =
        format!("From the start of the program to the first text on the screen ({ROUNDS} rounds, in turn, Xvfb)");
    table(&title, &["window", "min", "median", "p95", "times the last row"], &rows);
    let title = format!("Memory of the window at rest ({} s after its first text)", REST.as_secs());
    table(&title, &["window", "processes", "PSS", "of it private"], &memory);
}

/// A program whose window has text on it.
struct Shown {
    took: Duration,
    program: Child,
    _screen: Screen,
    _home: TempDir,
}

async fn shown(command: &mut Command) -> Result<Shown, String> {
    let screen = Screen::start().await?;
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    // GTK starts a session bus of its own, and waits three seconds each time it cannot note that bus in the home folder.
    for folder in ["home", "run"] {
        DirBuilder::new().mode(0o700).create(home.path().join(folder)).map_err(|error| error.to_string())?;
    }
    program::alone(command, home.path());
    command.env("DISPLAY", &screen.display).env("GSETTINGS_BACKEND", "memory");
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let mut program = command.spawn().map_err(|error| error.to_string())?;
    while !screen.has_text() {
        if let Ok(Some(status)) = program.try_wait() {
            return Err(format!("it ended: {status}"));
        }
        if began.elapsed() > PATIENCE {
            return Err("no text came".into());
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    Ok(Shown { took: began.elapsed(), program, _screen: screen, _home: home })
}

impl Shown {
    async fn end(mut self) {
        program::signal(&self.program, rustix::process::Signal::TERM);
        let _ = tokio::time::timeout(PATIENCE, self.program.wait()).await;
    }
}
