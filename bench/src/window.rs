//! The window: from the start of the program to its first text and to all that it shows, and memory at rest; beside a
//! bare window of the same engine (`src-tauri/examples/bare`), which is what any such window pays.

use std::env;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use doorkey_demo_idp::Settings;
use doorkey_tests::{Household, program};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::figures::{Spread, ms, ratio, say, seconds, table};
use crate::memory::{self, REST};
use crate::screen::{Screen, Sketch};

const ROUNDS: usize = 9;
const PATIENCE: Duration = Duration::from_secs(60);
/// What a look at the screen costs is about a millisecond; the figures are as fine as this.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);
/// A screen that is the same for so long shows all there is.
const STILL: Duration = Duration::from_millis(1500);
/// What was wanted: not so much more than a bare window.
const BAR: f64 = 1.3;

/// What is measured, in turn.
enum Kind<'a> {
    Bare(&'a Path),
    Empty(&'a Path),
    SignedIn(&'a Path, &'a Household),
}

impl Kind<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::Bare(_) => "a bare Tauri window",
            Self::Empty(_) => "Doorkey's window, empty",
            Self::SignedIn(..) => "Doorkey's window, two accounts",
        }
    }
}

pub(crate) async fn measure() {
    let desktop = PathBuf::from(env::var_os("DOORKEY_DESKTOP_BIN").unwrap_or_default());
    let bare = desktop.with_file_name("examples").join("bare");
    if !desktop.is_file() || !bare.is_file() {
        return say("the window is not measured: build doorkey-desktop and its example first, as `make bench` does");
    }
    let settings = Settings { token_life: Duration::from_secs(24 * 3600), ..Settings::default() };
    let household = Household::with_keyring(settings).await;
    let mut kinds = vec![Kind::Bare(&bare), Kind::Empty(&desktop)];
    match &household {
        Some(household) => {
            sign_in(household).await;
            kinds.push(Kind::SignedIn(&desktop, household));
        }
        None => say("the window with accounts is not measured: there is no gnome-keyring"),
    }
    let mut text = vec![Vec::with_capacity(ROUNDS); kinds.len()];
    let mut whole = vec![Vec::with_capacity(ROUNDS); kinds.len()];
    let mut memory = Vec::new();
    for round in 0..ROUNDS {
        for (i, kind) in kinds.iter().enumerate() {
            match shown(kind).await {
                Err(why) => return say(format!("{} is not measured: {why}", kind.name())),
                Ok(shown) => {
                    text[i].push(seconds(shown.text));
                    whole[i].push(seconds(shown.whole));
                    if round == 0 {
                        tokio::time::sleep(REST).await;
                        memory.push(memory::of(shown.program.id().unwrap_or_default()));
                    }
                    shown.end().await;
                }
            }
        }
    }
    for (what, took) in [("the first text", text), ("all that it shows at rest", whole)] {
        let spreads: Vec<Spread> = took.into_iter().map(Spread::of).collect();
        let row = |(kind, spread): (&Kind<'_>, &Spread)| {
            let times = ratio(spread.median, spreads[0].median);
            vec![kind.name().into(), ms(spread.min), ms(spread.median), ms(spread.p95), times]
        };
        let rows: Vec<Vec<String>> = kinds.iter().zip(&spreads).map(row).collect();
        let title = format!("From the start of the program to {what} ({ROUNDS} rounds, in turn, Xvfb)");
        table(&title, &["window", "min", "median", "p95", "times the bare one"], &rows);
    }
    let rows: Vec<Vec<String>> = kinds
        .iter()
        .zip(&memory)
        .map(|(kind, family)| {
            let mut row = family.row(kind.name());
            row.push(ratio(family.pss as f64, memory[0].pss as f64));
            row
        })
        .collect();
    let title =
        format!("Memory of the window at rest ({} s after all is shown); {BAR} times is the bar", REST.as_secs());
    table(&title, &["window", "processes", "PSS", "of it private", "times the bare one"], &rows);
}

/// Before anything is measured, by an agent that has ended then.
async fn sign_in(household: &Household) {
    let agent = household.agent().await;
    for name in ["work", "home"] {
        agent.put_profile_called(name, household.provider.issuer()).await;
        agent.sign_in_with(name).await;
    }
    agent.terminate().await;
}

/// A program whose window has come to rest.
struct Shown {
    text: Duration,
    whole: Duration,
    program: Child,
    _screen: Screen,
    _home: TempDir,
}

async fn shown(kind: &Kind<'_>) -> Result<Shown, String> {
    let screen = Screen::start().await?;
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    // GTK starts a session bus of its own, and waits three seconds each time it cannot note that bus in the home folder.
    for folder in ["home", "run"] {
        DirBuilder::new().mode(0o700).create(home.path().join(folder)).map_err(|error| error.to_string())?;
    }
    let mut command;
    match kind {
        Kind::Bare(program) | Kind::Empty(program) => {
            command = Command::new(program);
            program::alone(&mut command, home.path());
        }
        Kind::SignedIn(program, household) => {
            command = Command::new(program);
            program::alone(&mut command, household.folder());
            household.open_vault_for(&mut command);
        }
    }
    command.env("DISPLAY", &screen.display).env("GSETTINGS_BACKEND", "memory");
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let mut program = command.spawn().map_err(|error| error.to_string())?;
    let mut text = None;
    let mut looks: Vec<(Duration, Sketch)> = Vec::new();
    loop {
        let (at, picture) = (began.elapsed(), screen.look());
        if text.is_none() && picture.has_text() {
            text = Some(at);
        }
        let sketch = picture.sketch();
        if looks.last().is_none_or(|(_, last)| !last.is_like(&sketch)) {
            looks.push((at, sketch));
        }
        if let (Some(text), Some((last_change, _))) = (text, looks.last())
            && at.saturating_sub(*last_change) > STILL
        {
            return Ok(Shown { text, whole: (*last_change).max(text), program, _screen: screen, _home: home });
        }
        if let Ok(Some(status)) = program.try_wait() {
            return Err(format!("it ended: {status}"));
        }
        if at > PATIENCE {
            return Err("no text came, or no rest".into());
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

impl Shown {
    async fn end(mut self) {
        program::signal(&self.program, rustix::process::Signal::TERM);
        let _ = tokio::time::timeout(PATIENCE, self.program.wait()).await;
    }
}
