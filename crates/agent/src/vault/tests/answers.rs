//! Whatever the keyring answers, and whenever.

use std::sync::mpsc;

use super::*;

/// S-T03: a keyring that does not answer | a state after the time limit, and its late answer counts
#[tokio::test]
async fn a_silent_keyring_is_waited_for_and_its_late_answer_opens_the_vault() {
    let home = Home::new();
    let (answer, keyring) = silent();
    let vault = home.open_impatiently(keyring);
    assert_eq!(vault.status().state, VaultState::Opening);
    let refused = vault.save(RecordId::random(), content(b"CANARY")).await.expect_err("there is no key yet");
    assert_eq!(refused.code(), "store.locked");
    assert!(refused.refusal().retryable);

    assert_eq!(vault.settled().await, question::waiting());
    assert_eq!(vault.records().await.expect_err("there is no key yet").refusal().exit_code(), 77);
    vault.retry(Patience::Background);
    assert_eq!(vault.status(), question::waiting(), "the open question is joined, quietly");

    let mut changed = vault.changed();
    answer.send(Ok(home.key())).expect("the question is open");
    changed.wait_for(|status| status.state == VaultState::Ready).await.expect("the vault is there");
    vault.save(RecordId::random(), content(b"CANARY")).await.expect("it is ready");
    assert!(!home.contains("CANARY"));
}

#[tokio::test]
async fn a_person_who_waited_in_vain_may_have_the_keyring_asked_anew() {
    let home = Home::new();
    let (first, keyring) = silent();
    let (second, keyring_again) = silent();
    let keyrings = Mutex::new(vec![keyring_again, keyring]);
    let vault = home.open_impatiently(Box::new(move |path, making| {
        let keyring = lock(&keyrings).pop().expect("asked twice at most");
        keyring(path, making)
    }));
    vault.settled().await;
    vault.retry(Patience::Person);
    assert_eq!(vault.status().state, VaultState::Opening, "joined, with the patience of a person");
    assert_eq!(vault.settled().await, question::waiting());
    vault.retry(Patience::Person);
    let mut changed = vault.changed();
    second.send(Ok(home.key())).expect("the second question is open");
    changed.wait_for(|status| status.state == VaultState::Ready).await.expect("the vault is there");

    // The first one may still be answered; that changes nothing any more.
    first.send(Err(KeyProblem::Locked)).expect("the first question is still open");
    vault.save(RecordId::random(), content(b"x")).await.expect("it stays ready");
    assert_eq!(vault.status(), question::ready(VaultKind::Keyring));
}

#[tokio::test]
async fn who_chose_memory_is_not_moved_to_the_disk_by_a_late_answer() {
    let home = Home::new();
    let (answer, keyring) = silent();
    let vault = home.open_impatiently(keyring);
    vault.choose(VaultKind::Memory, Patience::Person).expect("it is offered");
    assert_eq!(vault.status(), question::ready(VaultKind::Memory));
    vault.save(RecordId::random(), content(b"CANARY")).await.expect("memory takes it");
    answer.send(Ok(home.key())).expect("the question is open");
    // The thread that asked lets go of the question once it has looked at the answer.
    while Arc::strong_count(&vault.0.ask) > 1 {
        std::thread::yield_now();
    }
    assert_eq!(vault.status(), question::ready(VaultKind::Memory));
    assert!(home.names().is_empty());
}

#[tokio::test]
async fn what_was_held_in_memory_is_saved_when_the_keyring_comes() {
    let home = Home::new();
    let (key, later) = (home.key(), Mutex::new(vec![Err(KeyProblem::NoService)]));
    let vault = home.open(KeySource::Keyring, move |_, _| lock(&later).pop().unwrap_or(Ok(copy(&key))));
    assert_eq!(vault.settled().await.state, VaultState::NoService);
    vault.choose(VaultKind::Memory, Patience::Person).expect("it is offered");
    let id = RecordId::random();
    vault.save(id, content(b"signed in without a keyring")).await.expect("memory takes it");
    vault.choose(VaultKind::Keyring, Patience::Person).expect("it is offered");
    assert_eq!(vault.settled().await, question::ready(VaultKind::Keyring));
    drop(vault);
    let records = home.ready().await.records().await.expect("it is ready");
    assert_eq!((records[0].id, records[0].content.as_slice()), (id, &b"signed in without a keyring"[..]));
}

#[tokio::test]
async fn what_was_held_in_memory_outlives_a_vain_try_of_the_keyring() {
    let home = Home::new();
    let vault = home.open(KeySource::Memory, |_, _| Err(KeyProblem::NoService));
    let id = RecordId::random();
    vault.save(id, content(b"x")).await.expect("memory takes it");
    vault.choose(VaultKind::Keyring, Patience::Person).expect("it is offered");
    assert_eq!(vault.settled().await.state, VaultState::NoService);
    let refused = vault.save(id, content(b"y")).await.expect_err("neither is it on the disk nor was memory chosen");
    assert_eq!(refused.code(), "store.no_service");
    vault.choose(VaultKind::Memory, Patience::Person).expect("it is offered");
    assert_eq!(*vault.records().await.expect("it is ready")[0].content, b"x");
}

