//! A run with an agent of its own, and again where its file says so.

use std::path::{Path, PathBuf};
use std::thread;

use doorkey_client::words::Profile;
use doorkey_qa::scenario::{self, Broken, Ended, Hands, Played, Run, Told};
use tokio::sync::watch;

use super::bench::Bench;
use super::file::File;
use super::summary::Result as RunResult;
use crate::agency;
use crate::failure::Failure;

/// More at once make each other slow.
const MOST_JOBS: usize = 4;

/// How many runs at once.
pub(super) fn jobs(wanted: Option<u16>) -> usize {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    wanted.map_or(processors.min(MOST_JOBS), usize::from)
}

/// How this user reaches providers, where that is set.
pub(super) fn network() -> Option<PathBuf> {
    agency::paths().ok().map(|paths| paths.network()).filter(|path| path.is_file())
}

/// A fixed port is had by one listener, and a person signs in at one page.
pub(super) fn wants_to_be_alone(run: &Run, profile: &Profile) -> bool {
    !profile.ports.is_empty() || run.hands == Hands::Person
}

/// A run, until it passes or has been tried as often as its file says.
pub(super) async fn tries(
    file: &File,
    run: &Run,
    profile: &Profile,
    network: Option<&Path>,
    told: Told<'_>,
    mut stopped: watch::Receiver<bool>,
) -> Result<RunResult, Failure> {
    let mut tries = 0;
    loop {
        tries += 1;
        let played = if *stopped.borrow() {
            Played::stopped()
        } else {
            let bench = Bench::open(network).await?;
            // An error means that nobody can stop it any more.
            let stop = async {
                if stopped.wait_for(|stop| *stop).await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            let played = scenario::play(bench.client(), run, profile, &file.secrets, &file.settings, told, stop).await;
            bench.close().await;
            played
        };
        let again = match played.ended {
            Ended::Failed | Ended::Broken(Broken::Page(_) | Broken::Command(_)) => tries <= run.retries,
            Ended::Passed | Ended::Stopped | Ended::Broken(_) => false,
        };
        if !again {
            return Ok(RunResult { file: file.name.clone(), name: run.name.clone(), played, tries, har: None });
        }
    }
}
