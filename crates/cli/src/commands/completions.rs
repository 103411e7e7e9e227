//! `doorkey completions`: made from the definition of the command line, so they are never stale.

use clap::CommandFactory;

use crate::args::{Arguments, Completions};
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(args: &Completions, out: &Output) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "doorkey", &mut script);
    out.answer_block(&String::from_utf8_lossy(&script))
}
