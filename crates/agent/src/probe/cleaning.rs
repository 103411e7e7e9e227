//! Revoking what a run got, however it ended, in a time of its own. Sessions of the person are not touched: none of their
//! tokens is here, and where the provider might end one with these, these are left (REV-03).

use std::collections::BTreeSet;
use std::time::Duration;

use doorkey_client::words::{ProbeCleaned, ProbeRequest, ProbeState};
use doorkey_oauth::{ClientSettings, RevocableToken, Revocation};
use tokio::time::{Instant, sleep, timeout_at};

use super::desk::Desk;
use crate::exchanged::Purpose;
use crate::revoke::has_session;

/// For all of it.
const LONGEST: Duration = Duration::from_secs(12);
/// Between its requests, however slow a run is wanted.
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

pub(super) const WOULD_END_ANOTHER: &str = "you are signed in with the same application, and the provider might end \
     that session too; `--end-other-sessions` allows it";

impl Desk<'_> {
    /// Revokes every token that came, the newest refresh token first: with it goes the rest at most providers.
    pub(super) async fn clean(&mut self) {
        self.run.change(|view| (view.state, view.visit) = (ProbeState::Cleaning, None));
        let mut made = std::mem::take(&mut self.made);
        made.reverse();
        made.sort_by_key(|(_, token)| matches!(token, RevocableToken::Access(_)));
        let deadline = Instant::now() + LONGEST;
        let mut cleaned = ProbeCleaned { unanswered: self.unanswered, ..ProbeCleaned::default() };
        let mut clients = BTreeSet::new();
        if self.unanswered > 0 {
            clients.insert(self.client.client_id.clone());
        }
        for (client, token) in made {
            let is_refresh = matches!(token, RevocableToken::Refresh(_));
            let outcome = match timeout_at(deadline, self.revoked(&client, token)).await {
                Ok(outcome) => outcome,
                Err(_) => Err(format!("revoking took longer than {} s", LONGEST.as_secs())),
            };
            match outcome {
                Ok(()) => cleaned.revoked += 1,
                Err(why) => {
                    clients.insert(client.client_id);
                    cleaned.left += 1;
                    cleaned.refresh_tokens_left += u32::from(is_refresh);
                    cleaned.reason = why;
                }
            }
        }
        cleaned.hint = self.what_remains(&cleaned, &clients);
        self.run.change(|view| view.cleaned = Some(cleaned));
    }

    async fn revoked(&mut self, client: &ClientSettings, token: RevocableToken) -> Result<(), String> {
        if self.might_end_another(&client.client_id) {
            return Err(WOULD_END_ANOTHER.to_owned());
        }
        if self.run.now().requests >= ProbeRequest::MOST_REQUESTS {
            return Err("as many requests as a run may send were sent".to_owned());
        }
        let revocation = Revocation::begin(self.metadata, client, token).map_err(|error| error.to_string())?;
        sleep(self.pace().min(LONGEST_PAUSE)).await;
        let answer = self.exchange(Purpose::Revocation, revocation.request()).await;
        let answer = answer.map_err(|error| error.refusal().message)?;
        revocation.finish(&answer.response).map_err(|error| error.to_string())
    }

    /// Whether revoking might end a session of the person: some providers keep one grant for a person and an
    /// application, and end all of it with any of its tokens.
    pub(super) fn might_end_another(&self, client_id: &str) -> bool {
        // Where nobody said who it is, it may be anybody.
        let is_one = |sub: &str| self.people.is_empty() || self.people.contains(sub);
        let issuer = self.metadata.issuer.as_str();
        !self.request.end_other_sessions && has_session(self.agent, issuer, client_id, is_one)
    }

    /// What a person can do about what is left of these clients; nothing where nothing is.
    fn what_remains(&self, cleaned: &ProbeCleaned, clients: &BTreeSet<String>) -> String {
        let many = |number: u32, what: &str| match number {
            0 => None,
            1 => Some(format!("1 {what}")),
            more => Some(format!("{more} {what}s")),
        };
        let kinds = [
            many(cleaned.refresh_tokens_left, "refresh token"),
            many(cleaned.left - cleaned.refresh_tokens_left, "access token"),
            many(cleaned.unanswered, "token request without an answer").map(|it| format!("what came of {it}")),
        ];
        let kinds: Vec<String> = kinds.into_iter().flatten().collect();
        if kinds.is_empty() {
            return String::new();
        }
        let clients: Vec<String> = clients.iter().map(|client| format!("`{client}`")).collect();
        format!(
            "{} may remain; revoke them at {}, where it lists the applications that may act for your account ({}).",
            kinds.join(" and "),
            self.metadata.issuer.as_str(),
            clients.join(", "),
        )
    }
}
