//! Probes: a strict provider passes all of them, and for each there is one that fails it.

mod command;
mod doubt;
mod left;

use std::collections::BTreeSet;
use std::time::Duration;

use doorkey_client::words::{Grant, ProbeOutcome, ProbeRequest, ProbeResult, ProbeRun, ProbeState, ProbeVisit, Push};
use doorkey_demo_idp::{Client, Lax, Misbehaviour, Redirect, RefreshStyle, Robot, RobotBrowser, Settings};
use doorkey_tests::stage::{assert_told_well, person, refusal};
use doorkey_tests::{PATIENCE, PROFILE, Stage};

/// Another public client, whose code is none of the profile's.
const OTHER: &str = "other";

fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.clients.push(Client::public(OTHER, vec![Redirect::Loopback { under: "/cb/".into() }]));
    settings
}

/// Nothing is said of codes of another client where nobody knows that client.
#[tokio::test]
async fn a_client_that_nobody_knows_shows_nothing_about_codes() {
    let stage = Stage::new().await;
    let run = probed(&stage, |request| request.other_client = None).await;
    assert_eq!(names(&run, ProbeOutcome::NotAsked), ["code.client", "logout.session"], "{run:?}");
}

#[tokio::test]
async fn a_strict_provider_passes_every_probe() {
    let stage = Stage::with(settings()).await;
    let run = probed(&stage, |request| request.logout = true).await;
    assert_eq!((run.state, &run.error), (ProbeState::Done, &None));
    for result in &run.results {
        assert_eq!(result.outcome, ProbeOutcome::Passed, "{result:?}");
    }
    assert_eq!(run.results.len(), 20, "{run:?}");
    assert!(run.visits <= ProbeRequest::MOST_VISITS && run.requests <= ProbeRequest::MOST_REQUESTS, "{run:?}");
    let cleaned = run.cleaned.expect("it has cleaned up");
    assert!(cleaned.left == 0 && cleaned.revoked > 0, "{cleaned:?}");
    assert!(stage.client.sessions().await.expect("the sessions").sessions.is_empty());
}

#[tokio::test]
async fn where_requests_are_pushed_it_passes_too() {
    let stage = Stage::with(Settings { require_pushed: true, ..settings() }).await;
    stage.put(|profile| profile.push = Push::Always).await;
    let run = probed(&stage, |_| ()).await;
    assert_eq!(names(&run, ProbeOutcome::Failed), [""; 0], "{run:?}");
    assert_eq!(names(&run, ProbeOutcome::NotAsked), ["logout.session"], "{run:?}");
}

#[tokio::test]
async fn tokens_bound_to_a_key_are_probed_with_the_key() {
    let stage = Stage::with(settings()).await;
    stage.put(|profile| profile.dpop = true).await;
    let run = probed(&stage, |_| ()).await;
    assert_eq!(names(&run, ProbeOutcome::Failed), [""; 0], "{run:?}");
    assert_eq!(names(&run, ProbeOutcome::NotAsked), ["logout.session"], "{run:?}");
}

/// Each probe, and a provider that fails it and no other.
#[tokio::test]
async fn for_each_probe_there_is_a_provider_that_fails_it() {
    let minute = Duration::from_secs(60);
    let cases = [
        ("authorization.state", Wrong::Misbehaves(Misbehaviour::StateMissing)),
        ("authorization.iss", Wrong::Misbehaves(Misbehaviour::CallbackIssMissing)),
        ("id_token.nonce", Wrong::Misbehaves(Misbehaviour::NonceSuffix)),
        ("token.cache_headers", Wrong::Forgets(Lax::Cacheable)),
        ("code.replay", Wrong::Forgets(Lax::CodeReplay)),
        ("code.replay_revokes", Wrong::Forgets(Lax::ReplayedTokensStay)),
        ("pkce.wrong_verifier", Wrong::Forgets(Lax::AnyVerifier)),
        ("pkce.missing_verifier", Wrong::Forgets(Lax::NoVerifier)),
        ("code.redirect_uri", Wrong::Forgets(Lax::AnyRedirectOfCode)),
        ("code.client", Wrong::Forgets(Lax::AnyClientOfCode)),
        ("refresh.scope", Wrong::Forgets(Lax::LargerScope)),
        ("refresh.rotation", Wrong::KeepsRefreshToken),
        ("refresh.reuse", Wrong::Forgets(Lax::RefreshReuse(minute))),
        ("refresh.reuse_revokes", Wrong::Forgets(Lax::ReusedFamilyStays)),
        ("revocation.access_token", Wrong::Forgets(Lax::RevokedAccessStays)),
        ("revocation.refresh_token", Wrong::Forgets(Lax::RevokedRefreshStays)),
        ("pkce.downgrade", Wrong::Forgets(Lax::NoChallenge)),
        ("pkce.plain", Wrong::Forgets(Lax::Plain)),
        ("authorization.redirect_uri", Wrong::Forgets(Lax::AnyRedirect)),
        ("logout.session", Wrong::Forgets(Lax::LogoutKeepsSession)),
    ];
    let mut runs = tokio::task::JoinSet::new();
    for (name, wrong) in cases {
        runs.spawn(async move {
            let stage = Stage::with(settings()).await;
            stage.put(|profile| profile.post_logout_redirect_path = Some("/signed-out/probe".into())).await;
            wrong.turn(&stage);
            let run = probed(&stage, |request| request.logout = name == "logout.session").await;
            (name, run)
        });
    }
    let mut failed = BTreeSet::new();
    for (name, run) in runs.join_all().await {
        assert!(names(&run, ProbeOutcome::Failed).contains(&name.to_owned()), "{name}: {run:?}");
        let result = result(&run, name);
        assert!(!result.source.is_empty() && !result.consequence.is_empty() && !result.advice.is_empty());
        failed.insert(name);
    }
    let stage = Stage::with(settings()).await;
    let all = probed(&stage, |_| ()).await.results;
    assert!(all.iter().all(|it| failed.contains(it.name.as_str())), "a probe that no provider fails is none");
}

