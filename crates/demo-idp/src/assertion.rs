//! Clients that prove themselves with a key (RFC 7523 2.2, OpenID Connect Core 9 `private_key_jwt`).

use std::time::Duration;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

use crate::Client;
use crate::desk::Desk;
use crate::jws::Jws;

pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// No assertion is good for longer.
const LONGEST_LIFE: Duration = Duration::from_secs(300);
const ALGORITHMS: [Algorithm; 4] = [Algorithm::ES256, Algorithm::RS256, Algorithm::PS256, Algorithm::EdDSA];

/// Whom the assertion claims to be from, not yet believed.
pub(crate) fn claimed_client(assertion: &str) -> Option<String> {
    Jws::read(assertion)?.claims["sub"].as_str().map(str::to_owned)
}

/// Whether the assertion is this client's, for this provider, fresh and unused; the error is for its developer.
pub(crate) fn check(desk: &mut Desk<'_>, client: &Client, assertion: &str, url: &str) -> Result<(), &'static str> {
    let keys = client.keys.clone().ok_or("the client has no registered key")?;
    let jws = Jws::read(assertion).ok_or("client_assertion is no JWT")?;
    let alg = jws.alg().filter(|alg| ALGORITHMS.contains(alg)).ok_or("alg is not taken here")?;
    let keys: JwkSet = serde_json::from_value(keys).map_err(|_| "the client's registered keys are no JWKS")?;
    let kid = jws.header["kid"].as_str();
    let mut fitting = keys.keys.iter().filter(|key| kid.is_none() || key.common.key_id.as_deref() == kid);
    if !fitting.any(|key| DecodingKey::from_jwk(key).is_ok_and(|key| jws.is_signed_by(&key, alg))) {
        return Err("the assertion is not signed by a registered key");
    }
    let claims = &jws.claims;
    if claims["iss"] != client.id.as_str() || claims["sub"] != client.id.as_str() {
        return Err("iss and sub must be the client_id");
    }
    let is_this = |aud: &Value| aud == desk.facts.issuer.as_str() || aud == url;
    // RFC 7523 3 allows a list; one value leaves no other server to replay it at.
    if !is_this(&claims["aud"]) && !matches!(claims["aud"].as_array().map(Vec::as_slice), Some([one]) if is_this(one)) {
        return Err("aud must be the issuer or the address of the endpoint");
    }
    let expires = claims["exp"].as_u64().map(Duration::from_secs).ok_or("exp is missing")?;
    if expires <= desk.now || expires > desk.now.saturating_add(LONGEST_LIFE) {
        return Err("exp must be in the next five minutes");
    }
    let id = claims["jti"].as_str().filter(|id| !id.is_empty()).ok_or("jti is missing")?;
    let used = format!("{} {id}", client.id);
    if desk.state.assertions.find(&used).is_some() {
        return Err("the assertion was used before");
    }
    desk.state.assertions.insert(&used, ());
    Ok(())
}
