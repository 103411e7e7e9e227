//! Authorization requests that must bring no code.

use doorkey_client::words::{ProbeOutcome, Refusal};

use super::codes::code_fields;
use super::desk::{Desk, Found, Stop, must_refuse};
use super::rules::Rule;
use super::visit::{Back, Change};

use ProbeOutcome::{Failed, Passed};

const OWN_PAGE: &str = "no answer, and a good request after it was answered at once: the provider keeps the browser on a \
     page of its own";

/// It may be refused, or wait for the person.
const SILENT: &str = "no answer came in time: the provider shows an error, or a page that waits for somebody";

pub(super) async fn asking(desk: &mut Desk<'_>) -> Result<(), Refusal> {
    let required = without_challenge(desk).await;
    desk.tell(Rule::PkceRequired, required)?;
    let plain = plain(desk).await;
    desk.tell(Rule::PkcePlain, plain)?;
    let elsewhere = elsewhere(desk).await;
    desk.tell(Rule::RedirectExact, elsewhere)
}

async fn without_challenge(desk: &mut Desk<'_>) -> Result<Found, Stop> {
    let (code, asked) = match desk.visit("a request without PKCE", Change::NoChallenge).await? {
        Back::Code { code, asked, .. } => (code, asked),
        Back::Error(error) => return Ok((Passed, Back::refusal(&error)?)),
        Back::NotPushed(error) => return Ok((Passed, format!("{}, when it was pushed", Back::refusal(&error)?))),
        Back::Neither => return Err(Stop::NotAsked("the answer had neither a code nor an error".to_owned())),
        Back::Nothing { .. } => return Err(Stop::NotAsked(SILENT.to_owned())),
    };
    // With the verifier that no challenge belongs to.
    let answered = desk.token(&code_fields(&code, &asked)).await?;
    if answered.gave_tokens() {
        return Ok((Failed, "a code without a challenge, and tokens for any verifier".to_owned()));
    }
    let got = format!("a code without a challenge; with a verifier {}", answered.said());
    if desk.is_public() {
        return Ok((Failed, got));
    }
    must_refuse(&answered).map(|(outcome, _)| (outcome, got))
}

async fn plain(desk: &mut Desk<'_>) -> Result<Found, Stop> {
    Ok(match desk.visit("a request with PKCE's method plain", Change::Plain).await? {
        Back::Code { .. } => (Failed, "a code".to_owned()),
        Back::Error(error) => (Passed, Back::refusal(&error)?),
        Back::NotPushed(error) => (Passed, format!("{}, when it was pushed", Back::refusal(&error)?)),
        Back::Neither => return Err(Stop::NotAsked("the answer had neither a code nor an error".to_owned())),
        Back::Nothing { .. } => return Err(Stop::NotAsked(SILENT.to_owned())),
    })
}

/// That nothing comes back says something only where the browser comes back by itself otherwise, before and after.
async fn elsewhere(desk: &mut Desk<'_>) -> Result<Found, Stop> {
    match desk.visit("a redirect to an address that is not registered", Change::RedirectElsewhere).await? {
        Back::Code { .. } => return Ok((Failed, "a code, at an address that is not registered".to_owned())),
        Back::NotPushed(error) => return Ok((Passed, format!("{}, when it was pushed", Back::refusal(&error)?))),
        Back::Error(error) => return Ok((Failed, format!("the browser was sent there with `{error}`"))),
        Back::Neither | Back::Nothing { stateless: true } => {
            return Ok((Failed, "the browser was sent there".to_owned()));
        }
        Back::Nothing { stateless: false } => {}
    }
    if desk.comes_back_by_itself() {
        let again = desk.visit("a good request: does the browser still come back?", Change::GoodAgain).await?;
        if matches!(again, Back::Code { .. }) && desk.comes_back_by_itself() {
            return Ok((Passed, OWN_PAGE.to_owned()));
        }
    }
    Err(Stop::NotAsked(format!(
        "nothing came back within {} s, and the browser does not always come back by itself in half that time, so it may \
         have waited for somebody; stay signed in there, or wait longer with --wait",
        desk.wait().as_secs(),
    )))
}
