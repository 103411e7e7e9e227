//! Profiles on the command line, and the secrets that go with them.

use std::fs;
use std::process::Stdio;

use doorkey_demo_idp::Settings;
use doorkey_tests::program;
use doorkey_tests::{Household, PROFILE};
use tokio::io::AsyncWriteExt;

use super::{assert_refused, json};

#[tokio::test]
async fn profiles_are_added_listed_shown_and_removed() {
    let home = Household::in_memory(Settings::default()).await;
    home.add_profile().await;
    let list = home.doorkey(&["profile", "list"]).await;
    assert!(list.code == Some(0) && list.stdout.contains(PROFILE), "{list:?}");
    let show = json(&home.doorkey(&["profile", "show", PROFILE, "--json"]).await);
    assert_eq!(show["version"], 1, "{show}");
    let shown = show.to_string();
    assert!(shown.contains(home.provider.issuer()) && shown.contains("/cb/"), "{shown}");

    let twice = &["profile", "add", PROFILE, "--issuer", home.provider.issuer(), "--client-id", "other", "--json"];
    assert_refused(&home.doorkey(twice).await, 78, "config.profile_exists");
    let removed = home.doorkey(&["profile", "remove", PROFILE, "--yes"]).await;
    assert_eq!(removed.code, Some(0), "{removed:?}");
    assert_refused(&home.doorkey(&["profile", "show", PROFILE, "--json"]).await, 78, "config.no_profile");
}

#[tokio::test]
async fn adding_a_profile_looks_at_the_provider_first() {
    let home = Household::in_memory(Settings::default()).await;
    home.provider.knobs().discovery_issuer(Some("https://other.example.test".to_owned()));
    let add = ["profile", "add", PROFILE, "--issuer", home.provider.issuer(), "--client-id", "doorkey-demo", "--json"];
    assert_refused(&home.doorkey(&add).await, 65, "discovery.issuer_mismatch");
    home.provider.knobs().discovery_issuer(None);
    home.provider.go_offline().await;
    assert_refused(&home.doorkey(&add).await, 75, "net.connect");
    let list = json(&home.doorkey(&["profile", "list", "--json"]).await);
    assert!(!list.to_string().contains("doorkey-demo"), "nothing was saved: {list}");
}

/// L-T09: a secret as an argument | refused without repeating it; by standard input it goes into the vault
/// S-45: a client secret as an argument | refused without repeating it; standard input is the way
#[tokio::test]
async fn a_client_secret_is_read_from_standard_input_and_refused_as_an_argument() {
    let home = Household::in_memory(Settings::default()).await;
    let agent = home.agent().await;
    let add = ["profile", "add", "web", "--issuer", home.provider.issuer(), "--client-id", "doorkey-demo"];
    let with = |more: &[&'static str]| home.command(&[&add, more].concat());
    let argument = program::run(with(&["--client-secret", "CANARY", "--json"])).await;
    assert_eq!(argument.code, Some(64), "{argument:?}");
    assert!(!format!("{argument:?}").contains("CANARY"), "{argument:?}");

    let mut by_stdin = with(&["--client-secret-stdin"]).stdin(Stdio::piped()).spawn().expect("the program starts");
    by_stdin.stdin.take().expect("it is piped").write_all(b"CANARY\n").await.expect("it reads");
    let ended = program::ended(by_stdin).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!format!("{ended:?}").contains("CANARY"), "{ended:?}");
    let profiles = agent.client.profiles().await.expect("the profiles");
    assert!(profiles[0].has_client_secret);
    agent.terminate().await;
}

#[tokio::test]
async fn a_file_that_cannot_be_understood_is_78_with_its_place() {
    let home = Household::in_memory(Settings::default()).await;
    let path = home.paths().profiles();
    fs::create_dir_all(path.parent().expect("its folder")).expect("a folder");
    fs::write(&path, "[profiles.work]\nissuer = \"https://op.example.test\"\nclientid = \"x\"\n").expect("written");
    let ended = home.doorkey(&["login", PROFILE, "--json"]).await;
    assert_refused(&ended, 78, "config.parse");
    assert!(
        json(&ended)["error"]["message"].as_str().is_some_and(|text| text.contains("profiles.toml:3:1")),
        "{ended:?}"
    );
}
