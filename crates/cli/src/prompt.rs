//! Questions to the person at the terminal: a secret without echo, a yes. The only way to ask there: it can be
//! interrupted, and gives the terminal back as it was.

use std::io::{self, BufRead as _, IsTerminal as _, StdinLock};
use std::thread;

use doorkey_agent::passphrase::{Which, from_env};
use doorkey_client::words::{Refusal, VaultChoice, VaultKind, VaultState, VaultStatus};
use doorkey_client::{Client, Secret};
use tokio::sync::oneshot;

use crate::agency::person_present;
use crate::failure::Failure;
use crate::line::Line;
use crate::output::Output;
use crate::terminal::Silent;

/// As `sudo` and `ssh` have it.
const TRIES: u32 = 3;

/// Whether a question can be answered here.
pub(crate) fn may_ask(out: &Output) -> bool {
    io::stdin().is_terminal() && person_present() && !out.is_json()
}

/// Whether a person at the terminal can do something about it.
pub(crate) fn helps(refusal: &Refusal) -> bool {
    matches!(refusal.code.as_str(), "store.locked" | "broker.consent_required")
}

/// The line a question stands on. However the question ends, what comes next begins on a line of its own.
struct QuestionLine<'a> {
    out: &'a Output,
    /// Not when the terminal has shown the Enter that ended it.
    is_open: bool,
}

impl Drop for QuestionLine<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.out.note("");
        }
    }
}

/// What `read` makes of standard input. A thread of its own reads: nothing can end a read from a terminal, and whoever
/// interrupts the question does not wait for the line's end.
async fn typed<T: Send + 'static>(
    read: impl FnOnce(&mut StdinLock<'_>) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (tell, told) = oneshot::channel();
    thread::Builder::new().name("typed".into()).spawn(move || tell.send(read(&mut io::stdin().lock())))?;
    told.await.unwrap_or_else(|_| Err(io::ErrorKind::UnexpectedEof.into()))
}

/// What is typed without echo. Dropping the question gives the terminal back.
///
/// # Errors
/// When it cannot be read.
pub(crate) async fn hidden(
    question: impl Into<Line>,
    read: impl FnOnce(&mut StdinLock<'_>) -> io::Result<String> + Send + 'static,
    out: &Output,
) -> io::Result<Secret> {
    let _line = QuestionLine { out, is_open: true };
    // First: what is typed at the sight of the question is neither shown nor lost.
    let _silent = Silent::new();
    out.ask(question);
    typed(|stdin| read(stdin).map(Secret::new)).await
}

/// A line that is shown as it is typed; empty at the end of the input.
async fn shown(question: impl Into<Line>, out: &Output) -> io::Result<String> {
    let mut line = QuestionLine { out, is_open: true };
    out.ask(question);
    let answer = typed(first_line).await?;
    line.is_open = !answer.ends_with('\n');
    Ok(answer)
}

/// The next line of standard input, with its end.
pub(crate) fn first_line(stdin: &mut StdinLock<'_>) -> io::Result<String> {
    let mut line = String::new();
    stdin.read_line(&mut line)?;
    Ok(line)
}

/// # Errors
/// When it cannot be read, or nothing was typed.
async fn typed_passphrase(question: &str, out: &Output) -> Result<Secret, Failure> {
    let line = hidden(question, first_line, out).await?;
    #[expect(clippy::disallowed_methods, reason = "without the line's end, and into the same type")]
    let text = line.expose().trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(Failure::cancelled("The question for the passphrase"));
    }
    Ok(Secret::new(text.to_owned()))
}

/// The passphrase in force: from the environment, or typed.
///
/// # Errors
/// `store.no_passphrase` where nobody can be asked.
pub(crate) async fn passphrase(out: &Output) -> Result<Secret, Failure> {
    match from_env(Which::InForce)? {
        Some(secret) => Ok(secret),
        None if may_ask(out) => typed_passphrase("Passphrase of the vault (not shown): ", out).await,
        None => Err(nobody_to_ask("DOORKEY_PASSPHRASE_FILE or DOORKEY_PASSPHRASE_FD").into()),
    }
}

