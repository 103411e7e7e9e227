//! Ctrl-C in the middle.

use std::fs;
use std::path::Path;

use doorkey_demo_idp::{Endpoint, Settings};
use doorkey_tests::{Household, PATIENCE, program};
use rustix::process::Signal;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::support::{has_chromium, run, scenario, write};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_ends_browser_driver_and_agent_and_leaves_nothing() {
    if !has_chromium("scenarios") {
        return;
    }
    let home = Household::in_memory(Settings::default()).await;
    let text = format!(
        "version = 1\n[profile]\nissuer = \"{}\"\nclient_id = \"doorkey-demo\"\n[login]\nby = \"chromium\"\n\
         steps = [{{ wait = \"#never\", within = \"2m\" }}]\n[[scenario]]\nname = \"ada\"\n",
        home.provider.issuer()
    );
    let file = write(&home, "waits.toml", &text);
    let temporary = home.folder().join("tmp");
    fs::create_dir(&temporary).expect("a folder");
    let junit = home.folder().join("junit.xml");
    let mut command = home.command(&["test", "run", file.to_str().unwrap(), "--junit", junit.to_str().unwrap()]);
    command.env("TMPDIR", &temporary);
    let mut child = command.spawn().expect("the program starts");
    let mut notes = BufReader::new(child.stderr.take().expect("piped")).lines();
    // The page is there: browser, driver and agent run.
    let asked = home.provider.log();
    assert!(asked.wait_for(Endpoint::Authorize, 1, PATIENCE).await, "the page is opened");
    assert!(running_below(&temporary) > 1, "a browser runs");
    program::signal(&child, Signal::INT);
    let status = tokio::time::timeout(PATIENCE, child.wait()).await.expect("it ends").expect("it can be waited for");
    assert_eq!(status.code(), Some(130));
    let mut told = String::new();
    while let Ok(Some(line)) = notes.next_line().await {
        told += &line;
    }
    assert!(told.contains("stopping") && told.contains("user.cancelled"), "{told}");
    assert_eq!(running_below(&temporary), 0, "something of it still runs");
    let left: Vec<_> = fs::read_dir(&temporary).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    let ours: Vec<_> = left.iter().filter(|name| name.to_string_lossy().starts_with("doorkey-")).collect();
    assert!(ours.is_empty(), "{left:?}");
    assert!(fs::read_to_string(&junit).expect("a report").contains("skipped=\"1\"") || junit.is_file());
}

/// A shell that hands on the page and ends leaves nothing behind: with every save there would be one more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_command_has_left_in_the_background_opens_the_page_and_ends_with_the_sign_in() {
    let home = Household::in_memory(Settings::default()).await;
    let script = format!(
        "{} \"$1\" > \"$0.robot\" 2>&1 &\nsleep 600 > \"$0.sleep\" 2>&1 &\necho $! > \"$0.pid\"\n",
        program::robot().display()
    );
    let script = write(&home, "hands-on.sh", &script);
    let file = scenario(&home, "[[scenario]]\nname = \"ada\"\n");
    let text = fs::read_to_string(&file).expect("text");
    let robot = format!("\"{}\"", program::robot().display());
    fs::write(&file, text.replace(&robot, &format!("\"sh\", \"{}\"", script.display()))).expect("there is room");
    let ended = run(&home, &file, &[], &[]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let pid = fs::read_to_string(script.with_extension("sh.pid")).expect("it ran");
    // The kernel takes it a moment after it was told.
    let gone = async {
        while is_running(pid.trim()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("nothing is left of it");
}

/// One that has ended and was not asked how is not running.
fn is_running(pid: &str) -> bool {
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    state.rsplit(") ").next().is_some_and(|state| !state.is_empty() && !state.starts_with('Z'))
}

/// Processes whose command line names a file of this folder: the browser and its driver have their profile there.
fn running_below(folder: &Path) -> usize {
    let folder = folder.to_string_lossy().into_owned();
    let processes = fs::read_dir("/proc").expect("Linux").flatten();
    processes
        .filter(|process| {
            let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(&folder)
        })
        .count()
}
