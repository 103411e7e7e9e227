//! The lines of `docs/agent-api.md`, run with the real curl against a real agent: they answer what the page says.
//!
//! `DOORKEY_WRITE_ANSWERS=1` writes the answers into the page instead; `make gen` then makes `docs/openapi.json`, whose
//! examples they are.

use std::fs;

use doorkey_demo_idp::Settings;
use doorkey_tests::household::AgentProcess;
use doorkey_tests::page::{Page, same};
use doorkey_tests::sources::{read, root};
use doorkey_tests::{Household, program};
use tokio::process::Command;

/// Where the page says that the provider is.
const ISSUER: &str = "http://127.0.0.1:8080";

#[tokio::test]
async fn every_line_of_the_page_answers_what_the_page_says() {
    let path = root().join("docs/agent-api.md");
    let page = Page::of(&read(&path));
    let shown = page.shown();
    assert!(shown.len() > 20, "the page lost its lines");

    let home = Household::in_memory(Settings { registration: true, ..Settings::default() }).await;
    let mut agent = home.command(&["agent", "--json"]);
    agent.env("BROWSER", program::robot());
    let agent = AgentProcess::start(agent).await;

    // One shell for all of them: later lines use what earlier ones have set.
    let mut script = "set -eu\n".to_owned();
    for (index, block) in shown.iter().enumerate() {
        let lines = block.lines.replace(ISSUER, home.provider.issuer());
        script += &format!("{{\n{lines}}} >\"$HOME/{index}.answer\"\n");
    }
    let mut bash = Command::new("bash");
    program::alone(&mut bash, home.folder());
    let ended = program::run({
        bash.args(["-c", &script]);
        bash
    })
    .await;
    assert_eq!(ended.code, Some(0), "{ended:?}");

    let answer = |index: usize| {
        let answer = read(&home.folder().join(format!("home/{index}.answer")));
        answer.replace(home.provider.issuer(), ISSUER)
    };
    let answers: Vec<String> = (0..shown.len()).map(answer).collect();
    if std::env::var_os("DOORKEY_WRITE_ANSWERS").is_some() {
        fs::write(&path, page.with_answers(&answers)).expect("the page can be written");
        agent.terminate().await;
        return;
    }
    let mut wrong = Vec::new();
    for (block, real) in shown.iter().zip(&answers) {
        let fault = match &block.answer {
            None => (!real.is_empty()).then(|| format!("the page has no answer, and there was one: {real}")),
            Some((kind, expected)) if kind == "json" => {
                let parsed = serde_json::from_str(expected).and_then(|shown| Ok((shown, serde_json::from_str(real)?)));
                match parsed {
                    Ok((shown, real)) => same(&shown, &real, "it").err(),
                    Err(fault) => Some(format!("{fault}: {real}")),
                }
            }
            Some((_, expected)) => missing_line(expected, real),
        };
        wrong.extend(fault.map(|fault| format!("{}{fault}\n", block.lines)));
    }
    assert!(wrong.is_empty(), "{}\nDOORKEY_WRITE_ANSWERS=1 writes them into the page.", wrong.join("\n"));
    agent.terminate().await;
}

/// Each line that is shown, up to where it is cut, begins a line of the answer; in the same order.
fn missing_line(expected: &str, real: &str) -> Option<String> {
    let mut lines = real.lines();
    let begins = |line: &&str| {
        let begin = line.split('…').next().unwrap_or(line);
        !lines.any(|real| real.starts_with(begin))
    };
    expected.lines().find(begins).map(|line| format!("no line begins with {line}, in this order:\n{real}"))
}
