//! `doorkey test watch --json`, as a process of this one. It ends when its standard input does, so that it never outlives the
//! window, however that ends.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{io, mem};

use doorkey_client::words::Refusal;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;
use tauri::async_runtime::JoinHandle;
use tauri::ipc::Channel;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::oneshot;

use super::Told;

/// Of a line, in bytes: a run that failed comes with half a megabyte of what happened.
const LONGEST_LINE: usize = 2 * 1024 * 1024;
/// After so many lines the page is left a moment to take them.
const LINES_AT_ONCE: u32 = 200;
const MOMENT: Duration = Duration::from_millis(50);
/// What it said last on standard error.
const LAST_SAID: usize = 20;
const LONGEST_SAID: usize = 500;
/// For closing browsers and agents.
const ENDS_WITHIN: Duration = Duration::from_secs(3);
/// After it was told by a signal, too.
const ENDS_THEN_WITHIN: Duration = Duration::from_secs(1);

pub(super) struct Child {
    orders: ChildStdin,
    end: oneshot::Sender<()>,
    following: JoinHandle<()>,
    /// Set before its end is told.
    over: Arc<AtomicBool>,
}

impl Child {
    /// Reads these places, and runs nothing yet.
    pub(super) fn start(command: &Path, places: &[PathBuf], page: Channel<Told>) -> Result<Self, Refusal> {
        let mut child = Command::new(command);
        child.args(["test", "watch", "--json", "--hold", "--"]).args(places);
        child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Signals to the window are not for it: it ends in order, when its orders do.
        child.process_group(0).kill_on_drop(true);
        let cannot = |why: &dyn std::fmt::Display| {
            let what = format!("{} does not start: {why}.", command.display());
            Refusal::new("desktop.no_command", what, "Install Doorkey\u{2019}s package again.")
        };
        let mut process = child.spawn().map_err(|error| cannot(&error))?;
        let orders = process.stdin.take().ok_or_else(|| cannot(&"it takes no orders"))?;
        let (end, ended) = oneshot::channel();
        let over = Arc::new(AtomicBool::new(false));
        let following = tauri::async_runtime::spawn(follow(process, page, ended, Arc::clone(&over)));
        Ok(Self { orders, end, following, over })
    }

