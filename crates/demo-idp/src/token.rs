//! The token endpoint (RFC 6749 3.2, 4.1.3; OpenID Connect Core 3.1.3).

use http::StatusCode;
use http::header::CACHE_CONTROL;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::answer::Answer;
use crate::authorize::read_audience;
use crate::client_auth::authenticate;
use crate::desk::Desk;
use crate::dpop::{self, Server};
use crate::grant::Grant;
use crate::id_token::Occasion;
use crate::request::Request;
use crate::{
    Client, Endpoint, Lax, Misbehaviour, Params, RefreshTokens, access_token, client_credentials, device, id_token,
    misbehaviour, random, refresh, token_exchange,
};

pub(crate) fn answer(desk: &mut Desk<'_>, request: &Request) -> Answer {
    let (client, form) = match authenticate(desk, request) {
        Ok(known) => known,
        Err(refusal) => return refusal,
    };
    let key = match dpop::check(desk, request, Endpoint::Token, Server::Authorization, None) {
        Ok(key) => key,
        Err(refusal) => return refusal.as_json(),
    };
    let asking = Asking { client, form, key };
    let mut answer = by_grant_type(desk, &asking);
    if let Some(chosen) = desk.state.behaviour.misbehaviour.filter(|_| answer.error.is_none()) {
        answer = misbehaviour::change_tokens(chosen, desk.facts, form, answer);
    }
    if desk.state.behaviour.forgets(Lax::Cacheable) {
        answer = answer.with_header(CACHE_CONTROL, "private, max-age=60");
    }
    match asking.key {
        Some(_) => dpop::with_new_nonce(desk, Server::Authorization, answer),
        None => answer,
    }
}

/// Who asks for tokens, and for what.
pub(crate) struct Asking<'a> {
    pub(crate) client: Client,
    pub(crate) form: &'a Params,
    /// The thumbprint of the key that proved itself (RFC 9449).
    pub(crate) key: Option<String>,
}

fn by_grant_type(desk: &mut Desk<'_>, asking: &Asking<'_>) -> Answer {
    match asking.form.get("grant_type") {
        Some("authorization_code") => exchange_code(desk, asking),
        Some(token_exchange::GRANT_TYPE) => token_exchange::answer(desk, asking),
        Some(token_exchange::FEDERATED_GRANT_TYPE) => token_exchange::federated(desk, asking),
        Some("client_credentials") => client_credentials::answer(desk, asking),
        Some("urn:ietf:params:oauth:grant-type:device_code") => device::poll(desk, asking),
        Some("refresh_token") => refresh::answer(desk, asking),
        Some(_) => refused("unsupported_grant_type", "that grant type is not supported"),
        None => refused("invalid_request", "grant_type is required"),
    }
}

pub(crate) fn refused(error: &str, description: &str) -> Answer {
    Answer::oauth_error(StatusCode::BAD_REQUEST, error, description)
}

