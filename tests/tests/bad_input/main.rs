//! Bad input, line by line: a code, one sentence, the next step; nothing saved, nothing lost, and the next try works
//! from the same place.

mod answers;

use std::fs;
use std::net::TcpListener;

use doorkey_client::words::{BrowserBy, DiscoveryRequest, Fix, ProfileEntry, SignInRequest, SignInStep, VaultState};
use doorkey_demo_idp::{Endpoint, Fault, Settings, Times};
use doorkey_tests::stage::{assert_told_well, profile, refusal, request};
use doorkey_tests::{Attempt, Household, PROFILE, Stage, skipped, stranger, watch};

// The issuer.

/// D-19: no URL, a user in it, a query, a fragment, no https | `config.bad_issuer` or `config.insecure_issuer`, and the password is not repeated
#[tokio::test]
async fn an_issuer_that_is_no_https_url_is_refused_before_anything_is_asked() {
    let stage = Stage::new().await;
    for (issuer, code) in [
        ("not a url at all", "config.bad_issuer"),
        ("https://", "config.bad_issuer"),
        ("https://user:password@op.example.test", "config.bad_issuer"),
        ("https://op.example.test/?tenant=1", "config.bad_issuer"),
        ("https://op.example.test/#top", "config.bad_issuer"),
        ("http://op.example.test", "config.insecure_issuer"),
        ("ftp://op.example.test", "config.insecure_issuer"),
        ("javascript:alert(1)", "config.insecure_issuer"),
    ] {
        let refused = refusal(stage.client.discover(&DiscoveryRequest::of(issuer)).await);
        let one_of = [code, "config.bad_issuer", "config.insecure_issuer"];
        assert!(one_of.contains(&refused.code.as_str()), "{issuer}: {refused:?}");
        assert_told_well(&refused);
        assert!(!refused.message.contains("password"), "{refused:?}");
        let entry = ProfileEntry::from(profile("other", issuer));
        assert_told_well(&refusal(stage.client.put_profile(&entry).await));
    }
    assert_eq!(stage.client.profiles().await.expect("the profiles").len(), 1);
}

/// D-02: the connection is refused | `net.connect` names host and port; no browser opens
#[tokio::test]
async fn an_issuer_that_cannot_be_reached_is_told_with_its_address() {
    let stage = Stage::signed_in().await;
    let before = stage.snapshot().await;
    stage.provider.go_offline().await;
    let (attempt, refused) = stage.sign_in_refused().await;
    assert_eq!((refused.code.as_str(), refused.retryable), ("net.connect", true));
    let port = stage.provider.issuer().rsplit(':').next().expect("a port").to_owned();
    assert!(refused.message.contains(&port), "{refused:?}");
    assert!(attempt.is_none(), "nothing listens and no browser is opened for it");
    assert_eq!(stage.snapshot().await, before);
    stage.provider.come_back().await.expect("the port is free");
    stage.assert_next_sign_in_works().await;
}

/// D-06: a web page, half a document, 64 MiB, nothing | each its own code, at a sign-in and at a look
#[tokio::test]
async fn metadata_that_are_none_are_refused_with_what_came() {
    let stage = Stage::signed_in().await;
    for (fault, code) in [
        (Fault::Html, "discovery.not_json"),
        (Fault::InvalidJson, "discovery.not_json"),
        (Fault::Huge, "net.too_large"),
        (Fault::Cut, "net.no_answer"),
        (Fault::Drop, "net.no_answer"),
        (Fault::Status(404), "discovery.not_found"),
        (Fault::Status(500), "discovery.unavailable"),
    ] {
        let before = stage.snapshot().await;
        for endpoint in [Endpoint::Discovery, Endpoint::OauthMetadata] {
            stage.provider.knobs().fail(endpoint, fault.clone(), Times::Always);
        }
        let (attempt, refused) = stage.sign_in_refused().await;
        assert_eq!(refused.code, code, "{fault:?}: {refused:?}");
        assert!(attempt.is_none());
        let looked = refusal(stage.client.discover(&DiscoveryRequest::of(stage.provider.issuer())).await);
        assert_eq!(looked.code, code, "{fault:?}: {looked:?}");

        assert_eq!(stage.snapshot().await, before, "{fault:?}");
        stage.provider.knobs().heal(Endpoint::Discovery);
        stage.provider.knobs().heal(Endpoint::OauthMetadata);
        stage.assert_next_sign_in_works().await;
    }
}

