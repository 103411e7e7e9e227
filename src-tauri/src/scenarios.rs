//! Scenarios that are watched in the window: `doorkey test watch`, started beside it, and what it tells.
//!
//! Which files they are is said by a person in the desktop's own dialog, or where the program is started, never by a page.
//! Nothing of them is run before a person at the window has said so: like a Makefile, a scenario can run programs.

mod child;
#[cfg(test)]
mod tests;

use std::env;
use std::path::{Path, PathBuf};

use doorkey_client::words::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tauri::ipc::Channel;
use tokio::sync::Mutex;

use self::child::Child;

/// The command, as a file beside this program.
const COMMAND: &str = "doorkey";
/// Files and folders at once.
pub(crate) const MOST_PLACES: usize = 100;

/// What the page is told; `ui/src/lib/scenario-words.ts` has the same words.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Told {
    /// What is watched; nothing where nothing was chosen. All that was told before is of no use any more.
    Chosen {
        /// Another than of all that was watched before.
        watching: u64,
        places: Vec<String>,
    },
    /// A line of the command.
    Line { line: Value },
    /// It has ended by itself, and what it said last.
    Left { refusal: Refusal, said: Vec<String> },
    /// It was ended with the window.
    Ended,
}

/// What a person wants of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// What was told of what is watched, up to this number, and from now on what of that is changed. Where it is another
    /// by now, or has ended, nobody has seen what would be run.
    Run { watching: u64, told: u64 },
    /// It is read anew, and nothing of it is run.
    Read,
    /// What was said to be run before.
    Again,
    /// What is being run is stopped, and nothing is run on a change.
    Stop,
    /// The end of watching.
    Close,
}

/// What is watched, and by what.
#[derive(Default)]
pub(crate) struct Scenarios {
    now: Mutex<Now>,
    /// Held while a dialog is open: there is one at a time.
    pub(crate) choosing: Mutex<()>,
}

#[derive(Default)]
struct Now {
    places: Vec<PathBuf>,
    /// How often something was told to be watched.
    watching: u64,
    page: Option<Channel<Told>>,
    child: Option<Child>,
    /// Another than the one beside this program.
    #[cfg(test)]
    command: Option<PathBuf>,
}

impl Scenarios {
    /// A page looks on from now on; the one before it is told nothing more.
    pub(crate) async fn look_on(&self, page: Channel<Told>) {
        let mut now = self.now.lock().await;
        now.page = Some(page);
        now.begin().await;
    }

    /// Watches these; nothing is run yet.
    pub(crate) async fn open(&self, places: Vec<PathBuf>) {
        let mut now = self.now.lock().await;
        now.places = places.into_iter().take(MOST_PLACES).collect();
        now.begin().await;
    }

    pub(crate) async fn order(&self, order: Order) {
        let mut now = self.now.lock().await;
        match order {
            Order::Run { .. } if now.child.as_ref().is_none_or(Child::has_ended) => now.begin().await,
            Order::Run { watching, told } if watching == now.watching => now.say(&format!("run {told}")).await,
            // What the page is told by now it has not seen when the button was pressed.
            Order::Run { .. } => {}
            Order::Read => now.begin().await,
            Order::Again => now.say("again").await,
            Order::Stop => now.say("stop").await,
            Order::Close => {
                now.places.clear();
                now.begin().await;
            }
        }
    }

    /// Nobody is at the window any more.
    pub(crate) async fn leave(&self) {
        let mut now = self.now.lock().await;
        if now.end().await {
            now.tell(Told::Ended);
        }
    }
}

impl Now {
    /// Tells what is watched, and has it read anew; what goes on is ended first.
    async fn begin(&mut self) {
        self.end().await;
        let Some(page) = self.page.clone() else { return };
        self.watching += 1;
        let places = self.places.iter().map(|place| place.display().to_string()).collect();
        self.tell(Told::Chosen { watching: self.watching, places });
        if self.places.is_empty() {
            return;
        }
        match self.command().and_then(|command| Child::start(&command, &self.places, page)) {
            Ok(child) => self.child = Some(child),
            Err(refusal) => self.tell(Told::Left { refusal, said: Vec::new() }),
        }
    }

    /// Whether there was something to end.
    async fn end(&mut self) -> bool {
        match self.child.take() {
            Some(child) => {
                child.end().await;
                true
            }
            None => false,
        }
    }

    async fn say(&mut self, order: &str) {
        if let Some(child) = &mut self.child {
            child.say(order).await;
        }
    }

    fn tell(&self, told: Told) {
        if let Some(page) = &self.page {
            // A page that has gone is told nothing.
            let _ = page.send(told);
        }
    }

    fn command(&self) -> Result<PathBuf, Refusal> {
        #[cfg(test)]
        if let Some(command) = &self.command {
            return Ok(command.clone());
        }
        beside(&env::current_exe().unwrap_or_default())
    }
}

/// The command that belongs to this program: not one that a path leads to.
fn beside(this: &Path) -> Result<PathBuf, Refusal> {
    let command = this.with_file_name(COMMAND);
    // Without a path of its own, this is not anywhere.
    if command.is_absolute() && command.is_file() {
        return Ok(command);
    }
    let folder = this.parent().unwrap_or(Path::new("/")).display();
    Err(Refusal::new(
        "desktop.no_command",
        format!("The `{COMMAND}` command, which plays scenarios, is not beside this program: {folder} has none."),
        "Install Doorkey\u{2019}s package again: the window and the command belong beside each other.",
    ))
}
