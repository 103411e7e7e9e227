//! What must be over when it is said to be: tokens that were revoked, and the browser's session.

use doorkey_client::words::{ProbeOutcome, Refusal};
use doorkey_oauth::{EndSession, EndSessionError, RevocableToken, Revocation, end_session_url};
use tokio::time::{Duration, sleep};

use super::codes::nobody_says;
use super::desk::{Desk, Found, Stop, must_refuse};
use super::opens;
use super::refreshing::granted;
use super::rules::Rule;
use super::visit::{Back, Change};
use crate::exchanged::Purpose;

use ProbeOutcome::{Failed, NotApplicable, Passed};

/// At the provider's page, where the person may be asked first.
const USUAL_WAIT: u32 = 20;

pub(super) async fn revoked(desk: &mut Desk<'_>) -> Result<(), Refusal> {
    if desk.metadata.revocation_endpoint.is_none() {
        let not_offered = || Ok((NotApplicable, "the provider offers no revocation".to_owned()));
        desk.tell(Rule::RevokedAccess, not_offered())?;
        return desk.tell(Rule::RevokedRefresh, not_offered());
    }
    let (tokens, refresh_token) = match granted(desk, "a sign-in for what is revoked").await {
        Ok(granted) => granted,
        Err(Stop::Run(why)) => return Err(why),
        Err(Stop::NotAsked(why)) => {
            desk.tell(Rule::RevokedAccess, Err(Stop::NotAsked(why.clone())))?;
            return desk.tell(Rule::RevokedRefresh, Err(Stop::NotAsked(why)));
        }
    };
    let access = match tokens.access_token() {
        Some(token) => {
            let token_is_taken = desk.opens(&token).await;
            match token_is_taken {
                Ok(Some(true)) => match revoke(desk, RevocableToken::Access(token.clone())).await {
                    Ok(()) => match desk.opens(&token).await {
                        Ok(Some(false)) => Ok((Passed, "it opens nothing any more".to_owned())),
                        Ok(Some(true)) => Ok((Failed, "it still works".to_owned())),
                        Ok(None) => Err(nobody_says()),
                        Err(stop) => Err(stop),
                    },
                    Err(stop) => Err(stop),
                },
                Ok(Some(false)) => Err(Stop::NotAsked("it opened nothing before either".to_owned())),
                Ok(None) => Err(nobody_says()),
                Err(stop) => Err(stop),
            }
        }
        None => Err(Stop::NotAsked("there is no access token".to_owned())),
    };
    desk.tell(Rule::RevokedAccess, access)?;
    let refresh = match refresh_token {
        Some(token) => match revoke(desk, RevocableToken::Refresh(token.clone())).await {
            Ok(()) => match desk.refresh(&token).await {
                Ok(answered) => must_refuse(&answered),
                Err(stop) => Err(stop),
            },
            Err(stop) => Err(stop),
        },
        None => Ok((NotApplicable, "the provider gave no refresh token".to_owned())),
    };
    desk.tell(Rule::RevokedRefresh, refresh)
}

async fn revoke(desk: &mut Desk<'_>, token: RevocableToken) -> Result<(), Stop> {
    let revocation = Revocation::begin(desk.metadata, &desk.client, token)
        .map_err(|error| Stop::NotAsked(format!("it could not be revoked: {error}")))?;
    let answer = desk.send(Purpose::Revocation, revocation.request()).await?;
    revocation.finish(&answer.response).map_err(|error| Stop::NotAsked(format!("it could not be revoked: {error}")))
}

/// The last of all: it ends the person's own session in the browser, and is asked for by itself.
pub(super) async fn signed_out(desk: &mut Desk<'_>) -> Result<(), Refusal> {
    let found = if desk.request.logout {
        logged_out(desk).await
    } else {
        Err(Stop::NotAsked("it was not asked for: it would end your own session in the browser".to_owned()))
    };
    desk.tell(Rule::Logout, found)
}

async fn logged_out(desk: &mut Desk<'_>) -> Result<Found, Stop> {
    if desk.metadata.end_session_endpoint.is_none() {
        return Ok((NotApplicable, "the provider offers no logout endpoint".to_owned()));
    }
    let (tokens, _) = granted(desk, "a sign-in to sign out of").await?;
    // Without it, what is seen afterwards would say nothing.
    match desk.visit("is the browser signed in? (prompt=none)", Change::PromptNone).await? {
        Back::Code { .. } => {}
        Back::Error(error) => return Err(Stop::NotAsked(format!("`prompt=none` was refused before, with `{error}`"))),
        Back::Nothing { .. } => return Err(Stop::NotAsked("`prompt=none` was not answered before".to_owned())),
    }
    let asked = EndSession { id_token_hint: tokens.id_token(), post_logout_redirect_uri: None, state: None };
    let address = end_session_url(desk.metadata, &desk.client.client_id, &asked)
        .map_err(|error: EndSessionError| Stop::NotAsked(error.to_string()))?;
    opens(desk.run, "sign out there: say yes if you are asked", address.into());
    let wait = Duration::from_secs(u64::from(desk.request.wait.unwrap_or(USUAL_WAIT)));
    tokio::select! {
        biased;
        why = desk.run.stopped() => return Err(Stop::Run(why)),
        () = sleep(wait) => {}
    }
    Ok(match desk.visit("is the browser still signed in? (prompt=none)", Change::PromptNone).await? {
        Back::Error(error) if error.ends_with("_required") => (Passed, format!("`{error}`")),
        Back::Error(error) => return Err(Stop::NotAsked(format!("`prompt=none` was refused with `{error}`"))),
        Back::Code { .. } => (Failed, "a code: the browser is still signed in".to_owned()),
        Back::Nothing { .. } => return Err(Stop::NotAsked("`prompt=none` was not answered".to_owned())),
    })
}
