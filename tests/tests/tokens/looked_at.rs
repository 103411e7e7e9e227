//! Looking at tokens: what one says, and what the provider says of it. The token is in neither answer.

use doorkey_client::Secret;
use doorkey_client::words::{
    AccessTokenKind, CheckOutcome, IntrospectionRequest, Profile, ProfileEntry, Refusal, TokenReport, TokenRequest,
};
use doorkey_demo_idp::{Client, Endpoint, Fault, Redirect, Settings, Times};
use doorkey_tests::stage::{assert_told_well, exposed, person, profile, request};
use doorkey_tests::{Attempt, PROFILE, Stage, program};

use super::{BILLS, NOTES, at, for_two_apis};

const SECRET: &str = "CANARY-of-the-introspecting-client";

async fn report(stage: &Stage, request: &TokenRequest) -> Result<TokenReport, Refusal> {
    stage.client.token_report(request).await.map_err(|error| error.refusal())
}

fn own() -> TokenRequest {
    TokenRequest::for_profile(PROFILE)
}

#[tokio::test]
async fn a_readable_token_is_explained_and_not_shown() {
    let stage = Stage::new().await;
    stage.put(|profile| profile.audience = Some(NOTES.to_owned())).await;
    stage.sign_in().await;
    let told = report(&stage, &own()).await.expect("a report");
    assert_eq!(told.kind, AccessTokenKind::Rfc9068);
    let claims = told.claims.as_ref().expect("claims");
    assert_eq!((&claims["sub"], &claims["client_id"]), (&"demo|ada".into(), &"doorkey-demo".into()));
    assert_eq!(told.header.as_ref().expect("a header")["typ"], "at+jwt");
    assert!(told.checks.len() >= 9 && told.checks.iter().all(|check| check.outcome != CheckOutcome::Failed));
    let aud = told.checks.iter().find(|check| check.name == "accesstoken.aud").expect("a rule");
    assert_eq!(aud.outcome, CheckOutcome::Passed, "{aud:?}");
    let token = stage.access_token().await;
    let text = serde_json::to_string(&told).expect("JSON");
    assert!(token.split('.').all(|part| !text.contains(part)), "no part of the token");
}

#[tokio::test]
async fn an_opaque_token_is_no_fault() {
    let stage = Stage::signed_in().await;
    let told = report(&stage, &own()).await.expect("a report");
    assert_eq!((told.kind, told.header, told.claims), (AccessTokenKind::Opaque, None, None));
    assert!(told.checks.iter().all(|check| check.outcome == CheckOutcome::NotApplicable), "{:?}", told.checks);
    assert!(!serde_json::to_string(&told.checks).expect("JSON").contains(&stage.access_token().await));
}

#[tokio::test]
async fn the_token_for_another_api_is_held_against_what_was_asked_for_it() {
    let stage = Stage::new().await;
    for_two_apis(&stage).await;
    let told = report(&stage, &at(&[BILLS])).await.expect("a report");
    assert_eq!(told.resources, [BILLS]);
    let aud = told.checks.iter().find(|check| check.name == "accesstoken.aud").expect("a rule");
    assert_eq!((aud.outcome, aud.expected.as_str()), (CheckOutcome::Passed, BILLS));
}

#[tokio::test]
async fn a_token_that_is_refused_is_not_explained() {
    let stage = Stage::signed_in().await;
    let other = TokenRequest { audience: Some(BILLS.to_owned()), ..own() };
    let refused = report(&stage, &other).await.expect_err("the provider gives none");
    assert_eq!(refused.code, "broker.other_audience");
    assert_told_well(&refused);
}

