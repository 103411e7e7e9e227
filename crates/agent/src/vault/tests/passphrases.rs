//! Vaults that a passphrase opens.

use tokio::time::Instant;

use super::*;

const RIGHT: &str = "correct horse";

async fn made(home: &Home) -> (Vault, RecordId) {
    let vault = home.open(KeySource::Passphrase, |_, _| panic!("nobody asks the keyring"));
    assert_eq!((vault.status().kind, vault.status().state), (VaultKind::Passphrase, VaultState::Locked));
    vault.unlock(secret(RIGHT)).await.expect("nothing is sealed yet");
    let id = RecordId::random();
    vault.save(id, content(b"CANARY")).await.expect("it is ready");
    (vault, id)
}

#[tokio::test]
async fn what_was_saved_opens_with_the_passphrase_after_a_restart_and_the_choice_is_remembered() {
    let home = Home::new();
    let (vault, id) = made(&home).await;
    assert_eq!(vault.status(), question::ready(VaultKind::Passphrase));
    drop(vault);
    assert!(!home.contains("CANARY"));

    let vault = home.open_remembered(None);
    assert_eq!(vault.status(), question::sealed_with_a_passphrase());
    let refused = vault.save(id, content(b"x")).await.expect_err("nobody has opened it").refusal();
    assert_eq!((refused.code.as_str(), refused.exit_code()), ("store.locked", 77));
    vault.unlock(secret(RIGHT)).await.expect("it is the right one");
    assert_eq!(*vault.records().await.expect("it is ready")[0].content, b"CANARY");
    vault.unlock(secret(RIGHT)).await.expect("it is open already");
    drop(vault);

    let vault = home.open_remembered(Some(RIGHT));
    assert_eq!(vault.settled().await, question::ready(VaultKind::Passphrase));
    assert_eq!(vault.records().await.expect("it is ready").len(), 1);
}

#[tokio::test]
async fn a_wrong_passphrase_damages_nothing() {
    let home = Home::new();
    drop(made(&home).await);
    let before = bytes(&home);
    let vault = home.open_remembered(Some("wrong horse"));
    let status = vault.settled().await;
    assert_eq!((status.state, status.code.as_deref()), (VaultState::Locked, Some("store.wrong_passphrase")));
    let refused = vault.unlock(secret("CANARY horse")).await.expect_err("wrong").refusal();
    assert_eq!((refused.code.as_str(), refused.exit_code()), ("store.wrong_passphrase", 77));
    assert!(!format!("{refused:?}").contains("CANARY"));
    assert_eq!(bytes(&home), before);
    vault.unlock(secret(RIGHT)).await.expect("the right one still opens it");
}

#[tokio::test(start_paused = true)]
async fn each_wrong_passphrase_makes_the_next_answer_slower() {
    let home = Home::new();
    drop(made(&home).await);
    let vault = home.open_remembered(None);
    let mut took = Vec::new();
    for _ in 0..3 {
        let asked = Instant::now();
        vault.unlock(secret("wrong horse")).await.expect_err("wrong");
        took.push(asked.elapsed().as_millis() / 100);
    }
    assert_eq!(took, [1, 2, 3], "in tenths of a second");

    // Who hangs up has not made the next one any quicker, and tries come one at a time.
    let asked = Instant::now();
    {
        let mut first = std::pin::pin!(vault.unlock(secret("wrong horse")));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(first.as_mut().poll(&mut context).is_pending());
        tokio::task::yield_now().await;
    }
    vault.unlock(secret(RIGHT)).await.expect("right");
    assert!(asked.elapsed() >= Duration::from_millis(400), "{:?}", asked.elapsed());
    vault.lock().await.expect("it can be");
    let asked = Instant::now();
    vault.unlock(secret("wrong horse")).await.expect_err("wrong");
    assert_eq!(asked.elapsed().as_millis() / 100, 1, "a right one is forgiven the ones before");
}

#[tokio::test]
async fn a_new_passphrase_must_be_worth_something() {
    let home = Home::new();
    let vault = home.open(KeySource::Passphrase, |_, _| panic!("nobody asks the keyring"));
    for unfit in ["", "short", &"x".repeat(2000)] {
        let refused = vault.unlock(secret(unfit)).await.expect_err("unfit");
        assert_eq!(refused.code(), "store.unfit_passphrase");
    }
    vault.unlock(secret("pässwört")).await.expect("eight characters");
}

#[tokio::test]
async fn absurd_parameters_are_refused_and_the_file_stays() {
    let home = Home::new();
    drop(made(&home).await);
    for name in ["vault.json", "vault.copy.json"] {
        let path = home.dir.join(name);
        let text = fs::read_to_string(&path).expect("it is there").replace("65536", "4294967295");
        fs::write(&path, text).expect("there is room");
    }
    let before = bytes(&home);
    let vault = home.open_remembered(None);
    let refused = vault.unlock(secret(RIGHT)).await.expect_err("four tebibytes of memory");
    assert_eq!(refused.code(), "store.absurd_parameters");
    assert_eq!(bytes(&home), before);
}

