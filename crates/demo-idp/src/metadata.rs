//! What the provider says of itself (OpenID Connect Discovery 3, RFC 8414 2).

use serde_json::json;

use crate::answer::Answer;
use crate::desk::Desk;
use crate::misbehaviour;
use crate::{Endpoint, Lax, dpop, token_exchange};

/// Every scope there is.
pub(crate) const SCOPES: [&str; 6] = ["openid", "profile", "email", "offline_access", "notes:read", "notes:write"];

/// The one way people log in here.
pub(crate) const ACR: &str = "urn:demo:password";

/// Types of `authorization_details` (RFC 9396 2).
pub(crate) const DETAIL_TYPES: [&str; 2] = ["notes", "payment"];

/// Grants at the token endpoint.
pub(crate) const GRANT_TYPES: [&str; 6] = [
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code",
    token_exchange::GRANT_TYPE,
    token_exchange::FEDERATED_GRANT_TYPE,
];

pub(crate) fn answer(desk: &Desk<'_>) -> Answer {
    let facts = desk.facts;
    let issuer = desk.state.behaviour.discovery_issuer.as_ref().unwrap_or(&facts.issuer);
    let client_authentication = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"];
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": facts.url(Endpoint::Authorize),
        "token_endpoint": facts.url(Endpoint::Token),
        "userinfo_endpoint": facts.url(Endpoint::Userinfo),
        "jwks_uri": facts.url(Endpoint::Jwks),
        "pushed_authorization_request_endpoint": facts.url(Endpoint::Pushed),
        "require_pushed_authorization_requests": desk.state.behaviour.require_pushed,
        "dpop_signing_alg_values_supported": dpop::ALGORITHM_NAMES,
        "acr_values_supported": [ACR],
        "authorization_details_types_supported": DETAIL_TYPES,
        "device_authorization_endpoint": facts.url(Endpoint::DeviceAuthorization),
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "RS256", "PS256", "EdDSA"],
        "userinfo_signing_alg_values_supported": ["RS256"],
        "introspection_endpoint": facts.url(Endpoint::Introspect),
        "introspection_endpoint_auth_methods_supported": client_authentication[1..],
        "revocation_endpoint": facts.url(Endpoint::Revoke),
        "end_session_endpoint": facts.url(Endpoint::Logout),
        "scopes_supported": SCOPES,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": GRANT_TYPES,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "token_endpoint_auth_methods_supported": client_authentication,
        "revocation_endpoint_auth_methods_supported": client_authentication,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid",
            "acr", "org_id", "org_name", "name", "given_name", "family_name", "email", "email_verified",
        ],
        "authorization_response_iss_parameter_supported": !desk.state.behaviour.forgets(Lax::NoIss),
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "claims_parameter_supported": false,
    });
    if desk.state.behaviour.registration {
        document["registration_endpoint"] = facts.url(Endpoint::Register).into();
    }
    if let Some(chosen) = desk.state.behaviour.misbehaviour {
        misbehaviour::change_metadata(chosen, desk, &mut document);
    }
    Answer::json(&document)
}
