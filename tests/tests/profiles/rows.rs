//! Rows F-01 to F-15 of the fault table: what comes, and what is done about it.

use std::collections::BTreeSet;
use std::sync::Arc;

use doorkey_client::words::{DiscoveryRequest, Profile, ProfileEntry, SignInStep, Update};
use doorkey_demo_idp::Settings;
use doorkey_tests::stage::{assert_told_well, refusal};
use doorkey_tests::{Attempt, PATIENCE, Stage, stage};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;

use crate::{good, home, json, piped, read, refused, written};

/// F-01: a cut or broken file, wrong types, unknown keys, a name twice, a BOM, CRLF | told with its place, the others stay usable
#[tokio::test]
async fn f_01_a_broken_part_of_the_file_costs_that_part_only() {
    let stage = Stage::new().await;
    let path = stage.paths.profiles();
    let good = std::fs::read_to_string(&path).expect("the file");
    let broken: [(&str, String, Option<&str>); 6] = [
        ("cut", format!("{good}\n[profiles.second]\nissuer = \"https://op.exam"), Some("second")),
        ("bad syntax", format!("[profiles.second]\nissuer == 1\n\n{good}"), Some("second")),
        ("wrong type", format!("{good}\n[profiles.second]\nissuer = 7\nclient_id = \"x\"\n"), Some("second")),
        (
            "unknown key",
            format!("{good}\n[profiles.second]\nissuer = \"https://op.example\"\nclient_id = \"x\"\nsecret = \"\"\n"),
            Some("second"),
        ),
        ("a name twice", format!("{good}\n{good}"), Some("work")),
        ("unknown top", format!("colour = \"red\"\n{good}"), None),
    ];
    for (what, text, profile) in broken {
        std::fs::write(&path, &text).expect("written");
        let problems = stage.client.hello().await.expect("hello").problems;
        assert_eq!(problems.len(), 1, "{what}: {problems:?}");
        let problem = &problems[0];
        assert_eq!((problem.code.as_str(), problem.profile.as_deref()), ("config.parse", profile), "{what}");
        let place = problem.message.split("profiles.toml:").nth(1).unwrap_or_default();
        assert!(place.starts_with(|c: char| c.is_ascii_digit()), "{what}: {}", problem.message);
        assert_told_well(problem);
        stage.sign_in().await;
    }
    for (what, text) in [("BOM", format!("\u{feff}{good}")), ("CRLF", good.replace('\n', "\r\n"))] {
        std::fs::write(&path, &text).expect("written");
        assert!(stage.client.hello().await.expect("hello").problems.is_empty(), "{what}");
        stage.sign_in().await;
        // It can be changed as well.
        stage.put(|profile| profile.clock_tolerance = Some(30)).await;
        stage.put(|_| ()).await;
    }
    std::fs::write(&path, "").expect("written");
    assert!(stage.client.profiles().await.expect("the profiles").is_empty());
    std::fs::remove_file(&path).expect("removed");
    assert!(stage.client.hello().await.expect("hello").problems.is_empty(), "no file is no problem");
    stage.put(|_| ()).await;
    stage.sign_in().await;
}

/// F-02: a redirect elsewhere, without a path, with a port that is none, a port twice | `config.bad_redirect` says why
#[tokio::test]
async fn f_02_a_redirect_that_cannot_come_back_is_refused() {
    let home = home().await;
    for (line, why) in [
        ("ports = [70000]", "70000"),
        ("ports = [6000]", "browsers refuse"),
        ("ports = [80]", "system's"),
        ("ports = [4000, 4000]", "twice"),
        ("redirect_host = \"evil.example\"", "evil.example"),
        ("redirect_path = \"https://127.0.0.1/cb\"", "path"),
        ("redirect_path = \"cb\"", "path"),
        ("redirect_path = \"\"", "path"),
        ("redirect_path = \"/cb#x\"", "path"),
        ("redirect_path = \"/cb?x\"", "path"),
        ("redirect_path = \"/\"", "path"),
        ("redirect_path = \"/a/../b\"", "path"),
    ] {
        written(&home, &format!("{}{line}\n{}", good("work"), good("other")));
        let (code, message, _) = refused(&home.doorkey(&["profile", "show", "work", "--json"]).await);
        assert_eq!(code, "config.bad_redirect", "{line}: {message}");
        assert!(message.contains(why), "{line}: {message}");
        json(&home.doorkey(&["profile", "show", "other", "--json"]).await);
    }
}