#[tokio::test]
async fn the_leeway_for_a_replaced_refresh_token_is_measured() {
    let stage = Stage::with(settings()).await;
    stage.provider.knobs().forget(&[Lax::RefreshReuse(Duration::from_secs(2))]);
    let run = probed(&stage, |request| request.leeway = Some(10)).await;
    let reuse = result(&run, "refresh.reuse");
    assert_eq!(reuse.outcome, ProbeOutcome::Passed);
    assert!(reuse.got.contains("after a leeway of"), "{reuse:?}");
}

#[tokio::test]
async fn nothing_is_sent_before_the_issuer_is_typed_again() {
    let stage = Stage::with(settings()).await;
    for typed in ["", "yes", &format!("{}/", stage.provider.issuer())] {
        let refused = refusal(stage.client.start_probe(&ProbeRequest::new(PROFILE, typed)).await);
        assert_eq!(refused.code, "usage.issuer_not_confirmed");
        assert_told_well(&refused);
    }
    let slow = ProbeRequest { pace_ms: Some(10_001), ..ProbeRequest::new(PROFILE, stage.provider.issuer()) };
    assert_eq!(refusal(stage.client.start_probe(&slow).await).code, "usage.bad_probe");
    stage.put(|profile| profile.grant = Grant::DeviceCode).await;
    let other = ProbeRequest::new(PROFILE, stage.provider.issuer());
    assert_eq!(refusal(stage.client.start_probe(&other).await).code, "config.cannot_probe");
    assert!(stage.log().entries().is_empty());
    assert_eq!(refusal(stage.client.probe("0000000000000000", None).await).code, "login.unknown");
}

/// What is wrong with a provider.
#[derive(Clone, Copy)]
enum Wrong {
    Forgets(Lax),
    Misbehaves(Misbehaviour),
    KeepsRefreshToken,
}

impl Wrong {
    fn turn(self, stage: &Stage) {
        let knobs = stage.provider.knobs();
        match self {
            Self::Forgets(rule) => knobs.forget(&[rule]),
            Self::Misbehaves(how) => knobs.misbehave(Some(how)),
            Self::KeepsRefreshToken => knobs.refresh_style(RefreshStyle::SameAgain),
        }
    }
}

/// What becomes of a visit.
enum Goes {
    AtOnce,
    /// The person takes that long.
    After(Duration),
    /// There is no browser any more.
    Nowhere,
}

/// A whole run, with a browser that stays open.
async fn probed(stage: &Stage, change: impl FnOnce(&mut ProbeRequest)) -> ProbeRun {
    visited(stage, change, |_| Goes::AtOnce).await
}

/// The same, where each visit goes another way.
async fn visited(
    stage: &Stage,
    change: impl FnOnce(&mut ProbeRequest),
    goes: impl Fn(&ProbeVisit) -> Goes,
) -> ProbeRun {
    let mut request = request(stage);
    change(&mut request);
    followed(stage, request, goes, |_| false).await
}

fn request(stage: &Stage) -> ProbeRequest {
    ProbeRequest {
        pace_ms: Some(0),
        wait: Some(4),
        timeout: Some(10),
        leeway: Some(2),
        other_client: Some(OTHER.to_owned()),
        ..ProbeRequest::new(PROFILE, stage.provider.issuer())
    }
}

/// Opens what is to be opened until the end, or stops at a state.
async fn followed(
    stage: &Stage,
    request: ProbeRequest,
    goes: impl Fn(&ProbeVisit) -> Goes,
    stops_at: impl Fn(&ProbeRun) -> bool,
) -> ProbeRun {
    let browser = RobotBrowser::new(Robot::allow(&person("Ada")));
    let mut run = stage.client.start_probe(&request).await.expect("it starts");
    let id = run.id.clone();
    let mut opened = 0;
    let following = async {
        while !run.state.is_final() {
            if let Some(visit) = run.visit.clone().filter(|visit| visit.number > opened) {
                opened = visit.number;
                let (browser, goes) = (browser.clone(), goes(&visit));
                // It ends at a page of the provider where that refuses: then there is nowhere to go.
                tokio::spawn(async move {
                    match goes {
                        Goes::AtOnce => {}
                        Goes::After(time) => tokio::time::sleep(time).await,
                        Goes::Nowhere => return,
                    }
                    drop(browser.visit(&visit.url).await);
                });
            }
            if run.state == ProbeState::Running && stops_at(&run) {
                stage.client.cancel_probe(&id).await.expect("it can be stopped");
            }
            run = stage.client.probe(&id, Some(run.revision)).await.expect("it is known");
        }
        run
    };
    tokio::time::timeout(PATIENCE * 3, following).await.expect("it ends")
}

fn names(run: &ProbeRun, outcome: ProbeOutcome) -> Vec<String> {
    run.results.iter().filter(|it| it.outcome == outcome).map(|it| it.name.clone()).collect()
}

fn result<'a>(run: &'a ProbeRun, name: &str) -> &'a ProbeResult {
    run.results.iter().find(|it| it.name == name).unwrap_or_else(|| panic!("{name} was told: {run:?}"))
}
