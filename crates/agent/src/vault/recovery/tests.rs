//! Folders as each kind of end leaves them.

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
        seal::seal(&self.key, self.id, generation, &crate::vault::key::random(), content.as_bytes()).expect("small")
    }

    fn with_a_key_of_its_own(&self, generation: u32) -> Vec<u8> {
        let generation = Generation::new(generation).expect("from one");
        seal::seal(&Key::generate(), self.id, generation, &crate::vault::key::random(), b"x").expect("small")
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
    assert_eq!(scene.in_force(&scene.recover()), Some(2));
    assert_eq!(scene.left(), ["2.sealed"]);
}

#[test]
fn what_was_sealed_anew_is_taken_back_where_the_key_before_is_still_the_one() {
    let scene = Scene::new();
    scene.put("1.sealed", &scene.sealed(1));
    scene.put("2.next", &scene.with_a_key_of_its_own(2));
    let recovered = scene.recover();
    assert_eq!(scene.in_force(&recovered), Some(1));
    assert!(recovered.problems.is_empty() && recovered.blocked.is_empty());
    assert_eq!(scene.left(), ["1.sealed"]);
}

#[test]
fn what_was_sealed_anew_outlives_a_key_that_is_not_the_one() {
    let scene = Scene::new();
    scene.put("1.sealed", &scene.with_a_key_of_its_own(1));
    scene.put("2.next", &scene.sealed(2));
    let recovered = recover(&scene.folder, &Key::generate(), &mut Mark::default()).expect("the folder can be listed");
    assert!(recovered.is_of_another_key());
    assert_eq!(scene.left(), ["1.sealed", "2.next"]);
    assert_eq!(scene.in_force(&scene.recover()), Some(2));
}

#[test]
fn what_was_sealed_anew_and_cannot_be_read_is_not_taken_back() {
    let scene = Scene::new();
    scene.put("1.sealed", &scene.sealed(1));
    fs::create_dir(scene.home.path().join(format!("{}.2.next", scene.id))).expect("in the way");
    std::os::unix::fs::symlink("/dev/null", scene.home.path().join(format!("{}.3.next", scene.id))).expect("a link");
    let recovered = scene.recover();
    assert_eq!(recovered.blocked[&scene.id].code(), "store.unsafe_permissions");
    assert_eq!(scene.left(), ["1.sealed", "2.next", "3.next"]);
}

#[test]
fn an_older_record_than_the_mark_says_is_moved_aside_and_told_once() {
    let scene = Scene::new();
    scene.put("1.sealed", &scene.sealed(1));
    scene.put("2.sealed", &scene.sealed(2));
    let mut mark = Mark::default();
    mark.note(scene.id, Generation::new(3).expect("from one"));
    let recovered = recover(&scene.folder, &scene.key, &mut mark).expect("the folder can be listed");
    assert_eq!(scene.in_force(&recovered), None);
    assert_eq!(recovered.problems.first().expect("one").refusal().code, "store.rolled_back");
    assert_eq!(scene.left(), ["2.sealed.bad"]);
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
    let recovered = recover(&scene.folder, &Key::generate(), &mut Mark::default()).expect("the folder can be listed");
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
