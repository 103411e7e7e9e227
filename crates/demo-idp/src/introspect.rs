//! Token introspection (RFC 7662).

use http::StatusCode;
use serde_json::json;

use crate::answer::Answer;
use crate::client_auth::authenticate;
use crate::desk::Desk;
use crate::dpop;
use crate::request::Request;
use crate::token::refused;

pub(crate) fn answer(desk: &mut Desk<'_>, request: &Request) -> Answer {
    let (client, form) = match authenticate(desk, request) {
        Ok(known) => known,
        Err(refusal) => return refusal,
    };
    if client.is_public() {
        // Section 2.1: whoever asks proves itself, so that nobody can try tokens out.
        return Answer::oauth_error(StatusCode::UNAUTHORIZED, "invalid_client", "public clients may not ask");
    }
    let Some(token) = form.get("token").filter(|token| !token.is_empty()) else {
        return refused("invalid_request", "token is required");
    };
    Answer::json(
        &access_token(desk, token).or_else(|| refresh_token(desk, token)).unwrap_or(json!({ "active": false })),
    )
}

fn access_token(desk: &Desk<'_>, token: &str) -> Option<serde_json::Value> {
    let kept = desk.state.access_tokens.find(token).filter(|kept| !kept.revoked && kept.expires > desk.now)?;
    let grant = desk.state.living_grant(&kept.grant)?;
    let mut answer = json!({
        "active": true,
        "iss": desk.facts.issuer,
        "sub": grant.sub,
        "aud": kept.audience,
        "client_id": grant.client,
        "scope": kept.scopes.join(" "),
        "iat": kept.issued.as_secs(),
        "exp": kept.expires.as_secs(),
        "token_type": if kept.key.is_some() { "DPoP" } else { "Bearer" },
    });
    if let Some(key) = &kept.key {
        answer["cnf"] = dpop::confirmation(key);
    }
    if let Some(person) = desk.facts.person(&grant.sub) {
        answer["username"] = person.email.as_str().into();
    }
    if !grant.details.is_empty() {
        answer["authorization_details"] = grant.details.as_slice().into();
    }
    Some(answer)
}

fn refresh_token(desk: &Desk<'_>, token: &str) -> Option<serde_json::Value> {
    let kept = desk.state.refresh_tokens.find(token).filter(|kept| !kept.used && kept.expires > desk.now)?;
    let grant = desk.state.living_grant(&kept.grant)?;
    Some(json!({
        "active": true,
        "iss": desk.facts.issuer,
        "sub": grant.sub,
        "client_id": grant.client,
        "scope": grant.scopes.join(" "),
        "exp": kept.expires.as_secs(),
    }))
}
