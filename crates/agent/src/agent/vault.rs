//! The vault's verbs: its records brought into memory and out of it again, and what a person chooses.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use doorkey_client::words::{
    EventKind, Refusal, Update, VERSION, VaultChoice, VaultKind, VaultMove, VaultMoved, VaultState, VaultStatus,
};

use super::Agent;
use super::credentials::Credential;
use crate::arrangement::Arrangement;
use crate::record::Record;
use crate::session::{Held, Standing};
use crate::vault::{Agreed, Patience, RecordId};

impl Agent {
    /// Reads the vault's records once it is open, and again when another one is. Until then every call that needs them is
    /// refused by the vault's own state.
    pub(crate) async fn loaded(&self) -> Result<(), Refusal> {
        let mut loaded = self.loaded.lock().await;
        let status = match *loaded {
            None => self.vault.settled().await,
            Some(_) => self.vault.status(),
        };
        // What is in memory goes on while another place for it is tried.
        if loaded.is_some_and(|kind| kind == status.kind || status.state != VaultState::Ready) {
            return Ok(());
        }
        let records = self.vault.records().await.map_err(|error| error.refusal())?;
        let mut problems: Vec<Refusal> = self.vault.problems().iter().map(|problem| problem.refusal()).collect();
        let problematic = self.vault.problems().into_iter().map(|problem| problem.id);
        let there: BTreeSet<RecordId> = records.iter().map(|record| record.id).chain(problematic).collect();
        let mut arrangements = Vec::new();
        for record in records {
            // What is in memory already is at least as new: the vault has it from there.
            let is_here = self.sessions.find(record.id).is_some() || self.holds_credential(record.id);
            if is_here || self.holds_registration(record.id) {
                continue;
            }
            match Record::from_bytes(&record.content) {
                Ok(Record::Session(session)) => {
                    let held = Held::new(*session, self.host.moment());
                    let live = self.sessions.insert(record.id, held);
                    self.tell_session(&live);
                }
                Ok(Record::ClientSecret(secret)) => self.credentials().push(Credential::secret(record.id, secret)),
                Ok(Record::ClientKey(key)) => match Credential::key(record.id, &key) {
                    Ok(key) => self.credentials().push(key),
                    Err(refusal) => problems.push(refusal),
                },
                Ok(Record::Arrangement(arrangement)) => arrangements.push((record.id, arrangement)),
                Ok(Record::Registration(registration)) => self.registrations().push((record.id, registration)),
                Err(error) => problems.push(Refusal::new(
                    "store.damaged",
                    format!("{error}: {}.", record.id),
                    "It is left as it is. Sign in again, or open it with the version that wrote it.",
                )),
            }
        }
        self.take_arrangements(arrangements, &there).await;
        *self.problems.lock().unwrap_or_else(PoisonError::into_inner) = problems;
        *loaded = Some(status.kind);
        self.is_loaded.store(true, Ordering::Release);
        self.plan_changed.notify_one();
        Ok(())
    }

    /// Whether the records are in memory, so that [`Agent::loaded`] would not wait.
    pub(crate) fn is_loaded(&self) -> bool {
        self.is_loaded.load(Ordering::Acquire)
    }

    /// Follows the vault: a keyring that is unlocked later brings the sessions with it.
    pub(crate) async fn follow_vault(self: Arc<Self>) {
        let mut changed = self.vault.changed();
        loop {
            let status = changed.borrow_and_update().clone();
            if status.state == VaultState::Ready {
                // A failure is the vault's state again, and told with it.
                let _ = self.loaded().await;
            }
            self.journal.tell(Update::Vault { vault: status.clone() });
            self.journal.record(self.host.now(), None, None, EventKind::VaultChanged { vault: status });
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    pub(crate) async fn choose_vault(&self, choice: VaultChoice) -> Result<VaultStatus, Refusal> {
        let told = |error: crate::vault::StoreError| error.refusal();
        if choice.start_over {
            self.vault.start_over().await.map_err(told)?;
        }
        if choice.adopt {
            self.vault.adopt().await.map_err(told)?;
        }
        match (choice.kind, choice.passphrase) {
            (VaultKind::Passphrase, Some(passphrase)) => self.vault.unlock(passphrase).await.map_err(told)?,
            // What is to be typed next is in the vault's state.
            (VaultKind::Passphrase, None) if choice.start_over || choice.adopt => {}
            (kind, _) => self.vault.choose(kind, Patience::Person).map_err(told)?,
        }
        Ok(self.vault.settled().await)
    }

    pub(crate) async fn move_vault(&self, moving: VaultMove) -> Result<VaultMoved, Refusal> {
        self.vault.settled().await;
        let agreed = if moving.discard { Agreed::ToDelete } else { Agreed::ToNothing };
        let moved = self.vault.move_to(moving.to, moving.current, moving.passphrase, agreed).await;
        let records = u32::try_from(moved.map_err(|error| error.refusal())?).unwrap_or(u32::MAX);
        Ok(VaultMoved { version: VERSION, vault: self.vault.status(), records })
    }

    /// Forgets the key, and everything it has opened. What is under way ends first, so that nothing is lost by it.
    pub(crate) async fn lock_vault(&self) -> Result<VaultStatus, Refusal> {
        // Held to the end: nobody reads the records back in between.
        let mut loaded = self.loaded.lock().await;
        if self.vault.status().kind == VaultKind::Memory {
            self.vault.lock().await.map_err(|error| error.refusal())?;
        }
        self.stop_sign_ins("because the vault was locked").await;
        // Nothing is taken in from here on.
        let was_loaded = self.is_loaded.swap(false, Ordering::AcqRel);
        match self.emptied().await {
            Ok(()) => *loaded = None,
            Err(refusal) => {
                self.is_loaded.store(was_loaded, Ordering::Release);
                return Err(refusal);
            }
        }
        Ok(self.vault.status())
    }

    /// Everything that the vault has opened comes to its end, is stored, and is then out of memory.
    async fn emptied(&self) -> Result<(), Refusal> {
        let mut turns = Vec::new();
        for live in self.sessions.all() {
            turns.push(live.turn().await);
        }
        if let Some(unsaved) = turns.iter().find(|turn| turn.live().held().unsaved) {
            let profile = unsaved.live().held().record.profile.clone();
            return Err(Refusal::new(
                "store.unsaved",
                "The newest tokens are not stored yet; locking would lose them.",
                "Look at what `doorkey doctor` says of the disk, and lock again when they are stored.",
            )
            .retryable()
            .about(profile));
        }
        // Nothing is arranged meanwhile.
        let mut arrangement = self.arranging.lock().await;
        self.vault.lock().await.map_err(|error| error.refusal())?;
        for turn in &turns {
            turn.live().held().standing = Standing::Gone { problem: locked() };
            turn.live().further.forget();
            self.sessions.remove(turn.live().id);
            self.journal.tell(Update::SessionRemoved { id: turn.live().id.to_string() });
        }
        *arrangement = None;
        self.sessions.arrange(Arrangement::default());
        self.credentials().clear();
        self.registrations().clear();
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.locks.send_replace(());
        Ok(())
    }
}

pub(super) fn locked() -> Refusal {
    Refusal::new("store.locked", "The vault was locked.", "Open it: `doorkey vault unlock`.")
}
