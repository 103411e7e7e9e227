//! One sign-in from its start to its end, whatever becomes of it (rows L-33 to L-46).

use std::fs;
use std::net::TcpListener;

use doorkey_client::words::{BrowserBy, SignInRequest, SignInStep, Update};
use doorkey_demo_idp::{Endpoint, Settings};
use doorkey_tests::household::AgentProcess;
use doorkey_tests::secrets::{assert_none, assert_none_below, sent_to};
use doorkey_tests::stage::{person, refusal, request};
use doorkey_tests::{Attempt, Household, PATIENCE, PROFILE, Stage, program, watch};

use crate::listener_support::{CANARY, Waiting, encoded};

/// L-33: a second window or command signs in with the same profile | refused, and told that one is under way; the first goes on
/// a second sign-in for the same profile at once | `login.already_running`, the first goes on
#[tokio::test]
async fn l_33_a_09_one_sign_in_for_each_profile() {
    let waiting = Waiting::new().await;
    let refused = refusal(waiting.stage.client.start_sign_in(&request(PROFILE)).await);
    assert_eq!((refused.code.as_str(), refused.profile.as_deref()), ("login.already_running", Some(PROFILE)));
    assert!(refused.retryable && refused.hint.contains("cancel"), "{refused:?}");
    waiting.still_waits(&[]).await;
}

/// L-34: the same answer again and again, at once, by reload and by the back button | the first is consumed, the others are led to the page
/// C-18: two identical callbacks in parallel | one exchange, 200 `/done` for all
/// HP-AZ-13: the same good callback twice, and ten times in parallel | one token request
#[tokio::test]
async fn l_34_c_18_hp_az_13_an_answer_is_consumed_once() {
    let waiting = Waiting::new().await;
    let gate = waiting.stage.provider.knobs().hold(Endpoint::Token);
    let exchanged = waiting.stage.log().count(Endpoint::Token);
    let good = waiting.good_query();
    let (a, b, c, d, e) = tokio::join!(
        waiting.arrives(&good),
        waiting.arrives(&good),
        waiting.arrives(&good),
        waiting.arrives(&good),
        waiting.arrives(&good)
    );
    assert!(gate.wait_for(1, PATIENCE).await, "the code is exchanged");
    let again = waiting.arrives(&good).await;
    let foreign = waiting.arrives("code=other&state=other").await;
    for led in [a, b, c, d, e, again, foreign] {
        assert_eq!((led.status, led.header("location")), (Some(303), Some("/done")));
    }
    assert_eq!(waiting.asks("GET", "/done", "").await.status, Some(200));
    gate.release();
    let refused = waiting.attempt.failed().await;
    assert_eq!(refused.code, "token.code_rejected", "a made-up code");
    assert_eq!(waiting.stage.log().count(Endpoint::Token), exchanged + 1);
    waiting.assert_port_is_free().await;
    waiting.stage.assert_next_sign_in_works().await;
}

/// L-35: the person closes the tab and nothing ever comes | the address is there to open again, until the time is up; then the port is free
/// the person closes the tab | the wait goes on, with its end, a way to stop it and the address to open again
#[tokio::test]
async fn l_35_a_06_nobody_comes_back() {
    let waiting = Waiting::new().await;
    let now = waiting.attempt.now().await;
    assert_eq!(now.deadline.duration_since(now.started_at).as_secs(), 300, "five minutes unless told otherwise");
    let detail = waiting.stage.client.sign_in(&waiting.attempt.id).await.expect("it is known");
    assert_eq!(detail.authorization_url.as_deref(), Some(waiting.attempt.url.as_str()), "to open again");
    let Waiting { stage, attempt, .. } = waiting;
    attempt.cancel().await;
    attempt.ended().await;
    assert_eq!(stage.client.sign_in(&attempt.id).await.expect("it is known").authorization_url, None);

    let attempt = Attempt::begin(&stage.client, &SignInRequest { timeout: Some(1), ..request(PROFILE) }).await;
    let refused = attempt.failed().await;
    assert_eq!((refused.code.as_str(), refused.retryable), ("callback.timeout", true));
    assert!(refused.hint.contains(attempt.redirect_uri.as_str()), "{refused:?}");
    assert!(attempt.is_deserted().await);
    for seconds in [0, 1801] {
        let request = SignInRequest { timeout: Some(seconds), ..request(PROFILE) };
        assert_eq!(refusal(stage.client.start_sign_in(&request).await).code, "usage.timeout");
    }
    stage.assert_next_sign_in_works().await;
}

