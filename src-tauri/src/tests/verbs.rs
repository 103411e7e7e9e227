//! What the pages may ask about somebody who is signed in.

use doorkey_agent::Options;
use doorkey_client::Paths;
use doorkey_client::words::VaultKind;
use doorkey_demo_idp::robot_sign_in;
use serde_json::{Value, json};
use tauri::test::MockRuntime;
use tauri::{App, Manager, WebviewWindow};
use tempfile::TempDir;

use super::story::{Told, robot, token, watching};
use super::{app, ask, window};
use crate::link::Link;
use crate::shell::Shell;

/// Ada, signed in at the demo provider.
pub(super) struct Ada {
    pub(super) app: App<MockRuntime>,
    pub(super) main: WebviewWindow<MockRuntime>,
    told: Told,
    session: String,
    _folder: TempDir,
}

/// S-50: a script asks to see tokens as often as it can | the access token, six times a minute, and never another secret
#[test]
fn a_token_is_seen_when_it_is_asked_for_and_nowhere_else() {
    let mut ada = signed_in();
    let shown = ask(&ada.main, "reveal_token", json!({"session": ada.session})).expect("it is shown");
    let token = tauri::async_runtime::block_on(async {
        let client = ada.app.state::<Shell>().link.client().await.expect("the agent");
        token(&client).await
    });
    assert_eq!(shown, Value::from(token.clone()), "the access token, and nothing with it");
    let report = ask(&ada.main, "token_report", json!({"session": ada.session})).expect("a report");
    assert_eq!(report["profile"], "demo");
    assert!(!report.to_string().contains(&token), "{report}");
    assert!(!ada.told.everything().contains(&token), "nothing else shows it");

    let gone = ask(&ada.main, "reveal_token", json!({"session": "no-such-session"})).expect_err("whose?");
    assert_eq!(gone["code"], "session.not_found");
    for _ in 0..5 {
        ask(&ada.main, "reveal_token", json!({"session": ada.session})).expect("a person may look again");
    }
    let often = ask(&ada.main, "reveal_token", json!({"session": ada.session})).expect_err("a script may not");
    assert_eq!((&often["code"], &often["retryable"]), (&json!("desktop.revealed_often"), &json!(true)));
    ada.leave();
}

#[test]
fn an_account_has_the_name_that_its_person_gave_it() {
    let mut ada = signed_in();
    let changed = ask(&ada.main, "change_session", json!({"id": ada.session, "change": {"label": "Mine"}}));
    assert_eq!(changed.expect("it is named")["label"], "Mine");
    tauri::async_runtime::block_on(ada.told.until(|word| word["session"]["label"] == "Mine"));
    let identity = ask(&ada.main, "identity", json!({"session": ada.session})).expect("a report");
    assert!(identity.to_string().contains("ada@example.test"), "{identity}");
    ada.leave();
}

#[test]
fn what_programs_may_have_is_shown_and_taken_back() {
    let ada = signed_in();
    let before = ask(&ada.main, "consents", json!({})).expect("a list");
    assert_eq!(before["consents"], json!([]));
    let request = serde_json::from_value(json!({
        "program": "/usr/bin/env", "profile": "demo", "decision": "allow", "lasts": {"kind": "days", "days": 3},
    }));
    tauri::async_runtime::block_on(async {
        let client = ada.app.state::<Shell>().link.client().await.expect("the agent");
        client.decide(&request.expect("a request")).await.expect("it is decided");
    });
    let list = ask(&ada.main, "consents", json!({})).expect("a list");
    let id = list["consents"][0]["id"].clone();
    assert!(id.is_string(), "{list}");
    ask(&ada.main, "revoke_consent", json!({"id": id})).expect("it is taken back");
    assert_eq!(ask(&ada.main, "consents", json!({})).expect("a list")["consents"], json!([]));
    let twice = ask(&ada.main, "revoke_consent", json!({"id": id})).expect_err("it is gone");
    assert_eq!(twice["code"], "broker.consent_unknown");
    ada.leave();
}

/// The address a browser ended at is handed in by the person; one that is none leaves the sign-in as it was.
#[test]
fn a_redirect_can_be_pasted() {
    let mut ada = signed_in();
    let request = json!({"profile": "demo", "timeout": null, "browser": "caller", "prompt": null, "login_hint": null, "params": {}});
    let started = ask(&ada.main, "start_sign_in", json!({ "request": request })).expect("the sign-in starts");
    let id = started["id"].clone();
    tauri::async_runtime::block_on(ada.told.until(|word| word["sign_in"]["step"] == "waiting"));
    let wrong = ask(&ada.main, "paste_redirect", json!({"id": id, "text": "not an address"})).expect_err("it is none");
    let code = wrong["code"].as_str().expect("a code");
    assert!(code.starts_with("callback.paste"), "{wrong}");
    let still = ask(&ada.main, "cancel_sign_in", json!({"id": id})).expect("it was still under way");
    assert_eq!(still["step"], "waiting", "it was not ended by what was pasted");
    ada.leave();
}

