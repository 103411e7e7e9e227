//! `doorkey login`: the person is in the browser; this command opens it, and tells how far it is.

mod pasting;
mod stepping;
mod waiting;

use std::time::Duration;

use doorkey_client::Client;
use doorkey_client::words::{
    BrowserBy, DeviceUse, EventKind, Fix, Identified, PastedRedirect, Refusal, Session, SignIn, SignInRequest,
    SignInStep, Update, VERSION,
};
use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval};

use self::pasting::Pasting;
use self::stepping::{Stepping, Then};
use self::waiting::Waiting;
use crate::agency::{self, Again};
use crate::args::Login;
use crate::browser::Opening;
use crate::commands::renew::Answer;
use crate::commands::{facts, profile};
use crate::failure::Failure;
use crate::line::Line;
use crate::output::Output;
use crate::progress;
use crate::signals::Interrupt;
use crate::time;
use crate::whereabouts::Whereabouts;

pub(crate) fn run(args: &Login, out: &Output) -> Result<(), Failure> {
    let opening = Opening::of(&args.browser);
    let (session, forgets) = agency::with_agency("The sign-in", Again::IfUnsent, async |agency, interrupt| {
        if agency::forgets(agency).await {
            out.warn(
                "this command is the agent and its vault is in memory: the session will end with it. Start \
                 `doorkey agent` first to keep it",
            );
        }
        let session = sign_in(agency.client(), args, &opening, interrupt, out).await?;
        Ok((session, agency::forgets(agency).await))
    })?;

    let session = match session {
        Ended::SignedIn(session) => session,
        Ended::NotKept { profile } => return not_kept(&profile, out),
    };
    if out.is_json() {
        out.answer_json(&Answer::of(&session))?;
    } else {
        let who = facts::who(&session);
        let what = match session.identified {
            Identified::Person | Identified::NotVerified => "Signed in as ",
            Identified::Application => "A token is here for the ",
        };
        out.answer(Line::from(what).strong(who).plain(" with ").strong(&session.profile).plain("."))?;
        facts::of_session(&session, time::now()).answer(out)?;
    }
    if forgets {
        out.warn("that session has ended now, with this command: start `doorkey agent` first, or have a keyring");
    }
    Ok(())
}

/// How a sign-in ends well.
enum Ended {
    SignedIn(Box<Session>),
    /// By a request that was edited: there is no session.
    NotKept {
        profile: String,
    },
}

/// The answer for machines where nothing was kept.
#[derive(Serialize)]
struct NotKept<'a> {
    version: u32,
    profile: &'a str,
    session: (),
    edited: bool,
}

fn not_kept(profile: &str, out: &Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.answer_json(&NotKept { version: VERSION, profile, session: (), edited: true });
    }
    let line = Line::from("The provider signed you in by an edited request with ").strong(profile);
    out.answer(line.plain("; nothing was stored."))
}

/// Signs in, and tells on the way.
async fn sign_in(
    client: &Client,
    args: &Login,
    opening: &Opening,
    interrupt: &mut Interrupt,
    out: &Output,
) -> Result<Ended, Failure> {
    let profile = match &args.profile {
        Some(name) => name.clone(),
        None => the_only_profile(client).await?,
    };
    let here = Whereabouts::of_this_process();
    let request = SignInRequest {
        timeout: args.timeout,
        browser: BrowserBy::Caller,
        prompt: args.asked.prompt.clone(),
        login_hint: args.asked.login_hint.clone(),
        params: args.asked.params(),
        device: device_use(args, opening, &here),
        response_mode: args.asked.response_mode,
        step: args.step,
        ..SignInRequest::for_profile(&profile)
    };
    out.note(Line::from("Signing in with ").strong(&profile));
    match follow(client, &request, &Way { opening, here }, interrupt, out).await {
        Err(Failure::Refused(refusal)) => Err(with_the_command(client, *refusal).await.into()),
        ended => ended,
    }
}

/// How the person comes to the provider.
struct Way<'a> {
    opening: &'a Opening,
    here: Whereabouts,
}

/// A code for another device is shown where it was asked for, and where the browser is not here (DEV-07).
fn device_use(args: &Login, opening: &Opening, here: &Whereabouts) -> Option<DeviceUse> {
    if args.device {
        Some(DeviceUse::Only)
    } else if here.is_far() || !opening.opens_something() {
        Some(DeviceUse::Beside)
    } else {
        None
    }
}

