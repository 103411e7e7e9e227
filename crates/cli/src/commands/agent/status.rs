//! `doorkey agent status`.

use doorkey_client::words::{Hello, VERSION, VaultState, VaultStatus};
use doorkey_client::{Client, ClientError};
use serde::Serialize;

use super::running::{ACTIVATED, STAYS};
use crate::agency;
use crate::commands::facts::{Facts, vault_trouble};
use crate::failure::Failure;
use crate::line::{Line, Style};
use crate::output::Output;

/// `EX_UNAVAILABLE`, as for every command that needs an agent and finds none.
const NONE_RUNS: u8 = 69;

/// The answer for machines.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    version: u32,
    running: bool,
    socket: &'a std::path::Path,
    /// The rest is absent when none runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_version: Option<&'a str>,
    /// `command`, `until_stopped` or `activated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    lasts: Option<Lasts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vault: Option<&'a VaultStatus>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Lasts {
    /// As long as a window is open, or a command runs.
    Command,
    UntilStopped,
    Activated,
}

impl Lasts {
    fn of(hello: &Hello) -> Self {
        let able = |word: &str| hello.capabilities.iter().any(|able| able == word);
        match (able(ACTIVATED), able(STAYS)) {
            (true, _) => Self::Activated,
            (false, true) => Self::UntilStopped,
            (false, false) => Self::Command,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Command => "as long as the window is open, or the command runs that it is",
            Self::UntilStopped => "until it is stopped",
            Self::Activated => "until it is stopped; the service manager starts it when a program asks",
        }
    }
}

pub(super) fn run(out: &Output) -> Result<(), Failure> {
    let client = Client::from_env()?;
    let hello = match agency::runtime()?.block_on(client.hello()) {
        Ok(hello) => hello,
        Err(ClientError::NotRunning) => return none(&client, out),
        Err(error) => return Err(error.into()),
    };
    let lasts = Lasts::of(&hello);
    if out.is_json() {
        return out.answer_json(&Answer {
            version: VERSION,
            running: true,
            socket: client.socket(),
            pid: Some(hello.pid),
            agent_version: Some(&hello.version),
            lasts: Some(lasts),
            vault: Some(&hello.vault),
        });
    }
    let vault = match vault_trouble(&hello.vault) {
        Some(trouble) => Line::new().with(Style::Warning, trouble),
        None if hello.vault.state == VaultState::Ready => Line::new().with(Style::Good, "open"),
        None => Line::from("opening"),
    };
    Facts::default()
        .add("agent", Line::new().with(Style::Good, "running").plain(format!(", pid {}", hello.pid)))
        .add("version", hello.version.as_str())
        .add("lasts", lasts.words())
        .add("vault", vault)
        .add("socket", client.socket().display().to_string())
        .answer(out)
}

fn none(client: &Client, out: &Output) -> Result<(), Failure> {
    if out.is_json() {
        let socket = client.socket();
        let (pid, agent_version, lasts, vault) = (None, None, None, None);
        out.answer_json(&Answer { version: VERSION, running: false, socket, pid, agent_version, lasts, vault })?;
    } else {
        out.answer("No agent runs: each command is the agent for as long as it runs.")?;
        out.note("  `doorkey agent` keeps sessions renewed; `doorkey agent install` has systemd start it.");
    }
    Err(Failure::Partly(NONE_RUNS))
}
