//! The guide for people who test, followed to the letter: its files are written, its commands and those of its recipes for
//! continuous integration are run, and they answer what it says.

use std::fmt::Write as _;
use std::fs;

use doorkey_demo_idp::Settings;
use doorkey_tests::page::{Page, Part};
use doorkey_tests::sources::{read, root};
use doorkey_tests::{Household, PATIENCE, program};
use tokio::process::Command;

use crate::support::{assert_junit, has_chromium};

/// Ends what the page leaves running, also where a line before failed.
const BEGINNING: &str = "set -eu\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_follows_the_guide_gets_there() {
    if !has_chromium("guide") {
        return;
    }
    let page = Page::of(&read(&root().join("docs/qa.md")));
    let home = Household::in_memory(Settings::default()).await;
    let folder = home.folder().join("home/work");
    fs::create_dir(&folder).expect("a folder");

    let mut script = BEGINNING.to_owned();
    let mut expected: Vec<Option<String>> = Vec::new();
    let mut recipes = 0;
    let mut files = 0;
    for part in page.parts() {
        let Part::Block { kind, inside } = part else { continue };
        let mut lines = String::new();
        match kind.as_str() {
            "sh" => lines.clone_from(inside),
            "yaml" => {
                let run = inside
                    .lines()
                    .map(|line| line.trim().trim_start_matches("- "))
                    .filter(|line| line.starts_with("doorkey "));
                for line in run {
                    writeln!(lines, "{line}").unwrap();
                    recipes += 1;
                }
            }
            "text" => {
                if let Some(last) = expected.last_mut() {
                    *last = Some(inside.clone());
                }
            }
            other => {
                if let Some(name) = other.strip_prefix("toml ") {
                    fs::write(folder.join(name), inside).expect("there is room");
                    files += 1;
                }
            }
        }
        if !lines.is_empty() {
            write!(script, "{{\n{lines}}} >\"$HOME/{}.answer\"\n", expected.len()).unwrap();
            expected.push(None);
        }
    }
    assert!(files >= 3 && recipes == 2 && expected.len() > 8, "the page lost its lines");

    let mut bash = Command::new("bash");
    program::alone(&mut bash, home.folder());
    // As it is where `doorkey` is installed.
    let path = std::env::var("PATH").unwrap_or_default();
    let ours = program::doorkey().parent().expect("it is in a folder").display().to_string();
    bash.args(["-c", &script])
        .current_dir(&folder)
        .env("PATH", format!("{ours}:{path}"))
        .env("BROWSER", program::robot());
    let output = bash.spawn().expect("bash runs").wait_with_output();
    let output = tokio::time::timeout(PATIENCE * 6, output).await.expect("it ends").expect("it can be waited for");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");

    for (index, expected) in expected.iter().enumerate() {
        let Some(expected) = expected else { continue };
        let real = read(&home.folder().join(format!("home/{index}.answer")));
        let mut lines = real.lines();
        for line in expected.lines() {
            let begin = line.split('…').next().unwrap_or(line);
            assert!(lines.any(|real| real.starts_with(begin)), "`{line}` is not in {real}");
        }
    }
    assert_junit(&folder.join("junit.xml"));
    assert_eq!(fs::read_dir(folder.join("har")).expect("archives").count(), 3);
    let recorded = read(&folder.join("recorded.toml"));
    assert!(recorded.contains("by = \"person\"") && !recorded.contains("analytical"), "{recorded}");
}
