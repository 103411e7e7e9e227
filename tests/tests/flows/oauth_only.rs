//! A provider that knows OAuth and no OpenID Connect: endpoints by hand, and its account page says who it is.

use doorkey_client::words::{AccountSource, DeviceUse, Endpoints, Identified, Profile};
use doorkey_demo_idp::{Device, Kind, Robot, Settings, robot_sign_in};
use doorkey_tests::{Stage, watch};

#[tokio::test]
async fn who_signed_in_is_what_the_account_page_says_and_is_not_verified() {
    let stage = stage().await;
    let session = stage.sign_in().await;
    assert_eq!((session.sub.as_str(), session.name.as_deref()), ("1", Some("ada")));
    assert_eq!(session.identified, Identified::NotVerified);
    assert!(!stage.access_token().await.is_empty());
    stage.sign_in_as("Grace").await;
    assert_eq!(stage.client.sessions().await.expect("the sessions").sessions.len(), 2);
}

#[tokio::test]
async fn a_device_can_sign_in_there_too() {
    let stage = stage().await;
    let attempt = super::begin(&stage, |request| request.device = Some(DeviceUse::Beside)).await;
    let shown = watch::until_sign_in(&stage.client, &attempt.id, "a code is shown", |it| {
        it.device.is_some() || it.device_problem.is_some()
    })
    .await;
    let code = shown.device.unwrap_or_else(|| panic!("{:?}", shown.device_problem));
    let complete = code.verification_uri_complete.expect("the demo provider gives one");
    robot_sign_in(&complete, &Robot::allow(&stage.person("Grace"))).await.expect("the page says that it is done");
    assert_eq!(attempt.done().await.sub, "2");
}

#[tokio::test]
async fn an_account_page_that_tells_nothing_ends_it() {
    let stage = stage().await;
    stage
        .put(|profile| {
            by_hand(profile);
            if let Some(account) = &mut profile.account {
                account.id = "/nothing".to_owned();
            }
        })
        .await;
    let (_, refused) = stage.sign_in_refused().await;
    assert!(refused.code.starts_with("userinfo."), "{refused:?}");
}

async fn stage() -> Stage {
    let device = Device { interval: std::time::Duration::from_secs(1), ..Device::default() };
    let stage = Stage::with(Settings { kind: Kind::OauthOnly, device, ..Settings::default() }).await;
    stage.put(by_hand).await;
    stage
}

fn by_hand(profile: &mut Profile) {
    let at = |path: &str| format!("{}{path}", profile.issuer.trim_end_matches('/'));
    let endpoints = Endpoints {
        authorization_endpoint: at("/authorize"),
        token_endpoint: at("/token"),
        revocation_endpoint: Some(at("/revoke")),
        device_authorization_endpoint: Some(at("/device_authorization")),
    };
    let account = AccountSource { endpoint: at("/user"), id: "/id".to_owned(), name: Some("/login".to_owned()) };
    profile.scopes = vec!["read:user".to_owned()];
    (profile.endpoints, profile.account) = (Some(endpoints), Some(account));
}
