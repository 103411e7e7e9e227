//! `doorkey doctor --provider`: what a provider can, and whether a profile fits it.

use doorkey_client::words::{DiscoveryRequest, Profile, Provider, Verdict};
use doorkey_demo_idp::{Kind, Settings};
use doorkey_tests::stage::refusal;
use doorkey_tests::{Household, Stage};
use serde_json::Value;

use crate::{home, json, refused};

fn verdict(lines: &[doorkey_client::words::Ability], name: &str) -> Verdict {
    lines.iter().find(|line| line.name == name).unwrap_or_else(|| panic!("no {name}: {lines:?}")).verdict
}

#[tokio::test]
async fn a_provider_is_told_standard_by_standard() {
    let home = Household::in_memory(Settings { require_pushed: true, registration: true, ..Settings::default() }).await;
    let issuer = home.provider.issuer();
    let answer = json(&home.doorkey(&["doctor", "--provider", issuer, "--json"]).await);
    assert_eq!(answer["version"], 1, "{answer}");
    let provider: Provider = serde_json::from_value(answer["provider"].clone()).expect("a provider");
    assert_eq!(provider.issuer, issuer);
    for name in [
        "discovery",
        "pkce",
        "iss",
        "par",
        "dpop",
        "client_auth",
        "id_token",
        "userinfo",
        "device_grant",
        "token_exchange",
        "revocation",
        "introspection",
        "end_session",
        "registration",
        "scopes",
        "clock",
        "response_modes",
    ] {
        assert_eq!(verdict(&provider.abilities, name), Verdict::Used, "{name}: {:?}", provider.abilities);
    }
    let standards: Vec<_> = provider.abilities.iter().map(|line| line.standard.as_str()).collect();
    for standard in
        ["RFC 7636", "RFC 9126", "RFC 9449", "RFC 9207", "RFC 8628", "RFC 8693", "RFC 7591", "RFC 7009", "RFC 7662"]
    {
        assert!(standards.contains(&standard), "{standard}: {standards:?}");
    }
    let table = home.doorkey(&["doctor", "--provider", issuer]).await;
    assert!(
        table.code == Some(0) && table.stdout.contains("required; each request is pushed first [RFC 9126]"),
        "{table:?}"
    );
}

#[tokio::test]
async fn a_profile_that_does_not_fit_is_told_and_is_78() {
    let home = home().await;
    let issuer = home.provider.issuer();
    let add = [
        "profile",
        "add",
        "work",
        "--issuer",
        issuer,
        "--client-id",
        "app",
        "--client-auth",
        "client_secret_basic",
        "--json",
    ];
    json(&home.doorkey(&add).await);
    let ended = home.doorkey(&["doctor", "--provider", "work", "--json"]).await;
    assert_eq!(ended.code, Some(78), "{ended:?}");
    let answer: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!((answer["profile"].as_str(), answer["verdict"].as_str()), (Some("work"), Some("unfit")), "{answer}");
    let fit = answer["provider"]["fit"].as_array().expect("lines");
    let line = fit.iter().find(|line| line["name"] == "client_auth").expect("a line");
    assert!(
        line["used"].as_str().is_some_and(|used| used.contains("profile edit work --client-secret-stdin")),
        "{line}"
    );

    json(&home.doorkey(&["profile", "edit", "work", "--unset", "client_auth", "--json"]).await);
    let well = home.doorkey(&["doctor", "--provider", "work"]).await;
    assert!(well.code == Some(0) && well.stdout.contains("The profile work there:"), "{well:?}");
    assert_eq!(refused(&home.doorkey(&["doctor", "--provider", "wrok", "--json"]).await).0, "config.no_profile");
}

#[tokio::test]
async fn a_profile_with_endpoints_by_hand_is_looked_at_without_discovery() {
    let stage = Stage::with(Settings { kind: Kind::OauthOnly, ..Settings::default() }).await;
    let issuer = stage.provider.issuer().to_owned();
    let github = Profile {
        endpoints: Some(doorkey_client::words::Endpoints {
            authorization_endpoint: format!("{issuer}/authorize"),
            token_endpoint: format!("{issuer}/token"),
            revocation_endpoint: None,
            device_authorization_endpoint: None,
        }),
        account: Some(doorkey_client::words::AccountSource {
            endpoint: format!("{issuer}/user"),
            id: "/id".into(),
            name: None,
        }),
        ..Profile::new("hand", &issuer, "app")
    };
    stage.client.put_profile(&github.into()).await.expect("saved");
    let before = stage.log().entries().len();
    let request = DiscoveryRequest { profile: Some("hand".into()), ..DiscoveryRequest::default() };
    let provider = stage.client.discover(&request).await.expect("a provider");
    assert_eq!(stage.log().entries().len(), before, "nothing is asked");
    assert_eq!(verdict(&provider.abilities, "id_token"), Verdict::Look, "who signed in is not verified");
    assert_eq!(verdict(&provider.fit, "grant"), Verdict::Used);
}

#[tokio::test]
async fn a_preset_is_told_with_what_it_needs() {
    let stage = Stage::new().await;
    let request = DiscoveryRequest { preset: Some("auth0".into()), ..DiscoveryRequest::of(stage.provider.issuer()) };
    // The demo provider's issuer has no slash at its end, and Auth0's always has one.
    let provider = stage.client.discover(&request).await.expect("both are tried");
    assert_eq!(provider.preset.as_deref(), Some("auth0"));
    assert_eq!(provider.suggested_ports.len(), 3);
    assert!(provider.setup.iter().any(|step| step.redirect_uris && step.values.is_empty()), "{:?}", provider.setup);

    let github = stage.client.discover(&DiscoveryRequest::of("github.com")).await.expect("known beforehand");
    assert!(
        github.suggested.client_secret && github.suggested.endpoints.is_some() && github.suggested.account.is_some()
    );
    let unknown = DiscoveryRequest { preset: Some("auth1".into()), ..DiscoveryRequest::of("op.example") };
    assert_eq!(refusal(stage.client.discover(&unknown).await).code, "config.bad_preset");
    let common = DiscoveryRequest::of("https://login.microsoftonline.com/common/v2.0");
    assert_eq!(refusal(stage.client.discover(&common).await).code, "discovery.issuer_template");
}
