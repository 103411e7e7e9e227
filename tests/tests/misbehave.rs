//! What people look up and look at when something is refused: a code's meaning, and a provider that breaks one rule.

use doorkey_client::words::{Code, codes};
use doorkey_demo_idp::{Misbehaviour, Settings};
use doorkey_tests::Household;
use doorkey_tests::program::Ended;
use serde_json::Value;

#[tokio::test]
async fn a_misbehaviour_is_played_and_judged() {
    let home = Household::in_memory(Settings::default()).await;
    for (name, end, code) in [
        ("nonce-suffix", "refused", Some("idtoken.nonce_mismatch")),
        ("state-missing", "waiting", None),
        ("refreshed-sub-suffix", "not_renewed", Some("refresh.sub_changed")),
        ("device-denied-at-third", "refused", Some("device.access_denied")),
    ] {
        let played = home.doorkey(&["demo", "--misbehave", name, "--json"]).await;
        assert_eq!(played.code, Some(0), "{played:?}");
        let told = json(&played);
        assert_eq!((&told["ended"]["end"], told["ended"]["code"].as_str()), (&end.into(), code), "{told}");
        assert_eq!((&told["as_it_must"], &told["old_session"]), (&true.into(), &"as_it_was".into()), "{told}");
    }
    let left = json(&home.doorkey(&["demo", "--misbehave", "logout-state-other", "--json"]).await);
    assert_eq!((&left["ended"]["end"], &left["old_session"]), (&"unconfirmed".into(), &"gone".into()), "{left}");
    let seen = home.doorkey(&["demo", "--misbehave", "name-ansi"]).await;
    assert!(seen.code == Some(0) && seen.stdout.contains("as it must"), "{seen:?}");
    assert!(!seen.stdout.contains('\u{1b}'), "{seen:?}");
}

#[tokio::test]
async fn misbehaviours_are_listed_by_name_and_row() {
    let home = Household::in_memory(Settings::default()).await;
    let all = json(&home.doorkey(&["demo", "--misbehave", "--json"]).await);
    assert_eq!(all["misbehaviours"].as_array().map(Vec::len), Some(Misbehaviour::ALL.len()));
    let some = home.doorkey(&["demo", "--misbehave", "list", "--row", "hp-07"]).await;
    assert!(some.stdout.contains("nonce-suffix") && !some.stdout.contains("state-suffix"), "{some:?}");
    let unknown = home.doorkey(&["demo", "--misbehave", "nonce-sufix", "--json"]).await;
    assert_refused(&unknown, 64, "usage.unknown_misbehaviour");
    assert!(unknown.stdout.contains("nonce-suffix"), "{unknown:?}");
}

#[tokio::test]
async fn codes_are_explained_without_an_agent() {
    let home = Household::in_memory(Settings::default()).await;
    let told = home.doorkey(&["explain", "store.locked"]).await;
    let entry = Code::find("store.locked").expect("it is in the dictionary");
    assert!(told.code == Some(0) && told.stdout.contains(entry.meaning) && told.stdout.contains("77"), "{told:?}");
    let families = json(&home.doorkey(&["explain", "--json"]).await);
    let number: usize = families["families"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|family| Some(family["codes"].as_array()?.len()))
        .sum();
    assert_eq!(number, codes().count());
    assert_refused(&home.doorkey(&["explain", "store.loked", "--json"]).await, 64, "usage.unknown_code");
}

/// The one line of JSON on standard output.
fn json(ended: &Ended) -> Value {
    assert_eq!(ended.stdout.lines().count(), 1, "{ended:?}");
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
}

fn assert_refused(ended: &Ended, exit: i32, code: &str) {
    assert_eq!((ended.code, json(ended)["error"]["code"].as_str()), (Some(exit), Some(code)), "{ended:?}");
}
