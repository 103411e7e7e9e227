//! Step mode, for people who test: a sign-in waits before each request to the provider, is shown with its secrets as
//! fingerprints, and goes on as it is, edited, or not at all.
//!
//! It hangs on the sign-in's [`Trail`](crate::journal::Trail), so every request of it comes by here and none of anybody
//! else's. What the answer is held against never changes, and what came by an edited request is stored nowhere: not in
//! the vault, not among what is known of the provider. What cleans up after a sign-in waits for nobody.

mod edits;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use doorkey_client::words::{Edit, Edited, Pause, Refusal};
use http::Request;
use jiff::{SignedDuration, Timestamp};
use url::Url;

use self::edits::{BadEdit, Kind, editable, edited};
use crate::exchanged::{Purpose, differences, shown};
use crate::host::Host;
use crate::sign_ins::{Progress, StepCall};

/// The steps of one sign-in.
pub(crate) struct Steps {
    progress: Progress,
    host: Host,
    /// How long each pause may last.
    patience: Duration,
    /// The number of the last pause. Held while one lasts: the browser's way and another device's wait one after the other.
    turn: tokio::sync::Mutex<u32>,
    edited: AtomicBool,
}

impl Steps {
    pub(crate) fn new(progress: Progress, host: Host, patience: Duration) -> Self {
        Self { progress, host, patience, turn: tokio::sync::Mutex::default(), edited: AtomicBool::new(false) }
    }

    /// Waits until the request may be sent, and gives it as it is to be sent.
    ///
    /// # Errors
    /// Why the sign-in was stopped; `login.pause_timeout`, which stops it.
    pub(crate) async fn before(
        &self,
        purpose: Purpose,
        request: &Request<Vec<u8>>,
    ) -> Result<Request<Vec<u8>>, Refusal> {
        let kind = match purpose {
            Purpose::Metadata | Purpose::Keys => Kind::Document,
            Purpose::Push => Kind::Push,
            Purpose::Device
            | Purpose::Token
            | Purpose::Renewal
            | Purpose::Userinfo
            | Purpose::Account
            | Purpose::Revocation
            | Purpose::Introspection
            | Purpose::Registration => Kind::Other,
        };
        let (told, query) = shown(request, purpose);
        let editable = editable(kind, request);
        let pause = Pause { number: 0, before: purpose.word().to_owned(), request: Some(told), query, editable };
        self.pause(pause, |edits| edited(kind, request, edits)).await
    }

    /// The same for the address that the browser is sent to; and what was changed of it.
    ///
    /// # Errors
    /// As [`before`](Self::before).
    pub(crate) async fn before_opening(&self, address: &Url) -> Result<(Url, Vec<Edited>), Refusal> {
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = address.as_str().parse().expect("a URL that was parsed is a URI");
        let (told, query) = shown(&request, Purpose::Push);
        let editable = editable(Kind::Authorization, &request);
        let pause = Pause { number: 0, before: "authorization".to_owned(), request: Some(told), query, editable };
        let new = self.pause(pause, |edits| edited(Kind::Authorization, &request, edits)).await?;
        let differences = differences(&request, &new);
        if new.uri() == request.uri() {
            return Ok((address.clone(), differences));
        }
        self.note_edited();
        Ok((Url::parse(&new.uri().to_string()).expect("it was made of a URL"), differences))
    }

    /// Waits once everything was checked, before the session is stored.
    ///
    /// # Errors
    /// As [`before`](Self::before).
    pub(crate) async fn before_saving(&self) -> Result<(), Refusal> {
        let (request, query, editable) = (None, Vec::new(), Vec::new());
        let pause = Pause { number: 0, before: "save".to_owned(), request, query, editable };
        let nothing = |edits: &[Edit]| match edits {
            [] => Ok(()),
            [..] => Err(BadEdit::NotHere { what: "request" }),
        };
        self.pause(pause, nothing).await
    }

    /// From here on nothing of this sign-in is stored.
    pub(crate) fn note_edited(&self) {
        self.edited.store(true, Ordering::Relaxed);
        self.progress.change(|view| view.edited = true);
    }

    /// Whether a request was edited.
    pub(crate) fn edited(&self) -> bool {
        self.edited.load(Ordering::Relaxed)
    }

    async fn pause<T>(&self, mut pause: Pause, made: impl Fn(&[Edit]) -> Result<T, BadEdit>) -> Result<T, Refusal> {
        let mut turn = self.turn.lock().await;
        *turn += 1;
        pause.number = *turn;
        let deadline = self.deadline();
        let mut calls = self.progress.pauses(pause, deadline);
        let shown = Shown(self);
        loop {
            let call = tokio::select! {
                biased;
                why = self.progress.stopped() => return Err(why),
                call = calls.recv() => call,
                () = self.host.reached(deadline) => return Err(self.given_up()),
            };
            // Whoever could call holds the other end as long as the pause is shown.
            let Some(StepCall { request, tell }) = call else { std::future::pending().await };
            if request.number != *turn {
                drop(tell.send(Err(not_paused())));
                continue;
            }
            match made(&request.edits) {
                Ok(made) => {
                    // Gone before whoever called looks again.
                    drop(shown);
                    let _ = tell.send(Ok(()));
                    return Ok(made);
                }
                Err(bad) => drop(tell.send(Err(bad.refusal()))),
            }
        }
    }

    fn deadline(&self) -> Timestamp {
        self.host.now() + SignedDuration::try_from(self.patience).unwrap_or(SignedDuration::MAX)
    }

    /// Nobody came. The sign-in is stopped, so that tokens which it has already are given back as when a person stops it.
    fn given_up(&self) -> Refusal {
        let why = Refusal::new(
            "login.pause_timeout",
            format!("Nobody went on with this sign-in for {} seconds.", self.patience.as_secs()),
            "Start it again; `timeout` says how long each pause may last.",
        )
        .retryable();
        self.progress.stop(why.clone());
        why
    }
}

/// The request that was seen is not the one that waits.
pub(crate) fn not_paused() -> Refusal {
    Refusal::new(
        "login.not_paused",
        "This sign-in does not wait before that request.",
        "Look at the sign-in: `pause` tells what it waits before, and by which number.",
    )
}

/// A pause that watchers see, however it ends. What comes next has its own time.
struct Shown<'a>(&'a Steps);

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        self.0.progress.goes_on(self.0.deadline());
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use doorkey_client::words::{SignIn, SignInStep};

    use super::*;
    use crate::browser::BrowserChoice;
    use crate::http::{Http, HttpSettings};
    use crate::journal::{Journal, Trail};
    use crate::sign_ins::SignIns;
    use crate::time::Clock;

    /// One on which a request was edited.
    pub(crate) fn edited_trail() -> Trail {
        let journal = Arc::new(Journal::new(None));
        let view = SignIn {
            id: "0".to_owned(),
            profile: "work".to_owned(),
            step: SignInStep::Discovering,
            started_at: Timestamp::UNIX_EPOCH,
            deadline: Timestamp::UNIX_EPOCH,
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
        let progress = Arc::new(SignIns::new(Arc::clone(&journal))).begin(view).expect("the first");
        let http = Arc::new(Http::new(HttpSettings::default()));
        let host = Host { http, browser: BrowserChoice::from_env(None), clock: Clock::default() };
        let steps = Arc::new(Steps::new(progress, host, Duration::from_secs(1)));
        steps.note_edited();
        journal.trail("work", "0").in_steps(Some(steps))
    }
}
