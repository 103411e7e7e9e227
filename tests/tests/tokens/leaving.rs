//! Signing out: a provider that cannot be told at once, and the browser's way back (RFC 7009, RP-Initiated Logout).

use doorkey_client::Client;
use doorkey_client::words::{
    AccountSource, BrowserSignOut, Endpoints, EventKind, Profile, SignOut, SignOutAnswer, StepName,
};
use doorkey_demo_idp::{Endpoint, Fault, Kind, Misbehaviour, Settings, Times};
use doorkey_tests::stage::sign_out;
use doorkey_tests::{Household, PATIENCE, PROFILE, Stage, secrets, stranger, watch};
use url::Url;

use super::{BILLS, at, for_two_apis};

const BACK: &str = "/signed-out/work";

/// Ada, signed in with a profile that knows a way back.
async fn with_a_way_back() -> Stage {
    let stage = Stage::new().await;
    stage.put(|profile| profile.post_logout_redirect_path = Some(BACK.to_owned())).await;
    stage.sign_in().await;
    stage
}

/// Where the provider sends the browser.
async fn sent_back_to(answer: &SignOutAnswer) -> Url {
    let page: Url = answer.end_session_url.as_ref().expect("the caller opens it").parse().expect("a URL");
    let shown = stranger::request("GET", &page, &[("Connection", "close")]).await;
    let location = shown.text.lines().find_map(|line| line.strip_prefix("location: ")).expect("it redirects");
    location.trim().parse().expect("a URL")
}

