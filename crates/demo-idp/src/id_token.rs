//! ID tokens (OpenID Connect Core 2, 3.1.3.6, 12.2).

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::Person;
use crate::desk::Desk;
use crate::grant::Grant;
use crate::misbehaviour::{self, About, Due};
use crate::{id_token_fault, random};

/// The ID token to go with an access token; nothing when the fault in force leaves it out.
pub(crate) fn issue(desk: &mut Desk<'_>, grant: &Grant, occasion: Occasion<'_>, access_token: &str) -> Option<String> {
    misbehaviour::rotate_if_due(desk, Due::BeforeSigning);
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
    if let Occasion::SignIn(Some(nonce)) = occasion {
        claims["nonce"] = nonce.into();
    }
    if let Some(acr) = grant.acr {
        claims["acr"] = acr.into();
    }
    if let Some(organization) = &grant.organization {
        organization.add_to(&mut claims);
    }
    let shown = desk.facts.person(&grant.sub).filter(|_| desk.state.behaviour.details_in_id_token);
    if let Some(person) = shown {
        add_claims(&mut claims, person, &grant.scopes);
    }
    let behaviour = &desk.state.behaviour;
    match (behaviour.id_token_fault, behaviour.misbehaviour) {
        (None, None) => Some(key.sign(&header, &claims)),
        (Some(fault), _) => id_token_fault::sign(fault, desk, header, claims),
        (None, Some(chosen)) => {
            let last_nonce = behaviour.memory.last_nonce.as_deref();
            let about = About {
                renewal: matches!(occasion, Occasion::Renewal),
                access_token,
                last_nonce,
                now: desk.now.as_secs(),
            };
            misbehaviour::change_claims(chosen, &mut claims, about);
            let token = misbehaviour::sign(chosen, desk, header, &claims);
            if let Occasion::SignIn(Some(nonce)) = occasion {
                desk.state.behaviour.memory.last_nonce = Some(nonce.to_owned());
            }
            Some(token)
        }
    }
}

/// What an ID token is made for.
#[derive(Clone, Copy)]
pub(crate) enum Occasion<'a> {
    /// A code, with the nonce of its authorization request.
    SignIn(Option<&'a str>),
    /// A refresh token: without a nonce (OpenID Connect Core 12.2).
    Renewal,
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
