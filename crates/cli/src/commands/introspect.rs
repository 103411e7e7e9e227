//! `doorkey introspect`: what the provider says of the session's access token.

use doorkey_client::words::IntrospectionRequest;
use serde_json::Value;

use crate::agency::{self, Again};
use crate::args::Introspect;
use crate::commands::token::explained::{shown, time_of};
use crate::failure::Failure;
use crate::line::{Line, Mark};
use crate::output::Output;
use crate::time;

pub(crate) fn run(args: Introspect, out: &Output) -> Result<(), Failure> {
    let request = IntrospectionRequest { profile: args.profile, account: args.account };
    let answer = agency::with("The question to the provider", Again::Harmless, async |client| {
        Ok(client.introspect(&request).await?)
    })?;
    if out.is_json() {
        return out.answer_json(&answer);
    }
    let (mark, what) = match answer.active {
        true => (Mark::Done, "The provider says that the access token of "),
        false => (Mark::Warned, "The provider does not take the access token of "),
    };
    let ending = if answer.active { " is good:" } else { ": ended, revoked, or not for this client to ask about." };
    out.answer(out.answers().marked(mark).plain(what).strong(&answer.profile).plain(ending))?;
    let room = answer.members.keys().map(String::len).max().unwrap_or(0);
    for (name, value) in answer.members.iter().filter(|(name, _)| *name != "active") {
        let value = time_of(name, value, time::now()).unwrap_or_else(|| shown(value));
        out.answer(Line::new().dim(format!("    {name:<room$}  ")).plain(&value))?;
    }
    if answer.members.get("sub").is_none_or(Value::is_null) && answer.active {
        out.note(Line::new().dim("    It does not say whose it is."));
    }
    Ok(())
}
