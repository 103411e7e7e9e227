//! How the person sees the sessions: changed, kept, told, and gone with what it was said of.

use std::collections::BTreeSet;
use std::sync::Arc;

use doorkey_client::words::{Refusal, Session, SessionChange, Update};
use doorkey_oauth::clean;

use super::Agent;
use super::vault::locked;
use crate::arrangement::{Arrangement, Rearranged};
use crate::peer::Peer;
use crate::record::Record;
use crate::session::Live;
use crate::vault::RecordId;

impl Agent {
    /// # Errors
    /// `broker.session_foreign`, `session.not_found`, `usage.bad_label`; the vault's state. Everything is as it was then.
    pub(crate) async fn change_session(
        &self,
        caller: &Peer,
        id: &str,
        change: SessionChange,
    ) -> Result<Session, Refusal> {
        ours(caller)?;
        let change = Rearranged::try_from(change)?;
        self.loaded().await?;
        let mut record = self.arranging.lock().await;
        if !self.is_loaded() {
            return Err(locked());
        }
        let live = self.session_of_id(id)?;
        let profile = live.held().record.profile.clone();
        let shown: Vec<RecordId> = self.in_order().iter().map(|live| live.id).collect();
        let mut new = self.sessions.arrangement();
        new.change(live.id, &profile, change, &shown);
        if new != self.sessions.arrangement() {
            self.keep_arrangement(&mut record, &new).await?;
            self.rearrange(&new);
        }
        Ok(self.view_of(&live))
    }

    /// By its identifier and by nothing else.
    pub(crate) fn session_of_id(&self, id: &str) -> Result<Arc<Live>, Refusal> {
        let found = id.parse().ok().and_then(|id| self.sessions.find(id));
        found.ok_or_else(|| {
            let message = format!("There is no session `{}` any more.", clean(id, 40));
            Refusal::new("session.not_found", message, "`doorkey status` lists who is signed in.")
        })
    }

    pub(crate) fn view_of(&self, live: &Live) -> Session {
        let seen = self.sessions.seen(live.id);
        let view = live.held().view(live.id, self.host.moment());
        Session { label: seen.label, preferred: seen.preferred, position: seen.position, ..view }
    }

    /// As the person wants to see them; the others behind, by profile.
    pub(super) fn in_order(&self) -> Vec<Arc<Live>> {
        let positions = self.sessions.arrangement().positions();
        let mut all = self.sessions.all();
        all.sort_by_cached_key(|live| {
            let record = Arc::clone(&live.held().record);
            let position = positions.get(&live.id).copied();
            (position.is_none(), position, record.profile.clone(), record.signed_in_at, live.id)
        });
        all
    }

    /// With a session goes what the person said of it.
    pub(crate) async fn forget_arrangement(&self, id: RecordId) {
        let mut record = self.arranging.lock().await;
        let mut new = self.sessions.arrangement();
        if !new.forget(id) {
            return;
        }
        // What stays on the disk is of no session, and out of it when the vault is read again.
        if let Err(refusal) = self.keep_arrangement(&mut record, &new).await {
            tracing::warn!(code = refusal.code, "what a session was called is still in the vault");
        }
        self.rearrange(&new);
    }

    /// What the vault has, and what was arranged in memory while it could not be read: the newer word counts. `there` are
    /// the sessions of the vault, those that cannot be read among them.
    pub(super) async fn take_arrangements(&self, found: Vec<(RecordId, Arrangement)>, there: &BTreeSet<RecordId>) {
        let mut record = self.arranging.lock().await;
        let mut new = self.sessions.arrangement();
        let mut surplus = Vec::new();
        for (id, arrangement) in found {
            if *record == Some(id) {
                continue;
            }
            new.complete(arrangement);
            match *record {
                None => *record = Some(id),
                Some(_) => surplus.push(id),
            }
        }
        new.keep(|id| there.contains(&id) || self.sessions.find(id).is_some());
        if !surplus.is_empty() {
            match self.keep_arrangement(&mut record, &new).await {
                Ok(()) => self.remove_arrangements(surplus).await,
                Err(refusal) => tracing::warn!(code = refusal.code, "how sessions are arranged is in memory only"),
            }
        }
        self.rearrange(&new);
    }

    async fn remove_arrangements(&self, surplus: Vec<RecordId>) {
        for id in surplus {
            if let Err(error) = self.vault.remove(id).await {
                tracing::warn!(%error, "an older arrangement of sessions is still in the vault");
            }
        }
    }

    async fn keep_arrangement(&self, record: &mut Option<RecordId>, new: &Arrangement) -> Result<(), Refusal> {
        let id = record.unwrap_or_else(RecordId::random);
        let content = Record::Arrangement(new.clone()).to_bytes();
        self.vault.save(id, content).await.map_err(|error| error.refusal())?;
        *record = Some(id);
        Ok(())
    }

    /// Those that look different from before are told.
    fn rearrange(&self, new: &Arrangement) {
        let old = self.sessions.arrangement();
        self.sessions.arrange(new.clone());
        for live in self.in_order() {
            if old.seen(live.id) != new.seen(live.id) {
                self.journal.tell(Update::Session { session: self.view_of(&live) });
            }
        }
    }
}

/// Only the window and the command may, as the kernel knows them: whom a program gets tokens of without saying so, and by
/// which names a person knows the accounts, is for no program to say.
fn ours(caller: &Peer) -> Result<(), Refusal> {
    if caller.is_doorkey() {
        return Ok(());
    }
    Err(Refusal::new(
        "broker.session_foreign",
        format!("{} may not change how sessions are seen: only Doorkey's own window and command may.", caller.name()),
        "Change it in the window, or with `doorkey account`.",
    ))
}
