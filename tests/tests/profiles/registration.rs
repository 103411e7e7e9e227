//! An application that registers itself at the demo provider; `real_registration.rs` has the one nobody here wrote.

use doorkey_client::Secret;
use doorkey_client::words::{Profile, ProfileEntry, RegistrationRequest};
use doorkey_demo_idp::{Endpoint, Settings};
use doorkey_tests::stage::{assert_told_well, profile, refusal, request};
use doorkey_tests::{Attempt, Household, Stage};

use crate::{json, read, refused};

fn open() -> Settings {
    Settings { registration: true, ..Settings::default() }
}

fn asking(profile: Profile) -> RegistrationRequest {
    RegistrationRequest { profile, initial_access_token: None }
}

#[tokio::test]
async fn a_registered_application_signs_in_like_any_other() {
    let stage = Stage::with(open()).await;
    let view = stage.client.register(&asking(profile("new", stage.provider.issuer()))).await.expect("registered");
    assert!(view.profile.client_id.starts_with("dyn-") && !view.has_client_secret, "{view:?}");
    let attempt = Attempt::begin(&stage.client, &request("new")).await;
    assert!(view.redirect_uris[0].replace(":PORT", &format!(":{}", attempt.port())) == attempt.redirect_uri.as_str());
    attempt.allow(&stage.person("Ada")).await;
    assert_eq!(attempt.done().await.sub, "demo|ada");
    // The demo provider gives no way to take it back, so there is none to offer.
    assert!(!view.registered);
    let refused = refusal(stage.client.unregister("new").await);
    assert_eq!(refused.code, "registration.unknown");
    assert_told_well(&refused);
}

#[tokio::test]
async fn the_command_registers_and_says_that_there_is_nothing_to_click() {
    let home = Household::in_memory(open()).await;
    let issuer = home.provider.issuer();
    let ended = home.doorkey(&["profile", "add", "new", "--issuer", issuer, "--register"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("nothing to do in its console"), "{}", ended.stdout);
    assert!(
        read(&home).contains("client_id = \"dyn-") && read(&home).contains("redirect_path = \"/cb/"),
        "{}",
        read(&home)
    );
    let mut login = home.command(&["login", "new", "--json"]);
    login.env("BROWSER", doorkey_tests::program::robot());
    assert_eq!(json(&doorkey_tests::program::run(login).await)["session"]["sub"], "demo|ada");
    let both = ["profile", "add", "x", "--issuer", issuer, "--register", "--client-id", "y", "--json"];
    assert_eq!(refused(&home.doorkey(&both).await).0, "usage.conflict");
}

#[tokio::test]
async fn what_is_wrong_with_a_profile_is_told_before_a_client_is_made() {
    let stage = Stage::with(open()).await;
    let issuer = stage.provider.issuer();
    let bad = [
        (Profile { ports: vec![6000], ..profile("new", issuer) }, "config.bad_redirect"),
        (Profile { scopes: vec!["email".into()], ..profile("new", issuer) }, "config.openid_missing"),
        (
            Profile {
                grant: doorkey_client::words::Grant::ClientCredentials,
                scopes: vec!["api".into()],
                ..profile("new", issuer)
            },
            "registration.no_person",
        ),
        (profile("a b", issuer), "config.bad_name"),
    ];
    for (profile, code) in bad {
        let refused = refusal(stage.client.register(&asking(profile)).await);
        assert_eq!(refused.code, code);
        assert_told_well(&refused);
    }
    assert_eq!(stage.log().count(Endpoint::Register), 0, "no client was made");
}

#[tokio::test]
async fn a_provider_that_does_not_want_to_is_told() {
    let stage = Stage::new().await;
    let refused = refusal(stage.client.register(&asking(profile("new", stage.provider.issuer()))).await);
    assert_eq!(refused.code, "registration.not_offered", "{refused:?}");
    assert_told_well(&refused);
    assert_eq!(stage.client.profiles().await.expect("the profiles").len(), 1, "no profile was made");
}

#[tokio::test]
async fn a_secret_from_elsewhere_is_not_replaced_and_a_file_that_cannot_be_changed_is_told_first() {
    let stage = Stage::with(open()).await;
    let with_secret = |secret: &str| ProfileEntry {
        client_secret: Some(Secret::new(secret.to_owned())),
        ..ProfileEntry::from(profile("new", stage.provider.issuer()))
    };
    stage.client.put_profile(&with_secret("CANARY-from-the-console")).await.expect("a profile");
    let refused = refusal(stage.client.register(&asking(profile("new", stage.provider.issuer()))).await);
    assert_eq!(refused.code, "registration.has_credentials");
    assert_told_well(&refused);

    let file = doorkey_tests::stage::below(stage.folder()).profiles();
    let written = std::fs::read_to_string(&file).expect("the profiles");
    std::fs::write(&file, format!("version = 2\n{}", written.replace("version = 1\n", "")))
        .expect("of a newer Doorkey");
    let refused = refusal(stage.client.register(&asking(profile("other", stage.provider.issuer()))).await);
    assert_eq!(refused.code, "config.newer_version");
    assert_eq!(stage.log().count(Endpoint::Register), 0, "no client was made");
}