/// L-36: cancelled before the token request, and during it | never sent; or its answer is awaited and what it gave is revoked. The old session stays
#[tokio::test]
async fn l_36_cancelled_before_and_during_the_exchange() {
    let waiting = Waiting::new().await;
    let exchanged = waiting.stage.log().count(Endpoint::Token);
    waiting.attempt.cancel().await;
    assert_eq!(waiting.attempt.ended().await.step, SignInStep::Cancelled);
    assert!(waiting.attempt.is_deserted().await);
    assert_eq!(waiting.stage.log().count(Endpoint::Token), exchanged);
    assert_eq!(waiting.stage.log().count(Endpoint::Revoke), 0);

    let stage = waiting.stage;
    let before = stage.snapshot().await;
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    let attempt = stage.begin().await;
    attempt.allow(&stage.person("Ada")).await;
    assert!(gate.wait_for(1, PATIENCE).await, "the code is exchanged");
    attempt.cancel().await;
    gate.release();
    assert_eq!(attempt.ended().await.step, SignInStep::Cancelled);
    assert_eq!(stage.log().count(Endpoint::Token), exchanged + 1);
    assert_eq!(stage.log().count(Endpoint::Revoke), 1);
    assert_eq!(stage.snapshot().await, before);
    stage.assert_next_sign_in_works().await;
}

/// L-37: the program is killed while it waits | the port is free at once, nothing secret is on the disk, the next start signs in
#[tokio::test]
async fn l_37_killed_while_it_waits() {
    let home = Household::in_memory(Settings::default()).await;
    let agent = home.agent().await;
    agent.put_profile(home.provider.issuer()).await;
    let attempt = agent.begin().await;
    let (id, port, state) = (attempt.id.clone(), attempt.port(), attempt.asked("state"));
    agent.kill().await;
    assert!(attempt.is_deserted().await);
    for host in ["127.0.0.1", "::1"] {
        TcpListener::bind((host, port)).expect("free at once");
    }
    let secrets = [doorkey_tests::secrets::Canary { name: "state".into(), value: state }];
    assert!(assert_none_below(&secrets, home.folder()) > 0);
    let journal = fs::read_to_string(home.paths().journal().join("journal.jsonl")).expect("the journal");
    let of_it: Vec<&str> = journal.lines().filter(|line| line.contains(&id)).collect();
    assert!(of_it.iter().any(|line| line.contains("listening")), "{journal}");
    let ends = ["sign_in_failed", "sign_in_cancelled", "signed_in"];
    assert!(!of_it.iter().any(|line| ends.iter().any(|end| line.contains(end))), "it has no end: {journal}");

    let agent = home.agent().await;
    agent.sign_in().await;
    assert_eq!(home.provider.log().count(Endpoint::Token), 1);
    agent.terminate().await;
}

/// L-39: the answer of an earlier sign-in arrives at a later one on the same port | its state is another's: 400, the wait goes on
/// HP-AZ-12: the redirect comes after the attempt timed out | nobody listens; the next attempt on the port does not take it
#[tokio::test]
async fn l_39_hp_az_12_a_late_answer_is_not_taken_by_the_next_sign_in() {
    let waiting = Waiting::new().await;
    let late = waiting.good_query();
    let stage = waiting.stage;
    waiting.attempt.cancel().await;
    waiting.attempt.ended().await;
    assert!(waiting.attempt.is_deserted().await, "nobody listens");
    let next = Waiting::on(stage).await;
    assert_eq!(next.port(), waiting.attempt.port());
    assert_eq!(next.arrives(&late).await.status, Some(400));
    next.still_waits(&["wrong state"]).await;
}

/// L-40: a browser command that could be made to run more than it should | started without a shell, with the address as its one argument
#[tokio::test]
async fn l_40_the_browser_gets_one_argument_and_no_shell() {
    use std::os::unix::fs::PermissionsExt;
    let home = Household::in_memory(Settings::default()).await;
    let (script, told) = (home.folder().join("browser"), home.folder().join("told"));
    let text = format!("#!/bin/sh\nprintf '%s\\n' \"$#\" \"$@\" > {0}.part && mv {0}.part {0}\n", told.display());
    fs::write(&script, text).expect("written");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("made executable");
    let mut command = home.command(&["agent", "--json"]);
    command.env("BROWSER", &script);
    let agent = AgentProcess::start(command).await;
    agent.put_profile(home.provider.issuer()).await;
    let hostile = [("ui_locales", "$(touch /tmp/owned) `id` ; & | \" ' \\ %s --flag")];
    let params = hostile.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let by_agent = SignInRequest { browser: BrowserBy::Agent, params, ..request(PROFILE) };
    let attempt = Attempt::begin(&agent.client, &by_agent).await;
    watch::until_event(&agent.client, "the browser was opened", |event| {
        matches!(event.kind, doorkey_client::words::EventKind::BrowserOpened).then_some(())
    })
    .await;
    let until = std::time::Instant::now() + PATIENCE;
    while !told.exists() {
        assert!(std::time::Instant::now() < until, "the browser never started");
        tokio::task::yield_now().await;
    }
    assert_eq!(fs::read_to_string(&told).expect("what it was told"), format!("1\n{}\n", attempt.url));
    assert!(attempt.url.as_str().starts_with("http://127.0.0.1:"));
    attempt.allow(&person("Ada")).await;
    attempt.done().await;
    agent.terminate().await;
}

