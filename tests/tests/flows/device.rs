//! The device grant (RFC 8628): alone, and beside the browser of this computer.

use std::time::Duration;

use doorkey_client::words::{DeviceCode, DeviceUse, Grant, SignIn, SignInRequest, SignInStep};
use doorkey_demo_idp::{
    Device, DeviceStatuses, Endpoint, Entry, Fault, Misbehaviour, Person, Robot, Settings, Times, robot_sign_in,
};
use doorkey_tests::stage::{assert_told_well, request};
use doorkey_tests::{Attempt, PATIENCE, PROFILE, Stage, watch};

/// As short as the standard allows.
const INTERVAL: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_person_signs_in_on_another_device() {
    let stage = stage(|_| ()).await;
    let (id, code) = shown(&stage, DeviceUse::Only).await;
    let waiting = stage.client.sign_in(&id).await.expect("it is known");
    assert_eq!((waiting.sign_in.redirect_uri, waiting.authorization_url), (None, None), "nobody listens here");
    assert!(code.verification_uri.starts_with(stage.provider.issuer()), "{code:?}");

    allow(&code, &stage.person("Ada")).await;
    let done = ended(&stage, &id).await;
    assert_eq!((done.step, done.device), (SignInStep::Done, None), "{:?}", done.error);
    assert_eq!(done.session.expect("who").sub, "demo|ada");
    assert!(!stage.access_token().await.is_empty());
    assert_eq!(questions(&stage).len(), stage.log().count(Endpoint::Token), "no code was exchanged");
    stage.renew().await.expect("a session like any other");
}

#[tokio::test]
async fn a_profile_can_be_for_another_device_alone() {
    let stage = stage(|_| ()).await;
    stage.put(|profile| profile.grant = Grant::DeviceCode).await;
    let id = stage.client.start_sign_in(&request(PROFILE)).await.expect("it starts").sign_in.id;
    allow(&code(&stage, &id, |_| true).await, &stage.person("Grace")).await;
    assert_eq!(ended(&stage, &id).await.session.expect("who").sub, "demo|grace");
}

#[tokio::test]
async fn nobody_is_asked_more_often_than_the_provider_wants() {
    // DEV-01, DEV-02, HP-88: the second question is answered with slow_down.
    let stage = stage(|_| ()).await;
    stage.provider.knobs().misbehave(Some(Misbehaviour::DeviceSlowDown));
    let (id, code) = shown(&stage, DeviceUse::Only).await;
    assert!(stage.log().wait_until(PATIENCE, |entries| asked(entries).len() >= 3).await, "three questions");
    allow(&code, &stage.person("Ada")).await;
    assert_eq!(ended(&stage, &id).await.step, SignInStep::Done);
    let times: Vec<_> = questions(&stage).iter().map(|entry| entry.at).collect();
    let gaps: Vec<_> = times.windows(2).map(|two| two[1].duration_since(two[0]).expect("in order")).collect();
    assert!(gaps[0] >= INTERVAL, "{gaps:?}");
    assert!(gaps[1..].iter().all(|gap| *gap >= INTERVAL + Duration::from_secs(5)), "{gaps:?}");
}

#[tokio::test]
async fn the_error_counts_and_not_the_status() {
    // DEV-06
    let stage = stage(|device| device.statuses = DeviceStatuses::Auth0).await;
    let (id, code) = shown(&stage, DeviceUse::Only).await;
    assert!(stage.log().wait_until(PATIENCE, |entries| asked(entries).len() >= 2).await, "it goes on asking");
    allow(&code, &stage.person("Ada")).await;
    assert_eq!(ended(&stage, &id).await.step, SignInStep::Done);
}

#[tokio::test]
async fn a_no_and_any_other_error_end_it_at_once() {
    // DEV-03, HP-86
    for (how, refused) in [
        (Misbehaviour::DeviceDeniedAtThird, "device.access_denied"),
        (Misbehaviour::DeviceExpiredAtThird, "device.expired"),
        (Misbehaviour::DeviceInvalidAtThird, "token.refused"),
    ] {
        let stage = stage(|_| ()).await;
        stage.provider.knobs().misbehave(Some(how));
        let (id, _) = shown(&stage, DeviceUse::Only).await;
        let failed = ended(&stage, &id).await;
        let why = failed.error.expect("why");
        assert_eq!((failed.step, why.code.as_str()), (SignInStep::Failed, refused), "{how}");
        assert_told_well(&why);
        assert_eq!(questions(&stage).len(), 3, "{how}: nobody asks a fourth time");
    }
}

