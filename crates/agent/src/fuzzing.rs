//! What must hold whatever the bytes are: one function for each fuzz target in `fuzz/`, which the tests here
//! replay over the committed corpus (docs/fuzzing.md). Each compares with a second, simpler reading of the same
//! bytes: that nothing panics is the least of it.

pub use crate::profiles::fuzzing::profiles;
pub use crate::server::fuzzing::api_request;
pub use callback_request::callback_request;

mod callback_request;
#[cfg(test)]
mod replay;

/// What became of the bytes: a name in the corpus begins with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// They were believed.
    Taken,
    /// They were not.
    Refused,
}

/// Runs one case to its end, with all it has spawned.
pub(crate) fn run<T>(case: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(case)
}
