//! Ctrl-C in the middle.

use std::fs;
use std::path::Path;

use doorkey_demo_idp::{Endpoint, Settings};
use doorkey_tests::{Household, PATIENCE, program};
use rustix::process::Signal;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::support::{has_chromium, write};

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
