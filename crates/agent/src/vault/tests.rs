//! The vault as a whole, with a keyring that answers as each test wants.

mod answers;
mod choices;
mod crash;
mod kept;
mod passphrases;
mod prompts;
mod rollback;

use std::fs;
use std::path::Path;

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
    assert!(!home.dir.exists());
}

#[tokio::test]
async fn a_damaged_record_is_told_and_the_others_open() {
    let home = Home::new();
    let vault = home.ready().await;
    let (bad, good) = (RecordId::random(), RecordId::random());
    vault.save(bad, content(b"x")).await.expect("there is room");
    vault.save(good, content(b"y")).await.expect("there is room");
    drop(vault);
    fs::write(home.dir.join(format!("{bad}.1.sealed")), b"DKV1").expect("there is room");
    let vault = home.ready().await;
    let records = vault.records().await.expect("it is ready");
    assert_eq!(records.iter().map(|record| record.id).collect::<Vec<_>>(), [good]);
    let problems = vault.problems();
    assert_eq!((problems.len(), problems[0].id, problems[0].refusal().code.as_str()), (1, bad, "store.damaged"));
    assert!(problems[0].moved_to.as_ref().is_some_and(|path| path.exists()));

    // Signing in again may use the same record, above every generation that was ever there.
    assert_eq!(vault.save(bad, content(b"z")).await.expect("there is room").number(), 2);
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
    fs::write(home.dir.join(format!("{id}.1.sealed.bad-1")), b"old").expect("there is room");
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
    fs::create_dir_all(home.dir.parent().expect("it has one")).expect("there is room");
    std::os::unix::fs::symlink(elsewhere.path(), &home.dir).expect("links work here");
    let status = home.open_with_key().settled().await;
    assert_eq!(status.state, VaultState::Unusable);
    assert!(status.message.contains("not safe"), "{status:?}");
}

/// A test machine may be slow: who does answer has all the time there is.
const A_MINUTE: fn(Patience) -> Duration = |_| Duration::from_secs(60);
/// For a keyring that is silent.
const NO_TIME: fn(Patience) -> Duration = |_| Duration::from_millis(50);

struct Home {
    _root: Option<tempfile::TempDir>,
    dir: PathBuf,
    key: [u8; 32],
}

impl Home {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        let dir = root.path().join("data/doorkey/vault");
        Self { _root: Some(root), dir, key: key::random() }
    }

    fn key(&self) -> Key {
        Key::from_bytes(self.key)
    }

    fn open(
        &self,
        source: KeySource,
        ask: impl Fn(&Path, Making) -> Result<Key, KeyProblem> + Send + Sync + 'static,
    ) -> Vault {
        Vault::open_with(self.settings(source), Arc::new(ask), Arc::new(|_| Ok(())), A_MINUTE)
    }

    /// With no patience for a keyring that is silent.
    fn open_impatiently(&self, keyring: Keyring) -> Vault {
        let forget = Arc::new(|_: &Path| Ok(()));
        Vault::open_with(self.settings(KeySource::Keyring), Arc::new(keyring), forget, NO_TIME)
    }

    fn open_with_key(&self) -> Vault {
        let key = self.key();
        self.open(KeySource::Keyring, move |_, _| Ok(copy(&key)))
    }

    /// As it was chosen before, with a keyring that is not there.
    fn open_remembered(&self, passphrase: Option<&str>) -> Vault {
        let passphrase = passphrase.map(secret);
        let settings = Settings { passphrase, ..self.settings(KeySource::Remembered) };
        let ask: Ask = Arc::new(|_, _| Err(KeyProblem::NoService));
        Vault::open_with(settings, ask, Arc::new(|_| Ok(())), A_MINUTE)
    }

    fn settings(&self, source: KeySource) -> Settings {
        let mark = Some(self.dir.with_extension("mark"));
        Settings { dir: self.dir.clone(), mark, source, patience: Patience::Background, passphrase: None }
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
        names.retain(|name| !name.starts_with("vault."));
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

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn copy(key: &Key) -> Key {
    Key::from_bytes(*key.bytes())
}

fn content(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.to_vec())
}
