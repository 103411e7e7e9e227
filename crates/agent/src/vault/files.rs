//! The files of the records: their names, the durable replace, and their removal.
//!
//! `<record>.<generation>.sealed` is a record, `….tmp` one that was being written, `….next` one that was sealed anew
//! and counts once its key does, `….bad-<time>` one that was moved aside because it could not be opened.
//! `<record>.renewing` and `<record>.removing` are [`Intent`]s.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use super::error::StoreError;
use super::folder::Folder;
use super::header::Header;
use super::id::{Generation, RecordId};

/// One file of a record, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RecordFile {
    pub(super) id: RecordId,
    pub(super) generation: Generation,
    pub(super) form: Form,
}

/// How far a file of a record got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// Being written; complete or not.
    Temporary,
    /// Sealed with a key that may not be in force yet.
    Next,
    /// In force.
    Sealed,
}

impl RecordFile {
    pub(super) fn sealed(id: RecordId, generation: Generation) -> Self {
        Self { id, generation, form: Form::Sealed }
    }

    pub(super) fn name(&self) -> String {
        let suffix = match self.form {
            Form::Temporary => "tmp",
            Form::Next => "next",
            Form::Sealed => "sealed",
        };
        format!("{}.{}.{suffix}", self.id, self.generation)
    }

    fn parse(name: &str) -> Option<Self> {
        let (id, rest) = name.split_once('.')?;
        let (generation, suffix) = rest.split_once('.')?;
        let form = match suffix {
            "sealed" => Form::Sealed,
            "tmp" => Form::Temporary,
            "next" => Form::Next,
            _ => return None,
        };
        let file = Self { id: id.parse().ok()?, generation: Generation::new(generation.parse().ok()?)?, form };
        // `+1` and `01` parse as numbers too; a record has one name.
        (file.name() == name).then_some(file)
    }
}

/// What is about to be done with a record, noted before it cannot be undone any more: an empty file, which needs no
/// key and holds no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    /// The refresh token is about to be sent (row K1): should the process end here, it may be spent.
    Renewing,
    /// The tokens are about to be revoked (row K6): the record is not to be seen again.
    Removing,
}

impl Intent {
    fn suffix(self) -> &'static str {
        match self {
            Self::Renewing => "renewing",
            Self::Removing => "removing",
        }
    }

    fn name(self, id: RecordId) -> String {
        format!("{id}.{}", self.suffix())
    }

    /// Notes it. Not made durable at once for a renewal: after a power cut it only makes a sentence less exact.
    ///
    /// # Errors
    /// What the disk says.
    pub(super) fn note(self, folder: &Folder, id: RecordId) -> Result<(), StoreError> {
        let name = self.name(id);
        if folder.has(&name) {
            return Ok(());
        }
        match self {
            Self::Renewing => folder.write_quickly(&name, b"").map(drop),
            Self::Removing => folder.write_new(&name, b"").and_then(|()| folder.sync()),
        }
    }

    /// It came to its end, well or badly.
    ///
    /// # Errors
    /// What the disk says.
    pub(super) fn withdraw(self, folder: &Folder, id: RecordId) -> Result<(), StoreError> {
        folder.remove(&self.name(id))
    }

    /// The records it was noted for.
    ///
    /// # Errors
    /// What the disk says.
    pub(super) fn all(self, folder: &Folder) -> Result<Vec<RecordId>, StoreError> {
        let named = |name: &String| name.strip_suffix(self.suffix())?.strip_suffix('.')?.parse().ok();
        Ok(folder.names()?.iter().filter_map(named).collect())
    }
}

/// All files of records, in the order record, generation, temporary before sealed.
pub(super) fn list(folder: &Folder) -> Result<Vec<RecordFile>, StoreError> {
    let mut files: Vec<_> = folder.names()?.iter().filter_map(|name| RecordFile::parse(name)).collect();
    files.sort_unstable();
    Ok(files)
}

/// Whether there is anything that only the key of this choice opens. What was sealed anew before a choice was written is
/// not, for no key of it was ever in force.
///
/// # Errors
/// What the disk says.
pub(super) fn are_sealed(folder: &Folder, choice: Option<&Header>) -> Result<bool, StoreError> {
    let counts = |file: &RecordFile| file.form != Form::Next || choice.is_some_and(Header::names_a_key);
    Ok(list(folder)?.iter().any(counts))
}