/// D-08: the document names another issuer | `discovery.issuer_mismatch` with both; nothing else of it is used
#[tokio::test]
async fn an_issuer_that_calls_itself_otherwise_is_refused() {
    let stage = Stage::signed_in().await;
    let before = stage.snapshot().await;
    stage.provider.knobs().discovery_issuer(Some("https://other.example.test".to_owned()));
    let (_, refused) = stage.sign_in_refused().await;
    assert_eq!((refused.code.as_str(), refused.fix), ("discovery.issuer_mismatch", None));
    assert!(refused.message.contains("https://other.example.test"), "expected and got: {}", refused.message);
    assert_eq!(stage.log().count(Endpoint::Authorize), 1, "the authorization endpoint of a liar is not used");
    assert_eq!(stage.snapshot().await, before);
    stage.provider.knobs().discovery_issuer(None);
    stage.assert_next_sign_in_works().await;
}

/// D-09: only the last slash differs | `discovery.issuer_mismatch`, and the change that mends it
#[tokio::test]
async fn where_only_the_slash_differs_one_click_mends_it() {
    let stage = Stage::with(Settings { path: "/tenant/".to_owned(), ..Settings::default() }).await;
    let right = stage.provider.issuer().to_owned();
    stage.put(|profile| profile.issuer = right.trim_end_matches('/').to_owned()).await;
    let (_, refused) = stage.sign_in_refused().await;
    assert_eq!(refused.code, "discovery.issuer_mismatch");
    let Some(Fix::UseIssuer { issuer }) = refused.fix else { panic!("no fix: {refused:?}") };
    assert_eq!(issuer, right);
    stage.put(|profile| profile.issuer = issuer).await;
    stage.assert_next_sign_in_works().await;
}

/// D-19: spaces, a slash, the address of the document itself | put right, and what it has become is shown
#[tokio::test]
async fn what_people_type_for_an_issuer_is_understood() {
    let stage = Stage::new().await;
    let issuer = stage.provider.issuer().to_owned();
    for typed in [
        issuer.clone(),
        format!("  {issuer} "),
        format!("{issuer}/"),
        format!("{issuer}/.well-known/openid-configuration"),
    ] {
        let found = stage.client.discover(&DiscoveryRequest::of(&typed)).await;
        assert_eq!(found.unwrap_or_else(|error| panic!("{typed}: {error:?}")).issuer, issuer);
    }
}

// The client and the listener.

#[tokio::test]
async fn an_unknown_client_ends_by_time_and_says_what_to_look_at() {
    let stage = Stage::signed_in().await;
    let before = stage.snapshot().await;
    stage.put(|profile| profile.client_id = "nobody".to_owned()).await;
    let short = SignInRequest { timeout: Some(1), ..request(PROFILE) };
    let attempt = Attempt::begin(&stage.client, &short).await;
    let page = stranger::request("GET", &attempt.url, &[("Connection", "close")]).await;
    assert_eq!(page.status, Some(400), "the provider shows a page and sends nobody back");
    let refused = attempt.failed().await;
    assert_eq!(refused.code, "callback.timeout");
    assert_told_well(&refused);
    stage.put(|_| ()).await;
    stage.assert_unharmed(&before, &attempt).await;
}

#[tokio::test]
async fn when_every_listed_port_is_taken_they_are_named() {
    let stage = Stage::signed_in().await;
    let before = stage.snapshot().await;
    let (one, one_port) = taken_port();
    let (_two, other_port) = taken_port();
    stage.put(|profile| profile.ports = vec![one_port, other_port]).await;
    let (_, refused) = stage.sign_in_refused().await;
    assert_eq!(refused.code, "listener.no_port");
    let told = format!("{} {}", refused.message, refused.hint);
    assert!(told.contains(&one_port.to_string()) && told.contains(&other_port.to_string()), "{refused:?}");
    assert_eq!(stage.snapshot().await, before);

    drop(one);
    let attempt = stage.begin().await;
    assert_eq!(attempt.port(), one_port);
    attempt.allow(&stage.person("Ada")).await;
    attempt.done().await;
}

#[tokio::test]
async fn the_second_port_is_used_when_the_first_is_taken() {
    let stage = Stage::new().await;
    let (_first, taken) = taken_port();
    let (second, free) = taken_port();
    drop(second);
    stage.put(|profile| profile.ports = vec![taken, free]).await;
    let attempt = stage.begin().await;
    assert_eq!(attempt.port(), free);
    attempt.allow(&stage.person("Ada")).await;
    attempt.done().await;
}

#[tokio::test]
async fn a_browser_that_cannot_be_opened_leaves_the_sign_in_waiting_with_its_address() {
    let home = Household::in_memory(Settings::default()).await;
    let mut command = home.command(&["agent", "--json"]);
    command.env("BROWSER", "/nonexistent/browser");
    let agent = doorkey_tests::household::AgentProcess::start(command).await;
    agent.put_profile(home.provider.issuer()).await;
    let by_agent = SignInRequest { browser: BrowserBy::Agent, ..request(PROFILE) };
    let attempt = Attempt::begin(&agent.client, &by_agent).await;
    let waiting =
        watch::until_sign_in(&agent.client, &attempt.id, "the browser was tried", |it| it.browser_problem.is_some())
            .await;
    let problem = waiting.browser_problem.expect("why");
    assert_eq!((problem.code.as_str(), waiting.step), ("browser.cannot_open", SignInStep::Waiting));
    attempt.allow(&doorkey_tests::stage::person("Ada")).await;
    attempt.done().await;
    assert_told_well(&problem);
}