/// S-T04: the person denies access | `store.denied` with the next step, and another try helps
/// S-10: access was denied | `store.denied`; the keyring is not asked again before a person says so
#[tokio::test]
async fn each_refusal_of_the_keyring_is_a_state_with_a_next_step_and_retry_helps() {
    for (problem, state, code) in [
        (KeyProblem::NoService, VaultState::NoService, "store.no_service"),
        (KeyProblem::Locked, VaultState::Locked, "store.locked"),
        (KeyProblem::Denied, VaultState::Denied, "store.denied"),
        (KeyProblem::Missing, VaultState::KeyMissing, "store.key_missing"),
        (KeyProblem::NotAKey, VaultState::KeyMissing, "store.key_missing"),
        (KeyProblem::Several, VaultState::Unusable, "store.unusable"),
        (KeyProblem::NotKept, VaultState::Unusable, "store.unusable"),
        (KeyProblem::Unknown, VaultState::Unusable, "store.unusable"),
    ] {
        let home = Home::new();
        let (key, first) = (home.key(), Mutex::new(vec![Err(problem)]));
        let vault = home.open(KeySource::Keyring, move |_, _| lock(&first).pop().unwrap_or(Ok(copy(&key))));
        let status = vault.settled().await;
        assert_eq!(status.state, state);
        assert!(!status.message.is_empty() && !status.hint.is_empty(), "{problem:?}");
        let refused = vault.save(RecordId::random(), content(b"x")).await.expect_err("it is not open").refusal();
        assert_eq!((refused.code.as_str(), &refused.message, &refused.hint), (code, &status.message, &status.hint));
        vault.retry(Patience::Background);
        assert_eq!(vault.settled().await, question::ready(VaultKind::Keyring));
    }
}

#[tokio::test]
async fn a_keyring_that_panics_is_unusable_and_no_more() {
    let home = Home::new();
    let vault = home.open(KeySource::Keyring, |_, _| panic!("cannot start a runtime from within a runtime"));
    assert_eq!(vault.settled().await.state, VaultState::Unusable);
}

#[tokio::test]
async fn beside_sealed_files_no_new_key_is_made() {
    let home = Home::new();
    let vault = home.ready().await;
    vault.save(RecordId::random(), content(b"x")).await.expect("there is room");
    drop(vault);
    let before = home.names();

    let vault = home.open(KeySource::Keyring, |_, making| match making {
        Making::Never => Err(KeyProblem::Missing),
        Making::IfNone => panic!("a key would be made"),
        Making::Anew | Making::Fresh => Ok(Key::generate()),
    });
    assert_eq!(vault.settled().await.state, VaultState::KeyMissing);
    assert_eq!(home.names(), before);

    vault.start_over().await.expect("the files can be moved");
    assert_eq!(vault.settled().await, question::ready(VaultKind::Keyring));
    let aside = home.names();
    assert!(aside.len() == 1 && aside[0].starts_with(&before[0]) && aside[0].contains(".bad-"), "{aside:?}");
    vault.start_over().await.expect("it is ready, so this does nothing");
    assert_eq!(home.names(), aside);
}

#[tokio::test]
async fn a_wrong_key_touches_nothing() {
    let home = Home::new();
    let vault = home.ready().await;
    vault.save(RecordId::random(), content(b"x")).await.expect("there is room");
    drop(vault);
    let before = home.names();
    let vault = home.open(KeySource::Keyring, |_, _| Ok(Key::generate()));
    assert_eq!(vault.settled().await.state, VaultState::KeyMissing);
    assert_eq!(home.names(), before);
    assert_eq!(home.ready().await.records().await.expect("it is ready").len(), 1);
}

/// S-35: a newer version has written the vault | told to update, and not a byte is changed
#[tokio::test]
async fn files_of_a_newer_version_make_it_unusable_and_stay() {
    let home = Home::new();
    let vault = home.ready().await;
    vault.save(RecordId::random(), content(b"x")).await.expect("there is room");
    drop(vault);
    let path = home.dir.join(&home.names()[0]);
    let mut bytes = fs::read(&path).expect("it is there");
    bytes[5] = 2;
    fs::write(&path, &bytes).expect("there is room");
    let vault = home.open_with_key();
    let status = vault.settled().await;
    assert_eq!(status.state, VaultState::Unusable);
    assert!(status.hint.contains("Update Doorkey"), "{status:?}");
    assert_eq!(fs::read(&path).expect("it is there"), bytes);
}

/// A keyring that answers when the test says so.
fn silent() -> (mpsc::Sender<Result<Key, KeyProblem>>, Keyring) {
    let (answer, answers) = mpsc::channel();
    let answers = Mutex::new(answers);
    (answer, Box::new(move |_, _| lock(&answers).recv().expect("the test answers before it ends")))
}
