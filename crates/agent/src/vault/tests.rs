//! The vault as a whole, with a keyring that answers as each test wants.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;

use super::key::Key;
use super::question::KeyProblem;
use super::*;

#[tokio::test]
async fn what_was_saved_is_there_after_a_restart() {
    let home = Home::new();
    let (id, other) = (RecordId::random(), RecordId::random());
    let vault = home.ready().await;
    for (generation, len) in [(1, 64 * 1024), (2, 100_000), (3, 0)] {
        let saved = vault.save(id, content(&vec![7; len])).await.expect("there is room");
        assert_eq!(saved.number(), generation);
    }
    vault.save(id, content(b"CANARY of the newest")).await.expect("there is room");
    vault.save(other, content(b"CANARY of another")).await.expect("there is room");
    drop(vault);

    let vault = home.ready().await;
    let mut records = vault.records().await.expect("it is ready");
    records.sort_by_key(|record| record.id != id);
    let told: Vec<_> = records.iter().map(|r| (r.id, r.generation.number(), r.content.as_slice())).collect();
    assert_eq!(told, [(id, 4, &b"CANARY of the newest"[..]), (other, 1, b"CANARY of another")]);
    assert!(vault.problems().is_empty());
    assert_eq!(home.names().len(), 2, "older generations are collected");
    assert!(!home.contains("CANARY"));
    assert!(!format!("{records:?} {vault:?}").contains("CANARY"));
}

#[tokio::test]
async fn twenty_writers_of_one_record_take_turns() {
    let home = Home::new();
    let vault = home.ready().await;
    let id = RecordId::random();
    let writers: Vec<_> = (0..20u8)
        .map(|n| {
            let vault = vault.clone();
            tokio::spawn(async move { vault.save(id, content(&[n])).await.expect("there is room").number() })
        })
        .collect();
    let mut generations = Vec::new();
    for writer in writers {
        generations.push(writer.await.expect("it ends"));
    }
    generations.sort_unstable();
    assert_eq!(generations, (1..=20).collect::<Vec<_>>());
    assert_eq!(home.names(), [format!("{id}.20.sealed")]);
}

#[tokio::test]
async fn a_memory_vault_writes_nothing() {
    let home = Home::new();
    let vault = home.open(KeySource::Memory, |_, _| unreachable!("memory needs no key"));
    assert_eq!(vault.status(), question::ready(VaultKind::Memory));
    let id = RecordId::random();
    vault.save(id, content(b"one")).await.expect("memory takes it");
    assert_eq!(vault.save(id, content(b"two")).await.expect("memory takes it").number(), 2);
    assert_eq!(*vault.records().await.expect("it is ready")[0].content, b"two");
    vault.retry(Patience::Person);
    assert_eq!(vault.status(), question::ready(VaultKind::Memory), "a chosen memory vault asks nobody");
    vault.remove(id).await.expect("it is there");
    assert!(vault.records().await.expect("it is ready").is_empty());
    assert!(!home.dir().exists());
}

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
    // The thread that asked ends with the vault's other handles: then its answer has been looked at.
    let inner = Arc::downgrade(&vault.0);
    let status = vault.status();
    drop(vault);
    while inner.strong_count() > 0 {
        std::thread::yield_now();
    }
    assert_eq!(status, question::ready(VaultKind::Memory));
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
        Making::IfNone => Ok(Key::generate()),
        Making::Anew => Ok(Key::generate()),
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

#[tokio::test]
async fn files_of_a_newer_version_make_it_unusable_and_stay() {
    let home = Home::new();
    let vault = home.ready().await;
    vault.save(RecordId::random(), content(b"x")).await.expect("there is room");
    drop(vault);
    let path = home.dir().join(&home.names()[0]);
    let mut bytes = fs::read(&path).expect("it is there");
    bytes[5] = 2;
    fs::write(&path, &bytes).expect("there is room");
    let vault = home.open_with_key();
    let status = vault.settled().await;
    assert_eq!(status.state, VaultState::Unusable);
    assert!(status.hint.contains("Update Doorkey"), "{status:?}");
    assert_eq!(fs::read(&path).expect("it is there"), bytes);
}

