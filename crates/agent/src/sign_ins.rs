//! Sign-ins under way, and those just ended: what watchers see of them, and the way to stop one.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use doorkey_client::Secret;
use doorkey_client::words::{
    DeviceCode, DeviceUse, Pause, Refusal, SignIn, SignInDetail, SignInStep, StepRequest, Update,
};
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};
use url::Url;

use crate::journal::Journal;
use crate::stepping::not_paused;

/// Ended ones are kept so that whoever started them can still look.
const KEPT: usize = 64;
/// Calls to one attempt that wait for their turn.
const CALLS_WAITING: usize = 4;

pub(crate) struct SignIns {
    journal: Arc<Journal>,
    attempts: Mutex<VecDeque<Attempt>>,
}

struct Attempt {
    view: SignIn,
    address: Option<Url>,
    calls: Option<mpsc::Sender<Call>>,
    steps: Option<mpsc::Sender<StepCall>>,
    stop: watch::Sender<Option<Refusal>>,
}

/// What the sign-in itself holds: how it reports, and how it hears that it must stop.
#[derive(Clone)]
pub(crate) struct Progress {
    sign_ins: Arc<SignIns>,
    id: String,
    stopped: watch::Receiver<Option<Refusal>>,
}

/// What somebody wants of an attempt that waits for its browser, and where to say what became of it.
pub(crate) struct Call {
    pub(crate) want: Want,
    tell: oneshot::Sender<Result<(), Refusal>>,
}

pub(crate) enum Want {
    /// To hand in an address that a person has brought by hand.
    Paste(Secret),
    /// An address that can be opened once more (PAR-03).
    Address,
}

/// Somebody goes on from a pause; and where to say whether it was the right one.
pub(crate) struct StepCall {
    pub(crate) request: StepRequest,
    pub(crate) tell: oneshot::Sender<Result<(), Refusal>>,
}

/// The calls while one attempt waits.
pub(crate) struct Calls(mpsc::Receiver<Call>);

impl Calls {
    /// The next one; never, where nobody can call any more.
    pub(crate) async fn next(&mut self) -> Call {
        match self.0.recv().await {
            Some(call) => call,
            None => std::future::pending().await,
        }
    }
}

impl Call {
    /// Says what became of it. Whoever called may be gone.
    pub(crate) fn answer(self, outcome: Result<(), Refusal>) {
        let _ = self.tell.send(outcome);
    }
}

impl SignIns {
    pub(crate) fn new(journal: Arc<Journal>) -> Self {
        Self { journal, attempts: Mutex::default() }
    }

    /// One at a time for each profile (L-33).
    pub(crate) fn begin(self: &Arc<Self>, view: SignIn) -> Result<Progress, Refusal> {
        let mut attempts = self.attempts();
        if let Some(running) =
            attempts.iter().find(|other| other.view.profile == view.profile && !other.view.step.is_final())
        {
            let profile = &running.view.profile;
            return Err(Refusal::new(
                "login.already_running",
                format!("A sign-in for `{profile}` is already under way."),
                "Finish it in the browser, or cancel it and start again.",
            )
            .retryable()
            .about(profile));
        }
        if attempts.len() >= KEPT
            && let Some(oldest) = attempts.iter().position(|attempt| attempt.view.step.is_final())
        {
            attempts.remove(oldest);
        }
        if attempts.len() >= KEPT {
            return Err(
                Refusal::new("broker.busy", "Too many sign-ins are under way.", "Finish or cancel some.").retryable()
            );
        }
        let (stop, stopped) = watch::channel(None);
        let id = view.id.clone();
        self.journal.tell(Update::SignIn { sign_in: view.clone() });
        attempts.push_back(Attempt { view, address: None, calls: None, steps: None, stop });
        Ok(Progress { sign_ins: Arc::clone(self), id, stopped })
    }

    pub(crate) fn look(&self, id: &str) -> Result<SignInDetail, Refusal> {
        let attempts = self.attempts();
        let attempt = attempts.iter().find(|attempt| attempt.view.id == id).ok_or_else(|| {
            Refusal::new("login.unknown", "There is no such sign-in.", "It ended a while ago; start a new one.")
        })?;
        let authorization_url = attempt.address.as_ref().map(ToString::to_string);
        Ok(SignInDetail { sign_in: attempt.view.clone(), authorization_url })
    }

    pub(crate) fn under_way(&self) -> Vec<SignIn> {
        self.attempts()
            .iter()
            .filter(|attempt| !attempt.view.step.is_final())
            .map(|attempt| attempt.view.clone())
            .collect()
    }

    /// Wants something of an attempt that waits for its browser; what it says.
    pub(crate) async fn call(&self, id: &str, want: Want) -> Result<(), Refusal> {
        self.look(id)?;
        let calls = self.attempts().iter().find(|attempt| attempt.view.id == id).and_then(|it| it.calls.clone());
        let not_waiting = || {
            Refusal::new(
                "login.not_waiting",
                "This sign-in does not wait for a browser: it has its answer, or it is over.",
                "Look whether you are signed in; otherwise start again.",
            )
        };
        let (tell, told) = oneshot::channel();
        match calls {
            Some(calls) if calls.send(Call { want, tell }).await.is_ok() => {
                told.await.unwrap_or_else(|_| Err(not_waiting()))
            }
            Some(_) | None => Err(not_waiting()),
        }
    }

