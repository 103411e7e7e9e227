//! Lies in the metadata, and addresses that are somewhere else than usual.

use serde_json::{Value, json};

use super::Misbehaviour as M;
use crate::Endpoint;
use crate::behaviour::Behaviour;
use crate::desk::{Desk, Facts};

pub(crate) fn change(chosen: M, desk: &Desk<'_>, document: &mut Value) {
    let tag = &desk.state.behaviour.memory.tag;
    let algorithms = "id_token_signing_alg_values_supported";
    let authentication = "token_endpoint_auth_methods_supported";
    match chosen {
        M::HappyPath => {
            document["response_types_supported"] =
                json!(["code", "id_token", "id_token token", "id_token code", "code id_token token"]);
            document[algorithms] = json!(["none", "RS256", "ES256"]);
        }
        M::RandomEndpointPaths => {
            let (before, after) = (desk.facts.url(Endpoint::Home), format!("{}{tag}/", desk.facts.url(Endpoint::Home)));
            for (_, value) in document.as_object_mut().into_iter().flatten() {
                if let Some(path) = value.as_str().and_then(|url| url.strip_prefix(&before)).filter(|it| !it.is_empty())
                {
                    *value = format!("{after}{path}").into();
                }
            }
            document["issuer"] = desk.facts.issuer.as_str().into();
        }
        M::RandomJwksUri => document["jwks_uri"] = format!("{}{tag}", desk.facts.url(Endpoint::Jwks)).into(),
        M::DiscoveryIssuerSuffix => document["issuer"] = format!("{}INVALID", desk.facts.issuer).into(),
        M::DiscoveryIssuerForeign => document["issuer"] = "https://example.com".into(),
        M::Rs256Only => document[algorithms] = json!(["RS256"]),
        M::Es256Only => document[algorithms] = json!(["ES256"]),
        M::Hs256Only => document[algorithms] = json!(["HS256"]),
        M::AlgNone => document[algorithms] = json!(["none", "RS256", "ES256"]),
        M::AlternateAlg => document[algorithms] = json!([desk.facts.settings.sign_with.other().name()]),
        M::EddsaSmallOrder => document[algorithms] = json!(["RS256", "ES256", "EdDSA"]),
        M::ClientSecretBasicOnly => document[authentication] = json!(["none", "client_secret_basic"]),
        M::ClientSecretPostOnly => document[authentication] = json!(["none", "client_secret_post"]),
        M::MixUpWithoutIss => document["authorization_response_iss_parameter_supported"] = false.into(),
        _ => {}
    }
}

/// What is at that path when addresses are somewhere else than usual.
pub(crate) fn resolve(behaviour: &Behaviour, facts: &Facts, usual: Endpoint, path: &str) -> Endpoint {
    let tag = &behaviour.memory.tag;
    let known = |path: &str| Endpoint::WITH_PATH.into_iter().find(|one| one.path(&facts.base) == path);
    match behaviour.misbehaviour {
        Some(M::RandomEndpointPaths) => {
            // Pages are where their forms are; only what the metadata name has moved.
            let moved = format!("{}/{tag}", facts.base);
            match path.strip_prefix(&moved) {
                Some(rest) => known(&format!("{}{rest}", facts.base)).unwrap_or(Endpoint::Other),
                None if usual.is_in_metadata() => Endpoint::Other,
                None => usual,
            }
        }
        Some(M::RandomJwksUri) => match path.strip_suffix(tag.as_str()) {
            Some(rest) => known(rest).filter(|it| *it == Endpoint::Jwks).unwrap_or(Endpoint::Other),
            None if usual == Endpoint::Jwks => Endpoint::Other,
            None => usual,
        },
        _ => usual,
    }
}
