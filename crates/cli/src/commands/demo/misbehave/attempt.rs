//! One sign-in with the robot as the person, followed and told to whatever end it has.

use std::time::Duration;

use doorkey_client::words::{
    BrowserBy, Check, CheckOutcome, DeviceUse, EventKind, Refusal, SignIn, SignInRequest, SignInStep, Update,
};
use doorkey_client::{Client, ClientError, Updates};
use doorkey_demo_idp::{Asks, Endpoint, Robot, Running, robot_sign_in};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::verdict::Ended;
use crate::commands::demo::report::Report;
use crate::commands::demo::scenes::{PROFILE, next, told};
use crate::failure::Failure;

/// More than the longest time limit on the way to a provider, and than the longest wait it asks of a device.
const SIGN_IN_WITHIN: u32 = 180;
/// An answer that counts ends the wait at once; one that has not by then was none.
const ENDS_WITHIN: Duration = Duration::from_secs(2);

/// A device asks three times before its misbehaviours show.
const ASKS_BEFORE: usize = 3;
/// One that waits for longer between two questions is not waited for.
const ASKED_WITHIN: Duration = Duration::from_secs(40);

/// When the browser goes where it must.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    AtOnce,
    /// Only when the device has asked a few times.
    AfterQuestions,
}

/// What a sign-in needs.
pub(super) struct Person<'a> {
    pub(super) provider: &'a Running,
    pub(super) client: &'a Client,
    pub(super) updates: Updates,
    pub(super) robot: Robot,
    /// Checks that failed so far.
    pub(super) failed: Vec<Check>,
    /// Why nothing of userinfo is used, where that is so.
    pub(super) no_details: Option<Refusal>,
}

/// How it went.
pub(super) enum Went {
    /// To an end.
    Ended(Ended),
    /// The browser has been where it had to go, and the sign-in waits on, for somebody to come with this address.
    Waits { id: String, address: String },
}

impl Person<'_> {
    /// A sign-in as any other.
    pub(super) async fn signs_in(&mut self, report: &mut Report<'_>) -> Result<Went, Failure> {
        self.attempts(Asks::Nothing, report).await
    }

    /// A sign-in that asks for what the misbehaviour needs.
    pub(super) async fn attempts(&mut self, asks: Asks, report: &mut Report<'_>) -> Result<Went, Failure> {
        let mut request = SignInRequest {
            timeout: Some(SIGN_IN_WITHIN),
            browser: BrowserBy::Caller,
            ..SignInRequest::for_profile(PROFILE)
        };
        match asks {
            Asks::MaxAge => drop(request.params.insert("max_age".into(), "600".into())),
            Asks::AcrValues => drop(request.params.insert("acr_values".into(), "urn:demo:password".into())),
            Asks::Device => request.device = Some(DeviceUse::Only),
            Asks::Nothing
            | Asks::FormPost
            | Asks::Secret
            | Asks::Renewal
            | Asks::SecondSignIn
            | Asks::SignOut
            | Asks::Dpop => {}
        }
        let id = match self.client.start_sign_in(&request).await {
            Ok(started) => started.sign_in.id,
            Err(ClientError::Refused(refusal)) => return Ok(Went::Ended(Ended::Refused(refusal))),
            Err(error) => return Err(error.into()),
        };
        self.follow(&id, None, asks == Asks::Device, report).await
    }

    /// The browser goes to the same address again.
    pub(super) async fn tries_again(
        &mut self,
        id: &str,
        address: String,
        report: &mut Report<'_>,
    ) -> Result<Went, Failure> {
        self.follow(id, Some(address), false, report).await
    }

    async fn follow(
        &mut self,
        id: &str,
        address: Option<String>,
        on_a_device: bool,
        report: &mut Report<'_>,
    ) -> Result<Went, Failure> {
        let patience = if on_a_device { Patience::AfterQuestions } else { Patience::AtOnce };
        let mut step = if address.is_some() { SignInStep::Waiting } else { SignInStep::Discovering };
        let mut visit = address.map(|address| self.visits(address, patience));
        let mut is_over = false;
        loop {
            tokio::select! {
                update = next(&mut self.updates) => match update? {
                    Update::Event(event) if event.flow.as_deref() == Some(id) => self.tell(&event.kind, report)?,
                    Update::SignIn { sign_in } if sign_in.id == id => {
                        step = sign_in.step;
                        if step.is_final() {
                            if let Some(visit) = &visit {
                                visit.abort();
                            }
                            return ended(sign_in).map(Went::Ended);
                        }
                        if visit.is_none() && step == SignInStep::Waiting {
                            let address = if on_a_device { device_page(&sign_in) } else { self.page(id).await? };
                            visit = address.map(|address| self.visits(address, patience));
                        }
                    }
                    _ => {}
                },
                Some(address) = came_back(&mut visit), if !is_over => {
                    is_over = true;
                    if step == SignInStep::Waiting && !on_a_device {
                        return Ok(Went::Waits { id: id.to_owned(), address });
                    }
                }
            }
        }
    }

    /// Where the browser must go.
    async fn page(&self, id: &str) -> Result<Option<String>, Failure> {
        Ok(self.client.sign_in(id).await?.authorization_url)
    }

    /// The robot goes there; done a moment after it has come to rest.
    pub(super) fn visits(&self, address: String, patience: Patience) -> JoinHandle<String> {
        let (robot, log) = (self.robot.clone(), self.provider.log());
        tokio::spawn(async move {
            if patience == Patience::AfterQuestions {
                let questions = || {
                    let asked = log.of(Endpoint::Token);
                    asked.iter().filter(|entry| entry.params.get("device_code").is_some()).count()
                };
                let asked = async {
                    while questions() < ASKS_BEFORE {
                        sleep(Duration::from_millis(100)).await;
                    }
                };
                // Whatever was asked by then.
                let _ = timeout(ASKED_WITHIN, asked).await;
            }
            // A listener that refuses, and a provider with a page of its own, are both what is to be shown.
            let _ = robot_sign_in(&address, &robot).await;
            sleep(ENDS_WITHIN).await;
            address
        })
    }

    /// What the journal says, as it comes; checks that failed are kept.
    pub(super) fn tell(&mut self, event: &EventKind, report: &mut Report<'_>) -> Result<(), Failure> {
        if let EventKind::Checked { checks, .. } = event {
            let failed = checks.iter().filter(|check| check.outcome == CheckOutcome::Failed);
            self.failed.extend(failed.cloned());
        }
        if let EventKind::DetailsNotUsed { refusal } = event {
            self.no_details = Some(refusal.clone());
        }
        told(event, report)
    }
}

/// Where the other device must go, once there is a code.
fn device_page(sign_in: &SignIn) -> Option<String> {
    sign_in.device.as_ref()?.verification_uri_complete.clone()
}

async fn came_back(visit: &mut Option<JoinHandle<String>>) -> Option<String> {
    match visit {
        Some(visit) => visit.await.ok(),
        None => std::future::pending().await,
    }
}

fn ended(sign_in: SignIn) -> Result<Ended, Failure> {
    match (sign_in.session, sign_in.error) {
        (Some(session), _) => Ok(Ended::SignedIn(Box::new(session))),
        (None, Some(refusal)) => Ok(Ended::Refused(Box::new(refusal))),
        (None, None) => Err(Failure::cancelled("The sign-in")),
    }
}
