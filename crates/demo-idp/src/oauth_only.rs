//! A provider that speaks OAuth and no OpenID Connect, in the way of GitHub: nothing to discover, no ID tokens,
//! forms for answers, and a profile at an address of its own.

use http::StatusCode;
use http::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use crate::Endpoint;
use crate::answer::Answer;
use crate::desk::Desk;
use crate::request::Request;

/// What a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// OpenID Connect.
    OpenId,
    /// OAuth alone: no metadata, no ID tokens, answers as forms unless JSON is accepted, errors with HTTP 200,
    /// and the person's profile at [`Endpoint::User`].
    OauthOnly,
}

/// Scopes there are instead of those of OpenID Connect.
pub(crate) const SCOPES: [&str; 4] = ["read:user", "user:email", "repo", "gist"];

/// Whether there is nothing at that endpoint.
pub(crate) fn is_gone(kind: Kind, endpoint: Endpoint) -> bool {
    match kind {
        Kind::OpenId => endpoint == Endpoint::User,
        Kind::OauthOnly => matches!(
            endpoint,
            Endpoint::Discovery
                | Endpoint::OauthMetadata
                | Endpoint::Jwks
                | Endpoint::Userinfo
                | Endpoint::Logout
                | Endpoint::Pushed
                | Endpoint::Introspect
                | Endpoint::Register
        ),
    }
}

/// The answer of the token or the device endpoint, in its words and shape.
pub(crate) fn reshape(request: &Request, answer: &Answer) -> Answer {
    let mut members: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if let Some(scopes) = members["scope"].as_str() {
        members["scope"] = scopes.replace(' ', ",").into();
    }
    if let Some(members) = members.as_object_mut() {
        if members.contains_key("access_token") {
            members.remove("expires_in");
            members.insert("token_type".into(), "bearer".into());
        }
        match members.get("error").and_then(Value::as_str) {
            Some("invalid_grant") => members.insert("error".into(), "bad_verification_code".into()),
            Some("invalid_client") => members.insert("error".into(), "incorrect_client_credentials".into()),
            _ => None,
        };
    }
    let accepts = request.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let error = members["error"].as_str().map(str::to_owned);
    if accepts.contains("application/json") {
        return Answer { error, ..Answer::json(&members) };
    }
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let pairs = members.as_object().into_iter().flatten().map(|(name, value)| (name, plain(value)));
    let form = Serializer::new(String::new()).extend_pairs(pairs).finish();
    let said =
        Answer::empty(StatusCode::OK).with_header(CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8");
    Answer { body: form.into_bytes(), error, ..said }
}

/// The profile.
pub(crate) fn user(desk: &Desk<'_>, request: &Request) -> Answer {
    let token = request.authorization("Bearer").or_else(|| request.authorization("token")).unwrap_or_default();
    let kept = desk.state.access_tokens.find(token).filter(|kept| !kept.revoked && kept.expires > desk.now);
    let found = kept.and_then(|kept| Some((kept, desk.state.living_grant(&kept.grant)?)));
    let person = found.and_then(|(kept, grant)| Some((kept, desk.facts.person(&grant.sub)?)));
    let Some((kept, person)) = person else {
        let refusal = Answer::json(&json!({ "message": "Bad credentials" }));
        return Answer { status: StatusCode::UNAUTHORIZED, ..refusal };
    };
    let number = desk.facts.settings.people.iter().position(|one| one == person).unwrap_or_default() + 1;
    let sees_email = kept.scopes.iter().any(|scope| scope == "user:email");
    Answer::json(&json!({
        "login": person.email.split('@').next(),
        "id": number,
        "name": person.name,
        "email": sees_email.then_some(person.email.as_str()),
        "avatar_url": "",
        "type": "User",
    }))
}
