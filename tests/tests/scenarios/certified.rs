//! The example with the certified provider.

use std::process::Stdio;

use doorkey_demo_idp::Settings;
use doorkey_tests::sources::root;
use doorkey_tests::{Household, skipped};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::support::{assert_archives, example, has_chromium, json, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certified_provider_and_its_own_login_page_pass_their_scenarios() {
    let here = root().join("tests/provider");
    if !has_chromium("scenarios") {
        return;
    }
    if !here.join("node_modules/oidc-provider").exists() {
        return skipped("scenarios", "its npm packages are not there: make test installs them");
    }
    let mut server = Command::new("node")
        .args([here.join("server.mjs"), "300".into()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("node runs");
    let mut lines = BufReader::new(server.stdout.take().expect("piped")).lines();
    let ready: Value = serde_json::from_str(&lines.next_line().await.unwrap().expect("it starts")).expect("JSON");
    let issuer = ready["issuer"].as_str().expect("an issuer").to_owned();
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });

    let home = Household::in_memory(Settings::default()).await;
    let har = home.folder().join("har");
    let arguments = ["--json", "--jobs", "2", "--har", har.to_str().unwrap()];
    let variables = [("ISSUER", issuer.as_str()), ("PASSWORD", "CANARY-anything")];
    let ended = run(&home, &example("certified.toml"), &arguments, &variables).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(json(&ended)["passed"], 6);
    assert_eq!(assert_archives(&har, &["CANARY"]), 6);
}
