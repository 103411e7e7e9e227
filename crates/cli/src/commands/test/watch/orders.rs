//! What whoever watches wants: by keys on a terminal, by lines where a program has started this.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::thread;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::output::Output;
use crate::terminal::{Unbuffered, is_ours};

/// A longer line is no order.
const LONGEST_LINE: u64 = 1_024;
/// Ctrl-D, where the terminal hands on every key.
const END_OF_TRANSMISSION: u8 = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// All of it, from the beginning; and from now on what is changed. What was told later than this is not meant.
    Run {
        told: Option<u64>,
    },
    /// What was ordered to run before, from the beginning.
    Again,
    /// What is being run is stopped, and nothing is run until it is ordered.
    Stop,
    End,
}

impl Order {
    /// What is no order changes nothing.
    fn of(line: &[u8]) -> Option<Self> {
        match str::from_utf8(line).ok()?.trim_ascii() {
            "quit" => Some(Self::End),
            "run" => Some(Self::Run { told: None }),
            "again" => Some(Self::Again),
            "stop" => Some(Self::Stop),
            other => Some(Self::Run { told: Some(other.strip_prefix("run ")?.parse().ok()?) }),
        }
    }
}

/// Where orders come from.
pub(super) struct Orders {
    orders: UnboundedReceiver<Order>,
    /// The terminal is as it was when this is gone.
    keys: Option<Unbuffered>,
}

impl Orders {
    /// Of this process. With `--json` a program is at the other end: when that has gone, so does this.
    pub(super) fn of_this_process(out: &Output) -> Self {
        let (tell, orders) = unbounded_channel();
        let terminal = io::stdin().is_terminal();
        let mut keys = None;
        if terminal && !is_ours() {
            // It would be stopped for reading. The channel's end is no order.
        } else if out.is_json() {
            thread::spawn(move || lines(&tell));
        } else if terminal {
            keys = Some(Unbuffered::new());
            thread::spawn(move || typed(&tell));
        }
        Self { orders, keys }
    }

    /// Whether a person may press a key.
    pub(super) fn by_keys(&self) -> bool {
        self.keys.is_some()
    }

    /// The next one. Never, where nobody can order anything.
    pub(super) async fn next(&mut self) -> Order {
        match self.orders.recv().await {
            Some(order) => order,
            None => std::future::pending().await,
        }
    }
}

fn lines(tell: &UnboundedSender<Order>) {
    let mut input = io::stdin().lock();
    loop {
        let mut line = Vec::new();
        let read = input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line);
        let order = match read {
            Ok(0) | Err(_) => Order::End,
            Ok(_) => match Order::of(&line) {
                Some(order) => order,
                None => continue,
            },
        };
        if tell.send(order).is_err() || order == Order::End {
            return;
        }
    }
}

fn typed(tell: &UnboundedSender<Order>) {
    for key in io::stdin().lock().bytes() {
        let order = match key {
            Ok(b'\n' | b'\r') => Order::Run { told: None },
            Ok(b'q' | b'Q' | END_OF_TRANSMISSION) | Err(_) => Order::End,
            Ok(_) => continue,
        };
        if tell.send(order).is_err() || order == Order::End {
            return;
        }
    }
    // The terminal is gone.
    let _ = tell.send(Order::End);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_a_word_and_nothing_else_is_one() {
        assert_eq!(Order::of(b"run\n"), Some(Order::Run { told: None }));
        assert_eq!(Order::of(b"run 12\r\n"), Some(Order::Run { told: Some(12) }));
        for none in ["run all", "run -1", "runs", "", "again 3", "run 99999999999999999999"] {
            assert_eq!(Order::of(none.as_bytes()), None, "{none}");
        }
        assert_eq!(Order::of(b"run \xff"), None);
    }
}
