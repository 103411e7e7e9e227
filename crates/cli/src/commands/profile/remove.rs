//! `doorkey profile remove`: with its sessions, so it asks when somebody is signed in.

use doorkey_client::words::{Refusal, Session, VERSION};
use serde::Serialize;

use crate::agency::{self, Again};
use crate::args::ProfileRemove;
use crate::commands::{facts, profile};
use crate::failure::Failure;
use crate::line::Line;
use crate::output::Output;
use crate::prompt;

#[derive(Debug, Serialize)]
struct Answer<'a> {
    version: u32,
    profile: &'a str,
    removed: bool,
    /// How many sessions were forgotten with it.
    sessions: usize,
    /// Whether the provider has forgotten the application.
    unregistered: bool,
}

pub(super) fn run(args: &ProfileRemove, out: &Output) -> Result<(), Failure> {
    let name = args.name.as_str();
    let forgotten = agency::with("The removal", Again::IfUnsent, async |client| {
        let view = profile::named(client, name).await?;
        // A vault that cannot be read may hold a session and a secret of it: nothing is removed without them.
        let mut sessions = client.sessions().await?.sessions;
        sessions.retain(|session| session.profile == name);
        if !sessions.is_empty() && !args.yes {
            agreed(name, &sessions, out).await?;
        }
        if args.unregister {
            client.unregister(name).await?;
        } else if view.registered {
            out.warn("the application stays registered at the provider; `--unregister` has it forgotten there too");
        }
        client.delete_profile(name).await?;
        Ok(sessions.len())
    })?;
    if out.is_json() {
        let unregistered = args.unregister;
        let answer = Answer { version: VERSION, profile: name, removed: true, sessions: forgotten, unregistered };
        return out.answer_json(&answer);
    }
    out.answer(Line::from("Removed the profile ").strong(name).plain("."))?;
    if args.unregister {
        out.note("  The provider has forgotten the application.");
    }
    if forgotten > 0 {
        out.note("  Its tokens are forgotten here; the provider was not told.");
    }
    Ok(())
}

async fn agreed(name: &str, sessions: &[Session], out: &Output) -> Result<(), Failure> {
    let who: Vec<String> = sessions.iter().map(facts::who).collect();
    let who = who.join(", ");
    let unasked = Refusal::new(
        "usage.not_confirmed",
        format!("{who} is signed in with `{name}`; removing it forgets that."),
        format!("`doorkey logout {name}` first, or say `--yes`."),
    )
    .about(name);
    let question =
        Line::new().strong(&who).plain(" is signed in with ").strong(name).plain(". Remove it and forget that?");
    prompt::agreed(question, "The removal", unasked, out).await
}
