//! Everything that is written while all kinds of tokens come and go, with logs at TRACE, is searched for every one of
//! them.

use doorkey_client::Secret;
use doorkey_client::words::{
    Grant, IntrospectionRequest, Profile, ProfileEntry, ProofRequest, SignOut, SignOutRequest, TokenRequest,
};
use doorkey_demo_idp::{Client, DpopNonce, Endpoint, Fault, Redirect, Settings, Times};
use doorkey_tests::household::AgentProcess;
use doorkey_tests::secrets::{Canary, assert_none, assert_none_below, sent_to};
use doorkey_tests::stage::{exposed, person, profile, refusal, request, sign_out};
use doorkey_tests::{Attempt, Household, PATIENCE, PROFILE};

use super::{BILLS, NOTES, at};

const SECRET: &str = "CANARY-of-the-confidential-client-9876543210";

fn settings() -> Settings {
    let back = vec![Redirect::Loopback { under: "/cb/".to_owned() }];
    Settings {
        clients: vec![Client::demo(), Client::confidential("web", SECRET, back)],
        dpop_nonce: DpopNonce::NewWithEveryAnswer,
        ..Settings::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_token_no_proof_and_no_secret_is_written_down() {
    let home = Household::in_memory(settings()).await;
    let mut command = home.command(&["agent", "--json"]);
    command.env("DOORKEY_LOG", "trace");
    let agent = AgentProcess::start(command).await;
    let mut updates = agent.client.updates(Some(0)).await.expect("a stream");
    let heard = tokio::spawn(async move {
        let mut heard = String::new();
        while let Ok(Some(update)) = updates.next().await {
            heard += &serde_json::to_string(&update).expect("JSON");
        }
        heard
    });
    let issuer = home.provider.issuer();
    let with_secret = |profile: Profile| ProfileEntry {
        client_secret: Some(Secret::new(SECRET.to_owned())),
        ..ProfileEntry::from(profile)
    };
    let own = Profile {
        dpop: true,
        resources: vec![NOTES.to_owned(), BILLS.to_owned()],
        post_logout_redirect_path: Some("/signed-out/work".to_owned()),
        ..profile(PROFILE, issuer)
    };
    agent.client.put_profile(&own.into()).await.expect("a profile");
    let web = Profile { client_id: "web".to_owned(), ..profile("web", issuer) };
    agent.client.put_profile(&with_secret(web)).await.expect("a profile");
    let robot = Profile {
        client_id: "web".to_owned(),
        grant: Grant::ClientCredentials,
        audience: Some(NOTES.to_owned()),
        ..Profile::new("robot", issuer, "web")
    };
    agent.client.put_profile(&with_secret(robot)).await.expect("a profile");
    for name in [PROFILE, "web"] {
        let attempt = Attempt::begin(&agent.client, &request(name)).await;
        attempt.allow(&person("Ada")).await;
        attempt.done().await;
    }

    let mut given = Vec::new();
    let connection = TokenRequest { connection: Some("demo-upstream".to_owned()), ..TokenRequest::for_profile("web") };
    for wanted in [
        at(&[BILLS]),
        at(&[NOTES]),
        TokenRequest::for_profile(PROFILE),
        connection,
        TokenRequest::for_profile("web"),
        TokenRequest::for_profile("robot"),
    ] {
        given.push(exposed(&agent.client.token(&wanted).await.expect("a token").access_token));
        if wanted.connection.is_none() {
            agent.client.token_report(&wanted).await.expect("a report");
        }
    }
    let proof =
        ProofRequest { token: at(&[BILLS]), ..ProofRequest::new(PROFILE, "GET", "https://bills.example.test/x") };
    given.push(exposed(&agent.client.proof(&proof).await.expect("a proof").proof));
    let of = |profile: &str| IntrospectionRequest { profile: Some(profile.to_owned()), account: None };
    agent.client.introspect(&of("web")).await.expect("an answer");
    refusal(agent.client.introspect(&of(PROFILE)).await);
    for fault in [Fault::Html, Fault::InvalidJson, Fault::Cut] {
        home.provider.knobs().spoil(Endpoint::Introspect, fault, Times::Next(1));
        refusal(agent.client.introspect(&of("web")).await);
    }
    home.provider.knobs().fail(Endpoint::Revoke, Fault::Status(503), Times::Next(1));
    agent.client.sign_out(&sign_out(SignOut::Everywhere)).await.expect("signed out");
    for name in ["web", "robot"] {
        let request = SignOutRequest { profile: name.to_owned(), ..sign_out(SignOut::Everywhere) };
        agent.client.sign_out(&request).await.expect("signed out");
    }
    let ended = agent.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let heard = tokio::time::timeout(PATIENCE, heard).await.expect("the stream ends").expect("it was read");

    let mut canaries = sent_to(&home.provider);
    canaries.extend(given.into_iter().map(|value| Canary { name: "token or proof".to_owned(), value }));
    for name in ["subject_token", "proof", "token", "refresh_token"] {
        assert!(canaries.iter().any(|canary| canary.name == name), "the story has no {name}");
    }
    assert!(heard.contains("further_token_asked") && heard.contains("proof_given"), "nothing was written");
    for (place, text) in [("the stream", &heard), ("standard output", &ended.stdout), ("the log", &ended.stderr)] {
        assert_none(&canaries, place, text);
    }
    assert!(assert_none_below(&canaries, home.folder()) > 0);
}