    pub(super) fn has_ended(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// One that has ended is told of in another way.
    pub(super) async fn say(&mut self, order: &str) {
        let _ = self.orders.write_all(format!("{order}\n").as_bytes()).await;
    }

    /// Ends it and all that it has started.
    pub(super) async fn end(self) {
        let Self { orders, end, following, over: _ } = self;
        // It may have ended by itself.
        let _ = end.send(());
        drop(orders);
        let _ = following.await;
    }
}

/// Why it is not listened to any more.
enum Over {
    /// It was to end.
    Wanted,
    /// It has closed its output.
    Closed,
    /// What it says is not what `doorkey test watch` says.
    Strange(&'static str),
}

async fn follow(
    mut child: tokio::process::Child,
    page: Channel<Told>,
    mut ended: oneshot::Receiver<()>,
    is_over: Arc<AtomicBool>,
) {
    let (Some(output), Some(errors)) = (child.stdout.take(), child.stderr.take()) else { return };
    let (mut output, mut errors) = (Lines::of(output, LONGEST_LINE), Lines::of(errors, LONGEST_SAID));
    let (mut said, mut refusal, mut lines) = (VecDeque::new(), None, 0_u32);
    let mut silent = false;
    let over = loop {
        let line = tokio::select! {
            biased;
            _ = &mut ended => break Over::Wanted,
            text = errors.next(), if !silent => {
                match text {
                    Ok(Some(text)) => note(&mut said, &text),
                    Ok(None) | Err(_) => silent = true,
                }
                continue;
            }
            line = output.next() => line,
        };
        let line = match line {
            Ok(Some(line)) if line.len() >= LONGEST_LINE => break Over::Strange("a line of it is too long"),
            Ok(Some(line)) => line,
            Ok(None) | Err(_) => break Over::Closed,
        };
        match serde_json::from_slice::<Value>(&line) {
            Ok(line) if line["type"].is_string() => {
                if page.send(Told::Line { line }).is_err() {
                    break Over::Wanted;
                }
            }
            // How the command refuses to begin.
            Ok(line) if line["error"].is_object() => refusal = serde_json::from_value(line["error"].clone()).ok(),
            Ok(_) | Err(_) => break Over::Strange("it says something that is not understood"),
        }
        lines += 1;
        if lines.is_multiple_of(LINES_AT_ONCE) {
            tokio::time::sleep(MOMENT).await;
        }
    };
    if matches!(over, Over::Strange(_)) {
        // What it is ordered by then, it must not do: nobody knows what it has told.
        let _ = pid(&child).map(|child| kill_process(child, Signal::TERM));
    }
    // While somebody reads, it can say what it has to say, and end.
    let draining = async {
        drain(&mut output, &mut errors, &mut said).await;
        std::future::pending().await
    };
    let status = tokio::select! {
        status = end(&mut child) => status,
        never = draining => never,
    };
    is_over.store(true, Ordering::Release);
    if !matches!(over, Over::Wanted) && ended.try_recv().is_err() {
        let refusal = refusal.unwrap_or_else(|| why(&over, &status));
        let _ = page.send(Told::Left { refusal, said: said.into() });
    }
}

/// Waits for its end, and sees to it.
async fn end(child: &mut tokio::process::Child) -> io::Result<ExitStatus> {
    if let Ok(status) = tokio::time::timeout(ENDS_WITHIN, child.wait()).await {
        return status;
    }
    let group = pid(child);
    let signal = |signal| group.map(|group| kill_process_group(group, signal));
    // The second one says that nothing is waited for.
    let _ = (signal(Signal::TERM), signal(Signal::TERM));
    if let Ok(status) = tokio::time::timeout(ENDS_THEN_WITHIN, child.wait()).await {
        return status;
    }
    let _ = signal(Signal::KILL);
    child.wait().await
}

/// It leads a group of this number.
fn pid(child: &tokio::process::Child) -> Option<Pid> {
    Pid::from_raw(i32::try_from(child.id()?).ok()?)
}

/// Reads what nobody wants to know any more, but for the last words. Never ends before both are closed.
async fn drain(output: &mut Lines<ChildStdout>, errors: &mut Lines<ChildStderr>, said: &mut VecDeque<String>) {
    let rest = async { while let Ok(Some(_)) = output.next().await {} };
    let words = async {
        while let Ok(Some(text)) = errors.next().await {
            note(said, &text);
        }
    };
    tokio::join!(rest, words);
}

/// Lines without their ends; of one that is too long, its pieces.
struct Lines<R> {
    from: BufReader<R>,
    longest: usize,
    /// The line that is being read: waiting for its end may be given up and taken up again.
    begun: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    fn of(from: R, longest: usize) -> Self {
        Self { from: BufReader::new(from), longest, begun: Vec::new() }
    }

    async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let room = self.longest.saturating_sub(self.begun.len());
        (&mut self.from).take(room as u64).read_until(b'\n', &mut self.begun).await?;
        if self.begun.is_empty() {
            return Ok(None);
        }
        let mut line = mem::take(&mut self.begun);
        if line.ends_with(b"\n") {
            line.pop();
        }
        Ok(Some(line))
    }
}

fn note(said: &mut VecDeque<String>, text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    let text: String = text.chars().filter(|letter| !letter.is_control()).collect();
    if !text.is_empty() {
        said.push_back(text);
    }
    if said.len() > LAST_SAID {
        said.pop_front();
    }
}

fn why(over: &Over, status: &io::Result<ExitStatus>) -> Refusal {
    let why = match (over, status) {
        (Over::Strange(why), _) => (*why).to_owned(),
        (_, Ok(status)) => status.to_string(),
        (_, Err(error)) => error.to_string(),
    };
    Refusal::new(
        "desktop.watch_ended",
        format!("The command that plays the scenarios has ended: {why}."),
        "Look at what it said last, and run them again.",
    )
    .retryable()
}
