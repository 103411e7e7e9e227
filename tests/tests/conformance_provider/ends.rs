//! How each test must end, and all that it looks at.

use doorkey_client::words::{BrowserBy, BrowserSignOut, EventKind, SignInStep, SignOut, SignOutRequest, StepName};
use doorkey_demo_idp::{Asks, Endpoint, Misbehaviour, MustEnd, Robot, robot_sign_in};
use doorkey_tests::stage::person;
use doorkey_tests::watch;

use crate::scene::{End, Scene};
use crate::world::World;

pub(crate) async fn check(world: &World, how: Misbehaviour) {
    let scene = Scene::new(world, how).await;
    match (how.asks(), how.must_end()) {
        (Asks::SecondSignIn, MustEnd::Accepted) => twice(&scene, how).await,
        (Asks::Renewal, MustEnd::NotRenewed(code)) => not_renewed(&scene, how, code).await,
        (Asks::Renewal, MustEnd::WithoutDetails(code)) => renewed_twice(&scene, how, code).await,
        (_, MustEnd::Accepted) => accepted(&scene, how).await,
        (_, MustEnd::WithoutDetails(code)) => without_details(&scene, how, code).await,
        (_, MustEnd::Refused(code)) => refused(&scene, how, code).await,
        (_, MustEnd::Waiting) => waiting(&scene, how).await,
        (_, MustEnd::Unconfirmed) => unconfirmed(&scene, how).await,
        (asks, MustEnd::NotRenewed(_)) => panic!("{how} must not renew, and asks {asks:?}"),
    }
    scene.end().await;
}

/// The oddity is allowed.
async fn accepted(scene: &Scene<'_>, how: Misbehaviour) {
    scene.provider.knobs().misbehave(Some(how));
    let end = scene.attempt().await;
    assert_eq!(end.sign_in.step, SignInStep::Done, "{:?}", end.sign_in.error);
    let session = end.sign_in.session.expect("who is signed in");
    assert!(session.sub.starts_with("demo|ada"), "{}", session.sub);
    for text in [&session.name, &session.email].into_iter().flatten() {
        assert!(text.chars().count() <= 1_000, "a name nobody could show");
    }
    scene.assert_no_canary();
    scene.before().await;
}

/// The same person signs in before and after.
async fn twice(scene: &Scene<'_>, how: Misbehaviour) {
    scene.provider.knobs().misbehave(Some(how));
    let first = scene.sign_in().await;
    let second = scene.sign_in().await;
    assert_eq!(first.id, second.id, "the same person has one session");
    assert_eq!(scene.count(Endpoint::Jwks), 2, "the keys are read anew once");
}

/// Not signed in, and nothing is lost (N1 to N4, N6, N7).
async fn refused(scene: &Scene<'_>, how: Misbehaviour, code: &str) {
    scene.sign_in().await;
    let before = scene.before().await;
    let (codes, details) = (scene.count(Endpoint::Token), scene.count(Endpoint::Userinfo));
    scene.provider.knobs().misbehave(Some(how));
    let is_about_keys = how.name().starts_with("jwks-");
    if is_about_keys {
        // The keys that were read before would do: only a token by a new one sends the client there again.
        scene.provider.knobs().rotate_signing_keys().await.expect("new keys");
    }

    // Whose code is refused at the third question has not typed it in by then.
    let End { sign_in, events } =
        if how.name().ends_with("-at-third") { scene.unattended().await } else { scene.attempt().await };
    assert_eq!(sign_in.step, SignInStep::Failed, "{sign_in:?}");
    scene.assert_refusal(&sign_in.error.expect("why"), code);
    assert_eq!(sign_in.session, None);
    let saved = events.iter().any(|event| matches!(event.kind, EventKind::Saved { .. }));
    assert!(!saved, "something was stored");

    scene.assert_no_canary();
    let at_the_end = scene.asked();
    assert_eq!(scene.count(Endpoint::Userinfo), details, "userinfo was asked with a token that nobody may use");
    if let Some(sent) = code_is_sent(how, code) {
        assert_eq!(scene.count(Endpoint::Token) - codes, sent, "how often the code was sent: {at_the_end:?}");
    }
    assert_eq!(scene.before().await, before, "the old session is as it was");
    assert_eq!(scene.asked(), at_the_end, "the provider hears no more");

    scene.provider.knobs().misbehave(None);
    // Keys that were answered are not asked for again for a minute, whoever comes (J-04).
    if !code.starts_with("jwks.") || code == "jwks.unavailable" {
        scene.sign_in().await;
    }
}

