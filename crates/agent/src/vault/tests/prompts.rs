//! A keyring that waits for a person while others are at it: it holds up nobody who does not need it, and whatever comes
//! late, the key of a vault that is ready stays the one in the keyring.

use super::kept::{Call, Kept};
use super::*;
use crate::vault::folder::Folder;
use crate::vault::header::Header;

const RIGHT: &str = "correct horse";

#[tokio::test]
async fn a_key_that_is_forgotten_late_is_not_the_one_that_was_made_since() {
    let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
    let vault = ready(&keyring, &home).await;
    keyring.hold(Call::Forget);
    vault.move_to(VaultKind::Memory, None, None, Agreed::ToDelete).await.expect("somebody agreed");
    keyring.until_prompted();
    let refused = vault.move_to(VaultKind::Keyring, None, None, Agreed::ToNothing).await.expect_err("one at a time");
    assert_eq!(refused.code(), "store.locked");
    keyring.answer();
    until_moved(&vault).await;
    assert_kept(&home, &keyring, vault).await;
}

#[tokio::test]
async fn a_key_that_is_forgotten_late_is_not_the_one_that_was_chosen_again() {
    let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
    let vault = ready(&keyring, &home).await;
    keyring.hold(Call::Forget);
    vault.move_to(VaultKind::Memory, None, None, Agreed::ToDelete).await.expect("somebody agreed");
    keyring.until_prompted();
    vault.choose(VaultKind::Keyring, Patience::Person).expect("nothing is sealed");
    assert_eq!(vault.settled().await, question::waiting());
    keyring.answer();
    until_ready(&vault).await;
    assert_kept(&home, &keyring, vault).await;
}

#[tokio::test]
async fn a_key_that_is_forgotten_at_the_start_is_not_the_one_that_was_made_since() {
    let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
    left_to_clear(&home, &keyring, Header::clear_key);
    keyring.hold(Call::Forget);
    let vault = keyring.open(home.settings(KeySource::Remembered), NO_TIME);
    vault.save(RecordId::random(), content(b"x")).await.expect("memory takes it");
    keyring.until_prompted();
    vault.move_to(VaultKind::Keyring, None, None, Agreed::ToNothing).await.expect_err("one at a time");
    keyring.answer();
    until_moved(&vault).await;
    assert_kept(&home, &keyring, vault).await;
}

#[tokio::test]
async fn a_key_that_was_to_be_forgotten_stays_where_a_late_answer_has_opened_the_vault_with_it() {
    let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
    left_to_clear(&home, &keyring, Header::clear_key);
    keyring.hold(Call::Question);
    let vault = keyring.open(home.settings(KeySource::Keyring), NO_TIME);
    keyring.until_prompted();
    vault.0.forget_key().await;
    keyring.answer();
    until_ready(&vault).await;
    vault.save(RecordId::random(), content(b"x")).await.expect("there is room");
    assert_kept(&home, &keyring, vault).await;
}

#[tokio::test]
async fn a_key_that_is_made_late_does_not_replace_the_one_in_force() {
    let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
    let vault = keyring.open(home.settings(KeySource::Memory), NO_TIME);
    vault.save(RecordId::random(), content(b"x")).await.expect("memory takes it");
    keyring.hold(Call::Fresh);
    let late = vault.move_to(VaultKind::Keyring, None, None, Agreed::ToNothing).await.expect_err("nobody answers");
    assert_eq!(late.code(), "store.locked");
    keyring.until_prompted();
    vault.choose(VaultKind::Keyring, Patience::Person).expect("nothing is sealed");
    assert_eq!(vault.settled().await, question::waiting());
    keyring.answer();
    until_ready(&vault).await;
    assert_kept(&home, &keyring, vault).await;
}