#[tokio::test]
async fn the_command_explains_in_words_for_the_night() {
    let stage = Stage::new().await;
    stage.put(|profile| profile.audience = Some(NOTES.to_owned())).await;
    stage.sign_in().await;
    let run = |arguments: &'static [&'static str]| program::run(program::command(stage.folder(), arguments));
    let ended = run(&["token", PROFILE, "--explain"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for part in ["RFC 9068", NOTES, "demo|ada", "doorkey-demo", "left"] {
        assert!(ended.stdout.contains(part), "no {part} in {}", ended.stdout);
    }
    assert!(!ended.stdout.contains("eyJ"), "no token on the screen: {}", ended.stdout);
    let ended = run(&["token", PROFILE, "--explain", "--json"]).await;
    let answer: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!((&answer["version"], &answer["kind"]), (&1.into(), &"rfc9068".into()));
}

/// A client that may introspect, and Ada signed in with it.
async fn confidential() -> Stage {
    let back = vec![Redirect::Loopback { under: "/cb/".to_owned() }];
    let clients = vec![Client::demo(), Client::confidential("web", SECRET, back)];
    let stage = Stage::with(Settings { clients, ..Settings::default() }).await;
    let web = Profile { client_id: "web".to_owned(), ..profile("web", stage.provider.issuer()) };
    let web = ProfileEntry { client_secret: Some(Secret::new(SECRET.to_owned())), ..web.into() };
    stage.client.put_profile(&web).await.expect("a profile");
    let attempt = Attempt::begin(&stage.client, &request("web")).await;
    attempt.allow(&person("Ada")).await;
    attempt.done().await;
    stage
}

fn of(profile: &str) -> IntrospectionRequest {
    IntrospectionRequest { profile: Some(profile.to_owned()), account: None }
}

#[tokio::test]
async fn the_provider_says_what_a_token_is() {
    let stage = confidential().await;
    let told = stage.client.introspect(&of("web")).await.expect("an answer");
    assert!(told.active);
    for (name, value) in [("sub", "demo|ada"), ("client_id", "web"), ("token_type", "Bearer")] {
        assert_eq!(told.members[name], value, "{name}");
    }
    assert!(told.members["exp"].is_number() && told.members["scope"].is_string());
    let token = exposed(&stage.token_for(&TokenRequest::for_profile("web")).await.expect("a token").access_token);
    assert!(!serde_json::to_string(&told).expect("JSON").contains(&token));
    assert_eq!(stage.log().of(Endpoint::Introspect)[0].params.get("token_type_hint"), Some("access_token"));

    stage.provider.knobs().revoke_everything();
    let told = stage.client.introspect(&of("web")).await.expect("an answer");
    assert!(!told.active && told.members.len() == 1, "nothing else is told: {told:?}");
}

#[tokio::test]
async fn that_a_public_client_is_refused_is_told_as_normal() {
    let stage = Stage::signed_in().await;
    let refused = doorkey_tests::stage::refusal(stage.client.introspect(&of(PROFILE)).await);
    assert_eq!(refused.code, "token.introspection_refused");
    assert!(refused.hint.contains("works all the same"), "{refused:?}");
    assert_told_well(&refused);
    stage.token().await.expect("it does");
}

#[tokio::test]
async fn a_provider_that_is_busy_may_be_asked_again() {
    let stage = confidential().await;
    stage.provider.knobs().fail(Endpoint::Introspect, Fault::Status(503), Times::Next(1));
    let refused = doorkey_tests::stage::refusal(stage.client.introspect(&of("web")).await);
    assert!(refused.retryable && refused.profile.as_deref() == Some("web"), "{refused:?}");
    assert!(stage.client.introspect(&of("web")).await.expect("an answer").active);
}

#[tokio::test]
async fn the_command_tells_what_the_provider_says() {
    let stage = confidential().await;
    let run = |arguments: &'static [&'static str]| program::run(program::command(stage.folder(), arguments));
    let ended = run(&["introspect", "web"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("is good") && ended.stdout.contains("demo|ada"), "{ended:?}");
    let ended = run(&["introspect", "web", "--json"]).await;
    assert!(ended.stdout.contains(r#""active":true"#), "{ended:?}");
}
