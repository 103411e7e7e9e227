//! The vault against the real keyring: gnome-keyring on a session bus of its own, in a home of its own.
//!
//! Each story starts what it needs and asks the vault from a second process, which is this very program
//! with [`PROBE`] set: it takes one command per line and answers with one line.

mod desk;

use std::fs;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use doorkey_agent::vault::{Agreed, KeySource, Patience, Record, RecordId, Settings, StoreError, Vault};
use doorkey_client::words::{VaultKind, VaultState, VaultStatus};

use desk::{Bus, Desk};

const PROBE: &str = "DOORKEY_TEST_VAULT";
const CANARY: &str = "CANARY-refresh-token";
const ID: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn an_unlocked_keyring_keeps_the_key_and_a_second_process_opens_the_vault_with_it() {
    let Some(desk) = Desk::with(&["dbus-daemon", "dbus-send", "gnome-keyring-daemon", "secret-tool"]) else { return };
    let _bus = desk.bus(&Bus::Usual);
    desk.unlock_keyring();

    let mut first = desk.probe("vault");
    assert_eq!(first.ask("settled").state, "Ready");
    assert_eq!(first.ask(&format!("save {CANARY}")).words, "generation 1");
    assert_eq!(first.ask(&format!("save {CANARY}-rotated")).words, "generation 2");
    drop(first);
    let mut second = desk.probe("vault");
    assert_eq!(second.ask("settled").state, "Ready");
    assert_eq!(second.ask("load").words, format!("{ID} generation 2 {CANARY}-rotated"));
    assert!(!desk.disk_contains(CANARY), "nothing is written in the clear");

    // Another data folder has a key of its own, and its files cannot be opened with the first one's.
    let mut other = desk.probe("other-vault");
    assert_eq!(other.ask("settled").state, "Ready");
    let items = desk.keyring_items();
    assert_eq!(items.len(), 2, "{items:?}");
    for item in items {
        let mut names: Vec<_> = item.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["attribute.service", "attribute.username", "label"], "readable while locked");
        let value = |name| &item.iter().find(|(known, _)| known == name).expect("just seen").1;
        assert_eq!(value("label"), "Doorkey vault key");
        assert_eq!(value("attribute.service"), "dev.doorkey.Doorkey");
        let suffix = value("attribute.username").strip_prefix("vault-key-").expect("our kind of name");
        assert!(suffix.len() == 16 && suffix.bytes().all(|b| b.is_ascii_hexdigit()), "nothing personal: {suffix}");
    }
}

#[test]
fn another_program_of_the_session_can_read_the_key() {
    // Not a wish but how the Secret Service is (S-01): this stands here so that nobody claims otherwise.
    let Some(desk) = Desk::with(&["dbus-daemon", "dbus-send", "gnome-keyring-daemon", "secret-tool"]) else { return };
    let _bus = desk.bus(&Bus::Usual);
    desk.unlock_keyring();
    assert_eq!(desk.probe("vault").ask("settled").state, "Ready");
    let found = desk.run("secret-tool", &["lookup", "service", "dev.doorkey.Doorkey"]);
    assert_eq!(found.trim().len(), 44, "base64 of 32 bytes");
}

#[test]
fn without_a_session_bus_there_is_no_service_until_one_appears() {
    let Some(desk) = Desk::with(&["dbus-daemon", "dbus-send", "gnome-keyring-daemon"]) else { return };
    let mut probe = desk.probe("vault");
    let answer = probe.ask("settled");
    assert_eq!(answer.state, "NoService");
    assert!(answer.took < Duration::from_secs(3), "{:?}", answer.took);
    assert_eq!(probe.ask(&format!("save {CANARY}")).words, "refused store.no_service");
    assert_eq!(probe.ask("memory").state, "Ready");
    assert_eq!(probe.ask(&format!("save {CANARY}")).words, "generation 1");
    assert!(!desk.disk_contains(CANARY), "memory only");

    let _bus = desk.bus(&Bus::Usual);
    desk.unlock_keyring();
    assert_eq!(probe.ask("keyring").state, "Ready", "the keyring that started later is found");
    assert_eq!(probe.ask("load").words, format!("{ID} generation 1 {CANARY}"));
    drop(probe);
    let mut again = desk.probe("vault");
    assert_eq!(again.ask("settled").state, "Ready");
    assert_eq!(again.ask("load").words, format!("{ID} generation 1 {CANARY}"), "what memory held was saved");
    assert!(!desk.disk_contains(CANARY));
}

