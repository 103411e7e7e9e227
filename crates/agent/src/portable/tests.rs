//! Each format there and back, what a profile has no place for, and files that want harm.

use doorkey_client::words::{ClientAuth, Grant, ImportedProfile, PortableFormat, Profile, RedirectHost};
use serde_json::{Value, json};

use super::*;
use crate::profiles::{asked_scopes, redirect_uris};

const ALL: [PortableFormat; 6] = [
    PortableFormat::Doorkey,
    PortableFormat::Postman,
    PortableFormat::Bruno,
    PortableFormat::OidcAgent,
    PortableFormat::Kubeconfig,
    PortableFormat::OpenidClient,
];

#[test]
fn what_is_written_for_another_program_comes_back_as_the_same_profile() {
    for format in ALL {
        let told = told(full());
        let written = write(std::slice::from_ref(&told), format).expect("it can be said");
        let [file] = &written.files[..] else { panic!("{format:?}: {:?}", written.files) };
        assert_eq!(format_of(&file.text), Some(format), "{}", file.text);
        let read = one(&file.text);
        let mut expected = told.profile.clone();
        if format != PortableFormat::Doorkey {
            expected.scopes.clone_from(&told.scopes);
        }
        if matches!(format, PortableFormat::Postman | PortableFormat::OidcAgent | PortableFormat::Kubeconfig) {
            expected.client_auth = None;
        }
        match format {
            // It takes no other host.
            PortableFormat::OidcAgent => expected.redirect_host = RedirectHost::Localhost,
            PortableFormat::Kubeconfig => (expected.ports, expected.redirect_path) = (Vec::new(), None),
            PortableFormat::OpenidClient => expected.audience = None,
            PortableFormat::Bruno | PortableFormat::Postman => expected.ports = vec![21847],
            PortableFormat::Doorkey => {}
        }
        assert_eq!(read.profile, expected, "{format:?}");
        assert!(!read.has_secret && read.notes.is_empty(), "{format:?}: {:?}", read.notes);
    }
}

#[test]
fn what_a_format_cannot_say_is_told() {
    let profile = Profile {
        dpop: true,
        resources: vec!["https://r.example".into()],
        params: [("prompt".to_owned(), "login".to_owned())].into(),
        ..full()
    };
    let told = Told { has_secret: true, ..told(profile) };
    for format in ALL {
        let notes = write(std::slice::from_ref(&told), format).expect("it can be said").notes;
        assert!(notes[0].starts_with("`work`: the client's secret is not in the file"), "{format:?}: {notes:?}");
        let knows_dpop = matches!(format, PortableFormat::Doorkey | PortableFormat::OpenidClient);
        assert_eq!(notes.iter().any(|note| note.contains("DPoP")), !knows_dpop, "{format:?}: {notes:?}");
    }
    let machine = Profile { grant: Grant::ClientCredentials, ..full() };
    for format in [PortableFormat::Kubeconfig, PortableFormat::OidcAgent] {
        let refusal = write(&[super::tests::told(machine.clone())], format).expect_err("impossible").refusal();
        assert_eq!((refusal.code.as_str(), refusal.profile.as_deref()), ("config.export_impossible", Some("work")));
    }
    assert!(matches!(write(&[], PortableFormat::Bruno), Err(ExportError::Nothing)));
}

#[test]
fn a_value_that_would_mean_something_else_in_brunos_language_is_not_written() {
    for audience in ["{{process.env.SECRET}}", "https://x\n}\nscript:pre-request {\n"] {
        let profile = Profile { audience: Some(audience.to_owned()), ..full() };
        assert!(matches!(write(&[told(profile)], PortableFormat::Bruno), Err(ExportError::Impossible { .. })));
    }
}

#[test]
fn no_export_holds_what_sounds_like_a_secret() {
    let params = [("password".to_owned(), "CANARY".to_owned()), ("prompt".to_owned(), "login".to_owned())];
    let told = told(Profile { params: params.into(), ..full() });
    for format in ALL.into_iter().filter(|format| *format != PortableFormat::Doorkey) {
        let written = write(std::slice::from_ref(&told), format).expect("it can be said");
        assert!(!written.files[0].text.contains("CANARY"), "{format:?}");
    }
}