#[tokio::test]
async fn a_question_that_is_answered_late_does_not_replace_the_key_in_force() {
    let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
    keyring.hold(Call::Question);
    let vault = keyring.open(home.settings(KeySource::Remembered), NO_TIME);
    keyring.until_prompted();
    vault.choose(VaultKind::Memory, Patience::Person).expect("it is offered");
    vault.save(RecordId::random(), content(b"x")).await.expect("memory takes it");
    vault.move_to(VaultKind::Keyring, None, None, Agreed::ToNothing).await.expect_err("one at a time");
    keyring.answer();
    until_moved(&vault).await;
    assert_kept(&home, &keyring, vault).await;
}

#[tokio::test]
async fn a_prompt_that_is_never_answered_holds_up_neither_memory_nor_a_passphrase() {
    let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
    let vault = keyring.open(home.settings(KeySource::Memory), A_DAY);
    keyring.hold(Call::Fresh);
    let moving = tokio::spawn({
        let vault = vault.clone();
        async move { vault.move_to(VaultKind::Keyring, None, None, Agreed::ToNothing).await }
    });
    until_prompted(&keyring).await;
    vault.save(RecordId::random(), content(b"x")).await.expect("memory takes it");
    assert_eq!(vault.records().await.expect("it is ready").len(), 1);
    vault.unlock(secret(RIGHT)).await.expect("nothing is sealed");
    assert_eq!(vault.status(), question::ready(VaultKind::Passphrase));
    assert_eq!(vault.records().await.expect("it is ready").len(), 1);

    keyring.answer();
    let refused = moving.await.expect("it ends").expect_err("it has a passphrase meanwhile").refusal();
    assert!(refused.retryable && !refused.message.is_empty() && !refused.hint.is_empty(), "{refused:?}");
    assert_eq!(vault.status(), question::ready(VaultKind::Passphrase));
}

#[tokio::test]
async fn a_key_that_nobody_lets_it_forget_holds_up_no_passphrase() {
    let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
    let vault = keyring.open(home.settings(KeySource::Remembered), A_DAY);
    until_ready(&vault).await;
    keyring.hold(Call::Forget);
    let moving = tokio::spawn({
        let vault = vault.clone();
        async move { vault.move_to(VaultKind::Passphrase, None, Some(secret(RIGHT)), Agreed::ToNothing).await }
    });
    until_prompted(&keyring).await;
    vault.lock().await.expect("it can be");
    vault.unlock(secret(RIGHT)).await.expect("it is the one");
    assert_eq!(vault.status(), question::ready(VaultKind::Passphrase));
    keyring.answer();
    moving.await.expect("it ends").expect("it was moved long ago");
    assert!(!keyring.has_a_key());
}

#[test]
fn a_prompt_that_is_never_answered_lets_the_process_end() {
    let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build();
    let runtime = runtime.expect("there are threads");
    keyring.hold(Call::Fresh);
    let vault = keyring.open(home.settings(KeySource::Memory), A_DAY);
    runtime.spawn(async move { vault.move_to(VaultKind::Keyring, None, None, Agreed::ToNothing).await });
    keyring.until_prompted();
    // Waits for what runs on its threads.
    drop(runtime);
    keyring.answer();
}

#[tokio::test]
async fn what_was_agreed_to_be_deleted_is_not_what_was_sealed_since() {
    let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
    let vault = keyring.open(home.settings(KeySource::Memory), NO_TIME);
    let folder = left_to_clear(&home, &keyring, Header::clear_files);

    let sealing = lock(&vault.0.store);
    let inner = Arc::clone(&vault.0);
    let name = "late-clearing";
    let clearing = std::thread::Builder::new().name(name.into()).spawn(move || inner.clear_away()).expect("a thread");
    until_it_waits(name);
    // As a move does, which holds the store from its first look to the last.
    Header::new(VaultKind::Keyring, Some(home.key().id())).write(&folder).expect("there is room");
    let sealed = format!("{}.1.sealed", RecordId::random());
    folder.write_new(&sealed, b"sealed since").expect("there is room");
    drop(sealing);
    clearing.join().expect("it ends");
    assert_eq!(home.names(), [sealed]);
}

