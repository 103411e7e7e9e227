//! One token for another: token exchange (RFC 8693), and the upstream provider's own access token in the shape
//! that Auth0 has for it.

use http::StatusCode;
use serde_json::json;

use crate::answer::Answer;
use crate::authorize::read_audience;
use crate::desk::Desk;
use crate::grant::Grant;
use crate::token::{Asking, Given, IdToken, give, refused};
use crate::{Params, random};

pub(crate) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub(crate) const FEDERATED_GRANT_TYPE: &str =
    "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
const FEDERATED_TOKEN: &str = "http://auth0.com/oauth/token-type/federated-connection-access-token";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";

/// Section 2.1: a new access token for other resources, with the same or fewer scopes.
pub(crate) fn answer(desk: &mut Desk<'_>, asking: &Asking<'_>) -> Answer {
    let form = asking.form;
    if form.get("requested_token_type").is_some_and(|wanted| wanted != ACCESS_TOKEN) {
        return refused("invalid_request", "only access tokens are given for other tokens");
    }
    if form.get("actor_token").is_some() {
        return refused("invalid_request", "nobody acts for anybody else here");
    }
    let (grant, scopes) = match subject(desk, asking, &[ACCESS_TOKEN, REFRESH_TOKEN, ID_TOKEN]) {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    let scopes = match form.get("scope").filter(|asked| !asked.is_empty()) {
        None => scopes,
        Some(asked) if asked.split(' ').all(|one| scopes.iter().any(|scope| scope == one)) => {
            asked.split(' ').map(Into::into).collect()
        }
        Some(_) => return refused("invalid_scope", "the subject token does not have that scope"),
    };
    // OpenID Connect Core 5.3: what opens userinfo comes from a sign-in.
    let scopes = scopes.into_iter().filter(|scope| scope != "openid" && scope != "offline_access").collect();
    let audience = match read_audience(form) {
        Ok(audience) => audience,
        Err(refusal) => return refusal.as_json(),
    };
    let key = asking.key.clone();
    let answer = give(desk, &grant, &Given { scopes, audience, key, refresh_token: None, id_token: IdToken::None });
    answer.with_member("issued_token_type", ACCESS_TOKEN)
}

/// What the person's account at an upstream provider gave.
pub(crate) fn federated(desk: &mut Desk<'_>, asking: &Asking<'_>) -> Answer {
    let form = asking.form;
    if form.get("requested_token_type") != Some(FEDERATED_TOKEN) {
        return refused("invalid_request", "requested_token_type must be that of a federated connection");
    }
    let (grant, _) = match subject(desk, asking, &[ACCESS_TOKEN, REFRESH_TOKEN]) {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    let Some(connection) = form.get("connection").filter(|name| !name.is_empty()) else {
        return refused("invalid_request", "connection is required");
    };
    if !desk.facts.settings.connections.iter().any(|known| known == connection) {
        return Answer::oauth_error(
            StatusCode::UNAUTHORIZED,
            "federated_connection_refresh_token_not_found",
            "the account is not connected with that provider",
        );
    }
    Answer::json(&json!({
        "access_token": format!("upstream|{connection}|{}|{}", grant.sub, random::token()),
        "issued_token_type": FEDERATED_TOKEN,
        "token_type": "Bearer",
        "expires_in": desk.state.behaviour.token_life.as_secs(),
        "scope": "profile calendar:read",
    }))
}

/// The living grant behind the subject token, and the scopes the token has.
fn subject(desk: &Desk<'_>, asking: &Asking<'_>, taken: &[&str]) -> Result<(Grant, Vec<String>), Answer> {
    let form: &Params = asking.form;
    let (Some(token), Some(kind)) = (form.get("subject_token"), form.get("subject_token_type")) else {
        return Err(refused("invalid_request", "subject_token and subject_token_type are required"));
    };
    if !taken.contains(&kind) {
        return Err(refused("invalid_request", "a subject_token of that type is not taken"));
    }
    let no_good = || refused("invalid_request", "the subject_token is not good (RFC 8693 2.2.2)");
    let (grant, scopes, key) = match kind {
        ACCESS_TOKEN => {
            let kept = desk.state.access_tokens.find(token).ok_or_else(no_good)?;
            let good = !kept.revoked && kept.expires > desk.now;
            (good.then(|| kept.grant.clone()), Some(kept.scopes.clone()), kept.key.clone())
        }
        REFRESH_TOKEN => {
            let kept = desk.state.refresh_tokens.find(token).ok_or_else(no_good)?;
            ((!kept.used && kept.expires > desk.now).then(|| kept.grant.clone()), None, None)
        }
        _ => {
            let claims = desk.state.keys.open_own(token).ok_or_else(no_good)?;
            let good = claims["exp"].as_u64() > Some(desk.now.as_secs()) && claims["aud"] == asking.client.id.as_str();
            let is_its = |grant: &&Grant| claims["sid"] == grant.sid.as_str() && claims["sub"] == grant.sub.as_str();
            let grants = desk.state.grants.values().filter(|grant| grant.client == asking.client.id && !grant.revoked);
            (grants.filter(|_| good).find(is_its).map(|grant| grant.id.clone()), None, None)
        }
    };
    let grant = grant.and_then(|id| desk.state.living_grant(&id)).cloned().ok_or_else(no_good)?;
    let bound = key.or_else(|| grant.key.clone());
    if grant.client != asking.client.id || (bound.is_some() && bound != asking.key) {
        return Err(no_good());
    }
    let scopes = scopes.unwrap_or_else(|| grant.scopes.clone());
    Ok((grant, scopes))
}