#[test]
fn secrets_of_a_file_are_told_of_and_stay_in_it() {
    let postman = json!({"name": "Work (QA)", "_postman_variable_scope": "environment", "values": [
        {"key": "issuer", "value": "https://op.example", "enabled": true},
        {"key": "clientId", "value": "app"}, {"key": "client_secret", "value": "CANARY", "type": "secret"},
        {"key": "access_token", "value": "CANARY"}, {"key": "anything", "value": "CANARY", "type": "secret"},
        {"key": "base_url", "value": "CANARY"}, {"key": "audience", "value": "CANARY", "enabled": false},
    ]});
    let oidc_agent = json!({"name": "Work (QA)", "issuer_url": "https://op.example", "client_id": "app",
        "client_secret": "CANARY", "refresh_token": "CANARY", "password": "CANARY", "cert_path": "CANARY"});
    let openid = json!({"issuer": "https://op.example", "client_id": "app", "client_secret": "CANARY",
        "client_name": "Work (QA)", "registration_access_token": "CANARY", "jwks": {"keys": ["CANARY"]}, "logo_uri": "CANARY"});
    let bruno = "meta {\n  name: Work (QA)\n}\n\nauth:oauth2 {\n  grant_type: authorization_code\n  client_id: app\n  \
                 client_secret: CANARY\n  authorization_url: https://op.example/authorize?request_token=CANARY&x=CANARY\n  \
                 password: CANARY\n}\n";
    let kubeconfig = "apiVersion: v1\nkind: Config\nusers:\n- name: Work (QA)\n  user:\n    exec:\n      command: kubectl\n      \
                      args:\n      - oidc-login\n      - get-token\n      - --oidc-issuer-url=https://op.example\n      - \
                      --oidc-client-id\n      - app\n      - --oidc-client-secret=CANARY\n      - --username=CANARY\n      \
                      - --password=CANARY\n- name: other\n  user: {token: CANARY}\n";
    for text in
        [postman.to_string(), oidc_agent.to_string(), openid.to_string(), bruno.to_owned(), kubeconfig.to_owned()]
    {
        let preview = read(&text, None, &[]).unwrap_or_else(|error| panic!("{error}: {text}"));
        let [profile] = &preview.profiles[..] else { panic!("{preview:?}") };
        assert_eq!(
            (profile.profile.issuer.as_str(), profile.profile.client_id.as_str()),
            ("https://op.example", "app")
        );
        assert_eq!(profile.profile.name, "Work--QA");
        assert!(profile.has_secret, "{preview:?}");
        assert!(profile.notes.iter().any(|note| note.contains("client secret was not taken over")), "{preview:?}");
        assert!(profile.notes.iter().any(|note| note.starts_with("A profile has no place for `")), "{preview:?}");
        assert!(!json!(preview).to_string().contains("CANARY"), "{preview:?}");
    }
    let ours = "[profiles.work]\nissuer = \"https://op.example\"\nclient_id = \"app\"\nclient_secret = \"CANARY\"\n";
    let refusal = read(ours, None, &[]).expect_err("refused").refusal();
    assert_eq!(refusal.code, "config.secret_in_file");
    assert!(!format!("{refusal:?}").contains("CANARY"));
}

#[test]
fn names_are_free_and_scopes_say_who_signed_in() {
    let taken = ["work".to_owned(), "work-2".to_owned()];
    let text = json!({"issuer": "https://op.example", "client_id": "app", "client_name": "work", "scope": "email"});
    let preview = read(&text.to_string(), None, &taken).expect("read");
    assert_eq!(preview.profiles[0].profile.name, "work-3");
    assert_eq!(preview.profiles[0].profile.scopes, ["openid", "email"]);
    assert!(preview.profiles[0].notes[0].contains("`openid` was added"), "{preview:?}");
    let ours = "[profiles.work]\nissuer = \"https://op.example\"\nclient_id = \"app\"\n";
    let preview = read(ours, None, &taken).expect("read");
    assert_eq!(preview.profiles[0].notes, ["There is a profile `work` already, so this one is `work-3`."]);
}

#[test]
fn an_issuer_that_is_not_said_is_made_of_the_authorization_url_where_products_have_it() {
    for (address, issuer) in [
        ("https://sso.example/realms/qa/protocol/openid-connect/auth", "https://sso.example/realms/qa"),
        ("https://login.microsoftonline.com/T/oauth2/v2.0/authorize", "https://login.microsoftonline.com/T/v2.0"),
        ("https://x.okta.com/oauth2/default/v1/authorize", "https://x.okta.com/oauth2/default"),
        ("https://x.eu.auth0.com/authorize", "https://x.eu.auth0.com/"),
        ("https://op.example/connect/authorize", "https://op.example"),
    ] {
        let text =
            format!("auth:oauth2 {{\n  client_id: app\n  authorization_url: {address}?audience=https://api\n}}\n");
        let read = one(&text);
        assert_eq!((read.profile.issuer.as_str(), read.profile.audience.as_deref()), (issuer, Some("https://api")));
        assert!(read.notes[0].contains("made of the authorization URL"), "{:?}", read.notes);
    }
}

