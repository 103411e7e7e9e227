//! `doorkey test watch`: what is changed is run again, and whoever looks on is told.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use doorkey_demo_idp::{Endpoint, Settings};
use doorkey_tests::terminal::{CTRL_C, Terminal};
use doorkey_tests::{Household, PATIENCE, program, skipped};
use rustix::process::Signal;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};

use crate::support::{scenario, write};

/// A run that passes.
const GOOD: &str = "[[scenario]]\nname = \"ada\"\n";
/// One that fails.
const BAD: &str = "[[scenario]]\nname = \"ada\"\nexpect = { alg = \"ES256\" }\n";

/// It, as a program that has started it sees it.
struct Watching {
    child: Child,
    orders: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
    told: Vec<Value>,
}

impl Watching {
    fn start(home: &Household, arguments: &[&str]) -> Self {
        let mut command = home.command(&[&["test", "watch", "--json"], arguments].concat());
        command.stdin(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        Self { orders: child.stdin.take(), child, lines, told: Vec::new() }
    }

    /// The next line of this type, whatever comes before it.
    async fn until(&mut self, kind: &str) -> Value {
        let from = self.told.len();
        loop {
            let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
            let line = line.unwrap_or_else(|_| panic!("no {kind} in {:#?}", &self.told[from..])).expect("it speaks");
            let line = line.unwrap_or_else(|| panic!("it ended without {kind}: {:#?}", &self.told[from..]));
            let line: Value = serde_json::from_str(&line).expect("each line is JSON");
            self.told.push(line.clone());
            if line["type"] == kind {
                return line;
            }
        }
    }

    async fn order(&mut self, order: &str) {
        let orders = self.orders.as_mut().expect("it listens");
        orders.write_all(format!("{order}\n").as_bytes()).await.expect("it listens");
    }

    async fn ended(&mut self) -> Option<i32> {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended.expect("it ends").expect("it can be waited for").code()
    }

    fn types(&self) -> Vec<&str> {
        self.told.iter().filter_map(|line| line["type"].as_str()).collect()
    }
}

/// The same file with other runs.
fn save(home: &Household, rest: &str) {
    // As editors do: written beside it, and moved into its place.
    let beside = scenario(home, rest);
    fs::rename(&beside, home.folder().join("watched.toml")).expect("moved");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// Whoever is asked to trust a file sees every program of it, and where its secrets come from.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_run_needs_is_told_before_anything_is_run() {
    let home = Household::in_memory(Settings::default()).await;
    let file = home.folder().join("trusted.toml");
    let text_of_it = "version = 1\nclient_secret = \"key\"\n[profile]\nissuer = \"https://op.example\"\nclient_id = \"app\"\n\
        [variables]\nissuer = { env = \"ACME_ISSUER\", default = \"https://op.example\" }\n[secrets]\nkey = { keyring = \"acme\", account = \"grace\" }\nother = { env = \"OTHER\" }\n\
        [login]\nby = \"command\"\ncommand = [\"sh\", \"login.sh\"]\n[[scenario]]\nname = \"grace\"\n\
        [[scenario.then]]\ndo = \"sign_out\"\nhow = \"everywhere\"\ncommand = [\"sh\", \"leave.sh\"]\n";
    fs::write(&file, text_of_it).expect("written");
    let mut watching = Watching::start(&home, &["--hold", text(&file)]);
    watching.until("waiting").await;
    assert_eq!(watching.told[0]["environment"], serde_json::json!(["ACME_ISSUER"]), "its value may go anywhere");
    let run = &watching.told[0]["runs"][0];
    assert_eq!(run["commands"], serde_json::json!(["sh login.sh", "sh leave.sh"]), "{run}");
    // A command may read and repeat any of them.
    let secrets = serde_json::json!([{ "keyring": "acme", "account": "grace" }, { "env": "OTHER" }]);
    assert_eq!(run["secrets"], secrets, "{run}");
    watching.order("quit").await;
    assert_eq!(watching.ended().await, Some(0));

    let output = home
        .command(&["test", "watch", "--json", "--hold", "--only", "bob", text(&file)])
        .stdin(Stdio::null())
        .output()
        .await;
    let output = output.expect("it ends with its orders");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("begins with bob"), "{said}");

