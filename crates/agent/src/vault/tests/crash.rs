//! Processes that are killed in the middle, and disks that fill up.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use super::*;

/// The vault's folder, for the two children below.
const CHILD: &str = "DOORKEY_TEST_VAULT_OF_CHILD";
const KEY: [u8; 32] = [9; 32];

/// Not a test of its own: saves one record again and again and tells of each save that was confirmed.
#[tokio::test]
async fn child_saves_until_it_is_killed() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let vault = Home { _root: None, dir: dir.into(), key: KEY }.ready().await;
    let found = vault.records().await.expect("it is ready");
    let id = found.first().map_or_else(RecordId::random, |record| record.id);
    let mut generation = found.first().map_or(0, |record| record.generation.number());
    loop {
        generation += 1;
        let told = vault.save(id, content(format!("tokens {generation}").as_bytes())).await.expect("there is room");
        assert_eq!(told.number(), generation);
        // Not with a macro: the test harness would keep it.
        if writeln!(std::io::stdout(), "\nsaved {generation}").is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn a_process_that_is_killed_loses_nothing_it_confirmed() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let home = Home { _root: None, dir: root.path().join("vault"), key: KEY };
    for round in 1..=20 {
        let mut child = this_program("child_saves_until_it_is_killed", &home).spawn().expect("it is this very program");
        let output = BufReader::new(child.stdout.take().expect("it was asked for"));
        let saved = |line: std::io::Result<String>| line.ok()?.strip_prefix("saved ")?.parse::<u32>().ok();
        // At another point of its life each time: it goes on writing until the signal arrives.
        let confirmed = output.lines().filter_map(saved).nth(round % 7).expect("it saves");
        child.kill().expect("it is ours");
        child.wait().expect("it was killed");

        let vault = home.ready().await;
        let records = vault.records().await.expect("it is ready");
        let [record] = records.as_slice() else { panic!("one record: {records:?}") };
        assert!(record.generation.number() >= confirmed, "{} of {confirmed}", record.generation);
        assert_eq!(*record.content, format!("tokens {}", record.generation).as_bytes());
        assert!(vault.problems().is_empty(), "{:?}", vault.problems());
        assert_eq!(home.names(), [format!("{}.{}.sealed", record.id, record.generation)]);
    }
}

/// Not a test of its own: saves with a limit on the size of files, as on a disk that fills up.
#[tokio::test]
async fn child_saves_on_a_full_disk() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let home = Home { _root: None, dir: dir.into(), key: KEY };
    let vault = home.ready().await;
    let id = RecordId::random();
    vault.save(id, content(b"old")).await.expect("it is small");
    let refused = vault.save(id, content(&vec![1; 512 * 1024])).await.expect_err("over the limit");
    assert_eq!(refused.code(), "store.disk_full");
    assert_eq!(home.names(), [format!("{id}.1.sealed")], "the old one stays and nothing is left of the new one");
    assert_eq!(*vault.records().await.expect("it is ready")[0].content, b"old");
    assert_eq!(vault.save(id, content(b"new")).await.expect("it is small").number(), 3, "no number is used twice");
    assert_eq!(home.names(), [format!("{id}.3.sealed")]);
    writeln!(std::io::stdout(), "\nshown").expect("the parent listens");
}

#[test]
fn a_full_disk_loses_nothing() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let home = Home { _root: None, dir: root.path().join("vault"), key: KEY };
    let child = this_program("child_saves_on_a_full_disk", &home).output().expect("it is this very program");
    assert!(child.status.success());
    assert!(String::from_utf8_lossy(&child.stdout).contains("\nshown\n"), "the child ran its test");
}

/// One test of this program in a process of its own, which cannot write files over 32 KiB.
fn this_program(test: &str, home: &Home) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().expect("tests know their program"))
        .args(["--exact", &format!("vault::tests::crash::{test}")])
        .env(CHILD, &home.dir)
        .stdout(Stdio::piped());
    shell
}
