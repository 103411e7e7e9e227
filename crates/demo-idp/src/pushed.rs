//! Pushed authorization requests (RFC 9126).

use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use crate::answer::Answer;
use crate::authorize;
use crate::client_auth::authenticate;
use crate::desk::Desk;
use crate::dpop::{self, Server};
use crate::request::Request;
use crate::token::refused;
use crate::{Endpoint, Params, random};

/// RFC 9126 2.2 suggests between 5 and 600 seconds.
const LIFE: Duration = Duration::from_secs(60);
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// A request that waits for its browser.
pub(crate) struct Pushed {
    client: String,
    params: Params,
    expires: Duration,
}

pub(crate) fn answer(desk: &mut Desk<'_>, request: &Request) -> Answer {
    let (client, form) = match authenticate(desk, request) {
        Ok(known) => known,
        Err(refusal) => return refusal,
    };
    let proof = match dpop::check(desk, request, Endpoint::Pushed, Server::Authorization, None) {
        Ok(proof) => proof,
        Err(refusal) => return refusal.as_json(),
    };
    if form.get("request_uri").is_some() {
        return refused("invalid_request", "request_uri belongs into the address of the browser (section 2.1)");
    }
    let mut params = form.clone();
    if let Some(key) = proof {
        // RFC 9449 10.1: a proof here says the same as `dpop_jkt`.
        if params.get("dpop_jkt").is_some_and(|asked| asked != key) {
            return refused("invalid_dpop_proof", "the proof is not by the key that dpop_jkt names");
        }
        if params.get("dpop_jkt").is_none() {
            params = params.with("dpop_jkt", &key);
        }
    }
    // What belongs to the client's authentication is no part of the request.
    let params = params.without(&["client_secret", "client_assertion", "client_assertion_type"]);
    let params = if params.get("client_id").is_none() { params.with("client_id", &client.id) } else { params };
    if let Err(refusal) = authorize::examine(desk, &params) {
        return refusal;
    }
    let name = format!("{PREFIX}{}", random::token());
    let expires = desk.now.saturating_add(LIFE);
    desk.state.pushed.insert(&name, Pushed { client: client.id, params, expires });
    let answer = json!({ "request_uri": name, "expires_in": LIFE.as_secs() });
    let answer = Answer { status: StatusCode::CREATED, ..Answer::json(&answer) };
    dpop::with_new_nonce(desk, Server::Authorization, answer)
}

/// The request behind the `request_uri` of these parameters, which is then used up; the parameters themselves
/// when they name none. The error is for whoever writes the client.
pub(crate) fn take(desk: &mut Desk<'_>, params: &Params) -> Result<Params, String> {
    // Any other address is one to fetch a request from, which is refused to the client later.
    let Some(name) = params.get("request_uri").filter(|name| name.starts_with(PREFIX)) else {
        return match desk.state.behaviour.require_pushed {
            true => Err("this provider wants requests to be pushed (RFC 9126)".into()),
            false => Ok(params.clone()),
        };
    };
    if let Some(more) = params.names().find(|name| !["client_id", "request_uri"].contains(name)) {
        return Err(format!("{more} belongs into the pushed request"));
    }
    let kept = desk.state.pushed.remove(name).ok_or("request_uri is not known, or was used before")?;
    if kept.expires <= desk.now {
        return Err("request_uri is too old".into());
    }
    if params.get("client_id") != Some(kept.client.as_str()) {
        return Err("client_id is not that of the pushed request".into());
    }
    Ok(kept.params)
}
