//! `doorkey profile`: how to sign in with a provider.

mod add;
pub(crate) mod command;
mod diff;
mod edit;
mod editor;
mod export;
mod import;
mod list;
mod remove;
mod secret;
mod settings;
mod setup;

use doorkey_client::Client;
use doorkey_client::words::{ProfileView, Refusal};

use crate::args::ProfileCommand;
use crate::commands::facts;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(command: ProfileCommand, out: &Output) -> Result<(), Failure> {
    match command {
        ProfileCommand::Add(args) => add::run(&args, out),
        ProfileCommand::Edit(args) => edit::run(&args, out),
        ProfileCommand::List(_) => list::all(out),
        ProfileCommand::Show(args) => list::one(&args, out),
        ProfileCommand::Import(args) => import::run(&args, out),
        ProfileCommand::Export(args) => export::run(&args, out),
        ProfileCommand::Remove(args) => remove::run(&args, out),
    }
}

/// The profile of that name.
///
/// # Errors
/// `config.no_profile`, with the name that was probably meant; as every call of the agent.
pub(crate) async fn named(client: &Client, name: &str) -> Result<ProfileView, Failure> {
    let mut profiles = client.profiles().await?;
    if let Some(at) = profiles.iter().position(|view| view.profile.name == name) {
        return Ok(profiles.swap_remove(at));
    }
    // A profile that the file has and that cannot be used is another matter than one that is not there.
    let problems = client.hello().await?.problems;
    if let Some(problem) = problems.into_iter().find(|problem| problem.profile.as_deref() == Some(name)) {
        return Err(problem.into());
    }
    let hint =
        facts::meant(name, &profiles).unwrap_or_else(|| "`doorkey profile list` shows what there is.".to_owned());
    Err(Refusal::new("config.no_profile", format!("There is no profile called `{name}`."), hint).about(name).into())
}
