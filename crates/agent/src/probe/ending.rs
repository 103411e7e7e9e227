//! What must be over when it is said to be: tokens that were revoked, and the browser's session.

use doorkey_client::words::{BrowserSignOut, ProbeOutcome, Refusal};
use doorkey_oauth::{EndSession, EndSessionError, RefreshToken, RevocableToken, Revocation, State, end_session_url};
use tokio::time::sleep;

use super::answer::Answered;
use super::cleaning::WOULD_END_ANOTHER;
use super::codes::nobody_says;
use super::desk::{Desk, Found, Stop, must_refuse};
use super::opens;
use super::refreshing::granted;
use super::rules::Rule;
use super::visit::{Back, Change};
use crate::end_session::{returned, way_back};
use crate::exchanged::Purpose;

use ProbeOutcome::{Failed, NotApplicable, Passed};

pub(super) async fn revoked(desk: &mut Desk<'_>) -> Result<(), Refusal> {
    if desk.metadata.revocation_endpoint.is_none() {
        let not_offered = || Ok((NotApplicable, "the provider offers no revocation".to_owned()));
        desk.tell(Rule::RevokedAccess, not_offered())?;
        return desk.tell(Rule::RevokedRefresh, not_offered());
    }
    if desk.might_end_another(&desk.client.client_id) {
        desk.tell(Rule::RevokedAccess, Err(Stop::NotAsked(WOULD_END_ANOTHER.to_owned())))?;
        return desk.tell(Rule::RevokedRefresh, Err(Stop::NotAsked(WOULD_END_ANOTHER.to_owned())));
    }
    let (tokens, refresh_token) = match granted(desk, "a sign-in for what is revoked").await {
        Ok(granted) => granted,
        Err(Stop::Run(why)) => return Err(why),
        Err(Stop::NotAsked(why)) => {
            desk.tell(Rule::RevokedAccess, Err(Stop::NotAsked(why.clone())))?;
            return desk.tell(Rule::RevokedRefresh, Err(Stop::NotAsked(why)));
        }
    };
    let access = access(desk, &tokens).await;
    desk.tell(Rule::RevokedAccess, access)?;
    let refresh = refresh(desk, refresh_token).await;
    desk.tell(Rule::RevokedRefresh, refresh)
}

async fn access(desk: &mut Desk<'_>, tokens: &Answered) -> Result<Found, Stop> {
    let Some(token) = tokens.access_token() else {
        return Err(Stop::NotAsked("there is no access token".to_owned()));
    };
    match desk.opens(&token).await? {
        Some(true) => {}
        Some(false) => return Err(Stop::NotAsked("it opened nothing before either".to_owned())),
        None => return Err(nobody_says()),
    }
    revoke(desk, RevocableToken::Access(token.clone())).await?;
    match desk.still_opens(&token).await? {
        Some(false) => Ok((Passed, "it opens nothing any more".to_owned())),
        Some(true) => Ok((Failed, "it still works".to_owned())),
        None => Err(nobody_says()),
    }
}

/// It is used once before: the grant may have ended with its access token, and then a refusal says nothing. Another one is
/// asked for where that is so.
async fn refresh(desk: &mut Desk<'_>, token: Option<RefreshToken>) -> Result<Found, Stop> {
    let no_token = || Ok((NotApplicable, "the provider gave no refresh token".to_owned()));
    let Some(token) = token else { return no_token() };
    let renewed = desk.refresh(&token).await?;
    let token = if renewed.gave_tokens() {
        renewed.refresh_token().unwrap_or(token)
    } else {
        match granted(desk, "another sign-in, for a refresh token that is revoked").await? {
            (_, Some(token)) => token,
            (_, None) => return no_token(),
        }
    };
    revoke(desk, RevocableToken::Refresh(token.clone())).await?;
    must_refuse(&desk.refresh(&token).await?)
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
        Back::Error(error) | Back::NotPushed(error) => {
            return Err(Stop::NotAsked(format!("`prompt=none` was refused before, with `{error}`")));
        }
        Back::Neither | Back::Nothing { .. } => {
            return Err(Stop::NotAsked("`prompt=none` was not answered before".to_owned()));
        }
    }
    let way_back = way_back(desk.profile).await;
    let random = format!("{}{}", desk.agent.host.identifier(), desk.agent.host.identifier());
    let asked = EndSession {
        id_token_hint: tokens.id_token(),
        post_logout_redirect_uri: way_back.as_ref().map(|loopback| loopback.redirect_uri().clone()),
        state: way_back.is_some().then(|| State::new(random.clone())),
    };
    let address = end_session_url(desk.metadata, &desk.client.client_id, &asked)
        .map_err(|error: EndSessionError| Stop::NotAsked(error.to_string()))?;
    opens(desk.run, "sign out there: say yes if you are asked", address.into());
    let leaving = async {
        match way_back {
            Some(loopback) => returned(desk.agent, loopback, Some(State::new(random))).await,
            None => std::future::pending().await,
        }
    };
    let is_over = tokio::select! {
        biased;
        why = desk.run.stopped() => return Err(Stop::Run(why)),
        outcome = leaving => outcome == BrowserSignOut::Confirmed,
        () = sleep(desk.wait()) => false,
    };
    Ok(match desk.visit("is the browser still signed in? (prompt=none)", Change::PromptNone).await? {
        Back::Error(error) if error == "login_required" => (Passed, "`login_required`".to_owned()),
        Back::Error(error) | Back::NotPushed(error) => {
            return Err(Stop::NotAsked(format!("`prompt=none` was refused with `{error}`")));
        }
        Back::Code { .. } if is_over => (Failed, "a code: the browser is still signed in".to_owned()),
        Back::Code { .. } => {
            return Err(Stop::NotAsked(
                "the browser is still signed in, but nobody saw whether you were asked there and said yes; with a \
                 `post_logout_redirect_path` that is registered, the browser comes back and tells"
                    .to_owned(),
            ));
        }
        Back::Neither | Back::Nothing { .. } => {
            return Err(Stop::NotAsked("`prompt=none` was not answered".to_owned()));
        }
    })
}
