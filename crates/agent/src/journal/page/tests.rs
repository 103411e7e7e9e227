use std::fs;
use std::sync::Arc;

use doorkey_client::words::EventKind;
use jiff::Timestamp;

use super::*;
use crate::journal::file::path;
use crate::journal::{Journal, KEPT};

#[tokio::test]
async fn a_journal_is_paged_from_memory_into_its_files_with_nothing_twice_and_nothing_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Arc::new(Journal::new(Some(folder.path().to_owned())));
    let all = 10_000;
    for number in 1..=all {
        record(&journal, if number % 100 == 0 { "rare" } else { "often" });
    }
    assert_eq!(numbers(&journal, &JournalRequest::default()).await, (all - 199..=all).collect::<Vec<_>>());
    let mut request = JournalRequest { limit: Some(999), ..JournalRequest::default() };
    let mut seen = Vec::new();
    loop {
        let page = journal.page(request.clone()).await.expect("it is read");
        assert!(page.events.len() <= 999);
        seen.splice(0..0, page.events.iter().map(|event| event.seq));
        request.before = Some(page.events[0].seq);
        if !page.older {
            break;
        }
    }
    assert_eq!(seen, (1..=all).collect::<Vec<_>>());
    let rare = JournalRequest { profile: Some("rare".to_owned()), limit: Some(3), ..JournalRequest::default() };
    assert_eq!(numbers(&journal, &rare).await, [9_800, 9_900, 10_000]);
    let oldest = JournalRequest { before: Some(350), ..rare.clone() };
    let page = journal.page(oldest).await.expect("it is read");
    assert_eq!(page.events.iter().map(|event| event.seq).collect::<Vec<_>>(), [100, 200, 300]);
    assert!(!page.older, "there are older ones, of another profile");
    assert_eq!(numbers(&journal, &JournalRequest { kind: Some("never".to_owned()), ..rare }).await, [0; 0]);
}

#[tokio::test]
async fn numbers_go_on_over_restarts_and_those_that_a_crash_took_are_not_used_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let orderly = Arc::new(Journal::new(Some(folder.path().to_owned())));
    record(&orderly, "work");
    orderly.record(Timestamp::UNIX_EPOCH, None, None, EventKind::AgentStopped);
    drop(orderly);
    let next = Arc::new(Journal::new(Some(folder.path().to_owned())));
    record(&next, "work");
    assert_eq!(numbers(&next, &JournalRequest::default()).await, [1, 2, 3]);
    drop(next);
    let after_a_crash = Arc::new(Journal::new(Some(folder.path().to_owned())));
    record(&after_a_crash, "work");
    let newest = numbers(&after_a_crash, &JournalRequest::default()).await;
    assert!(newest[..3] == [1, 2, 3] && newest[3] > 3 + KEPT as u64, "{newest:?}");
    assert_eq!(numbers(&after_a_crash, &JournalRequest { before: Some(3), ..JournalRequest::default() }).await, [1, 2]);
}

#[tokio::test]
async fn what_cannot_be_read_is_passed_over_and_agents_that_began_anew_are_numbered_by_their_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = |seq: u64, profile: &str| {
        let at = "1970-01-01T00:00:00Z";
        format!("{{\"seq\":{seq},\"at\":\"{at}\",\"profile\":\"{profile}\",\"kind\":\"sign_in_started\"}}\n")
    };
    let later = r#"{"seq":5,"at":"1970-01-01T00:00:00Z","kind":"moon_phase"}"#;
    let older = format!("{}not json\n\n{}", line(1, "a"), line(2, "b"));
    fs::write(path(folder.path(), 2), "{\"journal\":2}\n{\"seq\":1}\n").expect("written");
    fs::write(path(folder.path(), 1), older).expect("written");
    let newest = [
        line(1, "c").as_bytes(),
        line(4, "d").as_bytes(),
        b"{\"seq\":1,oops\n",
        later.as_bytes(),
        b"\n\xff\n{\"seq\":6,\"at",
    ]
    .concat();
    fs::write(path(folder.path(), 0), newest).expect("written");
    let journal = Arc::new(Journal::new(Some(folder.path().to_owned())));
    record(&journal, "now");
    let page = journal.page(JournalRequest::default()).await.expect("it is read");
    let seen: Vec<(u64, &str)> =
        page.events.iter().map(|event| (event.seq, event.profile.as_deref().unwrap_or_default())).collect();
    assert_eq!(seen[..2], [(1, "c"), (4, "d")]);
    assert!(seen[2].0 > 5 && seen[2].1 == "now" && !page.older, "{seen:?}");
}

#[tokio::test]
async fn a_piece_of_large_entries_ends_before_it_is_too_large() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Arc::new(Journal::new(Some(folder.path().to_owned())));
    let reason = "x".repeat(LARGEST_PIECE / 10);
    for _ in 0..30 {
        let kind = EventKind::CallbackIgnored { reason: reason.clone() };
        journal.record(Timestamp::UNIX_EPOCH, None, None, kind);
    }
    let mut request = JournalRequest::default();
    let mut seen = 0;
    loop {
        let page = journal.page(request.clone()).await.expect("it is read");
        assert!(!page.events.is_empty() && page.events.len() < 10);
        seen += page.events.len();
        request.before = Some(page.events[0].seq);
        if !page.older {
            break;
        }
    }
    assert_eq!(seen, 30);
}

async fn numbers(journal: &Arc<Journal>, request: &JournalRequest) -> Vec<u64> {
    let page = journal.page(request.clone()).await.expect("it is read");
    page.events.iter().map(|event| event.seq).collect()
}

fn record(journal: &Journal, profile: &str) {
    journal.record(Timestamp::UNIX_EPOCH, Some(profile), None, EventKind::SignInStarted);
}
