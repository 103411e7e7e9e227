//! What is asked this time, and what the answer must show for it.

use std::collections::BTreeMap;

use doorkey_client::words::{CheckOutcome, EventKind, SignInRequest, SignInStep};
use doorkey_demo_idp::{Asks, Consent, Endpoint, Misbehaviour, Settings};
use doorkey_tests::stage::{profile, request};
use doorkey_tests::{Attempt, PROFILE, Stage, watch};

use super::begin;

#[tokio::test]
async fn the_answer_shows_what_was_asked() {
    // IDT-12, RFC 9396 7
    let stage = Stage::new().await;
    let attempt = with(
        &stage,
        &[
            ("max_age", "60"),
            ("acr_values", "urn:demo:password"),
            ("organization", "acme"),
            ("authorization_details", r#"[{"type":"payment","amount":"1"}]"#),
        ],
    )
    .await;
    attempt.allow(&stage.person("Ada")).await;
    attempt.done().await;
    for (subject, name) in [
        ("id_token", "idtoken.auth_time"),
        ("id_token", "idtoken.acr"),
        ("id_token", "idtoken.organization"),
        ("granted", "granted.authorization_details"),
    ] {
        assert_eq!(check(&stage, subject, name).await, CheckOutcome::Passed, "{name}");
    }
}

#[tokio::test]
async fn an_organization_that_the_provider_does_not_know_is_refused() {
    let stage = Stage::new().await;
    let attempt = with(&stage, &[("organization", "nobody")]).await;
    attempt.allow(&stage.person("Ada")).await;
    assert!(attempt.failed().await.code.starts_with("callback."));
    stage.assert_next_sign_in_works().await;
}

#[tokio::test]
async fn a_log_in_that_is_too_old_is_refused_and_one_of_another_kind_is_told() {
    let ways = |asks: Asks| Misbehaviour::ALL.iter().copied().filter(move |how| how.asks() == asks);
    for how in ways(Asks::MaxAge) {
        let stage = Stage::new().await;
        stage.provider.knobs().misbehave(Some(how));
        let attempt = with(&stage, &[("max_age", "60")]).await;
        attempt.allow(&stage.person("Ada")).await;
        assert_eq!(Some(attempt.failed().await.code.as_str()), how.must_end().code(), "{how}");
    }
    // `acr_values` asks for a voluntary claim (OpenID Connect Core 5.5.1.1): who signs in otherwise is signed in.
    for how in ways(Asks::AcrValues) {
        let stage = Stage::new().await;
        stage.provider.knobs().misbehave(Some(how));
        let attempt = with(&stage, &[("acr_values", "urn:demo:password")]).await;
        attempt.allow(&stage.person("Ada")).await;
        attempt.done().await;
        assert_eq!(check(&stage, "id_token", "idtoken.acr").await, CheckOutcome::Warned, "{how}");
    }
    assert_eq!((ways(Asks::MaxAge).count(), ways(Asks::AcrValues).count()), (3, 1), "each was tried");
}

/// A-13: `prompt=none` is answered with `login_required`, or with a consent to be asked for | the person is sent once more, and may be asked
#[tokio::test]
async fn who_may_not_be_asked_anything_is_asked_after_all_when_that_is_needed() {
    // A-13
    let settings = Settings { consent: Consent::AskedEachTime, ..Settings::default() };
    for stage in [Stage::new().await, Stage::with(settings).await] {
        let attempt = begin(&stage, |request| request.prompt = Some("none".to_owned())).await;
        let page = attempt.allow(&stage.person("Ada")).await;
        assert!(page.status == 200 && !page.page.contains("refused"), "no page says that it failed: {}", page.page);
        watch::until_event(&stage.client, "it is told", |event| match &event.kind {
            EventKind::AskedAgain { code } => Some(code.clone()),
            _ => None,
        })
        .await;
        let again = watch::until_sign_in(&stage.client, &attempt.id, "it waits again", |it| {
            it.step == SignInStep::Waiting && it.redirect_uri.as_deref() != Some(attempt.redirect_uri.as_str())
        })
        .await;
        let again = Attempt::waiting(&stage.client, &again.id).await;
        assert!(!again.url.query_pairs().any(|(name, _)| name == "prompt"), "{}", again.url);
        assert_ne!(again.asked("state"), attempt.asked("state"));
        again.allow(&stage.person("Ada")).await;
        assert_eq!(again.done().await.sub, "demo|ada");
    }
}

#[tokio::test]
async fn a_profile_that_asks_nothing_is_asked_once_more_and_not_again() {
    let stage = Stage::new().await;
    stage.put(|profile| drop(profile.params.insert("prompt".to_owned(), "none".to_owned()))).await;
    let attempt = stage.begin().await;
    attempt.allow(&stage.person("Ada")).await;
    let again = watch::until_sign_in(&stage.client, &attempt.id, "it waits again", |it| {
        it.step == SignInStep::Waiting && it.redirect_uri.as_deref() != Some(attempt.redirect_uri.as_str())
    })
    .await;
    let again = Attempt::waiting(&stage.client, &again.id).await;
    let state = again.asked("state");
    let error = [("error", "login_required"), ("state", state.as_str()), ("iss", stage.provider.issuer())];
    again.visit(&error).await;
    assert_eq!(again.failed().await.code, "callback.login_required");
}

#[tokio::test]
async fn an_answer_of_another_provider_is_refused() {
    // RFC 9207, HP-AZ-06, HP-AZ-07: each profile has a redirect path of its own besides.
    for how in [
        Misbehaviour::MixUp,
        Misbehaviour::MixUpWithoutIss,
        Misbehaviour::CallbackIssSuffix,
        Misbehaviour::CallbackIssMissing,
    ] {
        let stage = Stage::new().await;
        stage.provider.knobs().misbehave(Some(how));
        let (attempt, refused) = stage.sign_in_refused().await;
        assert_eq!(Some(refused.code.as_str()), how.must_end().code(), "{how}");
        assert!(attempt.is_some());
        if refused.code.starts_with("callback.") {
            assert_eq!(stage.log().count(Endpoint::Token), 0, "{how}: no code is sent anywhere");
        }
    }
    let stage = Stage::new().await;
    let here = stage.begin().await;
    stage.client.put_profile(&profile("other", stage.provider.issuer()).into()).await.expect("the profile is good");
    let there = Attempt::begin(&stage.client, &request("other")).await;
    assert_ne!(here.redirect_uri.path(), there.redirect_uri.path());
}

async fn with(stage: &Stage, params: &[(&str, &str)]) -> Attempt {
    let params: BTreeMap<_, _> = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let request = SignInRequest { params, ..request(PROFILE) };
    Attempt::begin(&stage.client, &request).await
}

async fn check(stage: &Stage, subject: &str, name: &str) -> CheckOutcome {
    watch::until_event(&stage.client, name, |event| match &event.kind {
        EventKind::Checked { subject: about, checks } if about == subject => {
            checks.iter().find(|check| check.name == name).map(|check| check.outcome)
        }
        _ => None,
    })
    .await
}
