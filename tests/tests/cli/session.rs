//! `doorkey status`, `renew` and `logout`.

use doorkey_tests::program;
use doorkey_tests::{PROFILE, Stage};

use super::{assert_refused, json};

#[tokio::test]
async fn status_tells_people_and_machines_who_is_signed_in() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    let people = program::run(program::command(stage.folder(), &["status"])).await;
    assert!(people.code == Some(0) && people.stdout.contains("Ada Lovelace"), "{people:?}");
    let machines = json(&program::run(program::command(stage.folder(), &["status", "--json"])).await);
    let session = &machines["sessions"][0];
    for (member, value) in [
        ("profile", PROFILE),
        ("issuer", stage.provider.issuer()),
        ("sub", "demo|ada"),
        ("email", "ada@example.test"),
        ("state", "signed_in"),
    ] {
        assert_eq!(session[member], value, "{machines}");
    }
    assert!(
        session["renewable"] == true && session["expires_at"].is_string() && session["renews_at"].is_string(),
        "{machines}"
    );
    assert_eq!(machines["version"], 1);
}

#[tokio::test]
async fn renew_renews_and_says_when_to_try_again() {
    let stage = Stage::new().await;
    stage.sign_in().await;
    let renewed = json(&program::run(program::command(stage.folder(), &["renew", PROFILE, "--json"])).await);
    assert_eq!(renewed["session"]["renewals"], 1, "{renewed}");
    stage.provider.go_offline().await;
    let later = program::run(program::command(stage.folder(), &["renew", PROFILE, "--json"])).await;
    assert_refused(&later, 75, "net.connect");
    assert_eq!(json(&later)["error"]["retryable"], true);
    stage.provider.come_back().await.expect("the port is free");
    stage.provider.knobs().revoke_everything();
    let ended = program::run(program::command(stage.folder(), &["renew", PROFILE, "--json"])).await;
    assert_refused(&ended, 77, "refresh.session_ended");
}

#[tokio::test]
async fn logout_tells_each_step_as_it_went() {
    for (arguments, offline, code, steps) in [
        (&["logout", PROFILE, "--json"][..], false, 0, &[("revoke", true), ("forget", true)][..]),
        (&["logout", PROFILE, "--forget", "--json"], false, 0, &[("forget", true)]),
        (&["logout", PROFILE, "--json"], true, 0, &[("revoke", false), ("forget", true)]),
        (&["logout", PROFILE, "--revoke", "--json"], true, 69, &[("revoke", false), ("forget", true)]),
    ] {
        let stage = Stage::new().await;
        stage.sign_in().await;
        if offline {
            stage.provider.go_offline().await;
        }
        let ended = program::run(program::command(stage.folder(), arguments)).await;
        assert_eq!(ended.code, Some(code), "{arguments:?}: {ended:?}");
        let answer = json(&ended);
        let told: Vec<(&str, bool)> = answer["steps"]
            .as_array()
            .expect("steps")
            .iter()
            .map(|step| (step["step"].as_str().expect("which"), step["done"].as_bool().expect("whether")))
            .collect();
        assert_eq!(told, steps, "{arguments:?}");
        assert!(stage.client.sessions().await.expect("the sessions").sessions.is_empty());
    }
}
