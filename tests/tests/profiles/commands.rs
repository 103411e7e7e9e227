//! The commands for profiles: flags, changes, files for others.

use doorkey_client::words::{ClientAuth, Grant, Push, ResponseMode};
use doorkey_demo_idp::Endpoint;
use doorkey_tests::{PATIENCE, program};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{home, json, piped, read, refused, written};

/// A private key as `openssl genpkey` writes it.
fn fresh_key() -> String {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
    use base64::Engine as _;
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).expect("a key");
    let text = base64::engine::general_purpose::STANDARD.encode(key.as_ref());
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

#[tokio::test]
async fn every_setting_has_its_option_and_is_shown() {
    let home = home().await;
    let issuer = home.provider.issuer();
    let add = [
        "profile",
        "add",
        "full",
        "--issuer",
        issuer,
        "--client-id",
        "app",
        "--scope",
        "openid email",
        "--audience",
        "https://api.example",
        "--resource",
        "https://r.example/",
        "--port",
        "21847",
        "--redirect-host",
        "localhost",
        "--redirect-path",
        "/cb/full",
        "--param",
        "acr_values=mfa",
        "--organization",
        "org_1",
        "--connection",
        "github",
        "--prompt",
        "login",
        "--response-mode",
        "form_post",
        "--push",
        "never",
        "--dpop",
        "--client-auth",
        "client_secret_post",
        "--clock-tolerance",
        "2m",
        "--preset",
        "auth0",
        "--json",
    ];
    let answer = json(&home.doorkey(&add).await);
    let profile = &answer["profile"];
    for (member, value) in [
        ("scopes", json!(["openid", "email"])),
        ("audience", json!("https://api.example")),
        ("resources", json!(["https://r.example/"])),
        ("ports", json!([21847])),
        ("redirect_host", json!("localhost")),
        ("redirect_path", json!("/cb/full")),
        ("params", json!({ "acr_values": "mfa", "organization": "org_1", "connection": "github", "prompt": "login" })),
        ("response_mode", json!(ResponseMode::FormPost)),
        ("push", json!(Push::Never)),
        ("dpop", json!(true)),
        ("client_auth", json!(ClientAuth::ClientSecretPost)),
        ("clock_tolerance", json!(120)),
        ("preset", json!("auth0")),
    ] {
        assert_eq!(profile[member], value, "{member}: {profile}");
    }
    let shown = home.doorkey(&["profile", "show", "full"]).await;
    for text in ["auth0", "client_secret_post", "form_post", "never", "120 s", "bound to a key", "organization=org_1"] {
        assert!(shown.stdout.contains(text), "{text}: {}", shown.stdout);
    }
    let setup = home.doorkey(&["profile", "show", "full", "--setup"]).await.stdout;
    assert!(
        setup.contains("Allowed Callback URLs") && setup.contains("\n       http://localhost:21847/cb/full\n"),
        "{setup}"
    );
}

#[tokio::test]
async fn a_provider_without_openid_connect_is_given_by_hand() {
    let home = home().await;
    let issuer = home.provider.issuer();
    let url = |path: &str| format!("{issuer}{path}");
    let (authorize, token, account) = (url("/authorize"), url("/token"), url("/userinfo"));
    let add = [
        "profile",
        "add",
        "by-hand",
        "--issuer",
        issuer,
        "--client-id",
        "app",
        "--no-discovery",
        "--grant",
        "device_code",
        "--authorization-endpoint",
        &authorize,
        "--token-endpoint",
        &token,
        "--account-endpoint",
        &account,
        "--account-id",
        "/sub",
        "--account-name",
        "/name",
        "--json",
    ];
    let profile = json(&home.doorkey(&add).await)["profile"].clone();
    assert_eq!(profile["grant"], json!(Grant::DeviceCode));
    assert_eq!(profile["endpoints"], json!({ "authorization_endpoint": authorize, "token_endpoint": token }));
    assert_eq!(profile["account"], json!({ "endpoint": account, "id": "/sub", "name": "/name" }));
    let half =
        ["profile", "add", "half", "--issuer", issuer, "--client-id", "app", "--token-endpoint", &token, "--json"];
    assert_eq!(refused(&home.doorkey(&half).await).0, "usage.incomplete");
}

#[tokio::test]
async fn github_needs_no_more_than_its_client() {
    let home = home().await;
    let agent = home.agent().await;
    let add = ["profile", "add", "gh", "--preset", "github", "--client-id", "app", "--client-secret-stdin"];
    let ended = piped(&home, &add, "CANARY\n").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.stdout.contains("Authorization callback URL") && ended.stdout.contains("\n       http://127.0.0.1/cb/"),
        "{}",
        ended.stdout
    );
    let view = agent.client.profiles().await.expect("the profiles").remove(0);
    assert!(view.has_client_secret && view.profile.endpoints.is_some() && view.profile.account.is_some(), "{view:?}");
    assert_eq!(view.profile.issuer, "https://github.com/login/oauth");
    agent.terminate().await;
}

