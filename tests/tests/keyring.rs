//! The vault against the real keyring: gnome-keyring on a session bus of its own, in a home of its own.
//!
//! Each story starts what it needs and asks the vault from a second process, which is this very program
//! with [`PROBE`] set: it takes one command per line and answers with one line.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use doorkey_agent::vault::{KeySource, Patience, Record, RecordId, Settings, StoreError, Vault};
use doorkey_client::words::VaultState;

const PROBE: &str = "DOORKEY_TEST_VAULT";
const PASSWORD: &str = "correct horse";
const CANARY: &str = "CANARY-refresh-token";
const ID: &str = "0123456789abcdef0123456789abcdef";
const OWNED: &str = "org.freedesktop.DBus.NameHasOwner";
const KEYRING: &str = "string:org.freedesktop.secrets";
/// Longer than anything here may take; nothing waits for it unless it fails.
const HUNG: Duration = Duration::from_secs(30);

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
    desk.with_a_saved_record();

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
    desk.with_a_saved_record();
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
    desk.with_a_saved_record();
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

    let window = desk.run("xdotool", &["search", "--sync", "--onlyvisible", "--limit", "1", "--class", "gcr-prompter"]);
    desk.run("xdotool", &["windowfocus", "--sync", window.trim()]);
    desk.run("xdotool", &["type", PASSWORD]);
    desk.run("xdotool", &["key", "Return"]);
    assert_eq!(probe.ask("until-ready").state, "Ready", "by itself");
    assert_eq!(probe.ask("load").words, format!("{ID} generation 1 {CANARY}"));
    assert!(!desk.disk_contains(CANARY));
}

