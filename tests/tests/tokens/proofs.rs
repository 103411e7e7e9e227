//! Proofs for other programs (RFC 9449): a resource server takes them, and the key stays with the agent.

use doorkey_client::words::{EventKind, ProofAnswer, ProofRequest, Refusal};
use doorkey_demo_idp::{DpopNonce, Endpoint, Settings};
use doorkey_tests::stage::{SHORT, assert_told_well, exposed};
use doorkey_tests::stranger::Answer;
use doorkey_tests::{Household, PROFILE, Stage, program, secrets, skipped, socket, stranger, watch};

use super::{BILLS, NOTES, at, claims};

/// Ada, signed in with tokens that are bound to a key.
async fn bound() -> Stage {
    let stage = Stage::new().await;
    stage.put(|profile| profile.dpop = true).await;
    assert_eq!(stage.sign_in().await.token_type, "DPoP");
    stage
}

async fn proof(stage: &Stage, request: &ProofRequest) -> Result<ProofAnswer, Refusal> {
    stage.client.proof(request).await.map_err(|error| error.refusal())
}

/// A program uses token and proof at the userinfo endpoint.
async fn used(stage: &Stage, answer: &ProofAnswer) -> Answer {
    let authorization = format!("{} {}", answer.token_type, exposed(&answer.access_token));
    let proof = exposed(&answer.proof);
    let url = stage.provider.url(Endpoint::Userinfo).parse().expect("a URL");
    let headers = [("Authorization", authorization.as_str()), ("DPoP", proof.as_str()), ("Connection", "close")];
    stranger::request("GET", &url, &headers).await
}

fn at_userinfo(stage: &Stage) -> ProofRequest {
    ProofRequest::new(PROFILE, "GET", &stage.provider.url(Endpoint::Userinfo))
}

#[tokio::test]
async fn a_program_uses_the_token_with_a_proof_it_was_given() {
    let stage = bound().await;
    let answer = proof(&stage, &at_userinfo(&stage)).await.expect("a proof");
    assert_eq!(answer.token_type, "DPoP");
    let served = used(&stage, &answer).await;
    assert_eq!(served.status, Some(200), "{}", served.text);
    assert!(served.text.contains("demo|ada"));
    assert_eq!(used(&stage, &answer).await.status, Some(401), "one proof, one request");

    let said = claims(&exposed(&answer.proof));
    assert_eq!((said["htm"].as_str(), said["nonce"].as_str()), (Some("GET"), None));
    assert!(said["ath"].is_string() && said["jti"].is_string() && said["iat"].is_number(), "{said}");
}

#[tokio::test]
async fn query_and_fragment_are_no_part_of_a_proof() {
    let stage = bound().await;
    let mut request = at_userinfo(&stage);
    request.url += "?page=2#top";
    let answer = proof(&stage, &request).await.expect("a proof");
    assert_eq!(claims(&exposed(&answer.proof))["htu"], stage.provider.url(Endpoint::Userinfo));
    assert_eq!(used(&stage, &answer).await.status, Some(200));
}

#[tokio::test]
async fn the_nonce_of_the_api_goes_into_the_next_proof() {
    let stage = bound().await;
    stage.provider.knobs().dpop_nonce(DpopNonce::Demanded);
    stage.provider.knobs().new_dpop_nonces();
    let refused = used(&stage, &proof(&stage, &at_userinfo(&stage)).await.expect("a proof")).await;
    assert_eq!(refused.status, Some(401));
    let nonce = refused.text.lines().find_map(|line| line.strip_prefix("dpop-nonce: ")).expect("a nonce").trim();
    let request = ProofRequest { nonce: Some(nonce.to_owned()), ..at_userinfo(&stage) };
    let answer = proof(&stage, &request).await.expect("a proof");
    assert_eq!(answer.nonce.as_deref(), Some(nonce));
    assert_eq!(used(&stage, &answer).await.status, Some(200));
}

#[tokio::test]
async fn a_nonce_the_agent_knows_is_used_by_itself() {
    let stage = Stage::with(Settings { dpop_nonce: DpopNonce::Demanded, ..Settings::default() }).await;
    // Its own look at userinfo, at sign-in, brings the nonce of that server.
    stage.provider.knobs().id_tokens_without_details();
    stage.put(|profile| profile.dpop = true).await;
    stage.sign_in().await;
    let answer = proof(&stage, &at_userinfo(&stage)).await.expect("a proof");
    assert!(answer.nonce.is_some());
    assert_eq!(used(&stage, &answer).await.status, Some(200));
}

#[tokio::test]
async fn a_management_token_of_auth0_is_proved_on_the_domain_it_was_asked_on_alone() {
    let stage = Stage::new().await;
    let management = "https://tenant.eu.auth0.com/api/v2/";
    stage
        .put(|profile| {
            profile.dpop = true;
            profile.audience = Some(management.to_owned());
        })
        .await;
    stage.sign_in().await;
    let request = ProofRequest::new(PROFILE, "GET", &format!("{management}users"));
    let refused = proof(&stage, &request).await.expect_err("asked on loopback, used at the tenant");
    assert_eq!(refused.code, "config.mixed_domains");
    assert_told_well(&refused);
}

