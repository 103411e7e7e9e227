//! After all rows: what the agent has written holds no secret (N5), and its memory stayed in bounds (N8).

use doorkey_tests::secrets::{self, Canary};

use crate::world::{World, memory_of};

/// Of growth over all rows, in KiB.
const MOST_GROWTH: u64 = 50 * 1024;

pub(crate) async fn check(world: &World) {
    let Some(agency) = world.started() else { return };
    let grown = memory_of(agency.pid).saturating_sub(agency.memory);
    assert!(grown < MOST_GROWTH, "the agent has grown by {grown} KiB");
    let agent = agency.agent.lock().expect("no test panics in here").take().expect("it runs");
    let ended = agent.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);

    let canaries = world.canaries();
    // What is searched is what was written: a mark that is surely in the journal is found there.
    let control = Canary { name: "control".into(), value: "sign_in_started".into() };
    let journal = agency.household.paths().state.join("journal");
    let written = std::fs::read_dir(journal)
        .expect("the journal's folder")
        .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path()).ok());
    assert!(written.into_iter().any(|text| secrets::found_in(std::slice::from_ref(&control), &text).is_some()));
    for (place, text) in [("the log at TRACE", &ended.stderr), ("standard output", &ended.stdout)] {
        secrets::assert_none(&canaries, place, text);
    }
    let looked_at = secrets::assert_none_below(&canaries, agency.household.folder());
    assert!(looked_at > 0, "no file was looked at");
}
