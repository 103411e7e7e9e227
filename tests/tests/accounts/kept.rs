//! By the command, against an agent in a process of its own: what is kept over restarts, who may change it, and what a
//! locked vault hides.

use std::fs;
use std::path::Path;

use doorkey_client::Secret;
use doorkey_client::words::{SessionChange, TokenRequest, VaultChoice, VaultKind};
use doorkey_demo_idp::Settings;
use doorkey_tests::household::{AgentProcess, PASSPHRASE};
use doorkey_tests::program::Ended;
use doorkey_tests::stage::{exposed, person, refusal};
use doorkey_tests::{Household, PROFILE};
use serde_json::Value;

/// A name that nobody else would write.
const LABEL: &str = "Quarterly-Reports-Account";

#[tokio::test]
async fn names_order_and_the_preferred_one_are_there_after_a_restart_and_sealed_meanwhile() {
    let home = Household::with_passphrase(Settings::default()).await;
    let agent = with_ada_and_grace(&home).await;
    good(&home.doorkey(&["account", "rename", PROFILE, "--account", "demo|grace", LABEL]).await);
    good(&home.doorkey(&["account", "prefer", PROFILE, "--account", "grace@example.test"]).await);
    let moved = good(&home.doorkey(&["account", "move", PROFILE, "--account", "demo|grace", "first", "--json"]).await);
    assert_eq!((&moved["session"]["position"], &moved["session"]["label"]), (&0.into(), &LABEL.into()));
    let before = seen(&home).await;
    assert_eq!(before, [("demo|grace", Some(LABEL), true, Some(0)), ("demo|ada", None, false, Some(1))].map(owned));

    agent.kill().await;
    for file in files_below(&home.paths().data) {
        let bytes = fs::read(&file).expect("a file");
        assert!(!bytes.windows(LABEL.len()).any(|part| part == LABEL.as_bytes()), "{} tells it", file.display());
    }
    let agent = home.agent().await;
    assert_eq!(seen(&home).await, before);
    agent.renew_of("demo|grace").await;
    let token = agent.client.token(&TokenRequest::for_profile(PROFILE)).await.expect("the preferred one's");
    assert_eq!(exposed(&token.access_token), exposed(&agent.token_of("demo|grace").await.access_token));
    let attempt = agent.begin().await;
    attempt.allow(&person("Grace")).await;
    attempt.done().await;
    assert_eq!(seen(&home).await, before, "the same person with the same profile");
    agent.terminate().await;

    // One command after the other is the agent now.
    let status = home.doorkey(&["status"]).await;
    assert!(status.stdout.contains(&format!("{LABEL}: Grace")) && status.stdout.contains(", preferred"), "{status:?}");
    good(&home.doorkey(&["logout", PROFILE, "--account", "demo|grace"]).await);
    assert_eq!(seen(&home).await, [("demo|ada", None, false, Some(0))].map(owned));
    good(&home.doorkey_with_robot(&["account", "rename", PROFILE, "  "]).await);
    assert_eq!(seen(&home).await, [("demo|ada", None, false, Some(0))].map(owned));
}

#[tokio::test]
async fn what_was_arranged_in_memory_meanwhile_joins_what_the_vault_has() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    good(&home.doorkey(&["account", "rename", PROFILE, LABEL]).await);
    good(&home.doorkey(&["account", "move", PROFILE, "1"]).await);
    agent.client.lock_vault().await.expect("locked");
    let memory = VaultChoice::of(VaultKind::Memory);
    agent.client.choose_vault(&memory).await.expect("without the vault for now");
    let attempt = agent.begin().await;
    attempt.allow(&person("Grace")).await;
    attempt.done().await;
    good(&home.doorkey(&["account", "rename", PROFILE, "Meanwhile"]).await);
    good(&home.doorkey(&["account", "prefer", PROFILE]).await);
    good(&home.doorkey(&["account", "move", PROFILE, "1"]).await);
    assert_eq!(seen(&home).await, [("demo|grace", Some("Meanwhile"), true, Some(0))].map(owned));

    let passphrase = Some(Secret::new(PASSPHRASE.to_owned()));
    let opened = VaultChoice { passphrase, ..VaultChoice::of(VaultKind::Passphrase) };
    agent.client.choose_vault(&opened).await.expect("open again");
    let both = [("demo|grace", Some("Meanwhile"), true, Some(0)), ("demo|ada", Some(LABEL), false, Some(1))].map(owned);
    assert_eq!(seen(&home).await, both);
    agent.kill().await;
    let agent = home.agent().await;
    assert_eq!(seen(&home).await, both, "one record has it all");
    agent.terminate().await;
}

#[tokio::test]
async fn a_vault_that_moves_takes_the_arrangement_along() {
    let home = Household::with_passphrase(Settings::default()).await;
    let agent = with_ada_and_grace(&home).await;
    good(&home.doorkey(&["account", "rename", PROFILE, "--account", "demo|grace", LABEL]).await);
    good(&home.doorkey(&["vault", "lock"]).await);
    let locked = refusal(agent.client.sessions().await);
    assert_eq!(locked.code, "store.locked");
    good(&home.doorkey(&["vault", "unlock"]).await);
    assert!(seen(&home).await.contains(&owned(("demo|grace", Some(LABEL), false, None))));
    good(&home.doorkey(&["vault", "use", "memory", "--yes"]).await);
    assert_eq!(agent.client.hello().await.expect("hello").vault.kind, VaultKind::Memory);
    assert!(seen(&home).await.contains(&owned(("demo|grace", Some(LABEL), false, None))));
    agent.terminate().await;
}

