//! `doorkey account show`: who the provider says it is, and how that was checked.

use doorkey_client::Client;
use doorkey_client::words::{Check, CheckOutcome, Checked, IdentityReport, Session};
use serde_json::{Map, Value};

use super::{is_named, the_one};
use crate::agency::{self, Again};
use crate::args::AccountShow;
use crate::commands::facts;
use crate::commands::token::explained::{said, shown, time_of};
use crate::failure::Failure;
use crate::line::{Line, Mark};
use crate::output::Output;
use crate::text::{count, plain};
use crate::time;

pub(crate) fn run(args: &AccountShow, out: &Output) -> Result<(), Failure> {
    let (session, report) = agency::with("The look at the account", Again::Harmless, async |client| {
        let session = meant(client, args).await?;
        let report = client.identity(&session.id).await?;
        Ok((session, report))
    })?;
    if out.is_json() {
        return out.answer_json(&report);
    }
    out.answer(
        Line::new().strong(facts::who(&session)).plain(", signed in with ").strong(&session.profile).plain("."),
    )?;
    facts::of_session(&session, time::now()).answer(out)?;
    said_by(&report, out)?;
    for checked in &report.checked {
        judged(checked, out)?;
    }
    Ok(())
}

/// As for a token: the preferred one of several, where nobody is named.
async fn meant(client: &Client, args: &AccountShow) -> Result<Session, Failure> {
    let sessions = client.sessions().await?.sessions;
    let fits = |session: &&Session| {
        args.profile.as_ref().is_none_or(|profile| session.profile == *profile)
            && args.account.as_deref().is_none_or(|account| is_named(session, account))
    };
    let fitting: Vec<&Session> = sessions.iter().filter(fits).collect();
    let one_profile = fitting.windows(2).all(|two| two[0].profile == two[1].profile);
    let preferred = fitting.iter().find(|session| session.preferred && args.account.is_none() && one_profile);
    match (fitting.as_slice(), preferred) {
        ([one], _) => Ok((*one).clone()),
        (_, Some(preferred)) => Ok((**preferred).clone()),
        (several, None) => {
            // What is wrong, in the words of the other commands.
            let profile = args.profile.as_deref().or_else(|| several.first().map(|one| one.profile.as_str()));
            match profile {
                Some(profile) => the_one(client, profile, args.account.as_deref()).await,
                None => Err(super::nobody().into()),
            }
        }
    }
}

fn said_by(report: &IdentityReport, out: &Output) -> Result<(), Failure> {
    match &report.id_token {
        Some(token) => {
            let algorithm =
                token.header.get("alg").map_or_else(String::new, |alg| format!(", signed with {}", shown(alg)));
            out.answer(Line::from("The ID token says").plain(algorithm).plain(":"))?;
            claims(&token.claims, out)?;
        }
        None => out.answer("There is no ID token: the provider gave none.")?,
    }
    if let Some(userinfo) = &report.userinfo {
        out.answer("Userinfo says:")?;
        claims(userinfo, out)?;
    }
    Ok(())
}

fn claims(claims: &Map<String, Value>, out: &Output) -> Result<(), Failure> {
    let room = claims.keys().map(|name| plain(name).chars().count()).max().unwrap_or(0);
    for (name, value) in claims {
        let value = time_of(name, value, time::now()).unwrap_or_else(|| shown(value));
        out.answer(Line::new().dim(format!("    {:<room$}  ", plain(name))).plain(&value))?;
    }
    Ok(())
}

/// What held is counted; what did not is shown.
fn judged(checked: &Checked, out: &Output) -> Result<(), Failure> {
    let of = |outcome: CheckOutcome| checked.checks.iter().filter(move |check| check.outcome == outcome);
    let subject = match checked.subject.as_str() {
        "id_token" => "the ID token",
        "granted" => "what was granted",
        "metadata" => "the provider's description",
        other => other,
    };
    let held = count(of(CheckOutcome::Passed).count(), "rule");
    let line = out.answers().marked(Mark::Done).plain(format!("{held} about {} held", plain(subject)));
    out.answer(line.dim(format!("  {}", checked.at)))?;
    let odd = |check: &&Check| matches!(check.outcome, CheckOutcome::Warned | CheckOutcome::Failed);
    for check in checked.checks.iter().filter(odd) {
        let line = out.answers().marked(Mark::Warned).strong(format!("{}: ", check.name));
        out.answer(
            line.plain(format!("{}, expected {}", said(&check.got), said(&check.expected)))
                .dim(format!("  {}", check.source)),
        )?;
    }
    Ok(())
}
