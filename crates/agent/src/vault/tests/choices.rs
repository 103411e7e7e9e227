//! The choice of where the key is: remembered, and changed by sealing everything anew.

use std::sync::atomic::Ordering;

use super::kept::Kept;
use super::*;
use crate::vault::folder::{Folder, UNREADABLE};
use crate::vault::header::Header;

const ONE: &str = "correct horse";
const TWO: &str = "battery staple";

#[tokio::test]
async fn from_the_keyring_to_a_passphrase_and_back() {
    let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
    let vault = filled(&keyring, &home).await;
    let first = home.names();
    let moved = vault.move_to(VaultKind::Passphrase, None, Some(secret(ONE)), Agreed::ToNothing).await;
    assert_eq!(moved.expect("it is open"), 2);
    assert_eq!(vault.status(), question::ready(VaultKind::Passphrase));
    assert_eq!(held(&vault).await, all());
    assert!(!keyring.has_a_key(), "the old one is of no use any more");
    assert!(home.names().iter().all(|name| !first.contains(name)) && home.names().len() == 2, "{:?}", home.names());
    drop(vault);

    let vault = opened(&keyring, &home, KeySource::Remembered, Some(ONE));
    vault.settled().await;
    assert_eq!(held(&vault).await, all());
    vault.move_to(VaultKind::Keyring, None, None, Agreed::ToNothing).await.expect("the keyring is there");
    assert_eq!(vault.status(), question::ready(VaultKind::Keyring));
    drop(vault);
    let vault = opened(&keyring, &home, KeySource::Remembered, None);
    assert_eq!(vault.settled().await, question::ready(VaultKind::Keyring));
    assert_eq!(held(&vault).await, all());
    assert!(vault.problems().is_empty(), "{:?}", vault.problems());
}

#[tokio::test]
async fn a_key_that_could_not_be_forgotten_is_forgotten_at_the_next_start() {
    let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
    let vault = filled(&keyring, &home).await;
    keyring.stubborn.store(true, Ordering::SeqCst);
    vault.move_to(VaultKind::Passphrase, None, Some(secret(ONE)), Agreed::ToNothing).await.expect("moved all the same");
    drop(vault);
    let waits = || fs::read_to_string(home.dir.join("vault.json")).expect("it is there").contains("clearing");
    assert!(waits() && keyring.has_a_key());
    keyring.stubborn.store(false, Ordering::SeqCst);
    let vault = opened(&keyring, &home, KeySource::Remembered, None);
    vault.unlock(secret(ONE)).await.expect("the new one");
    while waits() {
        tokio::task::yield_now().await;
    }
    assert!(!keyring.has_a_key());
    assert_eq!(held(&vault).await, all());
}

#[tokio::test]
async fn another_passphrase_takes_the_one_in_force() {
    let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
    let vault = opened(&keyring, &home, KeySource::Passphrase, Some(ONE));
    assert_eq!(vault.settled().await, question::ready(VaultKind::Passphrase));
    fill(&vault).await;
    let change = |current: Option<&str>, new: &str| {
        vault.move_to(VaultKind::Passphrase, current.map(secret), Some(secret(new)), Agreed::ToNothing)
    };
    assert_eq!(change(None, TWO).await.expect_err("not told").code(), "store.no_passphrase");
    assert_eq!(change(Some(TWO), TWO).await.expect_err("not it").code(), "store.wrong_passphrase");
    assert_eq!(change(Some(ONE), "short").await.expect_err("unfit").code(), "store.unfit_passphrase");
    assert_eq!(change(Some(ONE), TWO).await.expect("it is the one in force"), 2);
    drop(vault);
    let vault = opened(&keyring, &home, KeySource::Remembered, None);
    assert_eq!(vault.unlock(secret(ONE)).await.expect_err("not any more").code(), "store.wrong_passphrase");
    vault.unlock(secret(TWO)).await.expect("the new one");
    assert_eq!(held(&vault).await, all());
}

