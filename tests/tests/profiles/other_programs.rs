//! Profiles on their way to other programs and from them, as those programs themselves read them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use doorkey_tests::program;
use doorkey_tests::{Household, skipped};
use serde_json::json;
use tokio::process::Command;

use super::{home, json, piped, read, refused, written};

const PROGRAMS: [&str; 6] = ["doorkey", "postman", "bruno", "oidc-agent", "kubeconfig", "openid-client"];

#[tokio::test]
async fn a_profile_goes_to_every_program_and_comes_back() {
    let home = home().await;
    let issuer = home.provider.issuer().to_owned();
    let scopes = "[\"openid\", \"email\"]";
    written(
        &home,
        &format!("[profiles.work]\nissuer = \"{issuer}\"\nclient_id = \"app\"\nscopes = {scopes}\nports = [21847]\n"),
    );
    for (number, program) in PROGRAMS.into_iter().enumerate() {
        let exported = home.doorkey(&["profile", "export", "work", "--for", program]).await;
        assert_eq!(exported.code, Some(0), "{exported:?}");
        assert!(exported.stdout.contains(&issuer), "{exported:?}");
        let before = read(&home);
        let seen = json(&piped(&home, &["profile", "import", "-", "--dry-run", "--json"], &exported.stdout).await);
        assert_eq!(read(&home), before, "{program}: a dry run changes nothing");
        let change = if program == "doorkey" { "same" } else { "new" };
        assert_eq!(seen["profiles"][0]["change"], change, "{program}: {seen}");
        if program == "doorkey" {
            continue;
        }
        let taken = json(&piped(&home, &["profile", "import", "-", "--yes", "--json"], &exported.stdout).await);
        let name = format!("work-{}", number + 1);
        assert_eq!(taken["profiles"][0]["profile"], name, "{program}: {taken}");
        let shown = json(&home.doorkey(&["profile", "show", &name, "--json"]).await);
        let profile = &shown["profile"];
        assert_eq!(
            json!([profile["issuer"], profile["client_id"], profile["scopes"]]),
            json!([issuer, "app", ["openid", "email"]]),
            "{program}"
        );
    }
}

#[tokio::test]
async fn addresses_are_the_providers_own_where_the_other_program_does_not_find_them() {
    let home = home().await;
    let issuer = home.provider.issuer().to_owned();
    written(&home, &format!("[profiles.work]\nissuer = \"{issuer}\"\nclient_id = \"app\"\n"));
    let answer = json(&home.doorkey(&["profile", "export", "work", "--for", "bruno", "--json"]).await);
    let text = answer["files"][0]["text"].as_str().expect("a text");
    for line in ["  pkce: true\n", "  client_secret: \n", "  grant_type: authorization_code\n"] {
        assert!(text.contains(line), "{text}");
    }
    for endpoint in ["authorization_url", "access_token_url"] {
        assert!(text.contains(&format!("  {endpoint}: {issuer}/")), "{text}");
    }
    assert_eq!(answer["notes"], json!([]));
    let unknown = "[profiles.away]\nissuer = \"http://127.0.0.1:1\"\nclient_id = \"app\"\n";
    written(&home, unknown);
    let ended = home.doorkey(&["profile", "export", "away", "--for", "postman"]).await;
    assert!(ended.code == Some(0) && ended.stderr.contains("could not be asked for its addresses"), "{ended:?}");
}

#[tokio::test]
async fn several_files_go_into_a_folder_and_over_none_that_is_there() {
    let home = home().await;
    let profile =
        |name: &str| format!("[profiles.{name}]\nissuer = \"https://op.example.test\"\nclient_id = \"app\"\n");
    written(&home, &format!("{}{}", profile("a"), profile("b")));
    let export = ["profile", "export", "a", "b", "--for", "openid-client", "--json"];
    let loose = home.doorkey(&export[..6]).await;
    assert!(loose.code == Some(64) && loose.stderr.contains("--into FOLDER"), "{loose:?}");
    let folder = home.folder().join("out");
    fs::create_dir(&folder).expect("a folder");
    let into = [&export[..], &["--into", folder.to_str().expect("text")]].concat();
    assert_eq!(json(&home.doorkey(&into).await)["files"][1]["name"], "b.client.json");
    assert!(fs::read_to_string(folder.join("a.client.json")).expect("a file").contains("\"client_id\": \"app\""));
    assert_eq!(refused(&home.doorkey(&into).await).0, "config.unwritable");
    let machine = format!("{}grant = \"client_credentials\"\n", profile("a"));
    written(&home, &machine);
    let ended = home.doorkey(&["profile", "export", "a", "--for", "kubeconfig", "--json"]).await;
    assert_eq!(refused(&ended).0, "config.export_impossible");
}