/// Which account a program gets tokens of is the person's word, not the program's.
#[tokio::test]
async fn no_other_program_changes_how_accounts_are_seen() {
    let home = Household::in_memory(Settings::default()).await;
    let (agent, ada) = home.agent_with_ada().await;
    let change = SessionChange { label: Some("mine".to_owned()), preferred: Some(true), position: Some(0) };
    let refused = refusal(agent.client.change_session(&ada.id, &change).await);
    assert_eq!(refused.code, "broker.session_foreign");
    assert_eq!(seen(&home).await, [("demo|ada", None, false, None)].map(owned));
    agent.terminate().await;
}

/// Claims are no less than what the token leads to: a program needs the same consent for them.
#[tokio::test]
async fn a_program_without_consent_is_not_told_who_it_is() {
    let home = Household::in_memory(Settings::default()).await.asking();
    let (agent, ada) = home.agent_with_ada().await;
    let refused = refusal(agent.client.identity(&ada.id).await);
    assert_eq!(refused.code, "broker.consent_required");
    agent.terminate().await;
}

#[tokio::test]
async fn a_locked_vault_hides_who_the_provider_says_it_is() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, ada) = home.agent_with_ada().await;
    let shown = good(&home.doorkey(&["account", "show", "--json"]).await);
    assert_eq!(shown["id_token"]["claims"]["sub"], "demo|ada");
    let whole = agent.client.identity(&ada.id).await.expect("a report");
    agent.kill().await;

    let agent = home.agent().await;
    assert_eq!(agent.client.identity(&ada.id).await.expect("a report"), whole, "how it was judged is kept");
    let text = home.doorkey(&["account", "show", PROFILE]).await;
    for part in ["The ID token says, signed with RS256:", "demo|ada", "about the ID token held"] {
        assert!(text.stdout.contains(part), "{part}: {text:?}");
    }
    agent.client.lock_vault().await.expect("locked");
    assert_eq!(refusal(agent.client.identity(&ada.id).await).code, "store.locked");
    agent.terminate().await;
}

#[tokio::test]
async fn a_command_about_one_of_several_wants_to_know_which() {
    let home = Household::in_memory(Settings::default()).await;
    let agent = with_ada_and_grace(&home).await;
    for arguments in [&["account", "rename", PROFILE, "x"][..], &["account", "prefer", PROFILE], &["account", "show"]] {
        let ended = home.doorkey(arguments).await;
        assert_eq!(ended.code, Some(77), "{ended:?}");
        assert!(ended.stderr.contains("ada@example.test") && ended.stderr.contains("grace@example.test"), "{ended:?}");
    }
    let nobody = home.doorkey(&["account", "move", PROFILE, "--account", "eve", "1"]).await;
    assert!(nobody.code == Some(77) && nobody.stderr.contains("`eve` is not signed in"), "{nobody:?}");
    let unknown = home.doorkey(&["account", "move", "elsewhere", "1"]).await;
    assert_eq!(unknown.code, Some(78), "{unknown:?}");
    let place = home.doorkey(&["account", "move", PROFILE, "0"]).await;
    assert_eq!(place.code, Some(64), "{place:?}");
    let none = good(&home.doorkey(&["account", "prefer", PROFILE, "--none", "--json"]).await);
    assert_eq!(none["session"], Value::Null, "none was");
    good(&home.doorkey(&["account", "prefer", PROFILE, "--account", "demo|ada"]).await);
    let shown = good(&home.doorkey(&["account", "show", "--json"]).await);
    assert_eq!(shown["id_token"]["claims"]["sub"], "demo|ada", "the preferred one");
    let none = good(&home.doorkey(&["account", "prefer", PROFILE, "--none", "--json"]).await);
    assert_eq!(none["session"]["sub"], "demo|ada");
    agent.terminate().await;
}

async fn with_ada_and_grace(home: &Household) -> AgentProcess {
    let (agent, _) = home.agent_with_ada().await;
    let attempt = agent.begin().await;
    attempt.allow(&person("Grace")).await;
    attempt.done().await;
    agent
}

type Seen = (String, Option<String>, bool, Option<u64>);

fn owned((sub, label, preferred, position): (&str, Option<&str>, bool, Option<u64>)) -> Seen {
    (sub.to_owned(), label.map(str::to_owned), preferred, position)
}

/// As `doorkey status` has it, in its order.
async fn seen(home: &Household) -> Vec<Seen> {
    let status = good(&home.doorkey(&["status", "--json"]).await);
    let sessions = status["sessions"].as_array().expect("the sessions");
    let seen = |session: &Value| {
        (
            session["sub"].as_str().expect("sub").to_owned(),
            session["label"].as_str().map(str::to_owned),
            session["preferred"] == true,
            session["position"].as_u64(),
        )
    };
    sessions.iter().map(seen).collect()
}

/// The answer of a command that did what it was asked for.
fn good(ended: &Ended) -> Value {
    assert_eq!(ended.code, Some(0), "{ended:?}");
    serde_json::from_str(&ended.stdout).unwrap_or_default()
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let (folders, mut files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.extend(folders.iter().flat_map(|folder| files_below(folder)));
    files
}