async fn outcome(stage: &Stage, answer: &SignOutAnswer) -> BrowserSignOut {
    let flow = answer.waits_for.clone().expect("the agent waits for the browser");
    watch::until_event(&stage.client, "the browser is back", |event| match &event.kind {
        EventKind::BrowserSignedOut { outcome } if event.flow.as_deref() == Some(&flow) => Some(*outcome),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_browser_that_comes_back_with_our_state_confirms_it() {
    let stage = with_a_way_back().await;
    let answer = stage.sign_out(SignOut::Everywhere).await;
    assert!(stage.client.sessions().await.expect("a list").sessions.is_empty(), "signed out here before it is back");
    let asked: Url = answer.end_session_url.clone().expect("an address").parse().expect("a URL");
    for name in ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"] {
        assert!(asked.query_pairs().any(|(key, value)| key == name && !value.is_empty()), "no {name}");
    }
    let back = sent_back_to(&answer).await;
    assert_eq!(back.path(), BACK);
    let landed = stranger::visit(&back).await;
    assert_eq!(landed.status, Some(303), "{}", landed.text);
    assert!(landed.text.contains("location: /left"), "the address bar is cleaned: {}", landed.text);
    assert_eq!(outcome(&stage, &answer).await, BrowserSignOut::Confirmed);
}

/// after sign-out the browser comes back with another `state`, or none | signed out here, and told that nothing confirms it
#[tokio::test]
async fn another_state_or_none_is_told_and_changes_nothing() {
    for misbehaviour in [Misbehaviour::LogoutStateOther, Misbehaviour::LogoutStateMissing] {
        let stage = with_a_way_back().await;
        stage.provider.knobs().misbehave(Some(misbehaviour));
        let answer = stage.sign_out(SignOut::Everywhere).await;
        assert!(answer.steps.iter().all(|step| step.done), "{answer:?}");
        stranger::visit(&sent_back_to(&answer).await).await;
        assert_eq!(outcome(&stage, &answer).await, BrowserSignOut::NotVerified, "{misbehaviour:?}");
        assert_eq!(stage.token().await.expect_err("signed out").code, "session.sign_in_required");
    }
}

#[tokio::test]
async fn without_a_way_back_in_the_profile_nothing_is_listened_for() {
    let stage = Stage::signed_in().await;
    let answer = stage.sign_out(SignOut::Everywhere).await;
    assert_eq!(answer.waits_for, None);
    let asked: Url = answer.end_session_url.expect("an address").parse().expect("a URL");
    assert!(!asked.query_pairs().any(|(key, _)| key == "post_logout_redirect_uri" || key == "state"));
}

#[tokio::test]
async fn auth0s_older_address_serves_where_none_is_published() {
    // Endpoints given by hand name no `end_session_endpoint`, as tenants of before 2023-11-14 do.
    let stage = Stage::with(Settings { kind: Kind::OauthOnly, ..Settings::default() }).await;
    let url = |endpoint| stage.provider.url(endpoint);
    let profile = Profile {
        scopes: vec!["read:user".to_owned()],
        endpoints: Some(Endpoints {
            authorization_endpoint: url(Endpoint::Authorize),
            token_endpoint: url(Endpoint::Token),
            revocation_endpoint: Some(url(Endpoint::Revoke)),
            device_authorization_endpoint: None,
        }),
        account: Some(AccountSource { endpoint: url(Endpoint::User), id: "/id".to_owned(), name: None }),
        post_logout_redirect_path: Some(BACK.to_owned()),
        ..stage.profile()
    };
    for preset in [None, Some("auth0")] {
        let profile = Profile { preset: preset.map(str::to_owned), ..profile.clone() };
        stage.client.put_profile(&profile.into()).await.expect("a profile");
        stage.sign_in().await;
        let answer = stage.sign_out(SignOut::Everywhere).await;
        let told: Vec<_> = answer.steps.iter().map(|step| (step.step, step.done)).collect();
        let is_known = preset.is_some();
        let wanted = [(StepName::Revoke, true), (StepName::Forget, true), (StepName::EndSession, is_known)];
        assert_eq!(told, wanted, "{answer:?}");
        let Some(address) = &answer.end_session_url else {
            assert!(!is_known, "there is an address to open");
            continue;
        };
        let address: Url = address.parse().expect("a URL");
        assert_eq!(address.path(), "/v2/logout");
        let returns = address.query_pairs().find(|(name, _)| name == "returnTo").expect("a way back").1.into_owned();
        stranger::visit(&returns.parse().expect("a URL")).await;
        let outcome = outcome(&stage, &answer).await;
        assert_eq!(outcome, BrowserSignOut::NotVerified, "nothing comes back that could be compared");
    }
}

#[tokio::test]
async fn signing_out_while_a_token_for_another_api_comes_revokes_the_refresh_token_it_brings() {
    let stage = Stage::new().await;
    for_two_apis(&stage).await;
    let gate = stage.provider.knobs().hold(Endpoint::Token);
    let client = stage.client.clone();
    let caller = tokio::spawn(async move { client.token(&at(&[BILLS])).await });
    assert!(gate.wait_for(1, PATIENCE).await, "it is under way");
    let client = stage.client.clone();
    let leaving = tokio::spawn(async move { client.sign_out(&sign_out(SignOut::Revoke)).await });
    gate.release();
    let answer = leaving.await.expect("it ends").expect("signed out");
    assert!(answer.steps.iter().all(|step| step.done), "{answer:?}");
    let _ = caller.await.expect("it ends");
    let spent = &stage.sent_refresh_tokens()[0];
    let revoked = stage.log().of(Endpoint::Revoke);
    assert_eq!(revoked.len(), 1);
    assert_ne!(revoked[0].params.get("token"), Some(spent.as_str()), "the newest is revoked, not the spent one");
    assert_eq!(stage.token_for(&at(&[BILLS])).await.expect_err("signed out").code, "session.sign_in_required");
}

/// revocation is answered with 503 | signed out here, and the provider is told when it is back
#[tokio::test]
async fn a_provider_that_was_away_is_told_when_it_is_back() {
    let stage = Stage::signed_in().await;
    stage.provider.knobs().fail(Endpoint::Revoke, Fault::Status(503), Times::Next(1));
    let answer = stage.sign_out(SignOut::Revoke).await;
    let step = &answer.steps[0];
    assert!(!step.done && step.reason.contains("tried again"), "{answer:?}");
    assert!(stage.client.sessions().await.expect("a list").sessions.is_empty(), "forgotten here all the same");
    watch::until_event(&stage.client, "the provider was told", |event| {
        matches!(event.kind, EventKind::RevokedLater).then_some(())
    })
    .await;
    let told = stage.log().of(Endpoint::Revoke);
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].params.get("token"), told[1].params.get("token"), "the same token");
}

