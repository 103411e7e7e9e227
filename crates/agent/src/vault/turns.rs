//! Turns at the keyring. It keeps one key for a vault, a call may wait for a person inside it, and nobody can take such
//! a call back: what was asked for long ago is done when the prompt is answered. So whoever changes what the keyring
//! holds is alone with it, and those who only ask for the key of the vault share it.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::inner::lock;

/// Who is at the keyring.
#[derive(Default)]
pub(super) struct Turns {
    at: Mutex<At>,
    left: Condvar,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// So many ask; nobody at first.
    Asking(usize),
    Changing,
}

impl Default for At {
    fn default() -> Self {
        Self::Asking(0)
    }
}

/// A turn; it ends when this is dropped.
#[must_use]
pub(super) struct Turn(Arc<Turns>);

impl Turns {
    /// To ask for the key, beside others who do; waits for as long as somebody changes it.
    pub(super) fn ask(self: &Arc<Self>) -> Turn {
        let changing = |at: &mut At| matches!(at, At::Changing);
        let mut at = self.left.wait_while(lock(&self.at), changing).unwrap_or_else(PoisonError::into_inner);
        if let At::Asking(others) = *at {
            *at = At::Asking(others + 1);
        }
        Turn(Arc::clone(self))
    }

    /// To change the key, alone; nothing where others are at it for longer than that.
    pub(super) fn change(self: &Arc<Self>, limit: Duration) -> Option<Turn> {
        let waited = self.left.wait_timeout_while(lock(&self.at), limit, |at| *at != At::Asking(0));
        let (mut at, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return None;
        }
        *at = At::Changing;
        Some(Turn(Arc::clone(self)))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut at = lock(&self.0.at);
        *at = match *at {
            At::Asking(all) => At::Asking(all.saturating_sub(1)),
            At::Changing => At::Asking(0),
        };
        self.0.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn many_ask_at_once_and_whoever_changes_is_alone() {
        let turns = Arc::new(Turns::default());
        let (one, another) = (turns.ask(), turns.ask());
        assert!(turns.change(Duration::ZERO).is_none());
        drop(one);
        assert!(turns.change(Duration::ZERO).is_none());
        drop(another);
        let changing = turns.change(Duration::ZERO).expect("nobody is at it");
        assert!(turns.change(Duration::ZERO).is_none());
        drop(changing);
        drop(turns.ask());
        assert!(turns.change(Duration::ZERO).is_some());
    }

    #[test]
    fn who_has_to_wait_gets_the_next_turn() {
        let turns = Arc::new(Turns::default());
        let changing = turns.change(Duration::ZERO).expect("nobody is at it");
        let asking = thread::spawn({
            let turns = Arc::clone(&turns);
            move || drop(turns.ask())
        });
        drop(changing);
        asking.join().expect("it had its turn");
        let asking = turns.ask();
        let changing = thread::spawn({
            let turns = Arc::clone(&turns);
            move || turns.change(Duration::from_secs(60)).is_some()
        });
        drop(asking);
        assert!(changing.join().expect("it ends"));
    }
}