#[tokio::test]
async fn going_into_memory_deletes_nothing_unless_somebody_agreed() {
    let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
    let vault = filled(&keyring, &home).await;
    let before = home.names();
    let refused = vault.move_to(VaultKind::Memory, None, None, Agreed::ToNothing).await.expect_err("nobody agreed");
    assert_eq!((refused.code(), home.names()), ("store.not_confirmed", before));

    vault.move_to(VaultKind::Memory, None, None, Agreed::ToDelete).await.expect("somebody did");
    assert_eq!(held(&vault).await, all(), "sessions go on");
    assert!(home.names().is_empty() && !keyring.has_a_key());
    drop(vault);
    let vault = opened(&keyring, &home, KeySource::Remembered, None);
    assert_eq!(vault.status(), question::ready(VaultKind::Memory), "it is remembered");
    fill(&vault).await;
    vault.move_to(VaultKind::Keyring, None, None, Agreed::ToNothing).await.expect("and back");
    drop(vault);
    let vault = opened(&keyring, &home, KeySource::Remembered, None);
    vault.settled().await;
    assert_eq!(held(&vault).await, all());
}

#[tokio::test]
async fn without_a_keyring_a_passphrase_can_be_chosen_where_nothing_is_sealed() {
    let home = Home::new();
    let vault = home.open_remembered(None);
    assert_eq!(vault.settled().await.state, VaultState::NoService);
    vault.move_to(VaultKind::Passphrase, None, Some(secret(ONE)), Agreed::ToNothing).await.expect("nothing is sealed");
    fill(&vault).await;
    drop(vault);
    let vault = home.open_remembered(Some(ONE));
    vault.settled().await;
    assert_eq!(held(&vault).await, all());
}

#[tokio::test]
async fn a_vault_that_is_not_open_is_not_moved() {
    let home = Home::new();
    let vault = home.ready().await;
    fill(&vault).await;
    drop(vault);
    let vault = home.open_remembered(None);
    vault.settled().await;
    let before = home.names();
    for to in [VaultKind::Passphrase, VaultKind::Memory] {
        let refused = vault.move_to(to, None, Some(secret(ONE)), Agreed::ToDelete).await.expect_err("it is not open");
        assert_eq!((refused.code(), &home.names()), ("store.no_service", &before));
    }
    assert_eq!(home.ready().await.records().await.expect("it is ready").len(), 2);
}

#[tokio::test]
async fn a_keyring_that_fails_leaves_the_passphrase_in_force() {
    let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
    let vault = opened(&keyring, &home, KeySource::Passphrase, Some(ONE));
    vault.settled().await;
    fill(&vault).await;
    drop(vault);
    let vault = home.open_remembered(Some(ONE));
    vault.settled().await;
    let before = home.names();
    let refused = vault.move_to(VaultKind::Keyring, None, None, Agreed::ToNothing).await.expect_err("it is not there");
    assert_eq!((refused.code(), home.names()), ("store.no_service", before));
    assert_eq!((vault.status(), held(&vault).await), (question::ready(VaultKind::Passphrase), all()));
}

#[tokio::test]
async fn a_disk_that_fails_half_way_leaves_the_old_key_in_force() {
    let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
    let vault = filled(&keyring, &home).await;
    let before = home.names();
    // In the way of the second record's file, and then of the choice itself.
    let second = &before[1].replace(".1.sealed", ".2.next");
    for obstacle in [second.as_str(), "vault.json.tmp"] {
        fs::create_dir(home.dir.join(obstacle)).expect("there is room");
        vault
            .move_to(VaultKind::Passphrase, None, Some(secret(ONE)), Agreed::ToNothing)
            .await
            .expect_err("it is in the way");
        fs::remove_dir(home.dir.join(obstacle)).expect("nothing is in it");
        assert_eq!((home.names(), held(&vault).await), (before.clone(), all()));
        assert_eq!(vault.status(), question::ready(VaultKind::Keyring));
    }
    drop(vault);
    let vault = opened(&keyring, &home, KeySource::Remembered, None);
    vault.settled().await;
    assert_eq!(held(&vault).await, all());
}

/// The choice is in its place and the disk does not give it back: it may count, so nothing that it leads to is taken away.
#[tokio::test]
async fn a_choice_that_cannot_be_read_back_costs_nothing_whether_it_counts_or_not() {
    for counts in [true, false] {
        let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
        let vault = filled(&keyring, &home).await;
        let before = fs::read(home.dir.join("vault.json")).expect("it is there");
        let folder = Folder::open_or_make(&home.dir).expect("it is ours");
        let (header, key) = moving::behind(&folder, VaultKind::Keyring, &secret(ONE));
        UNREADABLE.set(Some("vault.json"));
        let refused = vault.0.seal_anew(&mut lock(&vault.0.store), &header, key).expect_err("it is not given back");
        UNREADABLE.set(None);
        assert_eq!((refused.code(), vault.status().state), ("store.io", VaultState::Unusable));
        let id = RecordId::random();
        assert!(vault.save(id, content(b"x")).await.is_err(), "with neither key");
        drop(vault);
        if !counts {
            // As after a power cut, where the rename had not reached the disk.
            fs::write(home.dir.join("vault.json"), before).expect("there is room");
        }
        let vault = opened(&keyring, &home, KeySource::Remembered, counts.then_some(ONE));
        let kind = if counts { VaultKind::Passphrase } else { VaultKind::Keyring };
        assert_eq!(vault.settled().await, question::ready(kind));
        assert_eq!(held(&vault).await, all(), "{counts}");
        assert!(vault.problems().is_empty(), "{:?}", vault.problems());
    }
}

