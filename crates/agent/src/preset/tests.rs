use doorkey_client::words::SetupStep;

use super::*;
use crate::profiles::{check, redirect_uris};

/// A profile as `doorkey profile add --preset` makes it, judged like any other.
fn made(preset: &str, issuer: &str) -> Profile {
    made_with(preset, issuer, Grant::AuthorizationCode)
}

fn made_with(preset: &str, issuer: &str, grant: Grant) -> Profile {
    let preset = Preset::named(preset).expect("a preset");
    let issuer = preset.issuer_of(issuer).expect("an issuer");
    let named = Profile { grant, preset: Some(preset.name.to_owned()), ..Profile::new("work", issuer, "app") };
    check(preset.complete(named)).expect("a good profile")
}

fn steps(profile: &Profile) -> Vec<SetupStep> {
    Preset::of(profile).expect("it is known").setup_of(profile, &redirect_uris(profile))
}

/// What is pasted at the step whose place ends like this.
fn pasted(profile: &Profile, place: &str) -> Vec<String> {
    let steps = steps(profile);
    let found: Vec<_> = steps.iter().filter(|step| step.place.ends_with(place)).collect();
    let [step] = found.as_slice() else { panic!("{place}: {steps:?}") };
    step.values.clone()
}

#[test]
fn auth0_compares_ports_and_its_issuer_ends_in_a_slash() {
    let profile = made("auth0", "https://login.acme.example");
    assert_eq!(profile.issuer, "https://login.acme.example/");
    assert_eq!(profile.ports, SUGGESTED_PORTS);
    let uris = pasted(&profile, "Allowed Callback URLs");
    assert_eq!(uris.len(), 3);
    assert!(uris[0].starts_with("http://127.0.0.1:21847/cb/"), "{uris:?}");
    assert_eq!(pasted(&profile, "Grant Types"), ["Authorization Code", "Refresh Token"]);
    let device = made_with("auth0", "https://login.acme.example", Grant::DeviceCode);
    assert_eq!(pasted(&device, "Grant Types"), ["Device Code", "Refresh Token"]);
    assert!(device.ports.is_empty(), "nothing listens for a device code");
}

#[test]
fn entra_is_reached_at_localhost_and_at_one_tenant() {
    let profile = made("entra", "https://login.microsoftonline.com/8f1e6a52-0000-4000-8000-000000000000");
    assert_eq!(profile.issuer, "https://login.microsoftonline.com/8f1e6a52-0000-4000-8000-000000000000/v2.0");
    assert_eq!((profile.redirect_host, profile.ports.len()), (RedirectHost::Localhost, 0));
    let uris = pasted(&profile, "Custom redirect URIs");
    assert!(uris.len() == 1 && uris[0].starts_with("http://localhost/cb/"), "without a port: {uris:?}");

    let entra = Preset::named("entra").expect("a preset");
    for typed in [
        "login.microsoftonline.com",
        "https://login.microsoftonline.com/common/v2.0",
        "login.microsoftonline.com/organizations",
    ] {
        let refusal = entra.issuer_of(typed).expect_err(typed);
        assert_eq!(refusal.code, "discovery.issuer_template", "{typed}");
        assert!(
            refusal.hint.contains("https://login.microsoftonline.com/YOUR-TENANT-ID/v2.0"),
            "{typed}: {}",
            refusal.hint
        );
    }
}

#[test]
fn google_has_a_secret_that_proves_nothing_and_no_offline_access() {
    let profile = made("google", "accounts.google.com");
    assert_eq!(profile.scopes, ["openid", "profile", "email"]);
    assert_eq!(profile.params.get("access_type").map(String::as_str), Some("offline"));
    assert_eq!(profile.params.get("prompt").map(String::as_str), Some("consent"));
    assert_eq!(profile.client_auth, Some(ClientAuth::ClientSecretPost));
    assert!(profile.ports.is_empty());
    assert!(steps(&profile).iter().all(|step| !step.redirect_uris), "there is nothing to register");
}

#[test]
fn okta_compares_ports_and_its_console_has_another_host() {
    let profile = made("okta", "https://dev-1-admin.okta.com/oauth2/default");
    assert_eq!(profile.issuer, "https://dev-1.okta.com/oauth2/default");
    assert_eq!(profile.ports, SUGGESTED_PORTS);
    assert_eq!(pasted(&profile, "Sign-in redirect URIs").len(), 3);
    assert_eq!(made("okta", "https://dev-1.okta.com").issuer, "https://dev-1.okta.com", "the org's own server");
}

