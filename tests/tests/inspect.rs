//! `doorkey inspect`: what people who test a sign-in take away from it.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use doorkey_demo_idp::{IdTokenFault, Settings};
use doorkey_qa::evidence;
use doorkey_tests::household::AgentProcess;
use doorkey_tests::program::Ended;
use doorkey_tests::secrets::{assert_none, sent_to};
use doorkey_tests::sources::{read, root};
use doorkey_tests::{Household, PROFILE, program};
use serde_json::Value;

#[tokio::test]
async fn the_report_has_every_answer_with_every_check_and_what_it_is_for() {
    let (home, agent) = signed_in().await;
    let report = json(&home.doorkey(&["inspect", "--json"]).await);
    assert_eq!(
        (&report["version"], &report["outcome"], &report["kind"]),
        (&1.into(), &"succeeded".into(), &"sign_in".into())
    );
    assert_eq!((&report["counts"]["failed"], &report["sub"]), (&0.into(), &"demo|ada".into()));
    let answers = report["answers"].as_array().expect("answers");
    let subjects: Vec<&str> = answers.iter().filter_map(|answer| answer["subject"].as_str()).collect();
    for subject in ["discovery", "callback", "token", "granted", "id_token", "access_token"] {
        assert!(subjects.contains(&subject), "{subjects:?}");
    }
    for check in answers.iter().flat_map(|answer| answer["checks"].as_array().expect("checks")) {
        for member in ["name", "outcome", "source", "consequence"] {
            assert!(check[member].as_str().is_some_and(|text| !text.is_empty()), "{check}");
        }
    }

    home.doorkey(&["renew", PROFILE]).await;
    let list = json(&home.doorkey(&["inspect", "--list", "--json"]).await);
    let flows = list["flows"].as_array().expect("flows");
    let renewal = flows.iter().find(|flow| flow["kind"] == "renewal").unwrap_or_else(|| panic!("{list}"));
    let id = renewal["id"].as_str().expect("an id");
    let renewed = json(&home.doorkey(&["inspect", &id[..10], "--json"]).await);
    assert_eq!((&renewed["flow"], &renewed["kind"]), (&id.into(), &"renewal".into()));
    assert!(renewed["answers"].as_array().is_some_and(|all| all.iter().any(|answer| answer["subject"] == "token")));
    let shown = home.doorkey(&["inspect", PROFILE]).await;
    assert!(shown.stdout.contains("idtoken.nonce") && shown.stdout.contains("callback.state"), "{shown:?}");
    agent.terminate().await;
}

#[tokio::test]
async fn a_refused_sign_in_says_which_rule_and_what_could_happen() {
    let home = household().await;
    let agent = with_profile(&home).await;
    home.provider.knobs().corrupt_id_tokens(Some(IdTokenFault::WrongNonce));
    home.doorkey_with_robot(&["login", PROFILE]).await;
    let report = json(&home.doorkey(&["inspect", PROFILE, "--json"]).await);
    assert_eq!((&report["outcome"], &report["refusal"]["code"]), (&"refused".into(), &"idtoken.nonce_mismatch".into()));
    let text = home.doorkey(&["inspect", PROFILE]).await.stdout;
    assert!(
        text.contains("idtoken.nonce") && text.contains("FAILED") && text.contains("somebody else's account"),
        "{text}"
    );
    let ticket = home.doorkey(&["inspect", PROFILE, "--markdown"]).await.stdout;
    assert!(ticket.starts_with("## Sign-in with `") && ticket.contains("- **FAILED** `idtoken.nonce`"), "{ticket}");
    agent.terminate().await;
}