/// F-03: an issuer with http that is not on this computer | `config.insecure_issuer`
#[tokio::test]
async fn f_03_an_issuer_without_tls_is_for_this_computer_only() {
    let stage = Stage::new().await;
    for issuer in ["http://op.example.test", "http://127.0.0.1.example.test", "http://0.0.0.0:4000"] {
        let profile = Profile { issuer: issuer.to_owned(), ..stage.profile() };
        let refused = refusal(stage.client.put_profile(&profile.into()).await);
        assert_eq!(refused.code, "config.insecure_issuer", "{issuer}");
        assert_told_well(&refused);
    }
}

/// F-04: a client id that is empty, has CR in it, or white space around it | trimmed and shown, or `config.bad_client_id`
#[tokio::test]
async fn f_04_a_pasted_client_id_is_trimmed_and_a_bad_one_refused() {
    let stage = Stage::new().await;
    let put = async |client_id: &str| {
        let profile = Profile { client_id: client_id.to_owned(), ..stage.profile() };
        stage.client.put_profile(&profile.into()).await
    };
    assert_eq!(put(" doorkey-demo\n").await.expect("trimmed").profile.client_id, "doorkey-demo");
    for bad in ["", "  ", "a\rb", "a\u{0}", "caf\u{e9}"] {
        let refused = refusal(put(bad).await);
        assert_eq!(refused.code, "config.bad_client_id", "{bad:?}");
        assert_told_well(&refused);
    }
}

/// F-05: scopes without openid, twice, with bad characters or commas | put right and shown, or `config.bad_scope`
#[tokio::test]
async fn f_05_scopes_are_put_right_or_refused() {
    let stage = Stage::new().await;
    let put = async |scopes: &[&str]| {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        stage.client.put_profile(&Profile { scopes, ..stage.profile() }.into()).await
    };
    let twice = put(&["openid", "email", "openid"]).await.expect("put right");
    assert_eq!(twice.profile.scopes, ["openid", "email"]);
    assert_eq!(refusal(put(&["email"]).await).code, "config.openid_missing");
    for bad in [&["openid", "a\"b"][..], &["openid profile"], &["openid", ""], &["openid,profile,email"]] {
        let refused = refusal(put(bad).await);
        assert_eq!(refused.code, "config.bad_scope", "{bad:?}");
        assert_told_well(&refused);
    }
}

/// F-06: a resource that is relative or has a fragment, an audience with spaces | `config.bad_resource`
#[tokio::test]
async fn f_06_what_a_token_is_for_must_be_an_address() {
    let stage = Stage::new().await;
    for resource in ["/api", "api", "https://api.example/#x", ""] {
        let profile = Profile { resources: vec![resource.to_owned()], ..stage.profile() };
        assert_eq!(
            refusal(stage.client.put_profile(&profile.into()).await).code,
            "config.bad_resource",
            "{resource:?}"
        );
    }
    let profile = Profile { audience: Some("my api".to_owned()), ..stage.profile() };
    assert_eq!(refusal(stage.client.put_profile(&profile.into()).await).code, "config.bad_resource");
}

/// F-07: a parameter that would take the place of one of ours | `config.reserved_parameter`
#[tokio::test]
async fn f_07_a_parameter_of_ours_cannot_be_replaced() {
    let stage = Stage::new().await;
    for name in ["state", "nonce", "code_challenge", "redirect_uri", "response_type", "client_id", "STATE", " state"] {
        let profile = Profile { params: [(name.to_owned(), "x".to_owned())].into(), ..stage.profile() };
        let refused = refusal(stage.client.put_profile(&profile.into()).await);
        assert_eq!(refused.code, "config.reserved_parameter", "{name}");
        assert_told_well(&refused);
    }
}

