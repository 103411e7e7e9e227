//! Who the provider says the person of a session is, and how that was checked: what was judged when it came, decoded for
//! people. Nothing here decides anything, and no secret is in the answer.

use std::sync::Arc;

use doorkey_client::words::{DecodedToken, IdentityReport, Refusal, TokenRequest, VERSION};
use doorkey_oauth::{AccessToken, Secret, decoded_id_token};
use serde_json::{Map, Value};

use crate::agent::Agent;
use crate::consent;
use crate::peer::Peer;
use crate::record::SessionRecord;
use crate::token::of_session;

/// Of all claims of userinfo that are kept, as JSON.
const MOST_KEPT: usize = 16 * 1024;
/// Some providers hand tokens of others on in the claims.
const NAMES_OF_SECRETS: [&str; 6] =
    ["access_token", "refresh_token", "id_token", "client_secret", "password", "access_token_secret"];

/// # Errors
/// `session.not_found`; the vault's state; `broker.*` where a program may not have it.
pub(crate) async fn report(agent: &Arc<Agent>, id: &str, peer: &Peer) -> Result<IdentityReport, Refusal> {
    agent.loaded().await?;
    let live = agent.session_of_id(id)?;
    // Whoever may have the token may ask userinfo itself.
    let request =
        TokenRequest { account: Some(live.id.to_string()), ..TokenRequest::for_profile(&live.held().record.profile) };
    let consented_to = consent::before(agent, peer, &request).await?;
    let record = Arc::clone(&live.still()?.record);
    consent::after(agent, peer, &request, &consented_to, &of_session(Arc::clone(&record), false)).await?;
    Ok(of_record(&record))
}

fn of_record(record: &SessionRecord) -> IdentityReport {
    let id_token = record.id_token.as_ref().and_then(decoded_id_token);
    IdentityReport {
        version: VERSION,
        profile: record.profile.clone(),
        id_token: id_token.map(|(header, claims)| DecodedToken { header, claims: without_secrets(claims, record) }),
        userinfo: record.userinfo.clone().map(|claims| without_secrets(claims, record)),
        checked: record.checked.clone(),
    }
}

/// What of userinfo is kept: claim by claim in its order, as long as there is room.
pub(crate) fn kept(claims: Map<String, Value>) -> Map<String, Value> {
    let mut room = MOST_KEPT;
    let fits = |(name, value): &(String, Value)| {
        let size = name.len() + value.to_string().len();
        let fits = size <= room;
        room -= if fits { size } else { 0 };
        fits
    };
    claims.into_iter().filter(fits).collect()
}

/// In the place of a secret stands its fingerprint, as in the journal.
fn without_secrets(mut claims: Map<String, Value>, record: &SessionRecord) -> Map<String, Value> {
    mask(&mut claims, record);
    claims
}

fn mask(claims: &mut Map<String, Value>, record: &SessionRecord) {
    for (name, value) in claims {
        let is_named = NAMES_OF_SECRETS.contains(&name.to_ascii_lowercase().as_str());
        match value {
            Value::String(text) if is_named || is_secret(text, record) => {
                *text = AccessToken::new(std::mem::take(text)).fingerprint();
            }
            other => mask_within(other, record),
        }
    }
}

fn mask_within(value: &mut Value, record: &SessionRecord) {
    match value {
        Value::String(text) if is_secret(text, record) => {
            *text = AccessToken::new(std::mem::take(text)).fingerprint();
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask_within(item, record)),
        Value::Object(members) => mask(members, record),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether one of the session's own secrets is in it.
fn is_secret(text: &str, record: &SessionRecord) -> bool {
    holds(text, Some(&record.access_token))
        || holds(text, record.refresh_token.as_ref())
        || holds(text, record.id_token.as_ref())
        || holds(text, record.nonce.as_ref())
}

#[expect(clippy::disallowed_methods, reason = "looked for, to be left out")]
fn holds<Kind>(text: &str, secret: Option<&Secret<Kind>>) -> bool {
    secret.is_some_and(|secret| !secret.is_empty() && text.contains(secret.expose()))
}

#[cfg(test)]
mod tests {
    use doorkey_oauth::{Nonce, RefreshToken};
    use serde_json::json;

    use super::*;
    use crate::record::ada;

    #[test]
    fn a_secret_in_the_claims_is_told_by_its_fingerprint_wherever_it_stands() {
        let mut record = ada();
        record.access_token = AccessToken::new("CANARY-access".to_owned());
        record.refresh_token = Some(RefreshToken::new("CANARY-refresh".to_owned()));
        record.nonce = Some(Nonce::new("CANARY-nonce".to_owned()));
        let claims = json!({
            "sub": "ada",
            "nonce": "CANARY-nonce",
            "deep": [{"note": "Bearer CANARY-access"}, "CANARY-refresh", 1, null],
            "identities": [{"provider": "other", "Access_Token": "CANARY-of-another"}],
            "access_token": {"value": "kept, for it is none of ours"},
        });
        let Value::Object(claims) = claims else { unreachable!("it is an object") };
        let shown = Value::Object(without_secrets(claims, &record));
        assert!(!shown.to_string().contains("CANARY"), "{shown}");
        assert_eq!(shown["nonce"], Nonce::new("CANARY-nonce".to_owned()).fingerprint());
        assert_eq!((&shown["sub"], &shown["identities"][0]["provider"]), (&json!("ada"), &json!("other")));
    }

    #[test]
    fn what_is_kept_of_userinfo_is_bounded_and_a_large_claim_takes_nothing_else_along() {
        let picture = "x".repeat(MOST_KEPT);
        let Value::Object(claims) = json!({"email": "ada@example.test", "picture": picture, "sub": "ada"}) else {
            unreachable!("it is an object")
        };
        let kept = kept(claims);
        assert_eq!(Value::Object(kept), json!({"email": "ada@example.test", "sub": "ada"}));
    }
}
