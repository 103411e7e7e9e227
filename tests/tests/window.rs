//! The real window: the built program on a screen, with a real keyring, seen and used as people do. The pictures it
//! leaves in artifacts/window are for people to look at; `light-readme` and `dark-readme` are those of the README.

use std::fs;
use std::time::Duration;

use doorkey_client::words::{
    EventKind, ProfileEntry, ProfileView, Session, SessionState, SignInRequest, TokenRequest, VaultKind, VaultState,
};
use doorkey_demo_idp::Endpoint;
use doorkey_tests::secrets::{Canary, assert_none, assert_none_below, sent_to};
use doorkey_tests::stage::{exposed, person, profile, request};
use doorkey_tests::window::{Browser, Desk, Look, Window};
use doorkey_tests::{Attempt, stranger, watch};
use serde_json::Value;

/// S-46: another program pastes a token that was copied, then the window is closed | the token; nothing any more
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newcomer_tries_the_demo_in_a_real_browser_watches_a_renewal_and_signs_out() {
    let Some(desk) = Desk::new("demo", Browser::Chromium).await else { return };
    let window = desk.open(Look::Light).await;
    let Window { page, agent, .. } = &window;

    page.press("try-demo").await;
    page.reads("session-card", "Ada Lovelace").await;
    page.hides("sign-in-sheet").await;
    let session = the_session(agent).await;
    assert_eq!((session.email.as_deref(), session.renewals), (Some("ada@example.test"), 0));
    page.reads("session-card", "Demo provider").await;
    page.reads("session-status", "Renews by itself in").await;
    assert_eq!(vault(agent).await, (VaultKind::Keyring, VaultState::Ready));

    // The figure falls while one watches; a renewal lifts it, and the next one is another token.
    let first = token(agent).await;
    let left = seconds_left(&window).await;
    page.until("the time left falls", &format!("{SECONDS_LEFT} < {left}")).await;
    let low = seconds_left(&window).await;
    page.press("renew-now").await;
    page.reads("toast", "Renewed").await;
    page.until("the time left rises", &format!("{SECONDS_LEFT} > {low}")).await;
    assert_eq!(the_session(agent).await.renewals, 1);
    let second = token(agent).await;
    assert_ne!(first, second);

    // The very token is what a paste gives; quitting takes it back.
    page.press("copy-token").await;
    page.reads("toast", "Access token copied").await;
    assert_eq!(desk.screen.paste().await.as_deref(), Some(second.as_str()));

    page.press("sign-out").await;
    page.press("confirm-sign-out").await;
    page.reads("toast", "Ada Lovelace is signed out").await;
    page.reads("toast", "Tokens revoked at the provider").await;
    page.reads("toast", "Forgotten on this computer").await;
    page.reads("profile-row", "Demo provider").await;
    page.hides("session-card").await;
    assert!(agent.sessions().await.expect("a list").sessions.is_empty());
    assert_eq!(sessions_on_disk(&desk), 0);

    window.close(&desk.screen).await;
    assert_eq!(desk.screen.paste().await, None);
    let profiles = fs::read_to_string(desk.paths().profiles()).unwrap_or_default();
    assert!(!profiles.contains("127.0.0.1"), "the demo profile stays behind: {profiles}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_window_renews_by_itself_and_after_a_restart_everybody_is_still_signed_in() {
    let Some(desk) = Desk::new("restart", Browser::Idle).await else { return };
    let window = desk.open(Look::Light).await;
    // A profile that appears while one watches, and a token so short that its renewal can be awaited.
    desk.provider.knobs().set_token_life(Duration::from_secs(10));
    put(&window, "work", desk.provider.issuer()).await;
    window.page.press("sign-in").await;
    window.attempt().await.allow(&person("Grace")).await;
    window.page.reads("session-card", "Grace Hopper").await;
    desk.provider.knobs().set_token_life(Duration::from_secs(3000));
    watch::until_event(&window.agent, "the token is renewed", |event| match event.kind {
        EventKind::RenewalStarted { ref reason } if reason == "planned" => Some(()),
        _ => None,
    })
    .await;
    window.page.until("the card has the new token", &format!("{SECONDS_LEFT} > 600")).await;
    let before = the_session(&window.agent).await;
    assert_eq!(before.renewals, 1);
    window.close(&desk.screen).await;
    assert_eq!(sessions_on_disk(&desk), 1);

    let window = desk.open(Look::Dark).await;
    window.page.reads("session-card", "Grace Hopper").await;
    let after = the_session(&window.agent).await;
    assert_eq!((&after.id, &after.sub, after.signed_in_at), (&before.id, &before.sub, before.signed_in_at));
    assert_eq!(after.state, SessionState::SignedIn);
    window.page.press("renew-now").await;
    window.page.reads("toast", "Renewed").await;
    assert_eq!(the_session(&window.agent).await.renewals, before.renewals + 1);
    window.close(&desk.screen).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_can_be_cancelled_refused_and_forgotten_and_the_next_one_works() {
    let Some(desk) = Desk::new("sign-in", Browser::Idle).await else { return };
    let window = desk.open(Look::Light).await;
    let page = &window.page;
    put(&window, "work", desk.provider.issuer()).await;

    page.press("sign-in").await;
    page.reads("sign-in-sheet", "Waiting for you in the browser").await;
    let attempt = window.attempt().await;
    page.press("copy-link").await;
    page.reads("toast", "Link copied").await;
    assert_eq!(desk.screen.paste().await.as_deref(), Some(attempt.url.as_str()));
    attempt.visit(&[("state", "foreign"), ("code", "foreign")]).await;
    page.reads("sign-in-sheet", "One stray request was ignored").await;
    page.press("cancel-sign-in").await;
    page.hides("sign-in-sheet").await;
    page.reads("toast", "Sign-in cancelled").await;
    page.reads("profile-row", "work").await;
    attempt.until_deserted().await;

    page.press("sign-in").await;
    window.attempt().await.deny(&person("Ada")).await;
    page.reads("sign-in-sheet", "Signing in did not work").await;
    page.reads("refusal", "Code ").await;
    page.press("close-sign-in").await;

    // Another program's sign-in is shown too, and so is its end when nobody comes.
    let nobody = SignInRequest { timeout: Some(6), ..request("work") };
    let started = window.agent.start_sign_in(&nobody).await.expect("it starts").sign_in;
    page.press_the("[data-testid=profile-row] button[aria-label^='Show the sign-in']").await;
    page.reads("sign-in-sheet", "left").await;
    let ended = watch::until_sign_in(&window.agent, &started.id, "it ends", |one| one.step.is_final()).await;
    let error = ended.error.expect("why");
    page.reads("refusal", &error.message).await;
    page.reads("refusal", &error.code).await;

    page.press("try-again").await;
    window.attempt().await.allow(&person("Alan")).await;
    page.reads("sign-in-sheet", "Signed in as Alan Turing").await;
    page.reads("session-card", "Alan Turing").await;
    page.hides("sign-in-sheet").await;
    window.close(&desk.screen).await;
}

/// S-50: a script in the page calls whatever it can, and overhears the rest | one command gives an access token, a few times a minute, and none another secret; what is not ours is not allowed
/// S-55: a script navigates, opens a window, fetches | nothing reaches that address
/// S-60: what the page keeps is read: storage, cookies, files | no secret
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_comes_into_the_page_and_the_page_can_do_no_more_than_it_may() {
    let Some(desk) = Desk::new("page", Browser::Idle).await else { return };
    let window = desk.open(Look::Light).await;
    let Window { page, agent, .. } = &window;
    let provider = &desk.provider;
    overhear(&window).await;

    put(&window, "work", provider.issuer()).await;
    page.press("sign-in").await;
    window.attempt().await.allow(&person("Ada")).await;
    page.reads("session-card", "Ada Lovelace").await;
    page.hides("sign-in-sheet").await;
    let mut tokens = vec![token(agent).await];
    page.press("copy-token").await;
    page.reads("toast", "Access token copied").await;
    page.press("renew-now").await;
    page.reads("toast", "Renewed").await;
    tokens.push(token(agent).await);
    let mut canaries = sent_to(provider);
    canaries.extend(tokens.into_iter().map(|value| Canary { name: "access token".to_owned(), value }));

    let heard = page.run("return JSON.stringify(window.overheard)").await.expect("all messages");
    let heard = heard.as_str().expect("text");
    assert!(heard.contains("Ada Lovelace") && heard.contains("\"renewed\""), "too little was overheard: {heard}");
    assert_none(&canaries, "a message to the page", heard);
    assert_none(&canaries, "the page", &page.html().await);
    let kept = page
        .run("return JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])")
        .await;
    assert_none(&canaries, "what the page keeps", &kept.expect("a text").to_string());

    for forbidden in [
        "'plugin:window|close'",
        "'plugin:webview|create_webview_window', { options: { label: 'other', url: 'https://example.test' } }",
        "'plugin:shell|open', { path: 'https://example.test' }",
        "'plugin:event|listen', { event: 'any', target: { kind: 'Any' }, handler: 1 }",
        "'token', { request: {} }",
        "'no_such_command'",
    ] {
        let answer = invoke(&window, forbidden).await;
        assert!(answer.contains("not allowed") || answer.contains("not found"), "{forbidden} is answered: {answer}");
    }
    let link = invoke(&window, "'copy_token', { session: 'no-such-session' }").await;
    assert!(link.contains("session.not_found"), "a good command with a bad word is refused: {link}");

    // Reveal is the one way, and gives the one token: no refresh token, ID token, code or secret with it.
    let session = the_session(agent).await.id;
    let current = token(agent).await;
    let reveal = format!("'reveal_token', {{ session: '{session}' }}");
    let revealed = invoke(&window, &reveal).await;
    assert!(revealed.contains(&current), "it is not shown");
    let others: Vec<Canary> = canaries.iter().filter(|one| one.value != current).cloned().collect();
    assert!(others.len() > 3 && others.len() < canaries.len(), "these are all secrets but one");
    assert_none(&others, "a token that was revealed", &revealed);
    for _ in 0..5 {
        invoke(&window, &reveal).await;
    }
    let often = invoke(&window, &reveal).await;
    assert!(often.contains("desktop.revealed_often") && !often.contains(&current), "it is refused: {often}");
    page.run("window.overheard = []").await.expect("it is forgotten");

    let elsewhere = provider.issuer();
    let here = page.run("return location.href").await.expect("an address");
    page.run(&format!("window.location = '{elsewhere}'")).await.expect("a script may try");
    page.run(&format!("window.open('{elsewhere}')")).await.expect("a script may try");
    let fetch = format!(
        "const done = arguments[arguments.length - 1];
         fetch('{elsewhere}', {{ mode: 'no-cors' }}).then(() => done('fetched'), () => done('refused'));"
    );
    assert_eq!(page.run_async(&fetch).await.expect("an answer"), "refused");
    let evaluated = page.run("try { return new Function('return 1')() } catch { return 'refused' }").await;
    assert_eq!(evaluated.expect("an answer"), "refused");
    page.rests().await;
    assert_eq!(page.run("return location.href").await.expect("an address"), here);
    page.reads("session-card", "Ada Lovelace").await;

    let log = window.log();
    window.close(&desk.screen).await;
    // Whatever the page tried, the first visitor at that address is this one.
    stranger::request("GET", &elsewhere.parse().expect("a URL"), &[("Connection", "close")]).await;
    assert_eq!(provider.log().count(Endpoint::Home), 1);
    assert_none(&canaries, "what the program says", &log);
    assert!(assert_none_below(&canaries, desk.folder()) > 2, "there are files");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_window_is_light_on_a_light_desktop_at_every_size() {
    gallery(Look::Light).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_window_is_dark_on_a_dark_desktop_at_every_size() {
    gallery(Look::Dark).await;
}

async fn gallery(look: Look) {
    let name = if look == Look::Dark { "dark" } else { "light" };
    let Some(desk) = Desk::new(name, Browser::Idle).await else { return };
    let window = desk.open(look).await;
    let page = &window.page;
    let dark = page.run("return matchMedia('(prefers-color-scheme: dark)').matches").await.expect("an answer");
    assert_eq!(dark, Value::Bool(look == Look::Dark), "the window does not follow the desktop");
    pictures(&window, &desk, name, "welcome").await;

    page.press("add-account").await;
    page.fill("issuer", desk.provider.issuer()).await;
    page.shows("provider-found").await;
    page.fill("client-id", "doorkey-demo").await;
    pictures(&window, &desk, name, "add-account").await;
    page.run("document.querySelector('dialog[open] button[aria-label=Close]').click()").await.expect("it closes");
    page.hides("add-account-sheet").await;

    let issuer = desk.provider.issuer();
    for name in ["demo", "notes"] {
        put(&window, name, issuer).await;
    }
    sign_in(&window, &desk, "demo", "Ada", 47).await;
    sign_in(&window, &desk, "demo", "Grace", 4 * 60).await;
    page.resize(900, 560).await;
    window.picture(&desk.screen, &format!("{name}-readme")).await;
    sign_in(&window, &desk, "notes", "Alan", 11).await;
    pictures(&window, &desk, name, "accounts").await;

    page.press("renew-now").await;
    page.reads("toast", "Renewed").await;
    pictures(&window, &desk, name, "renewed").await;
    page.press("sign-out").await;
    page.shows("sign-out-sheet").await;
    pictures(&window, &desk, name, "sign-out").await;
    page.press("confirm-sign-out").await;
    page.reads("toast", "is signed out").await;
    pictures(&window, &desk, name, "signed-out").await;

    put(&window, "work", issuer).await;
    page.press_the("[data-profile=work] [data-testid=sign-in]").await;
    page.reads("sign-in-sheet", "Waiting for you in the browser").await;
    pictures(&window, &desk, name, "signing-in").await;
    window.attempt().await.deny(&person("Ada")).await;
    page.shows("refusal").await;
    pictures(&window, &desk, name, "refused").await;
    window.close(&desk.screen).await;
}

/// S-48: a sign-in is saved as evidence in the real window, and that file opened again | the flow is there, and no token in the file
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_of_a_sign_in_is_saved_and_opened_again() {
    let Some(desk) = Desk::new("evidence", Browser::Idle).await else { return };
    let window = desk.open(Look::Light).await;
    let page = &window.page;
    put(&window, "work", desk.provider.issuer()).await;
    sign_in(&window, &desk, "work", "Ada", 60).await;
    page.run("location.hash = '#/inspect'").await.expect("a page");
    let line = "document.querySelector('[data-testid=flow-line]')?.closest('li').dataset.line";
    let flow = page.until("the sign-in is in the list", line).await;
    page.run(&format!("location.hash = '#/inspect/' + {flow}")).await.expect("a page");
    page.press_the(".detail [data-testid=export]").await;
    page.press("export-evidence").await;
    page.reads("toast", ".zip").await;
    let saved = fs::read_dir(desk.folder().join("home")).expect("a folder").flatten().map(|file| file.path());
    let saved = saved.filter(|path| path.extension().is_some_and(|ending| ending == "zip")).collect::<Vec<_>>();
    assert_eq!(saved.len(), 1, "{saved:?}");

    page.fill("evidence-file", &saved[0].display().to_string()).await;
    page.reads("evidence-view", "ID token checked").await;
    page.reads("evidence-view", "demo|ada").await;
    let token = token(&window.agent).await;
    assert!(!page.html().await.contains(&token), "a token is in the page");
    window.picture(&desk.screen, "evidence").await;
    window.close(&desk.screen).await;
}

/// Somebody signs in, and gets a token that lives for so many minutes.
async fn sign_in(window: &Window, desk: &Desk, profile: &str, who: &str, minutes: u64) {
    desk.provider.knobs().set_token_life(Duration::from_secs(minutes * 60));
    let attempt = Attempt::begin(&window.agent, &request(profile)).await;
    attempt.allow(&person(who)).await;
    attempt.done().await;
    window.page.reads("session-card", who).await;
}

/// From a phone's width to a large screen. Nothing may be cut off sideways at any.
async fn pictures(window: &Window, desk: &Desk, look: &str, what: &str) {
    for (width, height) in [(400, 700), (1600, 1000), (900, 680)] {
        window.page.resize(width, height).await;
        window.page.rests().await;
        let wide = window.page.run("return document.documentElement.scrollWidth").await.expect("a width");
        assert!(wide.as_u64() <= Some(u64::from(width)), "{what} is {wide} wide in a window of {width}");
        window.picture(&desk.screen, &format!("{look}-{what}-{width}x{height}")).await;
    }
}

/// Keeps every message that comes to the page: answers of commands and updates alike.
async fn overhear(window: &Window) {
    let script = "window.overheard = [];
        const callbacks = window.__TAURI_INTERNALS__.callbacks;
        callbacks.get = (id) => {
          const known = Map.prototype.get.call(callbacks, id);
          return known && ((message) => { window.overheard.push(message); return known(message); });
        };";
    window.page.run(script).await.expect("the page can be overheard");
}

/// What a command answers to a page that tries it.
async fn invoke(window: &Window, arguments: &str) -> String {
    let script = format!(
        "const done = arguments[arguments.length - 1];
         window.__TAURI_INTERNALS__.invoke({arguments}).then((good) => done('yes: ' + JSON.stringify(good)), (bad) => done('no: ' + JSON.stringify(bad)));"
    );
    window.page.run_async(&script).await.expect("an answer").to_string()
}

/// What the first card shows of the time left: `1:24` and `min`, `48` and `min`, or `58` and `sec`.
const SECONDS_LEFT: &str = "(() => {
    const [figure, unit] = ['.figure', '.unit'].map((part) => document.querySelector(`[data-testid=time-left] ${part}`).innerText);
    const [first, second] = figure.split(':').map(Number);
    return second === undefined ? first * (unit.startsWith('min') ? 60 : 1) : first * 60 + second;
})()";

async fn seconds_left(window: &Window) -> u64 {
    let left = window.page.run(&format!("return {SECONDS_LEFT}")).await.expect("the card tells");
    left.as_u64().expect("a number")
}

async fn put(window: &Window, name: &str, issuer: &str) -> ProfileView {
    let entry = ProfileEntry::from(profile(name, issuer));
    window.agent.put_profile(&entry).await.expect("the profile is good")
}

async fn the_session(agent: &doorkey_client::Client) -> Session {
    let mut sessions = agent.sessions().await.expect("a list").sessions;
    assert_eq!(sessions.len(), 1, "{sessions:?}");
    sessions.remove(0)
}

async fn token(agent: &doorkey_client::Client) -> String {
    exposed(&agent.token(&TokenRequest::default()).await.expect("a token").access_token)
}

async fn vault(agent: &doorkey_client::Client) -> (VaultKind, VaultState) {
    let vault = agent.hello().await.expect("it is there").vault;
    (vault.kind, vault.state)
}

/// Sealed files of the vault that hold somebody's session.
fn sessions_on_disk(desk: &Desk) -> usize {
    let Ok(folder) = fs::read_dir(desk.paths().vault()) else { return 0 };
    folder
        .map(|entry| entry.expect("an entry").file_name())
        .filter(|name| name.to_string_lossy().ends_with(".sealed"))
        .count()
}
