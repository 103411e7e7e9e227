//! Handing out an access token. Never opens a browser (design 2.9), never hands out a refresh token (B-20).

use std::sync::Arc;

use doorkey_client::Secret;
use doorkey_client::words::{EventKind, Refusal, TokenAnswer, TokenRequest};

use crate::agent::Agent;
use crate::peer::Peer;
use crate::renew::{Reason, renewed};
use crate::session::{Held, Live};

/// What a program can do with a token that ends sooner is not worth handing it out.
const USUAL_TTL: u32 = 10;

pub(crate) async fn token(agent: &Arc<Agent>, request: &TokenRequest, peer: &Peer) -> Result<TokenAnswer, Refusal> {
    let outcome = found(agent, request).await;
    let now = agent.host.now();
    let (program, pid) = (peer.name(), peer.pid);
    match outcome {
        Ok(held) => {
            let access_token = held.record.access_token.fingerprint();
            let kind = EventKind::TokenGiven { program, pid, access_token };
            agent.journal.record(now, Some(&held.record.profile), None, kind);
            Ok(answer(&held))
        }
        Err(refusal) => {
            let kind = EventKind::TokenRefused { program, pid, refusal: refusal.clone() };
            agent.journal.record(now, request.profile.as_deref(), None, kind);
            Err(refusal)
        }
    }
}

async fn found(agent: &Arc<Agent>, request: &TokenRequest) -> Result<Held, Refusal> {
    agent.loaded().await?;
    let live = agent.session(request.profile.as_deref(), request.account.as_deref())?;
    let min_ttl = request.min_ttl.unwrap_or(USUAL_TTL);
    let held = live.held().clone();
    fits(&held, request)?;
    if held.valid_for(agent.host.now(), min_ttl) {
        return Ok(held);
    }
    let problem = match held.renewable() {
        true => renewed(agent, &live, Reason::TokenAsked { min_ttl }).await.err(),
        false => Some(ended(&live)),
    };
    let held = live.held().clone();
    match problem {
        // What is valid is handed out, even when it could not be made to last longer; the answer says until when.
        _ if held.valid_for(agent.host.now(), 0) => {
            fits(&held, request)?;
            Ok(held)
        }
        Some(problem) => Err(problem),
        None => Err(Refusal::new(
            "refresh.later",
            "The provider's new access token has already ended.",
            "Look at the token life in the provider's settings, and at this computer's clock.",
        )
        .retryable()),
    }
}

/// A token for another audience, or without a scope, is never passed off as the one that was wanted.
fn fits(held: &Held, request: &TokenRequest) -> Result<(), Refusal> {
    let record = &held.record;
    if let Some(audience) = &request.audience
        && record.audience.as_ref() != Some(audience)
    {
        let has = record.audience.as_deref().unwrap_or("no particular API");
        return Err(Refusal::new(
            "broker.other_audience",
            format!("The token of `{}` is for {has}, not for the audience that was asked for.", record.profile),
            "Make a profile with that audience and sign in with it.",
        )
        .about(&record.profile));
    }
    if let Some(missing) = request.scope.iter().find(|scope| !record.granted.contains(scope)) {
        let missing: String = missing.chars().take(80).filter(|c| !c.is_control()).collect();
        return Err(Refusal::new(
            "broker.insufficient_scope",
            format!("The scope `{missing}` was not granted to `{}`.", record.profile),
            "Add it to the profile and sign in again.",
        )
        .about(&record.profile));
    }
    Ok(())
}

fn ended(live: &Live) -> Refusal {
    let held = live.held();
    let profile = &held.record.profile;
    match &held.standing {
        crate::session::Standing::Ended { problem } => problem.clone(),
        _ => Refusal::new(
            "session.sign_in_required",
            format!(
                "The access token of `{profile}` has ended, and the provider gave no refresh token to renew it with."
            ),
            format!("Sign in again with `doorkey login {profile}`."),
        )
        .about(profile),
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where an access token is handed out")]
fn answer(held: &Held) -> TokenAnswer {
    let record = &held.record;
    let access_token = Secret::new(record.access_token.expose().to_owned());
    let mut answer = TokenAnswer::new(record.profile.clone(), access_token, record.token_type.clone());
    answer.expires_at = record.expires_at;
    answer.scope.clone_from(&record.granted);
    answer.audience.clone_from(&record.audience);
    answer
}
