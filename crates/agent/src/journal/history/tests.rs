use std::io::Write;

use doorkey_client::words::EventKind;
use proptest::prelude::*;

use super::*;
use crate::journal::file::JournalFile;

fn line(seq: u64) -> String {
    format!("{{\"seq\":{seq},\"at\":\"1970-01-01T00:00:00Z\",\"kind\":\"sign_in_started\"}}\n")
}

fn numbers(history: &mut History) -> Vec<u64> {
    let mut seen = Vec::new();
    while let Some(found) = history.read().expect("it is read") {
        let Found::Entry(entry) = found else { panic!("{found:?}") };
        seen.push(entry.event().expect("known").seq);
    }
    seen
}

#[test]
fn files_are_read_from_the_oldest_line_to_the_newest() {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, lines) in [(2, 1..3), (1, 3..4), (0, 4..6)] {
        fs::write(path(folder.path(), number), lines.map(line).collect::<String>()).expect("written");
    }
    let mut history = History::of(folder.path().to_owned()).expect("it opens");
    assert_eq!(numbers(&mut history), [1, 2, 3, 4, 5]);
    assert_eq!(history.cut(), None);
}

#[test]
fn where_nothing_was_written_there_is_nothing_to_read_until_something_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = folder.path().join("journal");
    let mut history = History::of(inner.clone()).expect("nothing");
    assert_eq!((numbers(&mut history), history.set_aside().expect("nothing")), (vec![], vec![]));
    fs::create_dir(&inner).expect("a folder");
    fs::write(path(&inner, 0), line(1)).expect("written");
    history.look_again().expect("it opens");
    assert_eq!(numbers(&mut history), [1]);
}

#[test]
fn it_goes_on_through_lines_in_parts_and_through_files_that_turn_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let newest = path(folder.path(), 0);
    fs::write(&newest, line(1)).expect("written");
    let mut history = History::of(folder.path().to_owned()).expect("it opens");
    assert_eq!(numbers(&mut history), [1]);

    let second = line(2);
    let mut file = File::options().append(true).open(&newest).expect("it opens");
    file.write_all(&second.as_bytes()[..20]).expect("written");
    assert_eq!(numbers(&mut history), [0; 0]);
    assert_eq!(history.cut(), Some(Damage { path: newest.clone(), line: 2 }));
    file.write_all(&second.as_bytes()[20..]).expect("written");
    assert_eq!(numbers(&mut history), [2]);

    file.write_all(line(3).as_bytes()).expect("written");
    fs::rename(path(folder.path(), 0), path(folder.path(), 2)).expect("renamed");
    fs::write(path(folder.path(), 1), line(4)).expect("written");
    fs::write(&newest, line(5)).expect("written");
    history.look_again().expect("it opens");
    assert_eq!(numbers(&mut history), [3, 4, 5]);
}

#[test]
fn what_cannot_be_read_is_told_and_takes_nothing_along() {
    let folder = tempfile::tempdir().expect("a folder");
    let (older, newest) = (path(folder.path(), 1), path(folder.path(), 0));
    fs::write(&older, format!("{}not json\n\n{{\"seq\":9}}\n{}cut", line(1), line(2))).expect("written");
    let long = "x".repeat(3 * 1024 * 1024);
    fs::write(&newest, [b"\xff\xfe\n", long.as_bytes(), b"\n", line(3).as_bytes()].concat()).expect("written");
    let mut history = History::of(folder.path().to_owned()).expect("it opens");
    let (mut damaged, mut seen) = (Vec::new(), Vec::new());
    while let Some(found) = history.read().expect("it is read") {
        match found {
            Found::Entry(entry) => seen.push(entry.event().expect("known").seq),
            Found::Damaged(damage) => damaged.push((damage.path == older, damage.line)),
            Found::Later { .. } => panic!("{found:?}"),
        }
    }
    assert_eq!(seen, [1, 2, 3]);
    assert_eq!(damaged, [(true, 2), (true, 4), (true, 6), (false, 1), (false, 2)]);
}

#[test]
fn what_a_later_version_wrote_is_told_and_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(path(folder.path(), 1), "{\"journal\":2}\n{\"what\":1}\n").expect("written");
    let later = r#"{"at":"2026-03-01T10:00:00Z","kind":"moon_phase","phase":"full","profile":"work"}"#;
    fs::write(path(folder.path(), 0), format!("{later}\n")).expect("written");
    fs::write(folder.path().join("journal.format-3.1.jsonl"), "").expect("written");
    let mut history = History::of(folder.path().to_owned()).expect("it opens");
    let first = history.read().expect("it is read");
    assert_eq!(first, Some(Found::Later { path: path(folder.path(), 1), format: 2 }));
    let Some(Found::Entry(entry)) = history.read().expect("it is read") else { panic!("an entry") };
    assert_eq!((entry.event(), entry.about().kind.as_str()), (None, "moon_phase"));
    assert_eq!(entry.members()["phase"], "full");
    assert_eq!(history.set_aside().expect("one").len(), 1);
}

#[test]
fn what_is_written_is_what_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let kind =
        EventKind::TokenGiven { program: "/usr/bin/curl".to_owned(), pid: 7, access_token: "0a1b2c3d".to_owned() };
    let event = Event { seq: 1, at: Timestamp::UNIX_EPOCH, profile: Some("work".to_owned()), flow: None, kind };
    JournalFile::below(folder.path().to_owned()).append([event.clone()].iter());
    let mut history = History::of(folder.path().to_owned()).expect("it opens");
    let Some(Found::Entry(entry)) = history.read().expect("it is read") else { panic!("an entry") };
    assert_eq!(entry.event(), Some(event));
    assert_eq!(entry.about().program.as_deref(), Some("/usr/bin/curl"));
}

proptest! {
    /// Whatever is in the file, every line of it is either an entry or told, and reading comes to an end.
    #[test]
    fn every_line_is_told(bytes in prop::collection::vec(prop::sample::select(b"\n{}\"a:1,\xff ".to_vec()), 0..300)) {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(path(folder.path(), 0), [&bytes[..], b"\n", line(7).as_bytes()].concat()).expect("written");
        let mut history = History::of(folder.path().to_owned()).expect("it opens");
        let mut told = 0;
        while history.read().expect("it is read").is_some() {
            told += 1;
        }
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
        prop_assert_eq!(told, lines + 1);
    }
}
