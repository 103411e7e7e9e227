//! Probes: wrong requests to a provider that the person runs, to see that it refuses them.
//!
//! A run has its own sign-ins and tokens, which never come near the vault and are revoked at its end; it uses no session.
//! Its requests go through the one HTTP struct, paced and counted, and stand in the journal as all others do. Nothing that
//! reaches its listener counts without the `state` of the visit.

mod answer;
mod asking;
mod cleaning;
mod codes;
mod desk;
mod ending;
mod refreshing;
mod rules;
mod visit;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use doorkey_client::words::{
    EventKind, Grant, ProbeOutcome, ProbeRequest, ProbeRun, ProbeState, ProbeVisit, Profile, Refusal, VERSION,
};
use doorkey_oauth::{Metadata, Push, ResponseMode};
use tokio::sync::watch;

use self::desk::Desk;
use self::rules::Rule;
use crate::agent::Agent;
use crate::journal::Trail;
use crate::peer::Peer;
use crate::profiles::check;

/// Ended ones are kept so that whoever started them can still look.
const KEPT: usize = 16;
/// How long somebody who looks may wait for something new.
const LONGEST_LOOK: Duration = Duration::from_secs(20);

/// Runs under way, and those just ended.
#[derive(Default)]
pub(crate) struct Probes(Mutex<VecDeque<Run>>);

/// What a run reports, and how it hears that it must stop.
#[derive(Clone)]
pub(crate) struct Run {
    view: Arc<watch::Sender<ProbeRun>>,
    stop: Arc<watch::Sender<Option<Refusal>>>,
}

impl Run {
    fn begin(id: String, profile: &Profile) -> Self {
        let view = ProbeRun {
            version: VERSION,
            id,
            profile: profile.name.clone(),
            issuer: profile.issuer.clone(),
            state: ProbeState::Running,
            revision: 0,
            visits: 0,
            requests: 0,
            visit: None,
            results: Vec::new(),
            cleaned: None,
            error: None,
        };
        Self { view: Arc::new(watch::Sender::new(view)), stop: Arc::new(watch::Sender::new(None)) }
    }

    fn change(&self, change: impl FnOnce(&mut ProbeRun)) {
        self.view.send_modify(|view| {
            change(view);
            view.revision += 1;
        });
    }

    fn tell(&self, rule: Rule, outcome: ProbeOutcome, got: impl Into<String>) {
        self.change(|view| view.results.push(rule.result(outcome, got)));
    }

    fn now(&self) -> ProbeRun {
        self.view.borrow().clone()
    }

    /// Resolves when it must stop.
    async fn stopped(&self) -> Refusal {
        let mut stop = self.stop.subscribe();
        match stop.wait_for(Option::is_some).await.map(|why| why.clone()) {
            Ok(Some(why)) => why,
            Ok(None) | Err(_) => std::future::pending().await,
        }
    }
}

impl Probes {
    /// Stops them all; they still clean up.
    pub(crate) fn stop_all(&self, why: &Refusal) {
        self.runs().iter().for_each(|run| drop(run.stop.send_replace(Some(why.clone()))));
    }

    fn begin(&self, run: Run) -> Result<(), Refusal> {
        let mut runs = self.runs();
        if runs.iter().any(|run| !run.view.borrow().state.is_final()) {
            let hint = "Wait for its end, or stop it.";
            return Err(Refusal::new("login.already_running", "Another run of probes is under way.", hint).retryable());
        }
        if runs.len() == KEPT {
            runs.pop_front();
        }
        runs.push_back(run);
        Ok(())
    }

    fn find(&self, id: &str) -> Result<Run, Refusal> {
        self.runs().iter().find(|run| run.view.borrow().id == id).cloned().ok_or_else(|| {
            Refusal::new("login.unknown", "There is no such run of probes.", "It ended a while ago; start a new one.")
        })
    }

    fn runs(&self) -> MutexGuard<'_, VecDeque<Run>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Agent {
    /// # Errors
    /// `broker.probe_foreign`, `usage.issuer_not_confirmed`, `usage.bad_probe`, `config.cannot_probe`,
    /// `login.already_running`; what is wrong with the profile.
    pub(crate) async fn start_probe(
        self: &Arc<Self>,
        caller: &Peer,
        request: ProbeRequest,
    ) -> Result<ProbeRun, Refusal> {
        may_probe(caller)?;
        let profile = self.profile(&request.profile)?;
        self.loaded().await.map_err(|refusal| refusal.about(&profile.name))?;
        let profile = check(profile)?;
        fits(&profile, &request).map_err(|refusal| refusal.about(&profile.name))?;
        let run = Run::begin(self.host.identifier(), &profile);
        self.probes.begin(run.clone())?;
        let (agent, view) = (Arc::clone(self), run.now());
        self.outlive(async move {
            let trail = agent.journal.trail(&profile.name, &run.now().id);
            trail.record(agent.host.now(), EventKind::ProbeStarted { issuer: profile.issuer.clone() });
            let ended = run_all(&agent, &profile, &request, &run, &trail).await;
            let results = run.now().results;
            let many = |outcome| u32::try_from(results.iter().filter(|it| it.outcome == outcome).count()).unwrap_or(0);
            let (passed, failed) = (many(ProbeOutcome::Passed), many(ProbeOutcome::Failed));
            trail.record(agent.host.now(), EventKind::ProbeEnded { passed, failed });
            run.change(|view| {
                view.visit = None;
                (view.state, view.error) = match ended {
                    Ok(()) => (ProbeState::Done, None),
                    Err(why) => (ProbeState::Stopped, Some(why.about(&profile.name))),
                };
            });
        });
        Ok(view)
    }

