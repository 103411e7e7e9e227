//! `doorkey test`: scenarios of sign-ins, run and made.

mod archive;
mod bench;
mod file;
mod record;
mod run;
mod secrets;
mod summary;
mod tries;
mod watch;

use crate::args::TestCommand;
use crate::failure::Failure;
use crate::output::Output;

const SCHEMA: &str = include_str!("../../../../docs/scenario.schema.json");

pub(crate) fn run(command: TestCommand, out: &Output) -> Result<(), Failure> {
    match command {
        TestCommand::Run(args) => run::run(&args, out),
        TestCommand::Watch(args) => watch::run(&args, out),
        TestCommand::Record(args) => record::run(&args, out),
        TestCommand::Schema(_) => out.answer_block(SCHEMA),
    }
}
