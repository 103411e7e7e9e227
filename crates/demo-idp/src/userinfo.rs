//! The userinfo endpoint (OpenID Connect Core 5.3, RFC 6750).

use http::StatusCode;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use serde_json::json;

use crate::answer::Answer;
use crate::desk::Desk;
use crate::dpop::{self, Server};
use crate::request::Request;
use crate::{Endpoint, Lax, id_token, misbehaviour};

pub(crate) fn answer(desk: &mut Desk<'_>, request: &Request) -> Answer {
    if !request.headers.contains_key(AUTHORIZATION) {
        // RFC 6750 3.1: no error code for a request without any authentication.
        return challenge(StatusCode::UNAUTHORIZED, None, "there is no access token in the Authorization header");
    }
    match request.authorization("DPoP") {
        None => details(desk, request.authorization("Bearer"), None),
        Some(token) => match dpop::check(desk, request, Endpoint::Userinfo, Server::Resource, Some(token)) {
            Err(refusal) => refusal.as_challenge(),
            Ok(key) => {
                let answer = details(desk, Some(token), Some(key.as_deref().unwrap_or_default()));
                dpop::with_new_nonce(desk, Server::Resource, answer)
            }
        },
    }
}

/// `key` is the one that proved itself; empty when the proof was missing (RFC 9449 7.1).
fn details(desk: &Desk<'_>, token: Option<&str>, key: Option<&str>) -> Answer {
    let Some(token) = token else {
        let why = "the Authorization header carries no Bearer or DPoP token";
        return challenge(StatusCode::BAD_REQUEST, Some("invalid_request"), why);
    };
    let stays = desk.state.behaviour.forgets(Lax::RevokedAccessStays);
    let kept = desk.state.access_tokens.find(token).filter(|kept| (stays || !kept.revoked) && kept.expires > desk.now);
    let kept = kept.filter(|kept| kept.key.as_deref() == key);
    let Some((kept, grant)) = kept.and_then(|kept| Some((kept, desk.state.living_grant(&kept.grant)?))) else {
        let why = "the access token is not known, was revoked, has expired, or is bound to another key";
        return challenge(StatusCode::UNAUTHORIZED, Some("invalid_token"), why);
    };
    if !kept.scopes.iter().any(|scope| scope == "openid") {
        return challenge(StatusCode::FORBIDDEN, Some("insufficient_scope"), "the access token has no scope openid");
    }
    let mut claims = json!({ "sub": desk.state.behaviour.userinfo_sub.as_ref().unwrap_or(&grant.sub) });
    if let Some(person) = desk.facts.person(&grant.sub) {
        id_token::add_claims(&mut claims, person, &kept.scopes);
    }
    let signed = desk.client(&grant.client).is_some_and(|client| client.signed_userinfo);
    match desk.state.behaviour.misbehaviour {
        None if signed => misbehaviour::jwt(misbehaviour::signed_userinfo(desk, claims, &grant.client)),
        Some(chosen) => misbehaviour::change_userinfo(chosen, desk, claims, &grant.client),
        None => Answer::json(&claims),
    }
}

fn challenge(status: StatusCode, error: Option<&str>, why: &str) -> Answer {
    let realm = r#"Bearer realm="demo provider""#;
    let answer = match error {
        None => Answer::empty(status).with_header(WWW_AUTHENTICATE, realm),
        Some(error) => Answer::oauth_error(status, error, "the access token does not open this")
            .with_header(WWW_AUTHENTICATE, format!(r#"{realm}, error="{error}""#)),
    };
    answer.because(why)
}
