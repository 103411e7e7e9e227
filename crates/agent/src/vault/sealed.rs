//! The open vault: a folder, its key, and the generation each record has.

use std::collections::{BTreeMap, BTreeSet};

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::Record;
use super::error::{Problem, StoreError};
use super::files::{self, Intent, RecordFile};
use super::folder::Folder;
use super::id::{Generation, RecordId};
use super::key::{self, Key};
use super::mark::Mark;
use super::recovery::{self, Recovered};
use super::seal;

/// Records on the disk, with the key to them.
pub(super) struct Sealed {
    folder: Folder,
    key: Key,
    in_force: BTreeMap<RecordId, Generation>,
    blocked: BTreeMap<RecordId, StoreError>,
    /// Highest generation that was tried, so that a failed write never shares its number with a later one.
    tried: BTreeMap<RecordId, Generation>,
    interrupted: BTreeSet<RecordId>,
    mark: Mark,
}

/// What opening a folder with a key came to.
pub(super) enum Opened {
    /// The records that open are there; of the others the problems tell.
    Ready(Sealed, Vec<Problem>),
    /// Every record was sealed with another key; nothing was touched.
    OtherKey,
    /// Every record was written by a newer program; nothing was touched.
    NewerVersion(StoreError),
}

impl Sealed {
    /// Puts the folder in order and takes it over.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub(super) fn open(folder: Folder, key: Key, mut mark: Mark) -> Result<Opened, StoreError> {
        // A key that opens nothing tells nothing about what was there.
        let recovered = recovery::recover(&folder, &key, &mut mark)?;
        if recovered.is_of_another_key() {
            return Ok(Opened::OtherKey);
        }
        if let Some(error) = recovered.is_of_a_newer_version() {
            return Ok(Opened::NewerVersion(error.clone()));
        }
        let Recovered { in_force, blocked, interrupted, problems } = recovered;
        // A record that was put back begins above what it had reached, so that the mark stays true.
        let known = in_force.keys().chain(blocked.keys()).copied().collect();
        let tried = mark.missing(&known).into_iter().filter_map(|id| Some((id, mark.reached(id)?))).collect();
        mark.write(&key);
        let sealed = Self { folder, key, in_force, blocked, tried, interrupted, mark };
        Ok(Opened::Ready(sealed, problems))
    }

    /// All records that open. One that has gone bad since the start is a problem, not an error.
    pub(super) fn records(&self) -> (Vec<Record>, Vec<Problem>) {
        let (mut records, mut problems) = (Vec::new(), Vec::new());
        for (&id, &generation) in &self.in_force {
            let file = RecordFile::sealed(id, generation);
            match recovery::read(&self.folder, &self.key, file) {
                Ok(content) => records.push(Record { id, generation, content }),
                Err(error) => {
                    let file = self.folder.join(&file.name());
                    problems.push(Problem { id, file, moved_to: None, error });
                }
            }
        }
        (records, problems)
    }

    /// Makes `content` the next generation of the record, durably.
    ///
    /// # Errors
    /// What [`files::replace`] says; the generation before is untouched then.
    pub(super) fn save(&mut self, id: RecordId, content: &[u8]) -> Result<Generation, StoreError> {
        if let Some(error) = self.blocked.get(&id) {
            return Err(error.clone());
        }
        let generation = self.next_generation(id)?;
        let sealed = seal::seal(&self.key, id, generation, &key::random(), content)
            .map_err(|seal::TooLarge| StoreError::TooLarge)?;
        self.tried.insert(id, generation);
        let before = self.in_force.get(&id).copied();
        files::replace(&self.folder, id, generation, before, &sealed, |bytes| {
            seal::open(&self.key, id, generation, bytes).is_ok_and(|opened| opened.ct_eq(content).into())
        })?;
        self.in_force.insert(id, generation);
        self.mark.note(id, generation);
        self.mark.write_soon(&self.key);
        Ok(generation)
    }

    pub(super) fn next_generation(&self, id: RecordId) -> Result<Generation, StoreError> {
        match self.in_force.get(&id).max(self.tried.get(&id)) {
            None => Ok(Generation::FIRST),
            Some(last) => last.next().ok_or(StoreError::TooLarge),
        }
    }

    pub(super) fn forget(&mut self, id: RecordId) {
        self.in_force.remove(&id);
        self.blocked.remove(&id);
        self.interrupted.remove(&id);
        self.mark.note_removed(id);
        self.mark.write(&self.key);
    }

    /// Everything, or nothing: for whoever is about to take it elsewhere.
    ///
    /// # Errors
    /// Of the first record that cannot be taken along.
    pub(super) fn all(&self) -> Result<Vec<Record>, StoreError> {
        if let Some(error) = self.blocked.values().next() {
            return Err(error.clone());
        }
        let (records, mut problems) = self.records();
        if problems.is_empty() { Ok(records) } else { Err(problems.remove(0).error) }
    }

    /// The refresh token of the record is about to be sent, or that has ended.
    pub(super) fn note(&mut self, intent: Intent, id: RecordId) -> Result<(), StoreError> {
        intent.note(&self.folder, id)
    }

    pub(super) fn withdraw(&mut self, intent: Intent, id: RecordId) -> Result<(), StoreError> {
        self.interrupted.remove(&id);
        intent.withdraw(&self.folder, id)
    }

    pub(super) fn interrupted(&self) -> &BTreeSet<RecordId> {
        &self.interrupted
    }

    /// What is known of the past, for the next key.
    pub(super) fn into_mark(mut self) -> Mark {
        std::mem::take(&mut self.mark)
    }
}

impl Drop for Sealed {
    fn drop(&mut self) {
        self.mark.write_the_rest(&self.key);
    }
}

/// Records that live and end with this process.
#[derive(Default)]
pub(super) struct InMemory(BTreeMap<RecordId, (Generation, Zeroizing<Vec<u8>>)>);

impl InMemory {
    pub(super) fn records(&self) -> Vec<Record> {
        let record = |(&id, (generation, content)): (&RecordId, &(Generation, Zeroizing<Vec<u8>>))| Record {
            id,
            generation: *generation,
            content: content.clone(),
        };
        self.0.iter().map(record).collect()
    }

    /// Records that were on the disk.
    pub(super) fn holding(records: Vec<Record>) -> Self {
        Self(records.into_iter().map(|record| (record.id, (record.generation, record.content))).collect())
    }

    /// # Errors
    /// [`StoreError::TooLarge`], so that memory takes no more than the disk would.
    pub(super) fn save(&mut self, id: RecordId, content: Zeroizing<Vec<u8>>) -> Result<Generation, StoreError> {
        if content.len() > seal::MAX_CONTENT {
            return Err(StoreError::TooLarge);
        }
        let generation = match self.0.get(&id) {
            None => Generation::FIRST,
            Some((last, _)) => last.next().ok_or(StoreError::TooLarge)?,
        };
        self.0.insert(id, (generation, content));
        Ok(generation)
    }

    pub(super) fn forget(&mut self, id: RecordId) {
        self.0.remove(&id);
    }
}
