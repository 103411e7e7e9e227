//! `doorkey test run`.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use std::{env, fs, thread};

use doorkey_agent::read_profiles;
use doorkey_client::Paths;
use doorkey_client::words::{Profile, Refusal};
use doorkey_qa::scenario::{self, Broken, Ended, Hands, Played, Run, RunProfile, Secrets, Settings, junit};
use futures_util::StreamExt as _;
use tokio::sync::{Mutex, watch};

use super::archive::{Archives, not_written};
use super::bench::Bench;
use super::secrets;
use super::summary::{Result as RunResult, Summary};
use crate::agency;
use crate::args::TestRun;
use crate::failure::Failure;
use crate::line::{Line, Mark};
use crate::output::Output;
use crate::signals::Interrupt;
use crate::text::count;
use crate::time::took;

/// More at once make each other slow.
const MOST_JOBS: usize = 4;

/// A file, read.
struct File {
    name: String,
    settings: Settings,
    secrets: Secrets,
    runs: Vec<(Run, Profile)>,
}

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
        files.push(read(path, args).await?);
    }
    Ok(files)
}

async fn read(path: &Path, args: &TestRun) -> Result<File, Failure> {
    let name = path.display().to_string();
    let refused =
        |what: String| Refusal::new("config.bad_scenario", what, "Correct the file; docs/qa.md is the guide.");
    let text = text(path).map_err(|error| refused(format!("{name} cannot be read: {error}.")))?;
    let read = scenario::read(&text, |variable| env::var(variable).ok())
        .map_err(|mistake| refused(format!("{name}:{mistake}")))?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .map_or_else(|| PathBuf::from("."), Path::to_owned);
    let chosen = |run: &Run| args.only.is_empty() || args.only.iter().any(|only| run.name.starts_with(only.as_str()));
    let runs: Vec<Run> = read.runs.into_iter().filter(chosen).collect();
    let secrets = secrets::read(&read.secrets, &runs, &folder, &name).await?;
    let runs = runs.into_iter().map(|run| profile(&run).map(|profile| (run, profile))).collect::<Result<_, _>>()?;
    Ok(File { name, settings: Settings { folder, visible: args.show_browser }, secrets, runs })
}

/// A file that is larger than any scenario is not read to its end.
fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?.take(scenario::LARGEST_FILE as u64 + 1).read_to_string(&mut text)?;
    // That it is too large is told where it is read.
    Ok(text)
}

/// The scenario's own, or this user's of that name.
fn profile(run: &Run) -> Result<Profile, Failure> {
    let name = match &run.profile {
        RunProfile::Own(profile) => return Ok((**profile).clone()),
        RunProfile::Named(name) => name,
    };
    let path = agency::paths()?.profiles();
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        other => other.map_err(|error| {
            let what = format!("{} cannot be read: {error}.", path.display());
            Refusal::new("config.unreadable", what, "See that the file is yours.")
        })?,
    };
    let (profiles, _) = read_profiles(&text, &path.display().to_string());
    profiles.into_iter().find(|profile| profile.name == *name).ok_or_else(|| {
        let what = format!("`{}` is to sign in with the profile `{name}`, which is not here.", run.name);
        let hint = "Write a [profile] into the scenario, or add the profile: `doorkey profile add`.";
        Refusal::new("config.no_profile", what, hint).into()
    })
}

/// All runs, some at once; what is told of each when it is over.
async fn perform(
    files: &[File],
    args: &TestRun,
    interrupt: &mut Interrupt,
    out: &Output,
) -> Result<Vec<RunResult>, Failure> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let jobs = args.jobs.map_or(processors.min(MOST_JOBS), usize::from);
    let (stop, stopped) = watch::channel(false);
    let one_at_a_time = Arc::new(Mutex::new(()));
    let network = agency::paths().ok().map(|paths: Paths| paths.network()).filter(|path| path.is_file());
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
                // A fixed port is had by one listener, and a person signs in at one page.
                let alone = !profile.ports.is_empty() || run.hands == Hands::Person;
                let _turn = if alone { Some(one_at_a_time.lock_owned().await) } else { None };
                (number, tries(file, run, profile, network.as_deref(), stopped).await)
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
                    tell(&result, out);
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

/// A run, until it passes or has been tried as often as its file says.
async fn tries(
    file: &File,
    run: &Run,
    profile: &Profile,
    network: Option<&Path>,
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
            let played = scenario::play(bench.client(), run, profile, &file.secrets, &file.settings, stop).await;
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

fn tell(result: &RunResult, out: &Output) {
    let mark = match result.played.ended {
        Ended::Passed => Mark::Done,
        Ended::Failed | Ended::Broken(_) => Mark::Failed,
        Ended::Stopped => Mark::Waiting,
    };
    let again = if result.tries > 1 { format!(", tried {} times", result.tries) } else { String::new() };
    let line = Line::from(result.name.as_str()).dim(format!("  {}{again}", took(result.played.took)));
    out.step(mark, line);
}

fn write_junit(path: &Path, results: &[RunResult]) -> Result<(), Failure> {
    let cases: Vec<junit::Case<'_>> = results
        .iter()
        .map(|it| junit::Case { file: &it.file, name: &it.name, played: &it.played, tries: it.tries })
        .collect();
    let text = junit::report(&cases).map_err(|error| not_written(path, &io::Error::other(error.to_string())))?;
    fs::write(path, text).map_err(|error| not_written(path, &error).into())
}
