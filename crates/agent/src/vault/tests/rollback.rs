//! Old copies that are put back, and vaults that come from elsewhere.

use super::*;

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("there is room");
    for entry in fs::read_dir(from).expect("it can be listed") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, to.join(path.file_name().expect("it has a name"))).expect("there is room");
    }
}

#[tokio::test]
async fn a_backup_that_is_put_back_is_noticed_after_a_restart() {
    let home = Home::new();
    let vault = home.ready().await;
    let (renewed, unchanged) = (RecordId::random(), RecordId::random());
    vault.save(renewed, content(b"spent")).await.expect("there is room");
    vault.save(unchanged, content(b"good")).await.expect("there is room");
    let backup = tempfile::tempdir().expect("a folder");
    copied(&home.dir, backup.path());
    vault.save(renewed, content(b"newest")).await.expect("there is room");
    drop(vault);

    fs::remove_dir_all(&home.dir).expect("it is ours");
    copied(backup.path(), &home.dir);
    let vault = home.ready().await;
    let held: Vec<_> = vault.records().await.expect("it is ready").iter().map(|record| record.id).collect();
    assert_eq!(held, [unchanged], "what was not renewed since is as good as ever");
    let problems = vault.problems();
    assert_eq!(
        (problems.len(), problems[0].id, problems[0].refusal().code.as_str()),
        (1, renewed, "store.rolled_back")
    );
    assert!(problems[0].moved_to.as_ref().is_some_and(|path| path.exists()), "kept aside");
    assert_eq!(vault.save(renewed, content(b"signed in again")).await.expect("there is room").number(), 3);
    drop(vault);
    assert!(home.ready().await.problems().is_empty(), "told once");
}

/// S-13: one older file is put back | `store.rolled_back`
#[tokio::test]
async fn a_single_old_file_that_is_put_back_is_noticed_too() {
    let home = Home::new();
    let vault = home.ready().await;
    let id = RecordId::random();
    vault.save(id, content(b"spent")).await.expect("there is room");
    let (name, old) = (home.names().remove(0), fs::read(home.dir.join(&home.names()[0])).expect("it is there"));
    vault.save(id, content(b"newest")).await.expect("there is room");
    drop(vault);
    fs::remove_file(home.dir.join(&home.names()[0])).expect("it is there");
    fs::write(home.dir.join(name), old).expect("there is room");
    let vault = home.ready().await;
    assert!(vault.records().await.expect("it is ready").is_empty());
    assert_eq!(vault.problems()[0].refusal().code, "store.rolled_back");
}

#[tokio::test]
async fn a_signed_out_record_that_is_put_back_stays_signed_out() {
    let home = Home::new();
    let vault = home.ready().await;
    let id = RecordId::random();
    vault.save(id, content(b"revoked")).await.expect("there is room");
    let (name, old) = (home.names().remove(0), fs::read(home.dir.join(&home.names()[0])).expect("it is there"));
    vault.remove(id).await.expect("it is ours");
    drop(vault);
    fs::write(home.dir.join(name), old).expect("there is room");
    let vault = home.ready().await;
    assert!(vault.records().await.expect("it is ready").is_empty());
    assert_eq!(vault.problems()[0].refusal().code, "store.rolled_back");
}

#[tokio::test]
async fn a_lost_mark_costs_nothing() {
    let home = Home::new();
    let vault = home.ready().await;
    vault.save(RecordId::random(), content(b"x")).await.expect("there is room");
    drop(vault);
    for damage in [None, Some(&b""[..]), Some(b"DKV1")] {
        let mark = home.dir.with_extension("mark");
        match damage {
            None => fs::remove_file(&mark).expect("it is there"),
            Some(bytes) => fs::write(&mark, bytes).expect("there is room"),
        }
        let vault = home.ready().await;
        assert_eq!(vault.records().await.expect("it is ready").len(), 1);
        assert!(vault.problems().is_empty());
    }
}

/// S-T15: the vault was made on another machine | `store.other_machine`; nothing is opened before a person says so
/// S-34: the vault's files are from another machine | `store.other_machine`: no refresh token is read, let alone sent, before a person says so
#[tokio::test]
async fn a_vault_from_another_machine_waits_for_a_person() {
    let home = Home::new();
    let vault = home.ready().await;
    vault.save(RecordId::random(), content(b"x")).await.expect("there is room");
    drop(vault);
    if !as_on_another_machine(&home) {
        return;
    }
    let before = home.names();
    let vault = home.open_with_key();
    let status = vault.settled().await;
    assert_eq!((status.state, status.code.as_deref()), (VaultState::Unusable, Some("store.other_machine")));
    assert_eq!(vault.records().await.expect_err("nobody said so").code(), "store.other_machine");
    assert_eq!(home.names(), before);

    vault.adopt().await.expect("the choice can be written");
    assert_eq!(vault.settled().await, question::ready(VaultKind::Keyring));
    assert_eq!(vault.records().await.expect("it is ready").len(), 1);
    drop(vault);
    home.ready().await;
}

#[tokio::test]
async fn a_vault_from_another_machine_can_be_started_over() {
    let home = Home::new();
    let vault = home.open(KeySource::Passphrase, |_, _| panic!("nobody asks the keyring"));
    vault.unlock(secret("correct horse")).await.expect("nothing is sealed");
    vault.save(RecordId::random(), content(b"x")).await.expect("there is room");
    drop(vault);
    if !as_on_another_machine(&home) {
        return;
    }
    let vault = home.open_remembered(None);
    assert_eq!(vault.status().code.as_deref(), Some("store.other_machine"));
    let refused = vault.unlock(secret("correct horse")).await.expect_err("nobody said so");
    assert_eq!(refused.code(), "store.other_machine");
    vault.start_over().await.expect("the files can be moved");
    assert_eq!(vault.status(), question::no_passphrase_yet());
    assert!(home.names().iter().all(|name| name.contains(".bad-")), "{:?}", home.names());
}

/// As if the folder had been made elsewhere; not where this machine has no name.
fn as_on_another_machine(home: &Home) -> bool {
    let path = home.dir.join("vault.json");
    let mut header: serde_json::Value =
        serde_json::from_slice(&fs::read(&path).expect("it is there")).expect("it is JSON");
    if header.get("machine").is_none() {
        use std::io::Write as _;
        writeln!(std::io::stderr(), "skipped: this machine has no machine-id").expect("there is an error output");
        return false;
    }
    header["machine"] = "0123456789abcdef".into();
    fs::write(path, header.to_string()).expect("there is room");
    true
}
