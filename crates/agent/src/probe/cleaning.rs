//! Revoking what a run got, however it ended. Sessions of the person are not touched: none of their tokens is here.

use doorkey_client::words::{ProbeCleaned, ProbeRequest, ProbeState};
use doorkey_oauth::{ClientSettings, RevocableToken, Revocation};

use super::desk::Desk;
use crate::exchanged::Purpose;

impl Desk<'_> {
    /// Revokes every token that came, refresh tokens first: with them goes the rest at most providers.
    pub(super) async fn clean(&mut self) {
        self.run.change(|view| (view.state, view.visit) = (ProbeState::Cleaning, None));
        let mut made = std::mem::take(&mut self.made);
        made.sort_by_key(|(_, token)| matches!(token, RevocableToken::Access(_)));
        let mut cleaned = ProbeCleaned::default();
        for (client, token) in made {
            match self.revoked(&client, token).await {
                Ok(()) => cleaned.revoked += 1,
                Err(why) => {
                    cleaned.left += 1;
                    cleaned.reason = why;
                }
            }
        }
        self.run.change(|view| view.cleaned = Some(cleaned));
    }

    async fn revoked(&mut self, client: &ClientSettings, token: RevocableToken) -> Result<(), String> {
        if self.run.now().requests >= ProbeRequest::MOST_REQUESTS {
            return Err("as many requests as a run may send were sent; the rest ends by itself".to_owned());
        }
        let revocation = Revocation::begin(self.metadata, client, token).map_err(|error| error.to_string())?;
        self.pause().await;
        let answer = self.exchange(Purpose::Revocation, revocation.request()).await?;
        revocation.finish(&answer.response).map_err(|error| error.to_string())
    }
}
