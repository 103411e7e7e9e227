use doorkey_demo_idp::{Endpoint, Fault, Robot, RobotError, Times, robot_sign_in};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::Scene;

/// Answers one request with a page and gives its request line.
async fn callback(listener: TcpListener) -> String {
    let (mut stream, _) = listener.accept().await.expect("a connection");
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.expect("a request"));
    }
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nAll signed";
    stream.write_all(answer.as_bytes()).await.expect("it is read");
    String::from_utf8(bytes).expect("text").lines().next().expect("a request line").to_owned()
}

async fn listening() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let redirect = format!("http://{}/cb/robot", listener.local_addr().expect("an address"));
    (listener, redirect)
}

#[tokio::test]
async fn the_robot_signs_in_and_arrives_at_the_callback() {
    let scene = Scene::new().await;
    let (listener, redirect) = listening().await;
    let url = scene.authorization_url(&[("redirect_uri", Some(&redirect))]);
    let robot = Robot::allow(scene.ada());
    let (arrived, line) = tokio::join!(robot_sign_in(&url, &robot), callback(listener));
    let arrived = arrived.expect("it arrives");
    assert_eq!((arrived.status, arrived.page.as_str()), (200, "All signed"));
    assert!(line.starts_with("GET /cb/robot?code=") && line.contains("state=the-state"), "{line}");
}

#[tokio::test]
async fn the_robot_can_deny() {
    let scene = Scene::new().await;
    let (listener, redirect) = listening().await;
    let url = scene.authorization_url(&[("redirect_uri", Some(&redirect))]);
    let robot = Robot::deny(scene.ada());
    let (arrived, line) = tokio::join!(robot_sign_in(&url, &robot), callback(listener));
    arrived.expect("it arrives");
    assert!(line.starts_with("GET /cb/robot?error=access_denied"), "{line}");
}

#[tokio::test]
async fn the_robot_goes_nowhere_but_to_loopback() {
    for url in
        ["https://accounts.example/authorize", "http://192.0.2.1/authorize", "https://127.0.0.1/", "file:///etc/passwd"]
    {
        let robot = Robot { email: "e".into(), password: "p".into(), choice: doorkey_demo_idp::Choice::Allow };
        let error = robot_sign_in(url, &robot).await.expect_err("it stays here");
        assert!(matches!(error, RobotError::NotLoopback(_)), "{error:?}");
    }
}

#[tokio::test]
async fn the_robot_tells_why_it_did_not_arrive() {
    let scene = Scene::new().await;
    let stranger = scene.authorization_url(&[("client_id", Some("stranger"))]);
    let error = robot_sign_in(&stranger, &Robot::allow(scene.ada())).await.expect_err("there is no form");
    assert!(matches!(&error, RobotError::Refused { status: 400, title } if title.contains("does not work")), "{error}");

    let wrong = Robot { password: "wrong".into(), ..Robot::allow(scene.ada()) };
    let error = robot_sign_in(&scene.authorization_url(&[]), &wrong).await.expect_err("the password is wrong");
    assert!(matches!(error, RobotError::WrongPassword), "{error}");
    assert!(!format!("{wrong:?}").contains("wrong"));

    let (listener, redirect) = listening().await;
    drop(listener);
    let url = scene.authorization_url(&[("redirect_uri", Some(&redirect))]);
    let error = robot_sign_in(&url, &Robot::allow(scene.ada())).await.expect_err("nobody listens");
    assert!(matches!(error, RobotError::Unreachable(..)), "{error}");
    assert!(!error.to_string().contains("code="));

    scene.idp.knobs().fail(Endpoint::Login, Fault::Drop, Times::Next(1));
    let error = robot_sign_in(&url, &Robot::allow(scene.ada())).await.expect_err("no answer");
    assert!(matches!(error, RobotError::Unreachable(..)), "{error}");
}
