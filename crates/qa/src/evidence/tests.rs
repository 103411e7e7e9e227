use super::*;
use crate::tests::{at, events};

fn flow() -> Flow {
    Flow::of(events()).expect("one flow")
}

fn evidence(flow: &Flow) -> Evidence<'_> {
    let claims = Claims { of_this_flow: true, ..Claims::default() };
    Evidence { flow, environment: Environment::here(flow), claims: Some(claims), made_at: at(10_000) }
}

fn archive() -> Vec<u8> {
    write(&evidence(&flow()), &[]).expect("an archive")
}

/// The members of an archive, to be put together anew.
fn members_of(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let names: Vec<String> = archive.file_names().map(|name| name.expect("a name").into_owned()).collect();
    let member = |name: String| {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut archive.by_name(&name).expect("it is there"), &mut bytes).expect("it is whole");
        (name, bytes)
    };
    names.into_iter().map(member).collect()
}

fn packed(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(name.as_str(), SimpleFileOptions::default()).expect("a member");
        archive.write_all(bytes).expect("there is room");
    }
    archive.finish().expect("an archive").into_inner()
}

fn changed(change: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) -> Result<Opened, OpenError> {
    let mut members = members_of(&archive());
    change(&mut members);
    open(&packed(&members))
}

fn bytes_of<'a>(members: &'a mut [(String, Vec<u8>)], name: &str) -> &'a mut Vec<u8> {
    &mut members.iter_mut().find(|(it, _)| it == name).expect("it is there").1
}

#[test]
fn what_was_written_is_what_is_opened() {
    let opened = open(&archive()).expect("it opens");
    assert_eq!(opened.flow, Some(flow()));
    assert_eq!(opened.report, report::of(&flow()));
    assert!(opened.manifest.redacted && opened.damages.is_empty(), "{opened:?}");
    assert!(opened.claims.is_some_and(|claims| claims.of_this_flow));
    let names: Vec<String> = members_of(&archive()).into_iter().map(|(name, _)| name).collect();
    for name in [
        "manifest.json",
        "report.md",
        "report.json",
        "timeline.md",
        "journal.json",
        "exchanges.har",
        "claims.json",
        "environment.json",
    ] {
        assert!(names.iter().any(|it| it == name), "{names:?}");
    }
    assert!(!names.iter().any(|name| name == SECRETS));
}

#[test]
fn a_secret_is_in_it_only_where_it_was_given() {
    let flow = flow();
    let secret = Revealed { name: "access_token", value: "CANARY-TOKEN", about: "of today".to_owned() };
    assert!(!format!("{secret:?}").contains("CANARY"));
    let bytes = write(&evidence(&flow), &[secret]).expect("an archive");
    let opened = open(&bytes).expect("it opens");
    assert!(!opened.manifest.redacted);
    let all = members_of(&bytes);
    let with: Vec<&str> = all
        .iter()
        .filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains("CANARY"))
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(with, [SECRETS]);
}

#[test]
fn a_member_that_was_changed_or_taken_away_is_told_and_the_rest_is_shown() {
    let opened = changed(|members| bytes_of(members, "report.md").push(b'!')).expect("it opens");
    assert_eq!(opened.damages, [Damage::Changed("report.md".to_owned())]);
    assert!(opened.flow.is_some());

    let opened = changed(|members| members.retain(|(name, _)| name != "claims.json")).expect("it opens");
    assert_eq!(opened.damages, [Damage::Missing("claims.json".to_owned())]);

    let opened = changed(|members| bytes_of(members, JOURNAL).truncate(40)).expect("the report is there");
    assert!(opened.flow.is_none() && opened.damages.len() == 2, "{:?}", opened.damages);
    assert_eq!(opened.report, report::of(&flow()));

    let opened = changed(|members| members.push(("more.txt".to_owned(), vec![1]))).expect("it opens");
    assert_eq!(opened.damages, [Damage::Added("more.txt".to_owned())]);
}

#[test]
fn an_archive_that_was_cut_is_refused() {
    let whole = archive();
    for length in [0, 10, whole.len() / 2, whole.len() - 1] {
        let error = open(&whole[..length]).expect_err("a part is missing");
        assert_eq!(error.code(), "evidence.unreadable", "{length}: {error}");
    }
}

