//! Name and e-mail address from the userinfo endpoint, where the ID token does not tell them. For display only.

use doorkey_client::words::{EventKind, Refusal};
use doorkey_oauth::{
    DpopKey, Metadata, Report, Response, UserInfo, UserInfoError, finish_userinfo, finish_userinfo_signed,
    userinfo_request, userinfo_request_bound,
};
use http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::agent::Agent;
use crate::checks::words;
use crate::exchanged::Purpose;
use crate::identity::kept;
use crate::journal::Trail;
use crate::provider::Keys;
use crate::record::SessionRecord;
use crate::refusal::refusal;
use crate::sending::sent;

const LARGEST_ANSWER: usize = 512 * 1024;

/// The record with what userinfo adds, asked once at sign-in. A sign-in never fails by it (U-01, U-02); details about
/// somebody else are dropped, and the journal says so (U-03).
pub(crate) async fn completed(
    agent: &Agent,
    metadata: &Metadata,
    mut record: SessionRecord,
    trail: &Trail,
) -> SessionRecord {
    let missing =
        |scope: &str, claim: &Option<String>| claim.is_none() && record.granted.iter().any(|granted| granted == scope);
    let wanted = missing("profile", &record.identity.name) || missing("email", &record.identity.email);
    let Some(endpoint) = metadata.userinfo_endpoint.as_ref().filter(|_| wanted) else { return record };
    let request = match record.dpop_key.as_ref().and_then(DpopKey::of_text) {
        Some(key) => userinfo_request_bound(endpoint, &record.access_token, &key),
        None => userinfo_request(endpoint, &record.access_token),
    };
    let not_used = |why: Refusal| {
        let kind = EventKind::DetailsNotUsed { refusal: why.about(&record.profile) };
        trail.record(agent.host.now(), kind);
    };
    let answer = match sent(&agent.host, &agent.nonces, trail.asking(Purpose::Userinfo), request, LARGEST_ANSWER).await
    {
        Ok(answer) => answer,
        Err(error) => {
            not_used(error.refusal());
            return record;
        }
    };
    let report = judged(agent, trail, metadata, &record, &answer.response).await;
    trail
        .record(agent.host.now(), EventKind::Checked { subject: "userinfo".to_owned(), checks: words(&report.checks) });
    match report.outcome {
        Ok(info) => {
            if let Value::Object(claims) = info.raw {
                record.userinfo = Some(kept(claims));
            }
            let identity = &mut record.identity;
            identity.name = identity.name.take().or(info.standard.name).or(info.standard.preferred_username);
            identity.email = identity.email.take().or(info.standard.email);
        }
        Err(error) => not_used(refusal(&error)),
    }
    record
}

/// A signed answer is judged with the provider's keys, which are read once more when it names one that is not among
/// them (IDT-17, IDT-20). A plain one needs none.
async fn judged(
    agent: &Agent,
    trail: &Trail,
    metadata: &Metadata,
    record: &SessionRecord,
    response: &Response,
) -> Report<UserInfo, UserInfoError> {
    let sub = &record.identity.sub;
    let is_signed =
        response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/jwt"));
    let keys = match is_signed {
        true => agent.providers.keys(&agent.host, trail, metadata).await.ok(),
        false => None,
    };
    let Some(keys) = keys else { return finish_userinfo(response, sub) };
    let finish = |keys: &Keys| finish_userinfo_signed(response, sub, &keys.set, metadata, &record.client_id);
    let report = finish(&keys);
    if !report.outcome.as_ref().is_err_and(UserInfoError::unknown_key) {
        return report;
    }
    match agent.providers.newer_keys(&agent.host, trail, metadata, &keys).await {
        Ok(Some(newer)) => finish(&newer),
        Ok(None) | Err(_) => report,
    }
}