/// Not a story: the process the stories ask.
#[tokio::test]
async fn probe() {
    let Some(dir) = std::env::var_os(PROBE) else { return };
    let opened = Instant::now();
    let vault = Vault::open(Settings { dir: dir.into(), source: KeySource::Keyring, patience: Patience::Background });
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
                use doorkey_client::words::VaultKind::{Keyring, Memory};
                let kind = if command == "memory" { Memory } else { Keyring };
                vault.choose(kind, Patience::Background).expect("both are offered");
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

fn told<T>(result: Result<T, StoreError>, show: impl FnOnce(T) -> String) -> String {
    match result {
        Ok(value) => show(value),
        Err(error) => format!("refused {}", error.code()),
    }
}

fn shown(record: &Record) -> String {
    format!("{} generation {} {}", record.id, record.generation, String::from_utf8_lossy(&record.content))
}

/// A home, data folder and runtime folder that nothing else uses.
struct Desk {
    root: tempfile::TempDir,
    display: Option<String>,
}

enum Bus {
    /// Starts gnome-keyring when somebody asks for a keyring, as desktops do.
    Usual,
    /// Starts nothing.
    WithoutServices,
}

impl Desk {
    /// Nothing, with a word on why, where a program is missing; where nothing may be skipped, a failure.
    fn with(programs: &[&str]) -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let there = |program: &&&str| std::env::split_paths(&path).any(|dir| dir.join(program).is_file());
        let missing: Vec<_> = programs.iter().filter(|program| !there(program)).collect();
        if !missing.is_empty() {
            assert!(std::env::var_os("CI").is_none(), "missing here, where nothing is skipped: {missing:?}");
            writeln!(io::stderr(), "skipped: not installed: {missing:?}").expect("there is an error output");
            return None;
        }
        let root = tempfile::tempdir().expect("a temporary folder");
        for dir in ["home", "run"] {
            fs::DirBuilder::new().mode(0o700).create(root.path().join(dir)).expect("there is room");
        }
        Some(Self { root, display: None })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path("home"))
            .env("XDG_DATA_HOME", self.path("home/data"))
            .env("XDG_CONFIG_HOME", self.path("home/config"))
            .env("XDG_CACHE_HOME", self.path("home/cache"))
            .env("XDG_RUNTIME_DIR", self.path("run"))
            .env("GSETTINGS_BACKEND", "memory")
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        if let Some(display) = &self.display {
            command.env("DISPLAY", display);
        }
        command
    }

    /// The session bus, where every program looks for it; it ends with the returned value.
    fn bus(&self, kind: &Bus) -> Ended {
        let socket = self.path("run/bus");
        let mut daemon = self.command("dbus-daemon");
        daemon
            .args(["--nofork", "--nopidfile", "--print-address"])
            .arg(format!("--address=unix:path={}", socket.display()));
        match kind {
            Bus::Usual => daemon.arg("--session"),
            Bus::WithoutServices => {
                let config = self.path("bus.conf");
                let words = "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>\
                             <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>\
                             <allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>";
                fs::write(&config, words).expect("there is room");
                daemon.arg(format!("--config-file={}", config.display()))
            }
        };
        let mut bus = daemon.stdout(Stdio::piped()).spawn().expect("it is installed");
        let mut address = String::new();
        let printed = BufReader::new(bus.stdout.take().expect("it was asked for")).read_line(&mut address);
        let bus = Ended(bus);
        assert!(printed.is_ok_and(|len| len > 0), "the bus printed no address");
        bus
    }

    /// Makes the default keyring on its first use, as logging in with a password does.
    fn unlock_keyring(&self) {
        let mut daemon = self
            .command("gnome-keyring-daemon")
            .args(["--unlock", "--components=secrets"])
            .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", self.path("run/bus").display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("it is installed");
        let mut password = daemon.stdin.take().expect("it was asked for");
        password.write_all(PASSWORD.as_bytes()).expect("it reads it");
        drop(password);
        // It goes into the background, and ends with its bus.
        assert!(daemon.wait().expect("it ends").success());
        let owned = ["--session", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/", OWNED, KEYRING];
        let begun = Instant::now();
        while self.run("dbus-send", &owned).trim() != "boolean true" {
            assert!(begun.elapsed() < HUNG, "the keyring does not serve");
        }
    }

    /// A record saved with an unlocked keyring, by a session that is over.
    fn with_a_saved_record(&self) {
        let _bus = self.bus(&Bus::Usual);
        self.unlock_keyring();
        let mut probe = self.probe("vault");
        assert_eq!(probe.ask("settled").state, "Ready");
        assert_eq!(probe.ask(&format!("save {CANARY}")).words, "generation 1");
    }

    fn screen(&mut self) -> Ended {
        let mut server = self
            .command("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("it is installed");
        let mut number = String::new();
        let told = BufReader::new(server.stdout.take().expect("it was asked for")).read_line(&mut number);
        let server = Ended(server);
        assert!(told.is_ok_and(|len| len > 0), "the screen told no number");
        self.display = Some(format!(":{}", number.trim()));
        server
    }

    fn probe(&self, vault: &str) -> Probe {
        let this = std::env::current_exe().expect("tests know their program");
        let mut process = self
            .command(this)
            .args(["--exact", "probe"])
            .env(PROBE, self.path(vault))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it is this very program");
        let commands = process.stdin.take().expect("it was asked for");
        let output = BufReader::new(process.stdout.take().expect("it was asked for"));
        let (tell, answers) = mpsc::channel();
        std::thread::spawn(move || {
            let lines = output.lines().map_while(Result::ok);
            let answers = lines.filter_map(|line| line.strip_prefix("probe ").map(str::to_owned));
            for answer in answers {
                if tell.send(answer).is_err() {
                    break;
                }
            }
        });
        Probe { commands, answers, _process: Ended(process) }
    }

    fn run(&self, program: &str, args: &[&str]) -> String {
        let output = self.command(program).args(args).output().expect("it is installed");
        String::from_utf8(output.stdout).expect("it writes text")
    }

    /// What anybody can see of our items: name and value, without the secrets.
    fn keyring_items(&self) -> Vec<Vec<(String, String)>> {
        let search = ["search", "--all", "service", "dev.doorkey.Doorkey"];
        // It writes attributes to its error output.
        let output = self.command("secret-tool").args(search).stderr(Stdio::piped()).output().expect("it is installed");
        let seen = [output.stdout, output.stderr].concat();
        let seen = String::from_utf8(seen).expect("it writes text");
        let of = |name: &str| -> Vec<String> {
            let values = seen.lines().filter_map(|line| line.split_once(" = ").filter(|(known, _)| *known == name));
            values.map(|(_, value)| value.to_owned()).collect()
        };
        let mut names: Vec<_> = seen.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name).collect();
        names.retain(|name| *name == "label" || name.starts_with("attribute."));
        names.sort_unstable();
        names.dedup();
        let count = of("label").len();
        (0..count)
            .map(|item| {
                names.iter().map(|name| ((*name).to_owned(), of(name).get(item).cloned().unwrap_or_default())).collect()
            })
            .collect()
    }

    fn disk_contains(&self, canary: &str) -> bool {
        contains(self.root.path(), canary.as_bytes())
    }
}

fn contains(dir: &Path, canary: &[u8]) -> bool {
    fs::read_dir(dir).expect("it can be listed").flatten().any(|entry| {
        let kind = entry.file_type().expect("it has one");
        if kind.is_dir() {
            contains(&entry.path(), canary)
        } else {
            kind.is_file()
                && fs::read(entry.path()).is_ok_and(|bytes| bytes.windows(canary.len()).any(|part| part == canary))
        }
    })
}

struct Probe {
    commands: ChildStdin,
    answers: mpsc::Receiver<String>,
    _process: Ended,
}

#[derive(Debug)]
struct Answer {
    state: String,
    took: Duration,
    words: String,
}

impl Probe {
    fn ask(&mut self, command: &str) -> Answer {
        writeln!(self.commands, "{command}").expect("the probe runs");
        let answer = self.answers.recv_timeout(HUNG).unwrap_or_else(|_| panic!("no answer to {command}"));
        let mut parts = answer.splitn(3, ' ');
        let mut part = || parts.next().expect("three parts").to_owned();
        let (state, took, words) = (part(), part(), part());
        Answer { state, took: Duration::from_millis(took.parse().expect("a number")), words }
    }
}

/// A process of ours that ends with its owner.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
