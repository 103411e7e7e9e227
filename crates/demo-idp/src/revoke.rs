//! Token revocation (RFC 7009).

use http::StatusCode;

use crate::answer::Answer;
use crate::client_auth::authenticate;
use crate::desk::Desk;
use crate::request::Request;
use crate::token::refused;

pub(crate) fn answer(desk: &mut Desk<'_>, request: &Request) -> Answer {
    let (client, form) = match authenticate(desk, request) {
        Ok(known) => known,
        Err(refusal) => return refusal,
    };
    let Some(token) = form.get("token").filter(|token| !token.is_empty()) else {
        return refused("invalid_request", "token is required");
    };
    // The hint is only a hint (RFC 7009 2.1): both kinds are looked through.
    let refresh = desk.state.refresh_tokens.find(token).map(|kept| kept.grant.clone());
    let access = desk.state.access_tokens.find(token).map(|kept| kept.grant.clone());
    let owner = refresh.as_ref().or(access.as_ref()).and_then(|id| desk.state.grants.find(id));
    if owner.is_some_and(|grant| grant.client != client.id) {
        return refused("invalid_grant", "the token belongs to another client");
    }
    if let Some(grant) = refresh {
        desk.state.revoke_grant(&grant);
    } else if let Some(kept) = desk.state.access_tokens.find_mut(token) {
        kept.revoked = true;
    }
    // RFC 7009 2.2: an unknown token is as good as revoked.
    Answer::empty(StatusCode::OK)
}
