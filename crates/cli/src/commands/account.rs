//! `doorkey account`: the accounts as the person sees them.

mod show;

use doorkey_client::Client;
use doorkey_client::words::{Refusal, Session, SessionChange, VERSION};
use serde::Serialize;

use crate::agency::{self, Again};
use crate::args::{AccountCommand, AccountMove, AccountPrefer, AccountRename, Whose};
use crate::commands::renew::Answer;
use crate::commands::{facts, profile};
use crate::failure::Failure;
use crate::line::Line;
use crate::output::Output;

/// The answer of `prefer`: nothing was changed where none was preferred before.
#[derive(Debug, Serialize)]
struct Preferred<'a> {
    version: u32,
    profile: &'a str,
    session: Option<&'a Session>,
}

pub(crate) fn run(command: AccountCommand, out: &Output) -> Result<(), Failure> {
    match command {
        AccountCommand::Rename(args) => rename(args, out),
        AccountCommand::Prefer(args) => prefer(&args, out),
        AccountCommand::Move(args) => put(&args, out),
        AccountCommand::Show(args) => show::run(&args, out),
    }
}

fn rename(args: AccountRename, out: &Output) -> Result<(), Failure> {
    let change = SessionChange { label: Some(args.name.unwrap_or_default()), ..SessionChange::default() };
    let session = changed(&args.whose, &change)?;
    if out.is_json() {
        return out.answer_json(&Answer::of(&session));
    }
    let line = Line::new().strong(facts::known_as(&session));
    out.answer(match &session.label {
        Some(label) => line.plain(" is called ").strong(label).plain("."),
        None => line.plain(" is called as the provider calls it."),
    })
}

fn prefer(args: &AccountPrefer, out: &Output) -> Result<(), Failure> {
    let change = SessionChange { preferred: Some(!args.none), ..SessionChange::default() };
    let session = match args.none {
        true => agency::with("The change", Again::Harmless, async |client| {
            let preferred = of_profile(client, &args.whose.profile).await?.into_iter().find(|it| it.preferred);
            match preferred {
                Some(session) => Ok(Some(client.change_session(&session.id, &change).await?)),
                None => Ok(None),
            }
        })?,
        false => Some(changed(&args.whose, &change)?),
    };
    let profile = &args.whose.profile;
    if out.is_json() {
        return out.answer_json(&Preferred { version: VERSION, profile, session: session.as_ref() });
    }
    out.answer(match session.filter(|session| session.preferred) {
        Some(session) => Line::new()
            .strong(facts::who(&session))
            .plain(" is meant where ")
            .strong(profile)
            .plain(" holds several and nobody says whose."),
        None => Line::from("None of ").strong(profile).plain("'s accounts is preferred."),
    })
}

fn put(args: &AccountMove, out: &Output) -> Result<(), Failure> {
    let change = SessionChange { position: Some(args.position), ..SessionChange::default() };
    let session = changed(&args.whose, &change)?;
    if out.is_json() {
        return out.answer_json(&Answer::of(&session));
    }
    let place = session.position.map_or(1, |position| u64::from(position) + 1);
    let line = Line::new().strong(facts::who(&session)).plain(format!(" is number {place} in the list."));
    out.answer(line)
}

fn changed(whose: &Whose, change: &SessionChange) -> Result<Session, Failure> {
    agency::with("The change", Again::Harmless, async |client| {
        let session = the_one(client, &whose.profile, whose.account.as_deref()).await?;
        Ok(client.change_session(&session.id, change).await?)
    })
}

async fn of_profile(client: &Client, profile: &str) -> Result<Vec<Session>, Failure> {
    let mut sessions = client.sessions().await?.sessions;
    sessions.retain(|session| session.profile == *profile);
    if sessions.is_empty() {
        profile::named(client, profile).await?;
    }
    Ok(sessions)
}

/// Never a guess, nor the preferred one: this may be about to become it.
async fn the_one(client: &Client, profile: &str, account: Option<&str>) -> Result<Session, Failure> {
    let mut sessions = of_profile(client, profile).await?;
    sessions.retain(|session| account.is_none_or(|account| is_named(session, account)));
    match sessions.as_mut_slice() {
        [_] => Ok(sessions.swap_remove(0)),
        [] => {
            let message = match account {
                Some(account) => format!("`{account}` is not signed in with `{profile}`."),
                None => format!("Nobody is signed in with `{profile}`."),
            };
            let hint = format!("`doorkey status` lists who is; `doorkey login {profile}` signs in.");
            Err(Refusal::new("session.sign_in_required", message, hint).about(profile).into())
        }
        several => {
            let names: Vec<String> =
                several.iter().map(|it| it.email.clone().unwrap_or_else(|| it.sub.clone())).collect();
            let hint = format!("Say whose with `--account`: {}.", names.join(", "));
            Err(Refusal::new("session.ambiguous", "More than one session fits.", hint).about(profile).into())
        }
    }
}

pub(super) fn nobody() -> Refusal {
    let hint = "Sign in with `doorkey login PROFILE`.";
    Refusal::new("session.sign_in_required", "Nobody is signed in.", hint)
}

fn is_named(session: &Session, account: &str) -> bool {
    session.sub == account || session.id == account || session.email.as_deref() == Some(account)
}