#[test]
fn keycloak_needs_a_realm_and_takes_any_port() {
    let profile = made("keycloak", "https://id.acme.example/realms/acme");
    assert!(profile.ports.is_empty());
    let uris = pasted(&profile, "Valid redirect URIs");
    assert!(uris.len() == 1 && uris[0].starts_with("http://127.0.0.1/cb/"), "without a port: {uris:?}");
    let refusal = Preset::named("keycloak").and_then(|preset| preset.issuer_of("https://id.acme.example"));
    let refusal = refusal.expect_err("no realm");
    assert_eq!(refusal.code, "config.bad_issuer");
    assert!(refusal.hint.contains("/realms/YOUR-REALM"), "{}", refusal.hint);
}

#[test]
fn gitlab_takes_any_port_and_no_offline_access() {
    let profile = made("gitlab", "https://gitlab.acme.example");
    assert_eq!(profile.scopes, ["openid", "profile", "email"]);
    assert!(profile.ports.is_empty() && profile.redirect_host == RedirectHost::V4);
    assert!(pasted(&profile, "Redirect URI")[0].starts_with("http://127.0.0.1/cb/"));
}

#[test]
fn github_is_oauth_whose_account_page_says_who_it_is() {
    let profile = made("github", "github.com");
    assert_eq!(profile.issuer, "https://github.com/login/oauth");
    let endpoints = profile.endpoints.clone().expect("endpoints");
    assert_eq!(endpoints.authorization_endpoint, "https://github.com/login/oauth/authorize");
    assert_eq!(endpoints.token_endpoint, "https://github.com/login/oauth/access_token");
    assert_eq!(endpoints.device_authorization_endpoint.as_deref(), Some("https://github.com/login/device/code"));
    let account = profile.account.clone().expect("an account page");
    assert_eq!((account.endpoint.as_str(), account.id.as_str()), ("https://api.github.com/user", "/id"));
    assert_eq!(account.name.as_deref(), Some("/login"));
    assert_eq!(profile.client_auth, Some(ClientAuth::ClientSecretPost), "the secret is required");
    assert!(pasted(&profile, "Authorization callback URL")[0].starts_with("http://127.0.0.1/cb/"));
    let device = made_with("github", "github.com", Grant::DeviceCode);
    assert_eq!(device.client_auth, None, "no secret with a device code");
    assert!(steps(&device).iter().any(|step| step.place.ends_with("Enable Device Flow")));

    let own = made("github", "https://github.acme.example");
    assert_eq!(own.account.map(|account| account.endpoint).as_deref(), Some("https://github.acme.example/api/v3/user"));
    let tenant = made("github", "https://acme.ghe.com");
    assert_eq!(tenant.account.map(|account| account.endpoint).as_deref(), Some("https://api.acme.ghe.com/user"));
}

#[test]
fn an_address_tells_its_product() {
    for (address, preset) in [
        ("acme.eu.auth0.com", Some("auth0")),
        ("https://login.microsoftonline.com/x/v2.0", Some("entra")),
        ("accounts.google.com", Some("google")),
        ("https://acme.okta.com/oauth2/default", Some("okta")),
        ("https://id.example/realms/acme", Some("keycloak")),
        ("gitlab.com", Some("gitlab")),
        ("github.com", Some("github")),
        ("https://acme.ghe.com", Some("github")),
        ("https://notgithub.com", None),
        ("https://evil-okta.com", None),
        ("https://login.acme.example", None),
    ] {
        assert_eq!(Preset::typed(address).map(|preset| preset.name), preset, "{address}");
    }
}

#[test]
fn what_a_person_says_goes_before_the_preset() {
    let own = Profile {
        scopes: vec!["openid".into()],
        ports: vec![4000],
        params: [("prompt".to_owned(), "select_account".to_owned())].into(),
        client_auth: Some(ClientAuth::ClientSecretBasic),
        ..Profile::new("work", "https://accounts.google.com", "app")
    };
    let made = Preset::named("google").expect("a preset").complete(own.clone());
    assert_eq!((made.scopes, made.ports, made.client_auth), (own.scopes, own.ports, own.client_auth));
    assert_eq!(made.params["prompt"], "select_account");
    assert_eq!(made.params["access_type"], "offline", "the rest is filled in");
}

#[test]
fn a_name_that_is_no_preset_is_refused_with_those_that_are() {
    let refusal = Preset::named("auth1").expect_err("no preset");
    assert_eq!(refusal.code, "config.bad_preset");
    assert!(preset_names().iter().all(|name| refusal.hint.contains(name)), "{}", refusal.hint);
    let profile = Profile { preset: Some("auth1".into()), ..Profile::new("work", "https://op.example", "app") };
    assert_eq!(check(profile).expect_err("refused").code, "config.bad_preset");
}

#[test]
fn the_published_guide_is_what_the_presets_say() {
    crate::published::assert_current("providers.md", &guide());
}
