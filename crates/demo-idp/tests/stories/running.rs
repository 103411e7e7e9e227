use std::time::Duration;

use doorkey_demo_idp::{Endpoint, Settings, start};
use tokio::net::TcpStream;

use crate::support::{SOON, Scene, exchange_form, text};

fn address(issuer: &str) -> String {
    issuer.strip_prefix("http://").expect("http").to_owned()
}

#[tokio::test]
async fn it_listens_when_start_returns_and_the_port_is_free_when_stop_does() {
    let idp = start(Settings::default()).await.expect("it starts");
    let address = address(idp.issuer());
    TcpStream::connect(&address).await.expect("it listens");
    idp.stop().await;
    TcpStream::connect(&address).await.expect_err("nobody listens");
    let port = address.rsplit(':').next().expect("a port").parse().expect("a number");
    let again = start(Settings { port, ..Settings::default() }).await.expect("the port is free");
    assert_eq!(again.issuer(), format!("http://{address}"));
}

#[tokio::test]
async fn a_taken_port_is_an_error() {
    let idp = start(Settings::default()).await.expect("it starts");
    let port = idp.issuer().rsplit(':').next().expect("a port").parse().expect("a number");
    start(Settings { port, ..Settings::default() }).await.expect_err("the port is taken");
}

#[tokio::test]
async fn offline_it_refuses_connections_and_comes_back_with_everything() {
    let mut scene = Scene::new().await;
    let first = scene.tokens(&[]).await;
    let mut open = TcpStream::connect(address(scene.idp.issuer())).await.expect("it listens");
    scene.idp.go_offline().await;
    TcpStream::connect(address(scene.idp.issuer())).await.expect_err("nobody listens");
    let end = tokio::io::AsyncReadExt::read(&mut open, &mut [0]).await;
    assert!(end.is_err() || end.is_ok_and(|bytes| bytes == 0));
    scene.idp.come_back().await.expect("the port is still free");
    scene.refresh(text(&first["refresh_token"]), &[]).await.json(200);
}

#[tokio::test]
async fn the_log_tells_what_was_asked_and_how_it_was_answered() {
    let mut scene = Scene::new().await;
    let code = scene.code(&[]).await;
    scene.exchange(&code).await.json(200);
    scene.exchange(&code).await.refused(400, "invalid_grant");
    let asked = scene.idp.log().of(Endpoint::Token);
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].params.get("code"), Some(code.as_str()));
    assert_eq!(asked[0].outcome.as_ref().and_then(|outcome| outcome.status), Some(200));
    assert_eq!(asked[1].outcome.as_ref().and_then(|outcome| outcome.error.as_deref()), Some("invalid_grant"));
    assert_eq!(scene.idp.log().of(Endpoint::Authorize)[0].params.get("nonce"), Some("the-nonce"));
}

#[tokio::test]
async fn debug_output_of_log_and_settings_tells_no_secret() {
    let mut scene = Scene::new().await;
    let code = scene.code(&[]).await;
    scene.exchange(&code).await.json(200);
    let shown = format!("{:?} {:?} {:?} {:?}", scene.idp.log(), scene.idp, scene.idp.people(), scene.idp.knobs());
    assert!(shown.contains("code_verifier"));
    for secret in [&*code, "analytical", "dBjftJeZ4CVP"] {
        assert!(!shown.contains(secret), "{secret}");
    }
    let settings = format!("{:?}", Settings::default());
    assert!(!settings.contains("nanosecond"));
}

#[tokio::test]
async fn waiting_for_the_log_ends_when_the_request_arrives_or_the_time_is_up() {
    let scene = Scene::new().await;
    let log = scene.idp.log();
    assert!(!log.wait_for(Endpoint::Token, 1, Duration::from_millis(1)).await);
    let (arrived, _) = tokio::join!(log.wait_for(Endpoint::Token, 1, SOON), async {
        scene.ask(Endpoint::Token, &exchange_form("x")).await
    });
    assert!(arrived);
}

#[tokio::test]
async fn two_providers_know_nothing_of_each_other() {
    let mut one = Scene::new().await;
    let other = Scene::new().await;
    let answer = one.tokens(&[]).await;
    assert_eq!(other.userinfo(text(&answer["access_token"])).await.status, 401);
    assert_ne!(one.fetch(Endpoint::Jwks).await, other.fetch(Endpoint::Jwks).await);
}