/// Step mode: what is typed into a request comes back as a fingerprint, an edit that leads elsewhere is refused, and the
/// window comes forward when the browser is back.
#[test]
fn a_sign_in_is_stepped_through_and_an_edited_one_is_not_kept() {
    const TYPED: &str = "CANARY-that-a-person-typed";
    let mut ada = signed_in();
    ada.told.came_forward();
    let request = json!({"profile": "demo", "timeout": 60, "browser": "caller", "prompt": null, "login_hint": null, "params": {}, "step": true});
    let started = ask(&ada.main, "start_sign_in", json!({ "request": request })).expect("the sign-in starts");
    let id = started["id"].as_str().expect("an id").to_owned();
    let (mut seen, mut last) = (Vec::new(), 0);
    loop {
        let next = |word: &Value| {
            let one = &word["sign_in"];
            let is_new = one["pause"]["number"].as_u64().is_some_and(|number| number > last);
            one["id"] == *id && (is_new || one["step"] == "done" || one["step"] == "failed")
        };
        let told = tauri::async_runtime::block_on(ada.told.until(next));
        let Some(number) = told["sign_in"]["pause"]["number"].as_u64() else {
            assert_eq!(
                (&told["sign_in"]["edited"], &told["sign_in"]["session"]),
                (&json!(true), &Value::Null),
                "{told}"
            );
            break;
        };
        last = number;
        let before = told["sign_in"]["pause"]["before"].as_str().expect("what it waits before").to_owned();
        let step =
            |edits: Value| ask(&ada.main, "step", json!({"id": id, "request": {"number": number, "edits": edits}}));
        if before == "token" {
            assert_eq!(ada.told.came_forward(), 1, "the browser is back");
            let refused = step(json!([{"change": "address", "url": "https://evil.example/token"}]));
            assert_eq!(refused.expect_err("another server")["code"], "usage.bad_edit");
            step(json!([{"change": "add", "place": "form", "name": "assertion", "value": TYPED}])).expect("it goes on");
        } else {
            step(json!([])).expect("it goes on");
        }
        if before == "authorization" {
            tauri::async_runtime::block_on(async {
                let client = ada.app.state::<Shell>().link.client().await.expect("the agent");
                ada.told.until(|word| word["sign_in"]["id"] == *id && word["sign_in"]["step"] == "waiting").await;
                let address = client.sign_in(&id).await.expect("the sign-in").authorization_url;
                robot_sign_in(&address.expect("it waits for the browser"), &robot()).await.expect("the robot signs in");
            });
        }
        seen.push(before);
    }
    assert!(seen.contains(&"authorization".to_owned()) && seen.contains(&"token".to_owned()), "{seen:?}");
    let everything = ada.told.everything();
    assert!(everything.contains("assertion") && !everything.contains(TYPED), "it is told as a fingerprint");
    ada.leave();
}

#[test]
fn a_vault_is_sealed_with_a_passphrase_and_locked() {
    let ada = signed_in();
    let moved =
        ask(&ada.main, "move_vault", json!({"to": {"to": "passphrase", "passphrase": "correct horse battery"}}));
    let moved = moved.expect("it is sealed anew");
    assert_eq!((&moved["vault"]["kind"], &moved["records"]), (&json!("passphrase"), &json!(1)));
    let locked = ask(&ada.main, "lock_vault", json!({})).expect("it can be locked");
    assert_eq!(locked["state"], "locked");
    let opened = ask(&ada.main, "choose_vault", json!({"choice": {"kind": "passphrase", "passphrase": "wrong"}}));
    assert_eq!(opened.expect_err("the wrong one")["code"], "store.wrong_passphrase");
    ada.leave();
}

pub(super) fn signed_in() -> Ada {
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options { vault: Some(VaultKind::Memory), ..Options::from_env() };
    let app = app(Shell::over(Link::at(Paths::below(folder.path()), options)));
    let main = window(&app, "main");
    let mut told = watching(&app);
    ask(&main, "start_demo", json!({})).expect("the demo starts");
    let request = json!({"profile": "demo", "timeout": null, "browser": "caller", "prompt": null, "login_hint": null, "params": {}});
    let started = ask(&main, "start_sign_in", json!({ "request": request })).expect("the sign-in starts");
    let id = started["id"].as_str().expect("an id").to_owned();
    let session = tauri::async_runtime::block_on(async {
        told.until(|word| word["sign_in"]["step"] == "waiting").await;
        let client = app.state::<Shell>().link.client().await.expect("the agent");
        let address = client.sign_in(&id).await.expect("the sign-in").authorization_url;
        robot_sign_in(&address.expect("it waits for the browser"), &robot()).await.expect("the robot signs in");
        let done = told.until(|word| word["sign_in"]["step"] == "done").await;
        done["sign_in"]["session"]["id"].as_str().expect("an id").to_owned()
    });
    Ada { app, main, told, session, _folder: folder }
}

impl Ada {
    pub(super) fn leave(self) {
        tauri::async_runtime::block_on(self.app.state::<Shell>().leave());
    }
}
