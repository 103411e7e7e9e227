//! What the pages may do, and that it is the same list everywhere.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use url::Url;

use super::{app, ask, window};
use crate::link::Link;
use crate::shell::Shell;
use crate::window::is_ours;

/// These need no arguments.
const BARE: [&str; 5] = ["start_demo", "consents", "lock_vault", "forget_copied", "network"];
/// This one takes bytes.
const BYTES: &str = "open_evidence";
const COMMANDS: [&str; 39] = [
    "watch",
    "discover",
    "save_profile",
    "remove_profile",
    "start_sign_in",
    "cancel_sign_in",
    "open_again",
    "copy_link",
    "copy_token",
    "copy_text",
    "renew",
    "sign_out",
    "start_demo",
    "choose_vault",
    "answer_consent",
    "paste_redirect",
    "step",
    "reveal_token",
    "token_report",
    "forget_copied",
    "save_file",
    "consents",
    "revoke_consent",
    "move_vault",
    "lock_vault",
    "journal",
    "export_flow",
    "open_evidence",
    "sample",
    "network",
    "set_network",
    "preview_import",
    "export_profiles",
    "set_settings",
    "change_session",
    "identity",
    "watch_scenarios",
    "choose_scenarios",
    "order_scenarios",
];

/// S-51: another window calls the program's commands | not one is allowed
#[test]
fn the_main_window_may_ask_each_command_and_no_other_window_any() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = doorkey_client::Paths::below(folder.path());
    let app = app(Shell::over(Link::at(paths, doorkey_agent::Options::from_env())));
    let (main, other) = (window(&app, "main"), window(&app, "other"));
    for command in COMMANDS {
        // Refused for another reason than permission: nothing it needs is given.
        if command == BYTES {
            let why = ask(&main, command, json!({})).expect_err("no file is JSON");
            assert_eq!(why["code"], "usage.bad_value");
        } else if !BARE.contains(&command) {
            let why = ask(&main, command, json!({})).expect_err("no command works without arguments").to_string();
            assert!(why.contains("missing required key"), "{command}: {why}");
        }
        let why = ask(&other, command, json!({})).expect_err("another window").to_string();
        assert!(why.contains("not allowed on window"), "{command}: {why}");
    }
}

#[test]
fn nothing_of_tauri_itself_may_be_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = doorkey_client::Paths::below(folder.path());
    let app = app(Shell::over(Link::at(paths, doorkey_agent::Options::from_env())));
    let main = window(&app, "main");
    for command in [
        "plugin:event|listen",
        "plugin:window|set_title",
        "plugin:webview|create_webview_window",
        "plugin:path|resolve",
    ] {
        let why = ask(&main, command, json!({})).expect_err("not ours").to_string();
        assert!(why.contains("not allowed"), "{command}: {why}");
    }
}

/// S-51: a command is added without being listed, or for remote pages | pages, permissions and capability name the same commands, for local pages only
#[test]
fn pages_permissions_and_capability_name_the_same_commands() {
    let expected: BTreeSet<String> = COMMANDS.map(str::to_owned).into();

    let host = read("ui/src/lib/host.ts");
    let asked: BTreeSet<String> =
        host.match_indices("ask('").map(|(at, start)| until_quote(&host[at + start.len()..], '\'')).collect();
    assert_eq!(asked, expected, "ui/src/lib/host.ts");

    let permissions = read("src-tauri/permissions/commands.toml");
    let start = "commands.allow = [\"";
    let allowed: BTreeSet<String> =
        permissions.match_indices(start).map(|(at, _)| until_quote(&permissions[at + start.len()..], '"')).collect();
    assert_eq!(allowed, expected, "src-tauri/permissions/commands.toml");

    let capability: Value = serde_json::from_str(&read("src-tauri/capabilities/main.json")).expect("JSON");
    let given: BTreeSet<String> = capability["permissions"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|name| name.as_str().expect("a name").trim_start_matches("allow-").replace('-', "_"))
        .collect();
    assert_eq!(given, expected, "src-tauri/capabilities/main.json");
    assert_eq!(capability["windows"], json!(["main"]));
    assert_eq!(capability.get("remote"), None, "no other page is given anything");
}

/// S-52: a frame is put into the pages | the policy lets none in
/// S-56: script, styles, fonts, forms from elsewhere, or inline | the policy lets none in; no global Tauri, and prototypes are frozen
#[test]
fn the_pages_are_closed_to_everything_but_themselves() {
    let config: Value = serde_json::from_str(&read("tauri.conf.json")).expect("JSON");
    let security = &config["app"]["security"];
    assert_eq!(config["app"]["withGlobalTauri"], json!(false));
    assert_eq!(security["freezePrototype"], json!(true));
    let policy = &security["csp"];
    assert_eq!(policy["default-src"], json!("'self'"));
    assert_eq!(policy["connect-src"], json!("ipc: http://ipc.localhost"));
    assert!(!policy.to_string().contains("unsafe"), "{policy}");
    for closed in ["object-src", "frame-src", "worker-src", "base-uri", "form-action"] {
        assert_eq!(policy[closed], json!("'none'"), "{closed}");
    }
}

/// S-55: the window is led to a page of somebody else | it stays where it is
/// S-58: the address of the development server, in a build for people | a page like any other: not shown
#[test]
fn the_window_goes_to_its_own_pages_only() {
    let url = |text: &str| Url::parse(text).expect("a URL");
    assert!(is_ours(&url("tauri://localhost/index.html"), None));
    for foreign in [
        "https://idp.example/authorize",
        "http://localhost:1420/",
        "tauri://other/",
        "file:///etc/passwd",
        "data:text/html,x",
    ] {
        assert!(!is_ours(&url(foreign), None), "{foreign}");
    }
    let dev = url("http://localhost:1420");
    assert!(is_ours(&url("http://localhost:1420/index.html"), Some(&dev)));
    assert!(!is_ours(&url("http://localhost:1421/"), Some(&dev)));
}

fn read(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).expect(path)
}

fn until_quote(text: &str, quote: char) -> String {
    text.split(quote).next().expect("at least one part").to_owned()
}
