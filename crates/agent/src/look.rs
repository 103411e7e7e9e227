//! Looking at access tokens for people who test: what one says, and what the provider says of it. The token itself is
//! in neither answer. Nothing here decides anything (AT-01).

use std::sync::Arc;

use doorkey_client::words::{
    AccessTokenKind, EventKind, IntrospectionAnswer, IntrospectionRequest, Refusal, TokenNote, TokenReport,
    TokenRequest, VERSION,
};
use doorkey_oauth::{
    AccessToken, AccessTokenContext, AccessTokenKind as Kind, Introspected, Introspection, Issuer, RevocableToken,
    report_access_token,
};
use serde_json::{Map, Value};

use crate::agent::Agent;
use crate::checks::words;
use crate::consent;
use crate::exchanged::Purpose;
use crate::peer::Peer;
use crate::refusal::refusal;
use crate::sending::sent;
use crate::token::{Given, handed_out, of_session};

const LARGEST_ANSWER: usize = 512 * 1024;
/// In the place of a token that a provider wrote into its answer.
const LEFT_OUT: &str = "(the token, left out)";

/// What the token says that a program would be given.
pub(crate) async fn report(agent: &Arc<Agent>, request: &TokenRequest, peer: &Peer) -> Result<TokenReport, Refusal> {
    let said = |given: &Given, program, pid| looked_into(&given.access_token, program, pid);
    let (given, issuer) = handed_out(agent, request, peer, said, |given| {
        Issuer::parse(&given.record.issuer).map_err(|error| refusal(&error))
    })
    .await?;
    let context = AccessTokenContext {
        issuer: &issuer,
        client_id: &given.record.client_id,
        asked: &given.asked,
        now: agent.host.now().as_second(),
    };
    let report = report_access_token(&given.access_token, &context);
    Ok(TokenReport {
        version: VERSION,
        profile: given.record.profile.clone(),
        kind: match report.kind {
            Kind::Opaque => AccessTokenKind::Opaque,
            Kind::Rfc9068 => AccessTokenKind::Rfc9068,
            Kind::Auth0 => AccessTokenKind::Auth0,
            Kind::OtherJwt => AccessTokenKind::OtherJwt,
            Kind::Encrypted => AccessTokenKind::Encrypted,
        },
        token_type: given.token_type,
        expires_at: given.expires_at,
        scope: given.scope,
        audience: given.asked.audience,
        resources: given.asked.resources,
        header: report.header,
        claims: report.claims,
        checks: words(&report.checks),
        notes: report.notes.into_iter().map(|note| TokenNote { code: note.code.to_owned(), text: note.text }).collect(),
    })
}

/// What the provider says of the session's access token as it is now; it is not renewed for being looked at (INT-01).
pub(crate) async fn introspected(
    agent: &Arc<Agent>,
    request: &IntrospectionRequest,
    peer: &Peer,
) -> Result<IntrospectionAnswer, Refusal> {
    agent.loaded().await?;
    let live = agent.session(request.profile.as_deref(), request.account.as_deref())?;
    // What the provider says of a token is no more than the token itself.
    let request =
        TokenRequest { account: request.account.clone(), ..TokenRequest::for_profile(&live.held().record.profile) };
    let consented_to = consent::before(agent, peer, &request).await?;
    let record = Arc::clone(&live.still()?.record);
    // Somebody may have signed in anew while that was asked.
    let given = of_session(Arc::clone(&record), false);
    consent::after(agent, peer, &request, &consented_to, &given).await?;
    let kind = looked_into(&record.access_token, peer.name(), peer.pid());
    agent.journal.record(agent.host.now(), Some(&record.profile), None, kind);
    let about = |refusal: Refusal| refusal.about(&record.profile);
    let trail = agent.journal.trail(&record.profile, &agent.host.identifier());
    let metadata = agent.metadata_of(&record, &trail).await.map_err(about)?;
    let token = RevocableToken::Access(record.access_token.clone());
    let introspection =
        Introspection::begin(&metadata, &agent.client_of(&record), token).map_err(|error| about(refusal(&error)))?;
    let answer =
        sent(&agent.host, &agent.nonces, trail.asking(Purpose::Introspection), introspection.request(), LARGEST_ANSWER)
            .await
            .map_err(|error| about(error.refusal()))?;
    let (active, mut members) = match introspection.finish(&answer.response).map_err(|error| about(refusal(&error)))? {
        Introspected::Active(members) => (true, members),
        Introspected::Inactive => (false, Map::from_iter([("active".to_owned(), Value::Bool(false))])),
    };
    members.values_mut().for_each(|member| without(member, &record.access_token));
    Ok(IntrospectionAnswer { version: VERSION, profile: record.profile.clone(), active, members })
}

fn looked_into(token: &AccessToken, program: String, pid: u32) -> EventKind {
    EventKind::TokenLookedInto { program, pid, access_token: token.fingerprint() }
}

/// Some providers write the token itself into the answer.
#[expect(clippy::disallowed_methods, reason = "looked for, to be left out")]
fn without(value: &mut Value, token: &AccessToken) {
    match value {
        Value::String(text) if text.contains(token.expose()) => LEFT_OUT.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| without(item, token)),
        Value::Object(members) => members.values_mut().for_each(|member| without(member, token)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_in_the_answer_is_left_out_wherever_it_stands() {
        let token = AccessToken::new("CANARY".into());
        let mut answer =
            json!({"active": true, "token": "CANARY", "deep": [{"x": "Bearer CANARY"}, 1, null], "sub": "ada"});
        without(&mut answer, &token);
        assert!(!answer.to_string().contains("CANARY"), "{answer}");
        assert_eq!(answer["sub"], "ada");
    }
}