/// Puts a new generation in force: temporary file, its bytes on the disk, rename, the folder on the disk,
/// read back. Only then the generation `before` goes. On any error it is untouched.
///
/// `opens` tells whether the bytes read back are the record.
///
/// # Errors
/// What the disk says; [`StoreError::Damaged`] where it gives back other bytes than it was given.
pub(super) fn replace(
    folder: &Folder,
    id: RecordId,
    generation: Generation,
    before: Option<Generation>,
    sealed: &[u8],
    opens: impl FnOnce(&[u8]) -> bool,
) -> Result<(), StoreError> {
    let file = RecordFile::sealed(id, generation);
    let temporary = RecordFile { form: Form::Temporary, ..file };
    let (name, temporary) = (file.name(), temporary.name());

    // Left by a writer that died; nothing of ours has this generation yet.
    folder.remove(&temporary)?;
    if let Err(error) = folder.write_new(&temporary, sealed).and_then(|()| folder.rename(&temporary, &name)) {
        discard(folder, &temporary);
        return Err(error);
    }
    folder.sync()?;
    if !folder.read(&name).is_ok_and(|bytes| opens(&bytes)) {
        discard(folder, &name);
        return Err(StoreError::Damaged(folder.join(&name)));
    }
    // By its name: looking for it would cost more the more records there are.
    if let Some(before) = before
        && let Err(error) = folder.remove(&RecordFile::sealed(id, before).name()).and_then(|()| folder.sync())
    {
        tracing::warn!(%error, record = %id, "an older generation is still there");
    }
    Ok(())
}

/// Removes those of a record's files that are older than the one in force, wherever a crash has left some. A failure is
/// only logged: the record is safe, and the next start tries again.
pub(super) fn collect(folder: &Folder, files: &[RecordFile], in_force: Generation) {
    let older: Vec<_> = files.iter().filter(|file| file.generation < in_force).collect();
    if older.is_empty() {
        return;
    }
    let collected = older.iter().try_for_each(|file| folder.remove(&file.name())).and_then(|()| folder.sync());
    if let Err(error) = collected {
        tracing::warn!(%error, "an older generation is still there");
    }
}

/// Puts a record that was sealed anew beside the one in force, and reads it back. It counts once it has been
/// [settled](settle).
///
/// # Errors
/// What the disk says; nothing is left of it then.
pub(super) fn put_next(
    folder: &Folder,
    id: RecordId,
    generation: Generation,
    sealed: &[u8],
    opens: impl FnOnce(&[u8]) -> bool,
) -> Result<(), StoreError> {
    let name = RecordFile { id, generation, form: Form::Next }.name();
    folder.remove(&name)?;
    let written = folder.write_new(&name, sealed).and_then(|()| folder.read(&name));
    let error = match written {
        Ok(bytes) if opens(&bytes) => return Ok(()),
        Ok(_) => StoreError::Damaged(folder.join(&name)),
        Err(error) => error,
    };
    discard(folder, &name);
    Err(error)
}

/// Takes back what was sealed anew of the records that are `meant`.
pub(super) fn discard_next(folder: &Folder, meant: impl Fn(RecordId) -> bool) {
    for file in list(folder).unwrap_or_default() {
        if file.form == Form::Next && meant(file.id) {
            discard(folder, &file.name());
        }
    }
}

/// Puts what was sealed anew in force where `opens` says that its key is.
///
/// # Errors
/// What the disk says; the next start goes on with it.
pub(super) fn settle(folder: &Folder, opens: impl Fn(RecordFile) -> bool) -> Result<(), StoreError> {
    let next = list(folder)?.into_iter().filter(|file| file.form == Form::Next && opens(*file));
    let mut settled = 0;
    for file in next {
        folder.rename(&file.name(), &RecordFile { form: Form::Sealed, ..file }.name())?;
        settled += 1;
    }
    if settled == 0 { Ok(()) } else { folder.sync() }
}

/// Moves a file that cannot be opened out of the way; it is never deleted for that.
pub(super) fn set_aside(folder: &Folder, file: RecordFile) -> Result<PathBuf, StoreError> {
    set_name_aside(folder, &file.name())
}

/// The same for any file of the vault.
#[expect(clippy::disallowed_methods, reason = "a part of a name: nothing is decided by it")]
pub(super) fn set_name_aside(folder: &Folder, name: &str) -> Result<PathBuf, StoreError> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // With nanoseconds, so that no two ever have one name and the rename cannot overwrite.
    let aside = format!("{name}.bad-{}", since.as_nanos());
    folder.rename(name, &aside)?;
    folder.sync()?;
    Ok(folder.join(&aside))
}

/// Removes every file of every record, those moved aside included.
///
/// # Errors
/// What the disk says.
pub(super) fn remove_everything(folder: &Folder) -> Result<(), StoreError> {
    let ids: BTreeSet<RecordId> =
        folder.names()?.iter().filter_map(|name| name.split_once('.')?.0.parse().ok()).collect();
    ids.into_iter().try_for_each(|id| remove_all(folder, id))
}

