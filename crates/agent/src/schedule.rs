//! What happens by itself: planned renewals, storing again what could not be stored, and the journal's way to the disk.

use std::sync::{Arc, Weak};
use std::time::Duration;

use jiff::Timestamp;

use crate::agent::Agent;
use crate::journal::Journal;
use crate::renew::{Reason, renewed};
use crate::session::{Live, Next, Purpose};

/// Timers do not count suspended time: the wall clock is looked at within this time after a wake-up.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
const FIRST_SAVE: Duration = Duration::from_secs(1);
const LAST_SAVE: Duration = Duration::from_secs(60);
/// What a crash may take of the journal: hand-outs of tokens that are younger than this.
const LONGEST_UNWRITTEN: Duration = Duration::from_millis(50);

/// Renews whatever is due, as long as the agent lives.
pub(crate) async fn renewals(agent: Weak<Agent>) {
    loop {
        let Some(agent) = agent.upgrade() else { return };
        let now = agent.host.now();
        let mut next: Option<Timestamp> = None;
        for live in agent.sessions.all() {
            let due = live.held().due_at();
            match due {
                Some(due) if due <= now => start(&agent, &live),
                Some(due) => next = Some(next.map_or(due, |next| next.min(due))),
                None => {}
            }
        }
        let sleep = next.map_or(LONGEST_SLEEP, |next| {
            Duration::try_from(next.duration_since(now)).unwrap_or_default().min(LONGEST_SLEEP)
        });
        let changed = Arc::clone(&agent.plan_changed);
        drop(agent);
        tokio::select! {
            () = tokio::time::sleep(sleep) => {}
            () = changed.notified() => {}
        }
    }
}

fn start(agent: &Arc<Agent>, live: &Arc<Live>) {
    let (agent, live) = (Arc::clone(agent), Arc::clone(live));
    // Its outcome is in the journal and in the session itself.
    tokio::spawn(async move { renewed(&agent, &live, Reason::Planned).await });
}

/// Writes hand-outs of tokens into the journal's file, many at once.
pub(crate) async fn journal(journal: Arc<Journal>) {
    loop {
        journal.unwritten().await;
        tokio::time::sleep(LONGEST_UNWRITTEN).await;
        journal.write();
    }
}

/// Tries again to store what lives in memory only (S-27).
pub(crate) async fn saves(agent: Weak<Agent>) {
    let mut pause = FIRST_SAVE;
    loop {
        let wait = {
            let Some(agent) = agent.upgrade() else { return };
            Arc::clone(&agent.unsaved)
        };
        let anything = {
            let Some(agent) = agent.upgrade() else { return };
            agent.sessions.all().iter().any(|live| live.held().unsaved)
        };
        if !anything {
            pause = FIRST_SAVE;
            wait.notified().await;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LAST_SAVE);
        let Some(agent) = agent.upgrade() else { return };
        for live in agent.sessions.all() {
            // Nothing older than what a renewal stores, and nothing of who signs out, may be stored after it. Who has
            // the turn stores by itself.
            let mine = live.next(Purpose::Replacement, |held| Ok(held.unsaved && held.is_here().is_ok()));
            let Ok(Some(Next::Mine(turn))) = mine else { continue };
            let record = Arc::clone(&live.held().record);
            let trail = agent.journal.trail(&record.profile, &agent.host.identifier());
            if agent.save(live.id, &record, &trail).await {
                live.held().unsaved = false;
                drop(turn);
                agent.tell_session(&live);
            }
        }
    }
}
