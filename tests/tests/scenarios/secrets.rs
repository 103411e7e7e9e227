//! Secrets from where they are kept.

use std::fs;
use std::process::Stdio;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use doorkey_demo_idp::{Client, Redirect, Settings};
use doorkey_tests::{Household, program, skipped};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::support::{has_chromium, json as answer, run, scenario, write};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_comes_from_the_keyring() {
    if !has_chromium("scenarios") {
        return;
    }
    let Some(home) = Household::with_keyring(Settings::default()).await else {
        return skipped("scenarios", "there is no keyring");
    };
    let text = format!(
        "version = 1\n[profile]\nissuer = \"{}\"\nclient_id = \"doorkey-demo\"\n\
         [secrets]\nada = {{ keyring = \"login tests\", account = \"ada\" }}\n\
         [login]\nby = \"chromium\"\nsteps = [\n  {{ fill = \"#email\", value = \"ada@example.test\" }},\n\
         {{ fill = \"#password\", secret = \"ada\" }},\n  {{ click = \"#sign-in\" }},\n  {{ click = \"#allow\" }},\n]\n\
         [[scenario]]\nname = \"ada\"\n",
        home.provider.issuer()
    );
    let file = write(&home, "keyring.toml", &text);
    let missing = run(&home, &file, &["--json"], &[]).await;
    assert_eq!((missing.code, &answer(&missing)["error"]["code"]), (Some(78), &"test.no_secret".into()), "{missing:?}");
    assert!(missing.stdout.contains("no entry"), "{missing:?}");

    let mut store = Command::new("secret-tool");
    program::alone(&mut store, home.folder());
    home.open_vault_for(&mut store);
    store.args(["store", "--label=ada", "service", "login tests", "username", "ada"]).stdin(Stdio::piped());
    let mut store = store.spawn().expect("secret-tool runs");
    store.stdin.take().expect("piped").write_all(b"analytical").await.expect("it reads");
    assert!(store.wait().await.expect("it ends").success());

    let ended = run(&home, &file, &[], &[]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clients_key_is_a_whole_file() {
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).expect("the same key");
    let point = &pair.public_key().as_ref()[1..];
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[..32]), URL_SAFE_NO_PAD.encode(&point[32..]));
    let public = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": "k1", "alg": "ES256" }] });
    let redirects = vec![Redirect::Loopback { under: "/cb/".to_owned() }];
    let clients = vec![Client::with_keys("web", public, redirects)];
    let home = Household::in_memory(Settings { clients, ..Settings::default() }).await;

    let encoded = STANDARD.encode(document.as_ref());
    let lines: Vec<&str> = (0..encoded.len()).step_by(64).map(|at| &encoded[at..encoded.len().min(at + 64)]).collect();
    write(&home, "key.pem", &format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n")));
    let file = |key: &str| {
        let text = format!(
            "version = 1\nclient_key = \"key\"\n[profile]\nissuer = \"{}\"\nclient_id = \"web\"\n\
             client_auth = \"private_key_jwt\"\n[secrets]\nkey = {{ file = \"{key}\" }}\n\
             [login]\nby = \"command\"\ncommand = [\"{}\"]\n[[scenario]]\nname = \"ada\"\n",
            home.provider.issuer(),
            program::robot().display()
        );
        write(&home, "key.toml", &text)
    };
    let har = home.folder().join("har");
    let ended = run(&home, &file("key.pem"), &["--json", "--har", har.to_str().unwrap()], &[]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    // No device or pipe is read to an end that it does not have.
    let endless = run(&home, &file("/dev/zero"), &["--json"], &[]).await;
    assert_eq!((endless.code, &answer(&endless)["error"]["code"]), (Some(78), &"test.no_secret".into()), "{endless:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_command_says_of_a_secret_is_not_passed_on() {
    let secret = "CANARY s3cret/+%";
    let redirects = vec![Redirect::Loopback { under: "/cb/".to_owned() }];
    let clients = vec![Client::confidential("web", secret, redirects)];
    let home = Household::in_memory(Settings { clients, ..Settings::default() }).await;
    let text = fs::read_to_string(scenario(&home, "")).unwrap();
    let text = text.replace("version = 1\n", "version = 1\nclient_secret = \"client\"\n");
    let text = text.replace("doorkey-demo", "web").replace(
        &format!("[\"{}\"]", program::robot().display()),
        r#"["sh", "-c", "echo \"plain $CLIENT\" >&2; printf %s \"web:$CLIENT\" | base64 >&2; exit 3"]"#,
    );
    let secrets = "[secrets]\nclient = { env = \"CLIENT\" }\n[[scenario]]\nname = \"ada\"\n";
    let file = write(&home, "says.toml", &format!("{text}{secrets}"));
    let ended = run(&home, &file, &["--json"], &[("CLIENT", secret)]).await;
    assert_eq!(ended.code, Some(69), "{ended:?}");
    assert!(ended.stderr.contains("plain [secret client]\n[secret client]\n"), "{ended:?}");
    let encoded = STANDARD.encode(format!("web:{secret}"));
    assert!(!ended.stderr.contains("CANARY") && !ended.stderr.contains(&encoded), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_provider_repeats_of_a_secret_is_written_nowhere() {
    if !has_chromium("scenarios") {
        return;
    }
    let home = Household::in_memory(Settings::default()).await;
    // Its answer from userinfo tells it again.
    home.provider.knobs().id_tokens_without_details();
    let who = "ada@example.test";
    let text = format!(
        "version = 1\n[profile]\nissuer = \"{}\"\nclient_id = \"doorkey-demo\"\n\
         [variables]\nwho = {{ env = \"WHO\" }}\n\
         [secrets]\nwho = {{ env = \"WHO\" }}\nada = {{ env = \"ADA_PASSWORD\" }}\n\
         [login]\nby = \"chromium\"\nsteps = [\n  {{ fill = \"#email\", secret = \"who\" }},\n\
         {{ fill = \"#password\", secret = \"ada\" }},\n  {{ click = \"#sign-in\" }},\n  {{ click = \"#allow\" }},\n]\n\
         [[scenario]]\nname = \"ada\"\nsign_in = {{ params = {{ hint = \"${{who}}\" }} }}\n\
         expect = {{ userinfo = {{ email = {{ contains = \"nobody\" }} }} }}\n",
        home.provider.issuer()
    );
    let file = write(&home, "repeats.toml", &text);
    let (har, junit) = (home.folder().join("har"), home.folder().join("junit.xml"));
    let arguments = ["--json", "--har", har.to_str().unwrap(), "--junit", junit.to_str().unwrap()];
    let ended = run(&home, &file, &arguments, &[("WHO", who), ("ADA_PASSWORD", "analytical")]).await;
    assert_eq!(ended.code, Some(65), "{ended:?}");
    let email = &answer(&ended)["runs"][0]["steps"][0]["expectations"][1];
    assert_eq!((&email["held"], &email["got"]), (&false.into(), &"[secret who]".into()), "{email}");

    let archive = fs::read_dir(&har).unwrap().flatten().next().expect("an archive").path();
    let archive = fs::read_to_string(archive).unwrap();
    assert!(archive.contains("[secret who]"), "{archive}");
    for text in [&archive, &fs::read_to_string(&junit).unwrap(), &ended.stdout, &ended.stderr] {
        for spelled in [who, "ada%40example.test", "analytical"] {
            assert!(!text.contains(spelled), "{spelled} is in {text}");
        }
    }
}