/// Follows a sign-in from its start to its end. The stream is opened first, so that nothing is missed.
async fn follow(
    client: &Client,
    request: &SignInRequest,
    way: &Way<'_>,
    interrupt: &mut Interrupt,
    out: &Output,
) -> Result<Ended, Failure> {
    let mut updates = client.updates(None).await?;
    let started = client.start_sign_in(request).await?.sign_in;
    let id = started.id.clone();
    let mut waiting = Waiting::new(started, out);
    let mut pasting = Pasting::default();
    let mut stepping = Stepping::default();
    let mut tick = interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            update = updates.next() => match update? {
                Some(Update::Event(event)) if event.flow.as_deref() == Some(&id) => match (&event.kind, request.step) {
                    (EventKind::Exchanged { exchange }, true) => stepping::answered(exchange, out),
                    _ => if let Some(told) = progress::line(&event.kind) {
                        let took = told.took.map(|took| format!("  {}", time::took(took))).unwrap_or_default();
                        out.step(told.mark, told.line.dim(took));
                    }
                }
                Some(Update::SignIn { sign_in }) if sign_in.id == id => {
                    if sign_in.step.is_final() {
                        return ended(sign_in);
                    }
                    stepping.seen(sign_in.pause.as_ref(), out);
                    if waiting.moved_to(sign_in) == Some(SignInStep::Waiting) {
                        let detail = client.sign_in(&id).await?;
                        // In step mode, what is typed is said to the requests.
                        if waiting.open(&detail, way).await && !request.step {
                            pasting.begin(out);
                        }
                    }
                }
                Some(_) => {}
                None => return Err(agent_gone(&request.profile).into()),
            },
            url = pasting.next() => {
                // When it was the answer, the next updates tell.
                match client.hand_in(&id, &PastedRedirect { url }).await.map_err(Failure::from) {
                    Ok(_) => {}
                    Err(Failure::Refused(refusal)) => waiting.not_the_answer(&refusal),
                    Err(failure) => return Err(failure),
                }
            }
            line = stepping.next() => match stepping.take(line, client, &id, out).await? {
                Then::GoesOn => {}
                Then::Stops => {
                    client.cancel_sign_in(&id).await?;
                    return Err(stopped(&request.profile).into());
                }
            },
            _ = tick.tick() => {
                if !stepping.asks() {
                    waiting.tick(time::now());
                }
                if waiting.is_overdue(time::now()) {
                    let sign_in = client.sign_in(&id).await?.sign_in;
                    if sign_in.step.is_final() {
                        return ended(sign_in);
                    }
                }
            }
            () = interrupt.received() => {
                out.settle();
                client.cancel_sign_in(&id).await?;
                return Err(Failure::Refused(Box::new(stopped(&request.profile))));
            }
        }
    }
}

fn ended(sign_in: SignIn) -> Result<Ended, Failure> {
    match (sign_in.session, sign_in.error) {
        (Some(session), _) => Ok(Ended::SignedIn(Box::new(session))),
        (None, None) if sign_in.step == SignInStep::Done => Ok(Ended::NotKept { profile: sign_in.profile }),
        (None, Some(refusal)) => Err(refusal.into()),
        (None, None) => Err(stopped(&sign_in.profile).into()),
    }
}

fn stopped(profile: &str) -> Refusal {
    Refusal::new("user.cancelled", "The sign-in was stopped; nothing was changed.", "").about(profile)
}

fn agent_gone(profile: &str) -> Refusal {
    Refusal::new(
        "broker.unavailable",
        "The agent went away while the sign-in was under way; nothing was changed.",
        format!("Start it again, and then `doorkey login {profile}`."),
    )
    .retryable()
    .about(profile)
}

async fn the_only_profile(client: &Client) -> Result<String, Failure> {
    let profiles = client.profiles().await?;
    match profiles.as_slice() {
        [one] => Ok(one.profile.name.clone()),
        [] => Err(Refusal::new(
            "config.no_profile",
            "There is no profile yet, so there is nothing to sign in with.",
            "Add one with `doorkey profile add NAME --issuer URL --client-id ID`, or look at `doorkey demo`.",
        )
        .into()),
        several => {
            let names: Vec<&str> = several.iter().map(|view| view.profile.name.as_str()).collect();
            Err(Refusal::new(
                "usage.missing_argument",
                format!("A profile must be named; there are {}: {}.", names.len(), names.join(", ")),
                format!("Name one: `doorkey login {}`.", names[0]),
            )
            .into())
        }
    }
}

/// Where a change of the profile mends it, the command that makes it.
async fn with_the_command(client: &Client, mut refusal: Refusal) -> Refusal {
    let Some(Fix::UseIssuer { issuer }) = &refusal.fix else { return refusal };
    let profiles = client.profiles().await.unwrap_or_default();
    if let Some(view) = profiles.iter().find(|view| Some(&view.profile.name) == refusal.profile.as_ref()) {
        refusal.hint = profile::command::to_use_issuer(&view.profile, issuer);
    }
    refusal
}
