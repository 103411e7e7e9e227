//! `doorkey logout`: each step is told as it truly went.

use std::time::Duration;

use doorkey_client::words::{
    BrowserBy, BrowserSignOut, Event, EventKind, Refusal, SignOut, SignOutAnswer, SignOutRequest, SignOutStep,
    StepName, Update, VERSION,
};
use doorkey_client::{Client, Updates};
use serde::Serialize;
use tokio::time::timeout;
use url::Url;

use crate::agency::{self, Again};
use crate::args::Logout;
use crate::browser::Opening;
use crate::commands::facts;
use crate::failure::Failure;
use crate::line::{Line, Mark, Style};
use crate::output::Output;

/// The answer for machines.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    version: u32,
    profile: &'a str,
    steps: &'a [SignOutStep],
}

/// `EX_UNAVAILABLE`: a step that was asked for by name did not happen.
const NOT_ALL_DONE: u8 = 69;
/// The provider's page may ask the person first.
const LONGEST_AWAY: Duration = Duration::from_secs(60);

pub(crate) fn run(args: &Logout, out: &Output) -> Result<(), Failure> {
    let chosen = args.how.chosen();
    let opening = Opening::of(&args.browser);
    let (answer, by_hand) = agency::with_agency("The sign-out", Again::IfUnsent, async |agency, interrupt| {
        let client = agency.client();
        let (profile, account) = match &args.profile {
            Some(profile) => (profile.clone(), args.account.clone()),
            None => the_only_one(client, args.account.as_deref()).await?,
        };
        let how = chosen.unwrap_or_default();
        let request = SignOutRequest { profile, account, how, browser: BrowserBy::Caller };
        // Opened first, so that a browser that is quick is not missed.
        let mut updates = match how {
            SignOut::Everywhere => Some(client.updates(None).await?),
            SignOut::Forget | SignOut::Revoke => None,
        };
        let mut answer = client.sign_out(&request).await?;
        let by_hand = end_session(&mut answer, &opening, out).await;
        let is_away = answer.steps.iter().any(|step| step.step == StepName::EndSession && step.done);
        if let (Some(flow), Some(updates), true) = (answer.waits_for.clone(), &mut updates, is_away) {
            out.moving("waiting for the browser to come back");
            let outcome = tokio::select! {
                outcome = timeout(LONGEST_AWAY, returned(updates, &flow)) => outcome.ok().flatten(),
                () = interrupt.received() => None,
            };
            out.settle();
            told(&mut answer, outcome.unwrap_or(BrowserSignOut::NotReturned));
        }
        Ok((answer, by_hand))
    })?;
    let taken_over = |step: &SignOutStep| by_hand && step.step == StepName::EndSession;
    let left_undone = !answer.steps.iter().all(|step| step.done || taken_over(step));

    if out.is_json() {
        out.answer_json(&Answer { version: VERSION, profile: &answer.profile, steps: &answer.steps })?;
    } else {
        show(&answer, out)?;
    }
    match chosen {
        Some(SignOut::Revoke | SignOut::Everywhere) if left_undone => Err(Failure::Partly(NOT_ALL_DONE)),
        _ => Ok(()),
    }
}

/// What the agent tells of the browser.
async fn returned(updates: &mut Updates, flow: &str) -> Option<BrowserSignOut> {
    while let Ok(Some(update)) = updates.next().await {
        if let Update::Event(Event { kind: EventKind::BrowserSignedOut { outcome }, flow: Some(of), .. }) = update
            && of == flow
        {
            return Some(outcome);
        }
    }
    None
}

/// A browser that was sent there and says nothing sure is still signed out of here (LOGO-02).
fn told(answer: &mut SignOutAnswer, outcome: BrowserSignOut) {
    let reason = match outcome {
        BrowserSignOut::Confirmed => "the provider confirmed it",
        BrowserSignOut::NotVerified => "the browser came back without our `state`, so it is not verified",
        BrowserSignOut::NotReturned => "the browser has not come back, so it is not verified",
    };
    for step in answer.steps.iter_mut().filter(|step| step.step == StepName::EndSession && step.done) {
        reason.clone_into(&mut step.reason);
    }
}

