//! The hostile provider: one test for each way to misbehave, named by its row, the suite's module and its own name.
//!
//! Every test signs Ada in first, so that there is something to lose, and then looks at more than the refusal: silence at
//! the provider, the stored session byte for byte, the old token, the port, the shape of the error, and the next try.
//! After all of them, everything the agent has written at TRACE is searched for the secrets of all sign-ins.

mod ends;
mod scene;
mod trace;
mod world;

use std::process::ExitCode;
use std::sync::Arc;

use doorkey_demo_idp::Misbehaviour;
use doorkey_tests::conformance::test_name;
use libtest_mimic::{Arguments, Trial};

use crate::world::World;

/// Most of a test's time is waiting, for slow answers too.
const AT_ONCE: usize = 32;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    // Whatever the harness captures, libtest-mimic does not; and cargo's own words are not ours to refuse.
    let world = Arc::new(World::new());
    let trials = Misbehaviour::ALL.iter().map(|how| {
        let world = Arc::clone(&world);
        Trial::test(test_name(*how), move || world.run(ends::check(&world, *how)))
    });
    let rows = libtest_mimic::run(&arguments, trials.collect());
    if arguments.list {
        return rows.exit_code();
    }
    let afterwards = Arc::clone(&world);
    let secrets = Trial::test("N5 and N8: nothing secret was written, and the memory stayed in bounds", move || {
        afterwards.run(trace::check(&afterwards))
    });
    let after = libtest_mimic::run(&arguments, vec![secrets]);
    if rows.has_failed() { rows.exit_code() } else { after.exit_code() }
}