#[tokio::test]
async fn what_was_sealed_for_a_choice_that_was_never_written_stands_in_nobodys_way() {
    for chosen in [None, Some(VaultKind::Memory)] {
        let home = Home::new();
        let folder = Folder::open_or_make(&home.dir).expect("it is ours");
        if let Some(kind) = chosen {
            Header::new(kind, None).write(&folder).expect("there is room");
        }
        let id = RecordId::random();
        let sealed = seal::seal(&Key::generate(), id, Generation::FIRST, &key::random(), b"x").expect("small");
        for source in [KeySource::Keyring, KeySource::Passphrase] {
            folder.write_new(&format!("{id}.1.next"), &sealed).expect("there is room");
            let keyring = Arc::new(Kept::default());
            let vault = opened(&keyring, &home, source, Some(ONE));
            assert_eq!(vault.settled().await.state, VaultState::Ready, "{chosen:?} {source:?}");
            assert_eq!(home.names(), [""; 0], "it is taken back");
            drop(vault);
            Header::set_aside(&folder).expect("it can be moved");
        }
    }
}

#[tokio::test]
async fn a_wish_that_does_not_fit_what_was_chosen_is_refused_and_touches_nothing() {
    let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
    let vault = opened(&keyring, &home, KeySource::Passphrase, Some(ONE));
    vault.settled().await;
    fill(&vault).await;
    drop(vault);
    let before = home.names();
    let vault = opened(&keyring, &home, KeySource::Keyring, None);
    let status = vault.settled().await;
    assert_eq!((status.state, status.code.as_deref()), (VaultState::Unusable, Some("store.other_kind")));
    assert_eq!(home.names(), before);
    let vault = opened(&keyring, &home, KeySource::Remembered, None);
    let refused = vault.choose(VaultKind::Keyring, Patience::Person).expect_err("it is not in the keyring");
    assert_eq!(refused.code(), "store.other_kind");

    let other = Home::new();
    fill(&other.ready().await).await;
    let vault = opened(&keyring, &other, KeySource::Passphrase, Some(ONE));
    assert_eq!(vault.status().code.as_deref(), Some("store.other_kind"));
}

#[tokio::test]
async fn memory_for_one_run_leaves_the_disk_and_the_choice_alone() {
    let (home, keyring) = (Home::new(), Arc::new(Kept::default()));
    let vault = filled(&keyring, &home).await;
    drop(vault);
    let vault = opened(&keyring, &home, KeySource::Memory, None);
    let refused = vault.move_to(VaultKind::Memory, None, None, Agreed::ToDelete).await.expect_err("sealed ones exist");
    assert_eq!(refused.code(), "store.other_kind");
    drop(vault);
    let vault = opened(&keyring, &home, KeySource::Remembered, None);
    vault.settled().await;
    assert_eq!(held(&vault).await, all());
}

fn opened(keyring: &Arc<Kept>, home: &Home, source: KeySource, passphrase: Option<&str>) -> Vault {
    keyring.open(Settings { passphrase: passphrase.map(secret), ..home.settings(source) }, A_MINUTE)
}

/// In the keyring, with two records.
async fn filled(keyring: &Arc<Kept>, home: &Home) -> Vault {
    let vault = opened(keyring, home, KeySource::Remembered, None);
    vault.settled().await;
    fill(&vault).await;
    vault
}

async fn held(vault: &Vault) -> Vec<Vec<u8>> {
    let mut held: Vec<_> =
        vault.records().await.expect("it is ready").iter().map(|record| record.content.to_vec()).collect();
    held.sort();
    held
}

fn all() -> Vec<Vec<u8>> {
    vec![b"one".to_vec(), b"two".to_vec()]
}

async fn fill(vault: &Vault) {
    for words in all() {
        vault.save(RecordId::random(), Zeroizing::new(words)).await.expect("there is room");
    }
}