/// F-08: an import with a secret, of an unknown provider, from the Internet | shown and refused; nobody is signed in (BCP-14)
#[tokio::test]
async fn f_08_an_import_shows_what_is_different_and_signs_nobody_in() {
    let home = home().await;
    let agent = home.agent().await;
    let mut updates = agent.client.updates(None).await.expect("a stream");
    let issuer = home.provider.issuer();
    let file = home.folder().join("team.toml");
    let path = file.to_str().expect("a path");
    let import = |more: &[&'static str]| [&["profile", "import", path], more].concat();

    let secret =
        format!("[profiles.team]\nissuer = \"{issuer}\"\nclient_id = \"doorkey-demo\"\nclient_secret = \"CANARY\"\n");
    std::fs::write(&file, secret).expect("written");
    let ended = home.doorkey(&import(&["--yes", "--json"])).await;
    let (code, message, _) = refused(&ended);
    assert!(code == "config.secret_in_file" && message.contains("profiles.team.client_secret"), "{message}");
    assert!(!format!("{ended:?}").contains("CANARY"), "the value is not shown");

    std::fs::write(&file, format!("[profiles.team]\nissuer = \"{issuer}\"\nclient_id = \"doorkey-demo\"\n"))
        .expect("written");
    let asked = home.doorkey(&import(&["--json"])).await;
    assert_eq!(refused(&asked).0, "usage.not_confirmed");
    assert!(
        asked.stderr.contains("new: team") && asked.stderr.contains(&format!("+ issuer = \"{issuer}\"")),
        "{asked:?}"
    );
    assert!(asked.stderr.contains("no profile here has this provider"), "{asked:?}");
    assert!(read(&home).is_empty(), "nothing is taken over without a yes");
    let answer = json(&home.doorkey(&import(&["--yes", "--json"])).await);
    assert_eq!(answer["profiles"], json!([{ "profile": "team", "change": "new" }]));
    let fetched = home.doorkey(&["profile", "import", "https://op.example.test/team.toml", "--json"]).await;
    assert_eq!(refused(&fetched).0, "usage.import_from_the_internet");

    assert_eq!(home.provider.log().entries().len(), 0, "the provider was not asked for anything");
    agent.client.put_profile(&ProfileEntry::from(stage::profile("last", issuer))).await.expect("saved");
    loop {
        let update = tokio::time::timeout(PATIENCE, updates.next()).await.expect("in time").expect("readable");
        match update.expect("not ended") {
            Update::SignIn { sign_in } => panic!("a sign-in began: {sign_in:?}"),
            Update::Profile { profile } if profile.profile.name == "last" => break,
            _ => {}
        }
    }
    agent.terminate().await;
}

/// F-08: an import that leads a secret of the vault to another provider | refused, nothing changes
#[tokio::test]
async fn f_08_an_import_cannot_lead_a_secret_elsewhere() {
    let home = home().await;
    let agent = home.agent().await;
    let issuer = home.provider.issuer();
    let add = ["profile", "add", "web", "--issuer", issuer, "--client-id", "doorkey-demo", "--client-secret-stdin"];
    assert_eq!(piped(&home, &add, "CANARY\n").await.code, Some(0));
    let before = read(&home);
    let moved = "[profiles.web]\nissuer = \"https://evil.example.test\"\nclient_id = \"doorkey-demo\"\n";
    let (code, message, _) = refused(&piped(&home, &["profile", "import", "-", "--yes", "--json"], moved).await);
    assert!(code == "config.secret_would_move" && message.contains("`web`"), "{message}");
    assert_eq!(read(&home), before);
    agent.terminate().await;
}

/// F-08: the same where no agent runs and the vault is to be opened first, or stays locked | refused, nothing changes
#[tokio::test]
async fn f_08_a_vault_that_is_not_open_yet_keeps_its_secrets_too() {
    let home = doorkey_tests::Household::with_passphrase(doorkey_demo_idp::Settings::default()).await;
    let issuer = home.provider.issuer();
    let add = ["profile", "add", "web", "--issuer", issuer, "--client-id", "doorkey-demo", "--client-secret-stdin"];
    assert_eq!(piped(&home, &add, "CANARY\n").await.code, Some(0));
    let before = read(&home);
    let moved = "[profiles.web]\nissuer = \"https://evil.example.test\"\nclient_id = \"doorkey-demo\"\n";
    let (code, ..) = refused(&piped(&home, &["profile", "import", "-", "--yes", "--json"], moved).await);
    assert_eq!(code, "config.secret_would_move");
    home.write_passphrase("passphrase", "another one entirely");
    for arguments in
        [&["profile", "import", "-", "--yes", "--json"][..], &["profile", "remove", "web", "--yes", "--json"]]
    {
        let (code, ..) = refused(&piped(&home, arguments, moved).await);
        assert!(code.starts_with("store."), "{code}");
        assert_eq!(read(&home), before);
    }
}

/// F-08: an import that sends a session's refresh token to another endpoint | refused, nothing changes
#[tokio::test]
async fn f_08_an_import_cannot_lead_a_refresh_token_elsewhere() {
    let home = home().await;
    let (agent, _) = home.agent_with_ada().await;
    let before = read(&home);
    let issuer = home.provider.issuer();
    let moved = format!(
        "[profiles.work]\nissuer = \"{issuer}\"\nclient_id = \"doorkey-demo\"\n[profiles.work.endpoints]\n\
         authorization_endpoint = \"{issuer}/authorize\"\ntoken_endpoint = \"https://evil.example.test/token\"\n"
    );
    let (code, ..) = refused(&piped(&home, &["profile", "import", "-", "--yes", "--json"], &moved).await);
    assert_eq!((code.as_str(), read(&home)), ("config.secret_would_move", before));
    agent.terminate().await;
}

/// F-09: two profiles for one issuer and client | allowed, each with a redirect path of its own
#[tokio::test]
async fn f_09_two_profiles_of_one_client_have_paths_of_their_own() {
    let stage = Stage::new().await;
    stage.client.put_profile(&stage::profile("second", stage.provider.issuer()).into()).await.expect("allowed");
    let views = stage.client.profiles().await.expect("the profiles");
    let uris: BTreeSet<_> = views.iter().flat_map(|view| &view.redirect_uris).collect();
    assert_eq!((views.len(), uris.len()), (2, 2), "{views:?}");
    for name in [stage::PROFILE, "second"] {
        let attempt = Attempt::begin(&stage.client, &stage::request(name)).await;
        attempt.allow(&stage.person("Ada")).await;
        attempt.done().await;
    }
}

/// F-10: proxy variables | honoured on the way to a provider, never on loopback
#[tokio::test]
async fn f_10_a_proxy_is_for_providers_and_never_for_loopback() {
    let home = home().await;
    let proxy = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = format!("http://{}", proxy.local_addr().expect("its address"));
    let heard = tokio::spawn(async move {
        let mut heard = Vec::new();
        let (stream, _) = proxy.accept().await.expect("a connection");
        let mut lines = BufReader::new(stream).lines();
        heard.push(lines.next_line().await.expect("text").expect("a line"));
        heard
    });
    let behind = |arguments: &[&str]| {
        let mut command = home.command(arguments);
        command.env("HTTPS_PROXY", &address).env("HTTP_PROXY", &address).env("ALL_PROXY", &address);
        command.env("BROWSER", doorkey_tests::program::robot());
        doorkey_tests::program::run(command)
    };
    // The whole of a sign-in on loopback: had it gone to the proxy, the line it heard would tell.
    let issuer = home.provider.issuer();
    json(&behind(&["profile", "add", "work", "--issuer", issuer, "--client-id", "doorkey-demo", "--json"]).await);
    json(&behind(&["login", "work", "--json"]).await);
    assert!(!heard.is_finished(), "loopback went to the proxy");
    let away = behind(&["doctor", "--provider", "https://op.example.test", "--json"]).await;
    assert_ne!(away.code, Some(0), "nobody answers there: {away:?}");
    assert_eq!(heard.await.expect("it listens"), ["CONNECT op.example.test:443 HTTP/1.1"]);
}

/// F-11: a file of a newer version | read as far as it is understood, told, and not changed
#[tokio::test]
async fn f_11_a_file_of_a_newer_version_is_read_only() {
    let stage = Stage::new().await;
    let path = stage.paths.profiles();
    let newer = format!("version = 2\n{}", std::fs::read_to_string(&path).expect("the file"));
    std::fs::write(&path, &newer).expect("written");
    let problems = stage.client.hello().await.expect("hello").problems;
    assert_eq!(problems.iter().map(|problem| problem.code.as_str()).collect::<Vec<_>>(), ["config.newer_version"]);
    assert_told_well(&problems[0]);
    stage.sign_in().await;
    let put = stage.client.put_profile(&stage.profile().into()).await;
    assert_eq!(refusal(put).code, "config.newer_version");
    assert_eq!(refusal(stage.client.delete_profile(stage::PROFILE).await).code, "config.newer_version");
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), newer, "byte for byte as it was");
    assert_eq!(stage.client.sessions().await.expect("the sessions").sessions.len(), 1, "nobody is signed out by it");
}