#[tokio::test]
async fn a_token_that_ends_is_renewed_with_its_key_before_it_is_proved() {
    let stage = Stage::new().await;
    stage.put(|profile| profile.dpop = true).await;
    stage.sign_in_with(SHORT).await;
    let answer = proof(&stage, &at_userinfo(&stage)).await.expect("a proof");
    assert_eq!(stage.refreshes().len(), 1);
    assert!(stage.refreshes()[0].headers.get("dpop").is_some(), "the refresh proves the key too");
    assert_eq!(used(&stage, &answer).await.status, Some(200));
}

#[tokio::test]
async fn a_token_for_another_api_is_bound_to_the_same_key() {
    let stage = Stage::new().await;
    stage
        .put(|profile| {
            profile.dpop = true;
            profile.resources = vec![NOTES.to_owned(), BILLS.to_owned()];
        })
        .await;
    stage.sign_in().await;
    let request =
        ProofRequest { token: at(&[BILLS]), ..ProofRequest::new(PROFILE, "POST", "https://bills.example.test/pay") };
    let answer = proof(&stage, &request).await.expect("a proof");
    let own = proof(&stage, &at_userinfo(&stage)).await.expect("a proof");
    let jkt = |answer: &ProofAnswer| claims(&exposed(&answer.access_token))["cnf"]["jkt"].clone();
    assert_eq!(jkt(&answer), jkt(&own));
    assert_ne!(exposed(&answer.access_token), exposed(&own.access_token));
    assert_eq!(claims(&exposed(&answer.proof))["htu"], "https://bills.example.test/pay");
}

#[tokio::test]
async fn what_is_not_bound_or_no_request_is_refused() {
    let stage = Stage::signed_in().await;
    let refused = proof(&stage, &at_userinfo(&stage)).await.expect_err("a bearer token");
    assert_eq!(refused.code, "config.not_bound");
    assert_told_well(&refused);
    for (method, url, code) in [
        ("GET", "http://api.example.test/", "usage.bad_url"),
        ("GE T", "https://api.example.test/", "usage.bad_method"),
    ] {
        let refused = proof(&stage, &ProofRequest::new(PROFILE, method, url)).await.expect_err("no request");
        assert_eq!(refused.code, code);
        assert_told_well(&refused);
    }
    let body = format!(r#"{{"profile":"{PROFILE}","method":"GET","url":"https://api.example.test/"}}"#);
    let answer = socket::call(&stage.paths.socket(), "POST /v1/proofs", &[], &body).await;
    assert_eq!(answer.status, Some(422), "{}", answer.text);
}

#[tokio::test]
async fn the_journal_tells_who_was_given_a_proof_and_holds_none() {
    let stage = bound().await;
    let answer = proof(&stage, &at_userinfo(&stage)).await.expect("a proof");
    let told = watch::until_event(&stage.client, "it is told", |event| match &event.kind {
        EventKind::ProofGiven { method, server, .. } => Some((method.clone(), server.clone(), format!("{event:?}"))),
        _ => None,
    })
    .await;
    assert_eq!(told.0, "GET");
    assert!(stage.provider.issuer().starts_with(&told.1), "{}", told.1);
    assert!(!told.2.contains(&exposed(&answer.proof)) && !told.2.contains(&exposed(&answer.access_token)));
}

#[tokio::test]
async fn the_key_survives_a_kill_and_is_nowhere_in_the_clear() {
    let Some(home) = Household::with_keyring(Settings::default()).await else {
        return skipped("the_key_survives_a_kill", "there is no gnome-keyring");
    };
    let agent = home.agent().await;
    let mut profile = doorkey_tests::stage::profile(PROFILE, home.provider.issuer());
    profile.dpop = true;
    agent.client.put_profile(&profile.into()).await.expect("a profile");
    agent.sign_in().await;
    let request = ProofRequest::new(PROFILE, "GET", "https://api.example.test/");
    let before = agent.client.proof(&request).await.expect("a proof");
    agent.kill().await;
    let agent = home.agent().await;
    let after = agent.client.proof(&request).await.expect("a proof");
    agent.terminate().await;
    let header = |answer: &ProofAnswer| exposed(&answer.proof).split('.').next().map(str::to_owned);
    assert_eq!(header(&before), header(&after), "the same public key");
    let mut canaries = secrets::sent_to(&home.provider);
    canaries.push(secrets::Canary { name: "proof".to_owned(), value: exposed(&after.proof) });
    assert!(secrets::assert_none_below(&canaries, home.folder()) > 0);
}

#[tokio::test]
async fn the_command_prints_both_headers() {
    let stage = bound().await;
    let url = stage.provider.url(Endpoint::Userinfo);
    let run = |arguments: &[&str]| program::run(program::command(stage.folder(), arguments));
    let ended = run(&["token", PROFILE, "--dpop", "GET", &url]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let lines: Vec<(&str, &str)> = ended.stdout.lines().filter_map(|line| line.split_once(": ")).collect();
    assert!(matches!(lines.as_slice(), [("Authorization", _), ("DPoP", _)]), "{ended:?}");
    let mut headers = lines.clone();
    headers.push(("Connection", "close"));
    assert_eq!(stranger::request("GET", &url.parse().expect("a URL"), &headers).await.status, Some(200));

    let ended = run(&["token", PROFILE, "--dpop", "GET", &url, "--nonce", "n-1", "--json"]).await;
    let answer: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!((&answer["version"], &answer["nonce"]), (&1.into(), &"n-1".into()));
    assert_eq!(run(&["token", PROFILE, "--nonce", "n-1"]).await.code, Some(64));
}
