//! See [`crate::fuzzing`].

use doorkey_client::words::Profile;
use doorkey_oauth::Issuer;

use super::{check, file, redirect_path, redirect_uris};
use crate::fuzzing::Outcome;

/// The text of `profiles.toml`: what is wrong has a place in it, what is right survives every edit of ours.
pub fn profiles(bytes: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(bytes) else { return Outcome::Refused };
    let (found, faults) = file::parse(text);
    for fault in faults.iter().map(|fault| &fault.mistake) {
        assert!(!fault.what.is_empty() && !fault.what.contains('\n'));
        assert!(fault.place.is_none_or(|(line, column)| {
            line >= 1 && column >= 1 && text.split('\n').nth(line - 1).unwrap_or_default().chars().count() + 1 >= column
        }));
    }
    let mut outcome = if faults.is_empty() { Outcome::Taken } else { Outcome::Refused };
    for profile in &found {
        match check(profile.clone()) {
            Ok(checked) => {
                usable(&checked);
                edited(text, &found, &checked);
            }
            Err(refusal) => {
                assert!(refusal.code.starts_with("config.") && refusal.profile.as_ref() == Some(&profile.name));
                assert!(!refusal.message.chars().any(char::is_control), "{:?}", refusal.message);
                outcome = Outcome::Refused;
            }
        }
    }
    outcome
}

/// Rows F-02 to F-07: what was checked can be used without a further look.
fn usable(profile: &Profile) {
    assert_eq!(check(profile.clone()).as_ref(), Ok(profile), "checked is checked");
    Issuer::parse(&profile.issuer).expect("an issuer");
    let path = redirect_path(profile);
    assert!(
        path.starts_with('/') && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_.~".contains(&b)),
        "{path}"
    );
    for uri in redirect_uris(profile) {
        let uri = url::Url::parse(&uri.replace("PORT", "4567")).expect("a URL");
        assert_eq!((uri.scheme(), uri.path()), ("http", path.as_str()));
        assert!(uri.port().is_some_and(|port| port >= 1024));
    }
}

/// Added, replaced and removed: the others stay as they are, and so do comments.
fn edited(text: &str, before: &[Profile], profile: &Profile) {
    let names = |profiles: &[Profile]| profiles.iter().map(|profile| profile.name.clone()).collect::<Vec<_>>();
    let read = |text: &str| file::parse(text).0;

    // What is read as far as it is understood is not written.
    if file::may_change(text).is_err() {
        return;
    }
    let Ok(replaced) = file::put(text, profile) else { panic!("what was read can be edited") };
    let after = read(&replaced);
    assert_eq!(names(&after), names(before));
    for (new, old) in after.iter().zip(before) {
        assert_eq!(new, if old.name == profile.name { profile } else { old });
    }
    assert_eq!(file::put(&replaced, profile).ok(), Some(replaced.clone()), "a second time changes nothing");

    let mut added = profile.clone();
    added.name = "added-by-the-fuzzer".to_owned();
    if before.iter().all(|old| old.name != added.name) {
        let Ok(larger) = file::put(text, &added) else { panic!("what was read can be added to") };
        let with_added = read(&larger);
        assert!(with_added.contains(&added) && with_added.len() == before.len() + 1);
        let Ok(Some(smaller)) = file::remove(&larger, &added.name) else { panic!("what was added can be removed") };
        assert_eq!(read(&smaller), before);
        for comment in whole_line_comments(text) {
            assert!(smaller.contains(comment), "lost: {comment}");
        }
    }
}

/// Lines that are nothing but a comment, in a text where nothing else can look like one.
fn whole_line_comments(text: &str) -> impl Iterator<Item = &str> {
    let has_long_texts = text.contains("\"\"\"") || text.contains("'''");
    text.lines().map(str::trim).filter(move |line| !has_long_texts && line.starts_with('#'))
}