#[tokio::test]
async fn a_secret_in_another_programs_file_is_told_of_and_stays_there() {
    let home = home().await;
    let file = json!({"name": "QA", "values": [
        {"key": "issuer", "value": "https://op.example.test"}, {"key": "client_id", "value": "app"},
        {"key": "client_secret", "value": "CANARY", "type": "secret"}, {"key": "access_token", "value": "CANARY"}]});
    let ended = piped(&home, &["profile", "import", "-", "--yes", "--json"], &file.to_string()).await;
    assert!(!format!("{ended:?}{}", read(&home)).contains("CANARY"), "{ended:?}");
    let answer = json(&ended);
    assert_eq!(
        (&answer["profiles"][0]["profile"], &answer["profiles"][0]["has_client_secret"]),
        (&json!("QA"), &json!(true))
    );
    let bomb = "kind: Config\na: &a [x]\nb: [*a, *a]\n";
    let ended = piped(&home, &["profile", "import", "-", "--yes", "--json"], bomb).await;
    let (code, message, _) = refused(&ended);
    assert_eq!(code, "config.import_unreadable");
    assert!(message.contains("line 2 has an anchor"), "{message}");
}

#[tokio::test]
async fn the_real_kubectl_runs_kubelogin_with_what_was_exported() {
    let home = home().await;
    if !there_is("the_real_kubectl_runs_kubelogin_with_what_was_exported", &home, "kubectl", &["version", "--client"])
        .await
    {
        return;
    }
    let path = exported(&home, "kubeconfig").await;
    // What kubectl calls for `kubectl oidc-login`; it only writes down how.
    let plugins = home.folder().join("plugins");
    fs::create_dir(&plugins).expect("a folder");
    let (plugin, seen) = (plugins.join("kubectl-oidc_login"), home.folder().join("seen"));
    let script = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" >'{}'\nexit 3\n", seen.display());
    fs::write(&plugin, script).expect("a file");
    fs::set_permissions(&plugin, fs::Permissions::from_mode(0o755)).expect("a program");
    let search = format!("{}:{}", plugins.display(), std::env::var("PATH").unwrap_or_default());
    let mut kubectl = Command::new("kubectl");
    program::alone(&mut kubectl, home.folder());
    kubectl.env("PATH", search).arg("--kubeconfig").arg(&path);
    kubectl.args(["--user", "work", "--server", "https://127.0.0.1:9", "get", "--raw", "/version"]);
    let ended = program::run(kubectl).await;
    let seen = fs::read_to_string(seen).unwrap_or_else(|error| panic!("{error}: {ended:?}"));
    let issuer = home.provider.issuer();
    assert_eq!(
        seen.lines().collect::<Vec<_>>(),
        [
            "get-token",
            &format!("--oidc-issuer-url={issuer}"),
            "--oidc-client-id=doorkey-demo",
            "--oidc-extra-scope=offline_access",
            "--oidc-auth-request-extra-params=audience=https://api.example"
        ]
    );
}

#[tokio::test]
async fn the_real_oidc_gen_asks_the_provider_with_what_was_exported() {
    let home = home().await;
    if !there_is("the_real_oidc_gen_asks_the_provider_with_what_was_exported", &home, "oidc-gen", &["--version"]).await
    {
        return;
    }
    let path = exported(&home, "oidc-agent").await;
    // The client has no secret; without an answer to its question oidc-gen wants one all the same.
    let line = format!(
        "mkdir -p \"$HOME/.config/oidc-agent\" && eval \"$(oidc-agent --no-scheme)\" >/dev/null && \
         {{ OIDC_ENCRYPTION_PW=x timeout 60 oidc-gen --pw-env --file '{}' --client-secret=none --flow=code --no-url-call \
         --no-scheme --confirm-yes --prompt=none work </dev/null 2>&1 | sed '/response_type=code/q'; kill \"$OIDCD_PID\"; }}",
        path.display()
    );
    let mut bash = Command::new("bash");
    program::alone(&mut bash, home.folder());
    bash.args(["-c", &line]);
    let ended = program::run(bash).await;
    let address = ended.stdout.lines().find(|line| line.contains("response_type=code"));
    let address = url::Url::parse(address.unwrap_or_else(|| panic!("{ended:?}"))).expect("an address");
    let asked = |name: &str| address.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    assert_eq!(asked("client_id").as_deref(), Some("doorkey-demo"));
    assert_eq!(asked("redirect_uri").as_deref(), Some("http://localhost:21847/cb/work"));
    assert_eq!(asked("scope").as_deref(), Some("openid offline_access"));
    assert_eq!(asked("audience").as_deref(), Some("https://api.example"));
}

/// `work`, exported for that program into a file.
async fn exported(home: &Household, program: &str) -> std::path::PathBuf {
    let issuer = home.provider.issuer();
    written(
        home,
        &format!(
            "[profiles.work]\nissuer = \"{issuer}\"\nclient_id = \"doorkey-demo\"\nscopes = [\"openid\", \"offline_access\"]\n\
             audience = \"https://api.example\"\nports = [21847]\nredirect_path = \"/cb/work\"\n"
        ),
    );
    let exported = home.doorkey(&["profile", "export", "work", "--for", program]).await;
    assert_eq!(exported.code, Some(0), "{exported:?}");
    let path = Path::new(home.folder()).join("exported");
    fs::write(&path, exported.stdout).expect("a file");
    path
}

/// Set-up installs it where the system has a package of it.
async fn there_is(test: &str, home: &Household, tool: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(tool);
    program::alone(&mut command, home.folder());
    let there = command.args(arguments).output().await.is_ok_and(|output| output.status.success());
    if !there {
        skipped(test, &format!("there is no {tool}"));
    }
    there
}
