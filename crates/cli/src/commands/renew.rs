//! `doorkey renew`: now, not when it is time.

use doorkey_client::words::{RenewalRequest, Session, VERSION};
use serde::Serialize;

use crate::agency::{self, Again};
use crate::args::Renew;
use crate::commands::facts;
use crate::failure::Failure;
use crate::line::Line;
use crate::output::Output;
use crate::time;

/// The answer of `renew` and `login` for machines.
#[derive(Debug, Serialize)]
pub(crate) struct Answer<'a> {
    version: u32,
    profile: &'a str,
    session: &'a Session,
}

impl<'a> Answer<'a> {
    pub(crate) fn of(session: &'a Session) -> Self {
        Self { version: VERSION, profile: &session.profile, session }
    }
}

pub(crate) fn run(args: Renew, out: &Output) -> Result<(), Failure> {
    let request = RenewalRequest { profile: args.profile, account: args.account };
    let session =
        agency::with("The wait for the renewal", Again::IfUnsent, async |client| Ok(client.renew(&request).await?))?;
    if out.is_json() {
        return out.answer_json(&Answer::of(&session));
    }
    out.answer(Line::from("Renewed ").strong(&session.profile).plain(" for ").strong(facts::who(&session)).plain("."))?;
    facts::of_session(&session, time::now()).answer(out)
}
