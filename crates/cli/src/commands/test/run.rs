//! `doorkey test run`.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use std::{fs, io};

use doorkey_client::words::{Profile, Refusal};
use doorkey_qa::scenario::{Run, junit};
use futures_util::StreamExt as _;
use tokio::sync::{Mutex, watch};

use super::archive::{Archives, not_written};
use super::file::{File, Plan, Reads};
use super::summary::{Result as RunResult, Summary};
use super::tries::{jobs, network, tries, wants_to_be_alone};
use crate::agency;
use crate::args::TestRun;
use crate::failure::Failure;
use crate::line::Line;
use crate::output::Output;
use crate::signals::Interrupt;
use crate::text::count;

pub(super) fn run(args: &TestRun, out: &Output) -> Result<(), Failure> {
    let began = Instant::now();
    agency::runtime()?.block_on(async {
        let mut interrupt = Interrupt::new()?;
        let files = all(args).await?;
        let runs = || files.iter().flat_map(|file| &file.runs).map(|(run, _)| run);
        let is_there = |only: &&String| runs().any(|run| run.name.starts_with(only.as_str()));
        // One that is not found is not left out in silence: it may have been the one that mattered.
        if let Some(only) = args.only.iter().find(|only| !is_there(only)) {
            let what = format!("No scenario has a name that begins with \u{201c}{only}\u{201d}.");
            return Err(Refusal::new("usage.no_scenario", what, "Run it without --only to see the names.").into());
        }
        let mut archives = args.har.as_deref().map(Archives::below).transpose()?;
        let mut results = perform(&files, args, &mut interrupt, out).await?;
        // First what a build machine looks at.
        if let Some(path) = &args.junit {
            write_junit(path, &results)?;
        }
        if let Some(archives) = &mut archives {
            for result in &mut results {
                result.har = archives.write(&result.file, &result.name, &result.played)?;
            }
        }
        Summary::of(&results, began.elapsed()).tell(out)
    })
}

async fn all(args: &TestRun) -> Result<Vec<File>, Failure> {
    let mut files = Vec::new();
    for path in &args.files {
        files.push(Plan::read(path, &args.only, Reads::Anything)?.ready(args.show_browser).await?);
    }
    Ok(files)
}

/// All runs, some at once; what is told of each when it is over.
async fn perform(
    files: &[File],
    args: &TestRun,
    interrupt: &mut Interrupt,
    out: &Output,
) -> Result<Vec<RunResult>, Failure> {
    let jobs = jobs(args.jobs);
    let (stop, stopped) = watch::channel(false);
    let one_at_a_time = Arc::new(Mutex::new(()));
    let network = network();
    let all: Vec<(usize, &File, &Run, &Profile)> = files
        .iter()
        .flat_map(|file| file.runs.iter().map(move |(run, profile)| (file, run, profile)))
        .enumerate()
        .map(|(number, (file, run, profile))| (number, file, run, profile))
        .collect();
    let number_of_runs = all.len();
    out.note(Line::new().dim(format!("{}, {jobs} at once", count(number_of_runs, "run"))));
    let mut playing = futures_util::stream::iter(all)
        .map(|(number, file, run, profile)| {
            let (stopped, one_at_a_time, network) = (stopped.clone(), Arc::clone(&one_at_a_time), network.clone());
            async move {
                let alone = wants_to_be_alone(run, profile);
                let _turn = if alone { Some(one_at_a_time.lock_owned().await) } else { None };
                (number, tries(file, run, profile, network.as_deref(), &|_| {}, stopped).await)
            }
        })
        .buffer_unordered(jobs);
    let mut results = Vec::new();
    let mut interrupted = false;
    loop {
        tokio::select! {
            next = playing.next() => match next {
                Some((number, result)) => {
                    let result = result?;
                    out.step(result.mark(), result.in_a_line());
                    results.push((number, result));
                }
                None => break,
            },
            () = interrupt.received() => {
                if interrupted {
                    return Err(Failure::cancelled("The test run"));
                }
                interrupted = true;
                out.note("stopping: browsers and agents are being closed");
                let _ = stop.send(true);
            }
        }
    }
    results.sort_by_key(|(number, _)| *number);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

fn write_junit(path: &Path, results: &[RunResult]) -> Result<(), Failure> {
    let cases: Vec<junit::Case<'_>> = results
        .iter()
        .map(|it| junit::Case { file: &it.file, name: &it.name, played: &it.played, tries: it.tries })
        .collect();
    let text = junit::report(&cases).map_err(|error| not_written(path, &io::Error::other(error.to_string())))?;
    fs::write(path, text).map_err(|error| not_written(path, &error).into())
}
