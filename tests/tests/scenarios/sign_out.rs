//! A sign-out does what it is for, or fails and says what it has not done.

use doorkey_demo_idp::{Endpoint, Kind, Settings};
use doorkey_tests::{Household, program};

use crate::support::{json, run, scenario, write};

const EVERYWHERE: &str = "[[scenario]]\nname = \"ada\"\n[[scenario.then]]\ndo = \"sign_out\"\nhow = \"everywhere\"\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_that_is_named_opens_the_sign_out_page() {
    let home = Household::in_memory(Settings::default()).await;
    let opens = format!("{EVERYWHERE}command = [\"curl\", \"--silent\", \"--fail\", \"--output\", \"page.html\"]\n");
    let ended = run(&home, &scenario(&home, &opens), &["--json"], &[]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let told = json(&ended);
    let done = &told["runs"][0]["steps"][1]["expectations"][1];
    assert_eq!((&done["what"], &done["got"]), (&"done".into(), &"revoke, forget, end_session".into()), "{told}");
    assert_eq!(home.provider.log().count(Endpoint::Logout), 1, "the page was opened");
    assert!(home.folder().join("page.html").is_file(), "in the scenario's folder");

    // One that does not get there has opened nothing.
    let fails = format!("{EVERYWHERE}command = [\"false\"]\n");
    let ended = run(&home, &scenario(&home, &fails), &["--json"], &[]).await;
    assert_eq!(ended.code, Some(69), "{ended:?}");
    let error = &json(&ended)["runs"][0]["error"];
    assert_eq!(error["code"], "test.command", "{error}");
    assert!(error["message"].as_str().is_some_and(|told| told.contains("sign-out page")), "{error}");

    let nobody = run(&home, &scenario(&home, EVERYWHERE), &[], &[]).await;
    assert!(nobody.code == Some(78) && nobody.stderr.contains("nobody would open"), "{nobody:?}");
    assert_eq!(home.provider.log().count(Endpoint::Logout), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_out_that_does_less_than_it_is_for_fails_unless_the_file_says_so() {
    let home = Household::in_memory(Settings { kind: Kind::OauthOnly, ..Settings::default() }).await;
    let issuer = home.provider.issuer().trim_end_matches('/');
    let file = |revocation: &str, rest: &str| {
        let text = format!(
            "version = 1\n[profile]\nissuer = \"{issuer}\"\nclient_id = \"doorkey-demo\"\nscopes = [\"read:user\"]\n\
             [profile.endpoints]\nauthorization_endpoint = \"{issuer}/authorize\"\ntoken_endpoint = \"{issuer}/token\"\n\
             {revocation}\n[profile.account]\nendpoint = \"{issuer}/user\"\nid = \"/id\"\n\
             [login]\nby = \"command\"\ncommand = [\"{}\"]\n{rest}",
            program::robot().display()
        );
        write(&home, "scenario.toml", &text)
    };
    let revocation = format!("revocation_endpoint = \"{issuer}/revoke\"");
    // It has no page to sign out at: what was to be done there is not left out in silence.
    let ended = run(&home, &file(&revocation, &format!("{EVERYWHERE}command = [\"true\"]\n")), &[], &[]).await;
    assert_eq!(ended.code, Some(65), "{ended:?}");
    assert!(ended.stdout.contains("sign-out: done") && ended.stdout.contains("not end_session: "), "{ended:?}");

    let revoke = "[[scenario]]\nname = \"ada\"\n[[scenario.then]]\ndo = \"sign_out\"\n";
    let ended = run(&home, &file("", revoke), &[], &[]).await;
    assert!(ended.code == Some(65) && ended.stdout.contains("not revoke: "), "{ended:?}");
    for rest in [format!("{revoke}how = \"forget\"\n"), format!("{revoke}expect = {{ done = [\"forget\"] }}\n")] {
        let ended = run(&home, &file("", &rest), &[], &[]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
}
