//! Who is asking at the token and revocation endpoints (RFC 6749 2.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};

use crate::answer::Answer;
use crate::desk::Desk;
use crate::random;
use crate::request::Request;
use crate::{Client, Lax, Misbehaviour, Params, assertion};

/// The form of a request by a client that proved itself as far as it has a secret.
pub(crate) fn authenticate<'a>(desk: &mut Desk<'_>, request: &'a Request) -> Result<(Client, &'a Params), Answer> {
    let invalid = |description: &str| Answer::oauth_error(StatusCode::BAD_REQUEST, "invalid_request", description);
    let Some(form) = &request.form else {
        return Err(invalid("the body must be application/x-www-form-urlencoded"));
    };
    if let Some(name) = form.doubled() {
        return Err(invalid(&format!("{name} came twice")));
    }
    if request.query.names().next().is_some() {
        return Err(invalid("parameters belong into the body"));
    }
    let posted_id = form.get("client_id").filter(|id| !id.is_empty());
    let posted_secret = form.get("client_secret").filter(|secret| !secret.is_empty());
    if let Some(assertion) = form.get("client_assertion") {
        return by_assertion(desk, request, form, assertion);
    }
    let wrong_way = match desk.state.behaviour.misbehaviour {
        Some(Misbehaviour::ClientSecretBasicOnly) => posted_secret.is_some(),
        Some(Misbehaviour::ClientSecretPostOnly) => request.headers.contains_key(AUTHORIZATION),
        _ => false,
    };
    if wrong_way {
        return Err(unknown("a client may not authenticate in this way here"));
    }
    let (id, secret) = if request.headers.contains_key(AUTHORIZATION) {
        let Some((id, secret)) = request.authorization("Basic").and_then(decode_basic) else {
            return Err(unknown("the Authorization header is not understood"));
        };
        if posted_secret.is_some() {
            return Err(invalid("a client authenticates in one way only"));
        }
        if posted_id.is_some_and(|posted| posted != id) {
            return Err(invalid("client_id is not the one that authenticated"));
        }
        (id, Some(secret))
    } else {
        let Some(id) = posted_id else { return Err(unknown("client_id is missing")) };
        (id.to_owned(), posted_secret.map(str::to_owned))
    };
    let unregistered = || desk.state.behaviour.forgets(Lax::AnyClientOfCode).then(|| Client::public(&id, Vec::new()));
    let Some(client) = desk.client(&id).cloned().or_else(unregistered) else {
        return Err(unknown("the client is not known"));
    };
    if client.keys.is_some() {
        return Err(unknown("this client proves itself with its key (client_assertion)"));
    }
    match (&client.secret, secret) {
        (None, None) => Ok((client, form)),
        (Some(right), Some(given)) if random::same(right, &given) => Ok((client, form)),
        (Some(_), Some(_)) => Err(unknown("the secret is wrong")),
        (Some(_), None) => Err(unknown("this client must authenticate")),
        (None, Some(_)) => Err(unknown("this client is public and has no secret")),
    }
}

fn by_assertion<'a>(
    desk: &mut Desk<'_>,
    request: &Request,
    form: &'a Params,
    assertion: &str,
) -> Result<(Client, &'a Params), Answer> {
    let invalid = |description: &str| Answer::oauth_error(StatusCode::BAD_REQUEST, "invalid_request", description);
    if form.get("client_assertion_type") != Some(assertion::TYPE) {
        return Err(invalid("client_assertion_type is not that of a JWT"));
    }
    if request.headers.contains_key(AUTHORIZATION) || form.get("client_secret").is_some() {
        return Err(invalid("a client authenticates in one way only"));
    }
    let id = assertion::claimed_client(assertion).ok_or_else(|| unknown("client_assertion is no JWT"))?;
    if form.get("client_id").is_some_and(|posted| posted != id) {
        return Err(invalid("client_id is not the one that authenticated"));
    }
    let client = desk.client(&id).cloned().ok_or_else(|| unknown("the client is not known"))?;
    assertion::check(desk, &client, assertion, &desk.facts.url(request.endpoint)).map_err(unknown)?;
    Ok((client, form))
}

fn unknown(description: &str) -> Answer {
    Answer::oauth_error(StatusCode::UNAUTHORIZED, "invalid_client", description)
        .with_header(WWW_AUTHENTICATE, r#"Basic realm="demo provider""#)
}

/// RFC 6749 2.3.1: both parts are form-encoded before they are joined.
fn decode_basic(credentials: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decode = |part: &str| {
        // A lone value, so that `&` and `=` in it must have been encoded.
        let mut pairs = url::form_urlencoded::parse(part.as_bytes());
        match (pairs.next(), pairs.next()) {
            (Some((value, rest)), None) if rest.is_empty() => Some(value.into_owned()),
            (None, _) => Some(String::new()),
            _ => None,
        }
    };
    Some((decode(id)?, decode(secret)?))
}
