//! Name and e-mail address from the userinfo endpoint, where the ID token does not tell them. For display only.

use doorkey_client::words::EventKind;
use doorkey_oauth::{DpopKey, Metadata, finish_userinfo, userinfo_request, userinfo_request_bound};

use crate::agent::Agent;
use crate::checks::words;
use crate::journal::Trail;
use crate::record::SessionRecord;
use crate::sending::sent;

const LARGEST_ANSWER: usize = 512 * 1024;

/// The record with what userinfo adds. A sign-in never fails by it (U-01, U-02).
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
    let Ok(answer) = sent(&agent.host, &agent.nonces, request, LARGEST_ANSWER).await else { return record };
    let report = finish_userinfo(&answer.response, &record.identity.sub);
    trail
        .record(agent.host.now(), EventKind::Checked { subject: "userinfo".to_owned(), checks: words(&report.checks) });
    if let Ok(info) = report.outcome {
        let identity = &mut record.identity;
        identity.name = identity.name.take().or(info.standard.name).or(info.standard.preferred_username);
        identity.email = identity.email.take().or(info.standard.email);
    }
    record
}
