//! Tokens for a client itself (RFC 6749 4.4), for a named audience and maybe for an organisation.

use crate::answer::Answer;
use crate::authorize::{read_audience, read_scopes};
use crate::desk::Desk;
use crate::grant::Grant;
use crate::random;
use crate::token::{Asking, Given, IdToken, give, refused};

/// Scopes that are about a person.
const OF_PEOPLE: [&str; 4] = ["openid", "profile", "email", "offline_access"];

pub(crate) fn answer(desk: &mut Desk<'_>, asking: &Asking<'_>) -> Answer {
    let (client, form) = (&asking.client, asking.form);
    if client.is_public() {
        return refused("unauthorized_client", "a client that cannot prove itself gets nothing for itself");
    }
    let audience = match read_audience(form) {
        Ok(audience) if audience.is_empty() => return refused("invalid_request", "audience or resource is required"),
        Ok(audience) => audience,
        Err(refusal) => return refusal.as_json(),
    };
    let organization = match form.get("organization").filter(|asked| !asked.is_empty()) {
        None => None,
        Some(asked) => match desk.facts.settings.organizations.iter().find(|known| known.is_called(asked)) {
            None => return refused("invalid_request", "organization is not known"),
            known => known.cloned(),
        },
    };
    let scope = form.get("scope").unwrap_or_default();
    if scope.split(' ').any(|scope| OF_PEOPLE.contains(&scope)) {
        return refused("invalid_scope", "there is no person whom these scopes could be about");
    }
    let grant = Grant {
        id: random::token(),
        client: client.id.clone(),
        sub: format!("{}@clients", client.id),
        scopes: read_scopes(desk.facts.settings.kind, scope),
        audience,
        auth_time: desk.now,
        sid: random::name(),
        acr: None,
        organization,
        details: Vec::new(),
        key: None,
        revoked: false,
    };
    desk.state.grants.insert(&grant.id, grant.clone());
    let (scopes, audience, key) = (grant.scopes.clone(), grant.audience.clone(), asking.key.clone());
    give(desk, &grant, &Given { scopes, audience, key, refresh_token: None, id_token: IdToken::None })
}
