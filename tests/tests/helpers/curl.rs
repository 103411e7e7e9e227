//! The real curl, with the header from standard input.

use axum::response::IntoResponse;
use doorkey_tests::{PROFILE, Stage, program};

use crate::server::Server;

#[tokio::test]
async fn curl_takes_the_header_from_a_pipe() {
    let stage = Stage::signed_in().await;
    let server = Server::start(|_| "hello".into_response()).await;
    let mut shell = tokio::process::Command::new("sh");
    program::alone(&mut shell, stage.folder());
    let line = format!("\"$0\" token {PROFILE} --header | curl --silent --noproxy '*' -H @- \"http://$1/\"");
    shell.args(["-c", &line]).arg(program::doorkey()).arg(&server.authority);
    let ended = program::run(shell).await;
    assert_eq!(ended.stdout, "hello", "{ended:?}");
    let token = stage.access_token().await;
    assert_eq!(server.seen()[0].authorization, Some(format!("Bearer {token}")));
}