/// S-48: a sign-in as HAR and as evidence | no secret in either, 0600, never over a file that is there
#[tokio::test]
async fn what_is_taken_away_has_no_secret_and_is_for_its_owner_only() {
    let (home, agent) = signed_in().await;
    let (har, zip) = (home.folder().join("work.har"), home.folder().join("work.zip"));
    let arguments = ["inspect", PROFILE, "--har", text(&har), "--evidence", text(&zip)];
    let ended = home.doorkey(&arguments).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let canaries = sent_to(&home.provider);
    assert!(canaries.len() > 4, "there was something to look for");
    assert_none(&canaries, "the HAR", &read(&har));
    for (name, text) in members(&zip) {
        assert_none(&canaries, &name, &text);
        assert!(!text.contains("eyJ"), "a JWT in {name}");
    }
    for path in [&har, &zip] {
        assert_eq!(mode(path), 0o600, "{}", path.display());
    }
    let opened = evidence::open(&fs::read(&zip).expect("the archive")).expect("it opens");
    assert!(opened.manifest.redacted && opened.damages.is_empty(), "{opened:?}");
    let claims = opened.claims.expect("the session is there");
    assert!(claims.of_this_flow && claims.id_token.is_some_and(|token| token.claims["sub"] == "demo|ada"));

    let before = fs::read(&har).expect("the archive");
    assert_refused(&home.doorkey(&["inspect", "--har", text(&har), "--json"]).await, 74, "output.file_exists");
    assert_eq!(fs::read(&har).expect("the archive"), before);
    agent.terminate().await;
}

#[tokio::test]
async fn a_har_is_what_the_published_schema_wants() {
    let (home, agent) = signed_in().await;
    let har = home.folder().join("work.har");
    home.doorkey(&["inspect", "--har", text(&har)]).await;
    let schema = serde_json::from_str(&read(&root().join("crates/qa/schemas/har-1.2.json"))).expect("JSON");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    let archive: Value = serde_json::from_str(&read(&har)).expect("JSON");
    let wrong: Vec<String> = validator.iter_errors(&archive).map(|error| error.to_string()).collect();
    assert_eq!(wrong, [""; 0], "{archive:#}");
    let entries = archive["log"]["entries"].as_array().expect("entries");
    let purposes: Vec<&str> = entries.iter().filter_map(|entry| entry["_purpose"].as_str()).collect();
    assert_eq!(purposes[..4], ["metadata", "authorization", "callback", "token"]);
    agent.terminate().await;
}

/// S-48: secrets are asked for | said before, asked, and the file's name says it
#[tokio::test]
async fn a_secret_is_added_only_after_it_was_told_and_the_name_says_so() {
    let (home, agent) = signed_in().await;
    let zip = home.folder().join("work.zip");
    let asked = home.doorkey(&["inspect", PROFILE, "--evidence", text(&zip), "--with-secrets", "--json"]).await;
    assert_refused(&asked, 64, "usage.not_confirmed");
    assert!(asked.stdout.contains("today's access token ") && asked.stdout.contains("UNREDACTED.zip"), "{asked:?}");
    let there = || {
        fs::read_dir(home.folder())
            .expect("the folder")
            .filter_map(Result::ok)
            .any(|file| file.path().extension().is_some_and(|it| it == "zip"))
    };
    assert!(!there(), "nothing was written");

    let yes = ["inspect", PROFILE, "--evidence", text(&zip), "--with-secrets", "--yes"];
    assert_eq!(home.doorkey(&yes).await.code, Some(0));
    let marked = home.folder().join("work.UNREDACTED.zip");
    assert!(!zip.exists() && mode(&marked) == 0o600);
    let token = home.doorkey(&["token", PROFILE]).await.stdout.trim().to_owned();
    let with: Vec<String> =
        members(&marked).into_iter().filter(|(_, text)| text.contains(&token)).map(|(name, _)| name).collect();
    assert_eq!(with, ["secrets.json"]);
    let shown = home.doorkey(&["inspect", text(&marked)]).await;
    assert!(shown.stdout.contains("with a secret in it") && !shown.stdout.contains(&token), "{shown:?}");
    agent.terminate().await;
}

