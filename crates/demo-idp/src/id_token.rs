//! ID tokens (OpenID Connect Core 2, 3.1.3.6, 12.2).

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::Person;
use crate::desk::Desk;
use crate::grant::Grant;
use crate::id_token_fault;
use crate::random;

/// The ID token to go with an access token; nothing when the fault in force leaves it out.
/// `nonce` is that of the authorization request, and absent in a refresh answer.
pub(crate) fn issue(desk: &Desk<'_>, grant: &Grant, nonce: Option<&str>, access_token: &str) -> Option<String> {
    let key = desk.state.keys.key(desk.facts.settings.sign_with);
    let header = json!({ "alg": key.alg, "typ": "JWT", "kid": key.kid });
    let mut claims = json!({
        "iss": desk.facts.issuer,
        "sub": grant.sub,
        "aud": grant.client,
        "exp": desk.now.saturating_add(desk.state.behaviour.token_life).as_secs(),
        "iat": desk.now.as_secs(),
        "auth_time": grant.auth_time.as_secs(),
        "sid": grant.sid,
        "at_hash": random::base64url(&Sha256::digest(access_token.as_bytes())[..16]),
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    if let Some(person) = desk.facts.person(&grant.sub) {
        add_claims(&mut claims, person, &grant.scopes);
    }
    match desk.state.behaviour.id_token_fault {
        None => Some(key.sign(&header, &claims)),
        Some(fault) => id_token_fault::sign(fault, desk, header, claims),
    }
}

/// The claims about the person that these scopes open (OpenID Connect Core 5.4).
pub(crate) fn add_claims(claims: &mut Value, person: &Person, scopes: &[String]) {
    let has = |scope: &str| scopes.iter().any(|granted| granted == scope);
    if has("profile") {
        let (given, family) = person.name.split_once(' ').unwrap_or((&person.name, ""));
        claims["name"] = person.name.as_str().into();
        claims["given_name"] = given.into();
        claims["family_name"] = family.into();
    }
    if has("email") {
        claims["email"] = person.email.as_str().into();
        claims["email_verified"] = true.into();
    }
}