/// F-12: the file is changed by hand meanwhile | seen at the next look; a sign-in under way is stopped by a change made here
#[tokio::test]
async fn f_12_a_change_by_hand_is_seen_at_the_next_look() {
    let stage = Stage::new().await;
    let path = stage.paths.profiles();
    let attempt = stage.begin().await;
    let text = std::fs::read_to_string(&path).expect("the file");
    std::fs::write(&path, format!("{text}\n{}", good("by-hand"))).expect("written");
    let names: Vec<_> =
        stage.client.profiles().await.expect("the profiles").into_iter().map(|view| view.profile.name).collect();
    assert_eq!(names, ["work", "by-hand"]);
    attempt.allow(&stage.person("Ada")).await;
    attempt.done().await;

    let attempt = stage.begin().await;
    stage.put(|profile| profile.clock_tolerance = Some(30)).await;
    let ended = attempt.ended().await;
    assert_eq!(ended.step, SignInStep::Failed, "{ended:?}");
    assert_eq!(ended.error.expect("why").code, "config.profile_changed");
}

/// F-13: many change profiles at once | all of it is there in the end
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f_13_changes_at_the_same_time_are_all_kept() {
    let stage = Stage::new().await;
    let issuer = stage.provider.issuer().to_owned();
    let puts = (0..24).map(|number| {
        let client = Arc::clone(&stage.client);
        let profile = stage::profile(&format!("p{number}"), &issuer);
        tokio::spawn(async move { client.put_profile(&ProfileEntry::from(profile)).await })
    });
    for put in puts.collect::<Vec<_>>() {
        put.await.expect("no panic").expect("saved");
    }
    let text = std::fs::read_to_string(stage.paths.profiles()).expect("the file");
    assert_eq!(text.matches("[profiles.").count(), 25, "{text}");
    assert!(stage.client.hello().await.expect("hello").problems.is_empty());
    assert_eq!(stage.client.profiles().await.expect("the profiles").len(), 25);
}