#[tokio::test]
async fn a_code_that_ends_while_somebody_waits_is_followed_by_a_new_one() {
    // DEV-03
    let stage = stage(|device| device.life = Duration::from_secs(6)).await;
    let (id, first) = shown(&stage, DeviceUse::Only).await;
    let second = code(&stage, &id, |code| code.user_code != first.user_code).await;
    assert!(second.expires_at > first.expires_at);
    allow(&second, &stage.person("Ada")).await;
    assert_eq!(ended(&stage, &id).await.step, SignInStep::Done);
}

#[tokio::test]
async fn an_answer_that_cannot_be_used_is_refused_and_nothing_is_shown() {
    // HP-89, T-20
    for (how, refused) in [
        (Misbehaviour::DeviceCodeMissing, "device.bad_answer"),
        (Misbehaviour::DeviceExpiresInMissing, "device.bad_answer"),
        (Misbehaviour::DeviceUriPlain, "device.bad_uri"),
        (Misbehaviour::DeviceUriScript, "device.bad_uri"),
    ] {
        let stage = stage(|_| ()).await;
        stage.provider.knobs().misbehave(Some(how));
        let id = start(&stage, DeviceUse::Only).await;
        let failed = ended(&stage, &id).await;
        assert_eq!((failed.error.expect("why").code.as_str(), failed.device), (refused, None), "{how}");
    }
}

#[tokio::test]
async fn a_broken_connection_is_no_answer() {
    // DEV-04
    let stage = stage(|_| ()).await;
    stage.provider.knobs().fail(Endpoint::Token, Fault::Drop, Times::Next(1));
    let (id, code) = shown(&stage, DeviceUse::Only).await;
    allow(&code, &stage.person("Ada")).await;
    assert_eq!(ended(&stage, &id).await.step, SignInStep::Done);
    let times: Vec<_> = questions(&stage).iter().map(|entry| entry.at).collect();
    assert!(times[1].duration_since(times[0]).expect("in order") >= 2 * INTERVAL, "the wait doubles");
}

#[tokio::test]
async fn the_wait_ends_with_its_time() {
    let stage = stage(|_| ()).await;
    let request = SignInRequest { timeout: Some(1), device: Some(DeviceUse::Only), ..request(PROFILE) };
    let id = stage.client.start_sign_in(&request).await.expect("it starts").sign_in.id;
    assert_eq!(ended(&stage, &id).await.error.expect("why").code, "device.timeout");
}

#[tokio::test]
async fn tokens_that_come_after_it_was_stopped_are_revoked() {
    // L-36
    let stage = stage(|_| ()).await;
    let (id, code) = shown(&stage, DeviceUse::Only).await;
    allow(&code, &stage.person("Ada")).await;
    let gate = stage.provider.knobs().hold_answers(Endpoint::Token);
    let with_tokens = gate.wait_for(1, PATIENCE).await;
    assert!(with_tokens, "the answer is on its way");
    stage.client.cancel_sign_in(&id).await.expect("it can be stopped");
    assert_eq!(ended(&stage, &id).await.step, SignInStep::Cancelled);
    gate.release();
    assert!(stage.log().wait_for(Endpoint::Revoke, 1, PATIENCE).await, "nothing stays alive");
    assert!(stage.client.sessions().await.expect("the sessions").sessions.is_empty());
    stage.assert_next_sign_in_works().await;
}

#[tokio::test]
async fn beside_the_browser_the_device_may_be_first() {
    let stage = stage(|_| ()).await;
    let (attempt, code) = beside(&stage).await;
    allow(&code, &stage.person("Grace")).await;
    assert_eq!(attempt.done().await.sub, "demo|grace");
    assert!(attempt.is_deserted().await, "the listener is closed with it");
    assert_eq!(grants(&stage, "authorization_code"), 0);
    let late = attempt.now().await;
    assert_eq!((late.device, late.device_problem), (None, None));
}

#[tokio::test]
async fn beside_the_browser_the_browser_may_be_first() {
    let stage = stage(|_| ()).await;
    let (attempt, code) = beside(&stage).await;
    attempt.allow(&stage.person("Ada")).await;
    assert_eq!(attempt.done().await.sub, "demo|ada");
    let before = questions(&stage).len();
    allow(&code, &stage.person("Grace")).await;
    stage.renew().await.expect("some time passes at the provider");
    assert_eq!(questions(&stage).len(), before, "nobody asks any more");
    assert_eq!(stage.session().await.sub, "demo|ada");
}

