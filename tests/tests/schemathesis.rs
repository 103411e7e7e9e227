//! What a stranger makes of `docs/openapi.json`: schemathesis calls a real agent with what the document allows and with
//! what it does not, and holds every answer to it. `tests/schemathesis/schemathesis.toml` says how.
//!
//! `SCHEMATHESIS_EXAMPLES=500` looks longer.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use doorkey_demo_idp::Settings;
use doorkey_tests::forwarder::Forwarder;
use doorkey_tests::household::AgentProcess;
use doorkey_tests::sources::{read, root};
use doorkey_tests::{Household, program, skipped};
use tokio::process::Command;

const TEST: &str = "schemathesis_finds_nothing";
/// For each call, in the phases that make them up.
const EXAMPLES: &str = "40";
/// It takes a fraction of that.
const PATIENCE: Duration = Duration::from_secs(600);

/// B-T18: a refresh token is asked for by any name | there is no word for it: every answer is one of the document's
#[tokio::test]
async fn schemathesis_finds_nothing() {
    let Some(schemathesis) = installed() else {
        return skipped(TEST, "schemathesis is not installed: `scripts/setup test` does it");
    };
    let home = Household::in_memory(Settings { registration: true, ..Settings::default() }).await;
    // Addresses are made up, too: nothing of that gets out of this machine.
    let nowhere = Forwarder::to_nowhere().await;
    let mut agent = home.command(&["agent", "--json"]);
    for variable in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        agent.env(variable, &nowhere.url);
    }
    agent.env("BROWSER", "true");
    let agent = AgentProcess::start(agent).await;
    agent.put_profile(home.provider.issuer()).await;
    agent.sign_in().await;
    let forwarder = Forwarder::to(&home.paths().socket()).await;

    let document = read(&root().join("docs/openapi.json")).replace("http://127.0.0.1:8080", home.provider.issuer());
    let path = home.folder().join("openapi.json");
    fs::write(&path, document).expect("there is room");
    let mut command = Command::new(schemathesis);
    program::alone(&mut command, home.folder());
    command.current_dir(home.folder()).arg("--config-file").arg(root().join("tests/schemathesis/schemathesis.toml"));
    let examples = std::env::var("SCHEMATHESIS_EXAMPLES").unwrap_or_else(|_| EXAMPLES.to_owned());
    command.arg("run").arg(&path).args(["--url", &forwarder.url, "--max-examples", &examples, "--no-color"]);
    let output = tokio::time::timeout(PATIENCE, command.output()).await.expect("it ends").expect("it starts");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    agent.client.hello().await.expect("the agent is as well as before");
    let ended = agent.terminate().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    println!("{told}");
}

/// Where `scripts/setup test` puts it.
fn installed() -> Option<PathBuf> {
    let program = root().join("target/tools/schemathesis/bin/schemathesis");
    program.is_file().then_some(program)
}