/// How often the code reaches the provider: not at all when the answer of the browser, or what came before it, is refused; once
/// for everything that is wrong with what is given for it. A device asks again and again, with a code of another kind.
fn code_is_sent(how: Misbehaviour, code: &str) -> Option<usize> {
    match code {
        _ if how.asks() == Asks::Device => None,
        _ if code.starts_with("callback.") || code.starts_with("discovery.") => Some(0),
        // Once more with the nonce that the provider wants in the proof (RFC 9449 section 8), and no third time.
        "dpop.nonce_loop" => Some(2),
        _ => Some(1),
    }
}

/// The answer is none of this sign-in's, so the wait goes on, and the right answer still counts.
async fn waiting(scene: &Scene<'_>, how: Misbehaviour) {
    scene.sign_in().await;
    let before = scene.before().await;
    let codes = scene.count(Endpoint::Token);
    scene.provider.knobs().misbehave(Some(how));
    let (told, sign_in) = scene.begin().await;
    scene.visit(&sign_in).await;
    let now = scene.client.sign_in(&sign_in.id).await.expect("it is known").sign_in;
    assert_eq!(now.step, SignInStep::Waiting, "{:?}", now.error);
    assert_eq!(scene.count(Endpoint::Token), codes, "no code was sent");
    assert_eq!(scene.before().await, before, "the old session is as it was");

    scene.provider.knobs().misbehave(None);
    scene.visit(&sign_in).await;
    let end = scene.ended(told, &sign_in.id).await;
    assert_eq!(end.sign_in.step, SignInStep::Done, "{:?}", end.sign_in.error);
}

/// Signed in; nothing of userinfo is shown, and the journal says why.
async fn without_details(scene: &Scene<'_>, how: Misbehaviour, code: &str) {
    scene.provider.knobs().misbehave(Some(how));
    let End { sign_in, events } = scene.attempt().await;
    assert_eq!(sign_in.step, SignInStep::Done, "{:?}", sign_in.error);
    let session = sign_in.session.expect("who is signed in");
    assert_eq!((session.name, session.email), (None, None), "details that nobody may use");
    let told = events.iter().find_map(|event| match &event.kind {
        EventKind::DetailsNotUsed { refusal } => Some(refusal.clone()),
        _ => None,
    });
    scene.assert_refusal(&told.expect("the journal says that the details are not used"), code);
    scene.before().await;
}

/// A renewal is refused; the session goes on with what it has.
async fn not_renewed(scene: &Scene<'_>, how: Misbehaviour, code: &str) {
    scene.sign_in().await;
    let before = scene.before().await;
    let details = scene.count(Endpoint::Userinfo);
    scene.provider.knobs().misbehave(Some(how));
    let refusal = scene.renew().await.expect_err("the renewal is refused");
    scene.assert_refusal(&refusal, code);
    let at_the_end = scene.asked();
    let after = scene.before().await;
    assert!(after.same_session(&before), "the session is as it was: {before:?} {after:?}");
    assert_eq!(scene.count(Endpoint::Userinfo), details, "userinfo was asked with a token that nobody may use");
    assert_eq!(scene.asked(), at_the_end, "the provider hears no more");
    scene.provider.knobs().misbehave(None);
    scene.sign_in().await;
}

/// A resource refuses until the refresh token was used twice, rotated each time.
async fn renewed_twice(scene: &Scene<'_>, how: Misbehaviour, code: &str) {
    without_details(scene, how, code).await;
    let first = scene.before().await;
    scene.renew().await.expect("renewed");
    let second = scene.before().await;
    scene.renew().await.expect("renewed again");
    let third = scene.before().await;
    assert!(first != second && second != third, "each renewal brings a token of its own");
}

/// Signed out on this computer; that the provider's confirmation could not be verified is said.
async fn unconfirmed(scene: &Scene<'_>, how: Misbehaviour) {
    scene.sign_in().await;
    scene.provider.knobs().misbehave(Some(how));
    let request = SignOutRequest {
        profile: scene.profile.clone(),
        account: None,
        how: SignOut::Everywhere,
        browser: BrowserBy::Caller,
    };
    let answer = scene.client.sign_out(&request).await.expect("signing out works");
    let done = |name: StepName| answer.steps.iter().any(|step| step.step == name && step.done);
    assert!(done(StepName::Revoke) && done(StepName::Forget), "{answer:?}");
    let address = answer.end_session_url.expect("a page to open");
    let _ = robot_sign_in(&address, &Robot::allow(&person("Ada"))).await;
    let outcome =
        watch::until_event(&scene.client, "the return from the sign-out page is told", |event| match &event.kind {
            EventKind::BrowserSignedOut { outcome } if event.profile.as_ref() == Some(&scene.profile) => Some(*outcome),
            _ => None,
        });
    assert_eq!(outcome.await, BrowserSignOut::NotVerified, "a return with another state is no confirmation");
    let sessions = scene.client.sessions().await.expect("the sessions").sessions;
    assert!(sessions.iter().all(|session| session.profile != scene.profile), "still signed in");
}
