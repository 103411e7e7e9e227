//! Runs that must not pass, and files that are not as they must be.

use std::fs;

use doorkey_demo_idp::{Endpoint, Settings};
use doorkey_tests::{Household, program};

use crate::support::{assert_junit, has_chromium, json, run, scenario, write};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_as_expected_is_told_with_both_and_fails_the_build() {
    let home = Household::in_memory(Settings::default()).await;
    let file = scenario(
        &home,
        "[[scenario]]\nname = \"good\"\n\
         [[scenario]]\nname = \"bad\"\n[scenario.expect]\nalg = \"ES256\"\n\
         claims = { aud = \"another\", sub = { contains = \"ada\" }, azp = { present = true } }\n\
         scope = { includes = [\"openid\"], excludes = [\"email\"] }\nrequests = { token = 2 }\n\
         audience = \"https://api.example\"\nlifetime = { at_most = \"1m\" }\nchecks = { \"idtoken.nonse\" = \"passed\" }\n\
         [[scenario.then]]\ndo = \"renew\"\n",
    );
    let junit = home.folder().join("junit.xml");
    let ended = run(&home, &file, &["--json", "--junit", junit.to_str().unwrap()], &[]).await;
    assert_eq!(ended.code, Some(65), "{ended:?}");
    let told = json(&ended);
    assert_eq!((&told["passed"], &told["failed"]), (&1.into(), &1.into()), "{told}");
    let bad = &told["runs"][1];
    assert_eq!(bad["steps"].as_array().map(Vec::len), Some(1), "nothing follows what failed: {bad}");
    let expectations = bad["steps"][0]["expectations"].as_array().unwrap();
    let missed: Vec<(&str, &str, &str)> = expectations
        .iter()
        .filter(|judged| judged["held"] == false)
        .map(|it| (it["what"].as_str().unwrap(), it["expected"].as_str().unwrap(), it["got"].as_str().unwrap()))
        .collect();
    for wanted in [
        ("claim aud", "another", "doorkey-demo"),
        ("algorithm of the ID token", "ES256", "RS256"),
        ("requests for token", "2", "1"),
        ("lifetime of the access token", "at most 1m", "5m"),
        ("check idtoken.nonse", "passed", "this check was not made"),
    ] {
        assert!(missed.contains(&wanted), "{wanted:?} is not in {missed:?}");
    }
    assert!(!missed.iter().any(|(what, ..)| *what == "claim sub"), "{missed:?}");
    assert!(
        missed.iter().any(|(what, ..)| *what == "scope")
            && missed.iter().any(|(what, ..)| what.starts_with("audience"))
    );

    assert_junit(&junit);
    let report = fs::read_to_string(&junit).unwrap();
    assert!(report.contains("failures=\"1\""), "{report}");
    assert!(report.contains("expected another, got doorkey-demo"), "{report}");

    let shown = run(&home, &file, &["--only", "bad"], &[]).await;
    assert!(shown.stdout.contains("expected  ES256") && shown.stdout.contains("got       RS256"), "{shown:?}");
    assert!(shown.stdout.contains("1 failed"), "{shown:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_at_once_share_nothing() {
    let home = Household::in_memory(Settings::default()).await;
    let file = scenario(
        &home,
        "[matrix]\nn = [1, 2, 3, 4, 5, 6]\n[[scenario]]\nname = \"ada\"\nexpect = { requests = { token = 1 } }\n[[scenario.then]]\ndo = \"renew\"\n[[scenario.then]]\ndo = \"sign_out\"\n",
    );
    let ended = run(&home, &file, &["--json", "--jobs", "6"], &[]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(json(&ended)["passed"], 6);
    let log = home.provider.log();
    assert_eq!((log.count(Endpoint::Token), log.count(Endpoint::Revoke)), (12, 6));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_tried_again_only_where_the_file_says_so_and_that_is_told() {
    let home = Household::in_memory(Settings::default()).await;
    let rest = "[[scenario]]\nname = \"no\"\nexpect = { alg = \"ES256\" }\n[[scenario]]\nname = \"again\"\nretries = 2\nexpect = { alg = \"ES256\" }\n";
    let ended = run(&home, &scenario(&home, rest), &["--json", "--jobs", "1"], &[]).await;
    let told = json(&ended);
    let tries: Vec<_> = told["runs"].as_array().unwrap().iter().map(|run| run["tries"].as_u64().unwrap()).collect();
    assert_eq!((ended.code, tries), (Some(65), vec![1, 3]), "{told}");
    assert_eq!(home.provider.log().count(Endpoint::Token), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_not_as_described_fails_and_says_what_was_there() {
    if !has_chromium("scenarios") {
        return;
    }
    let home = Household::in_memory(Settings::default()).await;
    let issuer = home.provider.issuer();
    let file = |steps: &str| {
        let text = format!(
            "version = 1\n[profile]\nissuer = \"{issuer}\"\nclient_id = \"doorkey-demo\"\n[secrets]\nada = {{ file = \"ada.txt\" }}\n\
             [login]\nby = \"chromium\"\nsteps = [{steps}]\n[[scenario]]\nname = \"ada\"\n"
        );
        write(&home, "page.toml", &text)
    };
    write(&home, "ada.txt", "analytical\n");
    let other = file("{ fill = \"#email\", value = \"a\" }, { click = \"#enter\", within = \"300ms\" }");
    let ended = run(&home, &other, &[], &[]).await;
    assert_eq!(ended.code, Some(65), "{ended:?}");
    assert!(ended.stdout.contains("page, step 2") && ended.stdout.contains("click \"#enter\""), "{ended:?}");
    assert!(ended.stdout.contains("/login") && !ended.stdout.contains("state="), "{ended:?}");

    let text = file("{ expect = \"h1\", text = \"Welcome back\", within = \"5s\" }");
    let ended = run(&home, &text, &[], &[]).await;
    assert!(ended.code == Some(65) && ended.stdout.contains("it says \""), "{ended:?}");

    // A password that stands in the file under a name that does not tell is found when it is typed.
    let literal = file("{ fill = \"[type]:not(#email)[autocomplete]\", value = \"CANARY\" }");
    let ended = run(&home, &literal, &[], &[]).await;
    assert!(ended.code == Some(69) && ended.stdout.contains("this field is a password"), "{ended:?}");
    assert!(!ended.stdout.contains("CANARY"), "{ended:?}");

    let good = file(
        "{ fill = \"#email\", value = \"ada@example.test\" }, { fill = \"#password\", secret = \"ada\" }, { click = \"#sign-in\" }, { click = \"#never\", optional = true, within = \"100ms\" }, { click = \"#allow\" }",
    );
    let ended = run(&home, &good, &[], &[]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_is_named_with_what_helps() {
    let home = Household::in_memory(Settings::default()).await;
    let issuer = home.provider.issuer();
    let head = format!("version = 1\n[profile]\nissuer = \"{issuer}\"\nclient_id = \"doorkey-demo\"\n");
    let chromium =
        write(&home, "chromium.toml", &format!("{head}[login]\nby = \"chromium\"\n[[scenario]]\nname = \"a\"\n"));
    let junit = home.folder().join("junit.xml");
    let ended = run(&home, &chromium, &["--junit", junit.to_str().unwrap()], &[("PATH", "/nowhere")]).await;
    assert_eq!(ended.code, Some(69), "{ended:?}");
    assert!(
        ended.stdout.contains("test.no_browser") && ended.stdout.contains("apt-get install chromium chromium-driver"),
        "{ended:?}"
    );
    assert_junit(&junit);
    assert!(fs::read_to_string(&junit).unwrap().contains("errors=\"1\""));

    // Another browser than the one that is named is none.
    let named = run(&home, &chromium, &[], &[("CHROMIUM", "/nowhere/chromium")]).await;
    assert!(named.code == Some(69) && named.stdout.contains("CHROMIUM is set to /nowhere/chromium"), "{named:?}");

    let secret = write(
        &home,
        "secret.toml",
        &format!(
            "client_secret = \"client\"\n{head}[secrets]\nclient = {{ env = \"CLIENT_SECRET\" }}\n[[scenario]]\nname = \"a\"\n"
        ),
    );
    let ended = run(&home, &secret, &["--json"], &[]).await;
    assert_eq!((ended.code, &json(&ended)["error"]["code"]), (Some(78), &"test.no_secret".into()), "{ended:?}");

    let command = write(
        &home,
        "command.toml",
        &format!("{head}[login]\nby = \"command\"\ncommand = [\"false\"]\n[[scenario]]\nname = \"a\"\n"),
    );
    let ended = run(&home, &command, &[], &[]).await;
    assert!(ended.code == Some(69) && ended.stdout.contains("test.command"), "{ended:?}");

    let slow = write(
        &home,
        "slow.toml",
        &format!(
            "{head}[login]\nby = \"command\"\ncommand = [\"sleep\", \"60\"]\n[[scenario]]\nname = \"a\"\ntimeout = \"1s\"\n"
        ),
    );
    let ended = run(&home, &slow, &[], &[]).await;
    assert!(ended.code == Some(65), "{ended:?}");

    let named = write(&home, "named.toml", "version = 1\nprofile = \"work\"\n[[scenario]]\nname = \"a\"\n");
    let ended = run(&home, &named, &["--json"], &[]).await;
    assert_eq!((ended.code, &json(&ended)["error"]["code"]), (Some(78), &"config.no_profile".into()), "{ended:?}");

    let none = run(&home, &slow, &["--only", "b", "--json"], &[]).await;
    assert_eq!((none.code, &json(&none)["error"]["code"]), (Some(64), &"usage.no_scenario".into()), "{none:?}");
}

#[tokio::test]
async fn a_file_with_a_mistake_is_refused_where_it_stands() {
    let home = Household::in_memory(Settings::default()).await;
    let robot = program::robot();
    assert!(robot.is_file());
    let file = scenario(&home, "[[scenario]]\nname = \"a\"\nexpects = {}\n");
    let ended = run(&home, &file, &["--json"], &[]).await;
    assert_eq!((ended.code, &json(&ended)["error"]["code"]), (Some(78), &"config.bad_scenario".into()), "{ended:?}");
    assert!(ended.stdout.contains("scenario.toml:10:1: unknown field `expects`"), "{ended:?}");

    let secret = write(
        &home,
        "secret.toml",
        "version = 1\nprofile = \"work\"\n[secrets]\nada = \"CANARY\"\n[[scenario]]\nname = \"a\"\n",
    );
    let ended = run(&home, &secret, &[], &[]).await;
    assert!(ended.code == Some(78) && ended.stderr.contains("secret.toml:4:1: a secret does not stand"), "{ended:?}");
    assert!(!ended.stderr.contains("CANARY") && !ended.stdout.contains("CANARY"), "{ended:?}");
    assert_eq!(home.provider.log().count(Endpoint::Discovery), 0, "nobody was asked anything");
}
