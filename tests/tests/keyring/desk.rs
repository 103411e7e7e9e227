//! What a story stands on: a home, a bus, a keyring, a screen, and the process that is asked.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::PROBE;

const PASSWORD: &str = "correct horse";
const OWNED: &str = "org.freedesktop.DBus.NameHasOwner";
const KEYRING: &str = "string:org.freedesktop.secrets";
/// Longer than anything here may take; nothing waits for it unless it fails.
const HUNG: Duration = Duration::from_secs(30);

/// A home, data folder and runtime folder that nothing else uses.
pub(crate) struct Desk {
    root: tempfile::TempDir,
    display: Option<String>,
}

pub(crate) enum Bus {
    /// Starts gnome-keyring when somebody asks for a keyring, as desktops do.
    Usual,
    /// Starts nothing.
    WithoutServices,
}

impl Desk {
    /// Nothing, with a word on why, where a program is missing; where nothing may be skipped, a failure.
    pub(crate) fn with(programs: &[&str]) -> Option<Self> {
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

    pub(crate) fn path(&self, name: &str) -> PathBuf {
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
    pub(crate) fn bus(&self, kind: &Bus) -> Ended {
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
    pub(crate) fn unlock_keyring(&self) {
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

    pub(crate) fn screen(&mut self) -> Ended {
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

    /// The window in which the keyring asks for its password.
    pub(crate) fn await_the_prompt(&self) -> String {
        let search = ["search", "--sync", "--onlyvisible", "--limit", "1", "--class", "gcr-prompter"];
        self.run("xdotool", &search).trim().to_owned()
    }

    pub(crate) fn answer_the_prompt(&self) {
        let window = self.await_the_prompt();
        self.run("xdotool", &["windowfocus", "--sync", &window]);
        self.run("xdotool", &["type", PASSWORD]);
        self.run("xdotool", &["key", "Return"]);
    }

    pub(crate) fn probe(&self, vault: &str) -> Probe {
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

    pub(crate) fn run(&self, program: &str, args: &[&str]) -> String {
        let output = self.command(program).args(args).output().expect("it is installed");
        String::from_utf8(output.stdout).expect("it writes text")
    }

    /// What anybody can see of our items: name and value, without the secrets.
    pub(crate) fn keyring_items(&self) -> Vec<Vec<(String, String)>> {
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

    pub(crate) fn disk_contains(&self, canary: &str) -> bool {
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

pub(crate) struct Probe {
    commands: ChildStdin,
    answers: mpsc::Receiver<String>,
    _process: Ended,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) state: String,
    pub(crate) took: Duration,
    pub(crate) words: String,
}

impl Probe {
    pub(crate) fn ask(&mut self, command: &str) -> Answer {
        writeln!(self.commands, "{command}").expect("the probe runs");
        let answer = self.answers.recv_timeout(HUNG).unwrap_or_else(|_| panic!("no answer to {command}"));
        let mut parts = answer.splitn(3, ' ');
        let mut part = || parts.next().expect("three parts").to_owned();
        let (state, took, words) = (part(), part(), part());
        Answer { state, took: Duration::from_millis(took.parse().expect("a number")), words }
    }
}

/// A process of ours that ends with its owner.
pub(crate) struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
