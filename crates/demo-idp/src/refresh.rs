//! The refresh token grant (RFC 6749 6, RFC 9700 4.14.2, RFC 8707 2.2).

use std::time::Duration;

use crate::answer::Answer;
use crate::desk::Desk;
use crate::token::{Asking, Given, IdToken, give, narrowed_audience, refused};
use crate::{Lax, RefreshStyle};

pub(crate) fn answer(desk: &mut Desk<'_>, asking: &Asking<'_>) -> Answer {
    let form = asking.form;
    let Some(token) = form.get("refresh_token").filter(|token| !token.is_empty()) else {
        return refused("invalid_request", "refresh_token is required");
    };
    let Some(kept) = desk.state.refresh_tokens.find(token) else {
        return refused("invalid_grant", "the refresh token is not known");
    };
    let (id, came_again, expires) = (kept.grant.clone(), kept.used, kept.expires);
    let used = came_again && desk.now >= kept.used_at.saturating_add(desk.state.behaviour.reuse_leeway());
    let lives_on = desk.state.behaviour.forgets(Lax::RevokedRefreshStays);
    let living = desk.state.grants.find(&id).filter(|grant| lives_on || !grant.revoked);
    let Some(grant) = living.filter(|grant| grant.client == asking.client.id).cloned() else {
        return refused("invalid_grant", "the refresh token is not known or was revoked");
    };
    if grant.key.is_some() && grant.key != asking.key {
        return refused("invalid_grant", "the refresh token is bound to another key");
    }
    if used {
        // Somebody has a copy. Who is the thief cannot be told, so the whole family ends.
        if !desk.state.behaviour.forgets(Lax::ReusedFamilyStays) {
            desk.state.revoke_grant(&id);
        }
        return refused("invalid_grant", "the refresh token was used before; its whole family is revoked");
    }
    if expires <= desk.now {
        return refused("invalid_grant", "the refresh token is too old");
    }
    let scopes = match form.get("scope").filter(|scope| !scope.is_empty()) {
        None => grant.scopes.clone(),
        Some(asked) => {
            let asked: Vec<String> = asked.split(' ').map(Into::into).collect();
            let more = asked.iter().find(|scope| !grant.has(scope));
            if let Some(more) = more.filter(|_| !desk.state.behaviour.forgets(Lax::LargerScope)) {
                return refused("invalid_scope", &format!("{more} was not granted"));
            }
            asked
        }
    };
    let audience = match narrowed_audience(&grant, form) {
        Ok(audience) => audience,
        Err(refusal) => return refusal,
    };
    desk.state.behaviour.memory.renewals += 1;
    let refresh_token = match desk.state.behaviour.refresh_style {
        RefreshStyle::Keep => None,
        RefreshStyle::SameAgain => Some(token.to_owned()),
        RefreshStyle::Rotate => {
            if came_again && desk.state.behaviour.forgets(Lax::ReuseReplacesNewest) {
                let newer = desk.state.refresh_tokens.values_mut().filter(|kept| kept.grant == id && !kept.used);
                newer.for_each(|kept| (kept.used, kept.used_at) = (true, Duration::ZERO));
            }
            if let Some(kept) = desk.state.refresh_tokens.find_mut(token) {
                (kept.used, kept.used_at) = (true, if kept.used { kept.used_at } else { desk.now });
            }
            Some(desk.state.new_refresh_token(&grant, desk.now.saturating_add(desk.facts.settings.refresh_life)))
        }
    };
    // OpenID Connect Core 12.2: no nonce in a refreshed ID token.
    let id_token = if desk.state.behaviour.refresh_gives_id_token { IdToken::WithoutNonce } else { IdToken::None };
    give(desk, &grant, &Given { scopes, audience, key: asking.key.clone(), refresh_token, id_token })
}
