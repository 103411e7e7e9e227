//! Sign-ins under way, and those just ended: what watchers see of them, and the way to stop one.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use doorkey_client::words::{Refusal, SignIn, SignInDetail, SignInStep, Update};
use tokio::sync::watch;
use url::Url;

use crate::journal::Journal;

/// Ended ones are kept so that whoever started them can still look.
const KEPT: usize = 64;

pub(crate) struct SignIns {
    journal: Arc<Journal>,
    attempts: Mutex<VecDeque<Attempt>>,
}

struct Attempt {
    view: SignIn,
    address: Option<Url>,
    stop: watch::Sender<Option<Refusal>>,
}

/// What the sign-in itself holds: how it reports, and how it hears that it must stop.
pub(crate) struct Progress {
    sign_ins: Arc<SignIns>,
    id: String,
    stopped: watch::Receiver<Option<Refusal>>,
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
        attempts.push_back(Attempt { view, address: None, stop });
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

    /// The browser may be opened now.
    pub(crate) fn waiting(&self, address: &Url, redirect_uri: &Url) {
        {
            let mut attempts = self.sign_ins.attempts();
            if let Some(attempt) = attempts.iter_mut().find(|attempt| attempt.view.id == self.id) {
                attempt.address = Some(address.clone());
            }
        }
        self.change(|view| {
            view.step = SignInStep::Waiting;
            view.redirect_uri = Some(redirect_uri.to_string());
        });
    }

    /// The address is of no use any more and is forgotten.
    pub(crate) fn forget_address(&self) {
        let mut attempts = self.sign_ins.attempts();
        if let Some(attempt) = attempts.iter_mut().find(|attempt| attempt.view.id == self.id) {
            attempt.address = None;
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
