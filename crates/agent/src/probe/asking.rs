//! Authorization requests that must bring no code.

use doorkey_client::words::{ProbeOutcome, Refusal};

use super::codes::code_fields;
use super::desk::{Desk, Found, Stop};
use super::rules::Rule;
use super::visit::{Back, Change};

use ProbeOutcome::{Failed, Passed};

const OWN_PAGE: &str = "no answer: the provider keeps the browser on a page of its own";

/// It may be refused, or wait for the person.
const SILENT: &str = "no answer came in time: the provider shows an error, or a page that waits for somebody";

pub(super) async fn asking(desk: &mut Desk<'_>) -> Result<(), Refusal> {
    let required = without_challenge(desk).await;
    desk.tell(Rule::PkceRequired, required)?;
    let plain = plain(desk).await;
    desk.tell(Rule::PkcePlain, plain)?;
    let elsewhere = match desk.visit("a redirect to an address that is not registered", Change::RedirectElsewhere).await
    {
        Ok(Back::Code { .. }) => Ok((Failed, "a code, at an address that is not registered".to_owned())),
        Ok(Back::Error(error)) if desk.metadata.require_pushed_authorization_requests => {
            Ok((Passed, format!("`{error}`, when it was pushed")))
        }
        Ok(Back::Error(error)) => Ok((Failed, format!("the browser was sent there with `{error}`"))),
        Ok(Back::Nothing { stateless: true }) => Ok((Failed, "the browser was sent there".to_owned())),
        Ok(Back::Nothing { stateless: false }) => Ok((Passed, OWN_PAGE.to_owned())),
        Err(stop) => Err(stop),
    };
    desk.tell(Rule::RedirectExact, elsewhere)
}

async fn without_challenge(desk: &mut Desk<'_>) -> Result<Found, Stop> {
    let (code, asked) = match desk.visit("a request without PKCE", Change::NoChallenge).await? {
        Back::Code { code, asked, .. } => (code, asked),
        Back::Error(error) => return Ok((Passed, format!("`{error}`"))),
        Back::Nothing { .. } => return Err(Stop::NotAsked(SILENT.to_owned())),
    };
    // With the verifier that no challenge belongs to.
    let answered = desk.token(&code_fields(&code, &asked)).await?;
    let is_public = desk.is_public();
    Ok(match (answered.gave_tokens(), is_public) {
        (true, _) => (Failed, "a code without a challenge, and tokens for any verifier".to_owned()),
        (false, true) => (Failed, format!("a code without a challenge; with a verifier {}", answered.said())),
        (false, false) => (Passed, format!("a code without a challenge; with a verifier {}", answered.said())),
    })
}

async fn plain(desk: &mut Desk<'_>) -> Result<Found, Stop> {
    Ok(match desk.visit("a request with PKCE's method plain", Change::Plain).await? {
        Back::Code { .. } => (Failed, "a code".to_owned()),
        Back::Error(error) => (Passed, format!("`{error}`")),
        Back::Nothing { .. } => return Err(Stop::NotAsked(SILENT.to_owned())),
    })
}