#[tokio::test]
async fn a_damaged_record_is_told_and_the_others_open() {
    let home = Home::new();
    let vault = home.ready().await;
    let (bad, good) = (RecordId::random(), RecordId::random());
    vault.save(bad, content(b"x")).await.expect("there is room");
    vault.save(good, content(b"y")).await.expect("there is room");
    drop(vault);
    fs::write(home.dir().join(format!("{bad}.1.sealed")), b"DKV1").expect("there is room");
    let vault = home.ready().await;
    let records = vault.records().await.expect("it is ready");
    assert_eq!(records.iter().map(|record| record.id).collect::<Vec<_>>(), [good]);
    let problems = vault.problems();
    assert_eq!((problems.len(), problems[0].id, problems[0].refusal().code.as_str()), (1, bad, "store.damaged"));
    assert!(problems[0].moved_to.as_ref().is_some_and(|path| path.exists()));

    // Signing in again may use the same record: it begins anew.
    assert_eq!(vault.save(bad, content(b"z")).await.expect("there is room").number(), 1);
    vault.remove(bad).await.expect("all are ours");
    assert!(vault.problems().is_empty());
    assert_eq!(home.names(), [format!("{good}.1.sealed")]);
}

#[tokio::test]
async fn removal_leaves_nothing_and_a_late_writer_cannot_undo_it() {
    let home = Home::new();
    let vault = home.ready().await;
    let id = RecordId::random();
    vault.save(id, content(b"x")).await.expect("there is room");
    fs::write(home.dir().join(format!("{id}.1.sealed.bad-1")), b"old").expect("there is room");
    vault.remove(id).await.expect("all are ours");
    assert!(home.names().is_empty());
    assert_eq!(vault.save(id, content(b"late")).await.expect_err("it was removed").code(), "store.removed");
    assert!(home.names().is_empty());
}

#[tokio::test]
async fn removal_needs_no_key() {
    let home = Home::new();
    let vault = home.ready().await;
    let id = RecordId::random();
    vault.save(id, content(b"x")).await.expect("there is room");
    drop(vault);
    let vault = home.open(KeySource::Keyring, |_, _| Err(KeyProblem::Locked));
    vault.settled().await;
    vault.remove(id).await.expect("all are ours");
    assert!(home.names().is_empty());
}

#[tokio::test]
async fn a_save_ends_even_when_nobody_waits_for_it() {
    let home = Home::new();
    let vault = home.ready().await;
    let id = RecordId::random();
    {
        let mut save = std::pin::pin!(vault.save(id, content(b"x")));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let _ = save.as_mut().poll(&mut context);
    }
    while home.names() != [format!("{id}.1.sealed")] {
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn content_over_a_mebibyte_is_refused_and_the_old_one_stays() {
    let home = Home::new();
    for vault in [home.ready().await, home.open(KeySource::Memory, |_, _| Err(KeyProblem::Unknown))] {
        let id = RecordId::random();
        vault.save(id, content(b"old")).await.expect("there is room");
        let refused = vault.save(id, content(&vec![0; 1024 * 1024 + 1])).await.expect_err("too large");
        assert_eq!(refused.code(), "store.too_large");
        assert_eq!(*vault.records().await.expect("it is ready")[0].content, b"old");
    }
}

#[tokio::test]
async fn a_folder_that_is_a_link_is_not_used() {
    let home = Home::new();
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir_all(home.dir().parent().expect("it has one")).expect("there is room");
    std::os::unix::fs::symlink(elsewhere.path(), home.dir()).expect("links work here");
    let status = home.open_with_key().settled().await;
    assert_eq!(status.state, VaultState::Unusable);
    assert!(status.message.contains("not safe"), "{status:?}");
}

const CHILD: &str = "DOORKEY_TEST_FULL_DISK";

/// Not a test of its own: saves with a limit on the size of files, as on a disk that fills up.
#[tokio::test]
async fn child_saves_on_a_full_disk() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let home = Home { root: None, dir: dir.into(), key: [9; 32] };
    let vault = home.ready().await;
    let id = RecordId::random();
    vault.save(id, content(b"old")).await.expect("it is small");
    let refused = vault.save(id, content(&vec![1; 512 * 1024])).await.expect_err("over the limit");
    assert_eq!(refused.code(), "store.disk_full");
    assert_eq!(home.names(), [format!("{id}.1.sealed")], "the old one stays and nothing is left of the new one");
    assert_eq!(*vault.records().await.expect("it is ready")[0].content, b"old");
    assert_eq!(vault.save(id, content(b"new")).await.expect("it is small").number(), 3, "no number is used twice");
    assert_eq!(home.names(), [format!("{id}.3.sealed")]);
    fs::write(home.dir.join("done"), b"").expect("there is room");
}

#[test]
fn a_full_disk_loses_nothing() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().expect("tests know their program"))
        .args(["--exact", "vault::tests::child_saves_on_a_full_disk"])
        .env(CHILD, home.path().join("vault"))
        .stdout(Stdio::null())
        .status()
        .expect("there is a shell");
    assert!(child.success());
    assert!(home.path().join("vault/done").exists(), "the child ran its test");
}