#[tokio::test]
async fn weaker_parameters_are_raised_when_the_vault_is_opened() {
    use crate::vault::folder::Folder;
    use crate::vault::header::Header;
    use crate::vault::passphrase::Wrapped;
    let home = Home::new();
    let (vault, id) = made(&home).await;
    drop(vault);
    let folder = Folder::open(&home.dir).expect("it is ours").expect("it is there");
    let mut header = Header::read(&folder).expect("it is good").expect("it was written");
    let key = header.passphrase.as_ref().expect("it has one").open(&secret(RIGHT)).expect("right");
    header.passphrase = Some(Wrapped::weak(&key, &secret(RIGHT)));
    header.write(&folder).expect("there is room");

    let vault = home.open_remembered(Some(RIGHT));
    assert_eq!(vault.settled().await, question::ready(VaultKind::Passphrase));
    assert_eq!(vault.records().await.expect("it is ready")[0].id, id, "with the same key");
    let raised = Header::read(&folder).expect("it is good").expect("it is there");
    assert!(!raised.passphrase.as_ref().expect("it has one").is_weaker_than_today());
    vault.lock().await.expect("it can be");
    vault.unlock(secret(RIGHT)).await.expect("the passphrase is the same");
}

#[tokio::test]
async fn a_choice_that_is_damaged_is_mended_from_its_copy_and_the_other_way_round() {
    let home = Home::new();
    drop(made(&home).await);
    for name in ["vault.json", "vault.copy.json", "vault.json"] {
        fs::write(home.dir.join(name), b"").expect("there is room");
        let vault = home.open_remembered(Some(RIGHT));
        assert_eq!(vault.settled().await, question::ready(VaultKind::Passphrase), "{name}");
        assert_eq!(vault.records().await.expect("it is ready").len(), 1);
    }
}

#[tokio::test]
async fn a_forgotten_passphrase_is_started_over_and_the_files_are_kept_aside() {
    let home = Home::new();
    let (vault, id) = made(&home).await;
    drop(vault);
    let vault = home.open_remembered(None);
    vault.start_over().await.expect("the files can be moved");
    assert_eq!(vault.status(), question::no_passphrase_yet());
    drop(vault);

    let vault = home.open_remembered(None);
    assert_eq!(vault.status(), question::no_passphrase_yet(), "it is still what was chosen");
    vault.unlock(secret("another horse")).await.expect("nothing is sealed any more");
    assert!(vault.records().await.expect("it is ready").is_empty());
    let aside = home.names();
    assert!(aside.len() == 1 && aside[0].starts_with(&format!("{id}.1.sealed.bad-")), "{aside:?}");
}

#[tokio::test]
async fn who_starts_a_passphrase_over_may_choose_the_keyring_instead() {
    let home = Home::new();
    drop(made(&home).await);
    home.open_remembered(None).start_over().await.expect("the files can be moved");
    assert!(home.ready().await.records().await.expect("it is ready").is_empty());
}

#[tokio::test]
async fn a_disk_that_fails_while_a_vault_is_made_leaves_memory_as_it_was_and_no_passphrase_behind() {
    let home = Home::new();
    let vault = home.open(KeySource::Memory, |_, _| panic!("nobody asks the keyring"));
    let id = RecordId::random();
    vault.save(id, content(b"x")).await.expect("memory takes it");
    let obstacle = home.dir.join(format!("{id}.1.next"));
    fs::create_dir_all(&obstacle).expect("there is room");
    vault.unlock(secret("forgotten at once")).await.expect_err("it is in the way");
    assert_eq!(vault.records().await.expect("it is ready").len(), 1);
    fs::remove_dir(obstacle).expect("nothing is in it");
    vault.unlock(secret(RIGHT)).await.expect("it is the first one");
    drop(vault);
    let vault = home.open_remembered(Some(RIGHT));
    vault.settled().await;
    assert_eq!(vault.records().await.expect("it is ready").len(), 1);
}

#[tokio::test]
async fn a_wrong_passphrase_that_is_told_late_locks_nothing() {
    let home = Home::new();
    let (vault, _) = made(&home).await;
    vault.0.could_not_unlock(&StoreError::WrongPassphrase);
    assert_eq!(vault.status(), question::ready(VaultKind::Passphrase));
}

#[tokio::test]
async fn a_locked_vault_has_no_records_until_it_is_opened_again() {
    let home = Home::new();
    let (vault, id) = made(&home).await;
    vault.lock().await.expect("it can be");
    assert_eq!(vault.status().state, VaultState::Locked);
    assert_eq!(vault.records().await.expect_err("locked").code(), "store.locked");
    assert_eq!(vault.save(id, content(b"x")).await.expect_err("locked").code(), "store.locked");
    vault.retry(Patience::Person);
    assert_eq!(vault.status().state, VaultState::Locked, "only a person opens it again");
    vault.unlock(secret(RIGHT)).await.expect("it is the right one");
    assert_eq!(*vault.records().await.expect("it is ready")[0].content, b"CANARY");
}

fn bytes(home: &Home) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(&home.dir).expect("it can be listed").map(|entry| entry.expect("an entry").path());
    let mut all: Vec<_> =
        entries.map(|path| (path.display().to_string(), fs::read(&path).expect("it is ours"))).collect();
    all.sort();
    all
}
