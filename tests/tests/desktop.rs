//! The real window among the other programs of a desktop: a second start, the tray, notifications, the session's start,
//! and what it remembers. The panel and the notification service are on the desk's own bus; the window is the built one.

use std::fs;

use doorkey_client::words::{ProfileEntry, RenewalRequest, TokenRequest};
use doorkey_demo_idp::{Endpoint, Fault, Times};
use doorkey_tests::program::ended;
use doorkey_tests::stage::{exposed, person, profile, request};
use doorkey_tests::window::{Browser, Desk, Line, Look, Notifications, Panel, Seen, Window};
use doorkey_tests::{Attempt, PATIENCE};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::time::Instant;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closed_into_the_tray_it_goes_on_and_a_second_start_brings_it_back() {
    let Some(desk) = Desk::new("second-start", Browser::Idle).await else { return };
    let mut panel = Panel::start(desk.bus()).await;
    let window = desk.open(Look::Light).await;
    put_into_tray(&window).await;
    let item = panel.item().await;
    desk.close_window().await;
    desk.until(Seen::Hidden).await;
    window.agent.hello().await.expect("programs are served still");

    for arguments in [&[][..], &["--hidden"], &["doorkey://sign-in?profile=work"]] {
        let second = ended(desk.start(arguments)).await;
        assert_eq!((second.code, second.stdout.as_str()), (Some(0), ""), "{second:?}");
        desk.until(Seen::Shown).await;
        desk.close_window().await;
        desk.until(Seen::Hidden).await;
    }
    assert!(window.agent.sessions().await.expect("a list").sessions.is_empty());
    assert_eq!(desk.provider.log().count(Endpoint::Authorize), 0, "an address starts no sign-in");

    let menu = item.menu_until(|lines| named(lines, "Show Doorkey").is_some()).await;
    item.choose(named(&menu, "Show Doorkey").expect("it is there")).await;
    desk.until(Seen::Shown).await;
    window.ends_after(item.choose(named(&menu, "Quit").expect("it is there"))).await;
    assert!(!desk.paths().runtime.join("window.sock").exists(), "nothing of it stays behind");
}

/// A person who has no panel, or whose panel is gone, finds no window again that hides: closing ends the program.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_panel_the_tray_is_no_trap() {
    let Some(desk) = Desk::new("no-panel", Browser::Idle).await else { return };
    let window = desk.open(Look::Light).await;
    put_into_tray(&window).await;
    window.close(&desk.screen).await;

    let mut panel = Panel::start(desk.bus()).await;
    let window = desk.open(Look::Light).await;
    panel.item().await;
    watch_host(&window).await;
    window.page.until("the panel is seen", &format!("{ABLE}?.tray === true")).await;
    panel.stop().await;
    window.page.until("the panel is gone", &format!("{ABLE}?.tray === false")).await;
    window.close(&desk.screen).await;
}