#[tokio::test]
async fn the_secret_is_of_the_person_who_signed_in_then_and_of_nobody_else() {
    let (home, agent) = signed_in().await;
    let ada = json(&home.doorkey(&["inspect", PROFILE, "--json"]).await)["flow"].as_str().expect("an id").to_owned();
    let mut grace = home.command(&["login", PROFILE, "--prompt", "login"]);
    grace.env("BROWSER", program::robot()).env("ROBOT_AS", "Grace");
    let grace = program::run(grace).await;
    assert_eq!(grace.code, Some(0), "{grace:?}");
    let token = async |account: &str| {
        let told = home.doorkey(&["token", PROFILE, "--account", account]).await;
        assert_eq!(told.code, Some(0), "{told:?}");
        told.stdout.trim().to_owned()
    };
    let (of_ada, of_grace) = (token("ada@example.test").await, token("grace@example.test").await);
    assert_ne!(of_ada, of_grace);
    // Whom the profile takes where nobody is named.
    let used = home.doorkey(&["account", "prefer", PROFILE, "--account", "grace@example.test"]).await;
    assert_eq!(used.code, Some(0), "{used:?}");
    let zip = home.folder().join("ada.zip");
    let asked = home.doorkey(&["inspect", &ada, "--evidence", text(&zip), "--with-secrets", "--yes"]).await;
    assert_eq!(asked.code, Some(0), "{asked:?}");
    let secrets = members(&home.folder().join("ada.UNREDACTED.zip"));
    let secrets = &secrets.iter().find(|(name, _)| name == "secrets.json").expect("it is there").1;
    assert!(secrets.contains(&of_ada) && !secrets.contains(&of_grace), "the token is another person's");

    let out = home.doorkey(&["logout", PROFILE, "--account", "ada@example.test"]).await;
    assert_eq!(out.code, Some(0), "{out:?}");
    let zip = home.folder().join("gone.zip");
    let gone = home.doorkey(&["inspect", &ada, "--evidence", text(&zip), "--with-secrets", "--yes", "--json"]).await;
    assert_refused(&gone, 64, "usage.no_flow");
    agent.terminate().await;
}

#[tokio::test]
async fn evidence_is_opened_elsewhere_and_a_damaged_file_is_refused_and_left_alone() {
    let (home, agent) = signed_in().await;
    let zip = home.folder().join("work.zip");
    home.doorkey(&["inspect", "--evidence", text(&zip)]).await;
    let here = json(&home.doorkey(&["inspect", PROFILE, "--json"]).await);
    agent.terminate().await;

    let elsewhere = household().await;
    let opened = json(&elsewhere.doorkey(&["inspect", text(&zip), "--json"]).await);
    assert_eq!(opened, here);
    let same = elsewhere.doorkey(&["inspect", text(&zip), "--compare", text(&zip)]).await;
    assert!(same.stdout.contains("No difference"), "{same:?}");

    let whole = fs::read(&zip).expect("the archive");
    let cut = elsewhere.folder().join("cut.zip");
    fs::write(&cut, &whole[..whole.len() / 2]).expect("there is room");
    assert_refused(&elsewhere.doorkey(&["inspect", text(&cut), "--json"]).await, 65, "evidence.unreadable");
    assert_eq!(fs::read(&cut).expect("it is there"), whole[..whole.len() / 2]);
}

#[tokio::test]
async fn two_sign_ins_differ_in_what_is_different() {
    let (home, agent) = signed_in().await;
    home.doorkey_with_robot(&["login", PROFILE]).await;
    home.provider.knobs().corrupt_id_tokens(Some(IdTokenFault::WrongNonce));
    home.doorkey_with_robot(&["login", PROFILE]).await;
    let list = json(&home.doorkey(&["inspect", "--list", "--json"]).await);
    let ids: Vec<&str> = list["flows"]
        .as_array()
        .expect("flows")
        .iter()
        .filter(|flow| flow["kind"] == "sign_in")
        .filter_map(|flow| flow["id"].as_str())
        .collect();
    let [_first, good, bad] = ids.as_slice() else { panic!("{list}") };
    let compared = json(&home.doorkey(&["inspect", good, "--compare", bad, "--json"]).await);
    let differences = compared["differences"].as_array().expect("differences");
    let places: Vec<&str> = differences.iter().filter_map(|difference| difference["at"].as_str()).collect();
    assert!(places.contains(&"outcome") && places.contains(&"checks.idtoken.nonce"), "{compared:#}");
    let new = ["state", "redirect_uri", "code_challenge", "metadata.answer"];
    assert!(!places.iter().any(|place| new.iter().any(|part| place.contains(part))), "{compared:#}");
    agent.terminate().await;
}

