//! One file a command.

mod account;
mod agent;
mod completions;
pub(crate) mod consent;
mod demo;
mod demo_idp;
mod doctor;
mod exec;
mod explain;
mod facts;
mod handed;
mod helper;
mod inspect;
mod introspect;
mod journal;
mod login;
mod logout;
mod network;
mod probe;
mod profile;
mod renew;
mod snippet;
mod status;
mod test;
pub(crate) mod token;
mod vault;

use doorkey_client::words::Refusal;

use crate::args::{Arguments, Command};
use crate::failure::Failure;
use crate::output::Output;
use crate::standing::Standing;

/// Serves until it is told to stop, and can do nothing else.
pub(crate) fn serve(out: &Output) -> Result<(), Failure> {
    if let Some(warning) = standing()? {
        out.warn(&warning);
    }
    agent::run(None, out)
}

/// Does what was asked for.
pub(crate) fn run(arguments: Arguments, out: &Output) -> Result<(), Failure> {
    if works_with_the_users_files(&arguments.command)
        && let Some(warning) = standing()?
    {
        out.warn(&warning);
    }
    match arguments.command {
        Command::Demo(args) => demo::run(args, out),
        Command::DemoIdp(args) => demo_idp::run(&args, out),
        Command::Login(args) => login::run(&args, out),
        Command::Token(args) => token::run(&args, out),
        Command::Exec(args) => exec::run(&args, out),
        Command::Helper(args) => helper::run(*args, out),
        Command::Introspect(args) => introspect::run(args, out),
        Command::Status(args) => status::run(&args, out),
        Command::Account(args) => account::run(args.command, out),
        Command::Renew(args) => renew::run(args, out),
        Command::Logout(args) => logout::run(&args, out),
        Command::Profile(args) => profile::run(args.command, out),
        Command::Vault(args) => vault::run(args.command, out),
        Command::Agent(args) => agent::run(args.command.as_ref(), out),
        Command::Journal(args) => journal::run(&args, out),
        Command::Inspect(args) => inspect::run(&args, out),
        Command::Snippet(args) => snippet::run(&args, out),
        Command::Test(args) => test::run(args.command, out),
        Command::Probe(args) => probe::run(&args, out),
        Command::Consent(args) => consent::run(args.command, out),
        Command::Network(args) => network::run(args.command, out),
        Command::Doctor(args) => doctor::run(&args, out),
        Command::Explain(args) => explain::run(&args, out),
        Command::Completions(args) => completions::run(&args, out),
    }
}

/// Refuses to touch another user's files; the warning is for root.
pub(crate) fn standing() -> Result<Option<String>, Refusal> {
    let standing = Standing::of_this_process();
    standing.check()?;
    Ok(standing.warning())
}

/// The demo has a folder of its own, its provider none, the doctor only looks unless it has to ask a provider, and some commands ask
/// nobody.
fn works_with_the_users_files(command: &Command) -> bool {
    match command {
        Command::Demo(_) | Command::DemoIdp(_) | Command::Explain(_) | Command::Completions(_) => false,
        Command::Doctor(args) => args.provider.is_some(),
        Command::Login(_)
        | Command::Token(_)
        | Command::Exec(_)
        | Command::Helper(_)
        | Command::Introspect(_)
        | Command::Status(_)
        | Command::Account(_)
        | Command::Renew(_)
        | Command::Logout(_)
        | Command::Profile(_)
        | Command::Vault(_)
        | Command::Journal(_)
        | Command::Inspect(_)
        | Command::Snippet(_)
        | Command::Test(_)
        | Command::Probe(_)
        | Command::Consent(_)
        | Command::Network(_)
        | Command::Agent(_) => true,
    }
}
