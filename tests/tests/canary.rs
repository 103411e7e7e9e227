//! Secrets: everything the product writes is searched for every secret of a whole story, with logs at TRACE.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use doorkey_client::Secret;
use doorkey_client::words::{
    ClientAuth, DeviceUse, PastedRedirect, ProfileEntry, RegistrationRequest, RenewalRequest, SignInRequest, SignOut,
    SignOutRequest, TokenRequest,
};
use doorkey_demo_idp::{
    Client, Device, DpopNonce, Endpoint, Fault, IdTokenFault, Redirect, Robot, Settings, Times, robot_sent_to,
    robot_sign_in,
};
use doorkey_tests::household::AgentProcess;
use doorkey_tests::secrets::{Canary, assert_none, assert_none_below, sent_to};
use doorkey_tests::stage::{exposed, person, profile, refusal, request, sign_out};
use doorkey_tests::{Attempt, Household, PATIENCE, PROFILE, program, skipped, socket, stranger, watch};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::task::JoinHandle;

const CLIENT_SECRET: &str = "CANARY-of-the-confidential-client-0123456789";
const REGISTRATION_TOKEN: &str = "CANARY-of-the-registration-0123456789";
/// RFC 7515 appendix A.3.
const D: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

/// B-36: calls with secrets and answers with tokens | what is logged and journaled names method, profile and program, no value
/// S-40: a whole story with its faults, and logs at TRACE | no secret in any of it
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_in_anything_that_is_written_but_the_one_answer_that_is_asked_for() {
    let home = Household::in_memory(settings()).await;
    let story = told(&home, home.command(&["agent", "--json"])).await;
    story.assert_clean(&home);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_on_the_disk_either() {
    let Some(home) = Household::with_keyring(settings()).await else {
        return skipped("no_secret_is_on_the_disk_either", "there is no gnome-keyring");
    };
    let story = told(&home, home.command(&["agent", "--json"])).await;
    story.assert_clean(&home);
    assert!(fs::read_dir(home.paths().vault()).expect("the vault").count() > 0, "there was something to search");
}

/// S-41: commands with logs at TRACE | no secret in any of it but the token that was asked for
#[tokio::test]
async fn the_commands_print_no_secret_but_the_token_that_was_asked_for() {
    let home = Household::in_memory(settings()).await;
    let agent = home.agent().await;
    agent.put_profile(home.provider.issuer()).await;
    let traced = |arguments: &[&str]| {
        let mut command = home.command(arguments);
        command.env("DOORKEY_LOG", "trace").env("BROWSER", program::robot());
        program::run(command)
    };
    let mut written = String::new();
    for arguments in [
        &["login", PROFILE][..],
        &["login", PROFILE, "--json"],
        &["status"],
        &["status", "--json"],
        &["account", "rename", PROFILE, "At work"],
        &["account", "show", PROFILE],
        &["account", "show", PROFILE, "--json"],
        &["renew", PROFILE],
        &["profile", "show", PROFILE],
        &["doctor"],
        &["logout", PROFILE, "--everywhere"],
        &["logout", PROFILE],
        &["token", PROFILE],
    ] {
        let ended = traced(arguments).await;
        written += &format!("{arguments:?}\n{}\n{}\n", ended.stdout, ended.stderr);
        if arguments[0] == "status" {
            let token = traced(&["token", PROFILE]).await;
            assert_eq!(token.code, Some(0), "{token:?}");
            written += &token.stderr;
        }
    }
    assert!(written.contains("Ada Lovelace") || written.contains("ada@example.test"), "{written}");
    agent.terminate().await;
    let canaries = sent_to(&home.provider);
    assert_none(&canaries, "what the commands printed", &written);
    assert!(!written.contains("eyJ"), "a JWT was printed");
}

/// S-45: the arguments of a sign-in are read by another program | no secret, no address
#[tokio::test]
async fn a_command_line_that_waits_for_the_browser_has_no_secret_in_its_arguments() {
    let home = Household::in_memory(settings()).await;
    let agent = home.agent().await;
    agent.put_profile(home.provider.issuer()).await;
    let login = home.command(&["login", PROFILE, "--no-browser"]).spawn().expect("the program starts");
    let started = doorkey_tests::watch::until(&agent.client, "a sign-in waits", |update| match update {
        doorkey_client::words::Update::SignIn { sign_in } if sign_in.redirect_uri.is_some() => Some(sign_in.id.clone()),
        _ => None,
    })
    .await;
    let attempt = Attempt::waiting(&agent.client, &started).await;
    let arguments = fs::read(format!("/proc/{}/cmdline", login.id().expect("it runs"))).expect("its arguments");
    let arguments = String::from_utf8_lossy(&arguments).into_owned();
    assert!(arguments.contains("--no-browser"), "{arguments}");
    assert!(!arguments.contains(&attempt.asked("state")) && !arguments.contains("http"), "{arguments}");
    attempt.allow(&person("Ada")).await;
    assert_eq!(program::ended(login).await.code, Some(0));
}

/// A whole story and everything that was written meanwhile.
struct Story {
    updates: String,
    stdout: String,
    stderr: String,
    arguments: String,
    /// What is told of the tokens to whoever looks at them.
    reports: String,
    /// The one place where a token belongs.
    answer: String,
    token: String,
}

async fn told(home: &Household, mut command: tokio::process::Command) -> Story {
    command.env("DOORKEY_LOG", "trace");
    let agent = AgentProcess::start(command).await;
    let updates = record_updates(&agent).await;
    let knobs = home.provider.knobs();

    agent.put_profile(home.provider.issuer()).await;
    let mut web = profile("web", home.provider.issuer());
    web.client_id = "web".to_owned();
    web.audience = Some("https://api.example.test".to_owned());
    let web = ProfileEntry { client_secret: Some(Secret::new(CLIENT_SECRET.to_owned())), ..web.into() };
    agent.client.put_profile(&web).await.expect("the profile is good");

    // On another device, and by an address that is pasted: badly first.
    let device = SignInRequest { device: Some(DeviceUse::Only), ..request(PROFILE) };
    let id = agent.client.start_sign_in(&device).await.expect("it starts").sign_in.id;
    let shows = watch::until_sign_in(&agent.client, &id, "a code is shown", |it| it.device.is_some()).await;
    let complete = shows.device.and_then(|code| code.verification_uri_complete).expect("the demo provider gives one");
    robot_sign_in(&complete, &Robot::allow(&person("Ada"))).await.expect("the page says that it is done");
    watch::until_sign_in(&agent.client, &id, "the sign-in ends", |it| it.step.is_final()).await;
    let attempt = agent.begin().await;
    let address = robot_sent_to(attempt.url.as_str(), &Robot::allow(&person("Ada"))).await.expect("it ends there");
    for pasted in [address.replace("/cb/", "/bc/"), format!("'{address}'"), address] {
        // The first two are refused.
        let _ = agent.client.hand_in(&attempt.id, &PastedRedirect { url: Secret::new(pasted) }).await;
    }
    attempt.done().await;

    // Good sign-ins, with strangers around.
    let attempt = agent.begin().await;
    let state = attempt.asked("state");
    attempt.visit(&[("code", "foreign-code-foreign"), ("state", "wrong")]).await;
    let good = attempt.callback(&[("code", "prefetched"), ("state", &state)]);
    stranger::request("GET", &good, &[("Sec-Purpose", "prefetch")]).await;
    stranger::request("POST", &good, &[("Content-Length", "0")]).await;
    attempt.allow(&person("Ada")).await;
    attempt.done().await;
    let attempt = Attempt::begin(&agent.client, &request("web")).await;
    attempt.allow(&person("Grace")).await;
    attempt.done().await;

    proven(&agent, home).await;

    // Renewals, good and bad.
    let renewal = |profile: &str| RenewalRequest { profile: Some(profile.to_owned()), account: None };
    agent.client.renew(&renewal(PROFILE)).await.expect("renewed");
    agent.client.renew(&renewal("web")).await.expect("renewed");
    for fault in [Fault::Html, Fault::InvalidJson, Fault::Status(500)] {
        knobs.fail(Endpoint::Token, fault, Times::Next(1));
        refusal(agent.client.renew(&renewal(PROFILE)).await);
    }

    // Sign-ins that fail late.
    knobs.corrupt_id_tokens(Some(IdTokenFault::WrongNonce));
    failed(&agent).await;
    knobs.corrupt_id_tokens(Some(IdTokenFault::BadSignature));
    failed(&agent).await;
    knobs.corrupt_id_tokens(None);
    for fault in [Fault::Cut, Fault::InvalidJson, Fault::OauthError { status: 400, error: "invalid_grant".to_owned() }]
    {
        knobs.spoil(Endpoint::Token, fault, Times::Next(1));
        failed(&agent).await;
    }

    let path = home.paths().socket();
    // Who it is, and what the tokens say: as the agent's bytes.
    let mut reports = String::new();
    for session in agent.client.sessions().await.expect("the sessions").sessions {
        let identity = socket::call(&path, &format!("GET /v1/sessions/{}/identity", session.id), &[], "").await;
        let wanted = format!(r#"{{"account":"{}"}}"#, session.id);
        let token = socket::call(&path, "POST /v1/token-reports", &[], &wanted).await;
        assert!(identity.text.contains("\"claims\""), "{}", identity.text);
        reports += &(identity.text + &token.text);
    }

    // The one answer with a token, and the arguments of the process that gave it.
    let answer = socket::call(&path, "POST /v1/tokens", &[], r#"{"profile":"web"}"#).await.text;
    let token = agent.client.token(&TokenRequest::for_profile("web")).await.expect("a token");
    let token = exposed(&token.access_token);
    let arguments = fs::read(format!("/proc/{}/cmdline", agent.pid)).expect("its arguments");

    // Out again: every refresh token that was alive reaches the provider by it.
    agent.client.sign_out(&sign_out(SignOut::Everywhere)).await.expect("signed out");
    for other in ["web", "signed", "bound"] {
        let other = SignOutRequest { profile: other.to_owned(), ..sign_out(SignOut::Revoke) };
        agent.client.sign_out(&other).await.expect("signed out");
    }
    let ended = agent.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let updates = tokio::time::timeout(PATIENCE, updates).await.expect("the stream ends").expect("it was read");
    Story {
        updates,
        reports,
        stdout: ended.stdout,
        stderr: ended.stderr,
        arguments: String::from_utf8_lossy(&arguments).into_owned(),
        answer,
        token,
    }
}

/// By a key of the client's, by proofs with a nonce, and by a token to register with, which others are given for.
async fn proven(agent: &AgentProcess, home: &Household) {
    let issuer = home.provider.issuer();
    let mut signed = profile("signed", issuer);
    "signed".clone_into(&mut signed.client_id);
    signed.client_auth = Some(ClientAuth::PrivateKeyJwt);
    let key = json!({"kty": "EC", "crv": "P-256", "d": D, "kid": "k1"}).to_string();
    let signed = ProfileEntry { client_key: Some(Secret::new(key)), ..signed.into() };
    let mut bound = profile("bound", issuer);
    bound.dpop = true;
    home.provider.knobs().id_tokens_without_details();
    for entry in [signed, bound.into()] {
        let name = entry.profile.name.clone();
        agent.client.put_profile(&entry).await.expect("the profile is good");
        agent.sign_in_with(&name).await;
        let renewal = RenewalRequest { profile: Some(name), account: None };
        agent.client.renew(&renewal).await.expect("renewed");
    }
    let managed = format!("{issuer}/register/{REGISTRATION_TOKEN}-path");
    let given = json!({"registration_access_token": REGISTRATION_TOKEN, "registration_client_uri": managed});
    home.provider.knobs().spoil(Endpoint::Register, Fault::Merged(given), Times::Next(1));
    let registration = RegistrationRequest {
        profile: profile("registered", issuer),
        initial_access_token: Some(Secret::new(format!("{REGISTRATION_TOKEN}-initial"))),
    };
    agent.client.register(&registration).await.expect("registered");
    // The demo provider knows no such address; it was asked with the token.
    refusal(agent.client.unregister("registered").await);
}

impl Story {
    fn assert_clean(&self, home: &Household) {
        let mut canaries = sent_to(&home.provider);
        canaries.push(Canary { name: "client secret".to_owned(), value: CLIENT_SECRET.to_owned() });
        canaries.push(Canary { name: "access token".to_owned(), value: self.token.clone() });
        for value in [REGISTRATION_TOKEN, D] {
            canaries.push(Canary { name: "key or token".to_owned(), value: value.to_owned() });
        }
        for name in [
            "code",
            "code_verifier",
            "refresh_token",
            "token",
            "password",
            "state",
            "nonce",
            "authorization",
            "device_code",
            "client_assertion",
            "proof",
        ] {
            assert!(canaries.iter().any(|canary| canary.name == name), "the story has no {name}");
        }

        // The search finds what is there.
        assert!(self.answer.contains(&self.token), "{}", self.answer.len());
        let found = catch_unwind(AssertUnwindSafe(|| assert_none(&canaries, "the answer", &self.answer)));
        assert!(found.is_err(), "the search does not find a token where there is one");

        for (place, text) in [
            ("the stream of updates", &self.updates),
            ("the reports", &self.reports),
            ("standard output", &self.stdout),
            ("standard error", &self.stderr),
            ("the arguments", &self.arguments),
        ] {
            assert_none(&canaries, place, text);
            assert!(!text.contains("eyJ"), "{place} holds a JWT");
        }
        for purpose in ["metadata", "keys", "device", "token", "renewal", "userinfo", "revocation", "registration"] {
            let told = format!("\"purpose\":\"{purpose}\"");
            assert!(self.updates.contains(&told), "no request was told for {purpose}");
        }
        assert!(self.updates.contains("authorization_requested"));
        assert!(
            self.updates.contains("sign_in_failed") && self.updates.contains("renewal_failed"),
            "nothing was written"
        );
        let journal = home.paths().journal();
        assert!(assert_none_below(&canaries, &journal) > 0, "there is a journal");
        assert!(assert_none_below(&canaries, home.folder()) > 0);
    }
}

async fn failed(agent: &AgentProcess) {
    let attempt = agent.begin().await;
    attempt.allow(&person("Ada")).await;
    attempt.failed().await;
}

/// The bytes of the stream as a webview gets them, to its end.
async fn record_updates(agent: &AgentProcess) -> JoinHandle<String> {
    let mut stream = UnixStream::connect(agent.client.socket()).await.expect("the agent listens");
    stream.write_all(b"GET /v1/events?since=0 HTTP/1.1\r\nhost: doorkey\r\n\r\n").await.expect("sent");
    let mut first = vec![0_u8; 15];
    stream.read_exact(&mut first).await.expect("the stream begins");
    tokio::spawn(async move {
        let mut bytes = first;
        stream.read_to_end(&mut bytes).await.expect("the stream ends");
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn settings() -> Settings {
    let loopback = || vec![Redirect::Loopback { under: "/cb/".to_owned() }];
    let web = Client::confidential("web", CLIENT_SECRET, loopback());
    let device = Device { interval: std::time::Duration::from_secs(1), ..Device::default() };
    let public = json!({"keys": [{"kty": "EC", "crv": "P-256", "x": X, "y": Y, "kid": "k1", "alg": "ES256"}]});
    let signed = Client::with_keys("signed", public, loopback());
    Settings {
        clients: vec![Client::demo(), web, signed],
        device,
        dpop_nonce: DpopNonce::Demanded,
        registration: true,
        ..Settings::default()
    }
}