/// A new passphrase: from the environment, or typed twice. `first` when there was none before, so that it is the one
/// in force too.
///
/// # Errors
/// `store.no_passphrase` where nobody can be asked, `usage.not_the_same` when the two differ.
pub(crate) async fn new_passphrase(first: First, out: &Output) -> Result<Secret, Failure> {
    let given = match (from_env(Which::New)?, first) {
        (None, First::Yes) => from_env(Which::InForce)?,
        (given, First::Yes | First::No) => given,
    };
    match given {
        Some(secret) => Ok(secret),
        None if may_ask(out) => {
            let once = typed_passphrase("New passphrase, at least 8 characters (not shown): ", out).await?;
            let again = typed_passphrase("Once more: ", out).await?;
            if same(&once, &again) {
                return Ok(once);
            }
            Err(Refusal::new("usage.not_the_same", "The two passphrases differ.", "Try again.").into())
        }
        None => {
            let variables = match first {
                First::Yes => "DOORKEY_PASSPHRASE_FILE or DOORKEY_PASSPHRASE_FD",
                First::No => "DOORKEY_NEW_PASSPHRASE_FILE or DOORKEY_NEW_PASSPHRASE_FD",
            };
            Err(nobody_to_ask(variables).into())
        }
    }
}

/// Whether there was no passphrase before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum First {
    Yes,
    No,
}

/// Whether the vault waits for a passphrase.
pub(crate) fn waits_for_a_passphrase(vault: &VaultStatus) -> bool {
    vault.kind == VaultKind::Passphrase && vault.state == VaultState::Locked
}

/// Opens the agent's vault with its passphrase; three tries for a person, one for the environment.
///
/// # Errors
/// What the agent says to the last.
pub(crate) async fn unlock(client: &Client, vault: &VaultStatus, out: &Output) -> Result<VaultStatus, Failure> {
    unlock_with(client, vault, out).await.map(|(status, _)| status)
}

/// The same, with the passphrase that opened it.
pub(crate) async fn unlock_with(
    client: &Client,
    vault: &VaultStatus,
    out: &Output,
) -> Result<(VaultStatus, Secret), Failure> {
    let mut tries = if may_ask(out) && from_env(Which::InForce)?.is_none() { TRIES } else { 1 };
    loop {
        let none_yet = vault.code.as_deref() == Some("store.no_passphrase");
        let secret = if none_yet { new_passphrase(First::Yes, out).await? } else { passphrase(out).await? };
        let choice = VaultChoice { passphrase: Some(secret.clone()), ..VaultChoice::of(VaultKind::Passphrase) };
        tries -= 1;
        match client.choose_vault(&choice).await.map_err(Failure::from) {
            Err(Failure::Refused(refusal)) if refusal.code == "store.wrong_passphrase" && tries > 0 => {
                out.warn(&refusal.message);
            }
            answer => return Ok((answer?, secret)),
        }
    }
}

/// A yes to `what`, which the question is about. Where nobody can be asked, the refusal is `unasked`.
///
/// # Errors
/// `user.cancelled` for anything but a yes.
pub(crate) async fn agreed(
    question: impl Into<Line>,
    what: &str,
    unasked: Refusal,
    out: &Output,
) -> Result<(), Failure> {
    if !may_ask(out) {
        return Err(unasked.into());
    }
    match shown(question.into().plain(" [y/N] "), out).await?.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(Failure::cancelled(what)),
    }
}

/// A word in answer to a question; empty where nothing was typed.
///
/// # Errors
/// When the answer cannot be read.
pub(crate) async fn word(question: impl Into<Line>, out: &Output) -> Result<String, Failure> {
    Ok(shown(question, out).await?.trim().to_owned())
}

/// Whether to go on, which goes without saying.
///
/// # Errors
/// When the answer cannot be read.
pub(crate) async fn goes_on(question: impl Into<Line>, out: &Output) -> Result<bool, Failure> {
    let answer = shown(question.into().plain(" [Y/n] "), out).await?;
    Ok(!answer.is_empty() && !matches!(answer.trim(), "n" | "N" | "no"))
}

#[expect(clippy::disallowed_methods, reason = "both were typed by the same person a moment ago")]
fn same(one: &Secret, other: &Secret) -> bool {
    one.expose() == other.expose()
}

fn nobody_to_ask(variables: &str) -> Refusal {
    Refusal::new(
        "store.no_passphrase",
        "A passphrase is needed, and there is nobody to ask for it.",
        format!("Run this on a terminal, or set {variables}."),
    )
}