    // What is too long to be looked at is not run, and a pipe is not waited for.
    let long = text_of_it
        .replace("login.sh", &"x".repeat(200_000))
        .replace("[[scenario]]\n", "[matrix]\nn = [1, 2, 3]\n[[scenario]]\n");
    fs::write(&file, long).expect("written");
    let pipe = home.folder().join("pipe.toml");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo is there");
    assert!(made.success());
    let mut watching = Watching::start(&home, &["--hold", text(&file), text(&pipe)]);
    assert_eq!(watching.until("waiting").await["mistakes"], 2);
    let why: Vec<&str> = watching.told.iter().filter_map(|line| line["mistake"]["message"].as_str()).collect();
    assert!(why.iter().any(|why| why.contains("512 KiB")) && why.iter().any(|why| why.contains("regular")), "{why:?}");
    watching.order("quit").await;
    assert_eq!(watching.ended().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_save_runs_the_file_again_and_says_what_each_run_does_and_why_it_failed() {
    let home = Household::in_memory(Settings::default()).await;
    save(&home, GOOD);
    let file = home.folder().join("watched.toml");
    let mut watching = Watching::start(&home, &[text(&file)]);
    let waiting = watching.until("waiting").await;
    assert_eq!((&waiting["passed"], &waiting["held"]), (&1.into(), &false.into()), "{waiting}");
    let types = watching.types();
    assert_eq!((types[0], types[1], types.last()), ("file", "started", Some(&"waiting")), "{types:?}");
    let told = &watching.told[0];
    assert_eq!((&told["version"], &told["file"]), (&1.into(), &text(&file).into()));
    let run = &told["runs"][0];
    assert_eq!((&run["name"], &run["by"]), (&"ada".into(), &"command".into()), "{run}");
    assert!(run["commands"][0].as_str().is_some_and(|command| command.ends_with("robot")), "{run}");
    assert_eq!(run["issuer"], home.provider.issuer(), "{run}");
    let progress: Vec<&str> =
        watching.told.iter().filter(|it| it["type"] == "step").filter_map(|it| it["progress"].as_str()).collect();
    assert!(progress.contains(&"waiting") && progress.contains(&"exchanging"), "{progress:?}");

    save(&home, BAD);
    let ended = watching.until("ended").await;
    assert_eq!((&ended["name"], &ended["outcome"], &ended["tries"]), (&"ada".into(), &"failed".into(), &1.into()));
    let missed = ended["steps"][0]["expectations"].as_array().expect("a list").iter().find(|it| it["held"] == false);
    let missed = missed.expect("one did not hold");
    assert_eq!((&missed["expected"], &missed["got"]), (&"ES256".into(), &"RS256".into()), "{missed}");
    let events = ended["events"].as_array().expect("what happened");
    assert!(events.iter().any(|event| event["kind"] == "authorization_requested"), "{events:?}");
    assert_eq!(watching.until("waiting").await["failed"], 1);

    watching.order("run").await;
    assert_eq!(watching.until("ended").await["outcome"], "failed");
    assert_eq!(home.provider.log().count(Endpoint::Token), 3);
    // Whoever has started it is gone.
    drop(watching.orders.take());
    assert_eq!(watching.ended().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mistake_is_told_with_its_place_and_mended_and_a_folder_may_change() {
    let home = Household::in_memory(Settings::default()).await;
    let folder = home.folder().join("all");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("other.toml"), "[package]\nname = \"another\"\n").expect("there is room");
    let mut watching = Watching::start(&home, &[text(&folder)]);
    let waiting = watching.until("waiting").await;
    assert_eq!((waiting["passed"].as_u64(), waiting["mistakes"].as_u64()), (Some(0), Some(0)), "{waiting}");
    assert_eq!(watching.types(), ["waiting"], "a file about something else is none of them");

    let text = fs::read_to_string(scenario(&home, GOOD)).expect("text");
    let file = folder.join("ada.toml");
    fs::write(&file, text.replace("[[scenario]]", "[[scenario]]\nexpects = {}")).expect("there is room");
    let told = watching.until("file").await;
    let mistake = &told["mistake"];
    assert_eq!((mistake["line"].as_u64(), mistake["column"].as_u64()), (Some(9), Some(1)), "{told}");
    assert!(mistake["message"].as_str().is_some_and(|text| text.contains("unknown field `expects`")), "{told}");
    assert_eq!(watching.until("waiting").await["mistakes"], 1);

    // A secret that is not there yet, and then is.
    let leaning = format!(
        "client_secret = \"client\"\n{}",
        text.replace("[profile]", "[secrets]\nclient = { file = \"c.txt\" }\n[profile]")
    );
    fs::write(&file, leaning).expect("there is room");
    assert_eq!(watching.until("refused").await["mistake"]["code"], "test.no_secret");
    fs::write(folder.join("c.txt"), "CANARY-of-the-client\n").expect("there is room");
    let ended = watching.until("ended").await;
    assert_eq!(ended["name"], "ada");
    watching.until("waiting").await;

    fs::write(&file, &text).expect("there is room");
    assert_eq!(watching.until("ended").await["outcome"], "passed");
    assert_eq!(watching.until("waiting").await["mistakes"], 0);
    fs::remove_file(&file).expect("it is gone");
    watching.until("gone").await;
    assert_eq!(watching.until("waiting").await["passed"], 0);
    watching.order("quit").await;
    assert_eq!(watching.ended().await, Some(0));
    assert!(!Value::from(watching.told).to_string().contains("CANARY"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_on_is_stopped_before_the_changed_file_is_run() {
    let home = Household::in_memory(Settings::default()).await;
    let issuer = home.provider.issuer();
    let file = home.folder().join("watched.toml");
    // It says its number and waits: the page is never filled in.
    let script = write(&home, "waits.sh", "#!/bin/sh\necho $$ > \"$(dirname \"$0\")/pid\"\nexec sleep 600\n");
    let text_with = |rest: &str| {
        format!(
            "version = 1\n[profile]\nissuer = \"{issuer}\"\nclient_id = \"doorkey-demo\"\n[login]\nby = \"command\"\n\
             command = [\"sh\", \"{}\"]\n{rest}",
            script.display()
        )
    };
    fs::write(&file, text_with(GOOD)).expect("there is room");
    let mut watching = Watching::start(&home, &["--hold", text(&file)]);
    assert_eq!(watching.until("waiting").await["held"], true);
    assert_eq!(watching.types(), ["file", "waiting"], "nothing is run before it is ordered");
    watching.order("run").await;
    let pid = until_said(&home.folder().join("pid")).await;

    watching.order("stop").await;
    assert_eq!(watching.until("ended").await["outcome"], "stopped");
    assert_eq!(watching.until("waiting").await["held"], true);
    assert!(!is_running(&pid), "the command of a run that was stopped");

    fs::remove_file(home.folder().join("pid")).expect("it was written");
    watching.order("run").await;
    let pid = until_said(&home.folder().join("pid")).await;
    let from = watching.told.len();
    save(&home, GOOD);
    watching.until("file").await;
    watching.until("file").await;
    let ended = watching.until("ended").await;
    assert_eq!(ended["outcome"], "passed", "{:#?}", &watching.told[from..]);
    assert!(!is_running(&pid), "the command of the file as it was");

    // The end of its orders is its end, in the middle of a run too.
    fs::remove_file(home.folder().join("pid")).expect("it was written");
    fs::write(&file, text_with(GOOD)).expect("there is room");
    let pid = until_said(&home.folder().join("pid")).await;
    drop(watching.orders.take());
    assert_eq!(watching.ended().await, Some(0));
    assert!(!is_running(&pid), "nothing is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_ends_it_and_what_it_runs() {
    let home = Household::in_memory(Settings::default()).await;
    let script = write(&home, "waits.sh", "echo $$ > \"$(dirname \"$0\")/pid\"\nexec sleep 600\n");
    let file = scenario(&home, GOOD);
    let with_script = fs::read_to_string(&file)
        .expect("text")
        .replace(&format!("\"{}\"", program::robot().display()), &format!("\"sh\", \"{}\"", script.display()));
    fs::write(&file, with_script).expect("there is room");
    let mut watching = Watching::start(&home, &[text(&file)]);
    let pid = until_said(&home.folder().join("pid")).await;
    program::signal(&watching.child, Signal::INT);
    assert_eq!(watching.until("ended").await["outcome"], "stopped");
    assert_eq!(watching.ended().await, Some(130));
    assert!(!is_running(&pid), "nothing is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_terminal_keys_run_it_again_and_end_it_and_the_terminal_is_as_it_was() {
    let home = Household::in_memory(Settings::default()).await;
    let file = scenario(&home, BAD);
    let Some(mut terminal) = Terminal::start(&home.command(&["test", "watch", text(&file)])) else {
        return skipped("scenarios", "there is no `script`");
    };
    terminal.shows(&["expected  ES256", "got       ", "1 failed", "Enter runs all again, q ends"]).await;
    terminal.types("\r").await;
    while home.provider.log().count(Endpoint::Token) < 2 {
        tokio::task::yield_now().await;
    }
    terminal.types("q").await;
    let left = terminal.left().await;
    assert_eq!((left.code, left.echo), (0, true), "{}", left.screen);

    let mut terminal = Terminal::start(&home.command(&["test", "watch", "--hold", text(&file)])).expect("as before");
    terminal.shows(&["nothing to run yet", "Enter"]).await;
    terminal.types(CTRL_C).await;
    let left = terminal.left().await;
    assert_eq!((left.code, left.echo), (130, true), "{}", left.screen);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_waited_for_and_a_window_that_is_not_there_is_told() {
    let home = Household::in_memory(Settings::default()).await;
    let file = home.folder().join("watched.toml");
    let mut watching = Watching::start(&home, &[text(&file)]);
    let told = watching.until("file").await;
    assert_eq!(told["mistake"]["code"], "config.bad_scenario", "{told}");
    save(&home, GOOD);
    assert_eq!(watching.until("ended").await["outcome"], "passed");

    // A command without the window beside it, as on a build machine.
    let alone = home.folder().join("bin");
    fs::create_dir(&alone).expect("a folder");
    let built = program::doorkey().with_file_name("doorkey-full");
    fs::copy(&built, alone.join("doorkey-full")).expect("a copy");
    let mut command = tokio::process::Command::new(alone.join("doorkey-full"));
    program::alone(&mut command, home.folder());
    command.args(["test", "watch", "--window", text(&file)]);
    let ended = program::run(command).await;
    assert_eq!(ended.code, Some(78), "{ended:?}");
    assert!(ended.stderr.contains("config.no_window") && ended.stderr.contains("doorkey-desktop"), "{ended:?}");
}

/// A folder may be one that others write into, such as that of downloads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_somebody_must_agree_first_a_file_that_comes_later_is_not_run_either() {
    let home = Household::in_memory(Settings::default()).await;
    let folder = home.folder().join("all");
    fs::create_dir(&folder).expect("a folder");
    let good = fs::read_to_string(scenario(&home, GOOD)).expect("text");
    fs::write(folder.join("known.toml"), &good).expect("there is room");
    let mut watching = Watching::start(&home, &["--hold", text(&folder)]);
    assert_eq!(watching.until("file").await["held"], true);
    watching.until("waiting").await;
    watching.order("run").await;
    assert_eq!(watching.until("file").await["held"], false);
    assert_eq!(watching.until("waiting").await["passed"], 1);

    fs::write(folder.join("later.toml"), &good).expect("there is room");
    let later = watching.until("file").await;
    assert_eq!((&later["held"], &later["runs"][0]["by"]), (&true.into(), &"command".into()), "{later}");
    watching.until("waiting").await;
    // What was agreed to is run at every save, as before.
    fs::write(folder.join("known.toml"), format!("{good}\n")).expect("there is room");
    assert_eq!(watching.until("ended").await["file"], text(&folder.join("known.toml")));
    watching.until("waiting").await;
    assert_eq!(home.provider.log().count(Endpoint::Token), 2);
    watching.order("again").await;
    assert_eq!(watching.until("waiting").await["passed"], 1);
    watching.order("run").await;
    assert_eq!(watching.until("waiting").await["passed"], 2);
    assert_eq!(home.provider.log().count(Endpoint::Token), 5);

    // One that goes takes with it what was agreed to: another may come to its place.
    fs::remove_file(folder.join("later.toml")).expect("it is there");
    watching.until("gone").await;
    fs::write(folder.join("later.toml"), &good).expect("there is room");
    assert_eq!(watching.until("file").await["held"], true);
    assert_eq!(watching.until("waiting").await["passed"], 1);
    assert_eq!(home.provider.log().count(Endpoint::Token), 5);
}

/// What nobody has seen is not agreed to: who orders it names what was told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_ordered_to_run_is_what_was_told_and_not_what_is_there_by_then() {
    let home = Household::in_memory(Settings::default()).await;
    let folder = home.folder().join("all");
    fs::create_dir(&folder).expect("a folder");
    let good = fs::read_to_string(scenario(&home, GOOD)).expect("text");
    fs::write(folder.join("a.toml"), &good).expect("there is room");
    // Not told, for it is none yet.
    fs::write(folder.join("b.toml"), "[package]\nname = \"b\"\n").expect("there is room");
    let mut watching = Watching::start(&home, &["--hold", text(&folder)]);
    let number = watching.until("file").await["number"].as_u64().expect("a number");
    watching.until("waiting").await;

    // Another by the time of the order, and told of as that.
    fs::write(folder.join("a.toml"), format!("{good}\n")).expect("there is room");
    assert!(watching.until("file").await["number"].as_u64() > Some(number));
    watching.until("waiting").await;
    watching.order(&format!("run {number}")).await;
    assert_eq!(watching.until("file").await["held"], true);
    let waiting = watching.until("waiting").await;
    assert_eq!((&waiting["held"], &waiting["passed"]), (&true.into(), &0.into()), "{waiting}");

    // Another in the moment of the order, before anybody was told.
    let number = watching.told.iter().rev().find_map(|line| line["number"].as_u64()).expect("a number");
    fs::write(folder.join("a.toml"), format!("{good}\n\n")).expect("there is room");
    fs::write(folder.join("c.toml"), &good).expect("there is room");
    watching.order(&format!("run {number}")).await;
    let waiting = watching.until("waiting").await;
    assert_eq!((&waiting["held"], &waiting["passed"]), (&true.into(), &0.into()), "{waiting}");
    assert_eq!(home.provider.log().count(Endpoint::Token), 0, "{:#?}", watching.told);

    watching.order("run").await;
    assert_eq!(watching.until("waiting").await["passed"], 2);
    fs::write(folder.join("b.toml"), &good).expect("there is room");
    let told = watching.until("file").await;
    assert_eq!((&told["file"], &told["held"]), (&text(&folder.join("b.toml")).into(), &true.into()), "{told}");
    assert_eq!(watching.until("waiting").await["passed"], 2);
    watching.order("quit").await;
    assert_eq!(watching.ended().await, Some(0));
}

/// What a command has written into a file, once it has.
async fn until_said(file: &Path) -> String {
    let said = async {
        loop {
            match fs::read_to_string(file) {
                Ok(text) if text.ends_with('\n') => return text.trim().to_owned(),
                _ => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, said).await.expect("the command starts")
}

/// One that has ended and was not asked how is not running.
fn is_running(pid: &str) -> bool {
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    state.rsplit(") ").next().is_some_and(|state| !state.is_empty() && !state.starts_with('Z'))
}