#[tokio::test]
async fn when_both_say_yes_the_losers_tokens_are_revoked() {
    let stage = stage(|_| ()).await;
    let (attempt, code) = beside(&stage).await;
    allow(&code, &stage.person("Grace")).await;
    let gate = stage.provider.knobs().hold_answers(Endpoint::Token);
    assert!(gate.wait_for(1, PATIENCE).await, "the device's tokens are on their way");
    attempt.allow(&stage.person("Ada")).await;
    assert!(gate.wait_for(2, PATIENCE).await, "and so are the browser's");
    gate.release();
    assert_eq!(attempt.done().await.sub, "demo|ada");
    assert!(stage.log().wait_for(Endpoint::Revoke, 1, PATIENCE).await, "the device's are revoked");
    assert_eq!(grants(&stage, "authorization_code"), 1);
    stage.renew().await.expect("the browser's are not");
    let sessions = stage.client.sessions().await.expect("the sessions").sessions;
    assert!(sessions.len() == 1 && sessions[0].sub == "demo|ada", "{sessions:?}");
}

#[tokio::test]
async fn a_no_on_the_device_ends_the_wait_for_the_browser_too() {
    let stage = stage(|_| ()).await;
    let (attempt, code) = beside(&stage).await;
    robot_sign_in(complete(&code), &Robot::deny(&stage.person("Ada"))).await.expect("the page says so");
    assert_eq!(attempt.failed().await.code, "device.access_denied");
    assert!(attempt.is_deserted().await);
}

#[tokio::test]
async fn where_the_device_cannot_take_part_the_browser_goes_on_alone() {
    let stage = stage(|_| ()).await;
    stage.provider.knobs().misbehave(Some(Misbehaviour::DeviceUriPlain));
    let attempt = super::begin(&stage, |request| request.device = Some(DeviceUse::Beside)).await;
    let told = watch::until_sign_in(&stage.client, &attempt.id, "it says why", |it| it.device_problem.is_some()).await;
    let why = told.device_problem.expect("why");
    assert_eq!((why.code.as_str(), told.step, told.device), ("device.bad_uri", SignInStep::Waiting, None));
    attempt.allow(&stage.person("Ada")).await;
    assert_eq!(attempt.done().await.sub, "demo|ada");
}

async fn stage(change: impl FnOnce(&mut Device)) -> Stage {
    let mut device = Device { interval: INTERVAL, ..Device::default() };
    change(&mut device);
    Stage::with(Settings { device, ..Settings::default() }).await
}

async fn start(stage: &Stage, device: DeviceUse) -> String {
    let request = SignInRequest { device: Some(device), ..request(PROFILE) };
    stage.client.start_sign_in(&request).await.expect("it starts").sign_in.id
}

/// A sign-in that shows a code.
async fn shown(stage: &Stage, device: DeviceUse) -> (String, DeviceCode) {
    let id = start(stage, device).await;
    let code = code(stage, &id, |_| true).await;
    (id, code)
}

/// One that waits for the browser, and for a device beside it.
async fn beside(stage: &Stage) -> (Attempt, DeviceCode) {
    let attempt = super::begin(stage, |request| request.device = Some(DeviceUse::Beside)).await;
    let code = code(stage, &attempt.id, |_| true).await;
    (attempt, code)
}

/// The code it shows, once it is as wanted.
async fn code(stage: &Stage, id: &str, fits: impl Fn(&DeviceCode) -> bool) -> DeviceCode {
    let shows = watch::until_sign_in(&stage.client, id, "it shows a code", |sign_in| {
        sign_in.device.as_ref().is_some_and(&fits) || sign_in.step.is_final()
    })
    .await;
    shows.device.unwrap_or_else(|| panic!("it ended: {:?}", shows.error))
}

fn complete(code: &DeviceCode) -> &str {
    code.verification_uri_complete.as_deref().expect("the demo provider gives one")
}

async fn allow(code: &DeviceCode, person: &Person) {
    robot_sign_in(complete(code), &Robot::allow(person)).await.expect("the page says that it is done");
}

async fn ended(stage: &Stage, id: &str) -> SignIn {
    watch::until_sign_in(&stage.client, id, "the sign-in ends", |sign_in| sign_in.step.is_final()).await
}

/// Questions of devices that reached the provider, oldest first.
fn questions(stage: &Stage) -> Vec<Entry> {
    asked(&stage.log().of(Endpoint::Token)).into_iter().cloned().collect()
}

fn asked(entries: &[Entry]) -> Vec<&Entry> {
    entries.iter().filter(|entry| entry.params.get("device_code").is_some()).collect()
}

fn grants(stage: &Stage, grant: &str) -> usize {
    let token = stage.log().of(Endpoint::Token);
    token.iter().filter(|entry| entry.params.get("grant_type") == Some(grant)).count()
}
