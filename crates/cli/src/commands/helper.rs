//! `doorkey helper`: the protocols by which tools ask for credentials. Standard output carries the protocol's answer and
//! nothing else; a refusal is said as the tool expects it, and in our own words on standard error.

mod aws;
mod docker;
mod git;
mod input;
mod kubectl;

use doorkey_client::words::Refusal;

use crate::args::{Helper, Tool};
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(args: Helper, out: &Output) -> Result<(), Failure> {
    if out.is_json() {
        return Err(Refusal::new(
            "usage.conflict",
            "`--json` and `helper` cannot be used together.",
            "The tool's own protocol decides what the answer looks like.",
        )
        .into());
    }
    match args.tool {
        Tool::Git(args) => git::run(&args, out),
        Tool::Kubectl(args) => kubectl::run(&args, out),
        Tool::Docker(args) => docker::run(&args, out),
        Tool::Aws(args) => aws::run(&args, out),
    }
}