/// S-46: a token is copied in the tray, and the program quit there | the token can be pasted; nothing any more
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tray_tells_how_things_stand_and_copies_tokens() {
    let Some(desk) = Desk::new("tray", Browser::Idle).await else { return };
    let mut panel = Panel::start(desk.bus()).await;
    let window = desk.open(Look::Light).await;
    put_into_tray(&window).await;
    let item = panel.item().await;
    item.menu_until(|lines| named(lines, "Nobody signed in").is_some_and(|line| !line.enabled)).await;
    let before = fs::read(item.picture().await).expect("the panel can read the picture");

    sign_in(&window, &desk, "work", "Ada").await;
    let menu = item.menu_until(|lines| named(lines, "1 signed in").is_some()).await;
    let picture = item.picture().await;
    assert_ne!(fs::read(&picture).expect("the panel can read the picture"), before, "another state, another picture");
    assert!(picture.starts_with(&*desk.paths().runtime.to_string_lossy()), "{picture} is in a folder of everybody");
    let copy = named(&menu, "Copy token – Ada Lovelace (work)").expect("it is offered");
    item.choose(copy).await;
    let token = exposed(&window.agent.token(&TokenRequest::default()).await.expect("a token").access_token);
    let until = Instant::now() + PATIENCE;
    while desk.screen.paste().await.as_deref() != Some(token.as_str()) {
        assert!(Instant::now() < until, "the token is not on the clipboard");
    }

    set(
        &window,
        json!({"language": "de", "appearance": "system", "tray": true, "autostart": false, "notifications": true}),
    )
    .await;
    let menu = item.menu_until(|lines| named(lines, "1 angemeldet").is_some()).await;
    window.ends_after(item.choose(named(&menu, "Beenden").expect("it is there"))).await;
    assert_eq!(desk.screen.paste().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_notification_stands_for_all_who_must_sign_in_and_leads_to_them() {
    let Some(desk) = Desk::new("notification", Browser::Idle).await else { return };
    let mut panel = Panel::start(desk.bus()).await;
    let mut notifications = Notifications::start(desk.bus()).await;
    let window = desk.open(Look::Light).await;
    put_into_tray(&window).await;
    panel.item().await;
    for (profile, who) in [("work", "Ada"), ("home", "Grace"), ("club", "Alan")] {
        sign_in(&window, &desk, profile, who).await;
    }
    window.page.run("location.hash = '#/settings'").await.expect("another place");
    desk.close_window().await;
    desk.until(Seen::Hidden).await;

    let gone = Fault::OauthError { status: 400, error: "invalid_grant".to_owned() };
    desk.provider.knobs().fail(Endpoint::Token, gone, Times::Always);
    let renew = |profile: &str| {
        let (agent, profile) = (window.agent.clone(), Some(profile.to_owned()));
        async move { agent.renew(&RenewalRequest { profile, account: None }).await }
    };
    let (work, home, club) = tokio::join!(renew("work"), renew("home"), renew("club"));
    for refused in [work, home, club] {
        refused.expect_err("the provider has forgotten them");
    }
    let notification = notifications.next().await;
    assert_eq!(notification.summary, "3 accounts need you to sign in again");
    assert_eq!(notification.replaces, 0);
    for name in ["Ada Lovelace", "Grace Hopper", "Alan Turing"] {
        assert!(notification.body.contains(name), "{notification:?}");
    }
    assert_eq!(notification.actions, ["default", "Show Doorkey", "show", "Show Doorkey"]);

    notifications.act(&notification, "default").await;
    desk.until(Seen::Shown).await;
    window.page.until("it leads to the accounts", "location.hash === '#/accounts'").await;
    assert!(notifications.shown.try_recv().is_err(), "there was one for all");
    // Hidden again: what was told is not told again.
    window.page.reads("session-card", "Ada Lovelace").await;
    desk.close_window().await;
    desk.until(Seen::Hidden).await;
    let second = ended(desk.start(&[])).await;
    assert_eq!(second.code, Some(0));
    desk.until(Seen::Shown).await;
    assert!(notifications.shown.try_recv().is_err(), "nothing new, and nothing is said");
    let pid = window.pid;
    window.ends_after(async { rustix::process::kill_process(pid, Signal::TERM).expect("it runs") }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_and_size_survive_a_restart() {
    let Some(desk) = Desk::new("settings", Browser::Idle).await else { return };
    let window = desk.open(Look::Light).await;
    let dark =
        json!({"language": "en", "appearance": "dark", "tray": false, "autostart": false, "notifications": false});
    let written = set(&window, dark.clone()).await;
    assert_eq!(written, dark);
    window.page.until("it is dark at once", "document.documentElement.dataset.appearance === 'dark'").await;
    window.page.resize(700, 600).await;
    window.close(&desk.screen).await;
    let file = desk.paths().window();
    let text = fs::read_to_string(&file).expect("a file for people");
    assert!(text.contains("appearance = \"dark\"") && text.contains("notifications = false"), "{text}");
    assert!(!text.contains("tray"), "what was not changed is not written: {text}");

    let window = desk.open(Look::Light).await;
    window.page.until("it is dark still", "document.documentElement.dataset.appearance === 'dark'").await;
    let size = window.page.run("return [innerWidth, innerHeight]").await.expect("a size");
    assert_eq!(size, json!([700, 600]));
    window.close(&desk.screen).await;

    // A file with a slip in it is told and left, and the window opens all the same.
    fs::write(&file, "apearance = \"dark\"\n").expect("there is room");
    let window = desk.open(Look::Light).await;
    window.page.until("it is as usual", "document.documentElement.dataset.appearance === 'system'").await;
    watch_host(&window).await;
    let problem = window.page.until("the slip is told", "window.told.find((one) => one.problem)?.problem").await;
    assert_eq!(problem["code"], "desktop.settings");
    assert!(problem["message"].as_str().is_some_and(|text| text.contains("line 1") && text.contains("apearance")));
    assert_eq!(fs::read_to_string(&file).expect("it is left"), "apearance = \"dark\"\n");
    window.close(&desk.screen).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_starts_with_the_desktop_without_being_seen() {
    let Some(desk) = Desk::new("autostart", Browser::Idle).await else { return };
    let window = desk.open(Look::Light).await;
    let on =
        json!({"language": "system", "appearance": "system", "tray": false, "autostart": true, "notifications": true});
    set(&window, on.clone()).await;
    let entry = desk.folder().join("config/autostart/app.doorkey.desktop");
    let text = fs::read_to_string(&entry).expect("the desktop finds it");
    assert!(text.contains("doorkey-desktop\" --hidden\n"), "{text}");
    window.close(&desk.screen).await;

    // It was moved, as far as the entry knows: the next start mends that.
    fs::write(&entry, text.replace("doorkey-desktop", "gone")).expect("there is room");
    let hidden = desk.start(&["--hidden"]);
    let agent = std::sync::Arc::new(doorkey_client::Client::at(desk.paths().socket()));
    let until = Instant::now() + PATIENCE;
    while agent.hello().await.is_err() {
        assert!(Instant::now() < until, "it does not serve");
    }
    assert!(!desk.sees_window().await, "it was told to hide");
    let second = ended(desk.start(&[])).await;
    assert_eq!(second.code, Some(0), "{second:?}");
    desk.until(Seen::Shown).await;
    while fs::read_to_string(&entry).expect("an entry") != text {
        assert!(Instant::now() < until, "the entry is not mended");
    }
    doorkey_tests::program::signal(&hidden, Signal::TERM);
    let first = ended(hidden).await;
    assert_eq!(first.code, Some(0), "{first:?}");

    let window = desk.open(Look::Light).await;
    set(
        &window,
        json!({"language": "system", "appearance": "system", "tray": false, "autostart": false, "notifications": true}),
    )
    .await;
    assert!(!entry.exists(), "switched off, it is gone");
    window.close(&desk.screen).await;
}

/// What the desktop was last said to be able to do, in the page.
const ABLE: &str = "window.told.findLast((one) => one.type === 'settings')?.able";

fn named<'a>(lines: &'a [Line], label: &str) -> Option<&'a Line> {
    lines.iter().find(|line| line.label == label)
}

async fn put_into_tray(window: &Window) {
    set(
        window,
        json!({"language": "en", "appearance": "system", "tray": true, "autostart": false, "notifications": true}),
    )
    .await;
}

/// As the page's Settings do it.
async fn set(window: &Window, settings: Value) -> Value {
    let script = format!(
        "const done = arguments[arguments.length - 1];
         window.__TAURI_INTERNALS__.invoke('set_settings', {{ settings: {settings} }}).then(done, (bad) => done({{ bad }}));"
    );
    let answer = window.page.run_async(&script).await.expect("an answer");
    assert_eq!(answer.get("bad"), None, "{answer}");
    answer
}

/// From now on the window's own messages are kept in `told`; the first is the present. The page behind is told no more.
async fn watch_host(window: &Window) {
    let script = "window.told = [];
        const id = window.__TAURI_INTERNALS__.transformCallback((message) => {
          if (message.message) window.told.push(message.message);
          document.documentElement.dataset.told = window.told.length;
        });
        window.__TAURI_INTERNALS__.invoke('watch', { channel: `__CHANNEL__:${id}` });";
    window.page.run(script).await.expect("it can be watched");
    window.page.until("the present is told", "window.told.length > 0").await;
}

async fn sign_in(window: &Window, desk: &Desk, name: &str, who: &str) {
    let entry = ProfileEntry::from(profile(name, desk.provider.issuer()));
    window.agent.put_profile(&entry).await.expect("the profile is good");
    let attempt = Attempt::begin(&window.agent, &request(name)).await;
    attempt.allow(&person(who)).await;
    attempt.done().await;
}
