//! The sign-in of a run, and whoever fills in its page.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use doorkey_client::words::{BrowserBy, Refusal, Session, SignIn, SignInRequest, SignInStep, Update};
use doorkey_client::{Client, Updates};

use super::{Broken, Halt, Stage};
use crate::scenario::browser::{PageFault, do_steps_told};
use crate::scenario::judge::Kind;
use crate::scenario::{Doing, Hands, LONGEST_TIMEOUT, Seen, Told};

/// Whoever filled in the page may know that it went wrong a moment before the agent does.
const AGENT_TELLS_WITHIN: Duration = Duration::from_secs(2);

/// What stopped whoever fills in the page.
enum Stopped {
    Page(PageFault),
    Command(String),
}

impl Stopped {
    /// What only touches the page may find it gone because the sign-in has ended; what was expected of it may not.
    fn counts_all_the_same(&self) -> bool {
        match self {
            Self::Page(PageFault::Step { expected, .. }) => *expected,
            Self::Page(PageFault::Password { .. }) => true,
            Self::Page(PageFault::Gone(_)) | Self::Command(_) => false,
        }
    }
}

impl Stage<'_> {
    /// The session; nothing where the sign-in was to be refused and was.
    pub(super) async fn sign_in(&mut self) -> Result<Option<Session>, Halt> {
        let began = Instant::now();
        let (sign_in, stopped) = self.until_over().await?;
        let took = began.elapsed();
        let flow = self.flow(&sign_in.id).await?;
        match stopped {
            Some(Stopped::Page(fault)) => return Err(self.note_page("sign-in", &fault, flow, took)),
            Some(Stopped::Command(why)) => return Err(Broken::Command(why).into()),
            None => {}
        }
        let refusal = sign_in.error.or_else(|| {
            let cancelled = || Refusal::new("user.cancelled", "The sign-in was stopped.", "");
            (sign_in.step == SignInStep::Cancelled).then(cancelled)
        });
        let mut seen = Seen { refusal, session: sign_in.session, flow, took, ..Seen::default() };
        let session = seen.session.clone();
        let run = self.run;
        self.look_closer(&run.expect, &mut seen).await?;
        if self.note("sign-in", Kind::SignIn, &run.expect, seen) { Ok(session) } else { Err(Halt::Failed) }
    }

    /// How it ended, and what stopped whoever filled in the page.
    async fn until_over(&self) -> Result<(SignIn, Option<Stopped>), Halt> {
        let mut updates = self.client.updates(None).await?;
        let id = self.client.start_sign_in(&self.request()).await?.sign_in.id;
        let is_over = AtomicBool::new(false);
        let (address, address_told) = tokio::sync::oneshot::channel();
        let mut ended = std::pin::pin!(ended_sign_in(self.client, &mut updates, &id, address, self.told));
        let mut page = std::pin::pin!(self.fill_in(address_told, &is_over));
        tokio::select! {
            over = &mut ended => {
                is_over.store(true, Ordering::Release);
                Ok((over?, page.await.err()))
            }
            filled = &mut page => match filled {
                Ok(()) => Ok((ended.await?, None)),
                Err(stopped) => match tokio::time::timeout(AGENT_TELLS_WITHIN, &mut ended).await {
                    Ok(over) => Ok((over?, Some(stopped).filter(Stopped::counts_all_the_same))),
                    Err(_) => {
                        let _ = self.client.cancel_sign_in(&id).await;
                        Ok((ended.await?, Some(stopped)))
                    }
                },
            },
        }
    }

    fn request(&self) -> SignInRequest {
        let wanted = &self.run.sign_in;
        let patience =
            wanted.timeout.map_or(self.run.timeout, |span| span.0).clamp(Duration::from_secs(1), LONGEST_TIMEOUT);
        SignInRequest {
            timeout: u32::try_from(patience.as_secs()).ok(),
            browser: match self.run.hands {
                Hands::Person => BrowserBy::Agent,
                Hands::Chromium(_) | Hands::Command(_) => BrowserBy::Caller,
            },
            prompt: wanted.prompt.clone(),
            login_hint: wanted.login_hint.clone(),
            params: wanted.params.clone(),
            response_mode: wanted.response_mode,
            ..SignInRequest::for_profile(&self.profile.name)
        }
    }

    /// Waits for the address, opens it and does what the scenario says.
    async fn fill_in(
        &self,
        address: tokio::sync::oneshot::Receiver<String>,
        is_over: &AtomicBool,
    ) -> Result<(), Stopped> {
        // It ended before there was one.
        let Ok(address) = address.await else { return Ok(()) };
        match (&self.run.hands, &self.browser) {
            (Hands::Chromium(steps), Some(browser)) => {
                let is_over = || is_over.load(Ordering::Acquire);
                let of = steps.len();
                let began = |number, what| (self.told)(Doing::Page { number, of, what });
                let done = do_steps_told(browser.page(), &address, steps, self.secrets, is_over, began).await;
                done.map_err(Stopped::Page)
            }
            (Hands::Command(words), _) => self.by_command(words, &address, is_over).await,
            (Hands::Person, _) | (Hands::Chromium(_), None) => Ok(()),
        }
    }

    async fn by_command(&self, words: &[String], address: &str, is_over: &AtomicBool) -> Result<(), Stopped> {
        let mut running = self.command(words, address).map_err(Stopped::Command)?;
        let over = async {
            while !is_over.load(Ordering::Acquire) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let mut over = std::pin::pin!(over);
        tokio::select! {
            status = running.ended() => {
                let status = status.map_err(Stopped::Command)?;
                if status.success() {
                    // What it has started, such as a browser, may be at the page still.
                    over.await;
                    return Ok(());
                }
                if is_over.load(Ordering::Acquire) { return Ok(()) }
                let program = running.program();
                Err(Stopped::Command(format!("`{program}` ended with {status}, and the sign-in still waits for its answer")))
            }
            // It is killed: what it was for is done.
            () = &mut over => Ok(()),
        }
    }
}

/// Waits for the end of a sign-in, and tells where the browser must go as soon as that is known.
async fn ended_sign_in(
    client: &Client,
    updates: &mut Updates,
    id: &str,
    address: tokio::sync::oneshot::Sender<String>,
    told: Told<'_>,
) -> Result<SignIn, Halt> {
    let mut address = Some(address);
    loop {
        let Some(update) = updates.next().await? else {
            return Err(doorkey_client::ClientError::NotRunning.into());
        };
        let Update::SignIn { sign_in } = update else { continue };
        if sign_in.id != id {
            continue;
        }
        if sign_in.step.is_final() {
            return Ok(sign_in);
        }
        told(Doing::SignIn { progress: sign_in.step });
        if sign_in.step == SignInStep::Waiting && address.is_some() {
            let device = sign_in.device.map(|code| code.verification_uri_complete.unwrap_or(code.verification_uri));
            let told = client.sign_in(id).await?.authorization_url.or(device);
            if let Some(told) = told
                && let Some(address) = address.take()
            {
                // Nobody waits for it where a person is at the browser.
                let _ = address.send(told);
            }
        }
    }
}