#[tokio::test]
async fn a_private_key_comes_by_file_or_by_pipe_and_never_back() {
    let home = home().await;
    let agent = home.agent().await;
    let issuer = home.provider.issuer();
    let file = home.folder().join("key.pem");
    let key = fresh_key();
    std::fs::write(&file, &key).expect("written");
    let path = file.to_str().expect("a path");
    let add = ["profile", "add", "one", "--issuer", issuer, "--client-id", "a", "--client-key-file", path, "--json"];
    let answer = json(&home.doorkey(&add).await);
    assert_eq!(answer["profile"]["has_client_key"], true, "{answer}");
    let pipe = ["profile", "add", "two", "--issuer", issuer, "--client-id", "a", "--client-key-stdin", "--json"];
    assert_eq!(json(&piped(&home, &pipe, &key).await)["profile"]["has_client_key"], true);
    let secret = key.lines().nth(1).expect("a line of the key");
    assert!(!answer.to_string().contains(secret) && !read(&home).contains(secret));

    let wrong = ["profile", "edit", "two", "--client-key-stdin", "--json"];
    let ended = piped(&home, &wrong, "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\n").await;
    assert!(refused(&ended).0.starts_with("config."), "{ended:?}");
    assert!(!format!("{ended:?}").contains("CANARY"), "{ended:?}");
    let both = ["profile", "edit", "two", "--client-key-stdin", "--client-secret-stdin", "--json"];
    assert_eq!(refused(&home.doorkey(&both).await).0, "usage.conflict");
    agent.terminate().await;
}

/// L-T05: Ctrl-C while `profile add` waits for the provider | 130 at once, and nothing is added
#[tokio::test]
async fn ctrl_c_while_the_provider_is_looked_at_adds_nothing() {
    let home = home().await;
    let gate = home.provider.knobs().hold(Endpoint::Discovery);
    let add = ["profile", "add", "web", "--issuer", home.provider.issuer(), "--client-id", "doorkey-demo", "--json"];
    let adding = home.command(&add).spawn().expect("the program starts");
    assert!(gate.wait_for(1, PATIENCE).await, "the provider is asked");
    program::signal(&adding, Signal::INT);
    let ended = program::ended(adding).await;
    assert_eq!((ended.code, refused(&ended).0.as_str()), (Some(130), "user.cancelled"), "{ended:?}");
    gate.release();
    assert_eq!(read(&home), "");
}

#[tokio::test]
async fn an_edit_changes_what_is_named_and_keeps_the_rest_and_the_comments() {
    let home = home().await;
    let issuer = home.provider.issuer();
    written(
        &home,
        &format!(
            "# ours\n[profiles.work]\nissuer = \"{issuer}\" # theirs\nclient_id = \"app\"\naudience = \"api\"\nparams = {{ prompt = \"login\", ui = \"1\" }}\n"
        ),
    );
    let edit = [
        "profile",
        "edit",
        "work",
        "--dpop",
        "--port",
        "21847",
        "--unset",
        "audience",
        "--unset",
        "params.ui",
        "--json",
    ];
    let answer = json(&home.doorkey(&edit).await);
    let profile = &answer["profile"];
    assert_eq!((answer["changed"].as_bool(), profile["dpop"].as_bool()), (Some(true), Some(true)), "{answer}");
    assert_eq!((&profile["audience"], &profile["params"]), (&Value::Null, &json!({ "prompt": "login" })));
    let text = read(&home);
    assert!(text.starts_with("# ours\n") && text.contains("# theirs"), "{text}");

    let told = home.doorkey(&["profile", "edit", "work", "--clock-tolerance", "90"]).await;
    assert!(told.code == Some(0) && told.stdout.contains("+ clock_tolerance = 90"), "{told:?}");
    let same = json(&home.doorkey(&["profile", "edit", "work", "--dpop", "--json"]).await);
    assert_eq!(same["changed"], false);
    assert_eq!(
        refused(&home.doorkey(&["profile", "edit", "work", "--unset", "colour", "--json"]).await).0,
        "usage.unknown_key"
    );
    assert_eq!(refused(&home.doorkey(&["profile", "edit", "work", "--json"]).await).0, "usage.nothing_named");
    let bad = home.doorkey(&["profile", "edit", "work", "--port", "6000", "--json"]).await;
    assert_eq!(refused(&bad).0, "config.bad_redirect");
    assert!(read(&home).contains("21847"), "a change that is refused changes nothing");
}

#[tokio::test]
async fn what_one_exports_another_imports() {
    let (mine, theirs) = (home().await, home().await);
    let issuer = mine.provider.issuer();
    written(
        &mine,
        &format!(
            "[profiles.work]\nissuer = \"{issuer}\"\nclient_id = \"app\"\nports = [21847]\n\n[profiles.lab]\nissuer = \"{issuer}\"\nclient_id = \"lab\"\ndpop = true\n"
        ),
    );
    let exported = mine.doorkey(&["profile", "export", "lab", "work"]).await;
    assert_eq!(exported.code, Some(0), "{exported:?}");
    let import = ["profile", "import", "-", "--yes", "--json"];
    let answer = json(&piped(&theirs, &import, &exported.stdout).await);
    assert_eq!(
        answer["profiles"],
        json!([{ "profile": "lab", "change": "new" }, { "profile": "work", "change": "new" }])
    );
    let again = json(&piped(&theirs, &import, &exported.stdout).await);
    assert_eq!(again["profiles"][0]["change"], "same");
    for name in ["lab", "work"] {
        let show = ["profile", "show", name, "--json"];
        assert_eq!(json(&mine.doorkey(&show).await), json(&theirs.doorkey(&show).await), "{name}");
    }
    let changed = exported.stdout.replace("dpop = true", "push = \"always\"");
    let ended = piped(&theirs, &["profile", "import", "-", "--yes"], &changed).await;
    assert!(ended.code == Some(0) && ended.stdout.contains("Took over 1 profile"), "{ended:?}");
    assert!(ended.stderr.contains("- dpop = true") && ended.stderr.contains("+ push = \"always\""), "{ended:?}");
    let broken = piped(&theirs, &import, "[profiles.lab]\nissuer = 7\n").await;
    assert!(refused(&broken).1.contains("standard input:2:"), "{broken:?}");
}
