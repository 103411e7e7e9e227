//! What happens by itself: planned renewals, storing again what could not be stored, and the journal's way to the disk.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use doorkey_client::words::{EventKind, SessionEnd};
use tokio::sync::Semaphore;

use crate::agent::Agent;
use crate::journal::Journal;
use crate::network::Network;
use crate::renew::{Reason, renewed};
use crate::session::{Due, Held, Live, Next, Purpose, Turn};
use crate::time::{Alarm, Uptime};

/// To one provider, of those that nobody asked for.
const MOST_AT_ONCE: usize = 4;
/// From the first sign of a network to its use.
const SETTLES: Duration = Duration::from_secs(1);
/// Between two looks at all sessions.
const LEAST_PAUSE: Duration = Duration::from_millis(20);
const FIRST_SAVE: Duration = Duration::from_secs(1);
const LAST_SAVE: Duration = Duration::from_secs(60);
/// What a crash may take of the journal: hand-outs of tokens that are younger than this.
const LONGEST_UNWRITTEN: Duration = Duration::from_millis(50);

/// Renews whatever is due, as long as the agent lives.
pub(crate) async fn renewals(agent: Weak<Agent>) {
    let Some(alarm) = agent.upgrade().map(|agent| Alarm::new(agent.host.clock.clone())) else { return };
    let mut lanes = Lanes::default();
    loop {
        let Some(agent) = agent.upgrade() else { return };
        let now = agent.host.moment();
        let mut next: Option<Uptime> = None;
        for live in agent.sessions.all() {
            let due = live.held().due();
            match due {
                Some(due) if due.is_past(now) => lanes.start(&agent, &live),
                Some(due) => next = Some(next.map_or(due.uptime, |next| next.min(due.uptime))),
                None => {}
            }
            let notice = live.held().notice();
            if let Some((at, end)) = notice {
                match Duration::try_from(at.duration_since(now.wall)) {
                    Ok(left) if !left.is_zero() => {
                        let at = now.uptime + left;
                        next = Some(next.map_or(at, |next| next.min(at)));
                    }
                    Ok(_) | Err(_) => told_of_the_end(&agent, &live, end),
                }
            }
        }
        let changed = Arc::clone(&agent.plan_changed);
        drop(agent);
        tokio::select! {
            () = alarm.rings(next) => {}
            // Many changes at once are one.
            () = changed.notified() => tokio::time::sleep(LEAST_PAUSE).await,
        }
    }
}

/// Once for each end.
fn told_of_the_end(agent: &Agent, live: &Live, end: SessionEnd) {
    live.held().noticed = Some(end.at);
    let profile = live.held().record.profile.clone();
    agent.journal.record(agent.host.now(), Some(&profile), None, EventKind::SessionEndsSoon { ends_at: end.at });
    agent.tell_session(live);
}

/// How many planned renewals go to each provider at once, so that all who were due while the computer slept are no flood.
#[derive(Default)]
struct Lanes(HashMap<String, Arc<Semaphore>>);

impl Lanes {
    /// Starts one if there is room. If not, it stays due, and is looked at again when another has ended.
    fn start(&mut self, agent: &Arc<Agent>, live: &Arc<Live>) {
        let issuer = live.held().record.issuer.clone();
        let lane = self.0.entry(issuer).or_insert_with(|| Arc::new(Semaphore::new(MOST_AT_ONCE)));
        let Ok(place) = Arc::clone(lane).try_acquire_owned() else { return };
        let (agent, live) = (Arc::clone(agent), Arc::clone(live));
        tokio::spawn(async move {
            // Its outcome is in the journal and in the session itself.
            let _ = renewed(&agent, &live, Reason::Planned).await;
            drop(place);
            agent.plan_changed.notify_one();
        });
    }
}

/// Tries again at once what waits for the network, each time that has changed.
pub(crate) async fn network(agent: Weak<Agent>) {
    let network = Network::new();
    loop {
        network.changed().await;
        // Connections that were kept may lead nowhere now, and whoever sends on one waits in vain.
        match agent.upgrade() {
            Some(agent) => agent.host.http.forget_clients(),
            None => return,
        }
        // An address comes before the route, and both before the name server.
        tokio::time::sleep(SETTLES).await;
        let Some(agent) = agent.upgrade() else { return };
        let now = agent.host.moment();
        for live in agent.sessions.all() {
            let sooner = Due::after(SETTLES.mul_f64(agent.host.jitter()), now);
            let brought_forward = live.held().try_sooner(sooner);
            if brought_forward {
                agent.tell_session(&live);
            }
        }
        agent.plan_changed.notify_one();
    }
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
            // Who has the turn stores by itself.
            if let Ok(Some(Next::Mine(turn))) = live.next(Purpose::Replacement, |held| Ok(wants_storing(held))) {
                agent.store_again(turn).await;
            }
        }
    }
}

fn wants_storing(held: &Held) -> bool {
    held.unsaved && held.is_here().is_ok()
}

impl Agent {
    /// Stores what lives in memory only. In its turn: nothing older than what a renewal stores, and nothing of who signs
    /// out, may be stored after it.
    pub(crate) async fn store_again(&self, turn: Turn) {
        let live = Arc::clone(turn.live());
        if !wants_storing(&live.held()) {
            return;
        }
        let record = Arc::clone(&live.held().record);
        let trail = self.journal.trail(&record.profile, &self.host.identifier());
        if self.save(live.id, &record, &trail).await {
            live.held().unsaved = false;
            drop(turn);
            self.tell_session(&live);
        }
    }
}
