//! The question on the terminal whether a program may have a token, where no window is there to ask it.

use std::io::{self, IsTerminal as _};

use doorkey_client::Client;
use doorkey_client::words::{ConsentDecision, ConsentLasts, ConsentRequest, ConsentWanted, Fix, Refusal};
use rustix::termios::{QueueSelector, tcflush};

use crate::commands::consent;
use crate::failure::Failure;
use crate::line::Line;
use crate::output::Output;
use crate::{prompt, terminal};

/// What would be asked, when that is all that stands between a program and its token and somebody is here to answer.
pub(crate) fn question(refusal: &Refusal, out: &Output) -> Option<ConsentWanted> {
    let here = prompt::may_ask(out) && io::stderr().is_terminal() && terminal::is_ours();
    match &refusal.fix {
        Some(Fix::Consent { wanted }) if here => Some((**wanted).clone()),
        _ => None,
    }
}

/// Asks, and tells the agent.
///
/// # Errors
/// `broker.denied` for anything but a yes.
pub(crate) async fn ask(client: &Client, wanted: ConsentWanted, out: &Output) -> Result<(), Failure> {
    shown(&wanted, out);
    // Whatever was typed before the question was to be seen is no answer to it.
    let _ = tcflush(io::stdin(), QueueSelector::IFlush);
    let question = Line::from("Allow it? [y]es for 30 days, [o]nce, [N]o: ");
    let (decision, lasts) = match prompt::word(question, out).await?.as_str() {
        "y" | "Y" | "yes" => (ConsentDecision::Allow, ConsentLasts::USUAL),
        "o" | "O" | "once" => (ConsentDecision::Allow, ConsentLasts::Once),
        _ => (ConsentDecision::Deny, ConsentLasts::Once),
    };
    let ConsentWanted { program, sha256, profile, reach, .. } = wanted;
    let denied = Refusal::new(
        "broker.denied",
        format!("{program} may not have a token of `{profile}`: you said no."),
        "Run it again to be asked again; `doorkey consent deny` says no for longer.",
    );
    client.decide(&ConsentRequest { program, sha256: Some(sha256), profile, reach, decision, lasts }).await?;
    match decision {
        ConsentDecision::Allow => Ok(()),
        ConsentDecision::Deny => Err(denied.into()),
    }
}

fn shown(wanted: &ConsentWanted, out: &Output) {
    let name = wanted.program.rsplit('/').next().unwrap_or(&wanted.program);
    out.note(
        Line::new()
            .strong(name)
            .plain(format!(" ({}) wants an access token of ", wanted.program))
            .strong(&wanted.profile)
            .plain("."),
    );
    if let Some(says) = &wanted.says {
        out.note(Line::new().dim("  it says it runs  ").plain(format!("“{says}”")));
    }
    if !wanted.started_by.is_empty() {
        out.note(Line::new().dim("  started by       ").plain(wanted.started_by.join(", by ")));
    }
    for (name, value) in consent::told(&wanted.reach) {
        out.note(Line::new().dim(format!("  {name:<17}")).plain(value));
    }
    if wanted.interpreter {
        out.warn("it runs scripts: whatever you allow it, every script may have that it runs");
    }
    if wanted.changed {
        out.warn("this executable is another one than you decided about before, as after an update");
    }
}