#[tokio::test]
async fn a_network_that_was_away_is_the_same() {
    let stage = Stage::signed_in().await;
    stage.provider.go_offline().await;
    let answer = stage.sign_out(SignOut::Revoke).await;
    assert!(!answer.steps[0].done && answer.steps[0].reason.contains("tried again"), "{answer:?}");
    stage.provider.come_back().await.expect("it is back");
    watch::until_event(&stage.client, "the provider was told", |event| {
        matches!(event.kind, EventKind::RevokedLater).then_some(())
    })
    .await;
    assert!(stage.log().wait_for(Endpoint::Revoke, 1, PATIENCE).await);
}

#[tokio::test]
async fn a_provider_that_says_no_is_not_asked_again() {
    let stage = Stage::signed_in().await;
    let no = Fault::OauthError { status: 400, error: "unsupported_token_type".to_owned() };
    stage.provider.knobs().fail(Endpoint::Revoke, no, Times::Next(1));
    let answer = stage.sign_out(SignOut::Revoke).await;
    assert!(!answer.steps[0].done && !answer.steps[0].reason.contains("tried again"), "{answer:?}");

    // Whoever was to be asked again had been asked by the end of this longer pause: ours is five seconds and a half at most.
    stage.sign_in().await;
    let later = Fault::Said { status: 503, headers: vec![("retry-after".into(), "7".into())], body: Vec::new() };
    stage.provider.knobs().fail(Endpoint::Revoke, later, Times::Next(1));
    assert!(!stage.sign_out(SignOut::Revoke).await.steps[0].done);
    let outcome = watch::until_event(&stage.client, "the other was revoked", |event| match event.kind {
        EventKind::RevokedLater | EventKind::RevocationGivenUp { .. } => Some(event.kind.clone()),
        _ => None,
    })
    .await;
    assert_eq!(outcome, EventKind::RevokedLater, "no end of tries is told where there are none");
    let asked = stage.log().of(Endpoint::Revoke);
    let tokens: Vec<_> = asked.iter().map(|entry| entry.params.get("token").expect("it has one")).collect();
    assert!(
        tokens.len() == 3 && tokens[0] != tokens[1] && tokens[1] == tokens[2],
        "the first is told once: {tokens:?}"
    );
}

/// Why the provider is not told later.
async fn given_up(client: &Client) -> String {
    watch::until_event(client, "it is given up", |event| match &event.kind {
        EventKind::RevocationGivenUp { reason } => Some(reason.clone()),
        EventKind::RevokedLater => panic!("the provider was told"),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_provider_is_not_told_late_of_somebody_who_signed_in_again() {
    let stage = Stage::signed_in().await;
    stage.provider.knobs().fail(Endpoint::Revoke, Fault::Status(503), Times::Next(1));
    assert!(stage.sign_out(SignOut::Revoke).await.steps[0].reason.contains("tried again"));
    stage.sign_in().await;
    assert!(given_up(&stage.client).await.contains("signed in"));
    assert_eq!(stage.log().of(Endpoint::Revoke).len(), 1);
}

#[tokio::test]
async fn locking_the_vault_forgets_the_token_that_the_provider_was_to_be_told_of() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    home.provider.knobs().fail(Endpoint::Revoke, Fault::Status(503), Times::Always);
    let answer = agent.client.sign_out(&sign_out(SignOut::Revoke)).await.expect("signed out");
    assert!(answer.steps[0].reason.contains("tried again"), "{answer:?}");
    agent.client.lock_vault().await.expect("locked");
    assert!(given_up(&agent.client).await.contains("locked"));
    agent.terminate().await;
}

#[tokio::test]
async fn the_command_line_tells_whether_the_browser_came_back() {
    let home = Household::in_memory(Settings::default()).await;
    let agent = home.agent().await;
    let mut profile = doorkey_tests::stage::profile(PROFILE, home.provider.issuer());
    profile.post_logout_redirect_path = Some(BACK.to_owned());
    agent.client.put_profile(&profile.into()).await.expect("a profile");
    agent.sign_in().await;
    let ended = home.doorkey_with_robot(&["logout", PROFILE, "--everywhere", "--json"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let answer: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let step = answer["steps"].as_array().expect("steps").iter().find(|step| step["step"] == "end_session");
    let step = step.expect("it was tried");
    assert_eq!(step["done"], true, "{answer}");
    assert!(step["reason"].as_str().expect("text").contains("confirmed"), "{answer}");
    agent.terminate().await;
    let canaries = secrets::sent_to(&home.provider);
    secrets::assert_none(&canaries, "what was printed", &format!("{}{}", ended.stdout, ended.stderr));
}
