//! The question on the terminal, where no window is there.

use doorkey_demo_idp::Settings;
use doorkey_tests::{Household, Terminal, skipped};

use super::*;

/// B-T07: no window, but a terminal | the question is asked there, and a no is the answer to anything but a yes
#[tokio::test]
async fn a_person_at_a_terminal_is_asked_there() {
    let home = Household::in_memory(Settings::default()).await.asking();
    let (agent, _) = home.agent_with_ada().await;
    let mut command = home.command(&["token", PROFILE]);
    command.env("NO_COLOR", "1");
    for (typed, code, tokens) in [("\n", 77, false), ("o\n", 0, true), ("n\n", 77, false), ("y\n", 0, true)] {
        let Some(mut terminal) = Terminal::start(&command) else {
            return skipped("a_person_at_a_terminal_is_asked_there", "there is no `script`");
        };
        terminal.shows(&["wants an access token of work.", "[N]o: "]).await;
        terminal.types(typed).await;
        let left = terminal.left().await;
        assert_eq!((left.code, left.screen.contains("broker.denied")), (code, !tokens), "{typed:?}: {}", left.screen);
        assert!(left.screen.contains("it runs scripts"), "a shell called it: {}", left.screen);
    }
    // Said for 30 days: not asked any more.
    let Some(terminal) = Terminal::start(&command) else { return };
    let left = terminal.left().await;
    assert!(left.code == 0 && !left.screen.contains("wants an access token"), "{}", left.screen);
    let given = |event: &Event| matches!(event.kind, EventKind::TokenGiven { .. });
    assert_eq!(journal(&agent.client).await.iter().filter(|event| given(event)).count(), 3);
    agent.terminate().await;
}