#[tokio::test]
async fn what_was_agreed_to_be_deleted_is_deleted_before_the_vault_is_opened_again() {
    for opens in [KeySource::Remembered, KeySource::Keyring, KeySource::Passphrase] {
        let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
        drop(ready(&keyring, &home).await);
        left_to_clear(&home, &keyring, Header::clear_files);
        assert_eq!(home.names().len(), 1, "cut short before it was deleted");
        let settings = Settings { passphrase: Some(secret(RIGHT)), ..home.settings(opens) };
        let vault = keyring.open(settings, A_MINUTE);
        assert_eq!(vault.settled().await.state, VaultState::Ready, "{opens:?}");
        while !home.names().is_empty() {
            tokio::task::yield_now().await;
        }
        assert!(vault.records().await.expect("it is ready").is_empty(), "{opens:?}");
    }
}

const A_DAY: fn(Patience) -> Duration = |_| Duration::from_secs(24 * 60 * 60);

/// Ready in the keyring, with a record; with no patience for what comes.
async fn ready(keyring: &Arc<Kept>, home: &Home) -> Vault {
    let vault = keyring.open(home.settings(KeySource::Remembered), NO_TIME);
    until_ready(&vault).await;
    vault.save(RecordId::random(), content(b"x")).await.expect("there is room");
    vault
}

/// A move into memory that was cut short before it had cleared everything away.
fn left_to_clear(home: &Home, keyring: &Kept, what: fn(&mut Header)) -> Folder {
    lock(&keyring.key).get_or_insert(home.key);
    let folder = Folder::open_or_make(&home.dir).expect("it is ours");
    let mut header = Header::new(VaultKind::Memory, None);
    what(&mut header);
    header.write(&folder).expect("there is room");
    folder
}

async fn until_prompted(keyring: &Arc<Kept>) {
    let keyring = Arc::clone(keyring);
    tokio::task::spawn_blocking(move || keyring.until_prompted()).await.expect("it ends");
}

async fn until_ready(vault: &Vault) {
    let mut changed = vault.changed();
    changed.wait_for(|status| *status == question::ready(VaultKind::Keyring)).await.expect("the vault is there");
}

/// Into the keyring, however often it must be said while somebody else is at it.
async fn until_moved(vault: &Vault) {
    while vault.move_to(VaultKind::Keyring, None, None, Agreed::ToNothing).await.is_err() {}
    assert_eq!(vault.status(), question::ready(VaultKind::Keyring));
}

/// Whoever was at the keyring has left, and the next start finds the record.
async fn assert_kept(home: &Home, keyring: &Arc<Kept>, vault: Vault) {
    let shared = |vault: &Vault| {
        let inner = &vault.0;
        [Arc::strong_count(inner), Arc::strong_count(&inner.ask), Arc::strong_count(&inner.forget)] != [1, 1, 1]
    };
    while shared(&vault) || Arc::weak_count(&vault.0) > 0 {
        tokio::task::yield_now().await;
    }
    drop(vault);
    let vault = keyring.open(home.settings(KeySource::Remembered), A_MINUTE);
    assert_eq!(vault.settled().await, question::ready(VaultKind::Keyring));
    assert_eq!(vault.records().await.expect("it is ready").len(), 1);
}

/// Until the thread of that name sleeps, which it does for the lock alone.
fn until_it_waits(name: &str) {
    let sleeps = |task: &Path| {
        let named = fs::read_to_string(task.join("comm")).is_ok_and(|comm| comm.trim() == name);
        named && fs::read_to_string(task.join("stat")).is_ok_and(|stat| stat.contains(") S "))
    };
    let tasks = || fs::read_dir("/proc/self/task").expect("our own").map(|task| task.expect("an entry").path());
    while !tasks().any(|task| sleeps(&task)) {
        std::thread::yield_now();
    }
}