fn exchange_code(desk: &mut Desk<'_>, asking: &Asking<'_>) -> Answer {
    let form = asking.form;
    let lax = &desk.state.behaviour;
    let (any_client, any_redirect) = (lax.forgets(Lax::AnyClientOfCode), lax.forgets(Lax::AnyRedirectOfCode));
    let (replay, stays) = (lax.forgets(Lax::CodeReplay), lax.forgets(Lax::ReplayedTokensStay));
    let (no_verifier, no_challenge) = (lax.forgets(Lax::NoVerifier), lax.forgets(Lax::NoChallenge));
    let any_verifier = lax.forgets(Lax::AnyVerifier);
    let verifier = form.get("code_verifier").or(no_verifier.then_some(""));
    let (Some(code), Some(redirect_uri), Some(verifier)) = (form.get("code"), form.get("redirect_uri"), verifier)
    else {
        return refused("invalid_request", "code, redirect_uri and code_verifier are required");
    };
    let now = desk.now;
    let Some(kept) = desk.state.codes.find_mut(code).filter(|kept| any_client || kept.grant.client == asking.client.id)
    else {
        return refused("invalid_grant", "the code is not known");
    };
    if kept.used && stays {
        return refused("invalid_grant", "the code was used before");
    }
    if kept.used && !replay {
        // RFC 6749 4.1.2: what the first use gave is revoked.
        let grant = kept.grant.id.clone();
        desk.state.revoke_grant(&grant);
        return refused("invalid_grant", "the code was used before; what it gave is revoked");
    }
    // One try: a wrong verifier or redirect URI ends the code too.
    kept.used = true;
    if kept.expires <= now {
        return refused("invalid_grant", "the code is too old");
    }
    if !any_redirect && !random::same(&kept.redirect_uri, redirect_uri) {
        return refused("invalid_grant", "redirect_uri is not that of the authorization request");
    }
    let well_formed = (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    let challenge = random::base64url(&Sha256::digest(verifier.as_bytes()));
    let fits = well_formed && random::same(&challenge, &kept.challenge);
    let needs_none = (no_verifier && verifier.is_empty()) || (no_challenge && kept.challenge.is_empty());
    if !(fits || any_verifier || needs_none) {
        return refused("invalid_grant", "code_verifier does not fit the code_challenge");
    }
    if kept.key.is_some() && kept.key != asking.key {
        return refused("invalid_grant", "the code is for the key that dpop_jkt named");
    }
    let (grant, nonce) = (kept.grant.clone(), kept.nonce.clone());
    give_first(desk, asking, grant, nonce)
}

/// The first tokens of a grant.
pub(crate) fn give_first(desk: &mut Desk<'_>, asking: &Asking<'_>, mut grant: Grant, nonce: Option<String>) -> Answer {
    // RFC 9449 5: a public client has nothing else to bind a refresh token to.
    grant.key = asking.key.clone().filter(|_| asking.client.is_public());
    let audience = match narrowed_audience(&grant, asking.form) {
        Ok(audience) => audience,
        Err(refusal) => return refusal,
    };
    desk.state.grants.insert(&grant.id, grant.clone());
    let refresh_token = match desk.facts.settings.refresh_tokens {
        RefreshTokens::Always => true,
        RefreshTokens::WithOfflineAccess => grant.has("offline_access"),
        RefreshTokens::Never => false,
    }
    .then(|| desk.state.new_refresh_token(&grant, desk.now.saturating_add(desk.facts.settings.refresh_life)));
    let (scopes, key, id_token) = (grant.scopes.clone(), asking.key.clone(), IdToken::WithNonce(nonce));
    give(desk, &grant, &Given { scopes, audience, key, refresh_token, id_token })
}

/// The audience of the grant, or the part of it that the token request asks for (RFC 8707 2.2).
pub(crate) fn narrowed_audience(grant: &Grant, form: &Params) -> Result<Vec<String>, Answer> {
    let asked = read_audience(form).map_err(|refusal| refusal.as_json())?;
    if asked.is_empty() {
        Ok(grant.audience.clone())
    } else if asked.iter().all(|one| grant.audience.contains(one)) {
        Ok(asked)
    } else {
        Err(refused("invalid_target", "that resource was not granted"))
    }
}

pub(crate) struct Given {
    pub(crate) scopes: Vec<String>,
    pub(crate) audience: Vec<String>,
    /// What the access token is bound to.
    pub(crate) key: Option<String>,
    pub(crate) refresh_token: Option<String>,
    pub(crate) id_token: IdToken,
}

pub(crate) enum IdToken {
    WithNonce(Option<String>),
    WithoutNonce,
    None,
}

/// Every token answer, of codes and of refresh tokens (RFC 6749 5.1).
pub(crate) fn give(desk: &mut Desk<'_>, grant: &Grant, given: &Given) -> Answer {
    let mut access_token = access_token::issue(desk, grant, &given.scopes, &given.audience, given.key.as_deref());
    let downgraded = desk.state.behaviour.misbehaviour == Some(Misbehaviour::DpopDowngrade);
    let mut answer = json!({
        "token_type": if given.key.is_some() && !downgraded { "DPoP" } else { "Bearer" },
        "expires_in": desk.state.behaviour.token_life.as_secs(),
        "scope": given.scopes.join(" "),
    });
    if !grant.details.is_empty() {
        answer["authorization_details"] = grant.details.as_slice().into();
    }
    if let Some(refresh_token) = &given.refresh_token {
        answer["refresh_token"] = refresh_token.as_str().into();
        if let Some(life) = desk.state.behaviour.told_refresh_life {
            answer["refresh_expires_in"] = life.as_secs().into();
        }
    }
    let id_token = match &given.id_token {
        _ if !grant.has("openid") => None,
        IdToken::WithNonce(nonce) => id_token::issue(desk, grant, Occasion::SignIn(nonce.as_deref()), &access_token),
        IdToken::WithoutNonce => id_token::issue(desk, grant, Occasion::Renewal, &access_token),
        IdToken::None => None,
    };
    if let Some(id_token) = id_token {
        if desk.state.behaviour.misbehaviour == Some(Misbehaviour::AccessTokenIsIdToken) {
            let kept = desk.state.access_tokens.remove(&access_token);
            access_token.clone_from(&id_token);
            kept.into_iter().for_each(|kept| desk.state.access_tokens.insert(&access_token, kept));
        }
        answer["id_token"] = id_token.into();
    }
    answer["access_token"] = access_token.into();
    Answer::json(&answer)
}
