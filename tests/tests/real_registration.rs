//! Registration at a provider that nobody here wrote: the certified `oidc-provider` on loopback (RFC 7591, RFC 7592).

use std::path::Path;
use std::process::Stdio;

use doorkey_client::Secret;
use doorkey_client::words::{Profile, RegistrationRequest};
use doorkey_tests::stage::{assert_told_well, refusal, request};
use doorkey_tests::stranger::visit;
use doorkey_tests::{Attempt, Stage, skipped};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

#[tokio::test]
async fn an_application_registers_itself_is_known_there_and_is_forgotten_again() {
    let Some((_server, issuer)) = server().await else { return };
    let stage = Stage::new().await;
    let mut asked = RegistrationRequest {
        profile: Profile { redirect_path: Some("/cb/registered".into()), ..Profile::new("real", &issuer, "") },
        initial_access_token: None,
    };
    let refused = refusal(stage.client.register(&asked).await);
    assert_eq!(refused.code, "registration.refused", "without its token: {refused:?}");
    assert_told_well(&refused);

    asked.initial_access_token = Some(Secret::new("a-token-to-begin-with".to_owned()));
    let view = stage.client.register(&asked).await.expect("registered");
    assert!(view.registered && !view.has_client_secret && !view.profile.client_id.is_empty(), "{view:?}");
    assert_eq!(view.redirect_uris, ["http://127.0.0.1:PORT/cb/registered"]);
    assert_eq!(refusal(stage.client.register(&asked).await).code, "registration.exists");

    // The provider knows the client, and its redirect URI with whatever port it is: a person would be asked to sign in.
    let attempt = Attempt::begin(&stage.client, &request("real")).await;
    let page = visit(&attempt.url).await;
    assert!(page.status == Some(303) && page.text.contains("/interaction/"), "{page:?}");
    attempt.cancel().await;

    stage.client.unregister("real").await.expect("forgotten");
    let views = stage.client.profiles().await.expect("the profiles");
    assert!(views.iter().all(|view| !view.registered), "{views:?}");
    let attempt = Attempt::begin(&stage.client, &request("real")).await;
    let page = visit(&attempt.url).await;
    assert!(page.status == Some(400) && page.text.contains("invalid_client"), "{page:?}");
    attempt.cancel().await;
    assert_eq!(refusal(stage.client.unregister("real").await).code, "registration.unknown");
    stage.client.delete_profile("real").await.expect("removed");
}

/// The provider and its issuer; nothing where it cannot run.
async fn server() -> Option<(Child, String)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("provider");
    if !here.join("node_modules/oidc-provider").exists() {
        skipped("real_registration", "its npm packages are not there: make test installs them");
        return None;
    }
    let mut server = Command::new("node")
        .arg(here.join("server.mjs"))
        .args(["300", "registration"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("node runs");
    let mut lines = BufReader::new(server.stdout.take().expect("piped")).lines();
    let ready = lines.next_line().await.expect("it speaks").expect("it starts");
    let ready: Value = serde_json::from_str(&ready).expect("JSON");
    let issuer = ready["issuer"].as_str().expect("an issuer").to_owned();
    // It tells more, and must not wait for a reader.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Some((server, issuer))
}
