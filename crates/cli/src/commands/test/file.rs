//! A file of scenarios: read, and made ready to be run.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

use doorkey_agent::read_profiles;
use doorkey_client::words::{Profile, Refusal};
use doorkey_qa::scenario::{self, Run, RunProfile, SecretSource, Secrets, Settings};

use super::secrets;
use crate::agency;
use crate::failure::Failure;

/// A file that was read. Nobody was asked for anything yet.
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) runs: Vec<Run>,
    /// Variables of the environment that its `[variables]` read.
    pub(super) environment: Vec<String>,
    reads: Reads,
    folder: PathBuf,
    secrets: BTreeMap<String, SecretSource>,
}

/// A file whose secrets and profiles are at hand.
pub(super) struct File {
    pub(super) name: String,
    pub(super) settings: Settings,
    pub(super) secrets: Secrets,
    pub(super) runs: Vec<(Run, Profile)>,
}

/// Why a file cannot be run.
#[derive(Debug)]
pub(super) struct Unready {
    pub(super) refusal: Refusal,
    /// Line and column, from one, where the file itself is wrong.
    pub(super) place: Option<(usize, usize)>,
}

/// What is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// Pipes as well: a shell may hand on a secret in one.
    Anything,
    /// Files only: whoever goes on for hours does not wait for somebody to write into a pipe.
    Files,
}

impl Plan {
    /// The runs whose name begins with one of `only`; all of them where that is empty.
    pub(super) fn read(path: &Path, only: &[String], reads: Reads) -> Result<Self, Unready> {
        let name = path.display().to_string();
        let refused = |what: String, place| {
            let hint = "Correct the file; docs/qa.md is the guide.";
            Unready { refusal: Refusal::new("config.bad_scenario", what, hint), place }
        };
        let text = reads.text(path).map_err(|error| refused(format!("{name} cannot be read: {error}."), None))?;
        let environment: RefCell<BTreeSet<String>> = RefCell::default();
        let from_environment = |variable: &str| {
            environment.borrow_mut().insert(variable.to_owned());
            env::var(variable).ok()
        };
        let read = scenario::read(&text, from_environment)
            .map_err(|mistake| refused(format!("{name}:{mistake}"), mistake.place))?;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .map_or_else(|| PathBuf::from("."), Path::to_owned);
        let chosen = |run: &Run| only.is_empty() || only.iter().any(|only| run.name.starts_with(only.as_str()));
        let runs = read.runs.into_iter().filter(chosen).collect();
        let environment = environment.into_inner().into_iter().collect();
        Ok(Self { name, runs, environment, reads, folder, secrets: read.secrets })
    }

    /// Other files that a run depends on: those of secrets, and those that a command names.
    pub(super) fn leans_on(&self) -> Vec<PathBuf> {
        let needed: BTreeSet<&str> = self.runs.iter().flat_map(Run::secrets).collect();
        let secrets = self.secrets.iter().filter_map(|(name, source)| match source {
            SecretSource::File(path) if needed.contains(name.as_str()) => Some(self.folder.join(path)),
            SecretSource::File(_) | SecretSource::Env(_) | SecretSource::Keyring { .. } => None,
        });
        let words = self.runs.iter().flat_map(Run::commands).flatten();
        let named = words.map(|word| self.folder.join(word)).filter(|path| path.is_file());
        let profiles = self.runs.iter().filter(|run| matches!(run.profile, RunProfile::Named(_))).take(1);
        let profiles = profiles.filter_map(|_| agency::paths().ok().map(|paths| paths.profiles()));
        let all: BTreeSet<PathBuf> = secrets.chain(named).chain(profiles).collect();
        all.into_iter().collect()
    }

    /// Where the secrets come from that a run needs, each once.
    pub(super) fn secrets_of<'a>(&'a self, run: &Run) -> Vec<&'a SecretSource> {
        let all = self.secrets.keys().map(String::as_str).filter(|_| run.commands().next().is_some());
        let needed: BTreeSet<&str> = run.secrets().into_iter().chain(all).collect();
        needed.into_iter().filter_map(|name| self.secrets.get(name)).collect()
    }

    /// Reads the secrets that its runs need, and finds their profiles.
    pub(super) async fn ready(self, show_browser: bool) -> Result<File, Failure> {
        let Self { name, runs, reads, folder, secrets, environment: _ } = self;
        let secrets = secrets::read(&secrets, &runs, &folder, &name, reads).await?;
        let runs = runs.into_iter().map(|run| profile(&run).map(|profile| (run, profile))).collect::<Result<_, _>>()?;
        Ok(File { name, settings: Settings { folder, visible: show_browser }, secrets, runs })
    }
}

impl From<Unready> for Failure {
    fn from(unready: Unready) -> Self {
        unready.refusal.into()
    }
}

impl Reads {
    /// A file that is larger than any scenario is not read to its end.
    pub(super) fn text(self, path: &Path) -> io::Result<String> {
        let mut text = String::new();
        self.open(path)?.take(scenario::LARGEST_FILE as u64 + 1).read_to_string(&mut text)?;
        // That it is too large is told where it is read.
        Ok(text)
    }

    pub(super) fn open(self, path: &Path) -> io::Result<fs::File> {
        // Opening a pipe waits already.
        if self == Self::Files && !fs::metadata(path)?.is_file() {
            return Err(io::Error::other("it is not a regular file"));
        }
        fs::File::open(path)
    }
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