#[tokio::test]
async fn the_agent_opens_the_browser_that_was_chosen() {
    let home = Household::in_memory(Settings::default()).await;
    let mut command = home.command(&["agent", "--json"]);
    command.env("BROWSER", doorkey_tests::program::robot()).env("ROBOT_AS", "Grace");
    let agent = doorkey_tests::household::AgentProcess::start(command).await;
    agent.put_profile(home.provider.issuer()).await;
    let by_agent = SignInRequest { browser: BrowserBy::Agent, ..request(PROFILE) };
    let id = agent.client.start_sign_in(&by_agent).await.expect("it starts").sign_in.id;
    let ended = watch::until_sign_in(&agent.client, &id, "the sign-in ends", |it| it.step.is_final()).await;
    assert_eq!(ended.session.map(|session| session.sub).as_deref(), Some("demo|grace"), "{:?}", ended.error);
}

// The callback.

#[tokio::test]
async fn callbacks_with_our_state_and_wrong_parameters_end_the_sign_in_and_send_nothing() {
    type Parameters<'a> = Vec<(&'a str, &'a str)>;
    let stage = Stage::signed_in().await;
    let issuer = stage.provider.issuer().to_owned();
    let iss = ("iss", issuer.as_str());
    let cases: Vec<(&str, Parameters<'_>)> = vec![
        ("callback.no_code", vec![iss]),
        ("callback.no_code", vec![("code", ""), iss]),
        ("callback.duplicate_parameter", vec![("code", "a"), ("code", "b"), iss]),
        ("callback.duplicate_parameter", vec![("code", "a"), iss, iss]),
        ("callback.iss_mismatch", vec![("code", "a"), ("iss", "https://evil.example")]),
        ("callback.iss_missing", vec![("code", "a")]),
        ("callback.token_in_url", vec![("code", "a"), ("access_token", "b"), iss]),
        ("callback.access_denied", vec![("error", "access_denied"), iss]),
        ("callback.access_denied", vec![("error", "access_denied"), ("code", "a"), iss]),
        ("callback.login_required", vec![("error", "login_required"), iss]),
        ("callback.server_error", vec![("error", "server_error"), iss]),
        ("callback.invalid_scope", vec![("error", "invalid_scope"), iss]),
        ("callback.provider_error", vec![("error", "something_new"), iss]),
    ];
    for (code, mut parameters) in cases {
        let before = stage.snapshot().await;
        let exchanges = stage.log().count(Endpoint::Token);
        let attempt = stage.begin().await;
        let state = attempt.asked("state");
        parameters.push(("state", &state));
        attempt.visit(&parameters).await;
        let refused = attempt.failed().await;
        assert_eq!(refused.code, code, "{parameters:?}: {refused:?}");
        assert_told_well(&refused);
        assert_eq!(stage.log().count(Endpoint::Token), exchanges, "{code}: no code is sent");
        assert_eq!(stage.snapshot().await, before, "{code}");
    }
    stage.assert_next_sign_in_works().await;
}

#[tokio::test]
async fn foreign_callbacks_have_no_effect() {
    let stage = Stage::new().await;
    let attempt = stage.begin().await;
    let state = attempt.asked("state");
    let longer = format!("{state}1");
    let upper = state.to_uppercase();
    let parameters: [&[(&str, &str)]; 6] = [
        &[("code", "a"), ("state", &longer)],
        &[("code", "a"), ("state", &upper)],
        &[("code", "a"), ("state", "")],
        &[("code", "a")],
        &[("error", "access_denied"), ("state", &longer)],
        &[("code", "a"), ("state", &state), ("state", &state)],
    ];
    for foreign in parameters {
        assert_eq!(attempt.visit(foreign).await.status, Some(400));
    }
    let bad_escape = format!(
        "GET {}?state=%zz&code=a HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n",
        attempt.redirect_uri.path(),
        attempt.port()
    );
    assert_eq!(stranger::say(attempt.port(), bad_escape.as_bytes()).await.status, Some(400));
    assert_eq!(attempt.until_ignored(7).await.step, SignInStep::Waiting);
    attempt.allow(&stage.person("Ada")).await;
    attempt.done().await;
}