#[test]
fn a_bus_without_a_keyring_is_no_service_until_one_is_started() {
    let Some(desk) = Desk::with(&["dbus-daemon", "dbus-send", "gnome-keyring-daemon"]) else { return };
    let _bus = desk.bus(&Bus::WithoutServices);
    let mut probe = desk.probe("vault");
    let answer = probe.ask("settled");
    assert_eq!(answer.state, "NoService");
    assert!(answer.took < Duration::from_secs(3), "{:?}", answer.took);
    desk.unlock_keyring();
    assert_eq!(probe.ask("retry").state, "Ready");
}

#[test]
fn a_locked_keyring_is_a_state_and_after_unlocking_all_is_there() {
    let Some(desk) = Desk::with(&["dbus-daemon", "dbus-send", "gnome-keyring-daemon"]) else { return };
    save_a_record(&desk);

    let bus = desk.bus(&Bus::Usual);
    let mut probe = desk.probe("vault");
    let answer = probe.ask("settled");
    assert_eq!(answer.state, "Locked");
    assert!(answer.took < Duration::from_secs(3), "{:?}", answer.took);
    assert_eq!(probe.ask(&format!("save {CANARY}-2")).words, "refused store.locked");
    assert_eq!(probe.ask("load").words, "refused store.locked");
    assert_eq!(probe.ask("retry").state, "Locked");
    assert!(!desk.disk_contains(CANARY), "nothing is written in the clear");

    // As after a new log-in: the same address, another bus and an unlocked keyring behind it.
    drop(bus);
    let _bus = desk.bus(&Bus::Usual);
    desk.unlock_keyring();
    assert_eq!(probe.ask("retry").state, "Ready");
    assert_eq!(probe.ask("load").words, format!("{ID} generation 1 {CANARY}"));
    assert_eq!(probe.ask(&format!("save {CANARY}-2")).words, "generation 2");
    assert!(!desk.disk_contains(CANARY));
}

#[test]
fn a_keyring_that_was_never_set_up_is_a_state_too() {
    let Some(desk) = Desk::with(&["dbus-daemon", "dbus-send", "gnome-keyring-daemon"]) else { return };
    let _bus = desk.bus(&Bus::Usual);
    let answer = desk.probe("vault").ask("settled");
    assert_eq!(answer.state, "Locked");
    assert!(answer.took < Duration::from_secs(3), "{:?}", answer.took);
}

#[test]
fn a_lost_key_is_told_and_starting_over_keeps_the_files() {
    let Some(desk) = Desk::with(&["dbus-daemon", "dbus-send", "gnome-keyring-daemon", "secret-tool"]) else { return };
    save_a_record(&desk);
    let _bus = desk.bus(&Bus::Usual);
    desk.unlock_keyring();
    desk.run("secret-tool", &["clear", "service", "dev.doorkey.Doorkey"]);

    let mut probe = desk.probe("vault");
    assert_eq!(probe.ask("settled").state, "KeyMissing");
    assert_eq!(probe.ask(&format!("save {CANARY}")).words, "refused store.key_missing");
    assert!(desk.keyring_items().is_empty(), "no new key was made beside sealed files");
    assert_eq!(probe.ask("start-over").state, "Ready");
    assert_eq!(probe.ask("load").words, "nothing");
    let kept = fs::read_dir(desk.path("vault")).expect("it is there").flatten();
    assert_eq!(kept.filter(|file| file.file_name().to_string_lossy().contains(".sealed.bad-")).count(), 1);
}

#[test]
fn a_prompt_that_nobody_answers_hangs_nothing_and_its_answer_opens_the_vault() {
    let needed = ["dbus-daemon", "dbus-send", "gnome-keyring-daemon", "Xvfb", "xdotool", "/usr/libexec/gcr-prompter"];
    let Some(mut desk) = Desk::with(&needed) else { return };
    save_a_record(&desk);
    let _screen = desk.screen();
    let _bus = desk.bus(&Bus::Usual);

    let mut probe = desk.probe("vault");
    let answer = probe.ask("settled");
    assert_eq!(answer.state, "Locked");
    assert!(answer.took >= Duration::from_secs(3), "the prompt holds the question: {:?}", answer.took);
    assert!(answer.took < Duration::from_millis(4500), "{:?}", answer.took);
    assert_eq!(probe.ask(&format!("save {CANARY}-2")).words, "refused store.locked", "and it still answers");
    let again = probe.ask("retry");
    assert!(again.state == "Locked" && again.took < Duration::from_secs(1), "the open prompt is joined: {again:?}");

    desk.answer_the_prompt();
    assert_eq!(probe.ask("until-ready").state, "Ready", "by itself");
    assert_eq!(probe.ask("load").words, format!("{ID} generation 1 {CANARY}"));
    assert!(!desk.disk_contains(CANARY));
}

