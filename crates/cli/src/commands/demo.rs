//! `doorkey demo`: the whole story, for real, against the built-in provider: no account, no settings, no display,
//! nothing left behind.

mod crowd;
mod misbehave;
mod person;
mod report;
mod scenes;
mod signing_in;
mod stage;

pub(super) use self::misbehave::{End, as_text, misbehaviours};
use self::person::SignsIn;
use self::report::Report;
use self::stage::Stage;
use crate::agency;
use crate::args::Demo;
use crate::failure::Failure;
use crate::output::Output;
use crate::signals::Interrupt;

pub(crate) fn run(args: Demo, out: &Output) -> Result<(), Failure> {
    if let Some(name) = &args.misbehave {
        return misbehave::run(name, args.row.as_deref(), out);
    }
    let who = SignsIn::of(args, out);
    agency::runtime()?.block_on(async {
        let mut interrupt = Interrupt::new()?;
        let mut report = Report::new(out);
        report.opening()?;
        let mut stage = Stage::default();
        let played = tokio::select! {
            played = scenes::play(&mut stage, &who, &mut report) => played,
            () = interrupt.received() => Err(Failure::cancelled("The demonstration")),
        };
        // However it ended, nothing stays behind.
        let struck = stage.strike(&mut report).await;
        played?;
        struck?;
        report.closing()
    })
}
