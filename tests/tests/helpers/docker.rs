//! `doorkey helper docker`, by its protocol and called by the real docker.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::{env, path::PathBuf};

use axum::http::StatusCode;
use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorkey_demo_idp::Settings;
use doorkey_tests::program::{self, Ended};
use doorkey_tests::{Household, PROFILE, Stage};
use serde_json::{Value, json};

use crate::server::{Server, wants_basic};
use crate::{there_is, told};

async fn helper(stage: &Stage, operation: &str, input: &str) -> Ended {
    let arguments = ["helper", "docker", PROFILE, "--server", "registry.example", operation];
    told(program::command(stage.folder(), &arguments), input.as_bytes()).await
}

/// B-22: docker wants the password of another registry | it is told that there is none
#[tokio::test]
async fn docker_gets_the_token_for_the_bound_registry_alone() {
    let stage = Stage::signed_in().await;
    let token = stage.access_token().await;
    for server in ["registry.example", "https://registry.example/", "registry.example\n"] {
        let ended = helper(&stage, "get", server).await;
        let answer: Value = serde_json::from_str(&ended.stdout).expect("JSON");
        let expected = json!({"ServerURL": server.trim(), "Username": "oauth2", "Secret": token});
        assert_eq!((ended.code, answer), (Some(0), expected));
    }
    for server in ["evil.example", "http://registry.example", "registry.example:5000", "registry.example.evil", ""] {
        let ended = helper(&stage, "get", server).await;
        assert_eq!(
            (ended.code, ended.stdout.trim()),
            (Some(1), "credentials not found in native keychain"),
            "{server}"
        );
    }
    let ended = helper(&stage, "get", "registry.example%0aCANARY").await;
    assert!(ended.code == Some(64) && ended.stderr.contains("helper.bad_value"), "{ended:?}");
    assert!(!format!("{ended:?}").contains("CANARY"), "{ended:?}");
    assert_eq!(helper(&stage, "list", "").await.stdout.trim(), r#"{"https://registry.example":"oauth2"}"#);
    for (operation, input) in [("store", r#"{"ServerURL":"x","Username":"y","Secret":"CANARY"}"#), ("erase", "x")] {
        let ended = helper(&stage, operation, input).await;
        assert!(ended.code == Some(78) && ended.stderr.contains("helper.cannot_store"), "{ended:?}");
        assert!(ended.stdout.contains("doorkey log") && !format!("{ended:?}").contains("CANARY"), "{ended:?}");
    }
}

#[tokio::test]
async fn without_a_session_docker_is_told_why() {
    let home = Household::in_memory(Settings::default()).await;
    home.add_profile().await;
    let command = home.command(&["helper", "docker", PROFILE, "--server", "registry.example", "get"]);
    let ended = told(command, b"registry.example").await;
    assert!(ended.code == Some(77) && ended.stdout.contains("doorkey login work"), "{ended:?}");
}

#[tokio::test]
async fn the_real_docker_sends_it_to_its_registry() {
    let stage = Stage::signed_in().await;
    if !there_is("the_real_docker_sends_it_to_its_registry", stage.folder(), "docker", &["manifest", "--help"]).await {
        return;
    }
    // Older ones go on only where a registry says that it is one.
    const REGISTRY: [(&str, &str); 1] = [("docker-distribution-api-version", "registry/2.0")];
    let server = Server::start(|request| match &request.authorization {
        None => (REGISTRY, wants_basic()).into_response(),
        Some(_) => (StatusCode::NOT_FOUND, REGISTRY).into_response(),
    })
    .await;
    let bin = stage.folder().join("bin");
    let settings = stage.folder().join("home/.docker");
    fs::create_dir_all(&bin).expect("a folder");
    fs::create_dir_all(&settings).expect("a folder");
    let program = bin.join("docker-credential-work");
    let script = format!(
        "#!/bin/sh\nexec '{}' helper docker {PROFILE} --server {} \"$@\"\n",
        program::doorkey().display(),
        server.authority
    );
    fs::write(&program, script).expect("a file");
    fs::set_permissions(&program, Permissions::from_mode(0o700)).expect("its mode");
    let helpers = json!({"credHelpers": {server.authority.clone(): "work"}});
    fs::write(settings.join("config.json"), helpers.to_string()).expect("a file");

    let mut docker = tokio::process::Command::new("docker");
    program::alone(&mut docker, stage.folder());
    let path: Vec<PathBuf> =
        [bin].into_iter().chain(env::split_paths(&env::var_os("PATH").unwrap_or_default())).collect();
    docker.env("PATH", env::join_paths(path).expect("a PATH"));
    docker.args(["manifest", "inspect", "--insecure", &format!("{}/team/image:1", server.authority)]);
    let ended = program::run(docker).await;
    let expected = STANDARD.encode(format!("oauth2:{}", stage.access_token().await));
    let sent = server.seen().iter().any(|it| it.authorization.as_deref() == Some(&format!("Basic {expected}")));
    assert!(sent, "{:?}: {ended:?}", server.seen());
}
