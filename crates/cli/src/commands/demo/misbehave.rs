//! `doorkey demo --misbehave`: the provider breaks one rule, and what Doorkey does about it is told and judged.

mod attempt;
pub(in crate::commands) mod misbehaviours;
mod play;
mod verdict;

use doorkey_demo_idp::Misbehaviour;

pub(in crate::commands) use self::verdict::{End, as_text};
use super::report::Report;
use super::stage::Stage;
use crate::agency;
use crate::args::LIST;
use crate::failure::Failure;
use crate::output::Output;
use crate::signals::Interrupt;

pub(super) fn run(name: &str, row: Option<&str>, out: &Output) -> Result<(), Failure> {
    if name == LIST {
        return misbehaviours::all("doorkey demo --misbehave NAME", row, out);
    }
    let how = Misbehaviour::from_name(name).ok_or_else(|| misbehaviours::unknown(name))?;
    if row.is_some() {
        return Err(misbehaviours::row_and_name().into());
    }
    agency::runtime()?.block_on(async {
        let mut interrupt = Interrupt::new()?;
        let mut report = Report::new(out);
        let mut stage = Stage::default();
        let played = tokio::select! {
            played = play::play(&mut stage, how, &mut report) => played,
            () = interrupt.received() => Err(Failure::cancelled("The demonstration")),
        };
        let struck = stage.strike(&mut report).await;
        let played = played?;
        struck?;
        verdict::tell(how, &played, &report)
    })
}
