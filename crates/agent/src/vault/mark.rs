//! The high-water mark: how often each record was written, sealed, and kept apart from the records. Whoever puts an
//! older copy of the vault's folder back, by restoring a backup or on purpose, is noticed at the next start (S-13):
//! an older record holds a refresh token that was spent, and using it would end the session at the provider.
//!
//! It may lag behind the records, never run ahead of them: it is written after them and is not worth a failed save.
//! Where it is lost, or sealed with an older key, everything on the disk is taken at its word again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::folder::Folder;
use super::id::{Generation, RecordId};
use super::key::{self, Key};
use super::seal;

/// No record has this name.
const ID: [u8; 16] = [0; 16];
/// Of removed records; more are forgotten, the oldest first.
const MOST_REMOVED: usize = 512;
/// Of so few records it is written with each save.
const FEW: usize = 256;
/// Of more, no sooner than this after the last time.
const LEAST_PAUSE: Duration = Duration::from_secs(1);

/// What is known of the past.
#[derive(Debug, Default)]
pub(super) struct Mark {
    path: Option<PathBuf>,
    reached: BTreeMap<RecordId, Generation>,
    /// The newest last.
    removed: Vec<RecordId>,
    /// When it was written down last.
    written: Option<Instant>,
    /// Whether something was noted since.
    noted: bool,
}

#[derive(Default, Serialize, Deserialize)]
struct Written {
    reached: BTreeMap<String, u32>,
    #[serde(default)]
    removed: Vec<String>,
}

impl Mark {
    /// The mark at `path`, if it was sealed with this key; an empty one else. Without a path nothing is kept.
    pub(super) fn read(path: Option<&Path>, key: &Key) -> Self {
        let written = path.and_then(|path| opened(path, key)).unwrap_or_default();
        let reached =
            written.reached.iter().filter_map(|(id, number)| Some((id.parse().ok()?, Generation::new(*number)?)));
        Self {
            path: path.map(Path::to_owned),
            reached: reached.collect(),
            removed: written.removed.iter().filter_map(|id| id.parse().ok()).collect(),
            written: None,
            noted: false,
        }
    }

    /// The generation that was seen of a record.
    pub(super) fn reached(&self, id: RecordId) -> Option<Generation> {
        self.reached.get(&id).copied()
    }

    /// Whether the record was signed out.
    pub(super) fn was_removed(&self, id: RecordId) -> bool {
        self.removed.contains(&id)
    }

    /// Those that were seen and are not among `there`.
    pub(super) fn missing(&self, there: &BTreeSet<RecordId>) -> Vec<RecordId> {
        self.reached.keys().filter(|id| !there.contains(id)).copied().collect()
    }

    pub(super) fn note(&mut self, id: RecordId, generation: Generation) {
        let reached = self.reached.entry(id).or_insert(generation);
        *reached = generation.max(*reached);
        self.noted = true;
    }

    pub(super) fn note_removed(&mut self, id: RecordId) {
        self.reached.remove(&id);
        self.removed.retain(|removed| *removed != id);
        self.removed.push(id);
        self.removed.drain(..self.removed.len().saturating_sub(MOST_REMOVED));
        self.noted = true;
    }

    /// Takes it off the disk: there is nothing left to compare with it.
    pub(super) fn erase(path: Option<&Path>) {
        if let Some(path) = path
            && let Err(error) = std::fs::remove_file(path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "the vault's high-water mark is still there");
        }
    }

    /// Writes it down. A failure is logged: the next save tries again.
    pub(super) fn write(&mut self, key: &Key) {
        let Some(path) = &self.path else { return };
        match written(self, path, key) {
            Ok(()) => (self.written, self.noted) = (Some(Instant::now()), false),
            Err(error) => tracing::warn!(%error, "the vault's high-water mark is not up to date"),
        }
    }

    /// The same after a save. All of it is written each time, so one of many records is not before every save, or the price
    /// of one would grow with their number.
    pub(super) fn write_soon(&mut self, key: &Key) {
        let just_written = self.written.is_some_and(|at| at.elapsed() < LEAST_PAUSE);
        if self.reached.len() <= FEW || !just_written {
            self.write(key);
        }
    }

    /// What was put off.
    pub(super) fn write_the_rest(&mut self, key: &Key) {
        if self.noted {
            self.write(key);
        }
    }
}

