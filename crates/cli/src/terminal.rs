//! The terminal that is typed into.

use std::io;

use rustix::process::getpgrp;
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp, tcsetattr};

/// Whether this command may read from its terminal: one in the background would be stopped for it.
pub(crate) fn is_ours() -> bool {
    tcgetpgrp(io::stdin()).is_ok_and(|foreground| foreground == getpgrp())
}

/// The terminal that hands on each key at once and shows none of them, and as it was again at the end. Ctrl-C is a signal
/// still.
pub(crate) struct Unbuffered(Option<Termios>);

impl Unbuffered {
    pub(crate) fn new() -> Self {
        let before = tcgetattr(io::stdin()).ok();
        if let Some(before) = &before {
            let mut unbuffered = before.clone();
            unbuffered.local_modes &= !(LocalModes::ECHO | LocalModes::ICANON);
            unbuffered.special_codes[SpecialCodeIndex::VMIN] = 1;
            unbuffered.special_codes[SpecialCodeIndex::VTIME] = 0;
            // Keys would have to be followed by Enter then.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &unbuffered);
        }
        Self(before)
    }
}

impl Drop for Unbuffered {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
        }
    }
}

/// The terminal without echo, and as it was again at the end.
pub(crate) struct Silent(Option<Termios>);

impl Silent {
    pub(crate) fn new() -> Self {
        let before = tcgetattr(io::stdin()).ok();
        if let Some(before) = &before {
            let mut silent = before.clone();
            silent.local_modes &= !LocalModes::ECHO;
            // It would be shown, not lost: the person sees that it is.
            let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &silent);
        }
        Self(before)
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
        }
    }
}
