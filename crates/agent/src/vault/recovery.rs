//! What a start makes of the files that the last run left, wherever it was stopped (rows K3 to K5).

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
/// put in force, a sign-out that was begun is finished, and a record that is older than the mark says is moved aside.
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
                recovered.problems.extend(rolled_back(folder, id, generation));
            }
            Ok(Some(generation)) => {
                files::collect(folder, id, generation);
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
    Ok(recovered)
}

/// Its refresh token was spent by the newer one that was here: sending it would end the session at the provider.
fn rolled_back(folder: &Folder, id: RecordId, generation: Generation) -> Option<Problem> {
    let file = RecordFile::sealed(id, generation);
    let path = folder.join(&file.name());
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    struct Scene {
        home: tempfile::TempDir,
        folder: Folder,
        key: Key,
        id: RecordId,
    }

    impl Scene {
        fn new() -> Self {
            let home = tempfile::tempdir().expect("a temporary folder");
            let folder = Folder::open_or_make(home.path()).expect("it is ours");
            Self { home, folder, key: Key::generate(), id: RecordId::random() }
        }

        fn sealed(&self, generation: u32) -> Vec<u8> {
            let generation = Generation::new(generation).expect("from one");
            let content = format!("tokens of generation {generation}");
            seal::seal(&self.key, self.id, generation, &super::super::key::random(), content.as_bytes()).expect("small")
        }

        fn put(&self, suffix: &str, bytes: &[u8]) {
            fs::write(self.home.path().join(format!("{}.{suffix}", self.id)), bytes).expect("there is room");
        }

        fn recover(&self) -> Recovered {
            recover(&self.folder, &self.key, &mut Mark::default()).expect("the folder can be listed")
        }

        /// What is left, without the record's name and the times.
        fn left(&self) -> Vec<String> {
            let names = self.folder.names().expect("it can be listed");
            let mut left: Vec<_> = names
                .iter()
                .map(|name| {
                    let suffix = name.strip_prefix(&format!("{}.", self.id)).expect("all are of one record");
                    suffix.split_once("bad-").map_or(suffix.to_owned(), |(start, _)| format!("{start}bad"))
                })
                .collect();
            left.sort();
            left
        }

        fn in_force(&self, recovered: &Recovered) -> Option<u32> {
            let generation = recovered.in_force.get(&self.id)?;
            let file = RecordFile::sealed(self.id, *generation);
            let content = read(&self.folder, &self.key, file).expect("it is in force");
            assert_eq!(*content, format!("tokens of generation {generation}").as_bytes());
            Some(generation.number())
        }
    }

    #[test]
    fn k0_one_generation_goes_on() {
        let scene = Scene::new();
        scene.put("1.sealed", &scene.sealed(1));
        let recovered = scene.recover();
        assert_eq!(scene.in_force(&recovered), Some(1));
        assert!(recovered.problems.is_empty());
        assert_eq!(scene.left(), ["1.sealed"]);
    }

    #[test]
    fn k3_a_complete_temporary_file_is_adopted() {
        let scene = Scene::new();
        scene.put("1.sealed", &scene.sealed(1));
        scene.put("2.tmp", &scene.sealed(2));
        let recovered = scene.recover();
        assert_eq!(scene.in_force(&recovered), Some(2));
        assert!(recovered.problems.is_empty());
        assert_eq!(scene.left(), ["2.sealed"]);
    }

    #[test]
    fn k3_an_incomplete_temporary_file_is_discarded() {
        for cut in [0, 1, 57, 58, 80] {
            let scene = Scene::new();
            scene.put("1.sealed", &scene.sealed(1));
            scene.put("2.tmp", &scene.sealed(2)[..cut]);
            let recovered = scene.recover();
            assert_eq!(scene.in_force(&recovered), Some(1), "cut at {cut}");
            assert!(recovered.problems.is_empty());
            assert_eq!(scene.left(), ["1.sealed"]);
        }
    }

    #[test]
    fn k3_at_the_very_first_save() {
        let scene = Scene::new();
        scene.put("1.tmp", &scene.sealed(1));
        assert_eq!(scene.in_force(&scene.recover()), Some(1));
        let scene = Scene::new();
        scene.put("1.tmp", b"DK");
        assert_eq!(scene.in_force(&scene.recover()), None);
        assert!(scene.left().is_empty());
    }

    #[test]
    fn k4_and_k5_the_highest_generation_that_opens_wins_and_the_others_are_collected() {
        let scene = Scene::new();
        for generation in [1, 2, 3] {
            scene.put(&format!("{generation}.sealed"), &scene.sealed(generation));
        }
        let recovered = scene.recover();
        assert_eq!(scene.in_force(&recovered), Some(3));
        assert_eq!(scene.left(), ["3.sealed"]);
    }

    #[test]
    fn generations_are_counted_not_spelt() {
        let scene = Scene::new();
        scene.put("9.sealed", &scene.sealed(9));
        scene.put("10.sealed", &scene.sealed(10));
        assert_eq!(scene.in_force(&scene.recover()), Some(10));
    }

    #[test]
    fn a_damaged_newest_generation_is_moved_aside_and_told() {
        let scene = Scene::new();
        scene.put("1.sealed", &scene.sealed(1));
        let mut bent = scene.sealed(2);
        *bent.last_mut().expect("not empty") ^= 1;
        scene.put("2.sealed", &bent);
        let recovered = scene.recover();
        assert_eq!(scene.in_force(&recovered), Some(1));
        assert_eq!(scene.left(), ["1.sealed", "2.sealed.bad"]);
        let [problem] = recovered.problems.as_slice() else { panic!("one problem: {:?}", recovered.problems) };
        assert_eq!(problem.refusal().code, "store.damaged");
        let kept = fs::read(problem.moved_to.as_ref().expect("it was moved")).expect("it is kept");
        assert_eq!(kept, bent);
    }

    #[test]
    fn a_record_of_which_nothing_opens_is_moved_aside_and_told() {
        for bytes in [&b""[..], b"{}", b"DKV1\0\x01 cut"] {
            let scene = Scene::new();
            scene.put("1.sealed", bytes);
            let recovered = scene.recover();
            assert_eq!(scene.in_force(&recovered), None);
            assert_eq!(recovered.problems.len(), 1);
            assert_eq!(scene.left(), ["1.sealed.bad"]);
            assert!(scene.recover().problems.is_empty(), "told once");
        }
    }

    #[test]
    fn a_record_in_anothers_place_is_refused() {
        let scene = Scene::new();
        let other = RecordId::random();
        let of_other = seal::seal(&scene.key, other, Generation::FIRST, &[0; 24], b"x").expect("small");
        scene.put("1.sealed", &of_other);
        let recovered = scene.recover();
        assert_eq!(recovered.problems.first().expect("one").refusal().code, "store.foreign_record");
        assert_eq!(scene.in_force(&recovered), None);
    }

    #[test]
    fn a_file_of_a_newer_version_stays_and_hides_the_older_generation() {
        let scene = Scene::new();
        scene.put("1.sealed", &scene.sealed(1));
        let mut newer = scene.sealed(2);
        newer[5] = 9;
        scene.put("2.sealed", &newer);
        let recovered = scene.recover();
        assert_eq!(scene.in_force(&recovered), None, "the older generation holds a spent token");
        assert_eq!(recovered.blocked[&scene.id].code(), "store.newer_version");
        assert_eq!(scene.left(), ["1.sealed", "2.sealed"]);
        assert!(!recovered.is_of_another_key());
    }

    #[test]
    fn k6_a_sign_out_that_was_begun_is_finished() {
        let scene = Scene::new();
        scene.put("1.sealed", &scene.sealed(1));
        scene.put("removing", b"");
        assert_eq!(scene.in_force(&scene.recover()), None);
        assert!(scene.left().is_empty());
    }

    #[test]
    fn k1_a_renewal_that_was_begun_is_told() {
        let scene = Scene::new();
        scene.put("1.sealed", &scene.sealed(1));
        scene.put("renewing", b"");
        let recovered = scene.recover();
        assert_eq!(scene.in_force(&recovered), Some(1));
        assert!(recovered.interrupted.contains(&scene.id));
    }

    #[test]
    fn what_was_sealed_anew_counts_once_its_key_does() {
        let scene = Scene::new();
        scene.put("1.sealed", &scene.sealed(1));
        scene.put("2.next", &scene.sealed(2));
        let other = Key::generate();
        let before = recover(&scene.folder, &other, &mut Mark::default()).expect("the folder can be listed");
        assert!(before.is_of_another_key());
        assert_eq!(scene.left(), ["1.sealed"], "of a key that is not in force: taken back");
        scene.put("2.next", &scene.sealed(2));
        assert_eq!(scene.in_force(&scene.recover()), Some(2));
        assert_eq!(scene.left(), ["2.sealed"]);
    }

    #[test]
    fn an_older_record_than_the_mark_says_is_moved_aside_and_told() {
        let scene = Scene::new();
        scene.put("1.sealed", &scene.sealed(1));
        let mut mark = Mark::default();
        mark.note(scene.id, Generation::new(3).expect("from one"));
        let recovered = recover(&scene.folder, &scene.key, &mut mark).expect("the folder can be listed");
        assert_eq!(scene.in_force(&recovered), None);
        assert_eq!(recovered.problems.first().expect("one").refusal().code, "store.rolled_back");
        assert_eq!(scene.left(), ["1.sealed.bad"]);
    }

    #[test]
    fn a_record_that_was_signed_out_does_not_come_back() {
        let scene = Scene::new();
        scene.put("1.sealed", &scene.sealed(1));
        let mut mark = Mark::default();
        mark.note_removed(scene.id);
        let recovered = recover(&scene.folder, &scene.key, &mut mark).expect("the folder can be listed");
        assert_eq!(scene.in_force(&recovered), None);
        assert_eq!(recovered.problems.first().expect("one").refusal().code, "store.rolled_back");
    }

    #[test]
    fn files_of_another_key_stay_where_they_are() {
        let scene = Scene::new();
        scene.put("1.sealed", &scene.sealed(1));
        let recovered =
            recover(&scene.folder, &Key::generate(), &mut Mark::default()).expect("the folder can be listed");
        assert!(recovered.is_of_another_key());
        assert_eq!(recovered.problems.first().expect("one").refusal().code, "store.key_missing");
        assert_eq!(scene.left(), ["1.sealed"]);
        assert_eq!(scene.in_force(&scene.recover()), Some(1), "with its own key it is well");
    }

    #[test]
    fn a_link_in_place_of_a_record_is_not_followed_and_not_removed() {
        let scene = Scene::new();
        let outside = tempfile::NamedTempFile::new().expect("a temporary file");
        fs::write(outside.path(), scene.sealed(1)).expect("there is room");
        let link = scene.home.path().join(format!("{}.1.sealed", scene.id));
        std::os::unix::fs::symlink(outside.path(), link).expect("links work here");
        let recovered = scene.recover();
        assert_eq!(recovered.blocked[&scene.id].code(), "store.unsafe_permissions");
        assert_eq!(scene.left(), ["1.sealed"]);
    }
}
