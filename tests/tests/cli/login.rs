//! `doorkey login`.

use doorkey_client::words::SignInStep;
use doorkey_demo_idp::{Endpoint, Fault, IdTokenFault, Settings, Times};
use doorkey_tests::program;
use doorkey_tests::stage::person;
use doorkey_tests::{Household, PROFILE};
use rustix::process::Signal;

use super::{assert_refused, household, json, waiting};

#[tokio::test]
async fn login_opens_the_browser_and_says_who_is_signed_in() {
    let (home, agent) = household().await;
    let login = home.doorkey_with_robot(&["login", PROFILE]).await;
    assert!(login.code == Some(0) && login.stdout.contains("ada@example.test"), "{login:?}");

    let mut command = home.command(&["login", PROFILE, "--json", "--browser"]);
    command.arg(program::robot()).env("ROBOT_AS", "Grace");
    let answer = json(&program::run(command).await);
    assert_eq!((answer["version"].as_u64(), answer["profile"].as_str()), (Some(1), Some(PROFILE)));
    assert_eq!(
        (answer["session"]["sub"].as_str(), answer["session"]["state"].as_str()),
        (Some("demo|grace"), Some("signed_in"))
    );
    agent.terminate().await;
}

#[tokio::test]
async fn login_without_a_browser_shows_the_address_and_waits() {
    let (home, agent) = household().await;
    let login = home.command(&["login", PROFILE, "--no-browser", "--json"]).spawn().expect("the program starts");
    let attempt = waiting(&agent).await;
    attempt.allow(&person("Ada")).await;
    let ended = program::ended(login).await;
    assert!(ended.stderr.contains(attempt.url.as_str()), "the address is on standard error: {}", ended.stderr);
    assert_eq!(json(&ended)["session"]["sub"], "demo|ada");
    agent.terminate().await;
}

/// Ctrl-C in `login` | 130, and the sign-in is stopped
/// L-T05: Ctrl-C in `login` | 130, and the agent is as it was
#[tokio::test]
async fn ctrl_c_during_a_login_stops_the_sign_in_too() {
    let (home, agent) = household().await;
    let login = home.command(&["login", PROFILE, "--no-browser", "--json"]).spawn().expect("the program starts");
    let attempt = waiting(&agent).await;
    program::signal(&login, Signal::INT);
    let ended = program::ended(login).await;
    assert_refused(&ended, 130, "user.cancelled");
    assert_eq!(attempt.ended().await.step, SignInStep::Cancelled);
    agent.terminate().await;
}

#[tokio::test]
async fn what_the_provider_answers_badly_is_65_and_what_people_deny_is_77() {
    let (home, agent) = household().await;
    home.provider.knobs().corrupt_id_tokens(Some(IdTokenFault::WrongNonce));
    assert_refused(&home.doorkey_with_robot(&["login", PROFILE, "--json"]).await, 65, "idtoken.nonce_mismatch");
    home.provider.knobs().corrupt_id_tokens(None);
    let mut denied = home.command(&["login", PROFILE, "--json"]);
    denied.env("BROWSER", program::robot()).env("ROBOT_SAYS", "no");
    assert_refused(&program::run(denied).await, 77, "callback.access_denied");
    for endpoint in [Endpoint::Discovery, Endpoint::OauthMetadata] {
        home.provider.knobs().fail(endpoint, Fault::Status(503), Times::Always);
    }
    assert_refused(&home.doorkey_with_robot(&["login", PROFILE, "--json"]).await, 69, "discovery.unavailable");
    agent.terminate().await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_71() {
    let home = Household::in_memory(Settings::default()).await;
    let agent = home.agent().await;
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("its address").port().to_string();
    let issuer = home.provider.issuer();
    let add = home
        .doorkey(&["profile", "add", PROFILE, "--issuer", issuer, "--client-id", "doorkey-demo", "--port", &port])
        .await;
    assert_eq!(add.code, Some(0), "{add:?}");
    assert_refused(&home.doorkey_with_robot(&["login", PROFILE, "--json"]).await, 71, "listener.no_port");
    agent.terminate().await;
}
