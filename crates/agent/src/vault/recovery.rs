//! What a start makes of the files that the last run left, wherever it was stopped (rows K3 to K5).

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::error::{Problem, StoreError};
use super::files::{self, Form, Intent, RecordFile};
use super::folder::Folder;
use super::id::{Generation, RecordId};
use super::key::Key;
use super::mark::Mark;
use super::seal::{self, SealError};

/// The records as they stand after a start.
#[derive(Debug, Default)]
pub(super) struct Recovered {
    /// The generation in force of each record that opens.
    pub(super) in_force: BTreeMap<RecordId, Generation>,
    /// Records that must not be written, because a file this program may not judge stands before them.
    pub(super) blocked: BTreeMap<RecordId, StoreError>,
    /// Records whose refresh token was being sent when the last run ended (row K1).
    pub(super) interrupted: BTreeSet<RecordId>,
    /// What a person should hear of.
    pub(super) problems: Vec<Problem>,
}

impl Recovered {
    /// Whether there are records, and all of them were sealed with another key: then it is the key that is
    /// wrong, not the files.
    pub(super) fn is_of_another_key(&self) -> bool {
        let missing = |error: &StoreError| matches!(error, StoreError::KeyMissing(_));
        self.in_force.is_empty() && self.blocked.values().any(missing)
    }

    /// Whether there are records, and all of them are of a newer version.
    pub(super) fn is_of_a_newer_version(&self) -> Option<&StoreError> {
        let newer = |error: &&StoreError| matches!(error, StoreError::NewerVersion { .. });
        self.blocked.values().find(newer).filter(|_| self.in_force.is_empty())
    }
}

/// Puts the folder in order: the highest generation that opens is in force, older ones are collected,
/// complete temporary files adopted, others discarded, damaged files moved aside. What was sealed anew with this key is
/// put in force, and with another one taken back once this key has proved to be the right one; a sign-out that was begun is finished, and a record that is older than the mark says is moved aside.
///
/// # Errors
/// Only when the folder itself cannot be listed; what is wrong with one record is a [`Problem`].
pub(super) fn recover(folder: &Folder, key: &Key, mark: &mut Mark) -> Result<Recovered, StoreError> {
    for id in Intent::Removing.all(folder)? {
        files::remove_all(folder, id)?;
        mark.note_removed(id);
    }
    files::settle(folder, |file| read(folder, key, file).is_ok())?;
    let mut by_record: BTreeMap<RecordId, Vec<RecordFile>> = BTreeMap::new();
    for file in files::list(folder)? {
        by_record.entry(file.id).or_default().push(file);
    }
    let mut recovered = Recovered::default();
    recovered.interrupted.extend(Intent::Renewing.all(folder)?);
    for (id, files) in by_record {
        match highest_that_opens(folder, key, &files, &mut recovered.problems) {
            Ok(Some(generation)) if mark.was_removed(id) || mark.reached(id).is_some_and(|last| last > generation) => {
                recovered.problems.extend(rolled_back(folder, &files, id, generation));
            }
            Ok(Some(generation)) => {
                files::collect(folder, &files, generation);
                mark.note(id, generation);
                recovered.in_force.insert(id, generation);
            }
            Ok(None) => {}
            Err((file, error)) => {
                recovered.problems.push(Problem {
                    id,
                    file: folder.join(&file.name()),
                    moved_to: None,
                    error: error.clone(),
                });
                recovered.blocked.insert(id, error);
            }
        }
    }
    if !recovered.is_of_another_key() {
        files::discard_next(folder, |id| !recovered.blocked.contains_key(&id));
    }
    Ok(recovered)
}

/// Its refresh token was spent by the newer one that was here: sending it would end the session at the provider.
fn rolled_back(folder: &Folder, files: &[RecordFile], id: RecordId, generation: Generation) -> Option<Problem> {
    let file = RecordFile::sealed(id, generation);
    let path = folder.join(&file.name());
    files::collect(folder, files, generation);
    let moved_to = files::set_aside(folder, file)
        .inspect_err(|error| tracing::warn!(%error, "an old copy of a record is still there"))
        .ok();
    Some(Problem { id, file: path.clone(), moved_to, error: StoreError::RolledBack(path) })
}

/// Reads an intact record.
///
/// # Errors
/// What the disk or the seal says, as the file's error.
pub(super) fn read(folder: &Folder, key: &Key, file: RecordFile) -> Result<zeroize::Zeroizing<Vec<u8>>, StoreError> {
    let name = file.name();
    let bytes = folder.read(&name)?;
    seal::open(key, file.id, file.generation, &bytes).map_err(|error| match error {
        SealError::Damaged => StoreError::Damaged(folder.join(&name)),
        SealError::NewerVersion(version) => StoreError::NewerVersion { file: folder.join(&name), version },
        SealError::OtherKey => StoreError::KeyMissing(folder.join(&name)),
        SealError::OtherRecord => StoreError::ForeignRecord(folder.join(&name)),
        SealError::TooLarge => StoreError::TooLarge,
    })
}

/// Goes down from the newest file. `Err` is a file that must stay as it is and where it is: going on to an
/// older generation behind it would bring a spent refresh token back.
fn highest_that_opens(
    folder: &Folder,
    key: &Key,
    files: &[RecordFile],
    problems: &mut Vec<Problem>,
) -> Result<Option<Generation>, (RecordFile, StoreError)> {
    for &file in files.iter().rev() {
        let error = match (read(folder, key, file), file.form) {
            (Ok(_), Form::Sealed) => return Ok(Some(file.generation)),
            (Ok(_), Form::Temporary | Form::Next) => {
                // K3: all its bytes are here, and the provider may have spent the token before it.
                let sealed = RecordFile::sealed(file.id, file.generation);
                let adopted = folder.rename(&file.name(), &sealed.name()).and_then(|()| folder.sync());
                return adopted.map(|()| Some(file.generation)).map_err(|error| (file, error));
            }
            // Sealed for a move that was cut short before it counted.
            (Err(StoreError::KeyMissing(_)), Form::Next) => continue,
            (Err(error), _) => error,
        };
        let moved_to = match (error.is_damage(), file.form) {
            (false, _) => return Err((file, error)),
            // Cut short by the end of its writer: that is what temporary files are for.
            (true, Form::Temporary | Form::Next) => {
                folder.remove(&file.name()).map_err(|error| (file, error))?;
                continue;
            }
            (true, Form::Sealed) => files::set_aside(folder, file).map_err(|error| (file, error))?,
        };
        let path = folder.join(&file.name());
        problems.push(Problem { id: file.id, file: path, moved_to: Some(moved_to), error });
    }
    Ok(None)
}

impl StoreError {
    /// Whether the bytes themselves are wrong, so that another try, key or version would not help.
    fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged(_) | Self::ForeignRecord(_))
    }
}
