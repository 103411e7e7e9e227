//! Access tokens: to the clipboard, into a report, and, for a moment, before the person's eyes.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use doorkey_client::Client;
use doorkey_client::words::{Refusal, TokenReport, TokenRequest};
use tauri::{Runtime, State, WebviewWindow};
use tokio::time::Instant;

use super::{Answer, agent, told};
use crate::shell::Shell;

/// More than a person presses, fewer than a script would want.
const MOST_REVEALED: usize = 6;
const REVEALED_WITHIN: Duration = Duration::from_secs(60);

/// When tokens were shown, as far back as it counts.
#[derive(Default)]
pub(crate) struct Reveals(Mutex<VecDeque<Instant>>);

impl Reveals {
    /// Counts one, unless there were too many lately.
    fn one_more(&self, now: Instant) -> Answer<()> {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shown.retain(|at| now.duration_since(*at) < REVEALED_WITHIN);
        if shown.len() >= MOST_REVEALED {
            return Err(Refusal::new(
                "desktop.revealed_often",
                format!("{MOST_REVEALED} tokens were shown within a minute: no more are shown for now."),
                "Wait a minute, or copy the token instead.",
            )
            .retryable());
        }
        shown.push_back(now);
        Ok(())
    }
}

/// `session` is a session's id. The token goes from the agent to the clipboard; renewed first when it must be.
#[tauri::command]
pub(super) async fn copy_token(shell: State<'_, Shell>, session: String) -> Answer<()> {
    copy(&shell, &session).await
}

/// The same, for the tray.
pub(crate) async fn copy(shell: &Shell, session: &str) -> Answer<()> {
    let client = agent(shell).await?;
    let token = told(client.token(&request(&client, session).await?).await)?;
    shell.clipboard.copy_secret(token.access_token).await
}

/// The one secret that comes into the pages: one token of a session, each time a person asks to see it. Nothing keeps it
/// here, and a window that nobody sees is not shown any.
#[tauri::command]
#[expect(clippy::disallowed_methods, reason = "to the page, because the person pressed Reveal")]
pub(super) async fn reveal_token<R: Runtime>(
    window: WebviewWindow<R>,
    shell: State<'_, Shell>,
    session: String,
) -> Answer<String> {
    if !window.is_visible().unwrap_or_default() {
        let hint = "Open the window, and ask again there.";
        return Err(Refusal::new("desktop.not_seen", "A token is shown only in a window that is open.", hint));
    }
    let client = agent(&shell).await?;
    let request = request(&client, &session).await?;
    shell.reveals.one_more(Instant::now())?;
    Ok(told(client.token(&request).await)?.access_token.expose().to_owned())
}

#[tauri::command]
pub(super) async fn token_report(shell: State<'_, Shell>, session: String) -> Answer<TokenReport> {
    let client = agent(&shell).await?;
    told(client.token_report(&request(&client, &session).await?).await)
}

/// The call names a profile; the pages name a session.
async fn request(client: &Client, session: &str) -> Answer<TokenRequest> {
    let sessions = told(client.sessions().await)?.sessions;
    match sessions.into_iter().find(|one| one.id == session) {
        Some(found) => Ok(TokenRequest { account: Some(found.id), ..TokenRequest::for_profile(&found.profile) }),
        None => Err(Refusal::new("session.not_found", "This sign-in is gone.", "Sign in again.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_may_look_again_and_a_script_may_not_look_on_and_on() {
        let (reveals, begin) = (Reveals::default(), Instant::now());
        for second in 0..MOST_REVEALED as u64 {
            reveals.one_more(begin + Duration::from_secs(second)).expect("a person looks");
        }
        let refused = reveals.one_more(begin + Duration::from_secs(30)).expect_err("too many");
        assert_eq!((refused.code.as_str(), refused.retryable), ("desktop.revealed_often", true));
        reveals.one_more(begin + REVEALED_WITHIN).expect("the first is a minute ago");
        reveals.one_more(begin + REVEALED_WITHIN).expect_err("the second is not");
    }
}
