//! `doorkey probe`, the real program.

use doorkey_client::words::{ProbeOutcome, ProbeRun};
use doorkey_demo_idp::{Endpoint, Lax, Settings};
use doorkey_tests::program;
use doorkey_tests::terminal::{CTRL_C, Left};
use doorkey_tests::{Household, PROFILE, Terminal, skipped};

const FAST: [&str; 6] = ["--pace", "0ms", "--wait", "4s", "--leeway", "2s"];

#[tokio::test]
async fn it_tells_what_it_will_do_and_answers_in_json() {
    let home = household().await;
    let issuer = home.provider.issuer().to_owned();
    let arguments = [&["probe", PROFILE, "--i-own", &issuer, "--json"], FAST.as_slice()].concat();
    let ended = home.doorkey_with_robot(&arguments).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let run: ProbeRun = serde_json::from_str(&ended.stdout).expect("one answer");
    assert!(run.results.iter().all(|it| it.outcome != ProbeOutcome::Failed), "{run:?}");
    for told in ["at most 12 times", "At most 90 requests", "Auth0 keeps 200 refresh tokens", "code.replay"] {
        assert!(ended.stderr.contains(told), "{told}: {}", ended.stderr);
    }
}

#[tokio::test]
async fn who_is_signed_in_with_the_application_is_told_before_and_what_is_left_after() {
    let home = Household::with_passphrase(Settings::default()).await;
    let (agent, session) = home.agent_with_ada().await;
    let issuer = home.provider.issuer().to_owned();
    let arguments = [&["probe", PROFILE, "--i-own", &issuer], FAST.as_slice()].concat();
    let ended = home.doorkey_with_robot(&arguments).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let person = format!("{} is signed in with this application here", session.email.expect("an address"));
    assert!(ended.stderr.contains(&person) && ended.stderr.contains("nothing is revoked"), "{}", ended.stderr);
    for told in ["0 tokens revoked", "you are signed in with the same application", "may remain; revoke them at"] {
        assert!(ended.stdout.contains(told), "{told}: {}", ended.stdout);
    }
    let ended = home.doorkey_with_robot(&[&arguments[..], &["--end-other-sessions"]].concat()).await;
    assert!(ended.stderr.contains("this may end that session"), "{}", ended.stderr);
    assert!(ended.stdout.contains("All that it got was revoked"), "{}", ended.stdout);
    agent.terminate().await;
}

#[tokio::test]
async fn a_provider_that_fails_is_told_about_for_people_and_for_tickets() {
    let home = household().await;
    home.provider.knobs().forget(&[Lax::CodeReplay, Lax::Cacheable]);
    let issuer = home.provider.issuer().to_owned();
    let arguments = [&["probe", PROFILE, "--i-own", &issuer], FAST.as_slice()].concat();
    let ended = home.doorkey_with_robot(&arguments).await;
    assert_eq!(ended.code, Some(65), "{ended:?}");
    for told in ["code.replay", "RFC 6749 sections 4.1.2 and 10.5", "Mark a code as used", "max-age=60", "2 failed"] {
        assert!(ended.stdout.contains(told), "{told}: {}", ended.stdout);
    }
    let arguments = [&["probe", PROFILE, "--i-own", &issuer, "--markdown"], FAST.as_slice()].concat();
    let ended = home.doorkey_with_robot(&arguments).await;
    assert_eq!(ended.code, Some(65), "{ended:?}");
    assert!(ended.stdout.starts_with("# Probes of http://127.0.0.1:"), "{}", ended.stdout);
    assert!(ended.stdout.contains("## `code.replay`: A code that was redeemed, once more"), "{}", ended.stdout);
}

#[tokio::test]
async fn without_a_word_from_the_owner_nothing_is_sent() {
    let home = household().await;
    for arguments in
        [vec!["probe", PROFILE, "--json"], vec!["probe", PROFILE, "--i-own", "https://op.example", "--json"]]
    {
        let ended = home.doorkey_with_robot(&arguments).await;
        assert_eq!(ended.code, Some(64), "{ended:?}");
        assert!(ended.stdout.contains("usage.issuer_not_confirmed"), "{ended:?}");
    }
    assert!(home.provider.log().entries().is_empty());
}

#[tokio::test]
async fn at_a_terminal_the_issuer_is_typed_and_ctrl_c_still_cleans_up() {
    let home = household().await;
    let mut command = home.command(&["probe", PROFILE, "--pace", "50ms", "--wait", "20s"]);
    command.env("BROWSER", program::robot()).env("NO_COLOR", "1");
    let Some(mut terminal) = Terminal::start(&command) else {
        return skipped("at_a_terminal_the_issuer_is_typed_and_ctrl_c_still_cleans_up", "there is no `script`");
    };
    terminal.shows(&["type its issuer:"]).await;
    assert!(home.provider.log().entries().is_empty());
    let issuer = home.provider.issuer();
    terminal.types(&format!("{issuer}\n")).await;
    terminal.shows(&["refresh.reuse_revokes"]).await;
    terminal.types(CTRL_C).await;
    let Left { code, screen, .. } = terminal.left().await;
    assert_eq!(code, 130, "{screen}");
    assert!(screen.contains("All that it got was revoked") && screen.contains("could not be asked"), "{screen}");
    assert!(home.provider.log().count(Endpoint::Revoke) > 0);
}

async fn household() -> Household {
    let home = Household::in_memory(Settings::default()).await;
    home.add_profile().await;
    home.provider.log().clear();
    home
}
