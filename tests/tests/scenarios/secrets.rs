//! Secrets from where they are kept.

use std::process::Stdio;

use doorkey_demo_idp::Settings;
use doorkey_tests::{Household, program, skipped};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::support::{has_chromium, json, run, write};

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
    assert_eq!((missing.code, &json(&missing)["error"]["code"]), (Some(78), &"test.no_secret".into()), "{missing:?}");
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