    /// Goes on from a pause, with the request as it is or edited.
    pub(crate) async fn step(&self, id: &str, request: StepRequest) -> Result<(), Refusal> {
        self.look(id)?;
        let steps = self.attempts().iter().find(|attempt| attempt.view.id == id).and_then(|it| it.steps.clone());
        let (tell, told) = oneshot::channel();
        match steps {
            Some(steps) if steps.send(StepCall { request, tell }).await.is_ok() => {
                told.await.unwrap_or_else(|_| Err(not_paused()))
            }
            Some(_) | None => Err(not_paused()),
        }
    }

    /// Asks one to stop; it ends as soon as nothing can be lost by it.
    pub(crate) fn stop(&self, id: &str, why: Refusal) -> Result<watch::Receiver<Option<Refusal>>, Refusal> {
        self.look(id)?;
        let attempts = self.attempts();
        let attempt =
            attempts.iter().find(|attempt| attempt.view.id == id).expect("looked at a line ago, under no await");
        attempt.stop.send_replace(Some(why));
        Ok(attempt.stop.subscribe())
    }

    /// Stops them all.
    pub(crate) fn stop_all(&self, why: &Refusal) {
        for attempt in self.attempts().iter() {
            if !attempt.view.step.is_final() {
                attempt.stop.send_replace(Some(why.clone()));
            }
        }
    }

    /// Stops what a change of the profile has overtaken.
    pub(crate) fn stop_profile(&self, profile: &str, why: &Refusal) {
        for attempt in self.attempts().iter() {
            if attempt.view.profile == profile && !attempt.view.step.is_final() {
                attempt.stop.send_replace(Some(why.clone()));
            }
        }
    }

    fn attempts(&self) -> MutexGuard<'_, VecDeque<Attempt>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress {
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Changes what watchers see, and tells them.
    pub(crate) fn change(&self, change: impl FnOnce(&mut SignIn)) {
        let mut attempts = self.sign_ins.attempts();
        if let Some(attempt) = attempts.iter_mut().find(|attempt| attempt.view.id == self.id) {
            change(&mut attempt.view);
            self.sign_ins.journal.tell(Update::SignIn { sign_in: attempt.view.clone() });
        }
    }

    pub(crate) fn step(&self, step: SignInStep) {
        self.change(|view| view.step = step);
    }

    /// The browser may be opened now. What is wanted of the attempt from here on comes by the value that is returned.
    pub(crate) fn waiting(&self, address: &Url, redirect_uri: &Url) -> Calls {
        let (tell, calls) = mpsc::channel(CALLS_WAITING);
        self.attempt(|attempt| {
            attempt.address = Some(address.clone());
            attempt.calls = Some(tell);
        });
        self.change(|view| {
            view.step = SignInStep::Waiting;
            view.redirect_uri = Some(redirect_uri.to_string());
        });
        Calls(calls)
    }

    /// It waits for a person. What they say comes by the value that is returned.
    pub(crate) fn pauses(&self, pause: Pause, deadline: Timestamp) -> mpsc::Receiver<StepCall> {
        let (tell, steps) = mpsc::channel(CALLS_WAITING);
        self.attempt(|attempt| attempt.steps = Some(tell));
        self.change(|view| (view.pause, view.deadline) = (Some(pause), deadline));
        steps
    }

    /// It waits no longer, and whatever comes next may last until then.
    pub(crate) fn goes_on(&self, deadline: Timestamp) {
        self.attempt(|attempt| attempt.steps = None);
        self.change(|view| {
            if view.pause.take().is_some() {
                view.deadline = deadline;
            }
        });
    }

    /// Stops the sign-in from within.
    pub(crate) fn stop(&self, why: Refusal) {
        // One that left the registry cannot be stopped any more, and need not be.
        let _ = self.sign_ins.stop(&self.id, why);
    }

    /// There is another address to open, in place of the one before.
    pub(crate) fn opens(&self, address: Url) {
        self.attempt(|attempt| attempt.address = Some(address));
    }

    /// There is a code for another device. Beside a browser the step is the browser's.
    pub(crate) fn shows(&self, code: &DeviceCode, device: DeviceUse) {
        self.change(|view| {
            match device {
                DeviceUse::Only => view.step = SignInStep::Waiting,
                DeviceUse::Beside => {}
            }
            view.device = Some(code.clone());
        });
    }

    /// Another device cannot take part.
    pub(crate) fn no_device(&self, why: Refusal) {
        self.change(|view| {
            view.device = None;
            view.device_problem = Some(why);
        });
    }

    /// The person has decided: address and code are of no use any more.
    pub(crate) fn answered(&self) {
        self.forget_address();
        self.change(|view| {
            view.step = SignInStep::Exchanging;
            view.device = None;
        });
    }

    /// The address is of no use any more and is forgotten.
    pub(crate) fn forget_address(&self) {
        self.attempt(|attempt| (attempt.address, attempt.calls) = (None, None));
    }

    fn attempt(&self, change: impl FnOnce(&mut Attempt)) {
        let mut attempts = self.sign_ins.attempts();
        if let Some(attempt) = attempts.iter_mut().find(|attempt| attempt.view.id == self.id) {
            change(attempt);
        }
    }

    /// Resolves when the sign-in must stop.
    pub(crate) async fn stopped(&self) -> Refusal {
        let mut stopped = self.stopped.clone();
        let why = stopped.wait_for(Option::is_some).await.map(|why| why.clone());
        match why {
            Ok(why) => why.unwrap_or_else(crate::refusal::cancelled),
            // An attempt that left the registry cannot be asked to stop any more.
            Err(_) => std::future::pending().await,
        }
    }

    /// Whether it must stop.
    pub(crate) fn must_stop(&self) -> Option<Refusal> {
        self.stopped.borrow().clone()
    }
}
