//! A keyring that keeps one key, as the real one does: it may be stubborn, and its prompt may hold what is asked of it.

use std::sync::Condvar;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

/// What is asked of the keyring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Question,
    Fresh,
    Forget,
}

#[derive(Default)]
pub(super) struct Kept {
    pub(super) key: Mutex<Option<[u8; 32]>>,
    /// Does not forget when it is told to.
    pub(super) stubborn: AtomicBool,
    prompt: Mutex<Prompt>,
    changed: Condvar,
}

#[derive(Default)]
struct Prompt {
    holds: Option<Call>,
    is_open: bool,
}

impl Kept {
    /// From now on the prompt holds the calls of one kind, between what they read and what they write.
    pub(super) fn hold(&self, call: Call) {
        lock(&self.prompt).holds = Some(call);
    }

    pub(super) fn answer(&self) {
        lock(&self.prompt).holds = None;
        self.changed.notify_all();
    }

    /// Until a call waits in the prompt.
    pub(super) fn until_prompted(&self) {
        let open = self.changed.wait_while(lock(&self.prompt), |prompt| !prompt.is_open);
        drop(open.expect("nobody panics with it"));
    }

    fn prompt(&self, call: Call) {
        let mut prompt = lock(&self.prompt);
        while prompt.holds == Some(call) {
            prompt.is_open = true;
            self.changed.notify_all();
            prompt = self.changed.wait(prompt).expect("nobody panics with it");
        }
    }

    pub(super) fn open(self: &Arc<Self>, settings: Settings, limit: fn(Patience) -> Duration) -> Vault {
        let (asked, told) = (Arc::clone(self), Arc::clone(self));
        let ask: Ask = Arc::new(move |_, making| {
            let found = *lock(&asked.key);
            asked.prompt(if making == Making::Fresh { Call::Fresh } else { Call::Question });
            match (found, making) {
                (None, Making::Never) => Err(KeyProblem::Missing),
                (Some(found), Making::Never | Making::IfNone | Making::Anew) => Ok(Key::from_bytes(found)),
                (None, Making::IfNone | Making::Anew) | (_, Making::Fresh) => {
                    Ok(Key::from_bytes(*lock(&asked.key).insert(key::random())))
                }
            }
        });
        let forget: Forget = Arc::new(move |_| {
            if told.stubborn.load(Ordering::SeqCst) {
                return Err(KeyProblem::Locked);
            }
            told.prompt(Call::Forget);
            *lock(&told.key) = None;
            Ok(())
        });
        Vault::open_with(settings, ask, forget, limit)
    }

    pub(super) fn has_a_key(&self) -> bool {
        lock(&self.key).is_some()
    }
}