#[test]
fn a_key_that_is_forgotten_late_is_never_the_one_of_a_vault_that_came_back() {
    let needed = ["dbus-daemon", "dbus-send", "gnome-keyring-daemon", "secret-tool", "Xvfb", "xdotool"];
    let Some(mut desk) = Desk::with(&[&needed[..], &["/usr/libexec/gcr-prompter"]].concat()) else { return };
    let _screen = desk.screen();
    let _bus = desk.bus(&Bus::Usual);
    desk.unlock_keyring();
    let mut probe = desk.probe("vault");
    assert_eq!(probe.ask("settled").state, "Ready");
    assert_eq!(probe.ask(&format!("save {CANARY}")).words, "generation 1");

    desk.run("secret-tool", &["lock", "--collection=login"]);
    assert_eq!(probe.ask("begin-to-move memory").state, "Ready");
    desk.await_the_prompt();
    assert_eq!(probe.ask("load").words, format!("{ID} generation 1 {CANARY}"), "nobody waits for the prompt");
    assert_eq!(probe.ask("begin-to-move keyring").state, "Ready");
    desk.answer_the_prompt();
    assert_eq!(probe.ask("until-moved keyring").words, "");
    assert_eq!(desk.keyring_items().len(), 1, "the old key is gone, the new one is there");
    drop(probe);
    let mut again = desk.probe("vault");
    assert_eq!(again.ask("settled").state, "Ready");
    assert_eq!(again.ask("load").words, format!("{ID} generation 1 {CANARY}"));
}

/// Not a story: the process the stories ask.
#[tokio::test(flavor = "multi_thread")]
async fn probe() {
    let Some(dir) = std::env::var_os(PROBE) else { return };
    let opened = Instant::now();
    let vault = Vault::open(Settings {
        dir: dir.into(),
        mark: None,
        source: KeySource::Keyring,
        patience: Patience::Background,
        passphrase: None,
    });
    for line in io::stdin().lines() {
        let line = line.expect("the story writes text");
        let (command, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let asked = if command == "settled" { opened } else { Instant::now() };
        let id: RecordId = ID.parse().expect("it is one");
        let words = match command {
            "settled" => String::new(),
            "retry" => {
                vault.retry(Patience::Background);
                String::new()
            }
            "memory" | "keyring" => {
                vault.choose(kind(command), Patience::Background).expect("both are offered");
                String::new()
            }
            "begin-to-move" => {
                let (vault, to) = (vault.clone(), kind(rest));
                let kind = |status: &VaultStatus| status.kind == to;
                let mut changed = vault.changed();
                tokio::spawn(async move { vault.move_to(to, None, None, Agreed::ToDelete).await });
                if to == VaultKind::Memory {
                    changed.wait_for(kind).await.expect("the vault is there");
                }
                String::new()
            }
            "until-moved" => {
                while vault.move_to(kind(rest), None, None, Agreed::ToDelete).await.is_err() {}
                String::new()
            }
            "until-ready" => {
                let mut changed = vault.changed();
                changed.wait_for(|status| status.state == VaultState::Ready).await.expect("the vault is there");
                String::new()
            }
            "start-over" => told(vault.start_over().await, |()| String::new()),
            "save" => {
                let saved = vault.save(id, rest.as_bytes().to_vec().into()).await;
                told(saved, |generation| format!("generation {generation}"))
            }
            "load" => told(vault.records().await, |records| {
                let shown = records.iter().map(shown).collect::<Vec<_>>().join(", ");
                if shown.is_empty() { "nothing".to_owned() } else { shown }
            }),
            unknown => panic!("no such command: {unknown}"),
        };
        let state = vault.settled().await.state;
        let took = asked.elapsed().as_millis();
        // Not with a macro: the test harness would keep it.
        writeln!(io::stdout(), "\nprobe {state:?} {took} {words}").expect("the story listens");
    }
}

fn kind(word: &str) -> VaultKind {
    if word == "memory" { VaultKind::Memory } else { VaultKind::Keyring }
}

fn told<T>(result: Result<T, StoreError>, show: impl FnOnce(T) -> String) -> String {
    match result {
        Ok(value) => show(value),
        Err(error) => format!("refused {}", error.code()),
    }
}

fn shown(record: &Record) -> String {
    format!("{} generation {} {}", record.id, record.generation, String::from_utf8_lossy(&record.content))
}

/// A record saved with an unlocked keyring, in a session that is over.
fn save_a_record(desk: &Desk) {
    let _bus = desk.bus(&Bus::Usual);
    desk.unlock_keyring();
    let mut probe = desk.probe("vault");
    assert_eq!(probe.ask("settled").state, "Ready");
    assert_eq!(probe.ask(&format!("save {CANARY}")).words, "generation 1");
}
