//! What shows nothing is told as such: neither passed nor failed.

use std::time::Duration;

use doorkey_client::Secret;
use doorkey_client::words::{ProbeOutcome, Profile, ProfileEntry, Push};
use doorkey_demo_idp::{Client, Endpoint, Fault, Lax, Redirect, Settings, Times};
use doorkey_tests::{PROFILE, Stage};

use super::{Goes, probed, result, settings, visited};

const ELSEWHERE: &str = "a redirect to an address that is not registered";
const SECRET: &str = "CANARY-of-the-application-0123456789";

#[tokio::test]
async fn silence_of_a_browser_that_is_gone_or_waits_for_somebody_is_no_error_page() {
    let stage = Stage::with(settings()).await;
    // Where the browser would be sent on, had it been there.
    stage.provider.knobs().forget(&[Lax::AnyRedirect]);
    let gone = |number| if number >= 10 { Goes::Nowhere } else { Goes::AtOnce };
    let run = visited(&stage, |_| (), |visit| gone(visit.number)).await;
    let found = result(&run, "authorization.redirect_uri");
    assert_eq!(found.outcome, ProbeOutcome::NotAsked, "{found:?}");
    assert!(found.got.contains("--wait"), "{found:?}");

    let stage = Stage::with(settings()).await;
    let slow = |what: &str| match what {
        "a sign-in for what is revoked" => Goes::After(Duration::from_millis(2_200)),
        _ => Goes::AtOnce,
    };
    let run = visited(&stage, |_| (), |visit| slow(&visit.what)).await;
    assert_eq!(result(&run, "authorization.redirect_uri").outcome, ProbeOutcome::NotAsked, "{run:?}");
    assert_eq!(run.visits, 10, "nobody is sent once more for nothing");
}

#[tokio::test]
async fn an_error_that_the_browser_brings_to_an_address_nobody_registered_is_no_refusal_of_the_push() {
    let stage = Stage::with(Settings { require_pushed: true, ..settings() }).await;
    stage.put(|profile| profile.push = Push::Always).await;
    let knobs = stage.provider.knobs();
    knobs.forget(&[Lax::AnyRedirect]);
    let run = visited(
        &stage,
        |_| (),
        |visit| {
            if visit.what == ELSEWHERE {
                knobs.people_decline();
            }
            Goes::AtOnce
        },
    )
    .await;
    let found = result(&run, "authorization.redirect_uri");
    assert_eq!(
        (found.outcome, found.got.as_str()),
        (ProbeOutcome::Failed, "the browser was sent there with `access_denied`")
    );
}

#[tokio::test]
async fn a_person_who_says_no_has_not_refused_a_plain_challenge() {
    let stage = Stage::with(settings()).await;
    let knobs = stage.provider.knobs();
    knobs.forget(&[Lax::Plain]);
    let run = visited(
        &stage,
        |_| (),
        |visit| {
            if visit.what.contains("plain") {
                knobs.people_decline();
            } else {
                knobs.people_decide();
            }
            Goes::AtOnce
        },
    )
    .await;
    assert_eq!(result(&run, "pkce.plain").outcome, ProbeOutcome::NotAsked, "{run:?}");
}

#[tokio::test]
async fn a_provider_in_trouble_has_not_refused_a_verifier_without_a_challenge() {
    let stage = confidential().await;
    let knobs = stage.provider.knobs();
    knobs.forget(&[Lax::NoChallenge]);
    let run = visited(
        &stage,
        |_| (),
        |visit| {
            if visit.what == "a request without PKCE" {
                knobs.fail(Endpoint::Token, Fault::Status(503), Times::Always);
            }
            Goes::AtOnce
        },
    )
    .await;
    let found = result(&run, "pkce.downgrade");
    assert!(found.outcome == ProbeOutcome::NotAsked && found.got.contains("503"), "{found:?}");
}

/// RFC 9700 section 4.14.2 is for tokens that anybody can use.
#[tokio::test]
async fn a_client_with_a_secret_may_use_a_refresh_token_twice() {
    let stage = confidential().await;
    stage.provider.knobs().forget(&[Lax::RefreshReuse(Duration::from_secs(60))]);
    let run = probed(&stage, |_| ()).await;
    let found = result(&run, "refresh.reuse");
    assert!(found.outcome == ProbeOutcome::NotApplicable && found.got.contains("still gave tokens"), "{found:?}");
}

#[tokio::test]
async fn the_newest_refresh_token_is_the_one_that_the_last_answer_gave() {
    let stage = Stage::with(settings()).await;
    let leeway = Lax::RefreshReuse(Duration::from_secs(1));
    stage.provider.knobs().forget(&[leeway, Lax::ReuseReplacesNewest, Lax::ReusedFamilyStays]);
    let run = probed(&stage, |request| request.leeway = Some(10)).await;
    assert_eq!(result(&run, "refresh.reuse").outcome, ProbeOutcome::Passed, "{run:?}");
    let found = result(&run, "refresh.reuse_revokes");
    assert_eq!((found.outcome, found.got.as_str()), (ProbeOutcome::Failed, "tokens (HTTP 200)"));
}

/// RFC 9207 section 3: a provider that does not say that it sends `iss` need not.
#[tokio::test]
async fn an_optional_iss_that_is_not_promised_is_recommended() {
    let stage = Stage::with(settings()).await;
    stage.provider.knobs().forget(&[Lax::NoIss]);
    let run = probed(&stage, |_| ()).await;
    let found = result(&run, "authorization.iss");
    assert!(found.outcome == ProbeOutcome::NotApplicable && found.got.contains("recommended"), "{found:?}");
}

#[tokio::test]
async fn a_sign_out_that_nobody_saw_confirmed_shows_nothing() {
    let stage = Stage::with(settings()).await;
    stage.provider.knobs().forget(&[Lax::LogoutKeepsSession]);
    let run = probed(&stage, |request| request.logout = true).await;
    let found = result(&run, "logout.session");
    assert!(found.outcome == ProbeOutcome::NotAsked && found.got.contains("post_logout_redirect_path"), "{found:?}");
}

/// A client with a secret.
async fn confidential() -> Stage {
    let mut settings = settings();
    settings.clients.push(Client::confidential("service", SECRET, vec![Redirect::Loopback { under: "/cb/".into() }]));
    let stage = Stage::with(settings).await;
    let profile = Profile { client_id: "service".to_owned(), ..stage.profile() };
    assert_eq!(profile.name, PROFILE);
    let entry = ProfileEntry { client_secret: Some(Secret::new(SECRET.to_owned())), ..profile.into() };
    stage.client.put_profile(&entry).await.expect("a profile");
    stage
}
