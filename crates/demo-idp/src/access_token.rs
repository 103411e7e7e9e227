//! Access tokens: opaque, or JWTs (RFC 9068) for a named audience.

use std::time::Duration;

use serde_json::{Value, json};

use crate::Endpoint;
use crate::desk::Desk;
use crate::grant::{AccessToken, Grant};
use crate::{Kind, dpop, random};

/// Without `expires_in`, a token is good until it is revoked.
const UNTIL_REVOKED: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// A new access token for these scopes and this audience of the grant.
pub(crate) fn issue(
    desk: &mut Desk<'_>,
    grant: &Grant,
    scopes: &[String],
    audience: &[String],
    key: Option<&str>,
) -> String {
    let life = match desk.facts.settings.kind {
        Kind::OpenId => desk.state.behaviour.token_life,
        Kind::OauthOnly => UNTIL_REVOKED,
    };
    let expires = desk.now.saturating_add(life);
    let token = if audience.is_empty() {
        random::token()
    } else {
        let signing_key = desk.state.keys.key(desk.facts.settings.sign_with);
        let header = json!({ "alg": signing_key.alg, "typ": "at+jwt", "kid": signing_key.kid });
        let mut meant_for = audience.to_vec();
        if scopes.iter().any(|scope| scope == "openid") {
            meant_for.push(desk.facts.url(Endpoint::Userinfo));
        }
        let meant_for = match &meant_for[..] {
            [one] => Value::from(one.as_str()),
            several => Value::from(several),
        };
        let mut claims = json!({
            "iss": desk.facts.issuer,
            "sub": grant.sub,
            "aud": meant_for,
            "exp": expires.as_secs(),
            "iat": desk.now.as_secs(),
            "jti": random::name(),
            "client_id": grant.client,
            "scope": scopes.join(" "),
            "auth_time": grant.auth_time.as_secs(),
        });
        if let Some(key) = key {
            claims["cnf"] = dpop::confirmation(key);
        }
        if let Some(organization) = &grant.organization {
            organization.add_to(&mut claims);
        }
        if !grant.details.is_empty() {
            claims["authorization_details"] = grant.details.as_slice().into();
        }
        signing_key.sign(&header, &claims)
    };
    let kept = AccessToken {
        grant: grant.id.clone(),
        scopes: scopes.to_vec(),
        audience: audience.to_vec(),
        key: key.map(str::to_owned),
        issued: desk.now,
        expires,
        revoked: false,
    };
    desk.state.access_tokens.insert(&token, kept);
    token
}