#[test]
fn a_byte_that_was_turned_is_noticed() {
    let whole = archive();
    // Within the packed bytes of the first members, behind the first's head.
    for place in (60..whole.len() / 2).step_by(97) {
        let mut turned = whole.clone();
        turned[place] ^= 0x20;
        match open(&turned) {
            Ok(opened) => assert!(
                opened != open(&whole).expect("it opens")
                    || !opened.damages.is_empty()
                    || opened.report == report::of(&flow())
            ),
            Err(error) => assert!(error.code().starts_with("evidence."), "{error}"),
        }
    }
}

#[test]
fn other_archives_and_newer_ones_are_told_apart() {
    let other = packed(&[("holiday.txt".to_owned(), b"sun".to_vec())]);
    assert_eq!(open(&other).expect_err("not ours").code(), "evidence.not_ours");
    let newer = changed(|members| *bytes_of(members, MANIFEST) = br#"{"version":2,"parts":[]}"#.to_vec());
    assert_eq!(newer, Err(OpenError::Newer { found: 2 }));
}

#[test]
fn names_that_leave_the_folder_are_refused() {
    for name in ["../evil", "/etc/passwd", "a/b", "a\\b", "C:x", "", ".ssh", "a\u{0}b", "ü"] {
        let error = changed(|members| members.push((name.to_owned(), vec![1]))).expect_err(name);
        assert_eq!(error.code(), "evidence.hostile", "{name:?}: {error}");
    }
}

#[test]
fn two_members_of_one_name_are_refused_and_one_that_is_listed_twice_is_told() {
    // Readers take the last of them, and those who unpack it may keep the first.
    let mut members = members_of(&archive());
    members.insert(0, ("reporx.md".to_owned(), b"All is well.".to_vec()));
    let mut bytes = packed(&members);
    let places: Vec<usize> = (0..bytes.len() - 9).filter(|place| bytes[*place..].starts_with(b"reporx.md")).collect();
    assert_eq!(places.len(), 2, "before the member, and in the directory");
    for place in places {
        bytes[place..place + 9].copy_from_slice(b"report.md");
    }
    assert_eq!(open(&bytes).expect_err("two of one name").code(), "evidence.hostile");
    let other_case = changed(|members| members.push(("Report.md".to_owned(), vec![1])));
    assert_eq!(other_case.expect_err("one file where case does not count").code(), "evidence.hostile");

    let opened = changed(|members| {
        let manifest = bytes_of(members, MANIFEST);
        let mut read: Manifest = serde_json::from_slice(manifest).expect("a manifest");
        read.members.push(member("report.md", b"All is well."));
        *manifest = serde_json::to_vec(&read).expect("JSON");
    });
    assert_eq!(opened.expect("it opens").damages, [Damage::Repeated("report.md".to_owned())]);
}

#[test]
fn a_bomb_and_too_much_of_anything_are_refused_before_they_are_unpacked() {
    let bomb = changed(|members| *bytes_of(members, "report.md") = vec![b' '; 20 * 1024 * 1024]);
    assert!(matches!(&bomb, Err(OpenError::TooLarge { what, .. }) if what.contains("grows")), "{bomb:?}");
    let many = changed(|members| members.extend((0..40).map(|number| (format!("m{number}"), vec![1]))));
    assert!(matches!(&many, Err(OpenError::TooLarge { most: 32, .. })), "{many:?}");
    let noise: Vec<u8> = (0..33_u32 * 1024 * 1024).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let large = changed(|members| *bytes_of(members, "report.md") = noise);
    assert_eq!(large.expect_err("too large").code(), "evidence.too_large");
    let long = vec![0; usize::try_from(LARGEST_FILE).expect("it fits") + 1];
    assert_eq!(open(&long).expect_err("too large").code(), "evidence.too_large");
}

#[test]
fn json_that_nests_too_deeply_is_unreadable_and_nothing_worse() {
    let opened = changed(|members| *bytes_of(members, JOURNAL) = "[".repeat(60_000).into_bytes()).expect("it opens");
    assert!(opened.flow.is_none());
    assert!(opened.damages.iter().any(|damage| matches!(damage, Damage::Unreadable { name, .. } if name == JOURNAL)));
}

#[test]
fn nothing_of_the_computer_or_the_person_is_in_the_environment() {
    let environment = serde_json::to_value(Environment::here(&flow())).expect("JSON");
    let names: Vec<&String> = environment.as_object().expect("an object").keys().collect();
    assert_eq!(names, ["agent", "arch", "doorkey", "os"]);
}