/// L-41: no browser can be opened | the reason and the address are there, and the wait goes on
/// no browser | `browser.cannot_open`, the address to copy, and the wait goes on
#[tokio::test]
async fn l_41_a_01_without_a_browser_the_address_is_there_to_copy() {
    let stage = Stage::signed_in().await;
    let by_agent = SignInRequest { browser: BrowserBy::Agent, ..request(PROFILE) };
    let attempt = Attempt::begin(&stage.client, &by_agent).await;
    let told = |it: &doorkey_client::words::SignIn| it.browser_problem.is_some();
    let waiting = watch::until_sign_in(&stage.client, &attempt.id, "the browser was tried", told).await;
    let problem = waiting.browser_problem.expect("why");
    assert_eq!((problem.code.as_str(), waiting.step), ("browser.cannot_open", SignInStep::Waiting));
    let detail = stage.client.sign_in(&attempt.id).await.expect("it is known");
    assert_eq!(detail.authorization_url.as_deref(), Some(attempt.url.as_str()));
    attempt.allow(&stage.person("Ada")).await;
    attempt.done().await;
}

/// L-42: the person's browser is on another computer, over SSH | the command that forwards the very port is printed; nothing listens beyond loopback
/// L-T07: a login over SSH | the line that forwards the port is printed
#[tokio::test]
async fn l_42_l_t07_over_ssh_the_port_forward_is_printed() {
    let home = Household::in_memory(Settings::default()).await;
    let agent = home.agent().await;
    agent.put_profile(home.provider.issuer()).await;
    let mut login = home.command(&["login", PROFILE, "--no-browser"]);
    login.env("SSH_CONNECTION", "192.0.2.7 51000 192.0.2.1 22").env("USER", "ada");
    let login = login.spawn().expect("the program starts");
    let id = watch::until(&agent.client, "a sign-in waits", |update| match update {
        Update::SignIn { sign_in } if sign_in.redirect_uri.is_some() => Some(sign_in.id.clone()),
        _ => None,
    })
    .await;
    let attempt = Attempt::waiting(&agent.client, &id).await;
    attempt.allow(&person("Ada")).await;
    let ended = program::ended(login).await;
    let wanted = format!("ssh -L {0}:127.0.0.1:{0} ada@192.0.2.1", attempt.port());
    assert!(ended.code == Some(0) && ended.stderr.contains(&wanted), "{wanted} in\n{}", ended.stderr);
    agent.terminate().await;
}

/// L-46: whoever watches the sign-in, such as the window, wants the code | watchers get steps and fingerprints; no code, state, verifier or token
#[tokio::test]
async fn l_46_no_watcher_sees_the_code() {
    let waiting = Waiting::new().await;
    let mut updates = waiting.stage.client.updates(Some(0)).await.expect("the agent tells what changes");
    let iss = encoded(waiting.stage.provider.issuer());
    waiting.arrives(&format!("code={CANARY}&state=wrong&iss={iss}")).await;
    waiting.attempt.allow(&waiting.stage.person("Ada")).await;
    waiting.attempt.done().await;
    let mut told = String::new();
    let watching = async {
        loop {
            let update = updates.next().await.expect("the stream goes on").expect("the agent is there");
            told += &serde_json::to_string(&update).expect("JSON");
            if matches!(&update, Update::SignIn { sign_in } if sign_in.id == waiting.attempt.id && sign_in.step.is_final())
            {
                break;
            }
        }
    };
    tokio::time::timeout(PATIENCE, watching).await.expect("the end is told");
    assert!(told.contains("callback_received") && !told.contains(CANARY), "{told}");
    assert_none(&sent_to(&waiting.stage.provider), "the stream of updates", &told);
}
