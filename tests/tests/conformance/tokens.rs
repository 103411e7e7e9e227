//! Answers of the token endpoint at the end of a sign-in (rows T-01 to T-20, those that no misbehaviour of the catalogue
//! and no other story plays).

use std::time::Duration;

use doorkey_demo_idp::{Endpoint, Fault, IdTokenFault, Times};
use doorkey_tests::program;
use doorkey_tests::stage::{PROFILE, assert_told_well};
use serde_json::json;

use crate::faulty::{gives_next, on_one_port, refuses, warned_of};

const TEN_YEARS: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// T-03: errors about scope, target, grant and client | each its own code and its own next step; the code is sent once
#[tokio::test]
async fn t_03_errors_about_settings() {
    let stage = on_one_port().await;
    let mut hints = Vec::new();
    for (error, code) in [
        ("invalid_scope", "token.invalid_scope"),
        ("invalid_target", "token.invalid_target"),
        ("unsupported_grant_type", "token.unsupported_grant_type"),
        ("unauthorized_client", "token.client_rejected"),
    ] {
        let exchanged = stage.log().count(Endpoint::Token);
        let fault = Fault::OauthError { status: 400, error: error.to_owned() };
        stage.provider.knobs().spoil(Endpoint::Token, fault, Times::Next(1));
        let refused = refuses(&stage, code).await;
        assert!(refused.message.ends_with("The provider says: “made so by the test”."), "{refused:?}");
        assert!(!hints.contains(&refused.hint), "another's next step: {refused:?}");
        assert_eq!(stage.log().count(Endpoint::Token), exchanged + 1);
        hints.push(refused.hint);
    }
    stage.assert_next_sign_in_works().await;
}

/// T-11: no `expires_in`, 0, ten to the twelfth | no end is made up; ended at once and said so, without a storm; ten years at most
#[tokio::test]
async fn t_11_odd_lives() {
    let stage = on_one_port().await;
    gives_next(&stage, json!({"expires_in": null}));
    let session = stage.sign_in().await;
    assert_eq!((session.expires_at, session.renews_at), (None, None));
    assert!(!stage.access_token().await.is_empty());

    gives_next(&stage, json!({"expires_in": 1_000_000_000_000_u64}));
    let session = stage.sign_in().await;
    let life = session.expires_at.expect("an end").duration_since(session.issued_at);
    assert_eq!(Duration::try_from(life).expect("ahead"), TEN_YEARS);

    stage.provider.knobs().set_token_life(Duration::ZERO);
    stage.sign_in().await;
    let refreshed = stage.refreshes().len();
    for _ in 0..5 {
        let refused = stage.token().await.expect_err("it has ended");
        assert_eq!((refused.code.as_str(), refused.retryable), ("refresh.later", true));
        assert!(refused.message.contains("already ended"), "{refused:?}");
        assert_told_well(&refused);
    }
    assert_eq!(stage.refreshes().len(), refreshed + 1);
}

/// T-13: more scopes than were asked for, parted oddly | the session has what was granted, and the journal warns
#[tokio::test]
async fn t_13_more_than_was_asked_for() {
    let stage = on_one_port().await;
    gives_next(&stage, json!({"scope": "openid  profile\temail offline_access notes:write"}));
    let session = stage.sign_in().await;
    assert_eq!(session.scope, ["openid", "profile", "email", "offline_access", "notes:write"]);
    let told = warned_of(&stage, "granted.scope").await;
    assert!(told.ends_with("more than asked: notes:write"), "{told}");
}

/// T-15: an access token of 64 KiB, one byte more, an answer of over 1 MiB | works to the very program; `token.too_large`; `net.too_large`
#[tokio::test]
async fn t_15_large_tokens() {
    let stage = on_one_port().await;
    stage.provider.knobs().corrupt_id_tokens(Some(IdTokenFault::MissingAtHash));
    let most = "a".repeat(64 * 1024);
    gives_next(&stage, json!({"access_token": most}));
    stage.sign_in().await;
    assert_eq!(stage.access_token().await, most);
    let printed = program::run(program::command(stage.folder(), &["token", PROFILE])).await;
    assert_eq!((printed.code, printed.stdout.trim_end()), (Some(0), most.as_str()));

    gives_next(&stage, json!({"access_token": format!("{most}a")}));
    refuses(&stage, "token.too_large").await;
    gives_next(&stage, json!({"filling": "a".repeat(1024 * 1024)}));
    refuses(&stage, "net.too_large").await;
    stage.provider.knobs().corrupt_id_tokens(None);
    stage.assert_next_sign_in_works().await;
}

/// T-19: a header of 1 MiB around a good answer | given up like a broken connection; the code is sent once
#[tokio::test]
async fn t_19_huge_headers() {
    let stage = on_one_port().await;
    let exchanged = stage.log().count(Endpoint::Token);
    let headers = vec![("x-filling".to_owned(), "a".repeat(1024 * 1024))];
    let fault = Fault::Said { status: 200, headers, body: b"{}".to_vec() };
    stage.provider.knobs().spoil(Endpoint::Token, fault, Times::Next(1));
    refuses(&stage, "net.no_answer").await;
    assert_eq!(stage.log().count(Endpoint::Token), exchanged + 1);
    stage.assert_next_sign_in_works().await;
}
