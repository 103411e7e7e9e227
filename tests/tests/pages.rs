//! The pages behind the accounts, in the real window: what a person finds there, changes there, and takes out of it.

use std::fs;
use std::process::Stdio;

use doorkey_client::words::{ConsentDecision, ProfileEntry, TokenRequest};
use doorkey_demo_idp::Endpoint;
use doorkey_tests::program;
use doorkey_tests::secrets::{assert_none, sent_to};
use doorkey_tests::stage::{exposed, person, profile, request};
use doorkey_tests::window::{Browser, Desk, Driver, Look, Window};
use doorkey_tests::{Attempt, PATIENCE, watch};
use serde_json::json;
use tokio::process::Command;

/// As WebDriver spells the key.
const ENTER: char = '\u{e007}';
const ESCAPE: char = '\u{e00c}';

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_tells_who_how_long_and_what_was_checked_and_shows_its_token_for_a_moment() {
    let Some(desk) = Desk::new("account", Browser::Idle).await else { return };
    let window = desk.open(Look::Light).await;
    let page = &window.page;
    sign_in(&window, &desk, "work", "Ada").await;

    page.follow("open-account").await;
    page.reads("account-page", "Ada Lovelace").await;
    page.reads("life", "Not renewed yet").await;
    page.reads("scopes", "openid").await;
    page.reads("identity", "ada@example.test").await;
    page.reads("identity", "Checks: ID token").await;
    page.reads("token", "Opaque").await;
    page.press("renew-now").await;
    page.reads("life", "Renewed once").await;

    let token = exposed(&window.agent.token(&TokenRequest::default()).await.expect("a token").access_token);
    assert!(!page.html().await.contains(&token), "nobody asked to see it");
    page.press("reveal-token").await;
    page.reads("revealed-token", &token).await;
    page.press("reveal-token").await;
    page.hides("revealed-token").await;
    assert!(!page.html().await.contains(&token), "it was hidden");

    // By another name, which is there after a restart too.
    page.press("more").await;
    page.press_the("[data-testid=menu] button:has(.lucide-pencil)").await;
    page.fill("rename-field", &format!("The Countess{ENTER}")).await;
    page.reads("account-title", "The Countess").await;
    window.picture(&desk.screen, "light-account").await;
    window.close(&desk.screen).await;
    let window = desk.open(Look::Light).await;
    window.page.reads("session-card", "The Countess").await;
    window.close(&desk.screen).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scenarios_are_run_when_somebody_says_so_then_at_every_save_and_end_with_the_window() {
    let Some(desk) = Desk::new("scenarios", Browser::Idle).await else { return };
    let window = desk.open(Look::Light).await;
    let page = &window.page;
    page.follow("go-inspect").await;
    page.press("go-scenarios").await;
    page.reads("no-scenarios", "before anything is run").await;

    let folder = desk.folder().join("scenarios");
    fs::create_dir(&folder).expect("a folder");
    let file = folder.join("login.toml");
    let save = |command: &[&str], rest: &str| {
        let head =
            format!("version = 1\n[profile]\nissuer = \"{}\"\nclient_id = \"doorkey-demo\"\n", desk.provider.issuer());
        let login = format!("[login]\nby = \"command\"\ncommand = {command:?}\n");
        fs::write(&file, format!("{head}{login}[[scenario]]\nname = \"Ada signs in\"\n{rest}")).expect("there is room");
    };
    let robot = program::robot();
    let robot = robot.to_str().expect("a plain path");
    save(&[robot], "");
    page.press("choose-files").await;
    desk.leave_dialog("Scenarios to watch").await;
    page.reads("no-scenarios", "before anything is run").await;
    page.press("choose-folder").await;
    desk.choose_in("A folder of scenarios to watch", &folder).await;
    page.reads("scenarios-trust", robot).await;
    page.press("close-scenarios").await;
    page.shows("no-scenarios").await;
    // The same from a terminal.
    page.follow("go-accounts").await;
    let second = program::ended(desk.start(&["--scenarios", folder.to_str().expect("a plain path")])).await;
    assert_eq!(second.code, Some(0), "{second:?}");
    page.reads("scenarios-trust", robot).await;
    page.reads("scenarios-trust", desk.provider.issuer()).await;
    assert_eq!(desk.provider.log().count(Endpoint::Discovery), 0, "nothing is run yet");

    page.press("run-scenarios").await;
    page.reads("scenarios-status", "1 passed").await;
    save(&[robot], "expect = { alg = \"ES256\" }\n");
    page.reads("scenarios-status", "1 failed").await;
    page.reads("scenario-run", "ES256").await;
    window.picture(&desk.screen, "light-scenarios").await;
    page.press("show-flow").await;
    page.reads("run-flow", "Authorization request made").await;
    page.press("run-flow-back").await;
    assert!(window.agent.sessions().await.expect("a list").sessions.is_empty(), "nothing of it is the person's");

    // In the middle of a run.
    fs::write(folder.join("waits.sh"), "echo $$ > pid\nexec sleep 600\n").expect("there is room");
    save(&["sh", "waits.sh"], "");
    let pid = async {
        loop {
            match fs::read_to_string(folder.join("pid")) {
                Ok(pid) if pid.ends_with('\n') => return pid.trim().to_owned(),
                _ => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            }
        }
    };
    let pid = tokio::time::timeout(PATIENCE, pid).await.expect("its command runs");
    page.reads("scenario-run", "at the login page").await;
    window.close(&desk.screen).await;
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    assert!(state.is_empty() || state.contains(") Z"), "it goes on without its window: {state}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inspect_shows_each_request_of_a_sign_in_and_tells_two_apart() {
    let Some(desk) = Desk::new("inspect", Browser::Idle).await else { return };
    let window = desk.open(Look::Dark).await;
    let page = &window.page;
    page.follow("go-inspect").await;
    page.until(
        "the agent's own beginning is told",
        "document.querySelector('main').innerText.includes('The agent began to serve')",
    )
    .await;

    sign_in(&window, &desk, "work", "Ada").await;
    let attempt = Attempt::begin(&window.agent, &request("work")).await;
    attempt.deny(&person("Ada")).await;
    watch::until_sign_in(&window.agent, &attempt.id, "it is refused", |one| one.step.is_final()).await;

    page.until("both sign-ins are told", "document.querySelectorAll('[data-testid=flow-line]').length === 2").await;
    page.press("filter-problems").await;
    page.until("one went wrong", "document.querySelectorAll('[data-testid=flow-line]').length === 1").await;
    page.follow("flow-line").await;
    page.reads("flow-refusal", "callback.access_denied").await;

    page.press("compare").await;
    page.press("pick").await;
    page.reads("compare-view", "Ada Lovelace").await;
    page.reads("compare-summary", "only in A").await;
    page.press("only-differences").await;
    page.reads("pair", "Tokens").await;
    window.picture(&desk.screen, "dark-compare").await;
    page.run("history.back()").await.expect("a way back");
    page.press("back-to-list").await;
    page.press("filter-problems").await;

    // The sign-in that worked, with the very request for the tokens, and nothing of it that is secret.
    let flow =
        page.until("it is there", "[...document.querySelectorAll('[data-testid=flow-line]')].at(-1)?.hash").await;
    page.run(&format!("location.hash = {flow}")).await.expect("a way");
    page.reads("flow-outcome", "done").await;
    page.press("open-all").await;
    page.reads("step", "grant_type").await;
    page.reads("step", "code_verifier").await;
    assert_none(&sent_to(&desk.provider), "the page", &page.html().await);
    window.picture(&desk.screen, "dark-flow").await;
    page.press_the(".tools [data-testid=export]").await;
    page.press("save-markdown").await;
    page.reads("toast", "Saved").await;
    let saved = fs::read_dir(desk.folder().join("home")).expect("a home");
    let saved: Vec<_> = saved.map(|entry| entry.expect("an entry").path()).collect();
    let file = saved.iter().find(|path| path.extension().is_some_and(|end| end == "md")).expect("it is saved");
    let text = fs::read_to_string(file).expect("text");
    assert!(text.contains("grant_type") && text.starts_with("# Sign-in"), "{text}");
    assert_none(&sent_to(&desk.provider), "the saved file", &text);
    window.close(&desk.screen).await;
}

/// Design 2.4: a person edits the nonce of a request in the window | the check that fails is seen, and nothing is kept
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_is_stepped_through_edited_and_not_kept() {
    let Some(desk) = Desk::new("steps", Browser::Idle).await else { return };
    let window = desk.open(Look::Light).await;
    let page = &window.page;
    put(&window, &desk, "work").await;
    page.follow("go-inspect").await;
    page.press("start-steps").await;
    page.press_the("[data-testid=menu] button").await;

    waits_before(page, "metadata").await;
    assert_eq!(desk.provider.log().entries().len(), 0, "nothing was sent yet");
    page.press("send").await;
    waits_before(page, "authorization").await;
    page.reads("gone-view", "answered 200").await;
    page.reads("address", "/authorize").await;
    page.press_the("[data-testid=line][data-name=nonce] [data-testid=edit]").await;
    page.fill("edit-value", &format!("a-nonce-of-somebody-else{ENTER}")).await;
    page.reads("not-kept", "nothing of this sign-in is kept").await;
    page.press_the("[data-testid=line][data-name=scope] [data-testid=remove]").await;
    page.press_the("[data-testid=line][data-name=scope] [data-testid=undo]").await;
    // Escape leaves a field as it was, and stops nothing.
    page.press("edit-address").await;
    page.fill("edit-value", &format!("https://evil.example/{ESCAPE}")).await;
    page.hides("edit-value").await;
    window.picture(&desk.screen, "light-steps-edited").await;
    page.press("send").await;

    page.shows("in-browser").await;
    window.attempt().await.allow(&person("Ada")).await;
    waits_before(page, "token").await;
    page.reads("code-life", "The code is").await;
    // What could lead the code to somebody else is refused, in its place, and the request waits on.
    page.press("edit-address").await;
    page.fill("edit-value", &format!("https://evil.example/token{ENTER}")).await;
    page.press("send").await;
    page.reads("edit-refused", "another server").await;
    page.press("undo-all").await;
    page.press("send").await;
    waits_before(page, "keys").await;
    page.reads("gone-view", "Tokens received").await;
    page.press("send").await;

    page.reads("step-end", "It did not work").await;
    page.reads("refusal", "idtoken.nonce").await;
    page.until(
        "the check that failed is seen",
        "[...document.querySelectorAll('[data-testid=check][data-outcome=failed]')].some((one) => one.innerText.includes('idtoken.nonce'))",
    )
    .await;
    let html = page.html().await;
    assert_none(&sent_to(&desk.provider), "the page", &html);
    let gone = "[...document.querySelectorAll('[data-testid=gone]')].map((one) => one.innerText).join('|')";
    let gone = page.until("the steps are there", gone).await;
    assert!(gone.as_str().is_some_and(|steps| steps.contains("edited")), "{gone}");
    window.picture(&desk.screen, "light-steps-failed").await;
    assert!(window.agent.sessions().await.expect("a list").sessions.is_empty(), "nothing is kept");
    let asked = desk.provider.log().of(Endpoint::Authorize)[0].clone();
    assert_eq!(asked.params.get("nonce"), Some("a-nonce-of-somebody-else"));
    assert!(asked.params.get("scope").is_some(), "what was undone is there");

    // To look at it later.
    page.press("step-inspect").await;
    page.reads("flow-refusal", "idtoken.nonce").await;
    window.close(&desk.screen).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_accounts_and_two_providers_are_told_apart() {
    let Some(desk) = Desk::new("compare", Browser::Idle).await else { return };
    let window = desk.open(Look::Light).await;
    let page = &window.page;
    sign_in(&window, &desk, "work", "Ada").await;
    sign_in(&window, &desk, "home", "Grace").await;
    page.run("location.hash = '#/compare/accounts'").await.expect("a way");
    page.reads("compare-summary", "members differ").await;
    page.reads("member", "ada@example.test").await;
    page.reads("member", "grace@example.test").await;
    assert_none(&sent_to(&desk.provider), "the page", &page.html().await);
    window.picture(&desk.screen, "light-compare-accounts").await;

    // One provider, asked twice: it says the same.
    page.follow("compare-providers").await;
    page.reads("compare-summary", "Nothing differs").await;
    page.reads("member", desk.provider.issuer()).await;
    window.close(&desk.screen).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_asks_is_seen_answered_and_its_permission_taken_back() {
    let Some(desk) = Desk::new("programs", Browser::Idle).await else { return };
    fs::remove_file(desk.paths().policy()).expect("the policy of every story");
    let window = desk.open(Look::Light).await;
    let page = &window.page;
    page.follow("go-programs").await;
    page.shows("no-programs").await;
    sign_in(&window, &desk, "work", "Ada").await;

    let asking = tokio::spawn(program::run(asker(&desk)));
    page.reads("consent-sheet", "asker").await;
    window.picture(&desk.screen, "light-consent").await;
    // Put aside, it waits; the page leads back to it.
    page.press("consent-later").await;
    page.hides("consent-sheet").await;
    page.reads("asking", "asker").await;
    page.press("decide").await;
    page.press("consent-allow").await;
    let ended = asking.await.expect("it has ended");
    assert!(ended.stdout.starts_with("200 "), "{ended:?}");

    page.reads("consent-row", "Allowed").await;
    page.reads("last-hand-out", "Last token").await;
    let consents = window.agent.consents().await.expect("a list").consents;
    assert_eq!(consents.iter().map(|one| one.decision).collect::<Vec<_>>(), [ConsentDecision::Allow]);
    window.picture(&desk.screen, "light-programs").await;
    page.press("revoke").await;
    page.press("confirm-revoke").await;
    page.hides("consent-row").await;
    assert!(window.agent.consents().await.expect("a list").consents.is_empty());

    let asking = tokio::spawn(program::run(asker(&desk)));
    page.press("consent-deny").await;
    let ended = asking.await.expect("it has ended");
    assert!(ended.stdout.starts_with("403 "), "{ended:?}");
    page.reads("hand-outs", "Refused").await;
    window.close(&desk.screen).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_change_language_network_and_profiles_at_once_and_for_good() {
    let Some(desk) = Desk::new("pages-settings", Browser::Idle).await else { return };
    let window = desk.open(Look::Light).await;
    let page = &window.page;
    put(&window, &desk, "work").await;

    page.follow("go-settings").await;
    page.choose("language", "de").await;
    page.reads("settings-appearance", "Sprache und Aussehen").await;
    assert_eq!(page.run("return document.documentElement.lang").await.expect("a language"), "de");
    for (section, words) in [
        ("computer", "Mit dem System starten"),
        ("vault", "Schlüsselbund"),
        ("network", "Proxy"),
        ("profiles", "Ein Profil"),
        ("about", "Version"),
    ] {
        page.follow(&format!("section-{section}")).await;
        page.reads(&format!("settings-{section}"), words).await;
        window.picture(&desk.screen, &format!("light-german-{section}")).await;
    }

    page.follow("section-network").await;
    page.fill("proxy", "http://user:word@proxy.example:8080").await;
    page.press("save-network").await;
    page.until(
        "a password is refused",
        "document.querySelector('[data-testid=proxy]').getAttribute('aria-invalid') === 'true'",
    )
    .await;
    page.run("document.querySelector('[data-testid=proxy]').select()").await.expect("a field");
    page.fill("proxy", "http://proxy.example:8080").await;
    page.press("save-network").await;
    page.reads("network-in-force", "http://proxy.example:8080").await;
    let kept = fs::read_to_string(desk.paths().network()).expect("a file for people");
    assert!(kept.contains("http://proxy.example:8080") && !kept.contains("word"), "{kept}");

    page.follow("section-profiles").await;
    page.press("import").await;
    let postman = json!({
        "name": "Staging",
        "values": [
            { "key": "issuer", "value": desk.provider.issuer() },
            { "key": "client_id", "value": "doorkey-demo" },
            { "key": "client_secret", "value": "not-for-a-file" },
        ],
        "_postman_variable_scope": "environment",
    });
    page.fill("import-text", &postman.to_string()).await;
    page.press("import-look").await;
    page.reads("imported", "doorkey-demo").await;
    page.press("import-save").await;
    page.press("import-done").await;
    page.until("both are listed", "document.querySelectorAll('[data-testid=profile]').length === 2").await;
    assert_eq!(window.agent.profiles().await.expect("a list").len(), 2);
    page.press("export").await;
    page.choose("export-format", "kubeconfig").await;
    page.reads("exported", "exec:").await;
    assert!(!page.html().await.contains("not-for-a-file"));
    page.press("export-save").await;
    page.reads("exported", &desk.folder().join("home").to_string_lossy()).await;
    window.close(&desk.screen).await;

    let window = desk.open(Look::Light).await;
    window.page.reads("profile-row", "Anmelden").await;
    window.close(&desk.screen).await;
}

/// Some program that asks for a token.
fn asker(desk: &Desk) -> Command {
    // Elsewhere than the window's own program: those beside it are the person's own.
    let path = desk.folder().join("asker");
    fs::copy(program::beside("asker"), &path).expect("the program is built");
    let mut command = Command::new(path);
    command.arg(desk.paths().socket()).arg(json!({ "profile": "work" }).to_string());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

async fn waits_before(page: &Driver, what: &str) {
    let there =
        format!("document.querySelector('[data-testid=pause][data-before={what}] [data-testid=send]') !== null");
    page.until(&format!("it waits before `{what}`"), &there).await;
}

async fn put(window: &Window, desk: &Desk, name: &str) {
    let entry = ProfileEntry::from(profile(name, desk.provider.issuer()));
    window.agent.put_profile(&entry).await.expect("the profile is good");
}

async fn sign_in(window: &Window, desk: &Desk, name: &str, who: &str) {
    put(window, desk, name).await;
    let attempt = Attempt::begin(&window.agent, &request(name)).await;
    attempt.allow(&person(who)).await;
    attempt.done().await;
}