struct Home {
    root: Option<tempfile::TempDir>,
    dir: PathBuf,
    key: [u8; 32],
}

impl Home {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        let dir = root.path().join("data/doorkey/vault");
        Self { root: Some(root), dir, key: key::random() }
    }

    fn dir(&self) -> &Path {
        assert!(self.root.as_ref().is_none_or(|root| self.dir.starts_with(root.path())));
        &self.dir
    }

    fn key(&self) -> Key {
        Key::from_bytes(self.key)
    }

    fn open(
        &self,
        source: KeySource,
        ask: impl Fn(&Path, Making) -> Result<Key, KeyProblem> + Send + Sync + 'static,
    ) -> Vault {
        // A test machine may be slow: who does answer has all the time there is.
        Vault::open_with(self.settings(source), Arc::new(ask), |_| Duration::from_secs(60))
    }

    /// With no patience for a keyring that is silent.
    fn open_impatiently(&self, keyring: Keyring) -> Vault {
        Vault::open_with(self.settings(KeySource::Keyring), Arc::new(keyring), |_| Duration::from_millis(50))
    }

    fn open_with_key(&self) -> Vault {
        let key = self.key();
        self.open(KeySource::Keyring, move |_, _| Ok(copy(&key)))
    }

    fn settings(&self, source: KeySource) -> Settings {
        Settings { dir: self.dir.clone(), source, patience: Patience::Background }
    }

    async fn ready(&self) -> Vault {
        let vault = self.open_with_key();
        assert_eq!(vault.settled().await, question::ready(VaultKind::Keyring));
        vault
    }

    fn names(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(&self.dir) else { return Vec::new() };
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("it can be listed").file_name().into_string().expect("ours")).collect();
        names.retain(|name| name != "done");
        names.sort();
        names
    }

    fn contains(&self, canary: &str) -> bool {
        self.names().iter().any(|name| {
            let bytes = fs::read(self.dir.join(name)).expect("it is ours");
            bytes.windows(canary.len()).any(|window| window == canary.as_bytes())
        })
    }
}

type Keyring = Box<dyn Fn(&Path, Making) -> Result<Key, KeyProblem> + Send + Sync>;

/// A keyring that answers when the test says so.
fn silent() -> (mpsc::Sender<Result<Key, KeyProblem>>, Keyring) {
    let (answer, answers) = mpsc::channel();
    let answers = Mutex::new(answers);
    (answer, Box::new(move |_, _| lock(&answers).recv().expect("the test answers before it ends")))
}

fn copy(key: &Key) -> Key {
    Key::from_bytes(*key.bytes())
}

fn content(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.to_vec())
}
