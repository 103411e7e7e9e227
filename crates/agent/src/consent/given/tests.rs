use std::os::unix::fs::PermissionsExt;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).expect("a time")
}

fn program(sha256: &str) -> Program {
    Program { path: "/usr/bin/curl".to_owned(), sha256: sha256.to_owned() }
}

fn whose(profile: &str, issuer: &str) -> Whose {
    Whose { profile: profile.to_owned(), issuer: issuer.to_owned() }
}

fn at_work() -> Whose {
    whose("work", "https://op.example")
}

fn scopes(names: &[&str]) -> Reach {
    Reach { scope: Some(names.iter().map(|name| (*name).to_owned()).collect()), ..Reach::default() }
}

fn consent(decision: ConsentDecision, reach: Reach, ends: Option<i64>) -> Consent {
    Consent {
        id: format!("{decision:?}{reach:?}"),
        program: program("aa").path,
        sha256: "aa".to_owned(),
        profile: "work".to_owned(),
        reach,
        decision,
        given_at: at(0),
        expires_at: ends.map(at),
    }
}

use ConsentDecision::{Allow, Deny};

fn given(folder: &tempfile::TempDir) -> Given {
    Given::at(folder.path().join("data/consents.json"))
}

#[test]
fn what_was_allowed_stands_until_it_ends_and_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    given(&folder).put(&at_work(), consent(Allow, scopes(&["read", "write"]), Some(100))).expect("written");
    let given = given(&folder);
    let standing = |reach: &Reach, second| given.standing(&program("aa"), &at_work(), reach, at(second));
    assert_eq!(standing(&scopes(&["read"]), 99), Standing::Allowed);
    assert_eq!(standing(&scopes(&["read"]), 100), Standing::Open { changed: false });
    assert_eq!(standing(&scopes(&["read", "admin"]), 1), Standing::Open { changed: false });
    assert_eq!(
        given.standing(&program("aa"), &whose("home", "https://op.example"), &scopes(&["read"]), at(1)),
        Standing::Open { changed: false }
    );
    let mode = fs::metadata(folder.path().join("data/consents.json")).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn another_executable_at_the_same_path_is_told_as_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let given = given(&folder);
    given.put(&at_work(), consent(Allow, scopes(&["read"]), None)).expect("written");
    assert_eq!(given.standing(&program("bb"), &at_work(), &scopes(&["read"]), at(1)), Standing::Open { changed: true });
    given
        .put(&at_work(), Consent { sha256: "bb".to_owned(), ..consent(Allow, scopes(&["read"]), None) })
        .expect("written");
    assert_eq!(given.standing(&program("bb"), &at_work(), &scopes(&["read"]), at(1)), Standing::Allowed);
    assert_eq!(given.all(at(1)).len(), 1, "the older executable's is gone");
}

#[test]
fn a_profile_that_is_led_elsewhere_takes_no_consent_along() {
    let folder = tempfile::tempdir().expect("a folder");
    let elsewhere = whose("work", "https://other.example");
    let reach = scopes(&["read"]);
    given(&folder).put(&at_work(), consent(Allow, reach.clone(), None)).expect("written");
    let given = given(&folder);
    let standing = |whose: &Whose| given.standing(&program("aa"), whose, &reach, at(1));
    assert_eq!(standing(&elsewhere), Standing::Open { changed: false });
    given.put(&elsewhere, consent(Deny, reach.clone(), None)).expect("written");
    assert_eq!((standing(&elsewhere), standing(&at_work())), (Standing::Denied, Standing::Allowed));
    given.put_once(&at_work(), consent(Allow, scopes(&["write"]), None));
    let write = |whose: &Whose| given.standing(&program("aa"), whose, &scopes(&["write"]), at(1));
    assert_eq!(write(&elsewhere), Standing::Open { changed: false });
    assert_eq!(write(&at_work()), Standing::Allowed);
}

#[test]
fn the_newest_word_counts_and_a_no_is_one_to_more_and_to_less() {
    let folder = tempfile::tempdir().expect("a folder");
    let given = given(&folder);
    let standing = |names: &[&str]| given.standing(&program("aa"), &at_work(), &scopes(names), at(1));
    given.put(&at_work(), consent(Allow, scopes(&["read", "write"]), None)).expect("written");
    given.put(&at_work(), consent(Deny, scopes(&["write"]), None)).expect("written");
    assert_eq!((standing(&["read"]), standing(&["write"])), (Standing::Allowed, Standing::Denied));
    assert_eq!(standing(&["read", "write"]), Standing::Denied);
    given.put(&at_work(), consent(Allow, scopes(&["read", "write", "admin"]), None)).expect("written");
    assert_eq!(standing(&["read", "write"]), Standing::Allowed);
    assert_eq!(given.all(at(1)).len(), 1, "what it overrules is gone");
}

#[test]
fn once_is_for_one_and_for_a_minute() {
    let folder = tempfile::tempdir().expect("a folder");
    let given = given(&folder);
    let standing = |second| given.standing(&program("aa"), &at_work(), &scopes(&["read"]), at(second));
    given.put_once(&at_work(), consent(Allow, scopes(&["read"]), None));
    assert!(!given.allows(&program("aa"), &at_work(), &scopes(&["read"]), at(1)));
    assert_eq!(standing(1), Standing::Allowed);
    assert_eq!(standing(1), Standing::Open { changed: false });
    given.put_once(&at_work(), consent(Allow, scopes(&["read"]), None));
    assert_eq!(standing(61), Standing::Open { changed: false });
    assert!(given.all(at(1)).is_empty());
}

#[test]
fn a_file_that_cannot_be_read_allows_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data/consents.json");
    given(&folder).put(&at_work(), consent(Allow, scopes(&["read"]), None)).expect("written");
    let whole = fs::read(&path).expect("there");
    let allows = |given: &Given| given.allows(&program("aa"), &at_work(), &scopes(&["read"]), at(1));
    assert!(allows(&given(&folder)));

    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("ours");
    let others_may_write = given(&folder);
    assert!(!allows(&others_may_write));
    assert!(others_may_write.put(&at_work(), consent(Allow, scopes(&["read"]), None)).is_err());
    assert!(allows(&others_may_write), "in memory");
    assert_eq!(fs::read(&path).expect("there"), whole);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("ours");

    fs::write(&path, r#"{"version":2,"consents":7}"#).expect("written");
    assert!(!allows(&given(&folder)));
    assert_eq!(fs::read(&path).expect("there"), br#"{"version":2,"consents":7}"#, "a newer version's is left alone");

    fs::write(&path, &whole[..whole.len() / 2]).expect("written");
    assert!(!allows(&given(&folder)));
    assert!(path.with_extension("json.broken").exists() && !path.exists());
}

#[test]
fn a_clock_set_far_back_does_not_prolong_anything() {
    let folder = tempfile::tempdir().expect("a folder");
    let given = given(&folder);
    given.put(&at_work(), consent(Allow, scopes(&["read"]), Some(100))).expect("written");
    assert!(!given.allows(&program("aa"), &at_work(), &scopes(&["read"]), at(-200_000)));
}