    /// As it is now, or once it is beyond a revision.
    ///
    /// # Errors
    /// `broker.probe_foreign`, `login.unknown`.
    pub(crate) async fn look_at_probe(&self, caller: &Peer, id: &str, after: Option<u64>) -> Result<ProbeRun, Refusal> {
        may_probe(caller)?;
        let run = self.probes.find(id)?;
        if let Some(after) = after {
            let mut view = run.view.subscribe();
            let moved = view.wait_for(|view| view.revision > after || view.state.is_final());
            // Nothing new is an answer too.
            drop(tokio::time::timeout(LONGEST_LOOK, moved).await);
        }
        Ok(run.now())
    }

    /// Stops it; it still cleans up.
    ///
    /// # Errors
    /// As [`look_at_probe`](Self::look_at_probe).
    pub(crate) fn cancel_probe(&self, caller: &Peer, id: &str) -> Result<ProbeRun, Refusal> {
        may_probe(caller)?;
        let run = self.probes.find(id)?;
        run.stop.send_replace(Some(Refusal::new("user.cancelled", "The probes were stopped.", "")));
        Ok(run.now())
    }
}

async fn run_all(
    agent: &Arc<Agent>,
    profile: &Profile,
    request: &ProbeRequest,
    run: &Run,
    trail: &Trail,
) -> Result<(), Refusal> {
    let mut client = agent.client(profile);
    client.dpop = profile.dpop.then(|| agent.host.dpop_key());
    (client.push, client.response_mode) = (Push::Never, ResponseMode::Query);
    let metadata: Metadata = tokio::select! {
        biased;
        why = run.stopped() => return Err(why),
        described = agent.providers.described(&agent.host, trail, profile) => described?,
    };
    let mut desk = Desk::new(agent, profile, request, client, &metadata, run, trail);
    let ended = tried(&mut desk).await;
    let why = match &ended {
        Ok(()) => "it was not come to",
        Err(_) => "the run ended before",
    };
    for rule in Rule::ALL {
        if !run.now().results.iter().any(|told| told.name == rule.result(ProbeOutcome::NotAsked, "").name) {
            run.tell(rule, ProbeOutcome::NotAsked, why);
        }
    }
    desk.clean().await;
    ended
}

/// Everything, one after the other.
async fn tried(desk: &mut Desk<'_>) -> Result<(), Refusal> {
    codes::first(desk).await?;
    codes::wrong(desk).await?;
    refreshing::refreshing(desk).await?;
    ending::revoked(desk).await?;
    asking::asking(desk).await?;
    ending::signed_out(desk).await
}

fn fits(profile: &Profile, request: &ProbeRequest) -> Result<(), Refusal> {
    if profile.issuer != request.issuer {
        return Err(Refusal::new(
            "usage.issuer_not_confirmed",
            "What was typed is not the issuer of this profile, so nothing was sent.",
            "Type the issuer exactly as the profile has it, and only if the provider is yours to test.",
        ));
    }
    if profile.grant != Grant::AuthorizationCode || profile.account.is_some() {
        return Err(Refusal::new(
            "config.cannot_probe",
            "This profile signs nobody in through a browser with OpenID Connect, so there is nothing to probe.",
            "Probe with a profile of the authorization code grant.",
        ));
    }
    let ProbeRequest { pace_ms, timeout, wait, leeway, .. } = request;
    let within = pace_ms.is_none_or(|pace| pace <= 10_000)
        && timeout.is_none_or(|timeout| (1..=1800).contains(&timeout))
        && wait.is_none_or(|wait| (1..=120).contains(&wait))
        && leeway.is_none_or(|leeway| leeway <= 60);
    if within {
        return Ok(());
    }
    let hint = "A pace is at most 10 s, a leeway 60 s, a wait 120 s, and a time-out 1800 s.";
    Err(Refusal::new("usage.bad_probe", "A time that the probes were to take is out of its bounds.", hint))
}

/// Only the window and the command may: wrong requests in a person's name are for no program to send.
fn may_probe(caller: &Peer) -> Result<(), Refusal> {
    if caller.is_doorkey() {
        return Ok(());
    }
    Err(Refusal::new(
        "broker.probe_foreign",
        format!("{} may not have a provider probed: only Doorkey's own window and command may.", caller.name()),
        "Probe it with `doorkey probe`.",
    ))
}

/// Shows what the browser must open.
fn opens(run: &Run, what: &str, url: String) {
    run.change(|view| {
        view.visits += 1;
        view.visit = Some(ProbeVisit { number: view.visits, what: what.to_owned(), url });
    });
}
