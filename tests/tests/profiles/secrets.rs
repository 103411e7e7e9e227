//! Whom a client's secret is shown to: the provider and the client it was given for, whatever happens to the file.

use doorkey_client::Secret;
use doorkey_client::words::{ClientAuth, Endpoints, ProfileEntry, RenewalRequest};
use doorkey_demo_idp::{Client, Redirect, Running, Settings, start};
use doorkey_tests::household::AgentProcess;
use doorkey_tests::stage::refusal;
use doorkey_tests::{Household, PROFILE, PowerCut, Stage, power_cut, skipped, stage};

const OLD: &str = "CANARY-of-the-first";
const NEW: &str = "CANARY-of-the-second";

#[tokio::test]
async fn a_change_that_was_not_written_leaves_the_secret_of_before_and_shows_the_new_one_to_nobody() {
    if !power_cut::is_possible() {
        return skipped("a_change_that_was_not_written", "there is no C compiler");
    }
    for when in ["full", "before"] {
        let home = Household::with_passphrase(settings()).await;
        let agent = home.agent().await;
        agent.client.put_profile(&entry(home.provider.issuer(), "web", Some(OLD))).await.expect("the profile is good");
        agent.sign_in().await;
        agent.terminate().await;

        for (issuer, client) in [("https://op.example.test", "web"), (home.provider.issuer(), "another")] {
            let mut command = home.command(&["agent", "--json"]);
            PowerCut::at(when, "open", "/.profiles").happens_to(&mut command);
            let agent = AgentProcess::start(command).await;
            let refused = agent.client.put_profile(&entry(issuer, client, Some(NEW))).await;
            if when == "full" {
                assert_eq!(refusal(refused).code, "config.unwritable");
                assert_goes_on(&agent).await;
                agent.terminate().await;
            } else {
                refused.expect_err("the agent is gone");
                assert_eq!(agent.ended().await.code, None, "killed");
            }
            let agent = home.agent().await;
            assert_goes_on(&agent).await;
            agent.terminate().await;
        }
        assert!(!was_shown(&home.provider, NEW), "{when}");
    }
}

#[tokio::test]
async fn a_file_that_was_changed_by_hand_leads_no_secret_elsewhere() {
    let (stage, elsewhere) = (Stage::with(settings()).await, start(settings()).await.expect("the provider starts"));
    stage.client.put_profile(&entry(stage.provider.issuer(), "web", Some(OLD))).await.expect("the profile is good");
    let file = stage.paths.profiles();
    let text = std::fs::read_to_string(&file).expect("the file");
    let led = text.replace(stage.provider.issuer(), elsewhere.issuer());
    std::fs::write(&file, led).expect("written");

    let (_, refused) = stage.sign_in_refused().await;
    assert_eq!(refused.code, "config.credential_missing");
    assert!(!was_shown(&elsewhere, OLD));
    assert!(!stage.client.profiles().await.expect("the profiles")[0].has_client_secret);
    std::fs::write(&file, text).expect("written");
    stage.sign_in().await;
    assert!(was_shown(&stage.provider, OLD), "it was not lost");
}

#[tokio::test]
async fn a_program_that_changes_a_profile_cannot_lead_its_secret_elsewhere() {
    let (stage, elsewhere) = (Stage::with(settings()).await, start(settings()).await.expect("the provider starts"));
    let own = entry(stage.provider.issuer(), "web", Some(OLD));
    stage.client.put_profile(&own).await.expect("the profile is good");
    let issuer = entry(elsewhere.issuer(), "web", None);
    let mut endpoints = entry(stage.provider.issuer(), "web", None);
    endpoints.profile.endpoints = Some(Endpoints {
        authorization_endpoint: format!("{}/authorize", elsewhere.issuer()),
        token_endpoint: format!("{}/token", elsewhere.issuer()),
        revocation_endpoint: None,
        device_authorization_endpoint: None,
    });
    for led in [issuer, endpoints] {
        assert!(!stage.client.put_profile(&led).await.expect("the profile is good").has_client_secret);
        let (_, refused) = stage.sign_in_refused().await;
        assert_eq!(refused.code, "config.credential_missing");
        assert!(!was_shown(&elsewhere, OLD));
    }
    let back = entry(stage.provider.issuer(), "web", None);
    assert!(stage.client.put_profile(&back).await.expect("the profile is good").has_client_secret, "it was not lost");
    stage.sign_in().await;
}

#[tokio::test]
async fn a_secret_takes_the_place_of_the_one_before() {
    let home = Household::with_passphrase(settings()).await;
    let agent = home.agent().await;
    for secret in [NEW, OLD] {
        let entry = entry(home.provider.issuer(), "web", Some(secret));
        agent.client.put_profile(&entry).await.expect("the profile is good");
    }
    agent.terminate().await;
    let agent = home.agent().await;
    agent.sign_in().await;
    assert!(!was_shown(&home.provider, NEW));
    agent.terminate().await;
}

fn settings() -> Settings {
    let client = Client::confidential("web", OLD, vec![Redirect::Loopback { under: "/cb/".into() }]);
    Settings { clients: vec![Client::demo(), client], ..Settings::default() }
}

fn entry(issuer: &str, client_id: &str, secret: Option<&str>) -> ProfileEntry {
    let mut profile = stage::profile(PROFILE, issuer);
    client_id.clone_into(&mut profile.client_id);
    profile.client_auth = Some(ClientAuth::ClientSecretPost);
    ProfileEntry { client_secret: secret.map(|secret| Secret::new(secret.to_owned())), ..profile.into() }
}

/// With the secret its provider knows.
async fn assert_goes_on(agent: &AgentProcess) {
    let view = agent.client.profiles().await.expect("the profiles").remove(0);
    assert_eq!(view.profile.client_id, "web");
    agent.client.renew(&RenewalRequest::default()).await.expect("the secret of before is there");
    assert!(agent.client.profiles().await.expect("the profiles")[0].has_client_secret);
}

fn was_shown(provider: &Running, secret: &str) -> bool {
    provider.log().entries().iter().any(|entry| entry.params.get("client_secret") == Some(secret))
}
