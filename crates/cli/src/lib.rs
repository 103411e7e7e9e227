//! The `doorkey` command: what a person, a script or a continuous integration job says to the agent.
//!
//! It knows no OAuth. It parses, asks the agent, or is the agent while it runs, and shows the answer: on standard
//! output, with everything else on standard error, and an exit code by the family of the refusal.
//!
//! It is three programs. `doorkey` hands out tokens that a running agent has, and is so small that it costs a script
//! little more than any process does; to serve it becomes `doorkey-agent`, which takes memory for that alone; for all else
//! `doorkey-full`, which is the whole. They are made of the same functions.

mod agency;
mod args;
mod asking;
mod browser;
mod commands;
mod failure;
mod line;
mod log;
mod moment;
mod output;
mod progress;
mod prompt;
mod qr;
mod short;
mod signals;
mod standing;
mod terminal;
mod text;
mod time;
mod usage;
mod whereabouts;

use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::args::Arguments;
use crate::failure::Failure;
use crate::output::Output;

pub use crate::short::{in_short, the_rest};

/// Does whatever the arguments of this process say.
#[must_use]
pub fn in_full() -> ExitCode {
    let (out, result) = match Arguments::of_this_process() {
        Ok(arguments) => {
            let out = Output::new(arguments.json);
            log::start();
            let result = commands::run(arguments, &out);
            (out, result)
        }
        Err(error) => {
            // Parsing has failed, and how to say so is an option itself.
            let out = Output::from_arguments();
            let result = not_parsed(&error, &out);
            (out, result)
        }
    };
    ended(result, &out)
}

/// Serves, as `doorkey agent` without further words does; for all other words it becomes the whole.
#[must_use]
pub fn as_agent() -> ExitCode {
    if !short::may_serve() {
        return the_rest();
    }
    let out = Output::from_arguments();
    log::start();
    let result = commands::serve(&out);
    ended(result, &out)
}

fn ended(result: Result<(), Failure>, out: &Output) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            out.failure(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn not_parsed(error: &clap::Error, out: &Output) -> Result<(), Failure> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = error.render();
            let text = if out.answers().colour { text.ansi().to_string() } else { text.to_string() };
            out.answer_block(&text)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            out.note_block(&error.render().to_string());
            Err(Failure::Partly(usage::EXIT_CODE))
        }
        _ => Err(usage::refusal(error).into()),
    }
}