/// F-14: `javascript:`, markup or marks that turn the writing in a name | refused, and harmless where it is told
#[tokio::test]
async fn f_14_a_name_cannot_be_more_than_a_name() {
    let home = home().await;
    for name in ["javascript:alert(1)", "<img src=x>", "a\u{202e}b", "\u{1b}[2Jx", "../x", "a b", ".hidden", "-x"] {
        let text = format!("[profiles.{name:?}]\nissuer = \"https://op.example.test\"\nclient_id = \"app\"\n");
        let text = text.replace("\\u{202e}", "\\u202e").replace("\\u{1b}", "\\u001b");
        written(&home, &format!("{text}{}", good("work")));
        let list = home.doorkey(&["profile", "list"]).await;
        assert_eq!(list.code, Some(0), "{name:?}: {list:?}");
        assert!(list.stdout.contains("work") && list.stderr.contains("cannot be the name of a profile"), "{list:?}");
        assert!(!format!("{}{}", list.stdout, list.stderr).contains(['\u{1b}', '\u{202e}']), "{list:?}");
    }
}

/// F-15: switches that would take a defence away | there are none: refused as unknown keys
#[tokio::test]
async fn f_15_there_is_no_switch_for_less_safety() {
    let home = home().await;
    for line in
        ["allow_http = true", "verify = false", "id_token_alg = \"HS256\"", "insecure = true", "pkce = \"plain\""]
    {
        written(&home, &format!("{}{line}\n", good("work")));
        let (code, message, _) = refused(&home.doorkey(&["profile", "show", "work", "--json"]).await);
        let key = line.split(' ').next().expect("a key");
        assert!(code == "config.parse" && message.contains(key), "{line}: {message}");
    }
    let stage = Stage::with(Settings::default()).await;
    let looked = stage.client.discover(&DiscoveryRequest::of(stage.provider.issuer())).await.expect("a provider");
    let line = looked.abilities.iter().find(|line| line.name == "id_token").expect("a line");
    assert!(!line.used.contains("HS") && !line.used.contains("none"), "{line:?}");
}