/// Removes everything of a record: all generations, temporary files and those moved aside (S-15).
///
/// # Errors
/// What the disk says; also where something of it is still there afterwards.
pub(super) fn remove_all(folder: &Folder, id: RecordId) -> Result<(), StoreError> {
    let of_it = || -> Result<Vec<String>, StoreError> {
        let prefix = format!("{id}.");
        Ok(folder.names()?.into_iter().filter(|name| name.starts_with(&prefix)).collect())
    };
    let mut names = of_it()?;
    // The intent goes last: cut short here, the next start goes on with it.
    names.sort_by_key(|name| *name == Intent::Removing.name(id));
    names.iter().try_for_each(|name| folder.remove(name))?;
    folder.sync()?;
    match of_it()?.first() {
        Some(name) => Err(StoreError::from_io("remove", &folder.join(name), std::io::ErrorKind::ResourceBusy.into())),
        None => Ok(()),
    }
}

fn discard(folder: &Folder, name: &str) {
    if let Err(error) = folder.remove(name) {
        tracing::warn!(%error, "a file that was not finished is still there");
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let home = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::open_or_make(home.path()).expect("it is ours");
        (home, folder)
    }

    fn second() -> Generation {
        Generation::FIRST.next().expect("far from the end")
    }

    fn sorted(folder: &Folder) -> Vec<String> {
        let mut names = folder.names().expect("it can be listed");
        names.sort();
        names
    }

    #[test]
    fn only_names_we_would_write_are_records() {
        let id = "0123456789abcdef0123456789abcdef";
        for good in ["1.sealed", "4294967295.sealed", "2.tmp"] {
            assert!(RecordFile::parse(&format!("{id}.{good}")).is_some(), "{good}");
        }
        for bad in
            ["0.sealed", "01.sealed", "+1.sealed", "4294967296.sealed", "1.sealed.bad-1", "1", "sealed", "1.SEALED"]
        {
            assert_eq!(RecordFile::parse(&format!("{id}.{bad}")), None, "{bad}");
        }
        assert_eq!(RecordFile::parse("owner.lock"), None);
    }

    #[test]
    fn a_new_generation_takes_the_place_of_the_old_one() {
        let (_home, folder) = folder();
        let id = RecordId::random();
        replace(&folder, id, Generation::FIRST, None, b"one", |bytes| bytes == b"one").expect("there is room");
        replace(&folder, id, second(), Some(Generation::FIRST), b"two", |bytes| bytes == b"two")
            .expect("there is room");
        assert_eq!(sorted(&folder), [format!("{id}.2.sealed")]);
    }

    #[test]
    fn when_the_disk_gives_back_something_else_the_old_one_stays() {
        let (_home, folder) = folder();
        let id = RecordId::random();
        replace(&folder, id, Generation::FIRST, None, b"one", |_| true).expect("there is room");
        let refused = replace(&folder, id, second(), Some(Generation::FIRST), b"two", |_| false)
            .expect_err("it was not read back");
        assert_eq!(refused.code(), "store.damaged");
        assert_eq!(sorted(&folder), [format!("{id}.1.sealed")]);
        assert_eq!(folder.read(&format!("{id}.1.sealed")).expect("untouched"), b"one");
    }

    #[test]
    fn when_the_rename_fails_the_old_one_stays_and_no_temporary_file_is_left() {
        let (home, folder) = folder();
        let id = RecordId::random();
        replace(&folder, id, Generation::FIRST, None, b"one", |_| true).expect("there is room");
        fs::create_dir(home.path().join(format!("{id}.2.sealed"))).expect("in the way of the rename");
        replace(&folder, id, second(), Some(Generation::FIRST), b"two", |_| true).expect_err("a folder has the name");
        assert_eq!(sorted(&folder), [format!("{id}.1.sealed"), format!("{id}.2.sealed")]);
        assert_eq!(folder.read(&format!("{id}.1.sealed")).expect("untouched"), b"one");
    }

    #[test]
    fn a_temporary_file_left_behind_does_not_stop_the_next_writer() {
        let (home, folder) = folder();
        let id = RecordId::random();
        fs::write(home.path().join(format!("{id}.1.tmp")), b"half").expect("there is room");
        replace(&folder, id, Generation::FIRST, None, b"one", |bytes| bytes == b"one").expect("there is room");
        assert_eq!(sorted(&folder), [format!("{id}.1.sealed")]);
    }

    #[test]
    fn removal_leaves_nothing_of_the_record_and_touches_no_other() {
        let (home, folder) = folder();
        let (id, other) = (RecordId::random(), RecordId::random());
        for name in ["1.sealed", "2.sealed", "3.tmp", "1.sealed.bad-17", "2.tmp.bad-18"] {
            fs::write(home.path().join(format!("{id}.{name}")), b"CANARY").expect("there is room");
        }
        fs::write(home.path().join(format!("{other}.1.sealed")), b"kept").expect("there is room");
        remove_all(&folder, id).expect("all are ours");
        assert_eq!(sorted(&folder), [format!("{other}.1.sealed")]);
    }

    #[test]
    fn removal_that_did_not_work_says_so() {
        let (home, folder) = folder();
        let id = RecordId::random();
        fs::create_dir(home.path().join(format!("{id}.1.sealed"))).expect("a file it is not");
        remove_all(&folder, id).expect_err("a folder cannot be removed as a file");
    }
}
