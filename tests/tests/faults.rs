//! Faults that come at a bad moment: time and memory stay bounded, nothing is left behind, the rest goes on.

use std::fs;

use doorkey_client::ClientError;
use doorkey_client::words::{RenewalRequest, SignInStep, SignOut};
use doorkey_demo_idp::{Endpoint, Fault, IdTokenFault, Settings, Times};
use doorkey_tests::stage::{LONG, person, request, sign_out};
use doorkey_tests::{Attempt, Household, PATIENCE, PROFILE, Stage, stranger};
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn a_failed_sign_in_asks_nothing_more_of_the_provider() {
    let home = Household::in_memory(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    home.provider.knobs().corrupt_id_tokens(Some(IdTokenFault::BadSignature));
    let attempt = agent.begin().await;
    attempt.allow(&person("Ada")).await;
    let requests = home.provider.log().count(Endpoint::Userinfo);
    assert_eq!(attempt.failed().await.code, "idtoken.bad_signature");
    // Whatever it was still about to do is done when it has ended.
    agent.terminate().await;
    let log = home.provider.log();
    assert_eq!((log.count(Endpoint::Token), log.count(Endpoint::Userinfo)), (2, requests));
}

#[tokio::test]
async fn an_answer_without_end_does_not_fill_the_memory() {
    let home = Household::in_memory(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    let peak = || {
        let status = fs::read_to_string(format!("/proc/{}/status", agent.pid)).expect("its status");
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("its peak").to_owned();
        line.split_whitespace().nth(1).expect("a number").parse::<u64>().expect("kB")
    };
    let before = peak();
    for endpoint in [Endpoint::Discovery, Endpoint::OauthMetadata, Endpoint::Token] {
        home.provider.knobs().fail(endpoint, Fault::Huge, Times::Always);
    }
    for _ in 0..3 {
        agent.client.renew(&RenewalRequest::default()).await.expect_err("refused");
        let id = agent.client.start_sign_in(&request(PROFILE)).await.expect("it starts").sign_in.id;
        doorkey_tests::watch::until_sign_in(&agent.client, &id, "it ends", |it| it.step.is_final()).await;
    }
    let growth = peak().saturating_sub(before);
    assert!(growth < 50 * 1024, "{growth} kB more");
    agent.terminate().await;
}

#[tokio::test]
async fn a_sign_in_can_be_stopped_while_the_provider_says_nothing() {
    let stage = Stage::new().await;
    let gate = stage.provider.knobs().hold(Endpoint::Discovery);
    let id = stage.client.start_sign_in(&request(PROFILE)).await.expect("it starts").sign_in.id;
    assert!(gate.wait_for(1, PATIENCE).await, "the provider is asked");
    stage.client.cancel_sign_in(&id).await.expect("stopped");
    let ended =
        doorkey_tests::watch::until_sign_in(&stage.client, &id, "it ends", |sign_in| sign_in.step.is_final()).await;
    assert_eq!(ended.step, SignInStep::Cancelled);
    drop(gate);
    stage.assert_next_sign_in_works().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_does_not_keep_the_right_answer_out() {
    let stage = Stage::new().await;
    let attempt = stage.begin().await;
    let port = attempt.port();
    let flood: Vec<_> = (0..8)
        .map(|_| {
            tokio::spawn(async move {
                for _ in 0..125 {
                    let Ok(mut stream) = tokio::net::TcpStream::connect(("127.0.0.1", port)).await else { break };
                    let _ = stream.write_all(b"GET /?state=guess HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await;
                }
            })
        })
        .collect();
    attempt.allow(&stage.person("Ada")).await;
    let session = attempt.done().await;
    assert_eq!(session.sub, "demo|ada");
    for one in flood {
        one.await.expect("it ends");
    }
}

#[tokio::test]
async fn an_agent_that_dies_while_it_waits_leaves_nothing() {
    let home = Household::in_memory(Settings::default()).await;
    let agent = home.agent().await;
    agent.put_profile(home.provider.issuer()).await;
    let attempt = agent.begin().await;
    agent.kill().await;
    assert!(attempt.is_deserted().await);
    let agent = home.agent().await;
    assert!(agent.client.sessions().await.expect("the sessions").sessions.is_empty());
    agent.sign_in().await;
    agent.terminate().await;
}

/// the agent is told to stop while a sign-in waits | the port is free
#[tokio::test]
async fn an_agent_that_stops_while_it_waits_frees_the_port() {
    let stage = Stage::new().await;
    let attempt = stage.begin().await;
    let client = stage.client.clone();
    stage.stop().await;
    assert!(matches!(client.hello().await, Err(ClientError::NotRunning)));
    attempt.until_deserted().await;
}

#[tokio::test]
async fn a_profile_removed_during_a_renewal_leaves_no_session() {
    let stage = Stage::with_life(LONG).await;
    stage.sign_in().await;
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    let client = stage.client.clone();
    let renewing = tokio::spawn(async move { client.renew(&RenewalRequest::default()).await });
    assert!(gate.wait_for(1, PATIENCE).await, "the renewal is under way");
    let client = stage.client.clone();
    let removing = tokio::spawn(async move { client.delete_profile(PROFILE).await });
    gate.release();
    removing.await.expect("it ends").expect("removed");
    let _ = renewing.await.expect("it ends");
    assert!(stage.client.sessions().await.expect("the sessions").sessions.is_empty());
    stage.put(|_| ()).await;
    assert_eq!(stage.token().await.expect_err("gone").code, "session.sign_in_required");
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_stops_nobody() {
    let home = Household::in_memory(Settings::default()).await;
    fs::write(home.folder().join("state"), "in the way").expect("written");
    let (agent, session) = home.agent_with_ada().await;
    assert_eq!(session.sub, "demo|ada");
    agent.client.sign_out(&sign_out(SignOut::Revoke)).await.expect("signed out");
    agent.terminate().await;
}

#[tokio::test]
async fn a_runtime_folder_that_others_may_enter_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let home = Household::in_memory(Settings::default()).await;
    let folder = home.folder().join("run/doorkey");
    fs::create_dir(&folder).expect("a folder");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).expect("opened");
    let ended = home.doorkey(&["token", PROFILE, "--json"]).await;
    let told: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!((ended.code, told["error"]["code"].as_str()), (Some(69), Some("broker.untrusted_socket")), "{told}");
}

#[tokio::test]
async fn bytes_that_are_no_http_leave_the_sign_in_waiting() {
    let stage = Stage::new().await;
    let attempt = stage.begin().await;
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(20_000));
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"[..],
        b"\0\0\0\0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        long.as_bytes(),
    ] {
        let answer = stranger::say(attempt.port(), bytes).await;
        assert!(answer.status.is_none_or(|status| status >= 400), "{}", answer.text);
    }
    attempt.allow(&stage.person("Ada")).await;
    attempt.done().await;
}

#[tokio::test]
async fn a_sign_in_of_one_person_does_not_disturb_the_session_of_another() {
    let stage = Stage::new().await;
    let ada = stage.sign_in().await;
    stage.provider.knobs().corrupt_id_tokens(Some(IdTokenFault::WrongAudience));
    let attempt = Attempt::begin(&stage.client, &request(PROFILE)).await;
    attempt.allow(&stage.person("Grace")).await;
    attempt.failed().await;
    stage.provider.knobs().corrupt_id_tokens(None);
    assert_eq!(stage.session().await, ada);
    stage.sign_in_as("Grace").await;
    let sessions = stage.client.sessions().await.expect("the sessions").sessions;
    assert_eq!(sessions.iter().map(|session| session.sub.as_str()).collect::<Vec<_>>(), ["demo|ada", "demo|grace"]);
}
