//! What an authorization request asks for, read and judged (RFC 6749 4.1.1, OpenID Connect Core 3.1.2.1).

use std::time::Duration;

use http::StatusCode;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::Back;
use crate::answer::Answer;
use crate::desk::Desk;
use crate::flow::{AuthorizationRequest, Prompt};
use crate::{Endpoint, Kind, Lax, Params, metadata, oauth_only, random};

/// Why a request is refused to the client.
pub(crate) struct Refused {
    pub(super) error: &'static str,
    pub(super) description: String,
}

fn refused(error: &'static str, description: impl Into<String>) -> Refused {
    Refused { error, description: description.into() }
}

impl Refused {
    /// The same refusal at the token endpoint.
    pub(crate) fn as_json(&self) -> Answer {
        Answer::oauth_error(StatusCode::BAD_REQUEST, self.error, &self.description)
    }
}

pub(super) fn read(desk: &Desk<'_>, params: &Params, back: &Back) -> Result<AuthorizationRequest, Refused> {
    let invalid = |description: String| refused("invalid_request", description);
    if let Some(name) = params.doubled() {
        return Err(invalid(format!("{name} came twice")));
    }
    let one = |name| params.get(name).filter(|value| !value.is_empty());
    for (name, error) in [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ] {
        if one(name).is_some() {
            return Err(refused(error, format!("{name} is not supported")));
        }
    }
    match one("response_type") {
        Some("code") => {}
        Some(other) => return Err(refused("unsupported_response_type", format!("{other} is not supported, code is"))),
        None => return Err(invalid("response_type is required".into())),
    }
    if one("response_mode").is_some_and(|mode| !["query", "form_post"].contains(&mode)) {
        return Err(invalid("response_mode must be query or form_post".into()));
    }
    // RFC 7636 4.3: without a method, `plain` is meant.
    let lax = &desk.state.behaviour;
    let is_plain = one("code_challenge_method").unwrap_or("plain") == "plain" && one("code_challenge").is_some();
    let plain = is_plain.then(|| one("code_challenge").map(hashed)).flatten().filter(|_| lax.forgets(Lax::Plain));
    let none = one("code_challenge").is_none() && lax.forgets(Lax::NoChallenge);
    if plain.is_none() && !none && one("code_challenge_method").unwrap_or("plain") != "S256" {
        return Err(invalid("code_challenge_method must be S256".into()));
    }
    let challenge = plain.unwrap_or_else(|| one("code_challenge").unwrap_or_default().to_owned());
    let is_base64url = challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !none && (challenge.len() != 43 || !is_base64url) {
        return Err(invalid("code_challenge is required: 43 characters of base64url".into()));
    }
    let asked = common(desk, params)?;
    let max_age = one("max_age").map(|text| {
        text.parse().map(Duration::from_secs).map_err(|_| invalid("max_age must be a number of seconds".into()))
    });
    let hinted_sub = one("id_token_hint").map(|token| match desk.state.keys.open_own(token) {
        Some(claims) => Ok(claims["sub"].as_str().unwrap_or_default().to_owned()),
        None => Err(invalid("id_token_hint is not an ID token of this provider".into())),
    });
    let key = one("dpop_jkt").map(str::to_owned);
    if key.as_ref().is_some_and(|key| key.len() != 43) {
        return Err(invalid("dpop_jkt must be a SHA-256 thumbprint".into()));
    }
    Ok(AuthorizationRequest {
        client: back.client.clone(),
        redirect_uri: back.redirect_uri.clone(),
        state: back.state.clone(),
        form_post: back.form_post,
        challenge,
        nonce: one("nonce").map(Into::into),
        login_hint: one("login_hint").map(Into::into),
        max_age: max_age.transpose()?,
        hinted_sub: hinted_sub.transpose()?,
        prompt: read_prompt(one("prompt").unwrap_or_default())?,
        key,
        ..asked
    })
}

/// As `S256` would have it.
fn hashed(verifier: &str) -> String {
    random::base64url(&Sha256::digest(verifier.as_bytes()))
}

