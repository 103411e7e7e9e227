//! The scene in which somebody signs in: the robot, or the person at this terminal.

use std::time::{Duration, Instant};

use doorkey_client::words::{BrowserBy, EventKind, Refusal, Session, SignIn, SignInRequest, SignInStep, Update};
use doorkey_client::{Client, Updates};
use doorkey_demo_idp::{Robot, Running, robot_sign_in};
use tokio::time::interval;

use super::person::{SignedInBy, SignsIn};
use super::report::Report;
use super::scenes::{PROFILE, next, not_as_promised, told};
use crate::commands::facts;
use crate::failure::Failure;
use crate::line::Mark;
use crate::time::{now, seconds_until, span};

/// Long enough for a person to read the page.
const SIGN_IN_WITHIN: u32 = 180;

/// The whole sign-in; the fingerprint of the refresh token.
pub(super) async fn sign_in(
    provider: &Running,
    client: &Client,
    updates: &mut Updates,
    who: &SignsIn,
    report: &mut Report<'_>,
) -> Result<Option<String>, Failure> {
    let person = provider.people().first().ok_or_else(|| not_as_promised("the provider knows nobody"))?;
    let about = match who {
        SignsIn::Robot(why) => {
            format!("The built-in robot is the person ({why}). It reads the provider's pages and fills them in.")
        }
        SignsIn::Person(_) => {
            format!("In your browser. Sign in as {} with the password {}.", person.email, person.password)
        }
    };
    report.scene("Signing in", &about)?;

    let began = Instant::now();
    let request = SignInRequest {
        timeout: Some(SIGN_IN_WITHIN),
        browser: BrowserBy::Caller,
        ..SignInRequest::for_profile(PROFILE)
    };
    let id = client.start_sign_in(&request).await?.sign_in.id;
    let mut fingerprint = None;
    let mut robot = None;
    let mut tick = interval(Duration::from_millis(500));
    let mut deadline = None;
    let session = loop {
        tokio::select! {
            update = next(updates) => match update? {
                Update::Event(event) if event.flow.as_deref() == Some(&id) => {
                    told(&event.kind, report)?;
                    match event.kind {
                        EventKind::Checked { checks, .. } => report.checks(&checks)?,
                        EventKind::TokensReceived { refresh_token, .. } => fingerprint = refresh_token,
                        _ => {}
                    }
                }
                Update::SignIn { sign_in } if sign_in.id == id => {
                    if sign_in.step.is_final() {
                        break ended(sign_in)?;
                    }
                    if sign_in.step == SignInStep::Waiting && deadline.is_none() {
                        deadline = Some(sign_in.deadline);
                        let address = client.sign_in(&id).await?.authorization_url.unwrap_or_default();
                        robot = opened(&address, who, Robot::allow(person), report).await?;
                    }
                }
                _ => {}
            },
            _ = tick.tick() => if let Some(deadline) = deadline && robot.is_none() {
                let left = span(seconds_until(deadline, now()));
                report.out.moving(report.out.notes().marked(Mark::Waiting).plain(format!("waiting for you in the browser, {left} left")));
            },
        }
    };
    if let Some(robot) = robot {
        robot.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic())).map_err(|error| {
            Refusal::new(
                "bug.demo",
                format!("The robot did not get to the end: {error}."),
                "Tell us, with `doorkey demo --json`.",
            )
        })?;
    }
    let who = facts::who(&session);
    report.facts.session = Some(session);
    report.step("sign-in", format!("{who} is signed in"), began.elapsed())?;
    Ok(fingerprint)
}

type RobotTask = tokio::task::JoinHandle<Result<doorkey_demo_idp::Arrived, doorkey_demo_idp::RobotError>>;

/// The listener is bound: somebody opens the sign-in page. The robot, when it is the one.
async fn opened(
    address: &str,
    who: &SignsIn,
    robot: Robot,
    report: &mut Report<'_>,
) -> Result<Option<RobotTask>, Failure> {
    if let SignsIn::Person(opening) = who {
        match opening.open(address).await {
            Ok(with) => {
                report.facts.signed_in_by = Some(SignedInBy::Person);
                report.mark(Mark::Done, format!("asked {} to open the sign-in page", with.unwrap_or_default()))?;
                return Ok(None);
            }
            Err(why) => report.mark(Mark::Warned, format!("{why}: the robot signs in instead"))?,
        }
    }
    report.facts.signed_in_by = Some(SignedInBy::Robot);
    let address = address.to_owned();
    Ok(Some(tokio::spawn(async move { robot_sign_in(&address, &robot).await })))
}

fn ended(sign_in: SignIn) -> Result<Session, Failure> {
    match (sign_in.session, sign_in.error) {
        (Some(session), _) => Ok(session),
        (None, Some(refusal)) => Err(refusal.into()),
        (None, None) => Err(Failure::cancelled("The sign-in")),
    }
}