#[test]
fn files_that_are_large_deep_or_of_nobody_are_refused() {
    let kube = |rest: &str| format!("kind: Config\n{rest}");
    let user =
        "- {name: x, user: {exec: {args: [get-token, --oidc-issuer-url=https://op.example, --oidc-client-id=a]}}}\n";
    let variable = "auth:oauth2 {\n  client_id: {{id}}\n  authorization_url: https://op.example/a\n}\n";
    for (text, code) in [
        ("x".repeat(LARGEST + 1), "config.import_too_large"),
        (kube(&format!("users:\n{}", user.repeat(MOST_PROFILES + 1))), "config.import_too_large"),
        (String::new(), "config.import_unknown"),
        ("hello".to_owned(), "config.import_unknown"),
        (format!("{{\"values\":{}", "[".repeat(100_000)), "config.import_unknown"),
        (kube("a: &a [1]\nb: [*a, *a]\n"), "config.import_unreadable"),
        (kube(&format!("users: {}", "[".repeat(50_000))), "config.import_unreadable"),
        (kube("users: []\n"), "config.import_empty"),
        ("auth:oauth2 {\n  client_id: app\n".to_owned(), "config.import_unreadable"),
        ("auth:oauth2 {\n  client_id: app\n}\n".to_owned(), "config.import_incomplete"),
        (variable.to_owned(), "config.import_incomplete"),
        (json!({"issuer": "https://op.example", "client_id": "a\u{7}"}).to_string(), "config.bad_client_id"),
        (json!({"issuer": "http://op.example", "client_id": "a"}).to_string(), "config.insecure_issuer"),
    ] {
        let refusal = read(&text, None, &[]).map(|read| panic!("{read:?}")).unwrap_err().refusal();
        assert_eq!(refusal.code, code, "{refusal:?} {}", text.chars().take(80).collect::<String>());
    }
    let collection = json!({"info": {"name": "x"}, "item": []}).to_string();
    let told = read(&collection, Some(PortableFormat::Postman), &[]).expect_err("refused").refusal();
    assert!(told.message.contains("not the collection"), "{told:?}");
}

#[test]
fn a_redirect_address_where_doorkey_cannot_wait_is_told_of() {
    for address in
        ["https://oauth.pstmn.io/v1/callback", "http://localhost:8000", "http://127.0.0.1:80/cb", "myapp:/cb"]
    {
        let text = json!({"issuer": "https://op.example", "client_id": "app", "redirect_uris": [address]});
        let read = one(&text.to_string());
        assert!(read.profile.redirect_path.is_none() && read.profile.ports.is_empty(), "{address}");
        assert!(read.notes[0].contains("register Doorkey's own"), "{:?}", read.notes);
    }
}

#[test]
fn the_way_kubectl_itself_had_is_read_too() {
    let text = json!({"kind": "Config", "users": [{"name": "old", "user": {"auth-provider": {"name": "oidc", "config": {
        "idp-issuer-url": "https://op.example", "client-id": "app", "client-secret": "CANARY", "id-token": "CANARY",
        "extra-scopes": "groups,email"}}}}]});
    let read = one(&text.to_string());
    assert_eq!(read.profile.scopes, ["openid", "groups", "email"]);
    assert!(read.has_secret && !json!(read).to_string().contains("CANARY"), "{read:?}");
}

#[test]
fn a_postman_environment_has_its_secret_as_an_empty_secret() {
    let written = write(&[told(full())], PortableFormat::Postman).expect("written");
    let file: Value = serde_json::from_str(&written.files[0].text).expect("JSON");
    let secret = file["values"].as_array().expect("a list").iter().find(|it| it["key"] == "client_secret");
    assert_eq!(secret, Some(&json!({"key": "client_secret", "value": "", "type": "secret", "enabled": true})));
    assert_eq!(written.files[0].name, "work.postman_environment.json");
}

fn one(text: &str) -> ImportedProfile {
    let preview = read(text, None, &[]).unwrap_or_else(|error| panic!("{error}: {text}"));
    let [profile] = &preview.profiles[..] else { panic!("{preview:?}") };
    profile.clone()
}

fn full() -> Profile {
    Profile {
        audience: Some("https://api.example".into()),
        ports: vec![21847, 21848],
        redirect_path: Some("/cb/work".into()),
        client_auth: Some(ClientAuth::ClientSecretBasic),
        ..Profile::new("work", "https://op.example/tenant", "app id")
    }
}

fn told(profile: Profile) -> Told {
    let addresses = Addresses {
        authorization: "https://op.example/authorize".to_owned(),
        token: "https://op.example/token".to_owned(),
        userinfo: Some("https://op.example/me".to_owned()),
    };
    Told {
        scopes: asked_scopes(&profile),
        redirect_uris: redirect_uris(&profile),
        addresses: Some(addresses),
        has_secret: false,
        profile,
    }
}
