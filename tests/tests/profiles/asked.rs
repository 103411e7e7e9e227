//! Questions to a person at a real terminal.

use std::fs;

use doorkey_tests::terminal::{CTRL_C, Left};
use doorkey_tests::{Household, PROFILE, Terminal, skipped};

use crate::{good, home, read, written};

/// Adds a profile with a question for something that is not shown.
fn adding<'a>(home: &'a Household, more: &[&'a str]) -> Vec<&'a str> {
    [&["profile", "add", "web", "--issuer", home.provider.issuer()][..], more].concat()
}

/// Asks the question, types, and sees how the terminal is left; nothing where there is none.
async fn answered(home: &Household, arguments: &[&str], question: &str, typed: &str) -> Option<Left> {
    let mut command = home.command(arguments);
    let mut terminal = Terminal::start(command.env("NO_COLOR", "1"))?;
    terminal.shows(&[question]).await;
    terminal.types(typed).await;
    Some(terminal.left().await)
}

/// L-T05: Ctrl-C at a question for a secret | 130, and the terminal shows again what is typed
#[tokio::test]
async fn ctrl_c_at_a_question_for_a_secret_gives_the_terminal_back() {
    let home = home().await;
    let questions: [(&[&str], &str); 3] = [
        (&["--client-id", "x", "--client-secret-stdin"], "Client secret (not shown): "),
        (&["--client-id", "x", "--client-key-stdin"], "Paste the private key, and end with Ctrl-D (not shown): "),
        (&["--register", "--initial-access-token-stdin"], "Initial access token (not shown): "),
    ];
    for (more, question) in questions {
        let typed = format!("CANARY{CTRL_C}");
        let Some(left) = answered(&home, &adding(&home, more), question, &typed).await else {
            return skipped("ctrl_c_at_a_question_for_a_secret_gives_the_terminal_back", "there is no `script`");
        };
        assert_eq!((left.code, left.echo), (130, true), "{left:?}");
        assert!(left.screen.contains("\nerror: The question for the ") && !left.screen.contains("CANARY"), "{left:?}");
    }
    assert!(!home.paths().profiles().exists(), "nothing was added");
}

#[tokio::test]
async fn a_secret_that_is_typed_goes_into_the_vault_and_is_not_shown() {
    let home = home().await;
    let agent = home.agent().await;
    let arguments = adding(&home, &["--client-id", "doorkey-demo", "--client-secret-stdin"]);
    let Some(left) = answered(&home, &arguments, "Client secret (not shown): ", "CANARY\n").await else {
        return skipped("a_secret_that_is_typed_goes_into_the_vault_and_is_not_shown", "there is no `script`");
    };
    assert!(left.code == 0 && left.echo && !left.screen.contains("CANARY"), "{left:?}");
    assert!(agent.client.profiles().await.expect("the profiles")[0].has_client_secret);
    agent.terminate().await;
}

/// L-T05: Ctrl-C at a question for a yes | 130 at once, and nothing is done
#[tokio::test]
async fn ctrl_c_at_a_question_for_a_yes_is_a_no_at_once() {
    let home = home().await;
    let (agent, _) = home.agent_with_ada().await;
    let file = home.folder().join("shared.toml");
    fs::write(&file, good("shared")).expect("written");
    let file = file.display().to_string();
    let questions: [(&[&str], &str, &str); 2] = [
        (&["profile", "remove", PROFILE], "Remove it and forget that? [y/N] ", "The removal was stopped."),
        (&["profile", "import", &file], "Take over 1 profile? [y/N] ", "The import was stopped."),
    ];
    for (arguments, question, told) in questions {
        let Some(left) = answered(&home, arguments, question, CTRL_C).await else {
            return skipped("ctrl_c_at_a_question_for_a_yes_is_a_no_at_once", "there is no `script`");
        };
        assert_eq!((left.code, left.echo), (130, true), "{left:?}");
        assert!(left.screen.contains(&format!("\nerror: {told}")), "{left:?}");
    }
    let profiles = agent.client.profiles().await.expect("the profiles");
    assert_eq!(profiles.iter().map(|view| view.profile.name.as_str()).collect::<Vec<_>>(), [PROFILE]);

    for (arguments, question, _) in questions {
        let left = answered(&home, arguments, question, "y\n").await.expect("a terminal");
        assert_eq!((left.code, left.echo), (0, true), "{left:?}");
    }
    let profiles = agent.client.profiles().await.expect("the profiles");
    assert_eq!(profiles.iter().map(|view| view.profile.name.as_str()).collect::<Vec<_>>(), ["shared"]);
    agent.terminate().await;
}

/// An editor that says so, waits for Enter and changes the audience; each time it is opened is a line of a file.
async fn editing(home: &Household) -> Option<Terminal> {
    let editor = home.folder().join("editor");
    let opened = home.folder().join("opened").display().to_string();
    let text = format!(
        "echo opened >> '{opened}'\necho 'in the editor'\nread enter\n\
         sed -i 's/^client_id.*/&\\naudience = \"https:\\/\\/api.example\"/' \"$1\"\n"
    );
    fs::write(&editor, text).expect("written");
    let mut command = home.command(&["profile", "edit", PROFILE]);
    command.env("NO_COLOR", "1").env("EDITOR", format!("sh {}", editor.display()));
    let mut terminal = Terminal::start(&command)?;
    terminal.shows(&["in the editor"]).await;
    Some(terminal)
}

fn times_opened(home: &Household) -> usize {
    fs::read_to_string(home.folder().join("opened")).expect("it was opened").lines().count()
}

#[tokio::test]
async fn an_agent_that_ends_while_a_person_edits_is_not_missed() {
    let home = home().await;
    let agent = home.agent().await;
    agent.put_profile(home.provider.issuer()).await;
    let Some(mut terminal) = editing(&home).await else {
        return skipped("an_agent_that_ends_while_a_person_edits_is_not_missed", "there is no `script`");
    };
    agent.terminate().await;
    terminal.types("\n").await;
    let left = terminal.left().await;
    assert_eq!((left.code, times_opened(&home)), (0, 1), "{left:?}");
    assert!(read(&home).contains("https://api.example"), "{}", read(&home));
}

#[tokio::test]
async fn a_text_that_the_agent_refuses_is_there_again_and_is_kept_at_the_end() {
    let home = home().await;
    let agent = home.agent().await;
    agent.put_profile(home.provider.issuer()).await;
    let Some(mut terminal) = editing(&home).await else {
        return skipped("a_text_that_the_agent_refuses_is_there_again_and_is_kept_at_the_end", "there is no `script`");
    };
    let newer = format!("version = 2\n{}", read(&home));
    written(&home, &newer);
    terminal.types("\n").await;
    terminal.shows(&["Edit it again? [Y/n] "]).await;
    terminal.types(CTRL_C).await;
    let left = terminal.left().await;
    assert_eq!((left.code, left.echo, times_opened(&home)), (130, true, 1), "{left:?}");
    let told = left.screen.split_whitespace().collect::<Vec<_>>().join(" ");
    let path = told.split("Your text is in ").nth(1).and_then(|rest| rest.split(':').next());
    let path = path.unwrap_or_else(|| panic!("no path: {told}"));
    assert!(fs::read_to_string(path).expect("the text").contains("audience = \"https://api.example\""));
    fs::remove_file(path).expect("tidied up");
    assert_eq!(read(&home), newer);
    agent.terminate().await;
}
