//! Handing out an access token. Never opens a browser (design 2.9), never hands out a refresh token (B-20).

mod hand_out;

use std::sync::Arc;

use doorkey_client::Secret;
use doorkey_client::words::{EventKind, Refusal, TokenAnswer, TokenRequest};

pub(crate) use self::hand_out::{HandOut, HandOuts};
use crate::agent::Agent;
use crate::peer::Peer;
use crate::record::SessionRecord;
use crate::renew::{Reason, renewed};
use crate::session::{Held, Live};

/// What a program can do with a token that ends sooner is not worth handing it out.
const USUAL_TTL: u32 = 10;

pub(crate) async fn token(agent: &Arc<Agent>, request: &TokenRequest, peer: &Peer) -> Result<TokenAnswer, Refusal> {
    match found(agent, request).await {
        Ok(held) => {
            given(agent, &held.record, held.record.access_token.fingerprint(), peer);
            Ok(answer(&held.record))
        }
        Err(refusal) => {
            let kind = EventKind::TokenRefused { program: peer.name(), pid: peer.pid, refusal: refusal.clone() };
            agent.journal.record(agent.host.now(), request.profile.as_deref(), None, kind);
            Err(refusal)
        }
    }
}

/// The same where nothing has to be waited for; nothing where something has, where the answer is a refusal or longer
/// than `largest`: [`token`] knows then. It hands out what [`token`] would, by the same rules: [`at_hand`].
pub(crate) fn at_once(agent: &Agent, request: &TokenRequest, peer: &Peer, largest: usize) -> Option<Arc<HandOut>> {
    if !agent.is_loaded() {
        return None;
    }
    let live = agent.sessions.pick(request.profile.as_deref(), request.account.as_deref()).ok()?;
    let held = at_hand(agent, &live, request).ok()??;
    let hand_out = live.hand_outs.of(&held.record);
    if hand_out.json.len() > largest {
        return None;
    }
    given(agent, &held.record, hand_out.fingerprint.clone(), peer);
    Some(hand_out)
}

/// Nobody gets a token without an entry in the journal.
fn given(agent: &Agent, record: &SessionRecord, access_token: String, peer: &Peer) {
    let kind = EventKind::TokenGiven { program: peer.name(), pid: peer.pid, access_token };
    agent.journal.record(agent.host.now(), Some(&record.profile), None, kind);
}

async fn found(agent: &Arc<Agent>, request: &TokenRequest) -> Result<Held, Refusal> {
    agent.loaded().await?;
    let live = agent.sessions.pick(request.profile.as_deref(), request.account.as_deref())?;
    if let Some(held) = at_hand(agent, &live, request)? {
        return Ok(held);
    }
    let min_ttl = min_ttl(request);
    let held = live.held().clone();
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

/// What the session has, when it is what is asked for and lasts long enough. Every rule about who may have what without
/// a renewal is here, so that both ways to a token obey it.
fn at_hand(agent: &Agent, live: &Live, request: &TokenRequest) -> Result<Option<Held>, Refusal> {
    let held = live.held().clone();
    fits(&held, request)?;
    Ok(held.valid_for(agent.host.now(), min_ttl(request)).then_some(held))
}

fn min_ttl(request: &TokenRequest) -> u32 {
    request.min_ttl.unwrap_or(USUAL_TTL)
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
fn answer(record: &SessionRecord) -> TokenAnswer {
    let access_token = Secret::new(record.access_token.expose().to_owned());
    let mut answer = TokenAnswer::new(record.profile.clone(), access_token, record.token_type.clone());
    answer.expires_at = record.expires_at;
    answer.scope.clone_from(&record.granted);
    answer.audience.clone_from(&record.audience);
    answer
}
