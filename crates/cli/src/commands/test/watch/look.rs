//! Which files there are, and whether one is another than before.
//!
//! Files are looked at again and again rather than watched by the kernel: that works the same on network folders and on
//! those of a host in a container, where the kernel tells of no change, and needs no code of another operating system.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{self, Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::commands::test::file::Reads;

/// Between two looks. A file counts as changed when it was the same in two of them: an editor may be writing it.
const LOOKS_AGAIN: Duration = Duration::from_millis(300);
/// Of a folder.
pub(super) const MOST_FILES: usize = 200;

/// What a file is known by. An editor that writes another file in its place leaves another number.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    changed: Option<SystemTime>,
    length: u64,
    number: u64,
}

/// What a file and those it leans on were when they were looked at; nothing for what is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stamp(Vec<Option<Mark>>);

/// Where files are: named themselves, or by their folder.
#[derive(Clone, Debug)]
pub(super) struct Places(pub(super) Vec<PathBuf>);

/// The files that are there, or were named.
pub(super) type Seen = BTreeMap<PathBuf, Stamp>;

impl Stamp {
    /// Whether the file itself is there.
    pub(super) fn is_there(&self) -> bool {
        self.0.first().is_some_and(Option::is_some)
    }

    pub(super) fn of(file: &Path, leans_on: &[PathBuf]) -> Self {
        let others = leans_on.iter().map(PathBuf::as_path);
        Self(std::iter::once(file).chain(others).map(|path| fs::metadata(path).ok().map(|it| Mark::of(&it))).collect())
    }

    /// The same of the file, with what it leans on as that is now.
    pub(super) fn with(&self, leans_on: &[PathBuf]) -> Self {
        let others = leans_on.iter().map(|path| fs::metadata(path).ok().map(|it| Mark::of(&it)));
        Self(self.0.iter().take(1).cloned().chain(others).collect())
    }
}

impl Mark {
    fn of(file: &Metadata) -> Self {
        Self { changed: file.modified().ok(), length: file.len(), number: file.ino() }
    }
}

impl Places {
    /// Each once, however it is written: `./a.toml` is `a.toml`.
    pub(super) fn of(places: &[PathBuf]) -> Self {
        let mut known = BTreeSet::new();
        let is_new = |place: &&PathBuf| known.insert(path::absolute(place).unwrap_or_else(|_| place.to_path_buf()));
        Self(places.iter().filter(is_new).cloned().collect())
    }

    /// `leans_on` says which other files belong to one.
    pub(super) fn look(&self, leans_on: &BTreeMap<PathBuf, Vec<PathBuf>>) -> Seen {
        let files =
            self.0.iter().flat_map(|place| if place.is_dir() { scenarios_in(place) } else { vec![place.clone()] });
        files
            .map(|file| {
                let stamp = Stamp::of(&file, leans_on.get(&file).map_or(&[], Vec::as_slice));
                (file, stamp)
            })
            .collect()
    }

    /// The same a moment later, on a thread that may wait for a disk.
    pub(super) async fn look_soon(&self, leans_on: BTreeMap<PathBuf, Vec<PathBuf>>) -> Seen {
        tokio::time::sleep(LOOKS_AGAIN).await;
        let places = self.clone();
        match tokio::task::spawn_blocking(move || places.look(&leans_on)).await {
            Ok(seen) => seen,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Folders with more files than are watched.
    pub(super) fn too_full(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(PathBuf::as_path).filter(|place| all_in(place).len() > MOST_FILES)
    }

    /// Whether it was named itself, and not found in a folder.
    pub(super) fn names(&self, file: &Path) -> bool {
        self.0.iter().any(|place| place == file)
    }
}

/// The first of them by name, where there are more than anybody watches.
fn scenarios_in(folder: &Path) -> Vec<PathBuf> {
    let mut files = all_in(folder);
    files.sort();
    files.truncate(MOST_FILES);
    files
}

fn all_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let is_wanted = |path: &PathBuf| {
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        !hidden && path.extension().is_some_and(|ending| ending == "toml") && path.is_file()
    };
    entries.flatten().map(|entry| entry.path()).filter(is_wanted).collect()
}

/// A folder may have other files of the same ending, and those are no mistakes.
pub(super) fn speaks_of_scenarios(path: &Path) -> bool {
    Reads::Files.text(path).is_ok_and(|text| text.contains("[[scenario") || text.contains("scenario.schema.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_its_scenarios_and_a_named_file_is_looked_for() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["b.toml", "a.toml", ".hidden.toml", "a.toml~", "notes.md"] {
            fs::write(folder.path().join(name), name).expect("there is room");
        }
        let named = folder.path().join("later/c.toml");
        let places = Places(vec![folder.path().to_owned(), named.clone()]);
        let seen = places.look(&BTreeMap::new());
        let names: Vec<_> = seen.keys().map(|path| path.strip_prefix(folder.path()).expect("below it")).collect();
        assert_eq!(names, [Path::new("a.toml"), Path::new("b.toml"), Path::new("later/c.toml")]);
        assert_eq!((&seen[&named], places.names(&named)), (&Stamp(vec![None]), true));
    }

    #[test]
    fn a_place_is_watched_once_however_often_it_is_named() {
        let named = ["a.toml", "./a.toml", "b", "a.toml", "b/"].map(PathBuf::from);
        assert_eq!(Places::of(&named).0, [PathBuf::from("a.toml"), PathBuf::from("b")]);
    }

    #[test]
    fn another_file_in_its_place_and_one_it_leans_on_are_changes() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, secret) = (folder.path().join("a.toml"), folder.path().join("ada.txt"));
        fs::write(&file, "same").expect("there is room");
        let stamp = || Stamp::of(&file, std::slice::from_ref(&secret));
        let first = stamp();
        assert_eq!(first, stamp());
        fs::write(&secret, "x").expect("there is room");
        let second = stamp();
        assert_ne!(first, second);
        // As editors do, with the time of the file before.
        let changed = fs::metadata(&file).expect("a file").modified().expect("a time");
        let aside = folder.path().join("a.tmp");
        fs::write(&aside, "some").expect("there is room");
        fs::File::options().write(true).open(&aside).and_then(|it| it.set_modified(changed)).expect("a time is set");
        fs::rename(&aside, &file).expect("moved");
        assert_ne!(second, stamp());
    }
}
