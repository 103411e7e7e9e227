//! Changes of what the keyring holds: a new key for a move, and the key of the choice before, which is of no use any more.
//!
//! Each is made on a thread of its own, alone with the keyring, and may wait there for a person. Whoever wants it waits for
//! no longer than a person is given; it cannot be taken back then, and keeps its turn until it is done.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use doorkey_client::words::VaultKind;
use tokio::sync::oneshot;

use super::error::StoreError;
use super::folder::Folder;
use super::header::Header;
use super::inner::{Inner, lock};
use super::key::Key;
use super::question::{KeyProblem, Making, Patience};
use super::turns::Turn;

impl Inner {
    /// A new key in place of whatever is there, for a move from there. Until it counts its turn is to be kept: nobody
    /// forgets it meanwhile.
    ///
    /// # Errors
    /// Why the keyring has none.
    pub(super) async fn fresh_key(self: &Arc<Self>, from: VaultKind) -> Result<(Key, Turn), StoreError> {
        let made = self.at_the_keyring(move |inner, path, turn| {
            // Whoever had the turn before may have opened the vault with the key that is there.
            inner.is_still_moved_from(from, &lock(&inner.store))?;
            Ok((inner.told((inner.ask)(path, Making::Fresh))?, turn))
        });
        match tokio::time::timeout((self.limit)(Patience::Person), made).await {
            Ok(Ok(made)) => made,
            Ok(Err(_)) => self.told(Err(KeyProblem::Unknown)),
            Err(_) => self.told(Err(KeyProblem::Locked)),
        }
    }

    /// Takes the key of the choice before out of the keyring, where that is still to be done. It has begun when this
    /// returns, and goes on whether or not somebody waits for it; what comes to nothing is tried again at the next start.
    pub(super) fn forget_key(self: &Arc<Self>) -> impl Future<Output = ()> + Send + use<> {
        let limit = (self.limit)(Patience::Person);
        let forgotten = self.is_key_to_be_forgotten().then(|| {
            self.at_the_keyring(|inner, path, _turn| {
                inner.forget_it_now(path).inspect_err(|error| tracing::warn!(%error, "a key of no use is still there"))
            })
        });
        async move {
            if let Some(forgotten) = forgotten {
                let _ = tokio::time::timeout(limit, forgotten).await;
            }
        }
    }

    fn forget_it_now(&self, path: &Path) -> Result<(), StoreError> {
        // Whoever had the turn before may have made it the key in force.
        if !self.is_key_to_be_forgotten() {
            return Ok(());
        }
        self.told((self.forget)(path))?;
        let _held = lock(&self.store);
        let Some(folder) = Folder::open(&self.dir)? else { return Ok(()) };
        let Some(mut header) = Header::read(&folder)?.filter(Header::clears_key) else { return Ok(()) };
        header.key_is_forgotten();
        Ok(header.write(&folder)?)
    }

    /// Without a choice that can be read it is not.
    fn is_key_to_be_forgotten(&self) -> bool {
        let folder = Folder::open(&self.dir).ok().flatten();
        folder.is_some_and(|folder| Header::read(&folder).ok().flatten().is_some_and(|header| header.clears_key()))
    }

    fn at_the_keyring<T: Send + 'static>(
        self: &Arc<Self>,
        change: impl FnOnce(&Self, &Path, Turn) -> Result<T, StoreError> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, StoreError>> {
        let (tell, told) = oneshot::channel();
        let (weak, turns, limit) = (Arc::downgrade(self), Arc::clone(&self.turns), (self.limit)(Patience::Person));
        // Without a thread nothing is told, which is as good as a keyring that says nothing.
        let _ = thread::Builder::new().name("keyring".into()).spawn(move || {
            let turn = turns.change(limit);
            // A vault that is closed by now may be another process's.
            let Some(inner) = weak.upgrade() else { return };
            let changed = match (turn, inner.dir.canonicalize()) {
                (Some(turn), Ok(path)) => change(&inner, &path, turn),
                (None, _) => inner.told(Err(KeyProblem::Locked)),
                (_, Err(error)) => Err(StoreError::from_io("find", &inner.dir, error)),
            };
            // Whoever waited may have given up.
            let _ = tell.send(changed);
        });
        told
    }

    fn told<T>(&self, answer: Result<T, KeyProblem>) -> Result<T, StoreError> {
        answer.map_err(|problem| StoreError::NotReady(problem.status(&self.dir)))
    }
}
