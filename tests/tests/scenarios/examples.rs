//! The examples with the demo provider.

use std::fs;

use doorkey_demo_idp::{Endpoint, Settings};
use doorkey_tests::Household;

use crate::support::{assert_archives, assert_junit, example, has_chromium, json, misbehaving, run};

const PASSWORD: (&str, &str) = ("ADA_PASSWORD", "analytical");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_described_once_is_tested_in_headless_chromium() {
    if !has_chromium("scenarios") {
        return;
    }
    let home = Household::in_memory(Settings::default()).await;
    let (junit, har) = (home.folder().join("junit.xml"), home.folder().join("har"));
    let arguments = ["--json", "--jobs", "2", "--junit", junit.to_str().unwrap(), "--har", har.to_str().unwrap()];
    let issuer = home.provider.issuer().to_owned();
    let ended = run(&home, &example("demo.toml"), &arguments, &[("ISSUER", &issuer), PASSWORD]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let told = json(&ended);
    assert_eq!((&told["passed"], &told["failed"], &told["broken"]), (&7.into(), &0.into(), &0.into()), "{told}");

    // What it says happened is what the provider saw.
    let log = home.provider.log();
    assert_eq!(log.count(Endpoint::Revoke), 1);
    let first = &told["runs"][0];
    let steps: Vec<_> = first["steps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(steps, ["sign-in", "renewal", "sign-out"], "{first}");
    assert!(told["runs"][1]["name"].as_str().unwrap().contains("[mode=query, scopes=openid]"), "{told}");

    assert_junit(&junit);
    let report = fs::read_to_string(&junit).unwrap();
    assert!(report.contains("tests=\"7\" failures=\"0\" errors=\"0\""), "{report}");
    assert_eq!(assert_archives(&har, &["analytical"]), 7);
    for text in [&report, &ended.stdout, &ended.stderr] {
        assert!(!text.contains("analytical"), "a password is in {text}");
    }
    // Nothing of the person's own was touched.
    assert!(!home.paths().profiles().exists() && !home.paths().journal().exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_breaks_a_rule_is_expected_to_be_refused_for_it() {
    if !has_chromium("scenarios") {
        return;
    }
    let home = Household::in_memory(Settings::default()).await;
    let names = [
        "nonce-suffix",
        "aud-foreign",
        "callback-iss-suffix",
        "discovery-issuer-suffix",
        "access-token-in-url",
        "neither-code-nor-error",
        "state-missing",
    ];
    let mut providers = Vec::new();
    for name in names {
        providers.push(misbehaving(name).await);
    }
    let variables: Vec<(String, String)> = names
        .iter()
        .zip(&providers)
        .map(|(name, provider)| (name.to_uppercase().replace('-', "_"), provider.issuer().to_owned()))
        .collect();
    let mut variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    variables.push(PASSWORD);
    let junit = home.folder().join("junit.xml");
    let arguments = ["--json", "--jobs", "2", "--junit", junit.to_str().unwrap()];
    let ended = run(&home, &example("misbehaving.toml"), &arguments, &variables).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(json(&ended)["passed"], names.len());
    assert_junit(&junit);

    // The same scenario at a provider that breaks nothing is a failure.
    let good = home.provider.issuer().to_owned();
    for variable in &mut variables {
        if variable.0 == "NONCE_SUFFIX" {
            variable.1 = &good;
        }
    }
    let ended = run(&home, &example("misbehaving.toml"), &["--only", "nonce-suffix"], &variables).await;
    assert_eq!(ended.code, Some(65), "{ended:?}");
    assert!(
        ended.stdout.contains("expected  idtoken.nonce_mismatch") && ended.stdout.contains("got       signed_in"),
        "{ended:?}"
    );
}
