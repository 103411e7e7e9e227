//! The agent's socket: any language may call it, nobody else's program can, and nobody can break it for the others.

mod doors;
mod hand_outs;
mod owners;
mod refused;
mod stream;

use std::fs;

use doorkey_client::Secret;
use doorkey_client::words::{Endpoints, Profile, ProfileEntry, VaultState};
use doorkey_tests::stage::{profile, refusal};
use doorkey_tests::{PROFILE, Stage, program, socket};
use tokio::process::Command;

#[tokio::test]
async fn hello_tells_who_is_there() {
    let stage = Stage::new().await;
    let hello = stage.client.hello().await.expect("hello");
    assert_eq!((hello.api, hello.pid, hello.vault.state), (1, std::process::id(), VaultState::Ready));
    assert!(hello.problems.is_empty(), "{:?}", hello.problems);
}

#[tokio::test]
async fn profiles_are_added_shown_changed_and_removed() {
    let stage = Stage::new().await;
    let entry = |change: fn(&mut Profile)| {
        let mut profile = profile("second", "https://op.example.test");
        change(&mut profile);
        ProfileEntry::from(profile)
    };
    let added = stage.client.put_profile(&entry(|_| ())).await.expect("added");
    assert!(added.redirect_uris[0].starts_with("http://127.0.0.1:PORT/cb/"), "{:?}", added.redirect_uris);
    let changed = stage.client.put_profile(&entry(|it| it.ports = vec![21847, 21848])).await.expect("changed");
    assert_eq!(changed.redirect_uris.len(), 2);
    let names = |all: &[doorkey_client::words::ProfileView]| -> Vec<String> {
        all.iter().map(|view| view.profile.name.clone()).collect()
    };
    assert_eq!(names(&stage.client.profiles().await.expect("the profiles")), [PROFILE, "second"]);
    let text = fs::read_to_string(stage.paths.profiles()).expect("the file");
    assert!(text.contains("second") && text.contains("21847"), "{text}");
    stage.client.delete_profile("second").await.expect("removed");
    assert_eq!(names(&stage.client.profiles().await.expect("the profiles")), [PROFILE]);
}

#[tokio::test]
async fn bad_profiles_are_refused_and_leave_the_file_as_it_is() {
    let stage = Stage::new().await;
    let before = fs::read(stage.paths.profiles()).expect("the file");
    type Spoil = fn(&mut Profile);
    let cases: [(&str, Spoil); 10] = [
        ("config.bad_name", |it| it.name = "-x".to_owned()),
        ("config.bad_issuer", |it| it.issuer = "not a URL".to_owned()),
        ("config.insecure_issuer", |it| it.issuer = "http://op.example.test".to_owned()),
        ("config.bad_client_id", |it| it.client_id = String::new()),
        ("config.bad_redirect", |it| it.ports = vec![6000]),
        ("config.bad_redirect", |it| it.ports = vec![80]),
        ("config.bad_endpoint", |it| {
            it.endpoints = Some(Endpoints {
                authorization_endpoint: "authorize".to_owned(),
                token_endpoint: "https://op.example.test/token".to_owned(),
                revocation_endpoint: None,
                device_authorization_endpoint: None,
            });
        }),
        ("config.bad_scope", |it| it.scopes = vec!["two words".to_owned()]),
        ("config.bad_resource", |it| it.resources = vec!["relative".to_owned()]),
        ("config.reserved_parameter", |it| drop(it.params.insert("state".to_owned(), "x".to_owned()))),
    ];
    for (code, spoil) in cases {
        let mut profile = stage.profile();
        spoil(&mut profile);
        let refused = refusal(stage.client.put_profile(&ProfileEntry::from(profile)).await);
        assert_eq!(refused.code, code, "{refused:?}");
        doorkey_tests::stage::assert_told_well(&refused);
    }
    assert_eq!(fs::read(stage.paths.profiles()).expect("the file"), before);
}

#[tokio::test]
async fn a_client_secret_goes_in_and_never_comes_out() {
    let stage = Stage::new().await;
    let secret = "CANARY-of-the-client-secret";
    let entry = ProfileEntry { client_secret: Some(Secret::new(secret.to_owned())), ..stage.profile().into() };
    assert!(stage.client.put_profile(&entry).await.expect("kept").has_client_secret);
    let calls = ["GET /v1/profiles", "GET /v1/hello", "GET /v1/sessions"];
    for line in calls {
        let answer = socket::call(&stage.paths.socket(), line, &[], "").await;
        assert!(answer.status == Some(200) && !answer.text.contains(secret), "{line}: {}", answer.text);
    }
    assert!(!fs::read_to_string(stage.paths.profiles()).expect("the file").contains(secret));
    let again = ProfileEntry::from(stage.profile());
    assert!(stage.client.put_profile(&again).await.expect("changed").has_client_secret, "a change keeps the secret");
    stage.client.delete_profile(PROFILE).await.expect("removed");
    let anew = stage.client.put_profile(&again).await.expect("added");
    assert!(!anew.has_client_secret, "a removed profile takes its secret along");
}

#[tokio::test]
async fn curl_can_call_it() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    let mut curl = Command::new("curl");
    program::alone(&mut curl, stage.folder());
    curl.args(["--silent", "--unix-socket"]).arg(stage.paths.socket());
    curl.args(["--json", r#"{"profile":"work"}"#, "http://doorkey/v1/tokens"]);
    let ended = program::run(curl).await;
    let answer: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!(answer["access_token"], stage.access_token().await);
    assert_eq!(answer["token_type"], "Bearer");
}