#[tokio::test]
async fn tokens_and_descriptions_are_compared_member_by_member() {
    let home = household().await;
    let write = |name: &str, text: &str| {
        let path = home.folder().join(name);
        fs::write(&path, text).expect("there is room");
        path
    };
    // {"alg":"none"}.{"sub":"ada"}. and {"alg":"none"}.{"sub":"eve"}.
    let one = write("a.jwt", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.\n");
    let other = write("b.jwt", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJldmUifQ.\n");
    let compared = json(&home.doorkey(&["inspect", text(&one), "--compare", text(&other), "--json"]).await);
    assert_eq!(compared["differences"], serde_json::json!([{ "at": "claims.sub", "one": "ada", "other": "eve" }]));
    let document = write("dev.json", r#"{"issuer":"https://op.example"}"#);
    let mixed = home.doorkey(&["inspect", text(&one), "--compare", text(&document)]).await;
    assert!(mixed.stdout.contains("issuer"), "{mixed:?}");
    let opaque = write("c.jwt", "SECRET-opaque");
    let refused = home.doorkey(&["inspect", text(&one), "--compare", text(&opaque), "--json"]).await;
    assert_refused(&refused, 64, "usage.no_document");
    assert!(!refused.stdout.contains("SECRET"), "{refused:?}");
}

#[tokio::test]
async fn where_nothing_has_happened_it_says_what_to_do() {
    let home = household().await;
    assert_refused(&home.doorkey(&["inspect", "--json"]).await, 64, "usage.no_flow");
    let list = home.doorkey(&["inspect", "--list"]).await;
    assert!(list.code == Some(0) && list.stderr.contains("doorkey login"), "{list:?}");
    let agent = with_profile(&home).await;
    home.doorkey_with_robot(&["login", PROFILE]).await;
    assert_refused(&home.doorkey(&["inspect", "nowhere", "--json"]).await, 64, "usage.unknown_flow");
    agent.terminate().await;
}

#[tokio::test]
async fn what_was_sent_is_written_down_as_a_program() {
    let (home, agent) = signed_in().await;
    let python = home.doorkey(&["snippet", PROFILE, "--lang", "python"]).await;
    assert!(python.stdout.contains("authorization_code") && python.stderr.contains("CODE_VERIFIER"), "{python:?}");
    // Which code that was is told by its fingerprint, the same as in the journal.
    let told = json(&home.doorkey(&["snippet", PROFILE, "--json"]).await);
    let code = told["fingerprints"]["CODE"].as_str().expect("a fingerprint").to_owned();
    assert!(code.len() == 8 && code.bytes().all(|byte| byte.is_ascii_hexdigit()), "{told}");
    assert!(python.stderr.contains(&format!("CODE (fingerprint {code})")), "{python:?}");
    let address = json(&home.doorkey(&["snippet", "--lang", "java", "--of", "authorization", "--json"]).await);
    assert_eq!(address["file_name"], "AuthorizationUrl.java");
    assert!(
        address["text"].as_str().is_some_and(|text| text.contains("/authorize") && text.contains("getenv(\"STATE\")"))
    );
    assert_refused(&home.doorkey(&["snippet", "--of", "revocation", "--json"]).await, 64, "usage.nothing_sent");
    agent.terminate().await;
    let canaries = sent_to(&home.provider);
    assert_none(&canaries, "the samples", &format!("{}{address}", python.stdout));
}

async fn household() -> Household {
    Household::in_memory(Settings::default()).await
}

async fn with_profile(home: &Household) -> AgentProcess {
    let agent = home.agent().await;
    agent.put_profile(home.provider.issuer()).await;
    agent
}

async fn signed_in() -> (Household, AgentProcess) {
    let home = household().await;
    let agent = with_profile(&home).await;
    let login = home.doorkey_with_robot(&["login", PROFILE]).await;
    assert_eq!(login.code, Some(0), "{login:?}");
    (home, agent)
}

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
}

fn assert_refused(ended: &Ended, exit: i32, code: &str) {
    assert_eq!((ended.code, &json(ended)["error"]["code"]), (Some(exit), &code.into()), "{ended:?}");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of ours")
}

fn mode(path: &PathBuf) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

/// The members of an archive, unpacked.
fn members(path: &Path) -> Vec<(String, String)> {
    let mut archive = zip::ZipArchive::new(File::open(path).expect("the archive")).expect("an archive");
    let count = archive.len();
    let member = |place: usize| {
        let mut member = archive.by_index(place).expect("a member");
        let mut text = String::new();
        let name = member.name().expect("a name").into_owned();
        member.read_to_string(&mut text).expect("it is text");
        (name, text)
    };
    (0..count).map(member).collect()
}