/// Whom it is about when nobody was named: never a guess.
async fn the_only_one(client: &Client, account: Option<&str>) -> Result<(String, Option<String>), Failure> {
    let sessions = client.sessions().await?.sessions;
    let fits = |who: &str| {
        let fits = |session: &&doorkey_client::words::Session| {
            session.sub == who || session.id == who || session.email.as_deref() == Some(who)
        };
        sessions.iter().filter(fits).collect::<Vec<_>>()
    };
    let fitting = account.map_or_else(|| sessions.iter().collect(), fits);
    match fitting.as_slice() {
        [one] => Ok((one.profile.clone(), Some(one.id.clone()))),
        [] => Err(Refusal::new(
            "session.sign_in_required",
            "Nobody is signed in, so there is nothing to sign out of.",
            "",
        )
        .into()),
        several => {
            let list: Vec<String> =
                several.iter().map(|session| format!("{} ({})", session.profile, facts::who(session))).collect();
            Err(Refusal::new(
                "session.ambiguous",
                format!("{} sessions are signed in: {}.", several.len(), list.join(", ")),
                "Name the profile, and `--account` where it holds several: `doorkey logout PROFILE`.",
            )
            .into())
        }
    }
}

/// The agent says where the browser must go; opening it is this command's part. Whether the person wanted to open it.
async fn end_session(answer: &mut SignOutAnswer, opening: &Opening, out: &Output) -> bool {
    let Some(address) = answer.end_session_url.take() else { return false };
    let (done, reason) = match opening.open(&address).await {
        Ok(Some(with)) => (true, format!("{with} was asked to open it; finish there")),
        by_hand_or_not => {
            if let Err(why) = by_hand_or_not {
                out.step(Mark::Warned, why);
            }
            out.step(Mark::Waiting, "open this address to sign the browser out:");
            out.note(Line::from("      ").strong(without_hint(&address)));
            (false, "open the address on standard error".to_owned())
        }
    };
    for step in answer.steps.iter_mut().filter(|step| step.step == StepName::EndSession) {
        step.done = done;
        step.reason.clone_from(&reason);
    }
    matches!(opening, Opening::ByHand)
}

/// The address as it may be shown: the ID token in it is for the browser alone; without it the provider asks the
/// person first (OpenID Connect RP-Initiated Logout 1.0, section 2).
pub(super) fn without_hint(address: &str) -> String {
    let Ok(mut url) = Url::parse(address) else { return String::new() };
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(key, _)| key != "id_token_hint")
        .map(|(k, v)| (k.into_owned(), v.into_owned()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(kept);
    url.to_string()
}

fn show(answer: &SignOutAnswer, out: &Output) -> Result<(), Failure> {
    let forgotten = answer.steps.iter().any(|step| step.step == StepName::Forget && step.done);
    let headline = if forgotten { "Signed out of " } else { "Not signed out of " };
    out.answer(Line::from(headline).strong(&answer.profile).plain("."))?;
    for step in &answer.steps {
        let (mark, what) = match (step.step, step.done) {
            (StepName::Revoke, true) => (Mark::Done, "the provider revoked the refresh token"),
            (StepName::Revoke, false) => (Mark::Warned, "the refresh token was not revoked"),
            (StepName::Forget, true) => (Mark::Done, "the tokens are forgotten on this computer"),
            (StepName::Forget, false) => (Mark::Failed, "the tokens are still on this computer"),
            (StepName::EndSession, true) => (Mark::Done, "the browser was sent to the provider's sign-out page"),
            (StepName::EndSession, false) => (Mark::Warned, "the browser is still signed in at the provider"),
        };
        let line = out.answers().marked(mark).plain(what);
        out.answer(if step.reason.is_empty() { line } else { line.plain(": ").with(Style::Dim, &step.reason) })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_shown_holds_no_id_token() {
        let shown = without_hint("https://op.example/logout?x=1&id_token_hint=CANARY&client_id=app");
        assert_eq!(shown, "https://op.example/logout?x=1&client_id=app");
    }
}
