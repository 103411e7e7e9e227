//! A program at a real terminal, as a person has it before them. `script` of util-linux makes the terminal.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::PATIENCE;

/// Ctrl-C, as a keyboard sends it.
pub const CTRL_C: &str = "\u{3}";

/// A terminal, and the program in it.
pub struct Terminal {
    child: Child,
    keyboard: ChildStdin,
    screen: ChildStdout,
    seen: Vec<u8>,
}

/// How a program has left its terminal.
#[derive(Debug, PartialEq, Eq)]
pub struct Left {
    /// Its exit code, as the shell has it.
    pub code: i32,
    /// Whether the terminal shows what is typed.
    pub echo: bool,
    /// All that was to be seen.
    pub screen: String,
}

impl Terminal {
    /// Starts a program that was not started yet; nothing where no terminal can be made.
    ///
    /// # Panics
    /// When its command cannot be read.
    #[must_use]
    pub fn start(command: &Command) -> Option<Self> {
        let script = ["/usr/bin/script", "/bin/script"].into_iter().find(|path| Path::new(path).exists())?;
        let command = command.as_std();
        let words = [command.get_program()].into_iter().chain(command.get_args());
        let line: Vec<String> = words.map(|word| quoted(word.to_str().expect("text"))).collect();
        // The shell outlives a Ctrl-C, and then says how the program has left the terminal.
        let line = format!("trap : INT; {}; echo \"{END}$?\"; stty -a", line.join(" "));
        let mut terminal = Command::new(script);
        let environment = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
        terminal.args(["-qfec", &line, "/dev/null"]).env_clear().envs(environment);
        terminal.env("TERM", "xterm").env("SHELL", "/bin/sh");
        terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).kill_on_drop(true);
        let mut child = terminal.spawn().expect("a terminal");
        let (keyboard, screen) = child.stdin.take().zip(child.stdout.take()).expect("both are piped");
        Some(Self { child, keyboard, screen, seen: Vec::new() })
    }

    /// Waits until all of these are to be seen.
    ///
    /// # Panics
    /// When they do not come.
    pub async fn shows(&mut self, texts: &[&str]) {
        while !texts.iter().all(|text| self.text().contains(text)) {
            let read = tokio::time::timeout(PATIENCE, self.screen.read_buf(&mut self.seen)).await;
            let read = read.unwrap_or_else(|_| panic!("{texts:?} in time: {}", self.text())).expect("it speaks");
            assert!(read > 0, "it ended without {texts:?}: {}", self.text());
        }
    }

    /// Types this.
    ///
    /// # Panics
    /// When the terminal is gone.
    pub async fn types(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).await.expect("somebody reads");
    }

    /// Waits for the end of the program.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn left(mut self) -> Left {
        let end = self.screen.read_to_end(&mut self.seen);
        tokio::time::timeout(PATIENCE, end).await.expect("it ends").expect("it speaks");
        self.child.wait().await.expect("it can be waited for");
        let text = self.text();
        let (screen, left) = text.rsplit_once(END).unwrap_or_else(|| panic!("it does not say how it ended: {text}"));
        let (code, modes) = left.split_once('\n').expect("the terminal's modes");
        let echo = modes.split_whitespace().any(|mode| mode == "echo");
        Left { code: code.trim().parse().expect("an exit code"), echo, screen: screen.to_owned() }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }
}

const END: &str = "the program ended with ";

/// One word for a shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
