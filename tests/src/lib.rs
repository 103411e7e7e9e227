//! What the stories share: a provider, a browser, and an agent between them.
//!
//! A [`Stage`] is the agent in this process with its vault in memory; a [`Household`] is the real program in
//! processes of its own, with a real keyring where a story needs one. Nothing here waits by sleeping: a story waits
//! for an update of the agent ([`watch`]), for a request in the provider's log, or at a gate of the provider.
//!
//! What is deliberately absent: any look into the agent. Stories see what a program, a person or a thief could see.

pub mod attempt;
pub mod conformance;
pub mod forwarder;
pub mod generated;
pub mod household;
pub mod keyring_session;
pub mod page;
pub mod power_cut;
pub mod program;
pub mod rows;
pub mod scene;
pub mod secrets;
pub mod service;
pub mod socket;
pub mod sources;
pub mod spoken;
pub mod stage;
pub mod stranger;
pub mod terminal;
pub mod watch;
pub mod window;

use std::io::Write;
use std::time::Duration;

pub use attempt::Attempt;
pub use household::Household;
pub use keyring_session::KeyringSession;
pub use power_cut::PowerCut;
pub use stage::{PROFILE, Stage};
pub use terminal::Terminal;

/// Longer than anything takes on a busy machine; only a story that fails waits for so long.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// Says why a test could not run here; the test then ends. With `CI=true` that is a failure, for nothing is skipped there.
///
/// # Panics
/// With `CI=true`.
pub fn skipped(test: &str, why: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{test} cannot run: {why}");
    // Past the test runner's capture, which hides what a passing test prints.
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {why}");
}
