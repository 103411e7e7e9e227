//! The committed corpus, through the functions of the fuzz targets. A name tells what must become of the bytes:
//! `taken-…` or `refused-…`.

use std::fs;
use std::path::Path;

use super::{Outcome, api_request, callback_request, profiles};

fn replay(target: &str, judge: fn(&[u8]) -> Outcome) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let (mut taken, mut refused) = (0, 0);
    for file in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = file.expect("readable").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        println!("{target}/{name}");
        let outcome = judge(&fs::read(&path).expect("readable"));
        match name.split_once('-').map(|(word, _)| word) {
            Some("taken") => (taken += 1, assert_eq!(outcome, Outcome::Taken, "{target}/{name}")).1,
            Some("refused") => (refused += 1, assert_eq!(outcome, Outcome::Refused, "{target}/{name}")).1,
            _ => panic!("{target}/{name} tells neither taken nor refused"),
        }
    }
    assert!(taken > 0 && refused > 0, "{target}: {taken} taken, {refused} refused");
}

#[test]
fn the_corpus_of_callback_request_holds() {
    replay("callback_request", callback_request);
}

#[test]
fn the_corpus_of_profiles_holds() {
    replay("profiles", profiles);
}

/// B-T19: bytes that a fuzzer has found worth keeping, for the calls of the API | no panic, and one shape of refusal
#[test]
fn the_corpus_of_api_request_holds() {
    replay("api_request", api_request);
}