fn opened(path: &Path, key: &Key) -> Option<Written> {
    let (folder, name) = split(path)?;
    let folder = Folder::open(folder).ok().flatten().filter(|folder| folder.has(name))?;
    let bytes = folder.read(name).ok()?;
    let content = seal::open(key, RecordId::from_bytes(ID), Generation::FIRST, &bytes).ok()?;
    serde_json::from_slice(&content).ok()
}

fn written(mark: &Mark, path: &Path, key: &Key) -> Result<(), StoreError> {
    let words = Written {
        reached: mark.reached.iter().map(|(id, generation)| (id.to_string(), generation.number())).collect(),
        removed: mark.removed.iter().map(ToString::to_string).collect(),
    };
    let content = serde_json::to_vec(&words).expect("text and numbers are always JSON");
    let sealed = seal::seal(key, RecordId::from_bytes(ID), Generation::FIRST, &key::random(), &content)
        .map_err(|seal::TooLarge| StoreError::TooLarge)?;
    let Some((folder, name)) = split(path) else { return Ok(()) };
    let folder = Folder::open_or_make(folder)?;
    let temporary = format!("{name}.tmp");
    folder.remove(&temporary)?;
    // Not made durable at once: after a power cut an older one is as good, and a torn one is as none.
    folder.write_quickly(&temporary, &sealed).and_then(|_| folder.rename(&temporary, name))
}

fn split(path: &Path) -> Option<(&Path, &str)> {
    Some((path.parent()?, path.file_name()?.to_str()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_it_was_written_and_never_goes_back() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = home.path().join("state/vault.mark");
        let (key, one, two) = (Key::generate(), RecordId::random(), RecordId::random());
        let mut mark = Mark::read(Some(&path), &key);
        let second = Generation::FIRST.next().expect("far from the end");
        mark.note(one, second);
        mark.note(one, Generation::FIRST);
        mark.note(two, Generation::FIRST);
        mark.note_removed(two);
        mark.write(&key);

        let again = Mark::read(Some(&path), &key);
        assert_eq!((again.reached(one), again.reached(two)), (Some(second), None));
        assert!(again.was_removed(two) && !again.was_removed(one));
        assert_eq!(again.missing(&BTreeSet::new()), [one]);
        assert_eq!(Mark::read(Some(&path), &Key::generate()).reached(one), None, "of another key");
    }

    #[test]
    fn of_removed_records_the_newest_are_remembered() {
        let mut mark = Mark::default();
        for number in (0..=u16::try_from(MOST_REMOVED).expect("a small number")).rev() {
            let mut name = [0; 16];
            name[..2].copy_from_slice(&number.to_be_bytes());
            mark.note_removed(RecordId::from_bytes(name));
        }
        assert!(mark.was_removed(RecordId::from_bytes([0; 16])), "removed last");
        assert_eq!(mark.removed.len(), MOST_REMOVED);
    }

    #[test]
    fn of_many_records_it_is_not_written_with_each_save_and_nothing_is_left_out_in_the_end() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = home.path().join("vault.mark");
        let key = Key::generate();
        let mut mark = Mark::read(Some(&path), &key);
        let ids: Vec<RecordId> = (0..FEW + 50).map(|_| RecordId::random()).collect();
        for id in &ids {
            mark.note(*id, Generation::FIRST);
            mark.write_soon(&key);
        }
        let on_disk = || ids.iter().filter(|id| Mark::read(Some(&path), &key).reached(**id).is_some()).count();
        assert!(on_disk() >= FEW, "few are written at once");
        mark.write_the_rest(&key);
        assert_eq!(on_disk(), ids.len());
    }

    #[test]
    fn a_torn_one_is_as_none() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = home.path().join("vault.mark");
        let (key, id) = (Key::generate(), RecordId::random());
        std::fs::write(&path, b"DKV1").expect("there is room");
        assert_eq!(Mark::read(Some(&path), &key).reached(id), None);
    }
}