#[tokio::test]
async fn words_of_a_provider_are_cut_and_cannot_command_a_terminal() {
    let stage = Stage::new().await;
    let attempt = stage.begin().await;
    let state = attempt.asked("state");
    let hostile = format!("\u{1b}[2J<b>\u{202e}{}", "x".repeat(5_000));
    attempt
        .visit(&[
            ("error", "access_denied"),
            ("error_description", &hostile),
            ("state", &state),
            ("iss", stage.provider.issuer()),
        ])
        .await;
    let refused = attempt.failed().await;
    assert!(refused.message.chars().count() < 600, "{}", refused.message.len());
    assert!(!refused.message.contains(['\u{1b}', '\u{202e}']), "{refused:?}");
}

// Files.

#[tokio::test]
async fn a_typo_in_the_profiles_file_is_told_with_its_place_and_the_others_go_on() {
    let stage = Stage::signed_in().await;
    let path = stage.paths.profiles();
    let good = fs::read_to_string(&path).expect("the file");
    let line = good.lines().count() + 3;
    let typo = format!("{good}\n[profiles.second]\nissuerr = \"https://op.example.test\"\nclient_id = \"x\"\n");
    fs::write(&path, &typo).expect("written");

    let problems = stage.client.hello().await.expect("hello").problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!((problems[0].code.as_str(), problems[0].profile.as_deref()), ("config.parse", Some("second")));
    assert!(
        problems[0].message.contains(&format!("profiles.toml:{line}:1")) && problems[0].message.contains("issuerr"),
        "{problems:?}"
    );
    assert_told_well(&problems[0]);
    assert_eq!(refusal(stage.client.start_sign_in(&request("second")).await).code, "config.parse");
    stage.token().await.expect("a token, as before");
    stage.assert_next_sign_in_works().await;
    assert_eq!(fs::read_to_string(&path).expect("the file"), typo, "nobody rewrites what a person is editing");

    fs::write(&path, "[profiles.work\n").expect("written");
    let entry = ProfileEntry::from(stage.profile());
    assert_eq!(refusal(stage.client.put_profile(&entry).await).code, "config.parse");
    stage.token().await.expect("a token, even so");
    assert_eq!(fs::read_to_string(&path).expect("the file"), "[profiles.work\n");
    fs::write(&path, good).expect("written");
    stage.assert_next_sign_in_works().await;
}

#[tokio::test]
async fn a_damaged_vault_file_is_told_moved_aside_and_costs_one_sign_in() {
    let Some(home) = Household::with_keyring(Settings::default()).await else {
        return skipped("a_damaged_vault_file_is_told_moved_aside_and_costs_one_sign_in", "there is no gnome-keyring");
    };
    for (what, damage) in damages() {
        let (agent, session) = home.agent_with_ada().await;
        agent.terminate().await;
        let files = sealed(&home);
        assert!(!files.is_empty(), "a session is on the disk");
        for file in &files {
            let mut bytes = fs::read(file).expect("the file");
            damage(&mut bytes);
            fs::write(file, bytes).expect("written");
        }

        let agent = home.agent().await;
        watch::until_vault(&agent.client, "the vault is ready", |vault| vault.state == VaultState::Ready).await;
        assert!(agent.client.sessions().await.expect("the sessions").sessions.is_empty(), "{what}");
        let problems = agent.client.hello().await.expect("hello").problems;
        let families = ["store.damaged", "store.foreign_record", "store.newer_version"];
        assert!(problems.iter().any(|problem| families.contains(&problem.code.as_str())), "{what}: {problems:?}");
        problems.iter().for_each(assert_told_well);
        let kept = fs::read_dir(home.paths().vault()).expect("the folder").count();
        assert!(kept > 0, "{what}: it is kept, not deleted");
        let again = agent.sign_in().await;
        assert_eq!(again.sub, session.sub, "{what}");
        agent.client.delete_profile(PROFILE).await.expect("tidied up");
        agent.terminate().await;
        for entry in fs::read_dir(home.paths().vault()).expect("the folder") {
            let path = entry.expect("an entry").path();
            if path.to_string_lossy().contains(".sealed") {
                fs::remove_file(path).expect("tidied up");
            }
        }
    }
}

type Damage = fn(&mut Vec<u8>);

fn damages() -> [(&'static str, Damage); 4] {
    [
        ("cut", |bytes| bytes.truncate(bytes.len() / 2)),
        ("one bit turned", |bytes| *bytes.last_mut().expect("bytes") ^= 1),
        ("empty", Vec::clear),
        ("something else", |bytes| *bytes = b"{\"access_token\":\"x\"}".to_vec()),
    ]
}

fn sealed(home: &Household) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(home.paths().vault()).expect("the vault's folder");
    entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|it| it == "sealed"))
        .collect()
}

fn taken_port() -> (TcpListener, u16) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("its address").port();
    (listener, port)
}
