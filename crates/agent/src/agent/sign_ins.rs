//! Sign-ins: started, kept, ended, stopped. The sign-in itself is `crate::sign_in`.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use doorkey_client::words::{
    EventKind, Grant, PastedRedirect, Refusal, SignInDetail, SignInRequest, SignInStep, StepRequest, VaultState,
};
use jiff::SignedDuration;

use super::Agent;
use super::vault::locked;
use crate::journal::Trail;
use crate::peer::Peer;
use crate::profiles::check;
use crate::record::SessionRecord;
use crate::session::{Held, Live};
use crate::sign_in::{Start, sign_in};
use crate::sign_ins::{Progress, Want};
use crate::stepping::Steps;
use crate::vault::{Patience, RecordId};
use crate::{application, revoke};

const USUAL_PATIENCE: u32 = 300;

/// How a sign-in ends well.
enum Ended {
    /// With a session.
    Kept(Arc<Live>),
    /// Without one, because a request of it was edited: whom the provider named.
    NotKept { sub: String, revoked: Result<(), String> },
}

impl Agent {
    pub(crate) async fn start_sign_in(
        self: &Arc<Self>,
        caller: &Peer,
        request: SignInRequest,
    ) -> Result<SignInDetail, Refusal> {
        if request.step {
            may_step(caller)?;
        }
        let profile = self.profiles.find(&request.profile)?;
        if self.vault.status().state != VaultState::Ready {
            self.vault.retry(Patience::Person);
        }
        // Where nothing can be kept, nobody is sent to a browser first.
        self.loaded().await.map_err(|refusal| refusal.about(&profile.name))?;
        // Edited by hand since, perhaps.
        let mut profile = check(profile)?;
        profile.response_mode = request.response_mode.unwrap_or(profile.response_mode);
        let mut client = self.client(&profile);
        client.dpop = profile.dpop.then(|| self.host.dpop_key());
        let patience = request.timeout.unwrap_or(USUAL_PATIENCE);
        if !(1..=1800).contains(&patience) {
            return Err(Refusal::new("usage.timeout", "The time-out must be between 1 and 1800 seconds.", "")
                .about(&profile.name));
        }
        let patience = Duration::from_secs(u64::from(patience));
        let now = self.host.now();
        let view = doorkey_client::words::SignIn {
            id: self.host.identifier(),
            profile: profile.name.clone(),
            step: SignInStep::Discovering,
            started_at: now,
            deadline: now + SignedDuration::try_from(patience).unwrap_or(SignedDuration::MAX),
            redirect_uri: None,
            device: None,
            device_problem: None,
            browser_problem: None,
            ignored: 0,
            untrusted_hint: None,
            pause: None,
            edited: false,
            error: None,
            session: None,
        };
        let progress = self.sign_ins.begin(view)?;
        let id = progress.id().to_owned();
        let agent = Arc::clone(self);
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        while attempts.try_join_next().is_some() {}
        attempts.spawn(async move {
            let steps = request.step.then(|| Arc::new(Steps::new(progress.clone(), agent.host.clone(), patience)));
            let trail = agent.journal.trail(&profile.name, progress.id()).in_steps(steps);
            trail.record(agent.host.now(), EventKind::SignInStarted);
            let start = Start { profile: &profile, client, request: &request, patience };
            let made = match profile.grant {
                Grant::ClientCredentials => application::signed_in(&agent, start, &progress, &trail).await,
                Grant::AuthorizationCode | Grant::DeviceCode => sign_in(&agent, start, &progress, &trail).await,
            };
            let outcome = match made {
                Ok(record) if trail.is_edited() => {
                    let revoked = revoke::of_edited(&agent, &record, &trail).await;
                    Ok(Ended::NotKept { sub: record.identity.sub.clone(), revoked })
                }
                Ok(record) => {
                    progress.step(SignInStep::Saving);
                    agent.keep(record, &trail).await.map(Ended::Kept)
                }
                Err(refusal) => Err(refusal),
            };
            agent.end(outcome.map_err(|refusal| refusal.about(&profile.name)), &progress, &trail);
        });
        self.sign_ins.look(&id)
    }

    /// Ends what is under way: sign-ins are stopped, renewals finished, and what could not be stored is tried a last time.
    /// Nothing is written after that.
    pub(crate) async fn finish(&self) {
        self.stop_sign_ins("because Doorkey was").await;
        for live in self.sessions.all() {
            let turn = live.turn().await;
            self.store_again(turn).await;
        }
        self.journal.record(self.host.now(), None, None, EventKind::AgentStopped);
        self.journal.write();
    }

