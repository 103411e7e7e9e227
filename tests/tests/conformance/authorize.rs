//! From the request to the browser (rows A-01 to A-13; A-14 to A-18 are beside the listener's).

use doorkey_client::words::{Profile, Push, SignInStep};
use doorkey_demo_idp::{DpopNonce, Endpoint, Fault, Times};
use doorkey_tests::PROFILE;
use serde_json::json;

use crate::faulty::{change, describes, on_one_port, refuses, said};

/// A-04: an authorization endpoint with a query and odd characters of its own | they stay as they are, and ours come after them
#[tokio::test]
async fn a_04_endpoint_with_a_query() {
    let stage = on_one_port().await;
    let odd = format!("{}?tenant=a%20b%26c&%24=%22%27%25s", stage.provider.url(Endpoint::Authorize));
    describes(&stage, json!({"authorization_endpoint": odd}));
    let attempt = stage.begin().await;
    assert!(attempt.url.as_str().starts_with(&format!("{odd}&")), "{}", attempt.url);
    assert_eq!((attempt.asked("tenant").as_str(), attempt.asked("$").as_str()), ("a b&c", "\"'%s"));
    attempt.allow(&stage.person("Ada")).await;
    attempt.done().await;
}

/// A-05: a request of over 8 KiB | `config.request_too_long` names what to leave out, and the way to push it; no browser opens
#[tokio::test]
async fn a_05_request_too_long() {
    let stage = on_one_port().await;
    let long = |push: Push| {
        move |profile: &mut Profile| {
            profile.push = push;
            profile.params.insert("ui_locales".to_owned(), "en ".repeat(3_000));
        }
    };
    change(&stage, long(Push::Never)).await;
    let opened = stage.log().count(Endpoint::Authorize);
    let refused = refuses(&stage, "config.request_too_long").await;
    assert!(refused.hint.contains("fewer scopes") && refused.hint.contains("`push = \"always\"`"), "{refused:?}");
    assert_eq!(stage.log().count(Endpoint::Authorize), opened);
    change(&stage, long(Push::Always)).await;
    stage.assert_next_sign_in_works().await;
    assert_eq!(stage.log().count(Endpoint::Pushed), 1);
}

/// A-10: the profile is removed while its sign-in waits | the sign-in ends with the reason, and its port is free
#[tokio::test]
async fn a_10_profile_removed() {
    let stage = on_one_port().await;
    let attempt = stage.begin().await;
    stage.client.delete_profile(PROFILE).await.expect("removed");
    let ended = attempt.ended().await;
    assert_eq!(ended.step, SignInStep::Failed);
    let refused = ended.error.expect("why");
    assert_eq!((refused.code.as_str(), refused.profile.as_deref()), ("config.profile_changed", Some(PROFILE)));
    assert!(refused.message.contains("was removed"), "{refused:?}");
    attempt.until_deserted().await;
    stage.put(|profile| profile.ports = vec![attempt.port()]).await;
    stage.assert_next_sign_in_works().await;
}

/// A-11: a pushed request is refused, or taken with half an answer, a wrong status or a redirect | `par.…` in the provider's words; never sent in the open instead
#[tokio::test]
async fn a_11_pushed_in_vain() {
    let stage = on_one_port().await;
    change(&stage, |profile| profile.push = Push::Always).await;
    let json = |status: u16, body: &str| said(status, "application/json", body);
    let redirect = Fault::Said {
        status: 307,
        headers: vec![("location".to_owned(), "https://elsewhere.example.test/".to_owned())],
        body: Vec::new(),
    };
    for (fault, code, told) in [
        (Fault::OauthError { status: 400, error: "invalid_request".to_owned() }, "par.failed", "made so by the test"),
        (Fault::Status(503), "par.failed", "503"),
        (json(201, r#"{"expires_in":60}"#), "par.failed", "`request_uri`"),
        (json(201, r#"{"request_uri":"urn:x:1","expires_in":0}"#), "par.failed", "`expires_in`"),
        (json(200, r#"{"request_uri":"urn:x:1","expires_in":60}"#), "par.failed", "HTTP 200"),
        (redirect, "net.unexpected_redirect", "elsewhere.example.test"),
    ] {
        let opened = stage.log().count(Endpoint::Authorize);
        stage.provider.knobs().fail(Endpoint::Pushed, fault, Times::Next(1));
        let refused = refuses(&stage, code).await;
        assert!(refused.message.contains(told), "{told}: {refused:?}");
        assert_eq!(stage.log().count(Endpoint::Authorize), opened, "a browser was sent there");
    }
    stage.assert_next_sign_in_works().await;
}

/// A-12: a pushed request is answered with `use_dpop_nonce` | sent once more with the nonce, and the sign-in goes on
#[tokio::test]
async fn a_12_pushed_with_a_nonce() {
    let stage = on_one_port().await;
    stage.provider.knobs().dpop_nonce(DpopNonce::Demanded);
    change(&stage, |profile| {
        profile.dpop = true;
        profile.push = Push::Always;
    })
    .await;
    stage.assert_next_sign_in_works().await;
    let pushed = stage.log().of(Endpoint::Pushed);
    let answers: Vec<_> =
        pushed.iter().map(|entry| entry.outcome.as_ref().and_then(|outcome| outcome.status)).collect();
    assert_eq!(answers, [Some(400), Some(201)]);
    assert_eq!(stage.token().await.expect("a token").token_type, "DPoP");
}
