//! An address typed or piped in: where a browser on another computer ended (NAT-12). It holds a code, so it is not
//! shown, and it goes to the agent as a secret.

use std::io::{self, BufRead, IsTerminal};
use std::thread;

use doorkey_client::Secret;
use tokio::sync::mpsc;

use crate::line::{Line, Mark};
use crate::output::Output;
use crate::terminal::{self, Silent};

/// Longer than any address.
const LONGEST: u64 = 64 * 1024;

/// Lines of standard input, from the moment when one would be of use.
#[derive(Default)]
pub(super) struct Pasting {
    lines: Option<mpsc::Receiver<Secret>>,
    /// The terminal is as it was again once this is dropped.
    _silent: Option<Silent>,
}

impl Pasting {
    /// Starts to listen, and says so; nothing where standard input is nobody's to type into.
    pub(super) fn begin(&mut self, out: &Output) {
        let typed = io::stdin().is_terminal();
        if self.lines.is_some() || (typed && !terminal::is_ours()) {
            return;
        }
        let (tell, lines) = mpsc::channel(1);
        // Not the runtime's: nothing can end a read from a terminal, and the process must not wait for it.
        let reading = thread::Builder::new().name("pasted".into()).spawn(move || read(&tell));
        if reading.is_err() {
            return;
        }
        self.lines = Some(lines);
        if typed {
            self._silent = Some(Silent::new());
            out.step(
                Mark::Waiting,
                "if that browser ends at a page that cannot be reached: copy the address of that page, paste it here",
            );
            out.note(
                Line::from("      and press Enter; it is not shown. ")
                    .strong("Never paste this address anywhere else."),
            );
        }
    }

    /// The next line that is not empty; never, when there are no more.
    pub(super) async fn next(&mut self) -> Secret {
        if let Some(lines) = &mut self.lines
            && let Some(line) = lines.recv().await
        {
            return line;
        }
        self.lines = None;
        std::future::pending().await
    }
}

fn read(tell: &mpsc::Sender<Secret>) {
    let mut stdin = io::stdin().lock();
    loop {
        let mut line = String::new();
        match io::Read::take(&mut stdin, LONGEST).read_line(&mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) if line.trim().is_empty() => {}
            Ok(_) => {
                if tell.blocking_send(Secret::new(line)).is_err() {
                    return;
                }
            }
        }
    }
}