    /// Stops them all, and waits for their end.
    pub(super) async fn stop_sign_ins(&self, why: &str) {
        let why = Refusal::new("user.cancelled", format!("The sign-in was stopped, {why}."), "Start it again.");
        self.sign_ins.stop_all(&why);
        self.probes.stop_all(&why);
        let mut attempts = std::mem::take(&mut *self.attempts.lock().unwrap_or_else(PoisonError::into_inner));
        // What ends may leave something behind to be done: tokens that nobody claimed are revoked.
        while !attempts.is_empty() {
            while attempts.join_next().await.is_some() {}
            attempts = std::mem::take(&mut *self.attempts.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Has this done although whoever asked for it may go away. The agent ends after it.
    pub(crate) fn outlive(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner).spawn(work);
    }

    /// One writer: the same person with the same profile keeps the same record, generation by generation.
    pub(crate) async fn keep(&self, mut record: SessionRecord, trail: &Trail) -> Result<Arc<Live>, Refusal> {
        record.note_checked(trail.checked());
        let theirs = self.sessions.of_person(&record.profile, &record.identity.sub).into_iter();
        let old = theirs.into_iter().find(|live| {
            let held = &live.held().record;
            held.issuer == record.issuer && held.identity.sub == record.identity.sub
        });
        // A vault that was locked meanwhile takes nothing in; what memory holds would be left behind in it.
        if !self.is_loaded() {
            return Err(locked());
        }
        let Some(live) = old else {
            let id = RecordId::random();
            let saved = self.save(id, &record, trail).await;
            let live = self.sessions.insert(id, Held { unsaved: !saved, ..Held::new(record, self.host.moment()) });
            self.plan_changed.notify_one();
            return Ok(live);
        };
        // A renewal of the old tokens must not end after the new ones were saved.
        let turn = live.turn().await;
        if live.held().is_here().is_err() {
            // Signed out meanwhile: that record's name is never used again.
            drop(turn);
            return Box::pin(self.keep(record, trail)).await;
        }
        let saved = self.save(live.id, &record, trail).await;
        self.sessions.replace(&live, Held { unsaved: !saved, ..Held::new(record, self.host.moment()) });
        live.further.forget();
        drop(turn);
        self.plan_changed.notify_one();
        Ok(live)
    }

    fn end(&self, outcome: Result<Ended, Refusal>, progress: &Progress, trail: &Trail) {
        progress.forget_address();
        let (step, session, error) = match outcome {
            Ok(Ended::NotKept { sub, revoked }) => {
                let reason = revoked.err().unwrap_or_default();
                let kind = EventKind::NotKept { sub, revoked: reason.is_empty(), reason };
                trail.record(self.host.now(), kind);
                (SignInStep::Done, None, None)
            }
            Ok(Ended::Kept(live)) => {
                let session = self.view_of(&live);
                trail.record(self.host.now(), EventKind::SignedIn { sub: session.sub.clone() });
                self.tell_session(&live);
                (SignInStep::Done, Some(session), None)
            }
            Err(refusal) if refusal.code == "user.cancelled" => {
                trail.record(self.host.now(), EventKind::SignInCancelled);
                (SignInStep::Cancelled, None, Some(refusal))
            }
            Err(refusal) => {
                trail.record(self.host.now(), EventKind::SignInFailed { refusal: refusal.clone() });
                (SignInStep::Failed, None, Some(refusal))
            }
        };
        progress.change(|view| {
            view.device = None;
            (view.step, view.session, view.error) = (step, session, error);
        });
        if trail.steps().is_some() {
            // A request that still waits for the person, such as another device's next question, waits for nothing now.
            progress.stop(crate::refusal::cancelled());
        }
    }

    pub(crate) fn look_at_sign_in(&self, id: &str) -> Result<SignInDetail, Refusal> {
        self.sign_ins.look(id)
    }

    pub(crate) fn cancel_sign_in(&self, id: &str) -> Result<SignInDetail, Refusal> {
        self.sign_ins.stop(id, crate::refusal::cancelled())?;
        self.sign_ins.look(id)
    }

    /// Goes on from where a sign-in waits in step mode.
    ///
    /// # Errors
    /// `broker.step_foreign`, `login.unknown`, `login.not_paused`; `usage.bad_edit`, and it waits on.
    pub(crate) async fn step(&self, caller: &Peer, id: &str, request: StepRequest) -> Result<SignInDetail, Refusal> {
        may_step(caller)?;
        self.sign_ins.step(id, request).await?;
        self.sign_ins.look(id)
    }

    /// Hands in an address that a person has brought by hand, to the running attempt and no other (L-44).
    pub(crate) async fn hand_in(&self, id: &str, pasted: PastedRedirect) -> Result<SignInDetail, Refusal> {
        self.sign_ins.call(id, Want::Paste(pasted.url)).await?;
        self.sign_ins.look(id)
    }

    /// An address to open once more: one that was pushed is good for once.
    pub(crate) async fn open_again(&self, id: &str) -> Result<SignInDetail, Refusal> {
        self.sign_ins.call(id, Want::Address).await?;
        self.sign_ins.look(id)
    }
}

/// Only the window and the command may, as the kernel knows them: what a person's sign-in asks for is for no program to
/// change on its way.
fn may_step(caller: &Peer) -> Result<(), Refusal> {
    if caller.is_doorkey() {
        return Ok(());
    }
    Err(Refusal::new(
        "broker.step_foreign",
        format!("{} may not step through a sign-in: only Doorkey's own window and command may.", caller.name()),
        "Step through it in the window, or with `doorkey login --step`.",
    ))
}
