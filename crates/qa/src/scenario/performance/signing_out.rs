//! The sign-out of a run.

use std::time::Instant;

use doorkey_client::ClientError;
use doorkey_client::words::{BrowserBy, EventKind, SignOut, SignOutRequest, Update};

use super::command::Running;
use super::{Broken, Halt, Stage};
use crate::scenario::browser::do_steps;
use crate::scenario::judge::Kind;
use crate::scenario::{Expect, Hands, Seen};

impl Stage<'_> {
    /// `hands` open the provider's sign-out page, where there is one. What is expected of `done` tells where there is none.
    pub(super) async fn sign_out(&mut self, how: SignOut, hands: &Hands, expect: &Expect) -> Result<bool, Halt> {
        let before = self.newest_entry().await?;
        let began = Instant::now();
        let mut updates = self.client.updates(None).await?;
        let browser = match self.run.hands {
            Hands::Person => BrowserBy::Agent,
            Hands::Chromium(_) | Hands::Command(_) => BrowserBy::Caller,
        };
        let request = SignOutRequest { profile: self.profile.name.clone(), account: None, how, browser };
        let mut seen = Seen::default();
        match self.client.sign_out(&request).await {
            Ok(answer) => {
                seen.done = Some(answer.steps);
                // What a command has started may be at the page until the browser has come back.
                let _at_the_page = match &answer.end_session_url {
                    Some(address) => self.leave(hands, address, began).await?,
                    None => None,
                };
                if let Some(flow) = answer.waits_for.filter(|_| expect.browser.is_some()) {
                    seen.browser = loop {
                        match updates.next().await? {
                            Some(Update::Event(event)) if event.flow.as_ref() == Some(&flow) => {
                                if let EventKind::BrowserSignedOut { outcome } = event.kind {
                                    break Some(outcome);
                                }
                            }
                            Some(_) => {}
                            None => break None,
                        }
                    };
                }
            }
            Err(ClientError::Refused(refusal)) => seen.refusal = Some(*refusal),
            Err(error) => return Err(error.into()),
        }
        seen.took = began.elapsed();
        let wanted = |kind: &EventKind| matches!(kind, EventKind::SignedOut { .. });
        seen.flow = self.flow_since(before, "signed_out", wanted).await?;
        Ok(self.note("sign-out", Kind::SignOut(how), expect, seen))
    }

    /// The page is opened, and done is what the scenario says. The agent takes it as done when it hands out the address.
    async fn leave(&mut self, hands: &Hands, address: &str, began: Instant) -> Result<Option<Running>, Halt> {
        match (hands, &self.browser) {
            (Hands::Chromium(steps), Some(browser)) => {
                let done = do_steps(browser.page(), address, steps, self.secrets, || false).await;
                done.map(|()| None).map_err(|fault| self.note_page("sign-out", &fault, None, began.elapsed()))
            }
            (Hands::Command(words), _) => {
                let mut running = self.command(words, address).map_err(Broken::Command)?;
                let status = running.ended().await.map_err(Broken::Command)?;
                if status.success() {
                    return Ok(Some(running));
                }
                let program = running.program();
                Err(Broken::Command(format!("`{program}` ended with {status} at the provider's sign-out page")).into())
            }
            (Hands::Person, _) | (Hands::Chromium(_), None) => {
                Err(Broken::Page("nobody is there to open the provider's sign-out page".to_owned()).into())
            }
        }
    }
}
