//! `policy.toml`: machines without a person.

use std::os::unix::fs::PermissionsExt;

use doorkey_tests::stage::assert_told_well;
use doorkey_tests::watch;

use super::*;

fn write(stage: &Stage, text: &str) {
    fs::write(stage.paths.policy(), text).expect("there is room");
}

/// B-15: a machine without a person | the policy decides by path and hash, and nobody is asked
#[tokio::test]
async fn the_policy_decides_by_path_and_hash() {
    let stage = asking().await;
    let (one, other) = (Caller::called("one", stage.folder()), Caller::called("other", stage.folder()));
    let hash = {
        let consent = stage
            .client
            .decide(&doorkey_client::words::ConsentRequest {
                program: one.path().to_owned(),
                sha256: None,
                profile: PROFILE.to_owned(),
                reach: doorkey_client::words::Reach::default(),
                decision: ConsentDecision::Deny,
                lasts: ConsentLasts::USUAL,
            })
            .await;
        consent.expect("decided").sha256
    };
    let rule = format!(
        "[[rule]]\nprogram = \"{}\"\nsha256 = \"{hash}\"\nprofile = \"{PROFILE}\"\ndecision = \"allow\"\n",
        one.path()
    );
    write(&stage, &format!("default = \"deny\"\n{rule}"));
    // What the policy allows is allowed, whatever was said before.
    assert!(one.asks_plainly(&stage).await.is_token());
    let refused = other.asks_plainly(&stage).await;
    assert_eq!(refused.code(), "broker.denied");
    let message = refused.json["error"]["message"].as_str().expect("a sentence");
    assert!(message.contains("policy.toml") && message.contains("default"), "{message}");
    one.change();
    assert_eq!(one.asks_plainly(&stage).await.code(), "broker.denied");
    write(&stage, &format!("[[rule]]\nprogram = \"{}\"\ndecision = \"deny\"\n{rule}", one.path()));
    let refused = one.asks_plainly(&stage).await;
    assert!(refused.json["error"]["message"].as_str().expect("a sentence").contains("rule 1"), "{refused:?}");
}

#[tokio::test]
async fn a_broken_policy_never_becomes_a_yes() {
    let stage = Stage::signed_in().await;
    let caller = Caller::called("report", stage.folder());
    assert!(caller.asks_plainly(&stage).await.is_token(), "the policy of every story allows it");
    let mut window = Window::open(&stage.client).await;
    write(&stage, "default = \"allow\"\n[[rules]]\n");
    let refused = caller.asks_plainly(&stage).await;
    assert_eq!(refused.code(), "config.bad_policy");
    let refusal: doorkey_client::words::Refusal = serde_json::from_value(refused.json["error"].clone()).expect("one");
    assert_told_well(&refusal);
    assert!(refusal.message.contains("policy.toml:2:"), "{}", refusal.message);
    let problems = stage.client.hello().await.expect("hello").problems;
    assert!(problems.iter().any(|problem| problem.code == "config.bad_policy"), "{problems:?}");

    write(&stage, "default = \"allow\"\n");
    assert!(caller.asks_plainly(&stage).await.is_token());
    fs::set_permissions(stage.paths.policy(), fs::Permissions::from_mode(0o666)).expect("ours");
    assert_eq!(caller.asks_plainly(&stage).await.code(), "config.bad_policy");
    fs::remove_file(stage.paths.policy()).expect("removed");
    let (_, answer) = tokio::join!(window.says(NO), caller.asks_plainly(&stage));
    assert_eq!(answer.code(), "broker.denied");
}

/// A program that may not have a token costs nothing at the provider.
#[tokio::test]
async fn nothing_is_asked_at_the_provider_for_a_program_that_may_not_have_it() {
    let stage = asking().await;
    write(&stage, "default = \"deny\"\n");
    let caller = Caller::called("report", stage.folder());
    let before = stage.log().of(doorkey_demo_idp::Endpoint::Token).len();
    let api = serde_json::json!({"profile": PROFILE, "resource": ["https://api.example"], "min_ttl": 86400});
    assert_eq!(caller.asks(&stage, &api).await.code(), "broker.denied");
    let renewed = serde_json::json!({"profile": PROFILE, "min_ttl": 86400});
    assert_eq!(caller.asks(&stage, &renewed).await.code(), "broker.denied");
    assert_eq!(stage.log().of(doorkey_demo_idp::Endpoint::Token).len(), before);
    watch::until_event(&stage.client, "the refusal is in the journal", |event| {
        matches!(&event.kind, EventKind::TokenRefused { program, .. } if program == caller.path()).then_some(())
    })
    .await;
}
