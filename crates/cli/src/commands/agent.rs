//! `doorkey agent`: the agent for as long as it is wanted, and what there is to do with one that runs.

mod running;
mod serve;
mod status;
mod units;

use crate::args::AgentCommand;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(command: Option<&AgentCommand>, out: &Output) -> Result<(), Failure> {
    match command {
        None => serve::run(out),
        Some(AgentCommand::Status(_)) => status::run(out),
        Some(AgentCommand::Stop(_)) => running::stop(out),
        Some(AgentCommand::Restart(_)) => running::restart(out),
        Some(AgentCommand::Lock(_)) => super::vault::lock(out),
        Some(AgentCommand::Install(_)) => units::install(out),
        Some(AgentCommand::Uninstall(_)) => units::uninstall(out),
    }
}
