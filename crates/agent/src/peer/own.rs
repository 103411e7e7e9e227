//! Which programs are Doorkey's: the files that belong beside this one, never whatever is called so.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::process::Process;

/// Where the packages put them, seen from the folder of any of them.
const FOLDERS: [&str; 4] = ["", "../libexec/doorkey", "../lib/doorkey", "../../bin"];
const COMMANDS: [&str; 2] = ["doorkey", "doorkey-full"];
const WINDOW: &str = "doorkey-desktop";

/// A program of Doorkey's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Own {
    /// The command, which asks for whoever called it.
    Command,
    /// The window, where a person clicks.
    Window,
}

/// The places where Doorkey's programs are.
pub(crate) struct OwnPrograms(Vec<(PathBuf, Own)>);

impl OwnPrograms {
    pub(super) fn beside_this_process() -> Self {
        let here = env::current_exe().ok();
        Self::beside(here.as_deref().and_then(Path::parent).unwrap_or(Path::new("/nonexistent")))
    }

    pub(super) fn beside(folder: &Path) -> Self {
        let names = COMMANDS.into_iter().map(|name| (name, Own::Command)).chain([(WINDOW, Own::Window)]);
        let places = names.flat_map(|(name, own)| FOLDERS.map(|below| (plain(folder, below).join(name), own)));
        Self(places.collect())
    }

    /// Decided by the file that is there at this moment: an update puts another in its place.
    pub(super) fn which(&self, process: &Process) -> Option<Own> {
        let (place, own) = self.0.iter().find(|(place, _)| *place == process.path)?;
        fs::metadata(place).is_ok_and(|about| process.file.is_file(&about)).then_some(*own)
    }
}

/// As the kernel writes it: without `..`.
fn plain(folder: &Path, below: &str) -> PathBuf {
    let mut path = folder.to_owned();
    for part in below.split('/').filter(|part| !part.is_empty()) {
        if part == ".." {
            path.pop();
        } else {
            path.push(part);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_from_the_folder_of_each_other() {
        let places = |folder: &str| -> Vec<PathBuf> {
            OwnPrograms::beside(Path::new(folder)).0.into_iter().map(|(place, _)| place).collect()
        };
        for (from, place) in [
            ("/usr/bin", "/usr/bin/doorkey"),
            ("/usr/bin", "/usr/bin/doorkey-desktop"),
            ("/usr/bin", "/usr/libexec/doorkey/doorkey-full"),
            ("/usr/libexec/doorkey", "/usr/bin/doorkey"),
            ("/usr/lib/doorkey", "/usr/bin/doorkey-desktop"),
        ] {
            assert!(places(from).contains(&PathBuf::from(place)), "{place} from {from}");
        }
    }

    /// Named and placed as ours, but another file: a program that sees other files at the same paths.
    #[test]
    fn the_name_alone_is_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("doorkey");
        fs::write(&place, "#!").expect("a file");
        let own = OwnPrograms::beside(folder.path());
        let mut process = Process::of(std::process::id()).expect("this one");
        process.path.clone_from(&place);
        assert_eq!(own.which(&process), None);
        process.file = super::super::process::facts_of_path(&place).expect("it is there");
        assert_eq!(own.which(&process), Some(Own::Command));
        process.path = folder.path().join("elsewhere/doorkey");
        assert_eq!(own.which(&process), None);
    }
}