/// What a device asks for (RFC 8628 3.1): without a redirect and without PKCE, and always with a question to the
/// person (section 5.4).
pub(crate) fn for_device(
    desk: &Desk<'_>,
    client: &str,
    params: &Params,
    device: &str,
) -> Result<AuthorizationRequest, Refused> {
    Ok(AuthorizationRequest {
        client: client.into(),
        redirect_uri: desk.facts.url(Endpoint::Device),
        prompt: Prompt { consent: true, ..Prompt::default() },
        device: Some(device.into()),
        ..common(desk, params)?
    })
}

/// The parts that do not depend on how the answer goes back.
fn common(desk: &Desk<'_>, params: &Params) -> Result<AuthorizationRequest, Refused> {
    let one = |name| params.get(name).filter(|value| !value.is_empty());
    let invalid = |description: String| refused("invalid_request", description);
    let organization = one("organization").map(|asked| {
        let known = desk.facts.settings.organizations.iter().find(|known| known.is_called(asked));
        known.cloned().ok_or_else(|| invalid(format!("organization {asked} is not known")))
    });
    Ok(AuthorizationRequest {
        scopes: read_scopes(desk.facts.settings.kind, one("scope").unwrap_or_default()),
        audience: read_audience(params)?,
        asks_acr: one("acr_values").is_some(),
        organization: organization.transpose()?,
        details: read_details(one("authorization_details").unwrap_or("[]"))?,
        ..AuthorizationRequest::default()
    })
}

/// Unknown scopes are left out (OpenID Connect Core 3.1.2.1); the token answer tells what was granted.
pub(crate) fn read_scopes(kind: Kind, text: &str) -> Vec<String> {
    let known: &[&str] = match kind {
        Kind::OpenId => &metadata::SCOPES,
        Kind::OauthOnly => &oauth_only::SCOPES,
    };
    let mut scopes: Vec<String> = Vec::new();
    for scope in text.split(' ').filter(|scope| known.contains(scope)) {
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.into());
        }
    }
    scopes
}

fn read_prompt(text: &str) -> Result<Prompt, Refused> {
    let mut prompt = Prompt::default();
    let values: Vec<&str> = text.split(' ').filter(|value| !value.is_empty()).collect();
    for value in &values {
        match *value {
            "none" if values.len() > 1 => {
                return Err(refused("invalid_request", "prompt none excludes the others"));
            }
            "none" => prompt.none = true,
            "login" | "select_account" => prompt.login = true,
            "consent" => prompt.consent = true,
            other => return Err(refused("invalid_request", format!("unknown prompt: {other}"))),
        }
    }
    Ok(prompt)
}

/// RFC 9396 2: a list of objects that each have a known type.
fn read_details(text: &str) -> Result<Vec<Value>, Refused> {
    let details: Option<Vec<Value>> = serde_json::from_str(text).ok();
    let is_known = |detail: &Value| detail["type"].as_str().is_some_and(|kind| metadata::DETAIL_TYPES.contains(&kind));
    details.filter(|all| all.iter().all(is_known)).ok_or_else(|| {
        refused("invalid_authorization_details", "authorization_details must be a list of objects of known types")
    })
}

/// Every `resource` (RFC 8707 2), and the `audience` that some providers have instead, which may be any name.
pub(crate) fn read_audience(params: &Params) -> Result<Vec<String>, Refused> {
    let resources = params.all("resource");
    let is_good = |uri: &str| Url::parse(uri).is_ok_and(|url| url.fragment().is_none());
    if resources.iter().any(|uri| !uri.is_empty() && !is_good(uri)) {
        return Err(refused("invalid_target", "resource must be an absolute URI without a fragment"));
    }
    let mut audience: Vec<String> = Vec::new();
    for value in resources.into_iter().chain(params.all("audience")).filter(|value| !value.is_empty()) {
        if !audience.iter().any(|known| known == value) {
            audience.push(value.into());
        }
    }
    Ok(audience)
}
