//! A scenario made of a sign-in that was done.

use std::fs;

use doorkey_demo_idp::Settings;
use doorkey_tests::{Household, program};

use crate::support::{run, write};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_becomes_a_scenario_that_passes() {
    let home = Household::in_memory(Settings::default()).await;
    let issuer = home.provider.issuer().to_owned();
    let nothing = home.doorkey(&["test", "record"]).await;
    assert!(nothing.code == Some(64) && nothing.stderr.contains("usage.no_flow"), "{nothing:?}");

    let added = home.doorkey(&["profile", "add", "work", "--issuer", &issuer, "--client-id", "doorkey-demo"]).await;
    assert_eq!(added.code, Some(0), "{added:?}");
    let signed_in = home.doorkey_with_robot(&["login", "work"]).await;
    assert_eq!(signed_in.code, Some(0), "{signed_in:?}");

    let recorded = home.doorkey(&["test", "record"]).await;
    assert_eq!(recorded.code, Some(0), "{recorded:?}");
    let text = recorded.stdout;
    for seen in ["\"idtoken.nonce\" = \"passed\"", "scope = [", "alg = \"RS256\"", "aud = \"doorkey-demo\"", &issuer] {
        assert!(text.contains(seen), "{seen} is not in {text}");
    }
    let (before, after) = text.split_once("# by = \"chromium\"").expect("a hint for builds");
    let scenario = after.split_once("[[scenario]]").expect("a scenario").1;
    for personal in ["Ada", "ada@", "demo|ada", "Lovelace"] {
        assert!(!before.contains(personal) && !scenario.contains(personal), "{personal} is in {text}");
    }

    // As the guide says: somebody else fills in the page.
    let command = format!("by = \"command\"\ncommand = [\"{}\"]", program::robot().display());
    let file = write(&home, "recorded.toml", &text.replace("by = \"person\"", &command));
    let passed = run(&home, &file, &[], &[]).await;
    assert_eq!(passed.code, Some(0), "{passed:?}\n{text}");
    assert!(passed.stdout.starts_with("1 passed"), "{passed:?}");

    // And it notices what changes.
    let other = fs::read_to_string(&file).unwrap().replace("alg = \"RS256\"", "alg = \"ES256\"");
    let file = write(&home, "changed.toml", &other);
    let failed = run(&home, &file, &[], &[]).await;
    assert_eq!(failed.code, Some(65), "{failed:?}");
    assert!(failed.stdout.contains("algorithm of the ID token"), "{failed:?}");
}

#[tokio::test]
async fn the_schema_for_editors_comes_from_the_program() {
    let home = Household::in_memory(Settings::default()).await;
    let schema = home.doorkey(&["test", "schema"]).await;
    let published = fs::read_to_string(doorkey_tests::sources::root().join("docs/scenario.schema.json")).unwrap();
    assert_eq!((schema.code, schema.stdout), (Some(0), published));
}
