//! Telling the provider that a token is of no use any more (RFC 7009).

use doorkey_client::words::{SignOutStep, StepName};
use doorkey_oauth::{ClientSettings, Fault, Metadata, RevocableToken, Revocation, RevocationError, Tokens};

use crate::agent::Agent;
use crate::sending::sent;

const LARGEST_ANSWER: usize = 64 * 1024;

/// Revokes one token, and tells what became of it.
pub(crate) async fn revoke(
    agent: &Agent,
    metadata: &Metadata,
    client: &ClientSettings,
    token: RevocableToken,
) -> SignOutStep {
    let step = |done: bool, reason: String| SignOutStep { step: StepName::Revoke, done, reason };
    let revocation = match Revocation::begin(metadata, client, token) {
        Ok(revocation) => revocation,
        Err(error) => return step(false, error.to_string()),
    };
    let answer = match sent(&agent.host, &agent.nonces, revocation.request(), LARGEST_ANSWER).await {
        Ok(answer) => answer,
        Err(error) => return step(false, format!("The provider could not be told: {}", error.refusal().message)),
    };
    match revocation.finish(&answer.response) {
        Ok(()) => step(true, String::new()),
        Err(error) => step(false, not_revoked(&error)),
    }
}

/// For tokens of a sign-in that was stopped: nobody waits for the outcome.
pub(crate) async fn quietly(agent: &Agent, metadata: &Metadata, client: &ClientSettings, tokens: &Tokens) {
    let token = match &tokens.refresh_token {
        Some(token) => RevocableToken::Refresh(token.clone()),
        None => RevocableToken::Access(tokens.access_token.clone()),
    };
    revoke(agent, metadata, client, token).await;
}

fn not_revoked(error: &RevocationError) -> String {
    let hint = error.hint();
    if hint.is_empty() { error.to_string() } else { format!("{error} {hint}") }
}
