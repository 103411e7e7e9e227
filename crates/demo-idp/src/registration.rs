//! Dynamic registration of clients (RFC 7591), where it is open.

use http::StatusCode;
use serde_json::{Value, json};
use url::Url;

use crate::answer::Answer;
use crate::desk::Desk;
use crate::request::Request;
use crate::{Client, Redirect, random};

const MOST_CLIENTS: usize = 128;
const METHODS: [&str; 4] = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"];

pub(crate) fn answer(desk: &mut Desk<'_>, request: &Request) -> Answer {
    if !desk.state.behaviour.registration {
        return Answer::oauth_error(StatusCode::FORBIDDEN, "access_denied", "registration is closed here");
    }
    let Some(asked) = request.json.as_ref().filter(|asked| asked.is_object()) else {
        return refused("invalid_client_metadata", "the body must be a JSON object");
    };
    if desk.state.registered.len() >= MOST_CLIENTS {
        return Answer::oauth_error(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", "too many clients");
    }
    match read(asked) {
        Ok(client) => register(desk, asked, client),
        Err(refusal) => refusal,
    }
}

fn read(asked: &Value) -> Result<Client, Answer> {
    let invalid = |description: &str| refused("invalid_client_metadata", description);
    let uris: Vec<&str> = asked["redirect_uris"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if uris.is_empty() {
        return Err(refused("invalid_redirect_uri", "redirect_uris must be a list of texts"));
    }
    let redirects = uris.iter().map(|uri| rule(uri)).collect::<Option<Vec<_>>>();
    let redirects = redirects.ok_or_else(|| refused("invalid_redirect_uri", "loopback, or https"))?;
    let list = |name: &str, known: &[&str]| match &asked[name] {
        Value::Null => true,
        Value::Array(all) => all.iter().all(|one| one.as_str().is_some_and(|one| known.contains(&one))),
        _ => false,
    };
    if !list("response_types", &["code"]) || !list("grant_types", &crate::metadata::GRANT_TYPES) {
        return Err(invalid("response_types or grant_types has one that is not supported"));
    }
    // RFC 7591 2: `client_secret_basic` when it is left out.
    let method = asked["token_endpoint_auth_method"].as_str().unwrap_or("client_secret_basic");
    if !METHODS.contains(&method) {
        return Err(invalid("token_endpoint_auth_method is not supported"));
    }
    let id = format!("dyn-{}", random::name());
    let name = asked["client_name"].as_str().unwrap_or(&id).to_owned();
    let client = match method {
        "none" => Client::public(&id, redirects),
        "private_key_jwt" if asked["jwks"].is_object() => Client::with_keys(&id, asked["jwks"].clone(), redirects),
        "private_key_jwt" => return Err(invalid("jwks is required")),
        _ => Client::confidential(&id, &random::token(), redirects),
    };
    let post_logout = asked["post_logout_redirect_uris"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let post_logout_redirects = post_logout.filter_map(rule).collect();
    let signed_userinfo = asked["userinfo_signed_response_alg"] == "RS256";
    Ok(Client { name, post_logout_redirects, signed_userinfo, ..client })
}

/// RFC 8252 7.3: a loopback address is registered without its port, and fits with any.
fn rule(uri: &str) -> Option<Redirect> {
    let url = Url::parse(uri).ok().filter(|url| url.fragment().is_none())?;
    let is_loopback = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    match url.scheme() {
        "http" if is_loopback => Some(Redirect::LoopbackPath { path: url.path().into() }),
        "https" => Some(Redirect::Exact(uri.into())),
        _ => None,
    }
}

fn register(desk: &mut Desk<'_>, asked: &Value, client: Client) -> Answer {
    let mut answer = json!({
        "client_id": client.id,
        "client_id_issued_at": desk.now.as_secs(),
        "client_name": client.name,
        "redirect_uris": asked["redirect_uris"],
        "response_types": ["code"],
        "grant_types": asked.get("grant_types").cloned().unwrap_or(json!(["authorization_code"])),
        "token_endpoint_auth_method":
            asked.get("token_endpoint_auth_method").cloned().unwrap_or("client_secret_basic".into()),
        "application_type": asked.get("application_type").cloned().unwrap_or("web".into()),
    });
    if let Some(secret) = &client.secret {
        answer["client_secret"] = secret.as_str().into();
        answer["client_secret_expires_at"] = 0.into();
    }
    for kept in ["scope", "jwks", "post_logout_redirect_uris", "userinfo_signed_response_alg"] {
        if let Some(value) = asked.get(kept) {
            answer[kept] = value.clone();
        }
    }
    desk.state.registered.push(client);
    Answer { status: StatusCode::CREATED, ..Answer::json(&answer) }
}

fn refused(error: &str, description: &str) -> Answer {
    Answer::oauth_error(StatusCode::BAD_REQUEST, error, description)
}
