//! A provider that knows OAuth and no OpenID Connect: endpoints by hand, and its account page says who it is.

use doorkey_client::words::{
    AccountSource, BrowserBy, DeviceUse, Endpoints, Identified, Profile, RenewalRequest, SignOut, SignOutRequest,
};
use doorkey_demo_idp::{Device, Endpoint, Kind, RefreshTokens, Robot, Settings, robot_sign_in, start};
use doorkey_tests::{PROFILE, Stage, watch};

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

#[tokio::test]
async fn a_profile_that_is_led_elsewhere_leads_no_session_there() {
    let lasting = Settings { kind: Kind::OauthOnly, refresh_tokens: RefreshTokens::Always, ..Settings::default() };
    let (stage, elsewhere) =
        (Stage::with(lasting).await, start(Settings::default()).await.expect("the provider starts"));
    stage.put(by_hand).await;
    stage.sign_in().await;
    let renewed = stage.log().count(Endpoint::Token);
    let led = |endpoint: &mut String| *endpoint = endpoint.replace(stage.provider.issuer(), elsewhere.issuer());
    stage
        .put(|profile| {
            by_hand(profile);
            let endpoints = profile.endpoints.as_mut().expect("by hand");
            led(&mut endpoints.token_endpoint);
            endpoints.revocation_endpoint.as_mut().map(led);
        })
        .await;
    stage.client.renew(&RenewalRequest::default()).await.expect("where it was signed in");
    assert_eq!(stage.log().count(Endpoint::Token), renewed + 1);
    let leaving =
        SignOutRequest { profile: PROFILE.to_owned(), account: None, how: SignOut::Revoke, browser: BrowserBy::Agent };
    stage.client.sign_out(&leaving).await.expect("signed out");
    assert!(stage.log().count(Endpoint::Revoke) > 0);
    assert_eq!(elsewhere.log().entries().len(), 0, "nobody else heard of it");
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
